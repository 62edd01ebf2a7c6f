#include <array>
#include <charconv>

#include <fmt/format.h>

#include "starrocks/ddl_lexer.h"
#include "starrocks/table_reader.h"

namespace starlift::starrocks {
namespace {

constexpr std::array<std::string_view, 8> kAggregations = {"SUM",
                                                           "MIN",
                                                           "MAX",
                                                           "REPLACE",
                                                           "REPLACE_IF_NOT_NULL",
                                                           "HLL_UNION",
                                                           "BITMAP_UNION",
                                                           "PERCENTILE_UNION"};

// CREATE TABLE as the server prints it (and as we do). Clauses that we have no use for, partitions
// and indexes, are read over.
class CreateTableReader {
 public:
  CreateTableReader(std::string_view sql, std::vector<DdlToken> tokens)
      : sql_(sql), tokens_(std::move(tokens)) {}

  Result<TargetTable> Read(std::string_view database) {
    table_.database = database;
    table_.model = TableModel::kDuplicateKey;
    Take("CREATE");
    while (TakeAny({"EXTERNAL", "TEMPORARY"})) {
    }
    if (!Take("TABLE")) return Fail("TABLE");
    if (Take("IF")) {
      Take("NOT");
      Take("EXISTS");
    }
    std::string name = TakeName();
    while (Take(".")) {
      table_.database = std::move(name);
      name = TakeName();
    }
    table_.name = std::move(name);
    if (!Take("(")) return Fail("(");
    do {
      SL_TRY(ReadItem());
    } while (Take(","));
    if (!Take(")")) return Fail(")");
    SL_TRY(ReadClauses());
    SL_TRY(OrderKey());
    return std::move(table_);
  }

 private:
  const DdlToken& Next() const { return tokens_[at_]; }
  bool AtEnd() const { return Next().kind == DdlTokenKind::kEnd; }
  void Skip() {
    if (!AtEnd()) ++at_;
  }
  bool Take(std::string_view word) {
    if (!Next().Is(word)) return false;
    Skip();
    return true;
  }
  bool TakeAny(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
      if (Take(word)) return true;
    }
    return false;
  }
  // A name, quoted or not.
  std::string TakeName() {
    std::string name = Next().text;
    Skip();
    return name;
  }
  Error Fail(std::string_view wanted) const {
    return Error{.kind = ErrorKind::kData,
                 .message = fmt::format("the table's definition has `{}` where {} was expected",
                                        Next().text, wanted)};
  }

  // Reads over everything up to the parenthesis that closes the one just taken.
  void SkipParentheses() {
    for (int depth = 1; depth > 0 && !AtEnd(); Skip()) {
      if (Next().Is("(")) ++depth;
      if (Next().Is(")")) --depth;
    }
  }

  Status ReadItem() {
    if (Next().Is("INDEX")) {
      while (!AtEnd() && !Next().Is(",") && !Next().Is(")")) {
        const bool nested = Take("(");
        if (nested) {
          SkipParentheses();
        } else {
          Skip();
        }
      }
      return {};
    }
    TargetColumn column;
    column.name = TakeName();
    column.type = ReadType();
    ReadAttributes(column);
    table_.columns.push_back(std::move(column));
    return {};
  }

  // A word, with what stands in () or <> behind it.
  TargetType ReadType() {
    const size_t begin = Next().begin;
    size_t end = Next().end;
    Skip();
    int depth = 0;
    while (!AtEnd()) {
      if (Next().Is("(") || Next().Is("<")) {
        ++depth;
      } else if (depth == 0) {
        if (!Next().Is("UNSIGNED")) break;
      } else if (Next().Is(")") || Next().Is(">")) {
        --depth;
      }
      end = Next().end;
      Skip();
    }
    return ParseType(sql_.substr(begin, end - begin));
  }

  void ReadAttributes(TargetColumn& column) {
    while (!AtEnd() && !Next().Is(",") && !Next().Is(")")) {
      if (Take("NOT")) {
        Take("NULL");
        column.nullable = false;
      } else if (Take("NULL")) {
        column.nullable = true;
      } else if (Take("AUTO_INCREMENT")) {
        column.auto_increment = true;
      } else if (Take("DEFAULT")) {
        ReadDefault(column);
      } else if (Take("COMMENT")) {
        column.comment = TakeName();
      } else if (Take("AS")) {
        column.generated = true;
        SkipExpression();
      } else {
        for (const std::string_view aggregation : kAggregations) {
          if (Next().Is(aggregation)) column.aggregation = aggregation;
        }
        Skip();
      }
    }
  }

  void SkipExpression() {
    while (!AtEnd() && !Next().Is(",") && !Next().Is(")") && !Next().Is("COMMENT")) {
      if (Take("(")) {
        SkipParentheses();
      } else {
        Skip();
      }
    }
  }

  void ReadDefault(TargetColumn& column) {
    if (Take("NULL")) {
      column.default_kind = TargetDefaultKind::kNull;
      return;
    }
    if (Next().kind == DdlTokenKind::kString) {
      column.default_kind = TargetDefaultKind::kLiteral;
      column.default_text = TakeName();
      return;
    }
    // CURRENT_TIMESTAMP, or a function: (uuid()).
    column.default_kind = TargetDefaultKind::kCurrentTimestamp;
    if (!Next().Is("(")) Skip();
    if (Take("(")) SkipParentheses();
  }

  std::vector<std::string> ReadNames() {
    std::vector<std::string> names;
    if (!Take("(")) return names;
    while (!AtEnd() && !Take(")")) {
      if (!Take(",")) names.push_back(TakeName());
    }
    return names;
  }

  Status ReadClauses() {
    while (!AtEnd()) {
      if (TakeModel()) {
        if (!Take("KEY")) return Fail("KEY");
        key_ = ReadNames();
      } else if (Take("COMMENT")) {
        table_.comment = TakeName();
      } else if (Take("DISTRIBUTED")) {
        Take("BY");
        if (Take("HASH")) table_.hash_columns = ReadNames();
      } else if (Take("BUCKETS")) {
        const std::string number = TakeName();
        std::from_chars(number.data(), number.data() + number.size(), table_.buckets);
      } else if (Take("PROPERTIES")) {
        ReadProperties();
      } else if (Take("(")) {
        SkipParentheses();
      } else {
        Skip();
      }
    }
    return {};
  }

  bool TakeModel() {
    static constexpr std::array<std::pair<std::string_view, TableModel>, 4> kModels = {{
        {"PRIMARY", TableModel::kPrimaryKey},
        {"DUPLICATE", TableModel::kDuplicateKey},
        {"UNIQUE", TableModel::kUniqueKey},
        {"AGGREGATE", TableModel::kAggregate},
    }};
    for (const auto& [word, model] : kModels) {
      if (!Take(word)) continue;
      table_.model = model;
      return true;
    }
    return false;
  }

  void ReadProperties() {
    if (!Take("(")) return;
    while (!AtEnd() && !Take(")")) {
      if (Take(",")) continue;
      std::string name = TakeName();
      Take("=");
      table_.properties.emplace_back(std::move(name), TakeName());
    }
  }

  Status OrderKey() {
    for (size_t i = 0; i < key_.size(); ++i) {
      if (table_.FindColumn(key_[i]) != i) {
        return Error{.kind = ErrorKind::kData,
                     .message = fmt::format("the key column `{}` isn't column {} of the table",
                                            key_[i], i + 1)};
      }
      if (table_.model == TableModel::kPrimaryKey) table_.columns[i].nullable = false;
    }
    table_.key_columns = key_.size();
    return {};
  }

  std::string_view sql_;
  std::vector<DdlToken> tokens_;
  size_t at_ = 0;
  TargetTable table_;
  std::vector<std::string> key_;
};

}  // namespace

Result<TargetTable> ParseCreateTable(std::string_view sql, std::string_view database) {
  SL_ASSIGN(std::vector<DdlToken> tokens, LexDdl(sql));
  return CreateTableReader(sql, std::move(tokens)).Read(database);
}

}  // namespace starlift::starrocks

#include "sources/mysql/cascading_keys.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;

constexpr std::string_view kColumnsQuery =
    "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, REFERENCED_TABLE_SCHEMA, "
    "REFERENCED_TABLE_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME "
    "FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL "
    "ORDER BY CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION";
constexpr std::string_view kRulesQuery =
    "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE "
    "FROM information_schema.REFERENTIAL_CONSTRAINTS";

// "CASCADE", "SET NULL", "RESTRICT", …; empty: not known.
struct Rules {
  std::string on_delete, on_update;
};
using KeyName = std::pair<TableId, std::string>;

KeyRule RuleOf(std::string_view text) {
  if (text == "CASCADE") return KeyRule::kCascade;
  return text == "SET NULL" ? KeyRule::kSetNull : KeyRule::kNothing;
}

const Table* FindTable(const Catalog& catalog, const TableId& id) {
  const auto found = std::find_if(catalog.tables.begin(), catalog.tables.end(),
                                  [&](const Table& table) { return table.id == id; });
  return found == catalog.tables.end() ? nullptr : &*found;
}

// Whether values that are equal at the source are the same bytes.
bool ComparesByBytes(const Column& column) {
  switch (column.type.kind) {
    case TypeKind::kDecimal:
    case TypeKind::kDate:
    case TypeKind::kYear:
      return true;
    case TypeKind::kChar:  // comes without the spaces that fill it up
      return column.collation.ends_with("_bin");
    case TypeKind::kVarchar:
      return column.collation.ends_with("_0900_bin") || column.collation.ends_with("_nopad_bin");
    default:
      return IsInteger(column.type.kind);
  }
}

// The rules as SHOW CREATE TABLE has them, of one table after the other.
class StatementOfTable {
 public:
  explicit StatementOfTable(SourceSession& session) : session_(session) {}

  // Empty rules: the user may not see them.
  Result<Rules> FindRules(const CascadingKey& key) {
    if (key.child != table_) SL_TRY(Read(key.child));
    const std::string head =
        fmt::format("CONSTRAINT {} FOREIGN KEY ", wire::mysql::QuoteIdentifier(key.name));
    const size_t begin = text_.find(head);
    if (begin == text_.npos) return Rules();
    // Behind the last name: " ON DELETE CASCADE ON UPDATE SET NULL,".
    const std::string line = text_.substr(begin, text_.find('\n', begin) - begin);
    const std::string_view after = std::string_view(line).substr(line.rfind(')') + 1);
    return Rules{RuleAfter(after, " ON DELETE "), RuleAfter(after, " ON UPDATE ")};
  }

 private:
  Status Read(const TableId& table) {
    table_ = table;
    text_.clear();
    Result<QueryRows> answer = session_.client.Query(
        fmt::format("SHOW CREATE TABLE {}.{}", wire::mysql::QuoteIdentifier(table.database),
                    wire::mysql::QuoteIdentifier(table.name)));
    if (!answer.ok()) {
      if (!session_.client.is_open()) return std::move(answer).error();
      return {};
    }
    if (!answer->rows.empty()) text_ = answer->rows[0][1].value_or("");
    return {};
  }

  static std::string RuleAfter(std::string_view clauses, std::string_view words) {
    const size_t at = clauses.find(words);
    if (at == clauses.npos) return "RESTRICT";  // what isn't printed is the default
    const std::string_view rule = clauses.substr(at + words.size());
    for (const std::string_view known : {"CASCADE", "SET NULL", "SET DEFAULT", "NO ACTION"}) {
      if (rule.starts_with(known)) return std::string(known);
    }
    return "RESTRICT";
  }

  SourceSession& session_;
  TableId table_;
  std::string text_;
};

}  // namespace

Result<CascadingKeys> ReadCascadingKeys(SourceSession& session) {
  SL_ASSIGN(const QueryRows columns, session.client.Query(kColumnsQuery));
  if (columns.rows.empty()) return CascadingKeys();
  SL_ASSIGN(const QueryRows rules, session.client.Query(kRulesQuery));
  std::map<KeyName, Rules> known;
  for (const QueryRows::Row& row : rules.rows) {
    known[{{.database = row[0].value_or(""), .name = row[1].value_or("")}, row[2].value_or("")}] = {
        row[3].value_or(""), row[4].value_or("")};
  }
  std::vector<CascadingKey> keys;
  for (const QueryRows::Row& row : columns.rows) {
    const TableId child{.database = row[0].value_or(""), .name = row[1].value_or("")};
    const std::string name = row[2].value_or("");
    if (keys.empty() || keys.back().child != child || keys.back().name != name) {
      CascadingKey& key = keys.emplace_back();
      key.name = name;
      key.child = child;
      key.parent = {.database = row[3].value_or(""), .name = row[4].value_or("")};
    }
    keys.back().child_columns.push_back(row[5].value_or(""));
    keys.back().parent_columns.push_back(row[6].value_or(""));
  }
  CascadingKeys all;
  StatementOfTable statement(session);
  for (CascadingKey& key : keys) {
    Rules& of_key = known[{key.child, key.name}];
    // MariaDB hides them from users who may only read.
    if (of_key.on_delete.empty()) {
      SL_ASSIGN(of_key, statement.FindRules(key));
    }
    key.on_delete = RuleOf(of_key.on_delete);
    key.on_update = RuleOf(of_key.on_update);
    const bool is_unknown = of_key.on_delete.empty() || of_key.on_delete == "SET DEFAULT" ||
                            of_key.on_update == "SET DEFAULT";
    if (is_unknown) {
      all.unknown_rules.push_back(std::move(key));
    } else if (key.on_delete != KeyRule::kNothing || key.on_update != KeyRule::kNothing) {
      all.keys.push_back(std::move(key));
    }
  }
  return all;
}

std::string WhyCascadeIsHidden(const CascadingKey& key, const Catalog& catalog) {
  const Table* const parent = FindTable(catalog, key.parent);
  const Table* const child = FindTable(catalog, key.child);
  if (parent == nullptr) {
    return fmt::format("its parent {} is not among the tables of the task", key.parent.ToString());
  }
  if (child == nullptr) return "the table can't be seen";
  for (size_t i = 0; i < key.child_columns.size(); ++i) {
    const std::string& name = key.child_columns[i];
    const auto column = child->FindColumn(name);
    const auto parents = parent->FindColumn(key.parent_columns[i]);
    if (!column || !parents) return fmt::format("its column `{}` can't be seen", name);
    const Column& own = child->columns[*column];
    const Column& other = parent->columns[*parents];
    if (ComparesByBytes(own) && ComparesByBytes(other) && own.type.kind == other.type.kind &&
        own.type.scale == other.type.scale) {
      continue;
    }
    return fmt::format("its column `{}` ({}{}{}) compares otherwise than the target does", name,
                       own.native_type, own.collation.empty() ? "" : " COLLATE ", own.collation);
  }
  return "";
}

}  // namespace starlift::mysql

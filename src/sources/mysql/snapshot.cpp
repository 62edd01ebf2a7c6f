#include "sources/mysql/snapshot.h"

#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sources/mysql/cell_form.h"
#include "sources/mysql/checksum_sql.h"
#include "sources/mysql/chunk_planner.h"
#include "sources/mysql/key_range.h"
#include "sources/mysql/select_list.h"
#include "sources/mysql/session.h"
#include "wire/mysql/row_stream.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;
using wire::mysql::QuoteIdentifier;
using wire::mysql::RowStream;

// Fits into the second-level cache together with what the sink writes from it.
constexpr size_t kBatchBytes = size_t{256} << 10;

std::string TableName(const Table& table) {
  return QuoteIdentifier(table.id.database) + "." + QuoteIdentifier(table.id.name);
}

// The columns of one read whose cells are not taken as they come.
struct CellRules {
  struct Rule {
    size_t cell;
    ColumnIndex column;
  };
  std::vector<Rule> floats;
  std::vector<Rule> converted;  // by the server, which may have put '?' for what it could not
};

CellRules RulesFor(const Table& table, const std::vector<ColumnIndex>& columns,
                   ResultCharset charset) {
  CellRules rules;
  for (size_t cell = 0; cell < columns.size(); ++cell) {
    const Column& column = table.columns[columns[cell]];
    const CellRules::Rule rule{cell, columns[cell]};
    switch (CellRuleFor(column, charset)) {
      case CellRule::kFloat:
        rules.floats.push_back(rule);
        break;
      case CellRule::kConverted:
        rules.converted.push_back(rule);
        break;
      case CellRule::kAsIs:
        break;
    }
  }
  return rules;
}

class MysqlSnapshotReader final : public SnapshotReader {
 public:
  MysqlSnapshotReader(const wire::mysql::ClientOptions& options, const Cancellation& cancellation)
      : options_(options), cancellation_(cancellation) {
    options_.cancellation = &cancellation;
  }

  // Takes a session whose transaction is to be kept: its reads see one moment.
  MysqlSnapshotReader(const wire::mysql::ClientOptions& options, const Cancellation& cancellation,
                      SourceSession session)
      : MysqlSnapshotReader(options, cancellation) {
    session_.emplace(std::move(session));
    pinned_ = true;
  }

  Status Connect() {
    if (session_ && session_->client.is_open()) return {};
    if (pinned_) {
      return Error{.kind = ErrorKind::kUnreachable,
                   .message =
                       "the connection whose reads saw one moment was lost: what they saw "
                       "can't be seen again"};
    }
    SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
    session_.emplace(std::move(session));
    return {};
  }

  Result<std::optional<Chunk>> NextChunk(const Table& table, const Chunk* previous,
                                         uint64_t target_rows) override {
    SL_TRY(Connect());
    SL_TRY(session_->Use(ResultCharset::kRaw));  // bounds are bytes
    return planner_.Next(session_->client, table, previous, target_rows);
  }

  Status ReadChunk(const Table& table, const std::vector<ColumnIndex>& columns, const Chunk& chunk,
                   BatchSink& sink) override {
    SL_TRY(Connect());
    SL_ASSIGN(const std::string from, FromClause(table, chunk));
    SL_ASSIGN(const std::vector<size_t> suspects, Read(table, columns, from, sink));
    for (const size_t cell : suspects) {
      SL_TRY(ExpectNothingLost(table, table.columns[columns[cell]], chunk));
    }
    return {};
  }

  Status ReadRows(const Table& table, const std::vector<ColumnIndex>& columns, const RowKeys& keys,
                  BatchSink& sink) override {
    if (keys.rows.empty()) return {};
    SL_TRY(Connect());
    const std::string from =
        fmt::format(" FROM {} WHERE {}", TableName(table), KeysCondition(table, keys));
    auto read = Read(table, columns, from, sink);
    if (!read.ok()) return std::move(read).error();
    return {};
  }

  Result<std::optional<RowChecksum>> Checksum(const Table& table,
                                              const std::vector<ChecksumColumn>& columns,
                                              ChecksumMethod method, const Chunk& chunk) override {
    SL_TRY(Connect());
    SL_TRY(session_->Use(ResultCharset::kRaw));
    SL_ASSIGN(const std::string from, FromClause(table, chunk));
    SL_ASSIGN(const QueryRows answer,
              session_->client.Query(ChecksumQuery(table, columns, method, from)));
    return answer.rows.empty() ? std::nullopt : ParseChecksum(answer.rows[0]);
  }

  Result<uint64_t> CountRows(const Table& table, const Chunk& chunk) override {
    SL_TRY(Connect());
    SL_ASSIGN(const std::string from, FromClause(table, chunk));
    SL_ASSIGN(const QueryRows answer, session_->client.Query("SELECT COUNT(*)" + from));
    return std::strtoull(answer.rows.at(0).at(0).value_or("").c_str(), nullptr, 10);
  }

 private:
  // Gives the columns (by their place in `columns`) of which some characters may have been lost.
  Result<std::vector<size_t>> Read(const Table& table, const std::vector<ColumnIndex>& columns,
                                   const std::string& from, BatchSink& sink) {
    const ResultCharset charset = ResultCharsetFor(table, columns);
    std::string list;
    for (const ColumnIndex index : columns) {
      list += (list.empty() ? "" : ", ") + SelectExpression(table.columns[index], charset);
    }
    SL_TRY(session_->Use(charset));
    const CellRules rules = RulesFor(table, columns, charset);
    suspects_.assign(rules.converted.size(), false);
    SL_TRY(Stream(table, fmt::format("SELECT {}{}", list, from), columns, rules, sink));
    std::vector<size_t> suspects;
    for (size_t i = 0; i < suspects_.size(); ++i) {
      if (suspects_[i]) suspects.push_back(rules.converted[i].cell);
    }
    return suspects;
  }

  Result<std::string> FromClause(const Table& table, const Chunk& chunk) {
    const std::string condition = RangeCondition(table, chunk);
    if (condition.empty()) return " FROM " + TableName(table);
    SL_ASSIGN(const std::string hint, planner_.IndexHint(session_->client, table));
    return fmt::format(" FROM {}{} WHERE {}", TableName(table), hint, condition);
  }

  Status Stream(const Table& table, const std::string& sql, const std::vector<ColumnIndex>& columns,
                const CellRules& rules, BatchSink& sink) {
    SL_ASSIGN(RowStream stream, session_->client.Stream(sql));
    if (!batch_ || batch_->columns() != columns.size()) batch_.emplace(columns.size());
    while (true) {
      if (cancellation_.requested())
        return Error{.kind = ErrorKind::kCancelled, .message = "stopped by request"};
      SL_ASSIGN(const bool more, stream.ReadBatch(*batch_, kBatchBytes));
      if (!more) return {};
      SL_TRY(Finish(table, rules));
      SL_TRY(sink.Consume(*batch_));
    }
  }

  // Brings the cells that need it into their form.
  Status Finish(const Table& table, const CellRules& rules) {
    if (rules.floats.empty() && rules.converted.empty()) return {};
    const size_t width = batch_->columns();
    std::vector<Cell>& cells = batch_->cells();
    for (size_t row = 0; row < cells.size(); row += width) {
      for (const CellRules::Rule& rule : rules.floats) {
        Cell& cell = cells[row + rule.cell];
        if (!cell.is_null() && !ShortenFloat(batch_->arena().data() + cell.offset, cell)) {
          return NoNumber(table, rule, row / width);
        }
      }
      for (size_t i = 0; i < rules.converted.size(); ++i) {
        const Cell& cell = cells[row + rules.converted[i].cell];
        if (!suspects_[i] && batch_->Bytes(cell).find('?') != std::string_view::npos)
          suspects_[i] = true;
      }
    }
    return {};
  }

  Error NoNumber(const Table& table, const CellRules::Rule& rule, size_t row) const {
    const Column& column = table.columns[rule.column];
    constexpr size_t kShownBytes = 40;
    std::string shown;
    for (const char c : batch_->Bytes(batch_->At(row, rule.cell)).substr(0, kShownBytes)) {
      shown += fmt::format("{:02X}", static_cast<unsigned char>(c));
    }
    return Error{
        .kind = ErrorKind::kData,
        .message =
            fmt::format("column {} holds no number: X'{}'", QuoteIdentifier(column.name), shown),
        .where = table.id.ToString(),
        .mend = fmt::format(
            "SELECT * FROM {0} WHERE HEX({1}) LIKE '{2}%'; finds the row: correct its value",
            TableName(table), QuoteIdentifier(column.name), shown)};
  }

  // The column's text came converted and with question marks in it: asks the server whether one of
  // them stands for a character that has no Unicode form.
  Status ExpectNothingLost(const Table& table, const Column& column, const Chunk& chunk) {
    const std::string name = QuoteIdentifier(column.name);
    const std::string marks_after = fmt::format(
        "CHAR_LENGTH(CONVERT({0} USING utf8mb4)) - CHAR_LENGTH(REPLACE(CONVERT({0} USING utf8mb4), "
        "'?', ''))",
        name);
    const std::string marks_before =
        fmt::format("CHAR_LENGTH({0}) - CHAR_LENGTH(REPLACE({0}, CONVERT('?' USING {1}), ''))",
                    name, column.charset);
    const std::string condition = fmt::format("{} <> {}", marks_after, marks_before);
    const std::string range = RangeCondition(table, chunk);
    SL_ASSIGN(const QueryRows lost,
              session_->client.Query(fmt::format("SELECT HEX({}) FROM {} WHERE {}{}{} LIMIT 1",
                                                 name, TableName(table), range,
                                                 range.empty() ? "" : " AND ", condition)));
    if (lost.rows.empty()) return {};
    return Error{
        .kind = ErrorKind::kData,
        .message = fmt::format("column {} holds bytes that are no text of its charset {}: X'{}'",
                               name, column.charset, lost.rows[0][0].value_or("")),
        .where = table.id.ToString(),
        .mend = fmt::format("SELECT * FROM {} WHERE {}; finds such rows: correct their values",
                            TableName(table), condition)};
  }

  wire::mysql::ClientOptions options_;
  const Cancellation& cancellation_;
  std::optional<SourceSession> session_;
  bool pinned_ = false;
  ChunkPlanner planner_;
  std::optional<RowBatch> batch_;
  std::vector<bool> suspects_;
};

}  // namespace

Result<std::unique_ptr<SnapshotReader>> OpenMysqlSnapshot(const wire::mysql::ClientOptions& options,
                                                          const Cancellation& cancellation) {
  auto reader = std::make_unique<MysqlSnapshotReader>(options, cancellation);
  SL_TRY(reader->Connect());
  return std::unique_ptr<SnapshotReader>(std::move(reader));
}

std::unique_ptr<SnapshotReader> PinMysqlSnapshot(const wire::mysql::ClientOptions& options,
                                                 const Cancellation& cancellation,
                                                 SourceSession session) {
  return std::make_unique<MysqlSnapshotReader>(options, cancellation, std::move(session));
}

}  // namespace starlift::mysql

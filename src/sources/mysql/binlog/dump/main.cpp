// binlog_dump URL POSITION UNTIL [TABLE…]: prints what the source's log tells from POSITION on
// until UNTIL is covered, one JSON object per line, for tests. POSITION and UNTIL may be "head";
// "snapshot" instead of a position prints the tables' rows as the snapshot path gives them, and the
// head. Cells are printed in hex, NULL as null.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include "sources/change_stream.h"
#include "sources/mysql/mysql_source.h"

namespace starlift {
namespace {

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20) {
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "\"";
}

std::string PrintRow(const RowBatch& rows, uint32_t row) {
  if (row == RowChange::kNoRow) return "null";
  std::string text = "[";
  for (size_t i = 0; i < rows.columns(); ++i) {
    if (i > 0) text += ", ";
    const auto value = rows.Value(row, i);
    text += value ? "\"" + Hex(*value) + "\"" : "null";
  }
  return text + "]";
}

std::string PrintColumns(const std::vector<bool>& columns) {
  std::string text;
  for (const bool present : columns) text.push_back(present ? '1' : '0');
  return Quote(text);
}

class Printer final : public ChangeSink, public BatchSink {
 public:
  explicit Printer(bool quiet) : quiet_(quiet) {}

  Status Consume(const ChangeBatch& batch) override {
    changes_ += batch.changes.size();
    if (quiet_) return {};
    constexpr std::string_view kKinds[] = {"insert", "update", "delete"};
    for (const RowChange& change : batch.changes) {
      std::cout << fmt::format(
          "{{\"kind\": \"{}\", \"table\": {}, \"before\": {}, \"after\": {}, \"before_columns\": "
          "{}, "
          "\"after_columns\": {}}}\n",
          kKinds[static_cast<int>(change.kind)], Quote(batch.table->id.ToString()),
          PrintRow(batch.rows, change.before), PrintRow(batch.rows, change.after),
          PrintColumns(batch.before_columns), PrintColumns(batch.after_columns));
    }
    return {};
  }

  Status Consume(const SchemaChange& change) override {
    std::cout << fmt::format(
        "{{\"kind\": \"schema\", \"change\": {}, \"before\": {}, \"after\": {}, \"statement\": "
        "{}}}\n",
        static_cast<int>(change.kind), change.before ? Quote(change.before->id.ToString()) : "null",
        change.after ? Quote(change.after->id.ToString()) : "null", Quote(change.statement));
    return {};
  }

  Status KeepShadow(const TableId&, const std::optional<ShadowTable>&) override { return {}; }

  Status Commit(const CommitPoint& point) override {
    ++commits_;
    if (quiet_) return {};
    std::cout << fmt::format("{{\"kind\": \"commit\", \"resume\": {}, \"unix_us\": {}}}\n",
                             Quote(point.resume), point.commit_unix_us);
    return {};
  }

  Status Consume(const RowBatch& batch) override {
    for (uint32_t row = 0; row < batch.rows(); ++row) {
      std::cout << fmt::format("{{\"kind\": \"row\", \"table\": {}, \"after\": {}}}\n",
                               Quote(table_), PrintRow(batch, row));
    }
    return {};
  }

  void SetTable(const TableId& id) { table_ = id.ToString(); }
  uint64_t changes() const { return changes_; }
  uint64_t commits() const { return commits_; }

 private:
  bool quiet_;
  std::string table_;
  uint64_t changes_ = 0;
  uint64_t commits_ = 0;
};

Result<SourceConfig> ReadUrl(std::string_view url) {
  // mysql://user[:password]@host:port/[database]
  SourceConfig config;
  const auto take = [&](std::string_view separator) {
    const size_t end = std::min(url.find(separator), url.size());
    std::string part(url.substr(0, end));
    url.remove_prefix(std::min(end + separator.size(), url.size()));
    return part;
  };
  config.kind = take("://");
  std::string login = take("@");
  const size_t colon = login.find(':');
  config.user = login.substr(0, colon);
  if (colon != std::string::npos) config.password = login.substr(colon + 1);
  config.host = take(":");
  config.port = static_cast<uint16_t>(std::strtoul(take("/").c_str(), nullptr, 10));
  config.database = take("?");
  while (!url.empty()) {
    std::string option = take("&");
    const size_t equals = option.find('=');
    config.options.emplace_back(option.substr(0, equals), option.substr(equals + 1));
  }
  return config;
}

Status PrintSnapshot(Source& source, const Catalog& catalog, Printer& printer) {
  const Cancellation cancellation;
  SL_ASSIGN(ConsistentSnapshot snapshot, source.OpenConsistentSnapshot(cancellation));
  for (const Table& table : catalog.tables) {
    std::vector<ColumnIndex> columns;
    for (ColumnIndex i = 0; i < table.columns.size(); ++i) columns.push_back(i);
    printer.SetTable(table.id);
    SL_TRY(snapshot.reader->ReadChunk(table, columns, Chunk{}, printer));
  }
  std::cout << fmt::format("{{\"kind\": \"position\", \"position\": {}}}\n",
                           Quote(snapshot.position));
  return {};
}

Status Run(int count, char** arguments) {
  SL_ASSIGN(const SourceConfig config, ReadUrl(arguments[1]));
  SL_ASSIGN(const std::unique_ptr<Source> source, mysql::OpenMysqlSource(config));
  std::set<std::string> tables;
  for (int i = 4; i < count; ++i) tables.insert(arguments[i]);
  const TableFilter wanted = [&](const TableId& id) {
    return (config.database.empty() || id.database == config.database) &&
           (tables.empty() || tables.contains(id.name));
  };
  SL_ASSIGN(const Catalog catalog, source->ReadCatalog(wanted));
  const std::string from = arguments[2];
  Printer printer(std::getenv("BINLOG_DUMP_QUIET") != nullptr);
  if (from == "check") {
    SL_ASSIGN(const std::vector<Finding> findings, source->Check(wanted, true));
    for (const Finding& finding : findings) {
      std::cout << fmt::format(
          "{{\"kind\": \"finding\", \"severity\": {}, \"code\": {}, \"subject\": {}, \"mend\": "
          "{}}}\n",
          static_cast<int>(finding.severity), Quote(finding.code), Quote(finding.subject),
          Quote(finding.mend));
    }
    return {};
  }
  if (from == "snapshot") return PrintSnapshot(*source, catalog, printer);

  StreamStart start;
  start.position = from;
  if (from == "head") {
    SL_ASSIGN(start.position, source->log()->Head());
  }
  if (from == "print-head") {
    SL_ASSIGN(const Position head, source->log()->Head());
    std::cout << head << "\n";
    return {};
  }
  if (from.starts_with("time:")) {
    SL_ASSIGN(const Position found,
              source->log()->FindTime(std::strtoll(from.c_str() + 5, nullptr, 10)));
    std::cout << found << "\n";
    return {};
  }
  if (from.starts_with("reach:")) return source->log()->CheckReach(from.substr(6));
  // Where the log itself creates the tables, today's definitions would be wrong.
  const bool none_known = std::getenv("BINLOG_DUMP_NO_TABLES") != nullptr;
  for (const Table& table : none_known ? std::vector<Table>() : catalog.tables)
    start.tables.push_back(std::make_shared<const Table>(table));
  start.spill_directory =
      (std::filesystem::temp_directory_path() / fmt::format("binlog-dump-{}", ::getpid())).string();
  if (const char* spill = std::getenv("BINLOG_DUMP_SPILL"))
    start.spill_after_bytes = std::strtoull(spill, nullptr, 10);
  start.retry_for = std::chrono::seconds(30);
  std::string until = arguments[3];
  if (until == "head") {
    SL_ASSIGN(until, source->log()->Head());
  }
  const Cancellation cancellation;
  SL_ASSIGN(const std::unique_ptr<ChangeStream> stream,
            source->log()->OpenStream(start, wanted, cancellation));
  const auto begun = std::chrono::steady_clock::now();
  while (true) {
    SL_TRY(stream->Read(printer, std::chrono::milliseconds(200), uint64_t{4} << 20));
    SL_ASSIGN(const bool covered, source->log()->Covers(stream->reached(), until));
    std::cout.flush();
    if (covered) break;
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  std::filesystem::remove_all(start.spill_directory);
  const StreamProgress progress = stream->progress();
  std::cout << fmt::format(
      "{{\"kind\": \"end\", \"position\": {}, \"changes\": {}, \"commits\": {}, \"bytes\": {}, "
      "\"reconnects\": {}, \"seconds\": {:.3f}}}\n",
      Quote(stream->position()), printer.changes(), printer.commits(), progress.bytes_received,
      progress.reconnects, taken.count());
  return {};
}

}  // namespace
}  // namespace starlift

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: binlog_dump URL POSITION|head|snapshot UNTIL|head [TABLE…]\n";
    return 2;
  }
  const starlift::Status status = starlift::Run(count, arguments);
  if (status.ok()) return 0;
  std::cerr << status.error().ToString() << "\n";
  return starlift::ExitCodeFor(status.error().kind);
}

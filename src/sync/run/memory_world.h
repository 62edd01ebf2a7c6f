#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "sources/source.h"
#include "starrocks/ddl_printer.h"
#include "starrocks/encoder.h"
#include "starrocks/load_target.h"
#include "starrocks/table_reader.h"
#include "sync/target_catalog.h"

namespace starlift::sync {

// A source and a target in memory, for tests of the engine: tables of `id`, `v` with ids 1 … rows.

class MemorySource : public Source {
 public:
  struct Content {
    Table table;
    uint64_t rows = 0;
  };

  void Add(const std::string& name, uint64_t rows, bool keyed = true) {
    Table table;
    table.id = {"shop", "", name};
    Column id, v;
    id.name = "id";
    id.type.kind = TypeKind::kInt64;
    id.native_type = "bigint";
    id.nullable = false;
    v.name = "v";
    v.type = {TypeKind::kVarchar, 40};
    v.native_type = "varchar(40)";
    table.columns = {id, v};
    if (keyed) {
      table.key_kind = KeyKind::kPrimary;
      table.key = {0};
    }
    table.row_estimate = rows;
    table.byte_estimate = rows * 50;
    table.average_row_bytes = 50;
    tables[name] = {table, rows};
  }

  Result<std::string> Describe() override { return std::string("memory"); }
  Result<std::vector<Finding>> Check(const TableFilter&, bool) override {
    return std::vector<Finding>{};
  }
  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    Catalog catalog;
    for (const auto& [name, content] : tables) {
      if (filter(content.table.id)) catalog.tables.push_back(content.table);
    }
    return catalog;
  }
  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation& cancellation) override;

  std::map<std::string, Content> tables;
  std::atomic<uint64_t> chunks_read{0};
  // Called before each batch; an error is what the read ends with.
  std::function<Status()> before_batch = [] { return Status(); };
};

class MemoryReader : public SnapshotReader {
 public:
  MemoryReader(MemorySource& source, const Cancellation& cancellation)
      : source_(source), cancellation_(cancellation) {}

  Result<std::optional<Chunk>> NextChunk(const Table& table, const Chunk* previous,
                                         uint64_t target_rows) override {
    const uint64_t rows = source_.tables.at(table.id.name).rows;
    const uint64_t begin = previous == nullptr ? 0 : std::stoull(previous->upper->front());
    Chunk chunk;
    chunk.number = previous == nullptr ? 0 : previous->number + 1;
    if (previous != nullptr) chunk.lower = previous->upper;
    if (begin + target_rows < rows) chunk.upper = ChunkBound{std::to_string(begin + target_rows)};
    return std::optional<Chunk>(chunk);
  }

  Status ReadChunk(const Table& table, const std::vector<ColumnIndex>& columns, const Chunk& chunk,
                   BatchSink& sink) override {
    constexpr uint64_t kBatchRows = 100;
    const uint64_t begin = chunk.lower ? std::stoull(chunk.lower->front()) : 0;
    const uint64_t end =
        chunk.upper ? std::stoull(chunk.upper->front()) : source_.tables.at(table.id.name).rows;
    RowBatch batch(columns.size());
    for (uint64_t at = begin; at < end;) {
      if (cancellation_.requested()) return Error{ErrorKind::kCancelled, "stopped"};
      if (auto failed = source_.before_batch(); !failed.ok()) return failed;
      batch.Clear();
      for (const uint64_t last = std::min(at + kBatchRows, end); at < last; ++at) {
        for (const ColumnIndex column : columns) {
          batch.AppendCopy(column == 0 ? std::to_string(at + 1) : "v" + std::to_string(at + 1));
        }
      }
      SL_TRY(sink.Consume(batch));
    }
    ++source_.chunks_read;
    return {};
  }

 private:
  MemorySource& source_;
  const Cancellation& cancellation_;
};

inline Result<std::unique_ptr<SnapshotReader>> MemorySource::OpenSnapshot(
    const Cancellation& cancellation) {
  return std::unique_ptr<SnapshotReader>(std::make_unique<MemoryReader>(*this, cancellation));
}

// What the target holds: tables by name, their rows by first column (a multiset where there is no
// key), and the labels that it knows.
struct MemoryTarget {
  using Rows = std::multimap<std::string, std::string>;

  std::mutex mutex;
  std::map<std::string, starrocks::TargetTable> tables;
  std::map<std::string, Rows> rows;
  std::map<std::string, std::pair<std::string, std::string>> open;  // label → table, body so far
  std::set<std::string> visible;
  std::vector<std::string> statements;
  // Called for each load before it is done; what is not kLoaded is answered instead.
  std::function<starrocks::LoadVerdict()> before_load = [] {
    return starrocks::LoadVerdict::kLoaded;
  };
  uint64_t loads = 0;

  size_t Count(const std::string& table) {
    std::lock_guard lock(mutex);
    return rows[table].size();
  }
};

class MemoryCatalog : public TargetCatalog {
 public:
  // `make`: the definitions that CREATE TABLE refers to by name.
  explicit MemoryCatalog(MemoryTarget& target) : target_(target) {}

  std::vector<Finding> Check(const std::vector<std::string>&) override { return {}; }
  Result<starrocks::ClusterFacts> ReadFacts() override {
    return starrocks::ClusterFacts{{3, 5, 0, "3.5.0"}, 1};
  }
  Result<bool> DatabaseExists(std::string_view) override {
    std::lock_guard lock(target_.mutex);
    return !target_.tables.empty();
  }
  Result<std::vector<std::string>> ListTables(std::string_view) override {
    std::lock_guard lock(target_.mutex);
    std::vector<std::string> names;
    for (const auto& [name, table] : target_.tables) names.push_back(name);
    return names;
  }
  Result<starrocks::TargetTable> ReadTable(std::string_view, std::string_view table) override {
    std::lock_guard lock(target_.mutex);
    return target_.tables.at(std::string(table));
  }
  Result<bool> HoldsRows(const starrocks::TargetTable& table) override {
    return target_.Count(table.name) > 0;
  }
  Status Execute(std::string_view sql) override {
    std::lock_guard lock(target_.mutex);
    target_.statements.emplace_back(sql);
    if (sql.starts_with("CREATE TABLE")) {
      SL_ASSIGN(const starrocks::TargetTable table, starrocks::ParseCreateTable(sql, "shop"));
      target_.tables.emplace(table.name, table);
    } else if (sql.starts_with("TRUNCATE TABLE")) {
      const size_t end = sql.rfind('`'), begin = sql.rfind('`', end - 1);
      target_.rows.erase(std::string(sql.substr(begin + 1, end - begin - 1)));
    }
    return {};
  }

 private:
  MemoryTarget& target_;
};

class MemoryLoads : public starrocks::LoadTarget {
 public:
  explicit MemoryLoads(MemoryTarget& target) : target_(target) {}

  starrocks::LoadOutcome Load(const starrocks::LoadRequest& request) override {
    std::lock_guard lock(target_.mutex);
    starrocks::LoadOutcome outcome = Answer();
    if (outcome.verdict != starrocks::LoadVerdict::kLoaded) return outcome;
    if (!target_.visible.insert(std::string(request.label)).second) return outcome;
    Store(std::string(request.table), Joined(request), outcome);
    return outcome;
  }
  Result<starrocks::LabelState> GetLabelState(std::string_view, std::string_view label) override {
    std::lock_guard lock(target_.mutex);
    return target_.visible.contains(std::string(label)) ? starrocks::LabelState::kVisible
                                                        : starrocks::LabelState::kUnknown;
  }
  Status Cancel(std::string_view, std::string_view) override {
    return Error{ErrorKind::kNotFound, "no such label"};
  }
  Result<std::vector<starrocks::RefusedRow>> FetchErrorLog(std::string_view) override {
    return std::vector<starrocks::RefusedRow>{};
  }
  starrocks::LoadOutcome Begin(std::string_view, std::string_view table, std::string_view label,
                               std::chrono::seconds) override {
    std::lock_guard lock(target_.mutex);
    target_.open[std::string(label)] = {std::string(table), ""};
    return Done();
  }
  starrocks::LoadOutcome LoadPart(const starrocks::LoadRequest& request) override {
    std::lock_guard lock(target_.mutex);
    starrocks::LoadOutcome outcome = Answer();
    if (outcome.verdict == starrocks::LoadVerdict::kLoaded) {
      target_.open[std::string(request.label)].second += Joined(request);
    }
    return outcome;
  }
  starrocks::LoadOutcome Prepare(std::string_view, std::string_view, std::string_view) override {
    return Done();
  }
  starrocks::LoadOutcome Commit(std::string_view, std::string_view,
                                std::string_view label) override {
    std::lock_guard lock(target_.mutex);
    starrocks::LoadOutcome outcome = Done();
    if (!target_.visible.insert(std::string(label)).second) return outcome;
    const auto [table, body] = target_.open[std::string(label)];
    Store(table, body, outcome);
    return outcome;
  }
  starrocks::LoadOutcome Rollback(std::string_view, std::string_view, std::string_view) override {
    return Done();
  }

 private:
  static starrocks::LoadOutcome Done() {
    starrocks::LoadOutcome outcome;
    outcome.verdict = starrocks::LoadVerdict::kLoaded;
    return outcome;
  }
  starrocks::LoadOutcome Answer() {
    ++target_.loads;
    starrocks::LoadOutcome outcome = Done();
    outcome.verdict = target_.before_load();
    outcome.message = "as the test says";
    return outcome;
  }
  static std::string Joined(const starrocks::LoadRequest& request) {
    std::string body;
    for (const std::string_view part : request.body) body += part;
    return body;
  }
  void Store(const std::string& table, const std::string& body, starrocks::LoadOutcome& outcome) {
    const bool keyed = target_.tables.at(table).model == starrocks::TableModel::kPrimaryKey;
    MemoryTarget::Rows& rows = target_.rows[table];
    size_t begin = 0;
    for (size_t end = body.find(starrocks::kRowDelimiter); end != std::string::npos;
         end = body.find(starrocks::kRowDelimiter, begin)) {
      const std::string row = body.substr(begin, end - begin);
      const std::string key = row.substr(0, row.find(starrocks::kColumnSeparator));
      if (keyed) rows.erase(key);
      rows.emplace(key, row);
      ++outcome.loaded_rows;
      begin = end + 1;
    }
    outcome.total_rows = outcome.loaded_rows;
  }

  MemoryTarget& target_;
};

}  // namespace starlift::sync

#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "base/random.h"
#include "load/loader.h"
#include "load/mortal_store.h"
#include "load/simulated_world.h"
#include "starrocks/encode_plan.h"
#include "state/sqlite_connection.h"
#include "state/sqlite_store.h"

namespace starlift::load {

// A table `id BIGINT, name VARCHAR`, keyed by id or without a key.
inline mapping::TableMapping MakeMapping(const std::string& name, bool keyless,
                                         uint32_t name_bytes = 1000) {
  mapping::TableMapping mapping;
  mapping.source.id = {"shop", "", name};
  Column id{.name = "id", .type = {TypeKind::kInt64}};
  Column text{.name = "name", .type = {TypeKind::kVarchar, name_bytes}};
  mapping.source.columns = {id, text};
  mapping.columns = {0, 1};
  if (!keyless) {
    mapping.source.key_kind = KeyKind::kPrimary;
    mapping.source.key = {0};
  }
  mapping.keyless = keyless;
  mapping.target.database = "shop";
  mapping.target.name = (keyless ? "keyless_" : "keyed_") + name;
  mapping.time_zone = "+00:00";
  starrocks::ColumnPlan id_plan;
  id_plan.name = "id";
  id_plan.source_kind = TypeKind::kInt64;
  id_plan.type.kind = starrocks::TargetTypeKind::kBigInt;
  id_plan.rule = starrocks::CellRule::kNumber;
  id_plan.key = !keyless;
  id_plan.nullable = false;
  starrocks::ColumnPlan name_plan;
  name_plan.name = "name";
  name_plan.source_index = 1;
  name_plan.source_kind = TypeKind::kVarchar;
  name_plan.type.kind = starrocks::TargetTypeKind::kVarchar;
  name_plan.type.length = name_bytes;
  name_plan.limit_bytes = name_bytes;
  mapping.plan.columns = {id_plan, name_plan};
  starrocks::FinishEncodePlan(mapping.plan, true);
  return mapping;
}

struct SourceRow {
  std::string id;
  std::string name;
};

inline std::string CsvRow(const SourceRow& row) { return row.id + "\x01" + row.name; }

// Rows with ids from `first`, `name_bytes` long names.
inline std::vector<SourceRow> MakeRows(size_t count, size_t name_bytes = 8, size_t first = 0) {
  std::vector<SourceRow> rows;
  for (size_t index = 0; index < count; ++index) {
    std::string name = fmt::format("n{}", first + index);
    name.resize(std::max(name.size(), name_bytes), 'x');
    rows.push_back({fmt::format("{}", first + index), name});
  }
  return rows;
}

class TemporaryHome {
 public:
  TemporaryHome() {
    static int number = 0;
    // Memory where there is some: these tests sync to disk thousands of times.
    const std::string base =
        std::filesystem::is_directory("/dev/shm") ? "/dev/shm/" : ::testing::TempDir();
    path_ = fmt::format("{}starlift-load-{}-{}", base, getpid(), ++number);
    ConfigureLog(LogLevel::kError, LogFormat::kText);
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryHome() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::vector<std::string> ReadLines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// A table's source: chunks of rows.
struct SimulatedTable {
  mapping::TableMapping mapping;
  std::vector<std::vector<SourceRow>> chunks;
  size_t rows_per_batch = 100;
  int reads = 0;  // chunks begun to be read
};

// What the engine does with one table: the same order of steps, in a loop that a crash may end
// anywhere.
class TableRun {
 public:
  TableRun(const std::string& home, SimulatedTarget& target, SimulatedClock& clock,
           const LoaderOptions& options)
      : home_(home), target_(target), clock_(clock), options_(options) {
    options_.dead_letter_directory = home + "/dead-letters";
  }

  // One life of the process. True: the table is done; an error is what the engine would end with.
  Result<bool> Live(SimulatedTable& table, CrashSwitch& crash) {
    SimulatedRandom random(7);
    SL_ASSIGN(auto store, state::OpenSqliteStore(home_, clock_, SystemRandom()));
    MortalStore mortal_store(*store, crash);
    MortalTarget mortal_target(target_, crash);
    Loader loader(options_, {mortal_target, mortal_store, clock_, random, crash.cancellation()});
    return Load(loader, mortal_store, table);
  }

  // Lives until the table is done.
  Status LiveOn(SimulatedTable& table) {
    CrashSwitch immortal;
    SL_ASSIGN(const bool done, Live(table, immortal));
    if (!done) return Error{ErrorKind::kInternal, "the table isn't done"};
    return {};
  }

  Result<state::TableRecord> Stored(const SimulatedTable& table) {
    SL_ASSIGN(auto store, state::OpenSqliteStore(home_, clock_, SystemRandom()));
    SL_ASSIGN(const state::TaskRecord task, store->OpenTask("task", "digest"));
    return store->OpenTable(task.id, table.mapping.source.id, table.mapping.target.database,
                            table.mapping.target.name);
  }

  std::vector<std::string> DeadLetters(const SimulatedTable& table) {
    return ReadLines(fmt::format("{}/dead-letters/{}.{}.jsonl", home_,
                                 table.mapping.source.id.database, table.mapping.source.id.name));
  }

 private:
  Result<bool> Load(Loader& loader, state::StateStore& store, SimulatedTable& table) {
    SL_ASSIGN(const state::TaskRecord task, store.OpenTask("task", "digest"));
    SL_ASSIGN(state::TableRecord record,
              store.OpenTable(task.id, table.mapping.source.id, table.mapping.target.database,
                              table.mapping.target.name));
    SL_ASSIGN(const Recovery recovery, loader.OpenTable(table.mapping, record));
    if (recovery == Recovery::kForgotten) {
      target_.Truncate(table.mapping.target.name);
      SL_TRY(store.RestartTable(record.id));
    }
    SL_ASSIGN(record, store.GetTable(record.id));
    if (!record.chunks_complete) {
      std::vector<state::ChunkRecord> chunks(table.chunks.size());
      for (size_t index = 0; index < chunks.size(); ++index) chunks[index].number = index;
      SL_TRY(store.AddChunks(record.id, chunks, true));
    }
    SL_ASSIGN(const std::vector<state::ChunkRecord> chunks, store.ListChunks(record.id));
    for (const state::ChunkRecord& chunk : chunks) {
      if (chunk.status == state::ChunkStatus::kDone) continue;
      SL_TRY(ReadChunk(loader, record.id, table, chunk.number));
    }
    SL_ASSIGN(record, store.GetTable(record.id));
    return record.status == state::TableStatus::kDone;
  }

  Status ReadChunk(Loader& loader, int64_t table_id, SimulatedTable& table, uint64_t chunk) {
    while (true) {
      ++table.reads;
      SL_ASSIGN(auto writer, loader.OpenChunk(table_id, chunk));
      RowBatch batch(2);
      for (const SourceRow& row : table.chunks[chunk]) {
        batch.AppendCopy(row.id);
        batch.AppendCopy(row.name);
        if (batch.rows() < table.rows_per_batch) continue;
        if (!writer->Consume(batch).ok()) break;
        batch.Clear();
      }
      if (!batch.empty()) (void)writer->Consume(batch);
      SL_ASSIGN(const ChunkEnd end, writer->FinishAndWait());
      if (end == ChunkEnd::kDone) return {};
    }
  }

  const std::string home_;
  SimulatedTarget& target_;
  SimulatedClock& clock_;
  LoaderOptions options_;
};

// Every row of the table's source that isn't bad, as the target should have it.
inline std::vector<std::string> ExpectedRows(const SimulatedTable& table,
                                             const SimulatedTarget& target) {
  std::vector<std::string> rows;
  for (const auto& chunk : table.chunks) {
    for (const SourceRow& row : chunk) {
      if (!target.is_bad(CsvRow(row))) rows.push_back(CsvRow(row));
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace starlift::load

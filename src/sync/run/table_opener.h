#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "load/loader.h"
#include "sources/source.h"
#include "state/records.h"
#include "sync/config/task_config.h"
#include "sync/retry.h"
#include "sync/run/world.h"

namespace starlift::sync {

// What the state knows of a table's chunks.
struct OpenedTable {
  std::vector<Chunk> unread;
  bool complete = false;  // there are no more to be cut
};

struct CutChunks {
  std::vector<Chunk> chunks;
  bool last = false;
};

// The planner thread's work on single tables: settles what a crash left, reads stored chunks, cuts
// new ones and stores them before anyone reads them. Used by one thread.
class TableOpener {
 public:
  TableOpener(load::Loader& loader, World& world, const TaskConfig& config,
              const RetryPolicy& retry);

  bool IsOpen(size_t table) const { return last_chunk_.contains(table); }
  Result<OpenedTable> Open(size_t table, const mapping::TableMapping& mapping,
                           const state::TableRecord& record);
  Result<CutChunks> Cut(size_t table, const mapping::TableMapping& mapping,
                        const state::TableRecord& record, uint64_t chunk_rows);

 private:
  Status CheckSchema(const mapping::TableMapping& mapping, const state::TableRecord& record);
  Status StartOver(const mapping::TableMapping& mapping, const state::TableRecord& record);
  Result<std::optional<Chunk>> NextChunk(const Table& table, const Chunk* previous,
                                         uint64_t chunk_rows);

  load::Loader& loader_;
  World& world_;
  const TaskConfig& config_;
  const RetryPolicy& retry_;
  std::unique_ptr<SnapshotReader> reader_;  // opened by the first table that needs cutting
  std::map<size_t, std::optional<Chunk>> last_chunk_;  // open tables; nullopt: no chunk yet
};

// Says whether rows that were loaded with one mapping may be mixed with rows of another.
std::string SchemaDigest(const mapping::TableMapping& mapping);

}  // namespace starlift::sync

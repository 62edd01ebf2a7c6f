#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "data/row_batch.h"
#include "load/chunk_end.h"
#include "load/environment.h"
#include "load/loader_options.h"
#include "load/progress.h"
#include "mapping/table_mapping.h"
#include "state/records.h"

namespace starlift::load {

// What a keyless table's last transaction became, after a crash.
enum class Recovery {
  kClean,  // go on: read whatever chunk isn't done. PRIMARY KEY tables always end here
  // The target has forgotten a label that was about to be committed: the rows are there or not.
  // Empty the target table or count its rows, then StateStore::RestartTable or FinishChunk.
  kForgotten,
};

class Loader;

// Takes the rows of one chunk, encodes them into load buffers and hands full buffers to the
// senders. Owned and used by one thread, the reader's. Allocates nothing per row.
class ChunkWriter {
 public:
  // Without Finish: drops what isn't sent yet and waits for what is; the chunk stays undone.
  ~ChunkWriter();
  ChunkWriter(const ChunkWriter&) = delete;
  ChunkWriter& operator=(const ChunkWriter&) = delete;

  // Rows in the order of TableMapping::columns. Blocks while the memory budget is used up. Ends
  // with the error of any earlier load of this chunk; kCancelled after a request to stop.
  Status Consume(const RowBatch& batch);

  // Hands over what is left and returns at once. Only after all rows of the chunk were given, or
  // after a Consume that failed: then it tells how the chunk ended, which may be kReadAgain. `done`
  // is called exactly once: when the chunk is durable and recorded, or can't become so; from a
  // sender's thread, or from here. It must not block. The writer can be destroyed at any time after
  // this.
  void Finish(ChunkDone done);

  // The same, but waits.
  Result<ChunkEnd> FinishAndWait();

 private:
  friend class Loader;
  class State;
  explicit ChunkWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Brings rows of many tables into StarRocks: one per task. Encoding happens on the readers'
// threads, sending on the loader's own. Every load has a label that is stored before it is sent; no
// buffer is let go before its label is known to be durable at the target. Thread-safe.
class Loader {
 public:
  Loader(LoaderOptions options, LoadEnvironment environment);
  // Waits for loads in flight. Drops what is queued: nothing is, if all chunks have ended.
  ~Loader();

  // Settles what a crash left behind: asks for every label in doubt, rolls back or commits, marks
  // chunks done that turn out to be, cuts the dead-letter file back to what counts. Call once per
  // table before its first chunk, before ListChunks. `mapping` must outlive the loader.
  Result<Recovery> OpenTable(const mapping::TableMapping& mapping, const state::TableRecord& table);

  // Begins a chunk of an open table. kNotFound for a table that isn't open. A chunk has one writer
  // at a time; a keyless table has one chunk.
  Result<std::unique_ptr<ChunkWriter>> OpenChunk(int64_t table, uint64_t chunk);

  // Null for a table that isn't open. May be read after the loader is gone.
  std::shared_ptr<const TableProgress> FindProgress(int64_t table) const;
  const LoaderProgress& progress() const;

 private:
  friend class ChunkWriter;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::load

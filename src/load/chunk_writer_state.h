#pragma once

#include <memory>
#include <vector>

#include "load/keyless_load.h"
#include "load/loader_state.h"
#include "load/open_chunk.h"
#include "starrocks/encoder.h"

namespace starlift::load {

// What a chunk's reader fills. Used by the reader's thread alone.
class ChunkWriter::State {
 public:
  State(Loader::State& loader, std::shared_ptr<TableContext> table, uint64_t chunk);
  ~State();

  Status Consume(const RowBatch& batch);
  void Finish(ChunkDone done);

 private:
  enum { kCsvBuffer, kJsonBuffer, kBuffers };

  LoadBuffer& BufferFor(starrocks::LoadFormat format) {
    return buffers_[format == starrocks::LoadFormat::kCsv ? kCsvBuffer : kJsonBuffer];
  }
  bool keyless() { return chunk_->table().mapping.keyless; }
  bool HoldsRows() const;

  Status EncodeBatch(const RowBatch& batch);
  Status SwitchToJson(const RowBatch& batch);
  Result<starrocks::EncodeEnd> Encode(starrocks::LoadFormat format, const RowBatch& batch);
  Status MakeRoom(LoadBuffer& buffer, size_t bytes);
  Status HandleRejects(const RowBatch& batch);
  void SealAll();
  // Hands the buffer to the senders; `whole_chunk`: there are no other rows.
  void Seal(LoadBuffer& buffer, bool whole_chunk);
  void Push(bool large, std::function<void()> work);
  bool IsWholeChunk() const;

  Loader::State& loader_;
  std::shared_ptr<OpenChunk> chunk_;
  starrocks::RowEncoder encoder_;
  LoadBuffer buffers_[kBuffers];
  std::vector<starrocks::RowReject> rejects_;
  double expansion_ = 1.0;  // encoded bytes per byte of batch, as seen so far
  uint64_t sealed_ = 0;     // buffers handed over
  bool finished_ = false;

  // Keyless tables: their parts go one after the other.
  std::shared_ptr<KeylessLoad> keyless_load_;
  std::shared_ptr<SendLane> lane_;
};

}  // namespace starlift::load

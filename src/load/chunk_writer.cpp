#include <algorithm>
#include <future>
#include <utility>

#include "base/hash.h"
#include "load/buffer_sender.h"
#include "load/chunk_writer_state.h"
#include "load/patience.h"

namespace starlift::load {
namespace {

using starrocks::EncodeEnd;
using starrocks::LoadFormat;

constexpr double kExpansionSlack = 1.1;
constexpr size_t kRoomSlack = 4096;
// Loads up to this size cost the target's round trip rather than work, and may be many at a time.
constexpr uint64_t kSmallLoadBytes = uint64_t{1} << 20;

}  // namespace

ChunkWriter::State::State(Loader::State& loader, std::shared_ptr<TableContext> table,
                          uint64_t chunk)
    : loader_(loader),
      chunk_(
          std::make_shared<OpenChunk>(loader.environment, loader.rejects, std::move(table), chunk)),
      encoder_(chunk_->table().mapping.plan) {
  buffers_[kJsonBuffer].format = LoadFormat::kJson;
  if (keyless()) {
    keyless_load_ =
        std::make_shared<KeylessLoad>(loader.environment, loader.options, loader.progress, *chunk_);
    lane_ = std::make_shared<SendLane>();
  }
  loader_.writers.fetch_add(1);
}

ChunkWriter::State::~State() {
  if (!finished_) {
    chunk_->Fail(Error{ErrorKind::kCancelled, "the chunk was given up by its reader"});
    Finish(nullptr);
    chunk_->WaitUntilIdle();
  }
}

Status ChunkWriter::State::Consume(const RowBatch& batch) {
  if (chunk_->failed()) return chunk_->error();
  chunk_->CountRead(batch.rows(), batch.byte_size());
  Status encoded =
      loader_.environment.cancellation.requested() ? Status(StoppedError()) : EncodeBatch(batch);
  // A batch that was not taken must never be missed by who finishes the chunk.
  if (!encoded.ok()) chunk_->Fail(encoded.error());
  return encoded;
}

Status ChunkWriter::State::EncodeBatch(const RowBatch& batch) {
  const bool json = chunk_->table().load_as_json.load(std::memory_order_relaxed);
  SL_ASSIGN(const EncodeEnd end, Encode(json ? LoadFormat::kJson : LoadFormat::kCsv, batch));
  if (end == EncodeEnd::kNeedsJson) SL_TRY(SwitchToJson(batch));
  if (!rejects_.empty()) SL_TRY(HandleRejects(batch));
  const uint64_t load_bytes = loader_.LoadBytes();
  for (LoadBuffer& buffer : buffers_) {
    if (buffer.bytes() >= load_bytes) Seal(buffer, false);
  }
  return {};
}

// CSV can't carry a value of this batch. A table with a key takes both formats side by side; a
// transaction takes one.
Status ChunkWriter::State::SwitchToJson(const RowBatch& batch) {
  if (keyless()) {
    TableContext& table = chunk_->table();
    SL_TRY(loader_.environment.store.SetLoadAsJson(table.record.id));
    table.load_as_json.store(true, std::memory_order_relaxed);
    if (sealed_ > 0 || HoldsRows()) {
      chunk_->FailAndReadAgain();
      return chunk_->error();
    }
  }
  SL_ASSIGN([[maybe_unused]] const EncodeEnd end, Encode(LoadFormat::kJson, batch));
  return {};
}

Result<EncodeEnd> ChunkWriter::State::Encode(LoadFormat format, const RowBatch& batch) {
  LoadBuffer& buffer = BufferFor(format);
  const auto expected =
      static_cast<size_t>(static_cast<double>(batch.byte_size()) * expansion_ * kExpansionSlack) +
      kRoomSlack;
  SL_TRY(MakeRoom(buffer, expected));
  ByteArena& segment = *buffer.segments.back();
  const size_t capacity_before = segment.capacity();
  const size_t size_before = segment.size();
  starrocks::EncodeCounts counts;
  const EncodeEnd end = encoder_.Encode(format, batch, segment, rejects_, counts);
  loader_.pool.AccountGrowth(capacity_before, segment.capacity());
  buffer.rows += counts.rows;
  if (segment.size() > size_before) {
    // Now, while it is in the cache: when it is sent it no longer is.
    const std::string_view appended(segment.data() + size_before, segment.size() - size_before);
    buffer.digest = HashBytes(appended, buffer.digest);
    expansion_ = static_cast<double>(segment.size() - size_before) /
                 static_cast<double>(std::max<size_t>(1, batch.byte_size()));
  }
  return end;
}

// A segment with room for `bytes`, or an empty one: that grows if it must.
Status ChunkWriter::State::MakeRoom(LoadBuffer& buffer, size_t bytes) {
  while (true) {
    if (!buffer.segments.empty()) {
      const ByteArena& last = *buffer.segments.back();
      if (last.size() == 0 || last.free() >= bytes) return {};
    }
    std::unique_ptr<ByteArena> segment;
    switch (loader_.pool.Acquire(HoldsRows(), segment)) {
      case BufferPool::Grant::kGranted:
        buffer.segments.push_back(std::move(segment));
        break;
      case BufferPool::Grant::kSealFirst:
        SealAll();
        break;
      case BufferPool::Grant::kTimeout:
        if (chunk_->failed()) return chunk_->error();
        if (loader_.environment.cancellation.requested()) return StoppedError();
        break;
    }
  }
}

bool ChunkWriter::State::HoldsRows() const {
  return std::any_of(std::begin(buffers_), std::end(buffers_),
                     [](const LoadBuffer& buffer) { return buffer.rows > 0; });
}

Status ChunkWriter::State::HandleRejects(const RowBatch& batch) {
  const mapping::TableMapping& mapping = chunk_->table().mapping;
  for (const starrocks::RowReject& reject : rejects_) {
    const std::string reason = encoder_.Describe(reject);
    const DeadLetterOrigin origin{&mapping, chunk_->number(), "encode", reason};
    SL_TRY(chunk_->Reject([&] { return DescribeBatchRow(origin, batch, reject.row); },
                          [&] { return BriefBatchRow(mapping, batch, reject.row); }, reason));
  }
  rejects_.clear();
  return {};
}

void ChunkWriter::State::SealAll() {
  for (LoadBuffer& buffer : buffers_) {
    if (buffer.rows > 0) Seal(buffer, false);
  }
}

void ChunkWriter::State::Push(bool large, std::function<void()> work) {
  chunk_->BeginWork();
  loader_.queue.Push({.run =
                          [chunk = chunk_, work = std::move(work)] {
                            work();
                            chunk->EndWork();
                          },
                      .large = large,
                      .lane = lane_});
}

void ChunkWriter::State::Seal(LoadBuffer& buffer, bool whole_chunk) {
  auto sealed = std::make_shared<LoadBuffer>();
  sealed->format = buffer.format;
  sealed->segments.swap(buffer.segments);
  std::swap(sealed->rows, buffer.rows);
  std::swap(sealed->digest, buffer.digest);
  ++sealed_;
  loader_.pool.Seal(*sealed);
  const bool large = sealed->bytes() > kSmallLoadBytes;
  Push(large, [&loader = loader_, chunk = chunk_.get(), keyless_load = keyless_load_, sealed,
               whole_chunk] {
    if (keyless_load && whole_chunk) {
      keyless_load->SendWhole(*sealed);
    } else if (keyless_load) {
      keyless_load->SendPart(*sealed);
    } else if (!chunk->failed()) {
      BufferSender sender(loader.environment, loader.options, loader.progress, *chunk);
      if (Status sent = sender.Send(*sealed, whole_chunk); !sent.ok()) {
        chunk->Fail(std::move(sent).error());
      }
    }
    loader.pool.Release(*sealed, true);
  });
}

// All rows are in one buffer that nobody has sent.
bool ChunkWriter::State::IsWholeChunk() const {
  const auto holds = [](const LoadBuffer& buffer) { return buffer.rows > 0; };
  return sealed_ == 0 && std::count_if(std::begin(buffers_), std::end(buffers_), holds) == 1;
}

void ChunkWriter::State::Finish(ChunkDone done) {
  finished_ = true;
  loader_.writers.fetch_sub(1);
  // With rejected rows a keyed load isn't all of its chunk: those would be forgotten.
  const bool whole = IsWholeChunk() && (keyless() || chunk_->rejected() == 0);
  for (LoadBuffer& buffer : buffers_) {
    if (buffer.rows > 0 && !chunk_->failed()) {
      Seal(buffer, whole);
    } else {
      loader_.pool.Release(buffer, false);
    }
  }
  if (keyless_load_ && !whole) {
    Push(false, [keyless_load = keyless_load_] { keyless_load->Commit(); });
  }
  chunk_->Close(std::move(done));
}

ChunkWriter::ChunkWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChunkWriter::~ChunkWriter() = default;

Status ChunkWriter::Consume(const RowBatch& batch) { return state_->Consume(batch); }

void ChunkWriter::Finish(ChunkDone done) { state_->Finish(std::move(done)); }

Result<ChunkEnd> ChunkWriter::FinishAndWait() {
  std::promise<Result<ChunkEnd>> ended;
  state_->Finish([&](Result<ChunkEnd> end) { ended.set_value(std::move(end)); });
  return ended.get_future().get();
}

}  // namespace starlift::load

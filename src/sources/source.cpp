#include "sources/source.h"

namespace starlift {
namespace {

class RowCounter final : public BatchSink {
 public:
  Status Consume(const RowBatch& batch) override {
    rows_ += batch.rows();
    return {};
  }
  uint64_t rows() const { return rows_; }

 private:
  uint64_t rows_ = 0;
};

}  // namespace

Status SnapshotReader::ReadRows(const Table&, const std::vector<ColumnIndex>&, const RowKeys&,
                                BatchSink&) {
  return Error{ErrorKind::kRefused, "this source can't be asked for single rows", "", ""};
}

Result<std::optional<RowChecksum>> SnapshotReader::Checksum(const Table&,
                                                            const std::vector<ChecksumColumn>&,
                                                            ChecksumMethod, const Chunk&) {
  return std::optional<RowChecksum>();
}

Result<uint64_t> SnapshotReader::CountRows(const Table& table, const Chunk& chunk) {
  RowCounter counter;
  SL_TRY(ReadChunk(table, {table.has_key() ? table.key.front() : 0}, chunk, counter));
  return counter.rows();
}

Result<ConsistentSnapshot> Source::OpenConsistentSnapshot(const Cancellation&) {
  return Error{ErrorKind::kRefused,
               "this source has no reads that all see the same moment of its log", "", ""};
}

}  // namespace starlift

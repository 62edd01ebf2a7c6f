#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/row_batch.h"
#include "mapping/table_mapping.h"
#include "starrocks/load_target.h"

namespace starlift::load {

// Rows of one chunk that the target can't take, as JSON lines, until the chunk is done.
// Thread-safe. Kept in memory, beyond kSpoolBytes in a file of its own.
class DeadLetterSpool {
 public:
  explicit DeadLetterSpool(std::string path) : path_(std::move(path)) {}
  ~DeadLetterSpool();
  DeadLetterSpool(const DeadLetterSpool&) = delete;
  DeadLetterSpool& operator=(const DeadLetterSpool&) = delete;

  Status Append(std::string_view line);
  uint64_t lines() const;

 private:
  friend class DeadLetterFile;
  mutable std::mutex mutex_;
  const std::string path_;
  std::string memory_;
  bool spooled_ = false;
  uint64_t lines_ = 0;
};

// A table's dead letters: `<directory>/<database>.<table>.jsonl`. What a chunk that isn't done left
// there is cut off again, so no row is in it twice. The length that counts is in the state store.
// Thread-safe.
class DeadLetterFile {
 public:
  DeadLetterFile(const std::string& directory, const TableId& table, uint64_t valid_bytes);

  // Cuts the file back to what counts; removes the spools of chunks that a crash left undone.
  Status Recover();
  std::string SpoolPath(uint64_t chunk) const;

  // Appends a chunk's letters durably and calls `record` with the file's new length; only if that
  // succeeds do they count.
  template <typename Record>
  Status Commit(const DeadLetterSpool& spool, const Record& record) {
    std::lock_guard lock(mutex_);
    SL_ASSIGN(const uint64_t bytes, AppendSpool(spool));
    SL_TRY(record(bytes));
    valid_bytes_ = bytes;
    return {};
  }

  // Appends durably without making them count: gives the length with which they would. May be
  // called again with more. For tables whose only chunk this is, and for changes.
  Result<uint64_t> Prepare(const DeadLetterSpool& spool) {
    std::lock_guard lock(mutex_);
    return AppendSpool(spool);
  }
  // What Prepare gave is recorded.
  void Count(uint64_t bytes) {
    std::lock_guard lock(mutex_);
    valid_bytes_ = bytes;
  }

  const std::string& path() const { return path_; }

 private:
  // The new length.
  Result<uint64_t> AppendSpool(const DeadLetterSpool& spool);

  const std::string path_;
  std::mutex mutex_;
  uint64_t valid_bytes_;
};

// Where a row that is left out comes from.
struct DeadLetterOrigin {
  const mapping::TableMapping* mapping;
  uint64_t chunk;
  std::string_view stage;  // "encode", "target"
  std::string_view reason;
};

// One line without its end: a JSON object with table, chunk, stage, reason, key and all columns.
// Bytes that are no text become {"hex": "…"}.
std::string DescribeBatchRow(const DeadLetterOrigin& origin, const RowBatch& batch, size_t row);
// The same for a row of a load body, without its delimiter.
std::string DescribeBodyRow(const DeadLetterOrigin& origin, starrocks::LoadFormat format,
                            std::string_view row);

// A change that is left out.
struct ChangeLetterOrigin {
  const mapping::TableMapping* mapping;
  std::string_view operation;  // "upsert", "update" (of some columns), "delete"
  std::string_view stage;      // "encode", "target", "apply"
  std::string_view reason;
  bool skipped = false;  // at the user's word
  // Whether an older state of the row is still at the target isn't known; else it isn't.
  bool old_row_may_stay = false;
};

// The same for a change: operation instead of chunk. `plan` is one of the ChangePlan's, which the
// row lies, or was encoded, by.
std::string DescribeChangedRow(const ChangeLetterOrigin& origin, const starrocks::EncodePlan& plan,
                               const RowBatch& batch, size_t row);
std::string DescribeChangedBodyRow(const ChangeLetterOrigin& origin,
                                   const starrocks::EncodePlan& plan, starrocks::LoadFormat format,
                                   std::string_view row);
// An update or delete of a row without a key; `after` is null for a delete.
std::string DescribeEditedRow(const ChangeLetterOrigin& origin, const starrocks::EncodePlan& plan,
                              const RowBatch& before, const RowBatch* after);
// A statement that isn't carried over.
std::string DescribeStatement(const TableId& table, std::string_view reason,
                              std::string_view statement);
// The line of a change, now that its old row could not be taken away.
void SayThatOldRowMayStay(std::string& line);
// The line with the place in the log up to which the change was told.
std::string WithPosition(std::string_view line, std::string_view position);

// "id=17, name=…": the key, or the beginning of the row where there is none; for messages.
std::string BriefBatchRow(const mapping::TableMapping& mapping, const RowBatch& batch, size_t row);
std::string BriefBodyRow(const mapping::TableMapping& mapping, starrocks::LoadFormat format,
                         std::string_view row);
std::string BriefChangedBodyRow(const mapping::TableMapping& mapping,
                                const starrocks::EncodePlan& plan, starrocks::LoadFormat format,
                                std::string_view row);
std::string BriefChangedRow(const mapping::TableMapping& mapping, const starrocks::EncodePlan& plan,
                            const RowBatch& batch, size_t row);

}  // namespace starlift::load

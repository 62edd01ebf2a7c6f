#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/row_batch.h"
#include "starrocks/encode_plan.h"
#include "starrocks/load_target.h"

namespace starlift::starrocks {

// The CSV that we write: no quoting, so these bytes can't be in a value.
inline constexpr char kColumnSeparator = '\x01';
inline constexpr char kRowDelimiter = '\x02';

enum class RejectReason : uint8_t {
  kNull,            // NULL (or a date that can't be) where the target says NOT NULL
  kTooLong,         // over the column's limit
  kKeyTooLong,      // the primary key's encoded bytes are over 128
  kIllFormedText,   // not UTF-8
  kIllFormedValue,  // not what its type's cell form says: JSON, geometry, date
  kNotFinite,       // NaN or infinity
};

std::string_view RejectReasonText(RejectReason reason);

// A row that was left out of the body.
struct RowReject {
  uint32_t row = 0;     // in the batch
  uint32_t column = 0;  // in EncodePlan::columns
  RejectReason reason = RejectReason::kNull;
};

enum class EncodeEnd {
  kDone,
  kNeedsJson,  // a value that plain CSV can't carry; nothing was appended: encode the batch as JSON
};

struct EncodeCounts {
  uint64_t rows = 0;  // appended
  uint64_t truncated_cells = 0;
  uint64_t nulled_dates = 0;  // dates that can't be, now NULL
};

// Writes batches as load bodies: CSV rows, or JSON objects one after another. Bodies of several
// batches can simply be joined. One per thread; allocates nothing per row. The plan must outlive
// it.
class RowEncoder {
 public:
  explicit RowEncoder(const EncodePlan& plan);
  ~RowEncoder();
  RowEncoder(RowEncoder&&) noexcept;
  RowEncoder& operator=(RowEncoder&&) noexcept;

  // Appends the batch to `body` in this format. Rows that the target couldn't take are left out
  // and added to `rejects`. kNeedsJson is only answered to kCsv.
  EncodeEnd Encode(LoadFormat format, const RowBatch& batch, ByteArena& body,
                   std::vector<RowReject>& rejects, EncodeCounts& counts);

  // "column `name`: longer than 80 bytes".
  std::string Describe(const RowReject& reject) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::starrocks

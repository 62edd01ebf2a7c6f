#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/table.h"
#include "starrocks/target_type.h"

namespace starlift::starrocks {

// What is done to a cell on its way into a load. The cell's form is that of its TypeKind.
enum class CellRule : uint8_t {
  kNumber,     // digits: copied as they are
  kFloat,      // copied; NaN and infinities are refused, or NULL where the plan says so
  kText,       // UTF-8, at most limit_bytes
  kAscii,      // text that can't be anything but ASCII without control characters (TIME, UUID)
  kDate,       // YYYY-MM-DD; dates that can't be are impossible values
  kDateTime,   // the same with a time of day
  kTimestamp,  // kDateTime in UTC, moved by utc_offset_seconds
  kJson,       // JSON text, at most limit_bytes
  kHex,        // raw bytes as lower-case hex text (binary keys)
  kBinary,     // raw bytes as hex, turned back by to_binary at the target
  kWkt,        // SRID + WKB as well-known text
};

struct ColumnPlan {
  std::string name;           // at the target
  uint32_t source_index = 0;  // position in the batch
  TypeKind source_kind = TypeKind::kUnsupported;
  TargetType type;
  CellRule rule = CellRule::kText;
  uint32_t limit_bytes = UINT32_MAX;  // of the value as stored
  bool nullable = true;
  bool key = false;
  bool truncate = false;  // longer text is cut at a character, instead of refused
  // Values that the type can't hold (a date that can't be, NaN, infinity) become NULL, instead of
  // being refused.
  bool null_impossible = false;
  int32_t utc_offset_seconds = 0;  // kTimestamp
  // What the row's field is called in a JSON load: `name`, but a temporary one where an expression
  // makes the column from it (kBinary, kJson).
  std::string field;
};

// How rows of one source table become load bodies for one target table. Immutable once made;
// shared between threads.
struct EncodePlan {
  std::vector<ColumnPlan> columns;  // in the target's order
  // Columns of the table that rows have nothing for, and that shall be NULL whatever their default.
  std::vector<std::string> null_columns;
  // Header `columns` of CSV and of JSON loads; empty where the fields are just the table's columns.
  std::string csv_columns_header;
  std::string json_columns_header;
  // The sum of a primary key's encoded bytes is limited: StarRocks refuses the whole load else.
  bool limit_primary_key = false;
};

// Fills `field`s and the headers of a plan whose columns and null_columns are set. `all_columns`
// says that the plan covers the table's columns, all of them, in the table's order.
void FinishEncodePlan(EncodePlan& plan, bool all_columns);

}  // namespace starlift::starrocks

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "starrocks/encode_plan.h"
#include "starrocks/stored_rows.h"
#include "starrocks/target_config.h"

namespace starlift::starrocks {

// One column that holds one of these values.
struct ColumnCondition {
  std::string column;
  bool is_number = false;           // of a type whose literals stand without quotes
  std::vector<std::string> values;  // none: IS NULL

  bool operator==(const ColumnCondition&) const = default;
};

// Rows for which all of these hold: the most that a DELETE from a table without a primary key can
// say (no OR, no expressions).
using RowCondition = std::vector<ColumnCondition>;

// Columns of a table that hold what those of another row, in `table`, do. Pairwise.
struct ColumnReference {
  std::string database, table;
  std::vector<std::string> columns, referenced;
};

// "`a` IN (1, 2) AND `b` IS NULL".
std::string PrintCondition(const RowCondition& condition);

// Whether the column's values can stand in a condition of such a DELETE.
bool MayBeInCondition(const TargetType& type);

// Rows at the target by SQL: for what no load can do, to look at rows and to take them away from
// tables without a primary key. Thread-safe. No call repeats itself but those that only read.
class RowEditor {
 public:
  virtual ~RowEditor() = default;

  virtual Result<uint64_t> Count(std::string_view database, std::string_view table,
                                 const RowCondition& condition) = 0;
  // Gives the plan's columns of each row, as AppendStoredRow and AppendCanonicalValue take them. An
  // error may come after some rows.
  virtual Status Read(std::string_view database, std::string_view table, const EncodePlan& plan,
                      const RowCondition& condition,
                      const std::function<Status(StoredValues)>& take) = 0;
  // The same of rows that refer to a row of the other table that isn't there; rows with NULL in one
  // of the columns refer to none.
  virtual Status ReadOrphans(std::string_view database, std::string_view table,
                             const EncodePlan& plan, const ColumnReference& reference,
                             const std::function<Status(StoredValues)>& take) = 0;
  // kUnreachable: it may have been done, or may still be.
  virtual Status Delete(std::string_view database, std::string_view table,
                        const RowCondition& condition) = 0;
  // Whether a DELETE from the table, sent by this user earlier, may still have an effect.
  virtual Result<bool> DeleteIsRunning(std::string_view database, std::string_view table) = 0;
};

// Over the query port, with as many sessions as threads that ask at the same time.
std::unique_ptr<RowEditor> OpenRowEditor(const TargetConfig& config);

}  // namespace starlift::starrocks

#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sources/text_rows.h"

namespace starlift::hive {

// What DESCRIBE FORMATTED tells of one table, taken apart.
struct TableDescription {
  struct ColumnLine {
    std::string name;
    std::string type;  // "decimal(10,2)", "array<int>"
    std::string comment;
  };

  std::vector<ColumnLine> columns;  // without those below
  std::vector<ColumnLine> partition_columns;
  // "Owner", "Location", "Table Type", "CreateTime", "Num Buckets", "Bucket Columns", …
  std::map<std::string, std::string> details;
  // "comment", "numRows", "totalSize", "transactional", …
  std::map<std::string, std::string> parameters;
  std::vector<std::string> primary_key;  // declared, and enforced by nobody
  std::vector<std::string> not_null;

  uint64_t Number(const std::string& parameter) const;  // 0 if there is none
  std::optional<std::chrono::sys_seconds> Created() const;
  std::vector<std::string> BucketColumns() const;
};

// The rows are (name, type, comment), in sections whose heads begin with "#"; Hive 2 to 4 and Spark
// differ in blank lines and in what they repeat.
TableDescription ReadDescription(const TextRows& rows);

}  // namespace starlift::hive

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift::mysql {

// Column type codes of the log (enum_field_types), as far as servers write them.
enum class LogType : uint8_t {
  kDecimal = 0,
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kTimestamp = 7,
  kLongLong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDateTime = 12,
  kYear = 13,
  kNewDate = 14,
  kVarchar = 15,
  kBit = 16,
  kTimestamp2 = 17,
  kDateTime2 = 18,
  kTime2 = 19,
  kMariadbBlobCompressed = 140,
  kMariadbVarcharCompressed = 141,
  kVector = 242,
  kJson = 245,
  kNewDecimal = 246,
  kEnum = 247,
  kSet = 248,
  kTinyBlob = 249,
  kMediumBlob = 250,
  kLongBlob = 251,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
  kGeometry = 255,
};

struct LogColumn {
  LogType type = LogType::kTiny;  // kString is resolved: kEnum, kSet or kString
  // kVarchar, kString: most bytes. kBlob and its kin: width of the length. kBit: bits. kEnum, kSet:
  // bytes. kFloat, kDouble: bytes.
  uint32_t size = 0;
  uint8_t precision = 0;  // kNewDecimal
  uint8_t scale = 0;      // kNewDecimal; fraction digits of kTimestamp2, kDateTime2, kTime2
};

// A TABLE_MAP event: what the row events after it under its id look like.
struct TableMap {
  uint64_t table_id = 0;
  std::string database;
  std::string name;
  std::vector<LogColumn> columns;
  // Optional metadata (binlog_row_metadata). One entry per column, or empty where the log has none.
  std::vector<bool> is_unsigned;
  std::vector<std::string> names;
  // Of ENUM and SET columns, in the columns' charsets; empty where the log does not tell.
  std::vector<std::vector<std::string>> labels;
};

// What is needed to decide whether the table is wanted.
struct TableMapHead {
  uint64_t table_id = 0;
  std::string_view database;
  std::string_view name;
};

Result<TableMapHead> ReadTableMapHead(std::string_view body, bool short_ids);
Result<TableMap> ReadTableMap(std::string_view body, bool short_ids);

}  // namespace starlift::mysql

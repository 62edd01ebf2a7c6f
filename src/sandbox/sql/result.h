#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// What a statement gives back, before it is encoded for the wire. Plain data.
namespace starlift::sandbox::sql {

// MySQL protocol column types ("Protocol::ColumnDefinition"), those that StarRocks sends.
enum class MysqlType : uint8_t {
  kDecimal = 0,
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kNull = 6,
  kTimestamp = 7,
  kLongLong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDateTime = 12,
  kVarchar = 15,
  kJson = 245,
  kNewDecimal = 246,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
};

inline constexpr uint16_t kCharsetUtf8 = 33;
inline constexpr uint16_t kCharsetBinary = 63;

struct ResultColumn {
  std::string name;
  MysqlType type = MysqlType::kVarString;
  uint32_t length = 255;
  uint8_t decimals = 0;
  uint16_t charset = kCharsetUtf8;
  uint16_t flags = 0;
};

// nullopt is SQL NULL. Cells are texts as the text protocol sends them (VARBINARY: raw bytes).
using ResultRow = std::vector<std::optional<std::string>>;

struct StatementResult {
  // True: `columns` and `rows` are sent as a result set (also with no rows). False: an OK packet.
  bool has_rows = false;
  std::vector<ResultColumn> columns;
  std::vector<ResultRow> rows;

  uint64_t affected = 0;
  std::string info;
  uint16_t warnings = 0;

  static StatementResult Ok() { return {}; }
  static StatementResult Rows(std::vector<ResultColumn> columns, std::vector<ResultRow> rows = {}) {
    StatementResult result;
    result.has_rows = true;
    result.columns = std::move(columns);
    result.rows = std::move(rows);
    return result;
  }
};

// Columns of a SHOW-like result: VARCHAR of the lengths that the real one announces.
inline constexpr uint32_t kShortText = 60;
inline constexpr uint32_t kLongText = 90;
std::vector<ResultColumn> TextColumns(std::initializer_list<const char*> names,
                                      uint32_t length = kShortText);
struct SizedName {
  const char* name;
  uint32_t length;
};
std::vector<ResultColumn> SizedTextColumns(std::initializer_list<SizedName> names);

}  // namespace starlift::sandbox::sql

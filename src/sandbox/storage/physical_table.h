#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/catalog/table_def.h"

namespace starlift::sandbox {

// How a StarRocks table lies in DuckDB: table `t_<table id>` with columns `c<column id>`, without
// DuckDB keys, defaults or NOT NULL. Names are by id so that RENAME and SWAP touch no data. Key
// models, defaults and checks are the loader's work (merge.h), not DuckDB's.
//
// StarRocks type      DuckDB type
//   BOOLEAN             BOOLEAN
//   TINYINT … BIGINT    TINYINT … BIGINT
//   LARGEINT            HUGEINT
//   FLOAT, DOUBLE       FLOAT, DOUBLE
//   DECIMAL(p,s)        DECIMAL(p,s)
//   DATE, DATETIME      DATE, TIMESTAMP
//   CHAR, VARCHAR       VARCHAR
//   VARBINARY           BLOB
//   JSON                JSON (text, minified as loaded)
//   ARRAY<T>            T[]
//   MAP<K,V>            MAP(K,V)
//   STRUCT<a T,…>       STRUCT("a" T,…)
//   BITMAP              UBIGINT[] (sorted, distinct)
//   HLL, PERCENTILE     VARCHAR[] (distinct hash texts), DOUBLE[]
struct PhysicalColumn {
  int64_t id = 0;
  // DuckDB type, as in the table above.
  std::string type;
};

std::string PhysicalTableName(int64_t table_id);    // "t_10042"
std::string PhysicalColumnName(int64_t column_id);  // "c3"

// The DuckDB type of a StarRocks type, as in the table above. Types that only expressions have: a
// bare NULL is INTEGER, TIME is DOUBLE (seconds).
std::string PhysicalType(const catalog::DataType& type);
PhysicalColumn PhysicalColumnOf(const catalog::ColumnDef& column);
// "CAST('7' AS INTEGER)": a constant of the type from its StarRocks text.
std::string LiteralSql(const catalog::DataType& type, std::string_view text);
// What a row gets that does not bring the column: its DEFAULT as a DuckDB expression of the
// physical type, "NULL" where there is none. `time_zone` (a name or an offset) is for
// CURRENT_TIMESTAMP.
std::string DefaultSql(const catalog::ColumnDef& column, std::string_view time_zone = "UTC");

// A DuckDB identifier ("a""b") and a DuckDB string literal ('it''s').
std::string QuoteIdentifier(std::string_view name);
std::string QuoteLiteral(std::string_view text);

}  // namespace starlift::sandbox

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::sql {
namespace {

// Reserved words of release 3.5, sorted.
constexpr auto kReserved = std::to_array<std::string_view>({
    "ADD",          "ALL",
    "ALTER",        "ANALYZE",
    "AND",          "ARRAY",
    "AS",           "ASC",
    "BETWEEN",      "BIGINT",
    "BITMAP",       "BOTH",
    "BY",           "CASE",
    "CHAR",         "CHARACTER",
    "CHECK",        "COLLATE",
    "COLUMN",       "COMPACTION",
    "CONVERT",      "CREATE",
    "CROSS",        "CUBE",
    "CURRENT_DATE", "CURRENT_ROLE",
    "CURRENT_TIME", "CURRENT_TIMESTAMP",
    "CURRENT_USER", "DATABASE",
    "DATABASES",    "DECIMAL",
    "DECIMAL128",   "DECIMAL32",
    "DECIMAL64",    "DECIMALV2",
    "DEFAULT",      "DEFERRED",
    "DELETE",       "DENSE_RANK",
    "DESC",         "DESCRIBE",
    "DISTINCT",     "DOUBLE",
    "DROP",         "DUAL",
    "ELSE",         "EXCEPT",
    "EXISTS",       "EXPLAIN",
    "FALSE",        "FIRST_VALUE",
    "FLOAT",        "FOR",
    "FORCE",        "FROM",
    "FULL",         "FUNCTION",
    "GRANT",        "GROUP",
    "GROUPING",     "GROUPING_ID",
    "GROUPS",       "HAVING",
    "HLL",          "IF",
    "IGNORE",       "IMMEDIATE",
    "IN",           "INDEX",
    "INFILE",       "INNER",
    "INSERT",       "INT",
    "INTEGER",      "INTERSECT",
    "INTO",         "IS",
    "JOIN",         "JSON",
    "KEY",          "KEYS",
    "KILL",         "LAG",
    "LARGEINT",     "LAST_VALUE",
    "LATERAL",      "LEAD",
    "LEFT",         "LIKE",
    "LIMIT",        "LOAD",
    "LOCALTIME",    "LOCALTIMESTAMP",
    "MAXVALUE",     "MINUS",
    "MOD",          "NOT",
    "NTILE",        "NULL",
    "ON",           "OR",
    "ORDER",        "OUTER",
    "OUTFILE",      "OVER",
    "PARTITION",    "PERCENTILE",
    "PRIMARY",      "PROCEDURE",
    "QUALIFY",      "RANGE",
    "READ",         "REGEXP",
    "RELEASE",      "RENAME",
    "REPLACE",      "REVOKE",
    "RIGHT",        "RLIKE",
    "ROWS",         "ROW_NUMBER",
    "SCHEMA",       "SCHEMAS",
    "SELECT",       "SET",
    "SET_VAR",      "SHOW",
    "SMALLINT",     "SYSTEM",
    "TABLE",        "TERMINATED",
    "TEXT",         "THEN",
    "TINYINT",      "TO",
    "TRUE",         "UNION",
    "UNIQUE",       "UNSIGNED",
    "UPDATE",       "USE",
    "USING",        "VALUES",
    "VARCHAR",      "WHEN",
    "WHERE",        "WITH",
});
static_assert(std::is_sorted(kReserved.begin(), kReserved.end()));

}  // namespace

bool IsReservedWord(std::string_view word) {
  std::string upper(word);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::binary_search(kReserved.begin(), kReserved.end(), std::string_view(upper));
}

}  // namespace starlift::sandbox::sql

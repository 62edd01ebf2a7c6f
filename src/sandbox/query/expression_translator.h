#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/storage/storage.h"

// StarRocks scalar expressions as DuckDB SQL: for Stream Load's `columns` and `where`, generated
// columns, defaults and partition expressions.
namespace starlift::sandbox::query {

// A column that an expression may name (names are compared without case) and the DuckDB expression
// that stands for it, e.g. `"c3"` or `s."tmp_a"`.
struct SourceColumn {
  std::string name;
  catalog::DataType type;
  std::string sql;
};

struct TranslatedExpression {
  std::string sql;  // DuckDB
  catalog::DataType type;
  std::vector<std::string> columns;  // the columns it names, each once, as declared
};

// One scalar expression, e.g. "str_to_date(x, '%Y')". Errors are SQL errors in StarRocks' words
// (sandbox/sql/error.h): syntax, unknown column or function, wrong argument types, aggregates.
// Values that cannot be computed give NULL at run time, as StarRocks' backends do.
// `time_zone` (a name or an offset) is what now() and its kin answer in.
Result<TranslatedExpression> TranslateExpression(std::string_view text,
                                                 const std::vector<SourceColumn>& columns,
                                                 std::string_view time_zone = "UTC");

// "a, b, tmp, c = tmp + 1": a list of names and assignments, as in Stream Load's `columns` header.
struct ColumnAssignment {
  std::string name;
  std::string expression;  // as written; empty for a plain name
};
Result<std::vector<ColumnAssignment>> ParseColumnList(std::string_view text);

// `sql` of type `from` converted as StarRocks casts: what does not fit becomes NULL, no error.
std::string CastSql(const std::string& sql, const catalog::DataType& from,
                    const catalog::DataType& to);

// Adds the functions that DuckDB lacks (murmur_hash3_32, xx_hash3_64, …) to the database. Once,
// after Storage::Open and before any statement.
Status RegisterFunctions(Storage& storage);

}  // namespace starlift::sandbox::query

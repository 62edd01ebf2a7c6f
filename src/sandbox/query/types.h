#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sandbox/catalog/table_def.h"
#include "sandbox/query/expression_translator.h"

// How StarRocks types combine in expressions. CastSql is declared in expression_translator.h, the
// DuckDB names of types in storage/physical_table.h.
namespace starlift::sandbox::query {

// The type that both sides of a comparison, or all branches of CASE, are converted to.
catalog::DataType CommonType(const catalog::DataType& a, const catalog::DataType& b);

// What both sides of = or < are compared as: as CommonType, but text against numbers is a number.
catalog::DataType ComparisonType(const catalog::DataType& a, const catalog::DataType& b);

// Result type of + - * / % DIV & | ^ on two operand types.
catalog::DataType ArithmeticType(std::string_view op, const catalog::DataType& a,
                                 const catalog::DataType& b);

// The smallest integer type that holds the literal (sign and digits).
catalog::DataType IntegerLiteralType(std::string_view digits);
catalog::DataType DecimalLiteralType(std::string_view text);

// Whether a value of the type may be converted to the other at all.
bool CanCast(const catalog::DataType& from, const catalog::DataType& to);

// An exact decimal for avg and division: scale grows, precision is 38.
catalog::DataType DivisionDecimal(const catalog::DataType& type);

}  // namespace starlift::sandbox::query

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "data/table.h"

namespace starlift::postgres {

// A row of pg_type. Extensions' types have other OIDs in every database: go by name.
struct NativeType {
  std::string name;    // typname: "int4", "_text", "mood"
  std::string schema;  // "pg_catalog" for the built-in ones
  char type = 'b';     // typtype: b base, c composite, d domain, e enum, r range, m multirange
  uint32_t base = 0;   // of a domain
  int32_t base_modifier = -1;
  bool not_null = false;  // of a domain
  uint32_t element = 0;   // typelem
  bool is_array = false;
  uint64_t longest_label = 0;  // of an enum, in characters
};

using NativeTypes = std::map<uint32_t, NativeType>;

// A column's type with its domains taken off.
struct ResolvedType {
  uint32_t oid = 0;
  int32_t modifier = -1;
  bool not_null = false;  // by one of the domains
  const NativeType* native = nullptr;
};

// One row of pg_attribute.
struct ColumnRow {
  std::string name;
  uint32_t type = 0;
  int32_t modifier = -1;
  std::string native_type;  // format_type() of the type without its domains
  bool not_null = false;
  std::optional<std::string> default_expression;  // pg_get_expr()
  bool identity = false;
  bool generated = false;
  std::string collation;
  std::string comment;
};

ResolvedType Resolve(const NativeTypes& types, uint32_t oid, int32_t modifier);

// `money_scale`: fraction digits of money, by the server's lc_monetary.
Type TypeOf(const ResolvedType& resolved, uint8_t money_scale);

Column ColumnOf(const ColumnRow& row, const NativeTypes& types, uint8_t money_scale);

}  // namespace starlift::postgres

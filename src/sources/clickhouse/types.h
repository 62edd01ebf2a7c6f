#pragma once

#include <string>

#include "data/table.h"

namespace starlift::clickhouse {

// One row of system.columns.
struct ColumnRow {
  std::string name;
  std::string type;          // "LowCardinality(Nullable(String))"
  std::string default_kind;  // "", "DEFAULT", "MATERIALIZED", "ALIAS", "EPHEMERAL"
  std::string default_expression;
  std::string comment;
};

// kUnsupported for AggregateFunction, whose bytes are a state and no value, and for what is
// unknown.
Type TypeOf(std::string_view type);

Column ColumnOf(const ColumnRow& row);

}  // namespace starlift::clickhouse

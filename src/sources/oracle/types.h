#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/table.h"

namespace starlift::oracle {

// One row of ALL_TAB_COLS.
struct ColumnRow {
  std::string name;
  std::string type;         // "NUMBER", "TIMESTAMP(6) WITH TIME ZONE"
  int64_t data_length = 0;  // bytes
  int64_t char_length = 0;  // characters
  std::optional<int64_t> precision;
  std::optional<int64_t> scale;
  bool nullable = true;
  std::optional<std::string> default_text;  // as it was written, blanks and all
  std::string comment;
  bool is_virtual = false;
  bool identity = false;
};

Type TypeOf(const ColumnRow& row);

// "NUMBER(10,2)", "NUMBER(*,0)", "NUMBER", "VARCHAR2(20)", "FLOAT(126)", "TIMESTAMP(6)"
std::string NativeType(const ColumnRow& row);

Column ColumnOf(const ColumnRow& row);

}  // namespace starlift::oracle

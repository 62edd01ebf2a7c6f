#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/table.h"

namespace starlift::mysql {

// One row of information_schema.COLUMNS, as the server gave it.
struct ColumnRow {
  std::string name;
  std::string data_type;    // "bigint"
  std::string column_type;  // "bigint(20) unsigned"
  std::optional<std::string> default_text;
  bool nullable = true;
  uint64_t character_length = 0;
  uint64_t octet_length = 0;
  uint64_t numeric_precision = 0;
  uint64_t numeric_scale = 0;
  uint64_t datetime_precision = 0;
  std::string charset;
  std::string collation;
  std::string extra;  // "auto_increment", "VIRTUAL GENERATED", …
  std::string comment;
  bool json_checked = false;  // MariaDB: CHECK (json_valid(`column`))
};

// The source-neutral type; kUnsupported for those that are not known here (TYPES.md lists all).
Type TypeOf(const ColumnRow& row);

// `mariadb_defaults`: MariaDB from 10.2.7 prints COLUMN_DEFAULT as SQL text, all others print
// literals bare.
Column ColumnOf(const ColumnRow& row, bool mariadb_defaults);

// The display form changes the text of the value: ZEROFILL, and FLOAT or DOUBLE with (M,D).
bool HasDisplayForm(std::string_view native_type);

// How many labels "enum('a','it''s')" has.
size_t CountLabels(std::string_view native_type);

}  // namespace starlift::mysql

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace starlift::sandbox::load {

// One value of a row as the body's parser found it. The bytes belong to the parser and live until
// its next row.
struct Field {
  enum class Kind : uint8_t {
    kText,     // the value's text: CSV bytes, a JSON string's content, a JSON number's token
    kNull,     // \N, JSON null
    kMissing,  // JSON: no such key; counts as NULL
    kJson,     // JSON text: an object or array, or any value for a JSON column
  };
  std::string_view text;
  Kind kind = Kind::kText;

  bool is_null() const { return kind == Kind::kNull || kind == Kind::kMissing; }
};

struct ParsedRow {
  std::vector<Field> fields;
  // The row as it stood in the body, for the error log.
  std::string_view text;
  // Not empty: the row can't be taken apart, and why.
  std::string_view defect;
};

}  // namespace starlift::sandbox::load

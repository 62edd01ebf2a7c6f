#include "sandbox/load/column_writer.h"

#include <algorithm>
#include <limits>

#include <simdjson.h>

#include "duckdb.h"
#include "sandbox/load/value_parser.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::load {
namespace {

using catalog::TypeKind;
using Outcome = ColumnWriter::Outcome;

bool StagedAsText(TypeKind kind) {
  return kind == TypeKind::kJson || IsComplex(kind) || IsAggregateState(kind);
}

// Minified into `into`; false if it isn't one JSON value.
bool MinifyJson(std::string_view text, std::string& into) {
  thread_local simdjson::dom::parser parser;
  if (parser.parse(text.data(), text.size()).error() != simdjson::SUCCESS) return false;
  into.resize(text.size());
  size_t length = 0;
  if (simdjson::minify(text.data(), text.size(), into.data(), length) != simdjson::SUCCESS) {
    return false;
  }
  into.resize(length);
  return true;
}

bool HasMap(const catalog::DataType& type) {
  return type.kind == TypeKind::kMap ||
         std::any_of(type.children.begin(), type.children.end(), HasMap);
}

// A map as CSV bodies write it, {1:"a",2:"b"}, as JSON: bare keys get quotes.
std::string QuoteMapKeys(std::string_view text) {
  std::string quoted;
  std::string open;  // the brackets around the current place
  bool in_string = false;
  bool key_follows = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      quoted.push_back(c);
      if (c == '\\' && i + 1 < text.size()) quoted.push_back(text[++i]);
      in_string = c != '"';
      continue;
    }
    if (key_follows && c != ' ' && c != '"' && c != '}') {
      const size_t end = std::min(text.find(':', i), text.size());
      quoted += '"' + std::string(text.substr(i, end - i)) + '"';
      key_follows = false;
      i = end - 1;
      continue;
    }
    if (c != ' ') key_follows = false;
    if (c == '{' || c == '[') open.push_back(c);
    if ((c == '}' || c == ']') && !open.empty()) open.pop_back();
    if (c == '{' || (c == ',' && open.ends_with('{'))) key_follows = true;
    in_string = c == '"';
    quoted.push_back(c);
  }
  return quoted;
}

}  // namespace

ColumnWriter::ColumnWriter(const catalog::DataType& type)
    : type_(type), staged_type_(PhysicalType(type)) {
  if (StagedAsText(type.kind)) {
    needs_cast_ = true;
    staged_type_ = "VARCHAR";
  }
}

void ColumnWriter::Attach(_duckdb_vector* vector) {
  vector_ = vector;
  cells_ = duckdb_vector_get_data(vector);
  duckdb_vector_ensure_validity_writable(vector);
  validity_ = duckdb_vector_get_validity(vector);
}

void ColumnWriter::WriteNull(uint64_t row) { duckdb_validity_set_row_invalid(validity_, row); }

template <typename T>
Outcome ColumnWriter::Store(uint64_t row, T value) {
  static_cast<T*>(cells_)[row] = value;
  return Outcome::kWritten;
}

void ColumnWriter::Assign(uint64_t row, std::string_view bytes) {
  duckdb_vector_assign_string_element_len(vector_, row, bytes.data(), bytes.size());
}

Outcome ColumnWriter::Write(uint64_t row, const Field& field) {
  duckdb_validity_set_row_valid(validity_, row);
  if (StagedAsText(type_.kind)) return WriteJson(row, field);
  return WriteText(row, field.text);
}

Outcome ColumnWriter::WriteJson(uint64_t row, const Field& field) {
  if (IsAggregateState(type_.kind)) return Outcome::kInvalid;  // only through expressions
  const bool is_json = MinifyJson(field.text, scratch_);
  if (!is_json && !(HasMap(type_) && MinifyJson(QuoteMapKeys(field.text), scratch_))) {
    return Outcome::kInvalid;
  }
  Assign(row, scratch_);
  return Outcome::kWritten;
}

Outcome ColumnWriter::WriteDecimal(uint64_t row, std::string_view text) {
  const std::optional<Int128> value = ParseDecimal(text, type_.precision, type_.scale);
  if (!value) return Outcome::kInvalid;
  // DuckDB stores a decimal in the narrowest integer that holds its precision.
  if (type_.precision <= 4) return Store(row, static_cast<int16_t>(*value));
  if (type_.precision <= 9) return Store(row, static_cast<int32_t>(*value));
  if (type_.precision <= 18) return Store(row, static_cast<int64_t>(*value));
  return Store(row,
               duckdb_hugeint{static_cast<uint64_t>(*value), static_cast<int64_t>(*value >> 64)});
}

Outcome ColumnWriter::WriteText(uint64_t row, std::string_view text) {
  const auto integer = [&]<typename T>(T) {
    const std::optional<int64_t> value =
        ParseInteger(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    return value ? Store(row, static_cast<T>(*value)) : Outcome::kInvalid;
  };
  const auto parsed = [&](const auto& value) {
    return value ? Store(row, *value) : Outcome::kInvalid;
  };
  switch (type_.kind) {
    case TypeKind::kBoolean:
      return parsed(ParseBoolean(text));
    case TypeKind::kTinyInt:
      return integer(int8_t{});
    case TypeKind::kSmallInt:
      return integer(int16_t{});
    case TypeKind::kInt:
      return integer(int32_t{});
    case TypeKind::kBigInt:
      return integer(int64_t{});
    case TypeKind::kLargeInt: {
      const std::optional<Int128> value = ParseLargeInt(text);
      if (!value) return Outcome::kInvalid;
      return Store(
          row, duckdb_hugeint{static_cast<uint64_t>(*value), static_cast<int64_t>(*value >> 64)});
    }
    case TypeKind::kFloat:
      return parsed(ParseFloat(text));
    case TypeKind::kDouble:
      return parsed(ParseDouble(text));
    case TypeKind::kDecimal:
      return WriteDecimal(row, text);
    case TypeKind::kDate:
      return parsed(ParseDate(text));
    case TypeKind::kDateTime:
      return parsed(ParseDateTime(text));
    case TypeKind::kVarbinary: {
      scratch_ = ParseBinary(text);
      if (type_.length >= 0 && scratch_.size() > static_cast<size_t>(type_.length)) {
        return Outcome::kTooLong;
      }
      Assign(row, scratch_);
      return Outcome::kWritten;
    }
    case TypeKind::kChar:
      while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
      [[fallthrough]];
    default:
      if (text.size() > static_cast<size_t>(type_.length)) return Outcome::kTooLong;
      Assign(row, text);
      return Outcome::kWritten;
  }
}

}  // namespace starlift::sandbox::load

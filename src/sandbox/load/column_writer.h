#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sandbox/catalog/data_type.h"
#include "sandbox/load/field.h"

struct _duckdb_vector;  // NOLINT(bugprone-reserved-identifier): DuckDB's own

namespace starlift::sandbox::load {

// Turns the values of one column into the cells of a DuckDB vector, by the rules for StarRocks'
// load bodies. A cell that is written twice keeps the last value, so a rejected row costs nothing.
// Single-threaded.
class ColumnWriter {
 public:
  enum class Outcome : uint8_t {
    kWritten,
    kInvalid,  // not a value of the type
    kTooLong,  // more bytes than CHAR(n), VARCHAR(n), VARBINARY(n) take
  };

  explicit ColumnWriter(const catalog::DataType& type);

  // DuckDB type of the vector that this column is staged in: the physical one, except that what
  // DuckDB itself has to take apart (ARRAY, MAP, STRUCT, …) is staged as VARCHAR.
  const std::string& staged_type() const { return staged_type_; }
  // Whether the staged value still has to be cast to the physical type.
  bool needs_cast() const { return needs_cast_; }

  // For each chunk: where to write. The vector has room for every row that is written.
  void Attach(_duckdb_vector* vector);

  Outcome Write(uint64_t row, const Field& field);
  void WriteNull(uint64_t row);

 private:
  Outcome WriteText(uint64_t row, std::string_view text);
  Outcome WriteDecimal(uint64_t row, std::string_view text);
  Outcome WriteJson(uint64_t row, const Field& field);
  void Assign(uint64_t row, std::string_view bytes);
  template <typename T>
  Outcome Store(uint64_t row, T value);

  const catalog::DataType type_;
  std::string staged_type_;
  bool needs_cast_ = false;
  _duckdb_vector* vector_ = nullptr;
  void* cells_ = nullptr;
  uint64_t* validity_ = nullptr;
  std::string scratch_;
};

}  // namespace starlift::sandbox::load

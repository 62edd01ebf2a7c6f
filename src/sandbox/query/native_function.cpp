#include "sandbox/query/native_function.h"

#include <utility>

#include "duckdb.h"
#include "sandbox/query/expression_translator.h"

namespace starlift::sandbox::query {
namespace {

duckdb_type TypeId(NativeType type) {
  switch (type) {
    case NativeType::kText:
      return DUCKDB_TYPE_VARCHAR;
    case NativeType::kBytes:
      return DUCKDB_TYPE_BLOB;
    case NativeType::kInteger:
      return DUCKDB_TYPE_INTEGER;
    case NativeType::kBigInt:
      return DUCKDB_TYPE_BIGINT;
    case NativeType::kHugeInt:
      return DUCKDB_TYPE_HUGEINT;
    case NativeType::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case NativeType::kFloat:
      return DUCKDB_TYPE_FLOAT;
    case NativeType::kTimestamp:
      return DUCKDB_TYPE_TIMESTAMP;
    case NativeType::kBoolean:
      return DUCKDB_TYPE_BOOLEAN;
  }
  return DUCKDB_TYPE_VARCHAR;
}

// In place: a value made anew for each row would cost more than many a function.
void ReadValue(void* data, NativeType type, idx_t row, NativeValue& value) {
  switch (type) {
    case NativeType::kText:
    case NativeType::kBytes: {
      auto* text = static_cast<duckdb_string_t*>(data) + row;
      value.text = std::string_view(duckdb_string_t_data(text), duckdb_string_t_length(*text));
      break;
    }
    case NativeType::kInteger:
      value.integer = static_cast<int32_t*>(data)[row];
      break;
    case NativeType::kBigInt:
      value.integer = static_cast<int64_t*>(data)[row];
      break;
    case NativeType::kTimestamp:
      value.integer = static_cast<duckdb_timestamp*>(data)[row].micros;
      break;
    case NativeType::kHugeInt: {
      const duckdb_hugeint& huge = static_cast<duckdb_hugeint*>(data)[row];
      value.huge = (static_cast<Int128>(huge.upper) << 64) | huge.lower;
      break;
    }
    case NativeType::kDouble:
      value.real = static_cast<double*>(data)[row];
      break;
    case NativeType::kFloat:
      value.real = static_cast<float*>(data)[row];
      break;
    case NativeType::kBoolean:
      value.integer = static_cast<bool*>(data)[row] ? 1 : 0;
      break;
  }
}

void WriteValue(duckdb_vector output, NativeType type, idx_t row, const NativeValue& value) {
  void* data = duckdb_vector_get_data(output);
  switch (type) {
    case NativeType::kText:
    case NativeType::kBytes:
      duckdb_vector_assign_string_element_len(output, row, value.bytes.data(), value.bytes.size());
      break;
    case NativeType::kInteger:
      static_cast<int32_t*>(data)[row] = static_cast<int32_t>(value.integer);
      break;
    case NativeType::kBigInt:
      static_cast<int64_t*>(data)[row] = value.integer;
      break;
    case NativeType::kTimestamp:
      static_cast<duckdb_timestamp*>(data)[row].micros = value.integer;
      break;
    case NativeType::kHugeInt: {
      auto& huge = static_cast<duckdb_hugeint*>(data)[row];
      huge.lower = static_cast<uint64_t>(value.huge);
      huge.upper = static_cast<int64_t>(value.huge >> 64);
      break;
    }
    case NativeType::kDouble:
      static_cast<double*>(data)[row] = value.real;
      break;
    case NativeType::kFloat:
      static_cast<float*>(data)[row] = static_cast<float>(value.real);
      break;
    case NativeType::kBoolean:
      static_cast<bool*>(data)[row] = value.integer != 0;
      break;
  }
}

void Run(duckdb_function_info call, duckdb_data_chunk input, duckdb_vector output) {
  const auto* function =
      static_cast<const NativeFunction*>(duckdb_scalar_function_get_extra_info(call));
  const idx_t rows = duckdb_data_chunk_get_size(input);
  const idx_t columns = duckdb_data_chunk_get_column_count(input);
  std::vector<void*> data(columns);
  std::vector<uint64_t*> validity(columns);
  for (idx_t c = 0; c < columns; ++c) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, c);
    data[c] = duckdb_vector_get_data(vector);
    validity[c] = duckdb_vector_get_validity(vector);
  }
  duckdb_vector_ensure_validity_writable(output);
  uint64_t* output_validity = duckdb_vector_get_validity(output);
  std::vector<NativeValue> arguments(columns);
  NativeValue result;
  for (idx_t row = 0; row < rows; ++row) {
    bool valid = true;
    for (idx_t c = 0; c < columns && valid; ++c) {
      valid = validity[c] == nullptr || duckdb_validity_row_is_valid(validity[c], row);
      if (valid) {
        ReadValue(data[c], function->variadic ? NativeType::kText : function->arguments[c], row,
                  arguments[c]);
      }
    }
    result.bytes.clear();
    result.huge = 0;
    result.integer = 0;
    result.real = 0;
    if (valid && function->body(arguments, &result)) {
      WriteValue(output, function->result, row, result);
    } else {
      duckdb_validity_set_row_invalid(output_validity, row);
    }
  }
}

class LogicalType {
 public:
  explicit LogicalType(NativeType type) : type_(duckdb_create_logical_type(TypeId(type))) {}
  ~LogicalType() { duckdb_destroy_logical_type(&type_); }
  LogicalType(const LogicalType&) = delete;
  LogicalType& operator=(const LogicalType&) = delete;
  duckdb_logical_type get() const { return type_; }

 private:
  duckdb_logical_type type_;
};

}  // namespace

Status RegisterNative(_duckdb_connection* connection, const NativeFunction& definition) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(function, definition.name);
  if (definition.variadic) {
    duckdb_scalar_function_set_varargs(function, LogicalType(NativeType::kText).get());
  } else {
    for (const NativeType type : definition.arguments) {
      duckdb_scalar_function_add_parameter(function, LogicalType(type).get());
    }
  }
  duckdb_scalar_function_set_return_type(function, LogicalType(definition.result).get());
  duckdb_scalar_function_set_extra_info(function, new NativeFunction(definition), [](void* extra) {
    delete static_cast<NativeFunction*>(extra);
  });
  duckdb_scalar_function_set_function(function, Run);
  const duckdb_state state = duckdb_register_scalar_function(connection, function);
  duckdb_destroy_scalar_function(&function);
  if (state == DuckDBSuccess) return {};
  return Error{ErrorKind::kInternal,
               std::string("DuckDB does not take the function ") + definition.name};
}

Status RegisterFunctions(Storage& storage) {
  SL_ASSIGN(Connection connection, storage.Connect());
  for (auto make : {HashFunctions, TextFunctions, MomentFunctions, JsonFunctions}) {
    for (const NativeFunction& function : make())
      SL_TRY(RegisterNative(connection.native(), function));
  }
  return {};
}

}  // namespace starlift::sandbox::query

#include "sandbox/query/row_encoder.h"

#include <cstring>

#include "duckdb.h"
#include "sandbox/query/value_text.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

std::string JsonQuoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string DecimalText(Int128 value, int scale) {
  std::string digits = HugeText(value < 0 ? -value : value);
  if (scale > 0) {
    const auto places = static_cast<size_t>(scale);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, 1, '.');
  }
  return value < 0 ? "-" + digits : digits;
}

Int128 Huge(const duckdb_hugeint& value) {
  return (static_cast<Int128>(value.upper) << 64) | value.lower;
}

// One column of a chunk, or the elements of a list in it.
class ColumnReader {
 public:
  ColumnReader(duckdb_vector vector, const DataType& type) : type_(type) {
    data_ = duckdb_vector_get_data(vector);
    validity_ = duckdb_vector_get_validity(vector);
    duckdb_logical_type logical = duckdb_vector_get_column_type(vector);
    id_ = duckdb_get_type_id(logical);
    if (id_ == DUCKDB_TYPE_DECIMAL) {
      scale_ = duckdb_decimal_scale(logical);
      decimal_id_ = duckdb_decimal_internal_type(logical);
    }
    duckdb_destroy_logical_type(&logical);
    if (id_ == DUCKDB_TYPE_LIST || id_ == DUCKDB_TYPE_MAP) {
      duckdb_vector child = duckdb_list_vector_get_child(vector);
      if (id_ == DUCKDB_TYPE_MAP) {
        for (idx_t i = 0; i < 2; ++i) {
          children_.emplace_back(duckdb_struct_vector_get_child(child, i), ChildType(i));
        }
      } else {
        children_.emplace_back(child, ChildType(0));
      }
    } else if (id_ == DUCKDB_TYPE_STRUCT) {
      for (idx_t i = 0; i < type.children.size(); ++i) {
        children_.emplace_back(duckdb_struct_vector_get_child(vector, i), ChildType(i));
      }
    }
  }

  bool IsNull(idx_t row) const {
    return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row);
  }

  // Inside arrays, maps and structs texts stand in double quotes.
  void Append(idx_t row, bool nested, std::string* out) const {
    switch (id_) {
      case DUCKDB_TYPE_BOOLEAN:
        *out += At<bool>(row) ? "1" : "0";
        return;
      case DUCKDB_TYPE_TINYINT:
        return AppendInteger(At<int8_t>(row), out);
      case DUCKDB_TYPE_SMALLINT:
        return AppendInteger(At<int16_t>(row), out);
      case DUCKDB_TYPE_INTEGER:
        return AppendInteger(At<int32_t>(row), out);
      case DUCKDB_TYPE_BIGINT:
        return AppendInteger(At<int64_t>(row), out);
      case DUCKDB_TYPE_UBIGINT:
        *out += std::to_string(At<uint64_t>(row));
        return;
      case DUCKDB_TYPE_HUGEINT:
        *out += HugeText(Huge(At<duckdb_hugeint>(row)));
        return;
      case DUCKDB_TYPE_FLOAT:
        *out += FloatText(At<float>(row));
        return;
      case DUCKDB_TYPE_DOUBLE:
        *out +=
            type_.kind == TypeKind::kTime ? TimeText(At<double>(row)) : DoubleText(At<double>(row));
        return;
      case DUCKDB_TYPE_DECIMAL:
        return AppendDecimal(row, out);
      case DUCKDB_TYPE_DATE:
        return AppendQuoted(DateText(At<duckdb_date>(row).days), nested, out);
      case DUCKDB_TYPE_TIMESTAMP:
      case DUCKDB_TYPE_TIMESTAMP_TZ:
        return AppendQuoted(DateTimeText(At<duckdb_timestamp>(row).micros), nested, out);
      case DUCKDB_TYPE_VARCHAR:
      case DUCKDB_TYPE_BLOB:
        return AppendText(row, nested, out);
      case DUCKDB_TYPE_LIST:
      case DUCKDB_TYPE_MAP:
        return AppendList(row, out);
      case DUCKDB_TYPE_STRUCT:
        return AppendStruct(row, out);
      default:
        *out += "?";
    }
  }

 private:
  template <typename T>
  const T& At(idx_t row) const {
    return static_cast<const T*>(data_)[row];
  }

  const DataType& ChildType(size_t i) const {
    static const DataType kText = DataType::Varchar(catalog::kStringLength);
    return i < type_.children.size() ? type_.children[i] : kText;
  }

  static void AppendInteger(int64_t value, std::string* out) { *out += std::to_string(value); }

  static void AppendQuoted(const std::string& text, bool nested, std::string* out) {
    *out += nested ? "\"" + text + "\"" : text;
  }

  void AppendDecimal(idx_t row, std::string* out) const {
    Int128 value = 0;
    switch (decimal_id_) {
      case DUCKDB_TYPE_SMALLINT:
        value = At<int16_t>(row);
        break;
      case DUCKDB_TYPE_INTEGER:
        value = At<int32_t>(row);
        break;
      case DUCKDB_TYPE_BIGINT:
        value = At<int64_t>(row);
        break;
      default:
        value = Huge(At<duckdb_hugeint>(row));
    }
    *out += DecimalText(value, scale_);
  }

  void AppendText(idx_t row, bool nested, std::string* out) const {
    duckdb_string_t text = At<duckdb_string_t>(row);
    const std::string_view view(duckdb_string_t_data(&text), duckdb_string_t_length(text));
    if (type_.kind == TypeKind::kJson) {
      *out += nested ? "'" + JsonText(view) + "'" : JsonText(view);
    } else if (nested) {
      *out += JsonQuoted(view);
    } else {
      *out += view;
    }
  }

  void AppendChild(size_t child, idx_t row, std::string* out) const {
    if (children_[child].IsNull(row)) {
      *out += "null";
    } else {
      children_[child].Append(row, true, out);
    }
  }

  void AppendList(idx_t row, std::string* out) const {
    const auto& entry = At<duckdb_list_entry>(row);
    const bool map = id_ == DUCKDB_TYPE_MAP;
    *out += map ? '{' : '[';
    for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (i > entry.offset) *out += ',';
      AppendChild(0, i, out);
      if (!map) continue;
      *out += ':';
      AppendChild(1, i, out);
    }
    *out += map ? '}' : ']';
  }

  void AppendStruct(idx_t row, std::string* out) const {
    *out += '{';
    for (size_t i = 0; i < children_.size(); ++i) {
      if (i > 0) *out += ',';
      *out += JsonQuoted(type_.field_names[i]) + ":";
      AppendChild(i, row, out);
    }
    *out += '}';
  }

  const DataType& type_;
  void* data_ = nullptr;
  uint64_t* validity_ = nullptr;
  duckdb_type id_ = DUCKDB_TYPE_INVALID;
  duckdb_type decimal_id_ = DUCKDB_TYPE_INVALID;
  int scale_ = 0;
  std::vector<ColumnReader> children_;
};

}  // namespace

Result<uint64_t> EncodeRows(ResultStream* stream, const std::vector<DataType>& types,
                            RowSink* sink) {
  uint64_t count = 0;
  sql::ResultRow cells(types.size());
  while (true) {
    SL_ASSIGN(duckdb_data_chunk chunk, stream->Next());
    if (chunk == nullptr) return count;
    std::vector<ColumnReader> readers;
    readers.reserve(types.size());
    for (idx_t c = 0; c < types.size(); ++c) {
      readers.emplace_back(duckdb_data_chunk_get_vector(chunk, c), types[c]);
    }
    const idx_t rows = duckdb_data_chunk_get_size(chunk);
    for (idx_t row = 0; row < rows; ++row) {
      for (size_t c = 0; c < types.size(); ++c) {
        // BITMAP and HLL are not shown.
        if (readers[c].IsNull(row) || catalog::IsAggregateState(types[c].kind)) {
          cells[c].reset();
          continue;
        }
        if (cells[c]) {
          cells[c]->clear();
        } else {
          cells[c].emplace();
        }
        readers[c].Append(row, false, &*cells[c]);
      }
      SL_TRY(sink->Row(cells));
    }
    count += rows;
  }
}

}  // namespace starlift::sandbox::query

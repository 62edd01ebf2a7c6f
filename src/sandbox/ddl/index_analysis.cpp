#include "sandbox/ddl/index_analysis.h"

#include <algorithm>

#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {

using catalog::ColumnDef;
using catalog::IndexDef;
using catalog::IndexKind;
using catalog::TableDef;
using catalog::TypeKind;
using sql::AnalyzeError;
using sql::AnalyzeErrorAt;

namespace {

IndexKind KindOf(const std::string& word) {
  if (word == "GIN") return IndexKind::kGin;
  if (word == "NGRAMBF") return IndexKind::kNgramBloomFilter;
  return word == "VECTOR" ? IndexKind::kVector : IndexKind::kBitmap;
}

Status CheckBitmapColumn(const ColumnDef& column, const TableDef& table) {
  const TypeKind kind = column.type.kind;
  const bool value_of_aggregate =
      !column.is_key && (table.model == catalog::TableModel::kAggregate ||
                         table.model == catalog::TableModel::kUnique);
  if (value_of_aggregate) {
    return AnalyzeError(
        "BITMAP index only used in columns of DUP_KEYS/PRIMARY_KEYS table or key columns of "
        "UNIQUE_KEYS/AGG_KEYS table. invalid column: " +
        column.name);
  }
  const bool fits =
      (catalog::IsNumeric(kind) && kind != TypeKind::kFloat && kind != TypeKind::kDouble) ||
      catalog::IsText(kind) || kind == TypeKind::kDate || kind == TypeKind::kDateTime;
  if (fits) return {};
  return AnalyzeError(catalog::ErrorName(column.type) +
                      " is not supported in bitmap index. invalid column: " + column.name);
}

Status CheckNgramColumn(const ColumnDef& column, IndexDef& index) {
  if (!catalog::IsText(column.type.kind)) {
    return AnalyzeError("Invalid ngram bloom filter column '" + column.name +
                        "': unsupported type " + catalog::ErrorName(column.type));
  }
  index.properties.try_emplace("bloom_filter_fpp", "0.05");
  index.properties.try_emplace("case_sensitive", "true");
  index.properties.try_emplace("gram_num", "2");
  return {};
}

}  // namespace

Status AddIndex(const sql::IndexSpec& spec, TableDef& table) {
  const auto same_name = [&](const IndexDef& other) { return SameName(other.name, spec.name); };
  if (std::any_of(table.indexes.begin(), table.indexes.end(), same_name)) {
    return AnalyzeErrorAt(spec.begin, spec.end, "index name must be unique");
  }
  IndexDef index;
  index.name = spec.name;
  index.kind = KindOf(spec.kind);
  index.comment = spec.comment;
  index.properties.insert(spec.properties.begin(), spec.properties.end());
  if (index.kind == IndexKind::kGin) {
    return AnalyzeError(
        "The inverted index is disabled, enable it by setting FE config "
        "`enable_experimental_gin` to true");
  }
  if (index.kind == IndexKind::kVector) {
    return AnalyzeError(
        "The vector index is disabled, enable it by setting FE config "
        "`enable_experimental_vector` to true");
  }
  if (spec.columns.size() != 1) {
    return AnalyzeErrorAt(spec.begin, spec.end, spec.name + " index can only apply to one column");
  }
  for (const std::string& name : spec.columns) {
    const ColumnDef* column = table.FindColumn(name);
    if (column == nullptr) {
      return AnalyzeErrorAt(spec.begin, spec.end,
                            spec.name + " column does not exist in table. invalid column: " + name);
    }
    index.columns.push_back(column->name);
    if (index.kind == IndexKind::kBitmap) SL_TRY(CheckBitmapColumn(*column, table));
    if (index.kind == IndexKind::kNgramBloomFilter) SL_TRY(CheckNgramColumn(*column, index));
  }
  for (const IndexDef& other : table.indexes) {
    if (other.kind == index.kind && other.columns == index.columns) {
      return AnalyzeErrorAt(spec.begin, spec.end,
                            "same index columns have multiple index name is not allowed");
    }
  }
  table.indexes.push_back(std::move(index));
  return {};
}

}  // namespace starlift::sandbox::ddl

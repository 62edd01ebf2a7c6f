#include "sandbox/ddl/key_analysis.h"

#include <algorithm>

#include "sandbox/catalog/type_resolver.h"
#include "sandbox/ddl/column_analysis.h"
#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {

using catalog::DataType;
using catalog::TableModel;
using catalog::TypeKind;
using sql::AnalyzeError;
using sql::ColumnSpec;

namespace {

// A chosen key has at most so many columns and bytes.
constexpr size_t kShortKeyColumns = 3;
constexpr int kShortKeyBytes = 36;
constexpr int kVarcharKeyBytes = 20;
constexpr int kMaxDecimal64 = 18;

// Bytes that a column takes in the short key.
int KeyBytes(const DataType& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyInt:
      return 1;
    case TypeKind::kSmallInt:
      return 2;
    case TypeKind::kDate:
      return 3;
    case TypeKind::kInt:
      return 4;
    case TypeKind::kBigInt:
    case TypeKind::kDateTime:
      return 8;
    case TypeKind::kLargeInt:
      return 16;
    case TypeKind::kDecimal:
      return type.precision <= kMaxDecimal64 ? 8 : 16;
    case TypeKind::kChar:
      return type.length;
    default:
      return kVarcharKeyBytes;
  }
}

Result<DataType> TypeOf(const ColumnSpec& column) {
  if (!column.type.has_value()) return DataType();
  return catalog::ResolveType(*column.type);
}

Result<TableKey> ChooseKey(const sql::CreateTable& statement) {
  TableKey key;
  const auto& columns = statement.columns;
  const bool aggregates = std::any_of(columns.begin(), columns.end(),
                                      [](const ColumnSpec& c) { return !c.aggregate.empty(); });
  if (aggregates) {
    key.model = TableModel::kAggregate;
    for (const ColumnSpec& column : columns) {
      if (column.aggregate.empty()) key.columns.push_back(column.name);
    }
    return key;
  }
  int bytes = 0;
  for (const ColumnSpec& column : columns) {
    if (column.generated.has_value()) break;
    SL_ASSIGN(const DataType type, TypeOf(column));
    bytes += KeyBytes(type);
    if (key.columns.size() >= kShortKeyColumns || bytes > kShortKeyBytes) {
      if (key.columns.empty() && catalog::IsText(type.kind)) key.columns.push_back(column.name);
      break;
    }
    if (!CanBeKey(type) && type.kind != TypeKind::kTime) break;
    key.columns.push_back(column.name);
    if (type.kind == TypeKind::kVarchar) break;
  }
  if (key.columns.empty()) {
    SL_ASSIGN(const DataType type, TypeOf(columns.front()));
    return AnalyzeError("Data type of first column cannot be " + catalog::ErrorName(type));
  }
  return key;
}

TableModel ModelOf(sql::KeyWord word) {
  switch (word) {
    case sql::KeyWord::kDuplicate:
      return TableModel::kDuplicate;
    case sql::KeyWord::kAggregate:
      return TableModel::kAggregate;
    case sql::KeyWord::kUnique:
      return TableModel::kUnique;
    case sql::KeyWord::kPrimary:
      return TableModel::kPrimary;
  }
  return TableModel::kDuplicate;
}

Status CheckPrimaryKeyColumn(const ColumnSpec& column) {
  if (column.nullable == true) {
    return AnalyzeError("primary key column[" + column.name + "] cannot be nullable");
  }
  SL_ASSIGN(const DataType type, TypeOf(column));
  if (!CanBePrimaryKey(type)) {
    return AnalyzeError("primary key column[" + column.name +
                        "] type not supported: " + catalog::ShowCreateName(type));
  }
  return {};
}

Error MisplacedKey(const std::vector<ColumnSpec>& columns, const std::string& name) {
  const bool exists = std::any_of(columns.begin(), columns.end(), [&](const ColumnSpec& column) {
    return SameName(column.name, name);
  });
  if (!exists) return AnalyzeError("Key column(" + name + ") doesn't exist.");
  // Two spaces: so the real one says it.
  return AnalyzeError(
      "Key columns must be the first few columns of the schema and the order  of the key columns "
      "must be consistent with the order of the schema");
}

Status CheckKeyColumns(const std::vector<ColumnSpec>& columns, TableKey& key) {
  if (key.columns.size() > columns.size()) {
    return AnalyzeError("The number of key columns should be less than the number of columns.");
  }
  for (size_t i = 0; i < key.columns.size(); ++i) {
    const ColumnSpec& column = columns[i];
    if (!SameName(column.name, key.columns[i])) return MisplacedKey(columns, key.columns[i]);
    key.columns[i] = column.name;
    if (column.generated.has_value()) {
      return AnalyzeError("Generated Column " + column.name + " can not be KEY");
    }
    if (!column.aggregate.empty()) {
      return AnalyzeError("Key column[" + column.name + "] should not specify aggregate type.");
    }
    if (key.model == TableModel::kPrimary) SL_TRY(CheckPrimaryKeyColumn(column));
  }
  return {};
}

Status CheckValueColumns(const std::vector<ColumnSpec>& columns, const TableKey& key) {
  const std::string model(catalog::ModelName(key.model));
  for (size_t i = key.columns.size(); i < columns.size(); ++i) {
    const ColumnSpec& column = columns[i];
    const bool aggregates = !column.aggregate.empty();
    if (key.model == TableModel::kAggregate && !aggregates) {
      return AnalyzeError(model + " table should specify aggregate type for non-key column[" +
                          column.name + "]");
    }
    if (key.model != TableModel::kAggregate && aggregates) {
      return AnalyzeError(model + " table should not specify aggregate type for non-key column[" +
                          column.name + "]");
    }
  }
  return {};
}

}  // namespace

Result<TableKey> AnalyzeKey(const sql::CreateTable& statement) {
  TableKey key;
  if (statement.key.has_value()) {
    key.model = ModelOf(statement.key->word);
    key.columns = statement.key->columns;
  } else {
    SL_ASSIGN(key, ChooseKey(statement));
  }
  SL_TRY(CheckKeyColumns(statement.columns, key));
  SL_TRY(CheckValueColumns(statement.columns, key));
  return key;
}

Status CheckSortKey(const std::vector<std::string>& order_by, const catalog::TableDef& table) {
  for (size_t i = 0; i < order_by.size(); ++i) {
    const catalog::ColumnDef* column = table.FindColumn(order_by[i]);
    if (column == nullptr) {
      return AnalyzeError("Sort key column(" + order_by[i] + ") doesn't exist");
    }
    for (size_t j = 0; j < i; ++j) {
      if (SameName(order_by[i], order_by[j])) {
        return AnalyzeError("Duplicate sort key column " + order_by[i] + " is not allowed");
      }
    }
    if (!CanBeSortKey(column->type)) {
      return AnalyzeError("sort key column[" + column->name +
                          "] type not supported: " + catalog::ShowCreateName(column->type));
    }
  }
  const bool keyed = table.model == TableModel::kAggregate || table.model == TableModel::kUnique;
  if (order_by.empty() || !keyed) return {};
  bool same = order_by.size() == table.key_columns.size();
  for (const std::string& name : order_by) {
    same = same && std::any_of(table.key_columns.begin(), table.key_columns.end(),
                               [&](const std::string& k) { return SameName(k, name); });
  }
  if (same) return {};
  return AnalyzeError("The sort columns of " + std::string(catalog::ModelName(table.model)) +
                      " table must be same with key columns");
}

}  // namespace starlift::sandbox::ddl

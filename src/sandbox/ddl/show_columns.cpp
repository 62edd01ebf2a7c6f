#include <algorithm>

#include "sandbox/ddl/show_filter.h"
#include "sandbox/ddl/show_statements.h"
#include "sandbox/ddl/table_printer.h"
#include "sandbox/sql/error.h"

// DESC, SHOW COLUMNS, SHOW INDEX.
namespace starlift::sandbox::ddl {

using catalog::AggregateKind;
using catalog::ColumnDef;
using catalog::DefaultKind;
using catalog::TableDef;
using catalog::TablePtr;
using sql::ResultRow;
using sql::StatementResult;
using sql::TextColumns;

namespace {

constexpr std::string_view kUnsupportedWhere = "Only support where clause on the shown columns.";
// Lengths that the real one announces.
constexpr uint32_t kFlagText = 30;
constexpr uint32_t kIndexName = 192;
constexpr uint32_t kIndexText = 240;
using Cell = std::optional<std::string>;

Cell DefaultCell(const ColumnDef& column) {
  switch (column.default_kind) {
    case DefaultKind::kNone:
    case DefaultKind::kNull:
      return std::nullopt;
    case DefaultKind::kLiteral:
      return column.default_text;
    case DefaultKind::kCurrentTimestamp:
      return column.fixed_default.empty() ? "CURRENT_TIMESTAMP" : column.fixed_default;
    case DefaultKind::kUuid:
      return "uuid()";
    case DefaultKind::kUuidNumeric:
      return "uuid_numeric()";
  }
  return std::nullopt;
}

bool IsComputedDefault(const ColumnDef& column) {
  if (!column.fixed_default.empty()) return false;
  return column.default_kind == DefaultKind::kCurrentTimestamp ||
         column.default_kind == DefaultKind::kUuid ||
         column.default_kind == DefaultKind::kUuidNumeric;
}

std::string ExtraOf(const ColumnDef& column) {
  if (column.auto_increment) return "auto_increment";
  if (IsComputedDefault(column)) return "DEFAULT_GENERATED";
  if (column.generated()) return column.generated_expression;
  return "";
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

const char* YesNo(bool yes) { return yes ? "YES" : "NO"; }

// Sketches and bitmaps have an invisible default of their own.
Cell DescDefault(const ColumnDef& column) {
  const auto kind = column.type.kind;
  if (kind == catalog::TypeKind::kHll || kind == catalog::TypeKind::kBitmap) {
    return std::string(1, '\0');
  }
  return DefaultCell(column);
}

ResultRow DescRow(const ColumnDef& column) {
  return {column.name,
          catalog::DescName(column.type),
          YesNo(column.nullable),
          column.is_key ? "true" : "false",
          DescDefault(column),
          ExtraOf(column)};
}

ResultRow ColumnsRow(const ColumnDef& column, bool full) {
  if (!full) {
    return {column.name,
            catalog::DescName(column.type),
            YesNo(column.nullable),
            YesNo(column.is_key),
            DefaultCell(column),
            ""};
  }
  return {column.name,
          catalog::DescName(column.type),
          "",
          YesNo(column.nullable),
          YesNo(column.is_key),
          DefaultCell(column),
          std::string(catalog::AggregateName(column.aggregate)),
          "",
          Escaped(column.comment)};
}

// How DESC … ALL names what happens to a value column.
std::string AggregateExtra(const TableDef& table, AggregateKind aggregate, bool is_key) {
  if (is_key) return "";
  if (aggregate != AggregateKind::kNone) return std::string(catalog::AggregateName(aggregate));
  return table.model == catalog::TableModel::kDuplicate ? "NONE" : "REPLACE";
}

StatementOutcome DescribeAll(const TableDef& table) {
  StatementResult result =
      StatementResult::Rows(sql::SizedTextColumns({{"IndexName", sql::kShortText},
                                                   {"IndexKeysType", sql::kShortText},
                                                   {"Field", sql::kShortText},
                                                   {"Type", sql::kShortText},
                                                   {"Null", kFlagText},
                                                   {"Key", kFlagText},
                                                   {"Default", sql::kLongText},
                                                   {"Extra", sql::kLongText}}));
  bool first = true;
  for (const ColumnDef& column : table.columns) {
    result.rows.push_back({first ? table.name : "",
                           first ? std::string(catalog::ModelName(table.model)) : "", column.name,
                           catalog::DescName(column.type), YesNo(column.nullable),
                           column.is_key ? "true" : "false", DefaultCell(column),
                           AggregateExtra(table, column.aggregate, column.is_key)});
    first = false;
  }
  for (const catalog::RollupDef& rollup : table.rollups) {
    result.rows.push_back({"", "", "", "", "", "", "", ""});
    first = true;
    for (const catalog::RollupColumn& column : rollup.columns) {
      const ColumnDef* base = table.FindColumn(column.name);
      const bool base_key = base != nullptr && base->is_key;
      result.rows.push_back({first ? rollup.name : "",
                             first ? std::string(catalog::ModelName(rollup.model)) : "",
                             column.name, catalog::DescName(column.type), YesNo(column.nullable),
                             column.is_key ? "true" : "false", std::nullopt,
                             AggregateExtra(table, column.aggregate, base_key)});
      first = false;
    }
  }
  return result;
}

// A table of information_schema as DESC and SHOW COLUMNS see it.
Result<TableDef> SystemTable(const StatementContext& context, const TableName& name,
                             const Error& unknown) {
  TableDef table;
  table.name = name.table;
  for (const AnalyzedColumn& analyzed :
       context.environment.analyzer->SystemTableColumns(name.database, ToLower(name.table))) {
    ColumnDef column;
    column.name = analyzed.name;
    column.type = analyzed.type;
    column.nullable = analyzed.nullable;
    table.columns.push_back(std::move(column));
  }
  if (table.columns.empty()) return unknown;
  return table;
}

Result<TablePtr> FindDescribed(const StatementContext& context, const TableName& name,
                               const Error& unknown) {
  if (IsSystemDatabase(name.database)) {
    SL_ASSIGN(TableDef table, SystemTable(context, name, unknown));
    return TablePtr(std::make_shared<TableDef>(std::move(table)));
  }
  SL_TRY(RequireDatabase(context, name.database));
  TablePtr table = context.catalog().FindTable(name.database, name.table);
  if (table == nullptr) return unknown;
  SL_TRY(context.session.RequirePrivilege("ANY", ObjectKindOf(*table), name.database, name.table));
  return table;
}

}  // namespace

StatementOutcome Describe(const StatementContext& context, const sql::ShowObjects& show) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, *show.table));
  SL_ASSIGN(const TablePtr table, FindDescribed(context, name, UnknownTable(name.table)));
  if (show.all && table->is_table()) return DescribeAll(*table);
  StatementResult result = StatementResult::Rows(
      TextColumns({"Field", "Type", "Null", "Key", "Default", "Extra"}, sql::kLongText));
  for (const ColumnDef& column : table->columns) result.rows.push_back(DescRow(column));
  return result;
}

StatementOutcome ShowColumns(const StatementContext& context, const sql::ShowObjects& show) {
  SL_ASSIGN(const TableName name, ShownTable(context, show));
  SL_ASSIGN(const TablePtr table,
            FindDescribed(context, name, UnknownTable(name.database + "." + name.table)));
  StatementResult result = StatementResult::Rows(
      show.full ? TextColumns({"Field", "Type", "Collation", "Null", "Key", "Default", "Extra",
                               "Privileges", "Comment"})
                : TextColumns({"Field", "Type", "Null", "Key", "Default", "Extra"}));
  for (const ColumnDef& column : table->columns) {
    if (show.filter.like.has_value() && !Like(column.name, *show.filter.like, true)) continue;
    result.rows.push_back(ColumnsRow(column, show.full));
  }
  SL_TRY(ApplyFilter(show.filter, kUnsupportedWhere, result));
  return result;
}

StatementOutcome ShowIndexes(const StatementContext& context, const sql::ShowObjects& show) {
  SL_ASSIGN(const TableName name, ShownTable(context, show));
  SL_TRY(RequireDatabase(context, name.database));
  const TablePtr table = context.catalog().FindTable(name.database, name.table);
  if (table == nullptr) return TableNotFound(name.table);
  SL_TRY(context.session.RequirePrivilege("ANY", ObjectKindOf(*table), name.database, name.table));
  StatementResult result =
      StatementResult::Rows(sql::SizedTextColumns({{"Table", kIndexName},
                                                   {"Non_unique", kFlagText},
                                                   {"Key_name", kIndexText},
                                                   {"Seq_in_index", kIndexName},
                                                   {"Column_name", kIndexText},
                                                   {"Collation", kIndexText},
                                                   {"Cardinality", kIndexText},
                                                   {"Sub_part", kIndexText},
                                                   {"Packed", kIndexText},
                                                   {"Null", kIndexText},
                                                   {"Index_type", kIndexText},
                                                   {"Comment", kIndexText}}));
  for (const catalog::IndexDef& index : table->indexes) {
    result.rows.push_back({name.database + "." + name.table, "", index.name, "",
                           Join(index.columns, ","), "", "", "", "", "", PrintIndexKind(index),
                           index.comment});
  }
  return result;
}

}  // namespace starlift::sandbox::ddl

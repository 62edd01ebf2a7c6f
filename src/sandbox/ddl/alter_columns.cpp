#include <algorithm>

#include "sandbox/ddl/alter_clauses.h"
#include "sandbox/ddl/column_analysis.h"
#include "sandbox/ddl/generated_column.h"
#include "sandbox/ddl/index_analysis.h"
#include "sandbox/ddl/show_statements.h"
#include "sandbox/ddl/type_change.h"
#include "sandbox/sql/error.h"

// ADD, DROP, MODIFY, RENAME COLUMN, ORDER BY, ADD and DROP INDEX.
namespace starlift::sandbox::ddl {

using catalog::AggregateKind;
using catalog::ColumnDef;
using catalog::DefaultKind;
using catalog::TableDef;
using catalog::TableModel;
using sql::AlterClause;
using sql::SqlError;
namespace code = sql::code;

namespace {

Error Refused(const std::string& text) { return SqlError(code::kGeneric, text); }

std::string_view ModelWord(TableModel model) {
  switch (model) {
    case TableModel::kDuplicate:
      return "Duplicate";
    case TableModel::kAggregate:
      return "Aggregate";
    case TableModel::kUnique:
      return "Unique";
    case TableModel::kPrimary:
      return "Primary";
  }
  return "";
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& other) { return SameName(other, name); });
}

size_t KeyCount(const TableDef& table) {
  return static_cast<size_t>(std::count_if(table.columns.begin(), table.columns.end(),
                                           [](const ColumnDef& c) { return c.is_key; }));
}

void RefreshKeyColumns(TableDef& table) {
  table.key_columns.clear();
  for (const ColumnDef& column : table.columns) {
    if (column.is_key) table.key_columns.push_back(column.name);
  }
}

bool IsFast(const TableDef& table) {
  const auto property = table.properties.find("fast_schema_evolution");
  return property != table.properties.end() && property->second == "true";
}

// Keys first: where a new column may stand.
Status CheckOrder(const TableDef& table) {
  bool values = false;
  for (const ColumnDef& column : table.columns) {
    if (values && column.is_key) {
      return Refused("Invalid column order. value should be after key. index[" + table.name + "]");
    }
    values = values || !column.is_key;
  }
  return {};
}

// A column is a key if it says so, or if an Aggregate table's column names no aggregate.
bool BecomesKey(const sql::ColumnSpec& spec, const TableDef& table) {
  return spec.key || (table.model == TableModel::kAggregate && spec.aggregate.empty());
}

Status CheckAggregateWord(const sql::ColumnSpec& spec, const TableDef& table) {
  if (spec.aggregate.empty()) return {};
  if (table.model == TableModel::kAggregate) {
    return spec.key ? Refused("Can not assign aggregation method on key column: " + spec.name)
                    : Status();
  }
  return Refused("Can not assign aggregation method on column in " +
                 std::string(ModelWord(table.model)) + " data model table: " + spec.name);
}

Status CheckNewName(const sql::ColumnSpec& spec, const TableDef& table) {
  if (table.FindColumn(spec.name) != nullptr) {
    return Refused("Can not add column which already exists in base table: " + spec.name);
  }
  for (const ColumnDef& column : table.columns) {
    if (!column.first_name.empty() && SameName(column.first_name, spec.name)) {
      return Refused("Can not add column which already exists by column id: " + spec.name +
                     ", you can remove " + column.name + " and try again.");
    }
  }
  return {};
}

Status CheckNewColumn(const sql::ColumnSpec& spec, const TableDef& table) {
  const bool key = BecomesKey(spec, table);
  if (table.model == TableModel::kPrimary && key) {
    return Refused("Can not add key column: " + spec.name + " for primary key table");
  }
  SL_TRY(CheckAggregateWord(spec, table));
  if (key && !table.rollups.empty() && table.model == TableModel::kUnique) {
    return Refused("Can not add key column " + spec.name + " to a table with rollups");
  }
  return CheckNewName(spec, table);
}

Result<size_t> InsertPosition(const AlterClause& clause, bool key, const TableDef& table) {
  if (clause.position.first) return size_t{0};
  if (!clause.position.after.empty()) {
    const auto position = table.ColumnPosition(clause.position.after);
    if (!position.has_value()) {
      return Refused("Column[" + clause.position.after + "] does not found");
    }
    return *position + 1;
  }
  if (key) return KeyCount(table);
  // Plain columns stay before generated ones.
  size_t end = table.columns.size();
  while (end > 0 && table.columns[end - 1].generated()) --end;
  return end;
}

Result<AlterSpeed> AddOneColumn(const StatementContext& context, const AlterClause& clause,
                                const sql::ColumnSpec& spec, TableDef& table) {
  SL_TRY(CheckNewColumn(spec, table));
  const bool key = BecomesKey(spec, table);
  const ColumnRules rules{table.model, true};
  SL_ASSIGN(ColumnDef column, AnalyzeColumn(spec, rules, key));
  column.id = table.next_column_id++;
  if (column.default_kind == DefaultKind::kCurrentTimestamp) {
    column.fixed_default = TimeText(NowMs());
  }
  if (spec.generated.has_value()) {
    SL_TRY(AnalyzeGeneratedColumn(context.environment, *spec.generated, table, column));
    table.columns.push_back(column);
    return AlterSpeed::kInJob;
  }
  SL_ASSIGN(const size_t position, InsertPosition(clause, key, table));
  table.columns.insert(table.columns.begin() + static_cast<ptrdiff_t>(position), column);
  SL_TRY(CheckOrder(table));
  RefreshKeyColumns(table);
  return key || !IsFast(table) ? AlterSpeed::kInJob : AlterSpeed::kAtOnce;
}

Status CheckDroppable(const ColumnDef& column, const TableDef& table) {
  if (column.is_key && table.model == TableModel::kPrimary) {
    return Refused("Can not drop key column in primary data model table");
  }
  if (Contains(table.sort_columns, column.name) && table.model == TableModel::kPrimary) {
    return Refused("Can not drop sort column in primary data model table");
  }
  if (column.is_key && table.model == TableModel::kUnique) {
    return Refused("Can not drop key column in Unique data model table");
  }
  const bool replaces =
      std::any_of(table.columns.begin(), table.columns.end(), [](const ColumnDef& other) {
        return other.aggregate == AggregateKind::kReplace ||
               other.aggregate == AggregateKind::kReplaceIfNotNull;
      });
  if (column.is_key && table.model == TableModel::kAggregate && replaces) {
    return Refused(
        "Can not drop key column when table has value column with REPLACE aggregation method");
  }
  for (const ColumnDef& other : table.columns) {
    if (!other.generated()) continue;
    if (other.generated_expression.find("`" + column.name + "`") != std::string::npos) {
      return Refused("Column: " + column.name +
                     " can not be dropped, because expression of Generated Column: " + other.name +
                     " will refer to it");
    }
  }
  if (Contains(table.partitioning.columns, column.name)) {
    return Refused("Partition column[" + column.name + "] cannot be dropped. index[" + table.name +
                   "]");
  }
  if (Contains(table.distribution.columns, column.name)) {
    return Refused("Distribution column[" + column.name + "] cannot be dropped. index[" +
                   table.name + "]");
  }
  return {};
}

Result<AlterSpeed> DropColumn(const AlterClause& clause, TableDef& table) {
  const auto position = table.ColumnPosition(clause.name);
  if (!position.has_value()) return Refused("Column does not exists: " + clause.name);
  const ColumnDef column = table.columns[*position];
  SL_TRY(CheckDroppable(column, table));
  if (column.is_key && KeyCount(table) == 1) {
    return Refused("No key column left. index[" + table.name + "]");
  }
  table.columns.erase(table.columns.begin() + static_cast<ptrdiff_t>(*position));
  std::erase_if(table.indexes, [&](const catalog::IndexDef& index) {
    return Contains(index.columns, column.name);
  });
  std::erase_if(table.sort_columns,
                [&](const std::string& name) { return SameName(name, column.name); });
  RefreshKeyColumns(table);
  return column.is_key || !IsFast(table) ? AlterSpeed::kInJob : AlterSpeed::kAtOnce;
}

Status CheckModifiable(const ColumnDef& before, const sql::ColumnSpec& spec,
                       const TableDef& table) {
  if (table.model == TableModel::kPrimary) {
    if (before.is_key) {
      return Refused("Can not modify key column: " + before.name + " for primary key table");
    }
    if (Contains(table.sort_columns, before.name)) {
      return Refused("Can not modify sort column in primary data model table");
    }
  }
  return CheckAggregateWord(spec, table);
}

Status CheckPlacedColumn(const ColumnDef& before, const ColumnDef& after, const TableDef& table) {
  const bool same = before.type == after.type && before.nullable == after.nullable;
  if (same) return {};
  if (Contains(table.partitioning.columns, before.name)) {
    return Refused("Can not modify partition column[" + before.name + "]. index[" + table.name +
                   "]");
  }
  if (Contains(table.distribution.columns, before.name)) {
    return Refused("Can not modify distribution column[" + before.name + "]. index[" + table.name +
                   "]");
  }
  return {};
}

Result<AlterSpeed> ModifyColumn(const AlterClause& clause, TableDef& table) {
  const sql::ColumnSpec& spec = clause.columns.front();
  const auto position = table.ColumnPosition(spec.name);
  if (!position.has_value()) return Refused("Column[" + spec.name + "] does not exists");
  const ColumnDef before = table.columns[*position];
  SL_TRY(CheckModifiable(before, spec, table));
  const ColumnRules rules{table.model, true};
  SL_ASSIGN(ColumnDef after, AnalyzeColumn(spec, rules, BecomesKey(spec, table)));
  after.id = before.id;
  after.name = before.name;
  after.first_name = before.first_name;
  after.auto_increment = before.auto_increment;
  if (!spec.comment.has_value()) after.comment = before.comment;
  SL_TRY(CheckColumnChange(before, after));
  SL_TRY(CheckPlacedColumn(before, after, table));
  table.columns.erase(table.columns.begin() + static_cast<ptrdiff_t>(*position));
  size_t place = *position;
  if (clause.position.first || !clause.position.after.empty()) {
    SL_ASSIGN(place, InsertPosition(clause, after.is_key, table));
  }
  table.columns.insert(table.columns.begin() + static_cast<ptrdiff_t>(place), after);
  SL_TRY(CheckOrder(table));
  RefreshKeyColumns(table);
  return AlterSpeed::kInJob;
}

void ReplaceName(std::vector<std::string>& names, const std::string& from, const std::string& to) {
  for (std::string& name : names) {
    if (SameName(name, from)) name = to;
  }
}

Result<AlterSpeed> RenameColumn(const AlterClause& clause, TableDef& table) {
  ColumnDef* column = table.FindColumn(clause.name);
  if (column == nullptr) {
    return SqlError(code::kUnknownColumn,
                    "Unknown column '" + clause.name + "' in '" + table.name + "'");
  }
  const ColumnDef* taken = table.FindColumn(clause.new_name);
  if (taken != nullptr) {
    return SqlError(code::kDuplicateColumn, "Duplicate column name '" + clause.new_name + "'");
  }
  SL_TRY(CheckColumnName(clause.new_name));
  const std::string before = column->name;
  if (column->first_name.empty()) column->first_name = before;
  column->name = clause.new_name;
  if (column->first_name == column->name) column->first_name.clear();
  ReplaceName(table.key_columns, before, clause.new_name);
  ReplaceName(table.sort_columns, before, clause.new_name);
  ReplaceName(table.partitioning.columns, before, clause.new_name);
  ReplaceName(table.distribution.columns, before, clause.new_name);
  for (catalog::IndexDef& index : table.indexes) {
    ReplaceName(index.columns, before, clause.new_name);
  }
  for (catalog::RollupDef& rollup : table.rollups) {
    for (catalog::RollupColumn& rolled : rollup.columns) {
      if (SameName(rolled.name, before)) rolled.name = clause.new_name;
    }
  }
  return AlterSpeed::kAtOnce;
}

// ORDER BY all columns of a Duplicate Key table moves them; anything else sets the sort key.
Result<AlterSpeed> Reorder(const AlterClause& clause, TableDef& table) {
  std::vector<ColumnDef> ordered;
  for (const std::string& name : clause.names) {
    const ColumnDef* column = table.FindColumn(name);
    if (column == nullptr) return Refused("Column[" + name + "] not exists");
    const bool twice = std::any_of(ordered.begin(), ordered.end(),
                                   [&](const ColumnDef& c) { return c.id == column->id; });
    if (twice) return Refused("Reduplicative column[" + name + "]");
    ordered.push_back(*column);
  }
  const bool all = ordered.size() == table.columns.size();
  const bool sortable =
      table.model == TableModel::kPrimary || table.model == TableModel::kDuplicate;
  if (!all && !sortable) return Refused("Reorder stmt should contains all columns");
  if (all && table.model != TableModel::kPrimary) {
    table.columns = std::move(ordered);
    SL_TRY(CheckOrder(table));
    RefreshKeyColumns(table);
    return AlterSpeed::kInJob;
  }
  table.sort_columns.clear();
  for (const ColumnDef& column : ordered) {
    if (!CanBeSortKey(column.type)) {
      return Refused("sort key column[" + column.name +
                     "] type not supported: " + catalog::ShowCreateName(column.type));
    }
    table.sort_columns.push_back(column.name);
  }
  return AlterSpeed::kInJob;
}

Result<AlterSpeed> DropIndex(const AlterClause& clause, TableDef& table) {
  const auto found = std::find_if(
      table.indexes.begin(), table.indexes.end(),
      [&](const catalog::IndexDef& index) { return SameName(index.name, clause.name); });
  if (found == table.indexes.end()) return Refused("index " + clause.name + " does not exist");
  table.indexes.erase(found);
  return AlterSpeed::kInJob;
}

Result<AlterSpeed> AddNewIndex(const StatementContext& context, const AlterClause& clause,
                               TableDef& table) {
  for (const sql::IndexSpec& spec : clause.indexes) {
    const auto taken = [&](const catalog::IndexDef& index) {
      return SameName(index.name, spec.name);
    };
    if (std::any_of(table.indexes.begin(), table.indexes.end(), taken)) {
      return Refused("index `" + spec.name + "` already exist.");
    }
    SL_TRY(AddIndex(spec, table));
    table.indexes.back().id = context.catalog().NextId();
  }
  return AlterSpeed::kInJob;
}

}  // namespace

Status AnalyzeColumnClause(const AlterClause& clause, const TableDef& table) {
  using Kind = AlterClause::Kind;
  const bool adds = clause.kind == Kind::kAddColumn || clause.kind == Kind::kAddColumns;
  if (!adds && clause.kind != Kind::kModifyColumn) return {};
  for (const sql::ColumnSpec& spec : clause.columns) {
    // The aggregate word is judged later, against the table's model.
    sql::ColumnSpec plain = spec;
    if (table.model != TableModel::kAggregate) plain.aggregate.clear();
    const ColumnRules rules{TableModel::kPrimary, true};
    SL_ASSIGN(const ColumnDef column, AnalyzeColumn(plain, rules, false));
    const bool bare = adds && !column.nullable && !column.has_default() && !column.auto_increment &&
                      !spec.generated.has_value();
    if (bare) {
      return sql::AnalyzeErrorAt(
          spec.begin, spec.end,
          "Field '" + spec.name + "' is not null but doesnt have a default value");
    }
    if (adds && column.auto_increment) {
      return sql::AnalyzeError("Can not add AUTO_INCREMENT column " + spec.name);
    }
  }
  return {};
}

Result<AlterSpeed> ApplyColumnClause(const StatementContext& context, const AlterClause& clause,
                                     TableDef& table) {
  using Kind = AlterClause::Kind;
  switch (clause.kind) {
    case Kind::kAddColumn:
    case Kind::kAddColumns: {
      AlterSpeed speed = AlterSpeed::kAtOnce;
      for (const sql::ColumnSpec& spec : clause.columns) {
        SL_ASSIGN(const AlterSpeed one, AddOneColumn(context, clause, spec, table));
        speed = std::max(speed, one);
      }
      return speed;
    }
    case Kind::kDropColumn:
      return DropColumn(clause, table);
    case Kind::kModifyColumn:
      return ModifyColumn(clause, table);
    case Kind::kModifyColumnComment: {
      ColumnDef* column = table.FindColumn(clause.name);
      if (column == nullptr) return Refused("Column[" + clause.name + "] does not exists");
      column->comment = clause.text;
      return AlterSpeed::kAtOnce;
    }
    case Kind::kRenameColumn:
      return RenameColumn(clause, table);
    case Kind::kOrderBy:
      return Reorder(clause, table);
    case Kind::kAddIndex:
      return AddNewIndex(context, clause, table);
    case Kind::kDropIndex:
      return DropIndex(clause, table);
    default:
      return AlterSpeed::kAtOnce;
  }
}

}  // namespace starlift::sandbox::ddl

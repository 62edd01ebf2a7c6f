#include <algorithm>

#include "sandbox/ddl/alter_clauses.h"
#include "sandbox/ddl/distribution_analysis.h"
#include "sandbox/ddl/statements.h"
#include "sandbox/ddl/table_lifecycle.h"
#include "sandbox/ddl/table_properties.h"
#include "sandbox/sql/error.h"

// ALTER TABLE: which clauses go together, and those about the table as a whole.
namespace starlift::sandbox::ddl {

using catalog::CatalogEdit;
using catalog::TableDef;
using catalog::TablePtr;
using sql::AlterClause;
using sql::AnalyzeError;
using sql::SqlError;
using sql::StatementResult;
using Kind = sql::AlterClause::Kind;
namespace code = sql::code;

namespace {

// What a clause is for; clauses of one statement must agree.
enum class Operation : uint8_t {
  kSchemaChange,
  kAddRollup,
  kDropRollup,
  kAddPartition,
  kDropPartition,
  kReplacePartition,
  kModifyPartition,
  kTruncatePartition,
  kRename,
  kModifyProperties,
  kAlterComment,
  kSwap,
  kOptimize,
  kCompact,
};

Operation OperationOf(Kind kind) {
  switch (kind) {
    case Kind::kAddRollup:
      return Operation::kAddRollup;
    case Kind::kDropRollup:
      return Operation::kDropRollup;
    case Kind::kAddPartition:
      return Operation::kAddPartition;
    case Kind::kDropPartition:
      return Operation::kDropPartition;
    case Kind::kReplacePartition:
      return Operation::kReplacePartition;
    case Kind::kModifyPartition:
      return Operation::kModifyPartition;
    case Kind::kTruncatePartition:
      return Operation::kTruncatePartition;
    case Kind::kRename:
    case Kind::kRenameColumn:
    case Kind::kRenamePartition:
    case Kind::kRenameRollup:
      return Operation::kRename;
    case Kind::kSetProperties:
      return Operation::kModifyProperties;
    case Kind::kComment:
      return Operation::kAlterComment;
    case Kind::kSwap:
      return Operation::kSwap;
    case Kind::kOptimize:
      return Operation::kOptimize;
    case Kind::kCompact:
      return Operation::kCompact;
    default:
      return Operation::kSchemaChange;
  }
}

std::string_view OperationName(Operation operation) {
  switch (operation) {
    case Operation::kSchemaChange:
      return "SCHEMA_CHANGE";
    case Operation::kAddRollup:
      return "ADD_ROLLUP";
    case Operation::kDropRollup:
      return "DROP_ROLLUP";
    case Operation::kAddPartition:
      return "ADD_PARTITION";
    case Operation::kDropPartition:
      return "DROP_PARTITION";
    case Operation::kReplacePartition:
      return "REPLACE_PARTITION";
    case Operation::kModifyPartition:
      return "MODIFY_PARTITION";
    case Operation::kTruncatePartition:
      return "TRUNCATE_PARTITION";
    case Operation::kRename:
      return "RENAME";
    case Operation::kModifyProperties:
      return "MODIFY_TABLE_PROPERTY_SYNC";
    case Operation::kAlterComment:
      return "ALTER_COMMENT";
    case Operation::kSwap:
      return "SWAP";
    case Operation::kOptimize:
      return "OPTIMIZE";
    case Operation::kCompact:
      return "COMPACT";
  }
  return "";
}

bool GoWithOthers(Operation operation) {
  return operation == Operation::kSchemaChange || operation == Operation::kAddRollup ||
         operation == Operation::kDropRollup;
}

Status CheckConflicts(const sql::AlterTable& statement) {
  if (statement.clauses.size() < 2) return {};
  const Operation first = OperationOf(statement.clauses.front().kind);
  for (size_t i = 1; i < statement.clauses.size(); ++i) {
    const Operation other = OperationOf(statement.clauses[i].kind);
    if (first == other && GoWithOthers(first)) continue;
    return AnalyzeError("Alter operation " + std::string(OperationName(other)) +
                        " conflicts with operation " + std::string(OperationName(first)));
  }
  return {};
}

StatementOutcome RenameTable(const StatementContext& context, const AlterClause& clause,
                             const TableName& name, const TablePtr& table) {
  catalog::Catalog& catalog = context.catalog();
  if (catalog.FindTable(name.database, clause.new_name) != nullptr) {
    return SqlError(code::kGeneric, "Table name[" + clause.new_name + "] is already used");
  }
  auto renamed = std::make_shared<TableDef>(*table);
  renamed->name = clause.new_name;
  if (renamed->partitioning.kind == catalog::PartitionKind::kNone && !renamed->partitions.empty()) {
    renamed->partitions.front().name = clause.new_name;
  }
  CatalogEdit edit;
  edit.put_tables.push_back(std::move(renamed));
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome SwapTables(const StatementContext& context, const AlterClause& clause,
                            const TableName& name, const TablePtr& table) {
  const TablePtr other = context.catalog().FindTable(name.database, clause.new_name);
  if (other == nullptr || !other->is_table()) {
    return SqlError(code::kGeneric,
                    "Table " + clause.new_name + " does not exist or is not OLAP/LAKE table");
  }
  if (other->id == table->id) {
    return SqlError(code::kGeneric,
                    "New name conflicts with rollup index name: " + clause.new_name);
  }
  const auto renamed = [](const TableDef& from, const std::string& new_name) {
    auto copy = std::make_shared<TableDef>(from);
    copy->name = new_name;
    if (copy->partitioning.kind == catalog::PartitionKind::kNone && !copy->partitions.empty()) {
      copy->partitions.front().name = new_name;
    }
    return copy;
  };
  CatalogEdit edit;
  edit.put_tables.push_back(renamed(*table, other->name));
  edit.put_tables.push_back(renamed(*other, table->name));
  SL_TRY(context.catalog().Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome SetProperties(const StatementContext& context, const AlterClause& clause,
                               const TablePtr& table) {
  const bool dynamic =
      std::all_of(clause.properties.begin(), clause.properties.end(),
                  [](const auto& entry) { return entry.first.starts_with("dynamic_partition."); });
  if (clause.properties.size() != 1 && !dynamic) {
    return AnalyzeError("Can only set one table property at a time");
  }
  auto changed = std::make_shared<TableDef>(*table);
  SL_TRY(ApplyChangedProperties(context.environment, clause.properties, *changed));
  AddDynamicPartitions(*changed);
  ResolvePartitions(context.environment, *changed);
  for (catalog::PartitionDef& partition : changed->partitions) {
    if (partition.id != 0) continue;
    partition.id = context.catalog().NextId();
    partition.physical_id = context.catalog().NextId();
    partition.created_ms = NowMs();
  }
  CatalogEdit edit;
  edit.put_tables.push_back(std::move(changed));
  SL_TRY(context.catalog().Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome ChangePartitions(const StatementContext& context, const AlterClause& clause,
                                  const TablePtr& table) {
  SL_TRY(RequireNoOpenJob(context, *table));
  CatalogEdit edit;
  auto changed = std::make_shared<TableDef>(*table);
  SL_TRY(ApplyPartitionClause(context, clause, *changed, edit));
  edit.put_tables.push_back(std::move(changed));
  SL_TRY(context.catalog().Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome ChangeSchema(const StatementContext& context, const sql::AlterTable& statement,
                              const TablePtr& table) {
  SL_TRY(RequireNoOpenJob(context, *table));
  TableDef result = *table;
  AlterSpeed speed = AlterSpeed::kAtOnce;
  bool changes_columns = false;
  for (const AlterClause& clause : statement.clauses) {
    SL_ASSIGN(const AlterSpeed one, ApplyColumnClause(context, clause, result));
    speed = std::max(speed, one);
    changes_columns = changes_columns || (clause.kind != Kind::kModifyColumnComment &&
                                          clause.kind != Kind::kRenameColumn);
  }
  CatalogEdit edit;
  if (changes_columns) {
    AddSchemaChangeJob(context, *table, std::move(result), speed, catalog::JobKind::kSchemaChange,
                       edit);
  } else {
    edit.put_tables.push_back(std::make_shared<TableDef>(std::move(result)));
  }
  SL_TRY(context.catalog().Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome AddRollups(const StatementContext& context, const AlterClause& clause,
                            const TablePtr& table) {
  SL_TRY(RequireNoOpenJob(context, *table));
  TableDef result = *table;
  for (const sql::RollupSpec& spec : clause.rollups) {
    SL_ASSIGN(catalog::RollupDef rollup, MakeRollup(spec, result));
    rollup.id = context.catalog().NextId();
    result.rollups.push_back(std::move(rollup));
  }
  CatalogEdit edit;
  AddSchemaChangeJob(context, *table, std::move(result), AlterSpeed::kInJob,
                     catalog::JobKind::kRollup, edit);
  SL_TRY(context.catalog().Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome DropRollups(const StatementContext& context, const AlterClause& clause,
                             const TablePtr& table) {
  auto changed = std::make_shared<TableDef>(*table);
  for (const std::string& name : clause.names) {
    const auto removed = std::erase_if(
        changed->rollups, [&](const catalog::RollupDef& r) { return SameName(r.name, name); });
    if (removed == 0) {
      return SqlError(code::kGeneric,
                      "Rollup index[" + name + "] does not exist in table[" + table->name + "]");
    }
  }
  CatalogEdit edit;
  edit.put_tables.push_back(std::move(changed));
  SL_TRY(context.catalog().Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome Optimize(const StatementContext& context, const AlterClause& clause,
                          const TablePtr& table) {
  SL_TRY(RequireNoOpenJob(context, *table));
  if (clause.key.has_value()) return AnalyzeError("not support change keys type when optimize");
  if (clause.partition_by.has_value()) {
    return AnalyzeError("not support change partition by when optimize");
  }
  TableDef result = *table;
  if (clause.distribution.has_value()) {
    result.distribution = {};
    SL_TRY(AnalyzeDistribution(clause.distribution, result));
    SL_TRY(CheckDistributionKey(result));
    for (catalog::PartitionDef& partition : result.partitions) partition.buckets = 0;
    ResolvePartitions(context.environment, result);
  }
  if (!clause.names.empty()) result.sort_columns = clause.names;
  CatalogEdit edit;
  AddSchemaChangeJob(context, *table, std::move(result), AlterSpeed::kInJob,
                     catalog::JobKind::kOptimize, edit);
  SL_TRY(context.catalog().Apply(std::move(edit)));
  return StatementResult::Ok();
}

StatementOutcome RunClauses(const StatementContext& context, const sql::AlterTable& statement,
                            const TableName& name, const TablePtr& table) {
  const AlterClause& clause = statement.clauses.front();
  switch (OperationOf(clause.kind)) {
    case Operation::kSchemaChange:
      return ChangeSchema(context, statement, table);
    case Operation::kAddRollup:
      return AddRollups(context, clause, table);
    case Operation::kDropRollup:
      return DropRollups(context, clause, table);
    case Operation::kModifyProperties:
      return SetProperties(context, clause, table);
    case Operation::kSwap:
      return SwapTables(context, clause, name, table);
    case Operation::kOptimize:
      return Optimize(context, clause, table);
    case Operation::kCompact:
      return StatementResult::Ok();
    case Operation::kRename:
      if (clause.kind == Kind::kRename) return RenameTable(context, clause, name, table);
      if (clause.kind == Kind::kRenameColumn) return ChangeSchema(context, statement, table);
      return ChangePartitions(context, clause, table);
    case Operation::kAlterComment: {
      auto changed = std::make_shared<TableDef>(*table);
      changed->comment = clause.text;
      CatalogEdit edit;
      edit.put_tables.push_back(std::move(changed));
      SL_TRY(context.catalog().Apply(std::move(edit)));
      return StatementResult::Ok();
    }
    default:
      return ChangePartitions(context, clause, table);
  }
}

// What the analyzer refuses before it asks for privileges.
Status AnalyzeClauses(const sql::AlterTable& statement, const TableDef& table) {
  SL_TRY(CheckConflicts(statement));
  for (const AlterClause& clause : statement.clauses) {
    if (clause.kind == Kind::kRename && clause.new_name == table.name) {
      return sql::AnalyzeErrorAt(clause.begin, clause.end, "Same table name " + clause.new_name);
    }
    SL_TRY(AnalyzeColumnClause(clause, table));
  }
  return {};
}

}  // namespace

StatementOutcome Execute(const StatementContext& context, const sql::AlterTable& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  if (catalog.FindDatabase(name.database) == nullptr) {
    return AnalyzeError("Database " + std::string(kDefaultCatalog) + "." + name.database +
                        " is not found");
  }
  const TablePtr table = catalog.FindTable(name.database, name.table);
  if (table == nullptr) return TableNotFound(name.table);
  if (!table->is_table()) {
    return AnalyzeError("Do not support alter non-native table/materialized-view[" + name.database +
                        "." + name.table + "]");
  }
  SL_TRY(AnalyzeClauses(statement, *table));
  SL_TRY(context.session.RequirePrivilege("ALTER", ObjectKind::kTable, name.database, name.table));
  if (statement.clauses.empty()) return StatementResult::Ok();
  return RunClauses(context, statement, name, table);
}

}  // namespace starlift::sandbox::ddl

#include <algorithm>

#include "sandbox/ddl/alter_clauses.h"
#include "sandbox/ddl/statements.h"
#include "sandbox/sql/error.h"

// ALTER jobs: how they come to be, what they change, CANCEL.
namespace starlift::sandbox::ddl {

using catalog::AlterJob;
using catalog::CatalogEdit;
using catalog::ColumnDef;
using catalog::JobKind;
using catalog::JobPtr;
using catalog::JobState;
using catalog::TableDef;
using catalog::TablePtr;
using sql::SqlError;
using sql::StatementResult;
namespace code = sql::code;

namespace {

// The schema hash that SHOW ALTER prints behind the version: any number does.
std::string SchemaVersionText(const TableDef& table) {
  return std::to_string(table.schema_version) + ":" + std::to_string(table.base_index_id);
}

const ColumnDef* FindById(const TableDef& table, int32_t id) {
  for (const ColumnDef& column : table.columns) {
    if (column.id == id) return &column;
  }
  return nullptr;
}

struct CancelWords {
  JobKind kind;
  std::string not_running;
};

CancelWords WordsOf(sql::CancelAlter::Kind kind, const std::string& table) {
  using Kind = sql::CancelAlter::Kind;
  switch (kind) {
    case Kind::kColumn:
      return {JobKind::kSchemaChange,
              "Table[" + table + "] is not under SCHEMA_CHANGE/WAITING_STABLE."};
    case Kind::kOptimize:
      return {JobKind::kOptimize, "Table[" + table + "] is not under OPTIMIZE/WAITING_STABLE."};
    default:
      return {JobKind::kRollup, "Table[" + table +
                                    "] is not under ROLLUP/WAITING_STABLE. Use 'ALTER TABLE DROP "
                                    "ROLLUP' if you want to."};
  }
}

}  // namespace

void AddStorageChanges(const TablePtr& before, const TablePtr& after, CatalogEdit& edit) {
  for (const ColumnDef& column : before->columns) {
    const ColumnDef* kept = FindById(*after, column.id);
    if (kept == nullptr) {
      edit.storage.push_back(catalog::DropStorageColumn{after, column.id});
    } else if (kept->type != column.type) {
      edit.storage.push_back(catalog::ChangeStorageColumn{before, after, column.id});
    }
  }
  for (const ColumnDef& column : after->columns) {
    if (FindById(*before, column.id) == nullptr) {
      edit.storage.push_back(catalog::AddStorageColumn{after, column.id});
    }
  }
}

TableDef MergeJobResult(const TableDef& current, const TableDef& result) {
  TableDef merged = current;
  merged.columns = result.columns;
  merged.next_column_id = result.next_column_id;
  merged.key_columns = result.key_columns;
  merged.sort_columns = result.sort_columns;
  merged.indexes = result.indexes;
  merged.rollups = result.rollups;
  merged.distribution = result.distribution;
  merged.schema_version = result.schema_version;
  merged.base_index_id = result.base_index_id;
  for (catalog::PartitionDef& partition : merged.partitions) {
    for (const catalog::PartitionDef& changed : result.partitions) {
      if (changed.id == partition.id) partition.buckets = changed.buckets;
    }
  }
  return merged;
}

void AddSchemaChangeJob(const StatementContext& context, const TableDef& before, TableDef result,
                        AlterSpeed speed, JobKind kind, CatalogEdit& edit) {
  catalog::Catalog& catalog = context.catalog();
  auto job = std::make_shared<AlterJob>();
  job->id = catalog.NextId();
  job->kind = kind;
  job->database_id = before.database_id;
  job->table_id = before.id;
  job->table_name = before.name;
  job->index_name = kind == JobKind::kRollup ? result.rollups.back().name : before.name;
  job->origin_index_id = before.base_index_id;
  job->created_ms = NowMs();
  if (kind == JobKind::kSchemaChange) {
    ++result.schema_version;
    // A rewritten table gets a new base index; a fast change keeps its own.
    if (speed == AlterSpeed::kInJob) result.base_index_id = catalog.NextId();
    job->schema_version = SchemaVersionText(result);
  }
  job->index_id = kind == JobKind::kRollup ? result.rollups.back().id : result.base_index_id;
  if (context.environment.transactions != nullptr) {
    job->transaction_id = context.environment.transactions->NextTransactionId();
  }
  auto after = std::make_shared<const TableDef>(std::move(result));
  if (speed == AlterSpeed::kAtOnce) {
    job->fast = true;
    job->state = JobState::kFinished;
    job->finished_ms = job->created_ms;
    AddStorageChanges(catalog.FindTable(before.id), after, edit);
    edit.put_tables.push_back(after);
  } else {
    job->result = after;
  }
  edit.put_jobs.push_back(std::move(job));
}

StatementOutcome Execute(const StatementContext& context, const sql::CancelAlter& statement) {
  SL_ASSIGN(const TableName name, ResolveTableName(context, statement.name));
  SL_TRY(RequireDatabase(context, name.database));
  catalog::Catalog& catalog = context.catalog();
  const auto lock = catalog.LockForChange();
  const TablePtr table = catalog.FindTable(name.database, name.table);
  if (table == nullptr) {
    return SqlError(code::kUnknownTable, "Unknown table '" + name.table + "'");
  }
  SL_TRY(
      context.session.RequirePrivilege("ALTER", ObjectKindOf(*table), name.database, name.table));
  const CancelWords words = WordsOf(statement.kind, name.table);
  const JobPtr job = catalog.OpenJobOf(table->id);
  if (job == nullptr || job->kind != words.kind) return SqlError(code::kGeneric, words.not_running);
  auto cancelled = std::make_shared<AlterJob>(*job);
  cancelled->state = JobState::kCancelled;
  cancelled->message = "user cancelled";
  cancelled->finished_ms = NowMs();
  cancelled->result = nullptr;
  CatalogEdit edit;
  edit.put_jobs.push_back(std::move(cancelled));
  SL_TRY(catalog.Apply(std::move(edit)));
  return StatementResult::Ok();
}

}  // namespace starlift::sandbox::ddl

#include <algorithm>

#include "sandbox/ddl/show_filter.h"
#include "sandbox/ddl/show_statements.h"
#include "sandbox/sql/error.h"

// SHOW ALTER TABLE COLUMN | ROLLUP | OPTIMIZE, SHOW ALTER MATERIALIZED VIEW.
namespace starlift::sandbox::ddl {

using catalog::AlterJob;
using catalog::JobKind;
using catalog::JobPtr;
using catalog::JobState;
using sql::ResultRow;
using sql::StatementResult;
using sql::TextColumns;

namespace {

constexpr const char* kTimeoutSeconds = "86400";
constexpr const char* kRollupTimeout = "86400000000";  // in a unit of its own
constexpr std::string_view kSupportedColumns =
    "The columns of TableName/CreateTime/FinishTime/State are supported.";
constexpr std::string_view kFilterColumns[] = {"TableName", "CreateTime", "FinishTime", "State"};

std::optional<std::string> FinishCell(const AlterJob& job) {
  if (job.finished_ms == 0) return std::nullopt;
  return TimeText(job.finished_ms);
}

ResultRow ColumnRow(const AlterJob& job) {
  const bool running = job.state == JobState::kRunning;
  return {std::to_string(job.id),
          job.table_name,
          TimeText(job.created_ms),
          FinishCell(job),
          job.index_name,
          std::to_string(job.index_id),
          std::to_string(job.origin_index_id),
          job.schema_version,
          std::to_string(job.transaction_id),
          std::string(catalog::JobStateName(job.state)),
          job.message,
          running ? std::optional<std::string>("0/1") : std::nullopt,
          kTimeoutSeconds};
}

ResultRow RollupRow(const AlterJob& job) {
  const bool running = job.state == JobState::kRunning;
  return {std::to_string(job.id),
          job.table_name,
          TimeText(job.created_ms),
          FinishCell(job),
          job.table_name,
          job.index_name,
          std::to_string(job.index_id),
          std::to_string(job.transaction_id),
          std::string(catalog::JobStateName(job.state)),
          job.message,
          running ? std::optional<std::string>("0/1") : std::nullopt,
          kRollupTimeout};
}

ResultRow OptimizeRow(const AlterJob& job) {
  return {std::to_string(job.id),
          job.table_name,
          TimeText(job.created_ms),
          FinishCell(job),
          "",
          std::to_string(job.transaction_id),
          std::string(catalog::JobStateName(job.state)),
          job.message,
          job.state == JobState::kFinished ? "100" : "0",
          kTimeoutSeconds};
}

Status CheckFilter(const sql::ShowFilter& filter) {
  if (!filter.where.has_value()) return {};
  SL_ASSIGN(const auto terms, ParseFilterTerms(*filter.where, kSupportedColumns));
  for (const FilterTerm& term : terms) {
    const bool known =
        std::any_of(std::begin(kFilterColumns), std::end(kFilterColumns),
                    [&](std::string_view column) { return SameName(column, term.column); });
    if (!known) return sql::AnalyzeError(sql::code::kCommon, kSupportedColumns);
  }
  return {};
}

}  // namespace

StatementOutcome ShowAlterJobs(const StatementContext& context, const sql::ShowObjects& show) {
  using Kind = sql::ShowObjects::Kind;
  SL_ASSIGN(const std::string database, ShownDatabase(context, show));
  SL_ASSIGN(const catalog::DatabasePtr found, RequireDatabase(context, database));
  SL_TRY(CheckFilter(show.filter));
  JobKind kind = JobKind::kRollup;
  StatementResult result = StatementResult::Rows(TextColumns(
      {"JobId", "TableName", "CreateTime", "FinishedTime", "BaseIndexName", "RollupIndexName",
       "RollupId", "TransactionId", "State", "Msg", "Progress", "Timeout"},
      sql::kLongText));
  if (show.kind == Kind::kAlterColumn) {
    kind = JobKind::kSchemaChange;
    result.columns = TextColumns(
        {"JobId", "TableName", "CreateTime", "FinishTime", "IndexName", "IndexId", "OriginIndexId",
         "SchemaVersion", "TransactionId", "State", "Msg", "Progress", "Timeout"},
        sql::kLongText);
  } else if (show.kind == Kind::kAlterOptimize) {
    kind = JobKind::kOptimize;
    result.columns = TextColumns({"JobId", "TableName", "CreateTime", "FinishTime", "Operation",
                                  "TransactionId", "State", "Msg", "Progress", "Timeout"},
                                 sql::kLongText);
  }
  for (const JobPtr& job : context.catalog().Jobs(found->id)) {
    const bool seen = context.session.CanSeeTable(database, job->table_name, ObjectKind::kTable);
    if (job->kind != kind || !seen) continue;
    result.rows.push_back(kind == JobKind::kSchemaChange ? ColumnRow(*job)
                          : kind == JobKind::kRollup     ? RollupRow(*job)
                                                         : OptimizeRow(*job));
  }
  SL_TRY(ApplyFilter(show.filter, kSupportedColumns, result));
  return result;
}

}  // namespace starlift::sandbox::ddl

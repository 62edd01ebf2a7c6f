// SHOW LOAD, SHOW STREAM LOAD, SHOW TRANSACTION.
#include "sandbox/frontend/statements.h"
#include "sandbox/query/value_text.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::TokenReader;

std::optional<std::string> TimeText(int64_t ms) {
  if (ms <= 0) return std::nullopt;
  return query::DateTimeText(ms / 1000 * 1'000'000);
}

// FROM db, or the session's database.
Result<catalog::DatabasePtr> Database(Session* session, TokenReader* reader) {
  std::string name = session->current_database();
  if (reader->Accept("FROM") || reader->Accept("IN")) {
    SL_ASSIGN(const sql::QualifiedName stated, reader->ObjectName());
    name = stated.last();
  }
  if (name.empty())
    return sql::AnalyzeError(sql::code::kNoDatabaseSelected, "No database selected");
  catalog::DatabasePtr database = session->server().environment.ddl->catalog->FindDatabase(name);
  if (!database)
    return sql::AnalyzeError(sql::code::kUnknownDatabase, "Unknown database '" + name + "'");
  return database;
}

// WHERE, ORDER BY and LIMIT.
Result<StatementResult> Filtered(TokenReader* reader, StatementResult result) {
  SL_ASSIGN(const ShowFilter filter, ParseShowFilter(reader));
  if (reader->Accept({"ORDER", "BY"})) {
    do {
      SL_ASSIGN([[maybe_unused]] const std::string column, reader->Name());
      if (!reader->Accept("DESC")) reader->Accept("ASC");
    } while (reader->Accept(","));
  }
  int64_t limit = -1;
  if (reader->Accept("LIMIT")) {
    SL_ASSIGN(limit, reader->Integer());
  }
  SL_TRY(reader->ExpectEnd());
  ApplyShowFilter(filter, 1, &result);
  if (limit >= 0 && result.rows.size() > static_cast<size_t>(limit))
    result.rows.resize(static_cast<size_t>(limit));
  return result;
}

std::vector<LoadTransaction> LoadsOf(const Session& session, int64_t database_id) {
  const TransactionLedger& ledger = *session.server().environment.ledger;
  std::vector<LoadTransaction> loads = ledger.List(database_id, true);
  for (LoadTransaction& load : ledger.List(database_id, false)) loads.push_back(std::move(load));
  return loads;
}

Result<StatementResult> ShowLoad(Session* session, TokenReader* reader) {
  SL_ASSIGN(const catalog::DatabasePtr database, Database(session, reader));
  StatementResult result = ShowResult(
      {"JobId",         "Label",         "State",          "Progress",       "Type",
       "Priority",      "ScanRows",      "FilteredRows",   "UnselectedRows", "SinkRows",
       "EtlInfo",       "TaskInfo",      "ErrorMsg",       "CreateTime",     "EtlStartTime",
       "EtlFinishTime", "LoadStartTime", "LoadFinishTime", "TrackingSQL",    "JobDetails",
       "Warehouse"},
      90);
  for (const LoadTransaction& load : LoadsOf(*session, database->id)) {
    if (load.source != TransactionSource::kInsertStreaming) continue;
    const bool done = load.state == TransactionState::kVisible;
    result.rows.push_back({std::to_string(load.id),
                           load.label,
                           done                                       ? "FINISHED"
                           : load.state == TransactionState::kAborted ? "CANCELLED"
                                                                      : "LOADING",
                           done ? "ETL:100%; LOAD:100%" : "ETL:100%; LOAD:0%",
                           "INSERT",
                           "NORMAL",
                           std::to_string(load.rows_total),
                           std::to_string(load.rows_filtered),
                           std::to_string(load.rows_unselected),
                           std::to_string(load.rows_loaded),
                           std::nullopt,
                           "resource:N/A; timeout(s):" + std::to_string(load.timeout_ms / 1000) +
                               "; max_filter_ratio:0.0",
                           load.reason.empty() ? std::nullopt : std::optional(load.reason),
                           TimeText(load.begin_ms),
                           TimeText(load.begin_ms),
                           TimeText(load.begin_ms),
                           TimeText(load.begin_ms),
                           TimeText(load.finish_ms),
                           std::string(),
                           std::string("{}"),
                           std::string("default_warehouse")});
  }
  return Filtered(reader, std::move(result));
}

Result<StatementResult> ShowStreamLoad(Session* session, TokenReader* reader) {
  std::string label;
  if (reader->Accept("FOR")) {
    SL_ASSIGN(label, reader->Name());
  }
  SL_ASSIGN(const catalog::DatabasePtr database, Database(session, reader));
  StatementResult result = ShowResult({"Label",
                                       "Id",
                                       "LoadId",
                                       "TxnId",
                                       "DbName",
                                       "TableName",
                                       "State",
                                       "ErrorMsg",
                                       "TrackingURL",
                                       "ChannelNum",
                                       "PreparedChannelNum",
                                       "NumRowsNormal",
                                       "NumRowsAbNormal",
                                       "NumRowsUnselected",
                                       "NumLoadBytes",
                                       "TimeoutSecond",
                                       "CreateTimeMs",
                                       "BeforeLoadTimeMs",
                                       "StartLoadingTimeMs",
                                       "StartPreparingTimeMs",
                                       "FinishPreparingTimeMs",
                                       "EndTimeMs",
                                       "ChannelState",
                                       "Type",
                                       "TrackingSQL"},
                                      90);
  const catalog::Catalog& catalog = *session->server().environment.ddl->catalog;
  for (const LoadTransaction& load : LoadsOf(*session, database->id)) {
    if (load.source != TransactionSource::kBackendStreaming) continue;
    if (!label.empty() && load.label != label) continue;
    const catalog::TablePtr table =
        load.table_ids.empty() ? nullptr : catalog.FindTable(load.table_ids.front());
    const bool done = load.state == TransactionState::kVisible;
    result.rows.push_back({load.label,
                           std::to_string(load.id),
                           "",
                           std::to_string(load.id),
                           database->name,
                           table ? table->name : "",
                           done                                       ? "FINISHED"
                           : load.state == TransactionState::kAborted ? "CANCELLED"
                                                                      : "LOADING",
                           load.reason,
                           load.error_url,
                           "1",
                           "0",
                           std::to_string(load.rows_loaded),
                           std::to_string(load.rows_filtered),
                           std::to_string(load.rows_unselected),
                           std::to_string(load.bytes),
                           std::to_string(load.timeout_ms / 1000),
                           TimeText(load.begin_ms),
                           TimeText(load.begin_ms),
                           TimeText(load.begin_ms),
                           TimeText(load.prepared_ms),
                           TimeText(load.prepared_ms),
                           TimeText(load.finish_ms),
                           std::string(),
                           std::string("STREAM_LOAD"),
                           std::string()});
  }
  return Filtered(reader, std::move(result));
}

Result<StatementResult> ShowTransaction(Session* session, TokenReader* reader) {
  SL_ASSIGN(const catalog::DatabasePtr database, Database(session, reader));
  if (!reader->Sees({"WHERE"}))
    return sql::AnalyzeError("should supply condition like: ID = $transaction_id");
  StatementResult result = ShowResult(
      {"TransactionId", "Label", "Coordinator", "TransactionStatus", "LoadJobSourceType",
       "PrepareTime", "CommitTime", "PublishTime", "FinishTime", "Reason", "ErrorReplicasCount",
       "ListenerId", "TimeoutMs", "PreparedTimeoutMs", "ErrMsg", "Id"},
      90);
  for (const LoadTransaction& load : LoadsOf(*session, database->id)) {
    result.rows.push_back(
        {std::to_string(load.id), load.label, "BE: " + session->server().environment.endpoints.host,
         std::string(TransactionStateName(load.state)),
         std::string(load.source == TransactionSource::kInsertStreaming ? "INSERT_STREAMING"
                                                                        : "BACKEND_STREAMING"),
         TimeText(load.begin_ms), TimeText(load.commit_ms), TimeText(load.commit_ms),
         TimeText(load.finish_ms), load.reason, std::string("0"), std::string("-1"),
         std::to_string(load.timeout_ms), std::to_string(load.prepared_timeout_ms), load.reason,
         std::to_string(load.id)});
  }
  SL_ASSIGN(StatementResult filtered, Filtered(reader, std::move(result)));
  // ID is only there for the condition.
  filtered.columns.pop_back();
  for (sql::ResultRow& row : filtered.rows) row.pop_back();
  return filtered;
}

}  // namespace

std::optional<Result<StatementResult>> ShowLoads(Session* session, TokenReader* reader) {
  if (reader->Sees({"LOAD", "WARNINGS"})) return std::nullopt;
  if (reader->Accept("LOAD")) return ShowLoad(session, reader);
  if (reader->Accept({"STREAM", "LOAD"}) || reader->Accept({"ALL", "STREAM", "LOAD"})) {
    return ShowStreamLoad(session, reader);
  }
  if (reader->Accept("TRANSACTION")) return ShowTransaction(session, reader);
  return std::nullopt;
}

}  // namespace starlift::sandbox::frontend

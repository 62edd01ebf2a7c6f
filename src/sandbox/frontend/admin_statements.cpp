#include <map>

#include "sandbox/frontend/statements.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::TokenReader;

Result<StatementResult> ShowConfig(Session* session, TokenReader* reader) {
  SL_ASSIGN(const ShowFilter filter, ParseShowFilter(reader));
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->RequireSystem("OPERATE"));
  StatementResult result =
      ShowResult({"Key", "AliasNames", "Value", "Type", "IsMutable", "Comment"}, 90);
  for (const ConfigItem& item : session->server().config.List()) {
    result.rows.push_back(
        {item.name, "[]", item.value, item.type, item.mutable_at_run_time ? "true" : "false", ""});
  }
  ApplyShowFilter(filter, 0, &result);
  return result;
}

// Settings of labels and transactions that the ledger obeys.
void PassOn(Session* session, const std::string& name, int64_t value) {
  TransactionLedger& ledger = *session->server().environment.ledger;
  LedgerOptions options = ledger.options();
  if (name == "label_keep_max_second") options.label_keep_max_second = value;
  if (name == "label_keep_max_num") options.label_keep_max_num = value;
  if (name == "transaction_clean_interval_second")
    options.transaction_clean_interval_second = value;
  if (name == "max_running_txn_num_per_db") options.max_running_txn_num_per_db = value;
  ledger.SetOptions(options);
}

Result<StatementResult> SetConfig(Session* session, TokenReader* reader) {
  SL_ASSIGN(const sql::Properties properties, reader->PropertyList());
  if (reader->Accept({"WITH", "PERSISTENT"})) {
    // Taken; the value lasts as long as the server.
  }
  SL_TRY(reader->ExpectEnd());
  SL_TRY(session->RequireSystem("OPERATE"));
  for (const auto& [name, value] : properties) {
    SL_TRY(session->server().config.Set(name, value));
    const auto item = session->server().config.Find(name);
    if (item && (item->type == "int" || item->type == "long"))
      PassOn(session, name, std::stoll(value));
  }
  return StatementResult::Ok();
}

struct NamedTable {
  catalog::DatabasePtr database;
  catalog::TablePtr table;
};

Result<NamedTable> FindTable(Session* session, TokenReader* reader) {
  SL_ASSIGN(const sql::QualifiedName name, reader->ObjectName());
  const std::string database =
      name.parts.size() > 1 ? name.parts[name.parts.size() - 2] : session->current_database();
  if (database.empty())
    return sql::AnalyzeError(sql::code::kNoDatabaseSelected, "No database selected");
  const catalog::Catalog& catalog = *session->server().environment.ddl->catalog;
  NamedTable found;
  found.database = catalog.FindDatabase(database);
  if (!found.database)
    return sql::SqlError(sql::code::kGeneric, "Database " + database + " does not exist");
  found.table = catalog.FindTable(database, name.last());
  if (!found.table || !found.table->is_stored()) {
    return sql::SqlError(sql::code::kGeneric,
                         "Table does not exist or is not OLAP table: " + name.last());
  }
  return found;
}

// The replicas of all tablets, spread over the pretended backends.
template <typename Visit>
void ForEachReplica(const Session& session, const catalog::TableDef& table, Visit visit) {
  const int backends = session.server().environment.endpoints.backends;
  for (const catalog::PartitionDef& partition : table.partitions) {
    for (int bucket = 0; bucket < partition.buckets; ++bucket) {
      const int64_t tablet = partition.id * 1000 + bucket;
      for (int replica = 0; replica < partition.replication_num; ++replica) {
        visit(tablet, tablet * 10 + replica + 1, 10001 + (bucket + replica) % backends);
      }
    }
  }
}

Result<StatementResult> ReplicaStatus(Session* session, TokenReader* reader) {
  SL_ASSIGN(const NamedTable found, FindTable(session, reader));
  while (!reader->AtEnd()) reader->Take();
  SL_TRY(session->RequireSystem("OPERATE"));
  StatementResult result = ShowResult(
      {"TabletId", "ReplicaId", "BackendId", "Version", "LastFailedVersion", "LastSuccessVersion",
       "CommittedVersion", "SchemaHash", "VersionNum", "IsBad", "IsSetBadForce", "State", "Status"},
      90);
  ForEachReplica(*session, *found.table, [&](int64_t tablet, int64_t replica, int64_t backend) {
    result.rows.push_back({std::to_string(tablet), std::to_string(replica), std::to_string(backend),
                           "1", "-1", "1", "1", "0", "-1", "false", "false", "NORMAL", "OK"});
  });
  return result;
}

Result<StatementResult> ReplicaDistribution(Session* session, TokenReader* reader) {
  SL_ASSIGN(const NamedTable found, FindTable(session, reader));
  while (!reader->AtEnd()) reader->Take();
  SL_TRY(session->RequireSystem("OPERATE"));
  StatementResult result = ShowResult({"BackendId", "ReplicaNum", "Graph", "Percent"}, 90);
  std::map<int64_t, int64_t> counts;
  int64_t total = 0;
  ForEachReplica(*session, *found.table, [&](int64_t, int64_t, int64_t backend) {
    ++counts[backend];
    ++total;
  });
  for (const auto& [backend, count] : counts) {
    const int64_t percent = count * 100 / total;
    result.rows.push_back({std::to_string(backend), std::to_string(count),
                           std::string(static_cast<size_t>(percent), '>'),
                           std::to_string(percent) + " %"});
  }
  return result;
}

}  // namespace

Result<StatementResult> ExecuteAdmin(Session* session, TokenReader* reader) {
  const sql::Token begin = reader->Take();
  if (reader->Accept({"SHOW", "FRONTEND", "CONFIG"})) return ShowConfig(session, reader);
  if (reader->Accept({"SET", "FRONTEND", "CONFIG"})) return SetConfig(session, reader);
  if (reader->Accept({"SHOW", "REPLICA", "STATUS", "FROM"})) return ReplicaStatus(session, reader);
  if (reader->Accept({"SHOW", "REPLICA", "DISTRIBUTION", "FROM"}))
    return ReplicaDistribution(session, reader);
  if (reader->Accept({"CHECK", "TABLET"}) || reader->Accept({"CHECK", "TABLETS"}) ||
      reader->Accept({"SET", "REPLICA", "STATUS"})) {
    SL_TRY(session->RequireSystem("OPERATE"));
    while (!reader->AtEnd()) reader->Take();
    return StatementResult::Ok();
  }
  if (reader->Accept({"REPAIR", "TABLE"}) || reader->Accept({"CANCEL", "REPAIR", "TABLE"})) {
    SL_TRY(session->RequireSystem("OPERATE"));
    SL_ASSIGN([[maybe_unused]] const NamedTable found, FindTable(session, reader));
    return StatementResult::Ok();
  }
  return reader->NoViable(begin);
}

}  // namespace starlift::sandbox::frontend

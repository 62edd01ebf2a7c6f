#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sandbox/load/load_job.h"
#include "sandbox/query/expression_translator.h"
#include "sandbox/storage/merge.h"

// The part of loads that makes rows and label durable together.
namespace starlift::sandbox::load {
namespace {

using nlohmann::json;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// How staged rows lie and what they bring: what a PREPARED transaction must remember.
struct StagedShape {
  int64_t table_id = 0;
  std::string table_name;  // for faults and messages
  std::vector<int64_t> columns;
  bool partial = false;
  int64_t merge_condition = 0;
};

Error TableGone(const StagedShape& shape) {
  return Error{ErrorKind::kData, fmt::format("unknown table \"{}\"", shape.table_name)};
}

// Merges rows of `relation` into the table as it is now. Columns that ALTER added meanwhile get
// their default, those that it dropped are left behind. The caller holds the TableLock.
Status MergeShape(LoadEnvironment& environment, Connection& connection, const StagedShape& shape,
                  const std::string& relation) {
  const catalog::TablePtr table = environment.catalog->FindTable(shape.table_id);
  if (table == nullptr) return TableGone(shape);
  StagedRows rows;
  rows.order_column = "ord";
  if (table->model == catalog::TableModel::kPrimary) rows.op_column = "op";
  std::string added;
  for (const catalog::ColumnDef& column : table->columns) {
    const bool brought =
        std::find(shape.columns.begin(), shape.columns.end(), column.id) != shape.columns.end();
    if (brought) rows.columns.push_back(column.id);
    if (brought || shape.partial) continue;
    rows.columns.push_back(column.id);
    added += fmt::format(", {} AS {}", DefaultSql(column), column.physical_name());
  }
  rows.relation = added.empty() ? relation : fmt::format("(SELECT *{} FROM {})", added, relation);
  if (!shape.partial) rows.columns.clear();
  if (shape.merge_condition != 0) rows.merge_condition = shape.merge_condition;
  SL_TRY(MergeStagedRows(connection, MergeTargetOf(*table), rows));
  return {};
}

void MakeVisible(LoadTransaction& transaction) {
  transaction.state = TransactionState::kVisible;
  transaction.commit_ms = transaction.finish_ms = NowMs();
}

// The label's row where no rows are kept: null mode.
Status RecordAlone(LoadEnvironment& environment, const LoadTransaction& transaction) {
  SL_TRY(environment.storage->RunWrite(
      [&](WriteTransaction& write) { return environment.ledger->Record(write, transaction); }));
  environment.ledger->Publish(transaction);
  return {};
}

// Records the label's row and commits; on success the state can be seen by everyone.
Status Seal(LoadEnvironment& environment, WriteTransaction& write, const std::string& table,
            const LoadTransaction& transaction) {
  SL_TRY(environment.ledger->Record(write, transaction));
  environment.faults->DieAt("before_commit", table);
  if (const auto fault = environment.faults->Take("slow_commit", table)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(fault->value));
  }
  Status committed = write.Commit();
  if (!committed.ok()) {
    environment.ledger->Release(transaction.id);
    return committed;
  }
  environment.faults->DieAt("after_commit", table);
  environment.ledger->Publish(transaction);
  return {};
}

}  // namespace

Status StrikeCommitFaults(LoadEnvironment& environment, const std::string& table,
                          int64_t table_id) {
  if (environment.faults->Take("too_many_versions", table)) {
    return Error{
        ErrorKind::kData,
        fmt::format("Failed to load data into tablet {}, because of too many versions, "
                    "current/limit: 1000/1000. You can reduce the loading job concurrency, "
                    "or increase loading data batch size. If you are loading data with "
                    "Routine Load, you can increase FE configs routine_load_task_consume_"
                    "second and max_routine_load_batch_size,",
                    table_id)};
  }
  if (environment.faults->Take("disk_full", table)) {
    return Error{
        ErrorKind::kData,
        "CAPACITY_LIMIT_EXCEED: the disk capacity of backend 10001 exceed the limit, path: "
        "/storage"};
  }
  return {};
}

Status LoadJob::Commit(LoadTransaction& transaction) {
  if (direct_ == nullptr) return CommitTogether({this}, transaction);
  AddCounts(transaction);
  const std::string name = table_name();
  SL_TRY(StrikeCommitFaults(environment_, name, plan_.table->id));
  MakeVisible(transaction);
  return Seal(environment_, *direct_, name, transaction);
}

Status LoadJob::CommitTogether(const std::vector<LoadJob*>& jobs, LoadTransaction& transaction) {
  LoadEnvironment& environment = jobs.front()->environment_;
  for (const LoadJob* job : jobs) {
    job->AddCounts(transaction);
    SL_TRY(StrikeCommitFaults(environment, job->table_name(), job->plan_.table->id));
  }
  MakeVisible(transaction);
  if (environment.null_mode) return RecordAlone(environment, transaction);

  std::vector<LoadJob*> by_table = jobs;
  std::sort(by_table.begin(), by_table.end(), [](const LoadJob* a, const LoadJob* b) {
    return a->plan_.table->id < b->plan_.table->id;
  });
  std::vector<TableLock> locks;
  for (const LoadJob* job : by_table) {
    locks.push_back(environment.storage->LockTable(job->plan_.table->id));
  }
  SL_ASSIGN(std::unique_ptr<WriteTransaction> write,
            environment.storage->BeginWriteOn(std::move(*by_table.front()->connection_)));
  for (const LoadJob* job : by_table) {
    const LoadPlan& plan = job->plan_;
    StagedShape shape{plan.table->id, job->table_name(), {}, plan.partial, plan.merge_condition};
    for (const TargetColumn& target : plan.targets) shape.columns.push_back(target.column->id);
    SL_TRY(MergeShape(environment, write->connection(), shape, job->relation_));
  }
  return Seal(environment, *write, jobs.front()->table_name(), transaction);
}

Status LoadJob::Prepare(LoadTransaction& transaction) {
  AddCounts(transaction);
  const std::string name = table_name();
  SL_TRY(StrikeCommitFaults(environment_, name, plan_.table->id));
  transaction.state = TransactionState::kPrepared;
  transaction.prepared_ms = NowMs();
  json columns = json::array();
  for (const TargetColumn& target : plan_.targets) columns.push_back(target.column->id);
  transaction.extra = json{{"table_id", plan_.table->id},
                           {"table_name", name},
                           {"columns", columns},
                           {"partial", plan_.partial},
                           {"condition", plan_.merge_condition},
                           {"rows", !environment_.null_mode}}
                          .dump();
  if (environment_.null_mode) return RecordAlone(environment_, transaction);
  SL_ASSIGN(std::unique_ptr<WriteTransaction> write,
            environment_.storage->BeginWriteOn(std::move(*connection_)));
  SL_TRY(write->connection().Execute(fmt::format("CREATE TABLE {} AS SELECT * FROM {}",
                                                 PreparedTableName(transaction.id), relation_)));
  SL_TRY(environment_.ledger->Record(*write, transaction));
  environment_.faults->DieAt("before_prepare", name);
  SL_TRY(write->Commit());
  environment_.faults->DieAt("after_prepare", name);
  environment_.ledger->Publish(transaction);
  return {};
}

Status CommitPrepared(LoadEnvironment& environment, LoadTransaction& transaction) {
  const json extra = json::parse(transaction.extra, nullptr, false);
  if (!extra.is_object()) {
    return Error{ErrorKind::kInternal, fmt::format("transaction {} is broken", transaction.id)};
  }
  StagedShape shape;
  shape.table_id = extra.value("table_id", int64_t{0});
  shape.table_name = extra.value("table_name", "");
  shape.columns = extra.value("columns", std::vector<int64_t>());
  shape.partial = extra.value("partial", false);
  shape.merge_condition = extra.value("condition", int64_t{0});
  MakeVisible(transaction);
  const TableLock lock = environment.storage->LockTable(shape.table_id);
  // Another commit of the same label may have been first.
  const auto now = environment.ledger->Find(transaction.id);
  if (now && now->state == TransactionState::kVisible) {
    transaction = *now;
    return {};
  }
  SL_ASSIGN(std::unique_ptr<WriteTransaction> write, environment.storage->BeginWrite());
  if (extra.value("rows", true)) {
    const std::string kept = PreparedTableName(transaction.id);
    SL_TRY(MergeShape(environment, write->connection(), shape, kept));
    SL_TRY(write->connection().Execute("DROP TABLE " + kept));
  }
  return Seal(environment, *write, shape.table_name, transaction);
}

}  // namespace starlift::sandbox::load

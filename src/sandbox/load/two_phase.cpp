#include "sandbox/load/two_phase.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.h"

namespace starlift::sandbox::load {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

int64_t MsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

std::string Dump(const ordered_json& json) {
  return json.dump(4, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string Refusal(std::string_view status, const std::string& message) {
  return Dump({{"Status", status}, {"Message", message}});
}

std::string NotExists(const TransactionCall& call) {
  return Refusal("TXN_NOT_EXISTS", fmt::format("Transaction with label {} not exists", call.label));
}

// The name of the backend's status code that stands for an error of the load.
std::string_view StatusName(const Error& error) {
  if (error.message == "too many filtered rows") return "DATA_QUALITY_ERROR";
  if (error.message == "timeout by txn manager") return "TIMEOUT";
  if (error.kind == ErrorKind::kRefused) return "INVALID_ARGUMENT";
  return "INTERNAL_ERROR";
}

}  // namespace

struct TwoPhaseLoads::Context {
  struct Part {
    std::unique_ptr<LoadJob> job;
    std::string fingerprint;  // data headers of the table's first load
  };

  std::mutex mutex;  // held by the call at work
  LoadTransaction transaction;
  std::string database;
  std::string table;  // empty: a multi-table transaction
  // Outlives the parts' jobs, which share it.
  std::shared_ptr<Connection> connection;
  std::map<std::string, Part> parts;  // by table
  bool finished = false;              // a multi-table prepare has checked the rows
  uint64_t bytes = 0;
  int64_t plan_ms = 0;
  int64_t received_ms = 0;
  Clock::time_point begun = Clock::now();
  Clock::time_point last_used = Clock::now();
  int64_t timeout_second = 600;
  int64_t idle_timeout_second = 0;
};

// A context claimed for one call, or why it can't be.
class TwoPhaseLoads::Claim {
 public:
  Claim(TwoPhaseLoads& loads, const TransactionCall& call) {
    {
      std::lock_guard guard(loads.mutex_);
      const auto found = loads.contexts_.find({call.database, call.label});
      if (found == loads.contexts_.end()) {
        refusal_ = NotExists(call);
        return;
      }
      context_ = found->second;
    }
    lock_ = std::unique_lock(context_->mutex, std::try_to_lock);
    if (!lock_.owns_lock()) {
      refusal_ = Dump({{"Status", "TXN_IN_PROCESSING"},
                       {"Message", "Transaction is in processing"},
                       {"Label", call.label}});
      return;
    }
    context_->last_used = Clock::now();
  }
  bool ok() const { return refusal_.empty(); }
  const std::string& refusal() const { return refusal_; }
  Context& operator*() const { return *context_; }
  Context* operator->() const { return context_.get(); }

 private:
  std::shared_ptr<Context> context_;
  std::unique_lock<std::mutex> lock_;
  std::string refusal_;
};

TwoPhaseLoads::TwoPhaseLoads(LoadEnvironment& environment, std::string error_url_base)
    : environment_(environment), error_url_base_(std::move(error_url_base)) {}

TwoPhaseLoads::~TwoPhaseLoads() = default;

void TwoPhaseLoads::Drop(const Key& key) {
  std::lock_guard guard(mutex_);
  contexts_.erase(key);
}

std::string TwoPhaseLoads::Begin(const TransactionCall& call) {
  const Clock::time_point start = Clock::now();
  const Key key{call.database, call.label};
  {
    std::lock_guard guard(mutex_);
    if (contexts_.contains(key)) {
      return Dump({{"Status", "LABEL_ALREADY_EXISTS"}, {"Message", ""}, {"ExistingJobStatus", ""}});
    }
  }
  LoadTransaction transaction;
  if (call.multi_table) {
    const catalog::DatabasePtr database = environment_.catalog->FindDatabase(call.database);
    if (database == nullptr) {
      return Refusal("ANALYSIS_ERROR", "unknown database, database=" + call.database);
    }
    transaction.database_id = database->id;
  } else {
    Result<catalog::TablePtr> table = FindLoadTable(environment_, call.database, call.table);
    if (!table.ok()) return Refusal("ANALYSIS_ERROR", table.error().message);
    transaction.database_id = (*table)->database_id;
    transaction.table_ids = {(*table)->id};
  }
  if (environment_.faults->Take("fail_begin", call.database + "." + call.table)) {
    return Refusal("THRIFT_RPC_ERROR", "current fe is not master");
  }
  transaction.label = call.label;
  transaction.user = call.user;
  transaction.timeout_ms = call.timeout_second * 1000;
  Result<LoadTransaction> begun = environment_.ledger->Begin(transaction);
  if (!begun.ok()) {
    if (begun.error().kind != ErrorKind::kConflict) {
      return Refusal("INTERNAL_ERROR", begun.error().message);
    }
    return Dump({{"Status", "LABEL_ALREADY_EXISTS"},
                 {"Message", begun.error().message},
                 {"ExistingJobStatus", begun.error().where}});
  }
  auto context = std::make_shared<Context>();
  context->transaction = *begun;
  context->database = call.database;
  if (!call.multi_table) context->table = call.table;
  context->timeout_second = call.timeout_second;
  context->idle_timeout_second = call.idle_timeout_second;
  {
    std::lock_guard guard(mutex_);
    contexts_[key] = context;
  }
  return Dump({{"Status", "OK"},
               {"Message", ""},
               {"Label", begun->label},
               {"TxnId", begun->id},
               {"BeginTxnTimeMs", MsSince(start)}});
}

Status TwoPhaseLoads::CheckCall(const Context& context, const TransactionCall& call) const {
  if (!call.table.empty() && !context.table.empty() && call.table != context.table) {
    return Error{ErrorKind::kRefused, fmt::format("Request table {} not equal transaction table {}",
                                                  call.table, context.table)};
  }
  const auto now = environment_.ledger->Find(context.transaction.id);
  if (!now || now->state != TransactionState::kPrepare) {
    return Error{ErrorKind::kConflict, "current transaction is aborted"};
  }
  return {};
}

// An error ends the transaction: its rows go, its label becomes ABORTED.
std::string TwoPhaseLoads::Failure(Context& context, const Error& error) {
  ordered_json json{{"Status", StatusName(error)}, {"Message", error.message}};
  for (const auto& [table, part] : context.parts) {
    const std::string log = part.job->error_log_name();
    if (!log.empty()) json["ErrorURL"] = error_url_base_ + log;
  }
  context.parts.clear();
  (void)environment_.ledger->Abort(context.transaction.id, error.message);
  Drop({context.database, context.transaction.label});
  return Dump(json);
}

// The job of the call's table: the transaction's own, or a new one.
Status TwoPhaseLoads::OpenPart(Context& context, const TransactionCall& call,
                               const LoadRequest& request, const std::string& fingerprint) {
  const std::string& name = context.table.empty() ? call.table : context.table;
  SL_ASSIGN(const catalog::TablePtr table, FindLoadTable(environment_, context.database, name));
  if (context.connection == nullptr) {
    SL_ASSIGN(Connection connection, environment_.storage->Connect());
    context.connection = std::make_shared<Connection>(std::move(connection));
  }
  LoadRequest of_all = request;
  of_all.timeout_second = context.timeout_second;
  SL_ASSIGN(std::unique_ptr<LoadJob> job,
            LoadJob::OpenStaged(environment_, std::move(of_all), table, context.transaction.id,
                                context.connection));
  context.parts[name] = {std::move(job), fingerprint};
  if (context.table.empty()) context.transaction.table_ids.push_back(table->id);
  return {};
}

Result<std::string> TwoPhaseLoads::Load(const TransactionCall& call, const LoadRequest& request,
                                        const std::string& fingerprint, const OpenBody& open_body) {
  Claim context(*this, call);
  if (!context.ok()) return context.refusal();
  const Status callable = CheckCall(*context, call);
  if (!callable.ok()) {
    if (callable.error().kind == ErrorKind::kConflict) return Failure(*context, callable.error());
    return Refusal(StatusName(callable.error()), callable.error().message);
  }
  const Status sized = CheckBodySize(request, environment_.settings, context->bytes);
  if (!sized.ok()) return Failure(*context, sized.error());
  const Clock::time_point planning = Clock::now();
  int64_t plan_ms = 0;
  if (context->finished) {
    return Refusal("INVALID_ARGUMENT", fmt::format("Transaction {} is prepared already, label is "
                                                   "{}",
                                                   context->transaction.id, call.label));
  }
  auto part = context->parts.find(context->table.empty() ? call.table : context->table);
  if (part == context->parts.end()) {
    const Status opened = OpenPart(*context, call, request, fingerprint);
    if (!opened.ok()) return Failure(*context, opened.error());
    part = context->parts.find(context->table.empty() ? call.table : context->table);
    plan_ms = MsSince(planning);
    context->plan_ms += plan_ms;
  } else if (part->second.fingerprint != fingerprint) {
    return Refusal("INVALID_ARGUMENT", "load request not equal last.");
  }
  LoadJob& job = *part->second.job;
  const Clock::time_point receiving = Clock::now();
  const uint64_t before = job.bytes();
  const Status consumed = job.Consume(open_body(), false);
  if (!consumed.ok()) {
    std::string answer = Failure(*context, consumed.error());
    if (consumed.error().kind == ErrorKind::kUnreachable) return consumed.error();
    return answer;
  }
  const uint64_t bytes = job.bytes() - before;
  context->bytes += bytes;
  context->received_ms += MsSince(receiving);
  return Dump({{"Status", "OK"},
               {"Message", ""},
               {"Label", context->transaction.label},
               {"TxnId", context->transaction.id},
               {"LoadBytes", bytes},
               {"StreamLoadPlanTimeMs", plan_ms},
               {"ReceivedDataTimeMs", MsSince(receiving)}});
}

std::string TwoPhaseLoads::Prepare(const TransactionCall& call) { return Finish(call, false); }
std::string TwoPhaseLoads::Commit(const TransactionCall& call) { return Finish(call, true); }

Status TwoPhaseLoads::FinishParts(Context& context) {
  if (context.parts.empty()) {
    return Error{ErrorKind::kData,
                 fmt::format("transaction {} hasn't send any data yet", context.transaction.label)};
  }
  if (context.finished) return {};
  for (const auto& [table, part] : context.parts) SL_TRY(part.job->FinishRows());
  return {};
}

Status TwoPhaseLoads::EndParts(Context& context, bool commit) {
  const bool multi_table = context.table.empty();
  if (!commit && multi_table) {
    context.finished = true;
    return {};
  }
  if (!commit) return context.parts.begin()->second.job->Prepare(context.transaction);
  std::vector<LoadJob*> jobs;
  for (const auto& [table, part] : context.parts) jobs.push_back(part.job.get());
  return LoadJob::CommitTogether(jobs, context.transaction);
}

std::string TwoPhaseLoads::Finish(const TransactionCall& call, bool commit) {
  Claim context(*this, call);
  if (!context.ok()) return context.refusal();
  const Status callable = CheckCall(*context, call);
  if (!callable.ok()) return Failure(*context, callable.error());
  LoadTransaction& transaction = context->transaction;
  transaction.prepared_timeout_ms = call.prepared_timeout_second * 1000;
  const Clock::time_point writing = Clock::now();
  const Status finished = FinishParts(*context);
  if (!finished.ok()) return Failure(*context, finished.error());
  const int64_t write_ms = MsSince(writing);
  const Clock::time_point committing = Clock::now();
  const Status done = EndParts(*context, commit);
  if (!done.ok()) return Failure(*context, done.error());
  const bool stays = context->finished && !commit;
  if (!stays) Drop({context->database, transaction.label});
  RowCounts counts;
  for (const auto& [table, part] : context->parts) {
    counts.total += part.job->counts().total;
    counts.filtered += part.job->counts().filtered;
    counts.unselected += part.job->counts().unselected;
  }
  ordered_json json{{"Status", "OK"},
                    {"Message", ""},
                    {"Label", transaction.label},
                    {"TxnId", transaction.id},
                    {"NumberTotalRows", counts.total},
                    {"NumberLoadedRows", counts.loaded()},
                    {"NumberFilteredRows", counts.filtered},
                    {"NumberUnselectedRows", counts.unselected},
                    {"LoadBytes", context->bytes},
                    {"LoadTimeMs", MsSince(context->begun)},
                    {"StreamLoadPlanTimeMs", context->plan_ms},
                    {"ReceivedDataTimeMs", context->received_ms},
                    {"WriteDataTimeMs", write_ms},
                    {"CommitAndPublishTimeMs", MsSince(committing)}};
  for (const auto& [table, part] : context->parts) {
    const std::string log = part.job->error_log_name();
    if (!log.empty()) json["ErrorURL"] = error_url_base_ + log;
  }
  if (commit &&
      environment_.faults->Take("publish_timeout", context->database + "." + context->table)) {
    json["Status"] = "PUBLISH_TIMEOUT";
    json["Message"] = "publish timeout: the data will be visible after a while";
  }
  if (!stays) context->parts.clear();
  return Dump(json);
}

std::string TwoPhaseLoads::Rollback(const TransactionCall& call) {
  Claim context(*this, call);
  if (!context.ok()) return context.refusal();
  const Status callable = CheckCall(*context, call);
  if (!callable.ok()) return Failure(*context, callable.error());
  context->parts.clear();
  const Status aborted =
      environment_.ledger->Abort(context->transaction.id, "transaction is aborted by user.");
  Drop({context->database, context->transaction.label});
  if (!aborted.ok()) return Refusal("INTERNAL_ERROR", aborted.error().message);
  return Dump({{"Status", "OK"}, {"Message", ""}, {"Label", context->transaction.label}});
}

void TwoPhaseLoads::DropTimedOut() {
  std::vector<std::shared_ptr<Context>> all;
  {
    std::lock_guard guard(mutex_);
    for (const auto& [key, context] : contexts_) all.push_back(context);
  }
  for (const std::shared_ptr<Context>& context : all) {
    std::unique_lock lock(context->mutex, std::try_to_lock);
    if (!lock.owns_lock()) continue;  // at work; its own deadline holds
    std::string reason;
    if (Clock::now() > context->begun + std::chrono::seconds(context->timeout_second)) {
      reason =
          fmt::format("transaction is aborted by timeout {} seconds.", context->timeout_second);
    } else if (context->idle_timeout_second > 0 &&
               Clock::now() >
                   context->last_used + std::chrono::seconds(context->idle_timeout_second)) {
      reason = fmt::format("transaction is aborted by idle timeout {} seconds.",
                           context->idle_timeout_second);
    }
    if (!reason.empty()) (void)Failure(*context, Error{ErrorKind::kData, reason});
  }
}

void TwoPhaseLoads::Forget(int64_t transaction_id) {
  std::shared_ptr<Context> gone;
  {
    std::lock_guard guard(mutex_);
    for (auto it = contexts_.begin(); it != contexts_.end(); ++it) {
      if (it->second->transaction.id != transaction_id) continue;
      gone = it->second;
      contexts_.erase(it);
      break;
    }
  }
  if (gone == nullptr) return;
  // A call at work keeps the context; it finds out at its end, and the rows go with it.
  std::unique_lock lock(gone->mutex, std::try_to_lock);
  if (lock.owns_lock()) gone->parts.clear();
}

}  // namespace starlift::sandbox::load

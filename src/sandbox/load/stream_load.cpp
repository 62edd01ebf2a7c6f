#include "sandbox/load/stream_load.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::sandbox::load {
namespace {

using Clock = std::chrono::steady_clock;

int64_t MsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

class StreamLoad {
 public:
  StreamLoad(LoadEnvironment& environment, const LoadRequest& request, const std::string& user,
             const OpenBody& open_body)
      : environment_(environment),
        request_(request),
        user_(user),
        open_body_(open_body),
        table_name_(request.database + "." + request.table) {
    answer_.label = request.label;
  }

  Result<LoadAnswer> Run() {
    const Clock::time_point start = Clock::now();
    Status done = Load();
    answer_.load_ms = MsSince(start);
    if (job_ != nullptr) {
      answer_.bytes = job_->bytes();
      answer_.error_log_name = job_->error_log_name();
    }
    if (done.ok()) return std::move(answer_);
    if (transaction_.id > 0) {
      // Whatever it was, nothing of this load may stay.
      job_.reset();
      (void)environment_.ledger->Abort(transaction_.id, done.error().message);
    }
    if (done.error().kind == ErrorKind::kUnreachable) return std::move(done).error();
    answer_.message = done.error().message;
    return std::move(answer_);
  }

 private:
  Status Load() {
    SL_ASSIGN(const catalog::TablePtr table,
              FindLoadTable(environment_, request_.database, request_.table));
    SL_TRY(Begin(*table));
    SL_TRY(Plan(table));
    const Clock::time_point reading = Clock::now();
    SL_TRY(job_->Consume(open_body_(), true));
    answer_.read_ms = MsSince(reading);
    environment_.faults->DieAt("after_body", table_name_);
    const Clock::time_point writing = Clock::now();
    const Status finished = job_->FinishRows();
    answer_.counts = job_->counts();
    answer_.write_ms = MsSince(writing);
    SL_TRY(finished);
    const Clock::time_point committing = Clock::now();
    SL_TRY(job_->Commit(transaction_));
    answer_.commit_ms = MsSince(committing);
    answer_.status = "Success";
    answer_.message = "OK";
    if (environment_.faults->Take("publish_timeout", table_name_)) {
      answer_.status = "Publish Timeout";
      answer_.message = fmt::format(
          "Publish timeout. The data will be visible after a while, label: {}, txn_id: {}",
          answer_.label, answer_.transaction_id);
    }
    return {};
  }

  Status Begin(const catalog::TableDef& table) {
    const Clock::time_point beginning = Clock::now();
    if (environment_.faults->Take("fail_begin", table_name_)) {
      return Error{ErrorKind::kData, "current fe is not master"};
    }
    LoadTransaction transaction;
    transaction.database_id = table.database_id;
    transaction.table_ids = {table.id};
    transaction.label = request_.label;
    transaction.user = user_;
    transaction.timeout_ms = request_.timeout_second * 1000;
    Result<LoadTransaction> begun = environment_.ledger->Begin(transaction);
    if (!begun.ok()) {
      if (begun.error().kind == ErrorKind::kConflict) {
        answer_.status = "Label Already Exists";
        answer_.existing_job_status = begun.error().where;
      }
      return std::move(begun).error();
    }
    transaction_ = *begun;
    answer_.transaction_id = transaction_.id;
    answer_.label = transaction_.label;
    answer_.begin_ms = MsSince(beginning);
    environment_.faults->DieAt("after_begin", table_name_);
    return {};
  }

  Status Plan(const catalog::TablePtr& table) {
    const Clock::time_point planning = Clock::now();
    SL_ASSIGN(job_, LoadJob::Open(environment_, request_, table, transaction_.id));
    answer_.plan_ms = MsSince(planning);
    return {};
  }

  LoadEnvironment& environment_;
  const LoadRequest& request_;
  const std::string& user_;
  const OpenBody& open_body_;
  const std::string table_name_;
  LoadAnswer answer_;
  LoadTransaction transaction_;
  std::unique_ptr<LoadJob> job_;
};

}  // namespace

std::string LoadAnswer::ToJson(const std::string& error_url_base) const {
  nlohmann::ordered_json json;
  json["TxnId"] = transaction_id;
  json["Label"] = label;
  json["Status"] = status;
  if (!existing_job_status.empty()) json["ExistingJobStatus"] = existing_job_status;
  json["Message"] = message;
  json["NumberTotalRows"] = counts.total;
  json["NumberLoadedRows"] = status == "Fail" ? 0 : counts.loaded();
  json["NumberFilteredRows"] = counts.filtered;
  json["NumberUnselectedRows"] = counts.unselected;
  json["LoadBytes"] = bytes;
  json["LoadTimeMs"] = load_ms;
  json["BeginTxnTimeMs"] = begin_ms;
  json["StreamLoadPlanTimeMs"] = plan_ms;
  json["ReadDataTimeMs"] = read_ms;
  json["WriteDataTimeMs"] = write_ms;
  json["CommitAndPublishTimeMs"] = commit_ms;
  if (!error_log_name.empty()) json["ErrorURL"] = error_url_base + error_log_name;
  return json.dump(4, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<catalog::TablePtr> FindLoadTable(const LoadEnvironment& environment,
                                        const std::string& database, const std::string& table) {
  if (environment.catalog->FindDatabase(database) == nullptr) {
    return Error{ErrorKind::kData, fmt::format("unknown database, database={}", database)};
  }
  catalog::TablePtr found = environment.catalog->FindTable(database, table);
  if (found == nullptr || !found->is_table()) {
    return Error{ErrorKind::kData, fmt::format("unknown table \"{}.{}\"", database, table)};
  }
  return found;
}

Result<LoadAnswer> RunStreamLoad(LoadEnvironment& environment, const LoadRequest& request,
                                 const std::string& user, const OpenBody& open_body) {
  return StreamLoad(environment, request, user, open_body).Run();
}

}  // namespace starlift::sandbox::load

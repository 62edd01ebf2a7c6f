// The StarRocks in memory that the loader's tests load into.
#include <algorithm>

#include <fmt/format.h>

#include "load/body_rows.h"
#include "load/simulated_world.h"

namespace starlift::load {

using starrocks::LabelState;
using starrocks::LoadCall;
using starrocks::LoadOutcome;
using starrocks::LoadRequest;
using starrocks::LoadVerdict;

namespace {

std::vector<std::string> RowsOf(const LoadRequest& request) {
  std::vector<std::string> rows;
  for (std::string_view piece : request.body) {
    while (!piece.empty()) {
      const size_t end = piece.find(RowEnd(request.format));
      rows.emplace_back(piece.substr(0, end));
      piece.remove_prefix(end + 1);
    }
  }
  return rows;
}

uint64_t BytesOf(const LoadRequest& request) {
  uint64_t bytes = 0;
  for (const std::string_view piece : request.body) bytes += piece.size();
  return bytes;
}

bool IsFinal(LabelState state) {
  return state == LabelState::kVisible || state == LabelState::kCommitted;
}

}  // namespace

ScriptedFault SimulatedTarget::NextFault(const std::string& call) {
  auto& faults = script[call];
  if (faults.empty()) return {};
  ScriptedFault fault = faults.front();
  faults.pop_front();
  return fault;
}

LoadOutcome SimulatedTarget::Answer(LoadCall call, const std::string& status,
                                    const std::string& message) {
  LoadOutcome outcome;
  outcome.status = status;
  outcome.message = message;
  outcome.http_status = 200;
  starrocks::ClassifyAnswer(call, outcome);
  return outcome;
}

LoadOutcome SimulatedTarget::Lost(const std::string& what) {
  LoadOutcome outcome;
  outcome.verdict = LoadVerdict::kInDoubt;
  outcome.back_off = starrocks::BackOff::kShort;
  outcome.message = what;
  return outcome;
}

void SimulatedTarget::Apply(Transaction& transaction) {
  transaction.state = LabelState::kVisible;
  for (const std::string& row : transaction.rows) {
    if (transaction.table.starts_with("keyed")) {
      keyed_[transaction.table][row.substr(0, row.find(starrocks::kColumnSeparator))] = row;
    } else {
      keyless_[transaction.table].push_back(row);
    }
  }
}

std::string SimulatedTarget::RecordBadRows(const std::vector<std::string>& rows) {
  std::vector<starrocks::RefusedRow> bad;
  for (const std::string& row : rows) {
    if (is_bad(row)) bad.push_back({"bad value", error_log_names_rows ? row : "[as a tuple]"});
  }
  if (bad.empty()) return {};
  std::string url = fmt::format("http://log/{}", error_logs_.size());
  error_logs_[url] = std::move(bad);
  return url;
}

LoadOutcome SimulatedTarget::Load(const LoadRequest& request) {
  std::lock_guard lock(mutex_);
  const ScriptedFault fault = NextFault("load");
  if (fault.fault == Fault::kNotConnected) {
    LoadOutcome outcome;
    outcome.verdict = LoadVerdict::kRetry;
    outcome.back_off = starrocks::BackOff::kShort;
    outcome.message = "connection refused";
    return outcome;
  }
  if (fault.fault == Fault::kRefused) {
    return Answer(LoadCall::kStreamLoad, fault.status, fault.message);
  }
  Transaction& transaction = labels_[std::string(request.label)];
  if (transaction.state != LabelState::kUnknown && transaction.state != LabelState::kAborted) {
    LoadOutcome outcome;
    outcome.status = "Label Already Exists";
    outcome.message = fmt::format("Label [{}] has already been used.", request.label);
    outcome.existing_job_status = IsFinal(transaction.state) ? "FINISHED" : "RUNNING";
    outcome.http_status = 200;
    starrocks::ClassifyAnswer(LoadCall::kStreamLoad, outcome);
    return outcome;
  }
  ++loads_;
  transaction = Transaction{LabelState::kAborted, std::string(request.table), RowsOf(request)};
  if (BytesOf(request) > max_body_bytes) {
    return Answer(LoadCall::kStreamLoad, "Fail", "body exceed max size: 1, limit: 1");
  }
  if (const std::string url = RecordBadRows(transaction.rows); !url.empty()) {
    LoadOutcome outcome = Answer(LoadCall::kStreamLoad, "Fail", "too many filtered rows");
    outcome.error_url = url;
    return outcome;
  }
  const auto rows = static_cast<int64_t>(transaction.rows.size());
  switch (fault.fault) {
    case Fault::kConnectionCut:
      return Lost("connection reset while sending");
    case Fault::kAnswerLate:
      transaction.state = LabelState::kPreparing;
      transaction.asks_until_visible = 3;
      return Lost("connection reset while waiting");
    case Fault::kHangs:
      transaction.state = LabelState::kPreparing;
      return Lost("connection reset while waiting");
    case Fault::kAnswerLost:
      Apply(transaction);
      return Lost("connection reset after the commit");
    case Fault::kPublishTimeout:
      Apply(transaction);
      transaction.state = LabelState::kCommitted;
      transaction.asks_until_visible = 2;
      return Answer(LoadCall::kStreamLoad, "Publish Timeout", "Publish timeout.");
    default:
      break;
  }
  Apply(transaction);
  LoadOutcome outcome = Answer(LoadCall::kStreamLoad, "Success", "OK");
  outcome.total_rows = outcome.loaded_rows = rows;
  return outcome;
}

LabelState SimulatedTarget::GetLabelState(const std::string& label) {
  std::lock_guard lock(mutex_);
  const auto found = labels_.find(label);
  if (found == labels_.end()) return LabelState::kUnknown;
  Transaction& transaction = found->second;
  if (transaction.asks_until_visible > 0 && --transaction.asks_until_visible == 0) {
    if (transaction.state == LabelState::kCommitted) {
      transaction.state = LabelState::kVisible;
    } else {
      Apply(transaction);
    }
  }
  return transaction.state;
}

Status SimulatedTarget::Cancel(const std::string& label) {
  std::lock_guard lock(mutex_);
  const auto found = labels_.find(label);
  if (found == labels_.end() || found->second.state != LabelState::kPreparing) {
    return Error{ErrorKind::kNotFound, "no such transaction"};
  }
  found->second.state = LabelState::kAborted;
  found->second.asks_until_visible = -1;
  return {};
}

std::vector<starrocks::RefusedRow> SimulatedTarget::FetchErrorLog(const std::string& url) {
  std::lock_guard lock(mutex_);
  return error_logs_[url];
}

LoadOutcome SimulatedTarget::Begin(const std::string& table, const std::string& label) {
  std::lock_guard lock(mutex_);
  const ScriptedFault fault = NextFault("begin");
  if (fault.fault == Fault::kRefused) return Answer(LoadCall::kBegin, fault.status, fault.message);
  Transaction& transaction = labels_[label];
  if (transaction.state != LabelState::kUnknown && transaction.state != LabelState::kAborted) {
    LoadOutcome outcome = Answer(LoadCall::kBegin, "LABEL_ALREADY_EXISTS", "");
    outcome.existing_job_status = "RUNNING";
    return outcome;
  }
  transaction = Transaction{LabelState::kPreparing, table, {}, false};
  if (fault.fault == Fault::kAnswerLost) return Lost("begin: connection reset");
  return Answer(LoadCall::kBegin, "OK", "");
}

LoadOutcome SimulatedTarget::LoadPart(const LoadRequest& request) {
  std::lock_guard lock(mutex_);
  const ScriptedFault fault = NextFault("part");
  if (fault.fault == Fault::kNotConnected) {
    LoadOutcome outcome;
    outcome.verdict = LoadVerdict::kRetry;
    outcome.message = "connection refused";
    return outcome;
  }
  Transaction& transaction = labels_[std::string(request.label)];
  if (fault.fault == Fault::kRefused) {
    // As the server does: an error ends the transaction.
    if (fault.status != "TXN_IN_PROCESSING") transaction.state = LabelState::kAborted;
    return Answer(LoadCall::kLoadPart, fault.status, fault.message);
  }
  if (transaction.state != LabelState::kPreparing) {
    return Answer(LoadCall::kLoadPart, "TXN_NOT_EXISTS", "transaction with label x not exists");
  }
  ++loads_;
  if (fault.fault == Fault::kConnectionCut) return Lost("part: connection reset while sending");
  for (std::string& row : RowsOf(request)) transaction.rows.push_back(std::move(row));
  if (fault.fault == Fault::kAnswerLost) return Lost("part: connection reset");
  return Answer(LoadCall::kLoadPart, "OK", "");
}

LoadOutcome SimulatedTarget::Prepare(const std::string& label) {
  std::lock_guard lock(mutex_);
  const ScriptedFault fault = NextFault("prepare");
  Transaction& transaction = labels_[label];
  if (fault.fault == Fault::kRefused) {
    transaction.state = LabelState::kAborted;
    return Answer(LoadCall::kPrepare, fault.status, fault.message);
  }
  if (transaction.state != LabelState::kPreparing) {
    return Answer(LoadCall::kPrepare, "TXN_NOT_EXISTS", "transaction with label x not exists");
  }
  if (const std::string url = RecordBadRows(transaction.rows); !url.empty()) {
    transaction.state = LabelState::kAborted;
    LoadOutcome outcome = Answer(LoadCall::kPrepare, "INTERNAL_ERROR", "too many filtered rows");
    outcome.error_url = url;
    return outcome;
  }
  transaction.state = LabelState::kPrepared;
  if (fault.fault == Fault::kAnswerLost) return Lost("prepare: connection reset");
  LoadOutcome outcome = Answer(LoadCall::kPrepare, "OK", "");
  outcome.total_rows = outcome.loaded_rows = static_cast<int64_t>(transaction.rows.size());
  return outcome;
}

LoadOutcome SimulatedTarget::Commit(const std::string& label) {
  std::lock_guard lock(mutex_);
  const ScriptedFault fault = NextFault("commit");
  if (fault.fault == Fault::kRefused) return Answer(LoadCall::kCommit, fault.status, fault.message);
  Transaction& transaction = labels_[label];
  if (IsFinal(transaction.state)) {
    return Answer(LoadCall::kCommit, "OK", "Transaction 1 has already committed, label is x");
  }
  if (transaction.state != LabelState::kPrepared) {
    return Answer(LoadCall::kCommit, "FAILED", "Can not commit ABORTED transaction 1, label is x");
  }
  Apply(transaction);
  if (fault.fault == Fault::kPublishTimeout) {
    transaction.state = LabelState::kCommitted;
    transaction.asks_until_visible = 2;
    return Answer(LoadCall::kCommit, "FAILED", "publish timeout: 20000, transactionId=1");
  }
  if (fault.fault == Fault::kAnswerLost) return Lost("commit: connection reset");
  return Answer(LoadCall::kCommit, "OK", "");
}

LoadOutcome SimulatedTarget::Rollback(const std::string& label) {
  std::lock_guard lock(mutex_);
  const auto found = labels_.find(label);
  if (found == labels_.end() || IsFinal(found->second.state)) {
    return Answer(LoadCall::kRollback, "FAILED", "No transaction found by label x");
  }
  found->second.state = LabelState::kAborted;
  return Answer(LoadCall::kRollback, "OK", "");
}

std::vector<std::string> SimulatedTarget::Rows(const std::string& table) {
  std::lock_guard lock(mutex_);
  std::vector<std::string> rows = keyless_[table];
  for (const auto& [key, row] : keyed_[table]) rows.push_back(row);
  std::sort(rows.begin(), rows.end());
  return rows;
}

void SimulatedTarget::Truncate(const std::string& table) {
  std::lock_guard lock(mutex_);
  keyless_[table].clear();
  keyed_[table].clear();
}

void SimulatedTarget::ForgetLabels() {
  std::lock_guard lock(mutex_);
  std::erase_if(labels_, [](const auto& label) {
    return IsFinal(label.second.state) || label.second.state == LabelState::kAborted;
  });
}

size_t SimulatedTarget::open_transactions() {
  std::lock_guard lock(mutex_);
  return static_cast<size_t>(std::count_if(labels_.begin(), labels_.end(), [](const auto& label) {
    return label.second.state == LabelState::kPreparing ||
           label.second.state == LabelState::kPrepared;
  }));
}

}  // namespace starlift::load

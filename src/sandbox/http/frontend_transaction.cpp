#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sandbox/http/frontend_http.h"

// The frontend's side of the transaction interface: finds the backend of a label, and ends
// transactions that are prepared or over.
namespace starlift::sandbox::http {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kException = "com.starrocks.common.StarRocksException";
// The one source type that the frontend handles without a backend.
constexpr std::string_view kBypassSource = "11";
constexpr int kSourceTypes = 12;

std::string HeaderText(const Request& request, std::string_view name) {
  return std::string(request.Header(name).value_or(std::string_view()));
}

std::string LabelKey(const catalog::DatabaseDef& database, const std::string& label) {
  return std::to_string(database.id) + "/" + label;
}

std::optional<int64_t> ParseNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void SendOk(Responder& responder, const LoadTransaction& transaction, const std::string& message) {
  const ordered_json json{{"Status", "OK"},
                          {"Message", message},
                          {"TxnId", transaction.id},
                          {"Label", transaction.label}};
  SendJson(responder, json.dump());
}

}  // namespace

void FrontendHttp::Transaction(const Request& request, Responder& responder,
                               const std::string& operation) {
  const bool known = operation == "begin" || operation == "load" || operation == "prepare" ||
                     operation == "commit" || operation == "rollback";
  if (!known) {
    SendLoadFailure(responder, kException, "Unknown transaction operation: " + operation);
    return;
  }
  if (request.method == "PUT" && operation != "load" && request.content_length.value_or(0) == 0 &&
      !request.chunked) {
    SendLoadFailure(responder, "com.starrocks.common.DdlException", "Invalid request");
    return;
  }
  const std::string label = HeaderText(request, "label");
  if (label.empty()) {
    SendLoadFailure(responder, kException, "Empty label.");
    return;
  }
  const std::string database_name = HeaderText(request, "db");
  if (database_name.empty()) {
    SendLoadFailure(responder, kException, "No database selected.");
    return;
  }
  for (const char* header : {"timeout", "idle_transaction_timeout", "channel_num", "channel_id"}) {
    const auto text = request.Header(header);
    if (text && !ParseNumber(*text)) {
      SendLoadFailure(responder, "java.lang.NumberFormatException",
                      fmt::format("For input string: \"{}\"", *text));
      return;
    }
  }
  if (const auto source = request.QueryParameter("source_type")) {
    const auto number = ParseNumber(*source);
    if (!number || *number < 0 || *number > kSourceTypes) {
      SendLoadFailure(responder, kException,
                      fmt::format("{} source type: {}", number ? "Unknown" : "Invalid", *source));
      return;
    }
  }
  const catalog::DatabasePtr database = context_.loads->catalog->FindDatabase(database_name);
  if (database == nullptr) {
    SendLoadFailure(responder, kException,
                    fmt::format("Database[{}] does not exist.", database_name));
    return;
  }
  if (request.QueryParameter("source_type").value_or("") == kBypassSource) {
    BypassTransaction(responder, operation, label, *database);
  } else if (operation == "begin") {
    BeginTransaction(request, responder, label, *database);
  } else {
    EndTransaction(request, responder, operation, label, *database);
  }
}

void FrontendHttp::BeginTransaction(const Request& request, Responder& responder,
                                    const std::string& label,
                                    const catalog::DatabaseDef& database) {
  if (const auto channels = request.Header("channel_num")) {
    if (!request.Header("channel_id")) {
      SendLoadFailure(responder, "com.starrocks.common.DdlException",
                      "Must provide channel_id when stream load begin.");
      return;
    }
    LoadTransaction transaction;
    transaction.database_id = database.id;
    transaction.label = label;
    transaction.source = TransactionSource::kFrontend;
    const Result<LoadTransaction> begun = context_.loads->ledger->Begin(transaction);
    const auto existing = context_.loads->ledger->FindLabel(database.id, label);
    if (!begun.ok() && !existing) {
      SendLoadFailure(responder, kException, begun.error().message);
      return;
    }
    const ordered_json json{
        {"Label", label},      {"BeginChannel", *ParseNumber(*channels)},        {"Status", "OK"},
        {"BeginTxnTimeMs", 0}, {"TxnId", begun.ok() ? begun->id : existing->id}, {"Message", ""}};
    SendJson(responder, json.dump());
    return;
  }
  {
    std::lock_guard guard(mutex_);
    labels_with_backend_.insert(LabelKey(database, label));
  }
  SendRedirect(responder, request, context_.backend_address);
}

void FrontendHttp::BypassTransaction(Responder& responder, const std::string& operation,
                                     const std::string& label,
                                     const catalog::DatabaseDef& database) {
  if (operation == "begin") {
    LoadTransaction transaction;
    transaction.database_id = database.id;
    transaction.label = label;
    transaction.source = TransactionSource::kFrontend;
    const Result<LoadTransaction> begun = context_.loads->ledger->Begin(transaction);
    ordered_json json;
    if (begun.ok()) {
      json = {{"Label", label}, {"Status", "OK"}, {"TxnId", begun->id}, {"Message", ""}};
    } else if (begun.error().kind == ErrorKind::kConflict) {
      json = {{"Status", "LABEL_ALREADY_EXISTS"},
              {"Message", begun.error().message},
              {"ExistingJobStatus", begun.error().where}};
    } else {
      SendLoadFailure(responder, kException, begun.error().message);
      return;
    }
    SendJson(responder, json.dump());
    return;
  }
  const auto transaction = context_.loads->ledger->FindLabel(database.id, label);
  if (!transaction) {
    SendLoadFailure(responder, kException, "No transaction found by label " + label);
  } else if (operation == "prepare") {
    SendLoadFailure(
        responder, "com.starrocks.transaction.TransactionCommitFailedException",
        "No partitions have data available for loading. If you are sure there may be no "
        "data to be loaded, you can use `ADMIN SET FRONTEND CONFIG "
        "('empty_load_as_error' = 'false')` to ensure such load jobs can succeed");
  } else {
    SendLoadFailure(responder, kException,
                    fmt::format("Can not {} {} transaction {}, label is {}",
                                operation == "commit" ? "commit" : "abort",
                                TransactionStateName(transaction->state), transaction->id, label));
  }
}

// load and prepare go to the label's backend; so do commit and rollback while it is not prepared.
void FrontendHttp::EndTransaction(const Request& request, Responder& responder,
                                  const std::string& operation, const std::string& label,
                                  const catalog::DatabaseDef& database) {
  bool has_backend = false;
  {
    std::lock_guard guard(mutex_);
    has_backend = labels_with_backend_.contains(LabelKey(database, label));
  }
  auto transaction = context_.loads->ledger->FindLabel(database.id, label);
  const bool ends = operation == "commit" || operation == "rollback";
  if (!ends && (has_backend || transaction)) {
    SendRedirect(responder, request, context_.backend_address);
    return;
  }
  if (!transaction) {
    SendLoadFailure(responder, kException,
                    operation == "load"
                        ? fmt::format("Transaction with op[load] and label[{}] has no node.", label)
                        : "No transaction found by label " + label);
    return;
  }
  const TransactionState state = transaction->state;
  const bool commit = operation == "commit";
  if (state == TransactionState::kPrepare) {
    SendRedirect(responder, request, context_.backend_address);
    return;
  }
  if (state == TransactionState::kPrepared) {
    const Status done =
        commit ? load::CommitPrepared(*context_.loads, *transaction)
               : context_.loads->ledger->Cancel(transaction->id, "transaction is aborted by user.");
    if (!done.ok()) {
      SendLoadFailure(responder, kException, done.error().message);
      return;
    }
    const std::string name = database.name + "." + HeaderText(request, "table");
    if (commit && context_.loads->faults->Take("lose_answer", name)) {
      responder.Abort();
    } else if (commit && context_.loads->faults->Take("publish_timeout", name)) {
      SendLoadFailure(responder, kException,
                      fmt::format("publish timeout: 20000, transactionId={}", transaction->id));
    } else {
      SendOk(responder, *transaction, "");
    }
    return;
  }
  const bool aborted = state == TransactionState::kAborted;
  if (commit != aborted) {
    SendOk(responder, *transaction,
           fmt::format("Transaction {} has already {}, label is {}", transaction->id,
                       commit ? "committed" : "aborted", label));
    return;
  }
  SendLoadFailure(
      responder, kException,
      fmt::format("Can not {} {} transaction {}, label is {}", commit ? "commit" : "abort",
                  TransactionStateName(state), transaction->id, label));
}

}  // namespace starlift::sandbox::http

#include "sandbox/storage/transaction_ledger.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::sandbox {
namespace {

using nlohmann::json;

constexpr size_t kMaxLabelLength = 128;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

bool IsFinal(TransactionState state) {
  return state == TransactionState::kVisible || state == TransactionState::kAborted;
}

bool ValidLabel(std::string_view label) {
  if (label.empty() || label.size() > kMaxLabelLength) return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  });
}

std::string RandomLabel() {
  thread_local std::mt19937_64 random(std::random_device{}());
  const uint64_t a = random();
  const uint64_t b = random();
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xffff,
                     b >> 48, b & 0xffffffffffff);
}

std::string ToJson(const LoadTransaction& t) {
  return json{{"tables", t.table_ids},
              {"source", static_cast<int>(t.source)},
              {"user", t.user},
              {"reason", t.reason},
              {"begin", t.begin_ms},
              {"prepared", t.prepared_ms},
              {"commit", t.commit_ms},
              {"finish", t.finish_ms},
              {"timeout", t.timeout_ms},
              {"prepared_timeout", t.prepared_timeout_ms},
              {"total", t.rows_total},
              {"loaded", t.rows_loaded},
              {"filtered", t.rows_filtered},
              {"unselected", t.rows_unselected},
              {"bytes", t.bytes},
              {"error_url", t.error_url},
              {"extra", t.extra}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<LoadTransaction> FromRow(const Row& row) {
  LoadTransaction t;
  t.id = std::stoll(*row[0]);
  t.database_id = std::stoll(*row[1]);
  t.label = *row[2];
  t.state = static_cast<TransactionState>(std::stoi(*row[3]));
  const json body = json::parse(*row[4], nullptr, false);
  if (!body.is_object()) {
    return Error{ErrorKind::kData,
                 fmt::format("transaction {} in the home folder is broken", t.id)};
  }
  t.table_ids = body.value("tables", std::vector<int64_t>());
  t.source = static_cast<TransactionSource>(body.value("source", 0));
  t.user = body.value("user", "");
  t.reason = body.value("reason", "");
  t.begin_ms = body.value("begin", int64_t{0});
  t.prepared_ms = body.value("prepared", int64_t{0});
  t.commit_ms = body.value("commit", int64_t{0});
  t.finish_ms = body.value("finish", int64_t{0});
  t.timeout_ms = body.value("timeout", int64_t{0});
  t.prepared_timeout_ms = body.value("prepared_timeout", int64_t{0});
  t.rows_total = body.value("total", int64_t{0});
  t.rows_loaded = body.value("loaded", int64_t{0});
  t.rows_filtered = body.value("filtered", int64_t{0});
  t.rows_unselected = body.value("unselected", int64_t{0});
  t.bytes = body.value("bytes", int64_t{0});
  t.error_url = body.value("error_url", "");
  t.extra = body.value("extra", "");
  return t;
}

}  // namespace

std::string_view TransactionStateName(TransactionState state) {
  switch (state) {
    case TransactionState::kUnknown:
      return "UNKNOWN";
    case TransactionState::kPrepare:
      return "PREPARE";
    case TransactionState::kPrepared:
      return "PREPARED";
    case TransactionState::kCommitted:
      return "COMMITTED";
    case TransactionState::kVisible:
      return "VISIBLE";
    case TransactionState::kAborted:
      return "ABORTED";
  }
  return "UNKNOWN";
}

struct TransactionLedger::State {
  Storage* storage = nullptr;
  mutable std::mutex mutex;
  LedgerOptions options;
  std::map<int64_t, LoadTransaction> by_id;
  // The newest transaction of each label.
  std::map<std::pair<int64_t, std::string>, int64_t, std::less<>> by_label;
  std::unordered_map<int64_t, int64_t> running;  // per database
  std::unordered_map<int64_t, TableVersion> versions;
  // Transactions whose next state is being written: of two that want to end one, the first wins.
  std::unordered_set<int64_t> committing;
  std::unordered_set<int64_t> aborting;

  // All with the mutex held.
  const LoadTransaction* OfLabel(int64_t database_id, std::string_view label) const {
    const auto found = by_label.find(std::pair(database_id, std::string(label)));
    if (found == by_label.end()) return nullptr;
    const auto transaction = by_id.find(found->second);
    return transaction == by_id.end() ? nullptr : &transaction->second;
  }
  void Put(const LoadTransaction& transaction) {
    LoadTransaction& slot = by_id[transaction.id];
    const bool was_running = slot.id == transaction.id && !IsFinal(slot.state);
    const bool is_running = !IsFinal(transaction.state);
    if (was_running != is_running) running[transaction.database_id] += is_running ? 1 : -1;
    const bool became_visible =
        transaction.state == TransactionState::kVisible && slot.state != TransactionState::kVisible;
    for (int64_t table_id : transaction.table_ids) {
      if (!became_visible) break;
      TableVersion& version = versions[table_id];
      ++version.loads;
      version.last_visible_ms = std::max(version.last_visible_ms, transaction.finish_ms);
    }
    slot = transaction;
    int64_t& newest = by_label[std::pair(transaction.database_id, transaction.label)];
    newest = std::max(newest, transaction.id);
  }
  void Erase(int64_t id) {
    const auto found = by_id.find(id);
    if (found == by_id.end()) return;
    const LoadTransaction& transaction = found->second;
    if (!IsFinal(transaction.state)) --running[transaction.database_id];
    const auto label = by_label.find(std::pair(transaction.database_id, transaction.label));
    if (label != by_label.end() && label->second == id) by_label.erase(label);
    by_id.erase(found);
  }
};

TransactionLedger::TransactionLedger() : state_(std::make_unique<State>()) {}
TransactionLedger::~TransactionLedger() = default;

Result<std::unique_ptr<TransactionLedger>> TransactionLedger::Open(Storage* storage,
                                                                   const LedgerOptions& options) {
  std::unique_ptr<TransactionLedger> ledger(new TransactionLedger());
  ledger->state_->storage = storage;
  ledger->state_->options = options;
  SL_ASSIGN(Connection connection, storage->Connect());
  SL_TRY(connection.Execute(
      "CREATE TABLE IF NOT EXISTS starlift_transactions (id BIGINT, database_id BIGINT, label "
      "VARCHAR, state TINYINT, body VARCHAR)"));
  SL_ASSIGN(std::vector<Row> rows,
            connection.QueryRows("SELECT id, database_id, label, state, body FROM "
                                 "starlift_transactions ORDER BY id"));
  for (const Row& row : rows) {
    SL_ASSIGN(const LoadTransaction transaction, FromRow(row));
    ledger->state_->Put(transaction);
  }
  return ledger;
}

Result<LoadTransaction> TransactionLedger::Begin(LoadTransaction transaction) {
  if (transaction.label.empty()) transaction.label = RandomLabel();
  if (!ValidLabel(transaction.label)) {
    return Error{
        ErrorKind::kRefused,
        fmt::format("Label format error. regex: ^[-\\w]{{1,128}}$, label: {}", transaction.label)};
  }
  SL_ASSIGN(transaction.id, state_->storage->NextId());
  std::lock_guard guard(state_->mutex);
  const LoadTransaction* earlier = state_->OfLabel(transaction.database_id, transaction.label);
  if (earlier != nullptr && earlier->state != TransactionState::kAborted) {
    return Error{ErrorKind::kConflict,
                 fmt::format("Label [{}] has already been used.", transaction.label),
                 earlier->state == TransactionState::kPrepare ||
                         earlier->state == TransactionState::kPrepared
                     ? "RUNNING"
                     : "FINISHED"};
  }
  const int64_t running = state_->running[transaction.database_id];
  if (running >= state_->options.max_running_txn_num_per_db) {
    return Error{
        ErrorKind::kRefused,
        fmt::format("current running txns on db {} is {}, larger than limit {}",
                    transaction.database_id, running, state_->options.max_running_txn_num_per_db)};
  }
  transaction.state = TransactionState::kPrepare;
  transaction.begin_ms = NowMs();
  state_->Put(transaction);
  return transaction;
}

Status TransactionLedger::Record(WriteTransaction& write, const LoadTransaction& transaction) {
  if (transaction.state != TransactionState::kAborted) {
    std::lock_guard guard(state_->mutex);
    const auto known = state_->by_id.find(transaction.id);
    const bool ended = known == state_->by_id.end() || IsFinal(known->second.state);
    if (ended || state_->aborting.contains(transaction.id)) {
      return Error{ErrorKind::kRefused, "transaction is aborted"};
    }
    state_->committing.insert(transaction.id);
  }
  // Only a PREPARED one has a row already.
  if (transaction.prepared_ms != 0 && transaction.state != TransactionState::kPrepared) {
    SL_TRY(write.connection().Execute(
        fmt::format("DELETE FROM starlift_transactions WHERE id = {}", transaction.id)));
  }
  const std::array<std::optional<std::string>, 5> values = {
      std::to_string(transaction.id), std::to_string(transaction.database_id), transaction.label,
      std::to_string(static_cast<int>(transaction.state)), ToJson(transaction)};
  SL_TRY(write.connection().Execute("INSERT INTO starlift_transactions VALUES (?, ?, ?, ?, ?)",
                                    values));
  return {};
}

void TransactionLedger::Publish(const LoadTransaction& transaction) {
  std::lock_guard guard(state_->mutex);
  state_->Put(transaction);
  state_->committing.erase(transaction.id);
  state_->aborting.erase(transaction.id);
}

void TransactionLedger::Release(int64_t id) {
  std::lock_guard guard(state_->mutex);
  state_->committing.erase(id);
}

Status TransactionLedger::Abort(int64_t id, const std::string& reason) {
  return End(id, reason, true);
}
Status TransactionLedger::Cancel(int64_t id, const std::string& reason) {
  return End(id, reason, false);
}

Status TransactionLedger::End(int64_t id, const std::string& reason, bool by_owner) {
  LoadTransaction aborted;
  {
    std::lock_guard guard(state_->mutex);
    const auto found = state_->by_id.find(id);
    if (found == state_->by_id.end()) {
      return Error{ErrorKind::kNotFound, fmt::format("transaction not found: {}", id)};
    }
    if (IsFinal(found->second.state)) {
      return Error{ErrorKind::kConflict, fmt::format("transaction {} is {} already", id,
                                                     TransactionStateName(found->second.state))};
    }
    if (state_->aborting.contains(id) || (!by_owner && state_->committing.contains(id))) {
      return Error{ErrorKind::kConflict, fmt::format("transaction {} is being ended", id)};
    }
    state_->aborting.insert(id);
    aborted = found->second;
  }
  aborted.state = TransactionState::kAborted;
  aborted.reason = reason;
  aborted.finish_ms = NowMs();
  const auto record = [&](WriteTransaction& write) -> Status {
    if (aborted.prepared_ms != 0) {
      SL_TRY(write.connection().Execute("DROP TABLE IF EXISTS " + PreparedTableName(id)));
    }
    return Record(write, aborted);
  };
  Status recorded = state_->storage->RunWrite(record);
  if (!recorded.ok()) {
    std::lock_guard guard(state_->mutex);
    state_->aborting.erase(id);
    return recorded;
  }
  Publish(aborted);
  return {};
}

std::optional<LoadTransaction> TransactionLedger::FindLabel(int64_t database_id,
                                                            std::string_view label) const {
  std::lock_guard guard(state_->mutex);
  const LoadTransaction* found = state_->OfLabel(database_id, label);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::optional<LoadTransaction> TransactionLedger::Find(int64_t id) const {
  std::lock_guard guard(state_->mutex);
  const auto found = state_->by_id.find(id);
  return found == state_->by_id.end() ? std::nullopt : std::optional(found->second);
}

std::vector<LoadTransaction> TransactionLedger::List(int64_t database_id, bool running) const {
  std::lock_guard guard(state_->mutex);
  std::vector<LoadTransaction> listed;
  for (auto it = state_->by_id.rbegin(); it != state_->by_id.rend(); ++it) {
    if (it->second.database_id == database_id && IsFinal(it->second.state) != running) {
      listed.push_back(it->second);
    }
  }
  return listed;
}

TransactionLedger::TableVersion TransactionLedger::VersionOf(int64_t table_id) const {
  std::lock_guard guard(state_->mutex);
  const auto found = state_->versions.find(table_id);
  return found == state_->versions.end() ? TableVersion{} : found->second;
}

bool TransactionLedger::HasRunningBefore(int64_t database_id, int64_t id) const {
  std::lock_guard guard(state_->mutex);
  return std::any_of(state_->by_id.begin(), state_->by_id.lower_bound(id), [&](const auto& entry) {
    return entry.second.database_id == database_id && !IsFinal(entry.second.state);
  });
}

std::vector<int64_t> TransactionLedger::TimedOut() const {
  std::lock_guard guard(state_->mutex);
  const int64_t now = NowMs();
  std::vector<int64_t> ids;
  for (const auto& [id, t] : state_->by_id) {
    if (t.state == TransactionState::kPrepare && now > t.begin_ms + t.timeout_ms) ids.push_back(id);
    if (t.state == TransactionState::kPrepared && now > t.prepared_ms + t.prepared_timeout_ms) {
      ids.push_back(id);
    }
  }
  return ids;
}

Status TransactionLedger::Forget() {
  std::vector<int64_t> forgotten;
  {
    std::lock_guard guard(state_->mutex);
    const int64_t oldest = NowMs() - state_->options.label_keep_max_second * 1000;
    std::unordered_map<int64_t, int64_t> kept;
    for (auto it = state_->by_id.rbegin(); it != state_->by_id.rend(); ++it) {
      const LoadTransaction& t = it->second;
      if (!IsFinal(t.state)) continue;
      if (t.finish_ms < oldest || ++kept[t.database_id] > state_->options.label_keep_max_num) {
        forgotten.push_back(t.id);
      }
    }
    for (int64_t id : forgotten) state_->Erase(id);
  }
  return DeleteRows(forgotten);
}

Status TransactionLedger::ForgetDatabase(int64_t database_id) {
  std::vector<int64_t> forgotten;
  {
    std::lock_guard guard(state_->mutex);
    for (const auto& [id, transaction] : state_->by_id) {
      if (transaction.database_id == database_id) forgotten.push_back(id);
    }
    for (int64_t id : forgotten) state_->Erase(id);
  }
  return DeleteRows(forgotten);
}

Status TransactionLedger::DeleteRows(const std::vector<int64_t>& ids) {
  if (ids.empty()) return {};
  return state_->storage->RunWrite([&](WriteTransaction& write) -> Status {
    SL_TRY(write.connection().Execute(
        fmt::format("DELETE FROM starlift_transactions WHERE id IN ({})", fmt::join(ids, ","))));
    return {};
  });
}

LedgerOptions TransactionLedger::options() const {
  std::lock_guard guard(state_->mutex);
  return state_->options;
}

void TransactionLedger::SetOptions(const LedgerOptions& options) {
  std::lock_guard guard(state_->mutex);
  state_->options = options;
}

std::string PreparedTableName(int64_t transaction_id) {
  return "s_" + std::to_string(transaction_id);
}

}  // namespace starlift::sandbox

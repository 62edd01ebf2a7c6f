#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/storage/storage.h"

namespace starlift::sandbox {

// States as StarRocks names them. kUnknown: never begun, or forgotten.
enum class TransactionState { kUnknown, kPrepare, kPrepared, kCommitted, kVisible, kAborted };
std::string_view TransactionStateName(TransactionState state);  // "VISIBLE"

enum class TransactionSource { kBackendStreaming, kInsertStreaming, kFrontend };

// One load transaction: a Stream Load, a two-phase load, or an INSERT/UPDATE/DELETE.
struct LoadTransaction {
  int64_t id = -1;
  int64_t database_id = 0;
  std::vector<int64_t> table_ids;
  std::string label;
  TransactionState state = TransactionState::kPrepare;
  TransactionSource source = TransactionSource::kBackendStreaming;
  std::string user;
  std::string reason;                                                   // why ABORTED
  int64_t begin_ms = 0, prepared_ms = 0, commit_ms = 0, finish_ms = 0;  // Unix time, 0 = not yet
  int64_t timeout_ms = 600'000;
  int64_t prepared_timeout_ms = 86'400'000;
  int64_t rows_total = 0, rows_loaded = 0, rows_filtered = 0, rows_unselected = 0, bytes = 0;
  std::string error_url;
  std::string extra;  // JSON of the room that made it (load/: what a PREPARED one needs to commit)
};

struct LedgerOptions {
  int64_t label_keep_max_second = 259'200;
  int64_t label_keep_max_num = 1000;
  int64_t transaction_clean_interval_second = 30;
  int64_t max_running_txn_num_per_db = 1000;
};

// Labels and transactions of all databases. Final and PREPARED states are in the DuckDB file,
// written in the same transaction as the rows they stand for; PREPARE lives in memory only (a
// restart forgets it, as nothing of it is loaded). Thread-safe.
class TransactionLedger {
 public:
  static Result<std::unique_ptr<TransactionLedger>> Open(Storage* storage,
                                                         const LedgerOptions& options);
  ~TransactionLedger();

  // Gives it an id and state PREPARE. An empty label gets a random one. kConflict: label used by a
  // live or finished transaction ("Label [x] has already been used.", `where` says RUNNING or
  // FINISHED); kRefused: bad label, or too many running transactions in the database.
  Result<LoadTransaction> Begin(LoadTransaction transaction);

  // Puts the row of the new state into `write`; call Publish once `write` is committed. From here
  // on nobody else can end the transaction; kConflict if somebody has already. If the write fails:
  // Abort, or Release to leave it as it was.
  Status Record(WriteTransaction& write, const LoadTransaction& transaction);
  void Publish(const LoadTransaction& transaction);
  void Release(int64_t id);

  // PREPARE or PREPARED → ABORTED, on disk, together with the drop of PreparedTableName(id).
  // kConflict if it is final already. Abort is for who runs the transaction, Cancel for everybody
  // else: kConflict, too, once Record has been called.
  Status Abort(int64_t id, const std::string& reason);
  Status Cancel(int64_t id, const std::string& reason);

  // The newest one of the label.
  std::optional<LoadTransaction> FindLabel(int64_t database_id, std::string_view label) const;
  std::optional<LoadTransaction> Find(int64_t id) const;
  // Newest first.
  std::vector<LoadTransaction> List(int64_t database_id, bool running) const;

  // How many loads of the table became visible (since the sandbox began to keep them), and when the
  // last one did (Unix ms, 0: none).
  struct TableVersion {
    int64_t loads = 0;
    int64_t last_visible_ms = 0;
  };
  TableVersion VersionOf(int64_t table_id) const;

  // For ALTER's WAITING_TXN: is a transaction of the database older than `id` still unfinished?
  bool HasRunningBefore(int64_t database_id, int64_t id) const;

  // Transactions past their time: whoever owns them aborts them.
  std::vector<int64_t> TimedOut() const;
  // Drops final transactions past age or count; their labels become UNKNOWN.
  Status Forget();
  // All of a dropped database.
  Status ForgetDatabase(int64_t database_id);

  LedgerOptions options() const;
  void SetOptions(const LedgerOptions& options);

 private:
  TransactionLedger();
  Status DeleteRows(const std::vector<int64_t>& ids);
  Status End(int64_t id, const std::string& reason, bool by_owner);
  struct State;
  std::unique_ptr<State> state_;
};

// The table that holds the rows of a PREPARED transaction.
std::string PreparedTableName(int64_t transaction_id);

}  // namespace starlift::sandbox

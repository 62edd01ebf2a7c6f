#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/result.h"
#include "sandbox/load/load_environment.h"
#include "sandbox/load/load_job.h"
#include "sandbox/load/stream_load.h"

namespace starlift::sandbox::load {

// What the headers of a transaction call say.
struct TransactionCall {
  std::string database;
  std::string table;
  std::string label;
  std::string user;
  bool multi_table = false;  // transaction_type: multi
  int64_t timeout_second = 600;
  int64_t idle_timeout_second = 0;  // 0: off
  int64_t prepared_timeout_second = 86'400;
};

// The backend's side of the transaction interface: transactions that are open and not yet prepared
// live here, in memory, as they do in a real backend, and are lost with it. Answers are the JSON
// texts that the client gets. Thread-safe; calls for one label exclude each other, the second one
// is refused with TXN_IN_PROCESSING.
//
// A multi-table transaction (4.0) begins without a table; each load names its own, of the same
// database, and commit makes all of them visible together. Its prepare checks the rows and leaves
// them in memory: such a transaction does not survive a restart before its commit.
class TwoPhaseLoads {
 public:
  explicit TwoPhaseLoads(LoadEnvironment& environment, std::string error_url_base);
  ~TwoPhaseLoads();

  std::string Begin(const TransactionCall& call);
  // kUnreachable: the client went away, there is nobody to answer.
  Result<std::string> Load(const TransactionCall& call, const LoadRequest& request,
                           const std::string& fingerprint, const OpenBody& open_body);
  std::string Prepare(const TransactionCall& call);
  std::string Commit(const TransactionCall& call);
  std::string Rollback(const TransactionCall& call);

  // Drops what is past its time. Called by a timer.
  void DropTimedOut();
  // An _cancel or a time-out on the frontend's side ended it.
  void Forget(int64_t transaction_id);

 private:
  struct Context;
  class Claim;
  using Key = std::pair<std::string, std::string>;  // database, label

  std::string Finish(const TransactionCall& call, bool commit);
  Status CheckCall(const Context& context, const TransactionCall& call) const;
  Status OpenPart(Context& context, const TransactionCall& call, const LoadRequest& request,
                  const std::string& fingerprint);
  Status FinishParts(Context& context);
  Status EndParts(Context& context, bool commit);
  void Drop(const Key& key);
  std::string Failure(Context& context, const Error& error);

  LoadEnvironment& environment_;
  const std::string error_url_base_;
  std::mutex mutex_;
  std::map<Key, std::shared_ptr<Context>> contexts_;
};

}  // namespace starlift::sandbox::load

#pragma once

#include <memory>

#include "starrocks/load_target.h"
#include "starrocks/target_config.h"

namespace starlift::starrocks {

// Stream Load over HTTP: headers first, `Expect: 100-continue`, the frontend's redirects followed
// with the Authorization sent again, the body only to the backend that asked for it. Frontends are
// tried in turn while nothing has been sent. Thread-safe: every call has a connection of its own,
// backend connections that are still good are kept and used again.
class StreamLoadClient : public LoadTarget {
 public:
  // `config` after CompleteTargetConfig.
  explicit StreamLoadClient(TargetConfig config);
  ~StreamLoadClient() override;

  LoadOutcome Load(const LoadRequest& request) override;
  Result<LabelState> GetLabelState(std::string_view database, std::string_view label) override;
  Status Cancel(std::string_view database, std::string_view label) override;
  Result<std::vector<RefusedRow>> FetchErrorLog(std::string_view error_url) override;
  LoadOutcome Begin(std::string_view database, std::string_view table, std::string_view label,
                    std::chrono::seconds timeout) override;
  LoadOutcome LoadPart(const LoadRequest& request) override;
  LoadOutcome Prepare(std::string_view database, std::string_view table,
                      std::string_view label) override;
  LoadOutcome Commit(std::string_view database, std::string_view table,
                     std::string_view label) override;
  LoadOutcome Rollback(std::string_view database, std::string_view table,
                       std::string_view label) override;

  // Wakes every call in flight; they end with kInDoubt or kRetry. From any thread.
  void Interrupt();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::starrocks

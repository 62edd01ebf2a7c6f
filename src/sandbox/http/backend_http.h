#pragma once

#include <atomic>
#include <string>

#include "sandbox/frontend/user_store.h"
#include "sandbox/http/answers.h"
#include "sandbox/http/basic_auth.h"
#include "sandbox/load/load_environment.h"
#include "sandbox/load/two_phase.h"

namespace starlift::sandbox::http {

struct BackendContext {
  load::LoadEnvironment* loads = nullptr;
  load::TwoPhaseLoads* two_phase = nullptr;
  frontend::UserStore* users = nullptr;
  std::string error_url_base;  // "http://127.0.0.1:8040/api/_load_error_log?file="
};

// The backend's HTTP port: takes bodies, answers 200 for success and failure alike, hands out error
// logs; and /_sandbox/faults, which no real backend has. Thread-safe.
class BackendHttp {
 public:
  explicit BackendHttp(BackendContext context) : context_(std::move(context)) {}

  void Handle(const Request& request, Responder& responder);

 private:
  void StreamLoad(const Request& request, Responder& responder, const std::string& database,
                  const std::string& table);
  void Transaction(const Request& request, Responder& responder, const std::string& operation);
  void ErrorLogFile(const Request& request, Responder& responder);
  void FaultSwitches(const Request& request, Responder& responder);
  Status CheckAccess(const Request& request, const std::string& database, const std::string& table,
                     std::string& user) const;
  bool StrikeRequestFaults(const Request& request, Responder& responder, const std::string& table);

  const BackendContext context_;
};

}  // namespace starlift::sandbox::http

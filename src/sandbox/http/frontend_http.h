#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/ddl/environment.h"
#include "sandbox/frontend/user_store.h"
#include "sandbox/http/answers.h"
#include "sandbox/http/basic_auth.h"
#include "sandbox/load/load_environment.h"
#include "sandbox/load/two_phase.h"

namespace starlift::sandbox::http {

// What the frontend's HTTP port needs of the rest. Pointers outlive it.
struct FrontendContext {
  load::LoadEnvironment* loads = nullptr;
  load::TwoPhaseLoads* two_phase = nullptr;
  frontend::UserStore* users = nullptr;
  const ddl::Environment* ddl = nullptr;
  std::string backend_address;  // "127.0.0.1:8040"
  std::string cluster_token;
  int backends = 1;
  const std::atomic<uint16_t>* query_port = nullptr;  // 0 until it is open
  uint16_t rpc_port = 0;
  int64_t start_ms = 0;
};

// The frontend's HTTP port: redirects loads to the backend, answers for transactions that are
// prepared or over, label states and facts about the cluster. Thread-safe.
class FrontendHttp {
 public:
  explicit FrontendHttp(FrontendContext context) : context_(std::move(context)) {}

  void Handle(const Request& request, Responder& responder);

 private:
  using Segments = std::vector<std::string>;

  bool RouteOpen(const Request& request, Responder& responder, const Segments& path);
  bool RouteLogin(const Request& request, Responder& responder, const Segments& path);
  bool RouteTable(const Request& request, Responder& responder, const Segments& path);
  void NoRoute(const Request& request, Responder& responder);

  void StreamLoad(const Request& request, Responder& responder, const std::string& database,
                  const std::string& table);
  bool RefuseMergeCommit(const Request& request, Responder& responder);
  void GetLoadState(const Request& request, Responder& responder, const std::string& database);
  void Cancel(const Request& request, Responder& responder, const std::string& database);
  void Bootstrap(const Request& request, Responder& responder);
  void Metrics(Responder& responder);
  void ShowProc(const Request& request, Responder& responder);

  // frontend_transaction.cpp
  void Transaction(const Request& request, Responder& responder, const std::string& operation);
  void BeginTransaction(const Request& request, Responder& responder, const std::string& label,
                        const catalog::DatabaseDef& database);
  void EndTransaction(const Request& request, Responder& responder, const std::string& operation,
                      const std::string& label, const catalog::DatabaseDef& database);
  void BypassTransaction(Responder& responder, const std::string& operation,
                         const std::string& label, const catalog::DatabaseDef& database);

  // frontend_schema.cpp
  void TableSchema(Responder& responder, const std::string& database, const std::string& table);
  void TableCount(Responder& responder, const std::string& database, const std::string& table);
  void QueryPlan(const Request& request, Responder& responder, const std::string& user);
  void GetDdl(const Request& request, Responder& responder);
  void TableMetadata(Responder& responder, const Segments& path);

  const FrontendContext context_;
  std::mutex mutex_;
  // Labels that were given a backend by a redirected begin, as the leader's cache keeps them.
  std::set<std::string> labels_with_backend_;
  // Transactions that the frontend itself began (source_type, channels): label → id.
  std::map<std::string, int64_t> frontend_transactions_;
};

}  // namespace starlift::sandbox::http

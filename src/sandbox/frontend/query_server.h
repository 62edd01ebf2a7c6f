#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "sandbox/ddl/environment.h"
#include "sandbox/frontend/user_store.h"
#include "sandbox/storage/storage.h"
#include "sandbox/storage/transaction_ledger.h"

namespace starlift::sandbox::frontend {

// What SHOW BACKENDS, SHOW FRONTENDS and the like tell of the pretended cluster.
struct ClusterEndpoints {
  std::string host = "127.0.0.1";
  uint16_t query_port = 0;
  uint16_t http_port = 0;
  uint16_t be_http_port = 0;
  uint16_t rpc_port = 0;
  int backends = 1;
};

// All pointers outlive the server.
struct ServerEnvironment {
  Storage* storage = nullptr;
  TransactionLedger* ledger = nullptr;
  UserStore* users = nullptr;
  // catalog, facts, analyzer: see ddl/environment.h.
  const ddl::Environment* ddl = nullptr;
  ClusterEndpoints endpoints;
  std::string bind_address = "127.0.0.1";
};

// The frontend's MySQL port: one thread per connection. Start opens the port, Stop ends running
// statements and closes connections. Thread-safe.
class QueryServer {
 public:
  // `endpoints.query_port` 0 takes a free port.
  static Result<std::unique_ptr<QueryServer>> Start(const ServerEnvironment& environment);
  ~QueryServer();

  uint16_t port() const;
  void Stop();

 private:
  QueryServer();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::sandbox::frontend

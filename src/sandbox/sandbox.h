#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace starlift::sandbox {

struct SandboxOptions {
  std::string home;
  std::string bind_address = "127.0.0.1";
  // 0 takes a free port.
  uint16_t query_port = 9030;
  uint16_t http_port = 8030;
  uint16_t be_http_port = 8040;
  uint16_t rpc_port = 9020;
  // How many live backends it claims; all are this process.
  int backends = 1;
  // Loads are parsed and counted, nothing is stored.
  bool null_mode = false;
  uint64_t memory_limit_bytes = uint64_t{2} << 30;
  // "name=value", as on the command line: settings of loads and labels, and faults
  // (src/sandbox/README.md).
  std::vector<std::string> settings;
  std::vector<std::string> faults;
};

// A StarRocks-compatible endpoint in this process: SQL, Stream Load over HTTP, storage. The query
// port opens last, when all else is ready. Thread-safe.
class Sandbox {
 public:
  static Result<std::unique_ptr<Sandbox>> Start(const SandboxOptions& options);
  ~Sandbox();  // Stop

  uint16_t query_port() const;
  uint16_t http_port() const;
  uint16_t be_http_port() const;

  // Ends connections in order and closes the files. Idempotent.
  void Stop();

 private:
  Sandbox();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::sandbox

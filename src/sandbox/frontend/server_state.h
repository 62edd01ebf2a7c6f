#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sandbox/frontend/frontend_config.h"
#include "sandbox/frontend/query_server.h"
#include "sandbox/frontend/variables.h"

namespace starlift::sandbox::frontend {

class Session;

// Sessions that are logged in, for SHOW PROCESSLIST and KILL. Thread-safe.
class SessionRegistry {
 public:
  uint32_t NextId() { return ++last_id_; }
  void Add(Session* session);
  void Remove(Session* session);
  // Ends the running statement of a session, and with `connection` the session itself. False if
  // there is none with the id.
  bool Kill(uint32_t id, bool connection);

  struct Entry {
    uint32_t id = 0;
    std::string user;
    std::string host;
    std::string database;
    std::string command;
    std::string statement;
    int64_t connected_ms = 0;
    int64_t seconds = 0;
  };
  std::vector<Entry> List() const;
  // The user that a session belongs to, empty if there is none.
  std::string UserOf(uint32_t id) const;

 private:
  std::atomic<uint32_t> last_id_{0};
  mutable std::mutex mutex_;
  std::map<uint32_t, Session*> sessions_;
};

// What all sessions of a server share. Outlives them.
struct ServerState {
  ServerEnvironment environment;
  GlobalVariables globals;
  FrontendConfig config;
  SessionRegistry sessions;
  int64_t started_ms = 0;
};

inline constexpr const char* kStarRocksVersion = "3.5.0-sandbox";

}  // namespace starlift::sandbox::frontend

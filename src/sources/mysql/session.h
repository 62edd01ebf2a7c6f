#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {

// Which server we speak to.
struct ServerVersion {
  bool is_mariadb = false;
  uint32_t number = 0;  // 101119 for 10.11.19, as MySQL counts
  std::string text;     // "10.11.19-MariaDB-log"

  // "MariaDB 10.11.19"
  std::string Describe() const;
  bool operator>=(uint32_t other) const { return number >= other; }
};

ServerVersion ParseServerVersion(const std::string& text);

struct SourceSession {
  wire::mysql::Client client;
  ServerVersion version;
};

// Connects and sets the session so that every value is read as it is: UTC, no conversion of results
// (see select_list.h), no limits on rows or time, whatever the server's defaults are.
Result<SourceSession> OpenSourceSession(const wire::mysql::ClientOptions& options);

}  // namespace starlift::mysql

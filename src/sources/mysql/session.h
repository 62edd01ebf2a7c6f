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

// In which charset the server hands out text.
enum class ResultCharset {
  kRaw,      // each column in its own, byte for byte
  kUtf8mb4,  // all converted
};

struct SourceSession {
  wire::mysql::Client client;
  ServerVersion version;
  ResultCharset result_charset = ResultCharset::kRaw;

  // One round trip, and only where it changes.
  Status Use(ResultCharset wanted);
};

// Connects and sets the session so that every value is read as it is: UTC, results raw, no limits
// on rows or time, whatever the server's defaults are.
Result<SourceSession> OpenSourceSession(const wire::mysql::ClientOptions& options);

}  // namespace starlift::mysql

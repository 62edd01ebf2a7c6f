#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sources/mysql/binlog/position.h"
#include "sources/mysql/session.h"
#include "wire/mysql/packet_stream.h"

namespace starlift::mysql {

struct DumpRequest {
  LogPosition position;
  uint32_t server_id = 0;
  // The server ends the dump at the log's end instead of waiting for more.
  bool until_end = false;
};

// A session in which the server sends its log. Never asks for semi-synchronous replication: the
// server must not take us for a replica that holds the data. One thread.
class DumpConnection {
 public:
  static Result<std::unique_ptr<DumpConnection>> Open(wire::mysql::ClientOptions options,
                                                      const DumpRequest& request);

  // Events have checksums until the log's format says otherwise.
  bool checksum() const { return checksum_; }
  // Names the server that we are connected to: files of one mean nothing to another.
  const std::string& server_identity() const { return server_identity_; }

  Result<bool> Wait(std::chrono::milliseconds timeout) { return packets_->Wait(timeout); }
  // The next event, or nothing at the end (until_end). The view is valid until the next call.
  // kPolicy where the server can't serve the position any more.
  Result<std::optional<std::string_view>> Read();

 private:
  explicit DumpConnection(SourceSession session) : session_(std::move(session)) {}

  Status Prepare(const DumpRequest& request);
  Status Start(const DumpRequest& request);

  SourceSession session_;
  std::optional<wire::mysql::PacketStream> packets_;
  bool checksum_ = false;
  std::string server_identity_;
};

// The server's own word for why it can't serve a position, as what the user can do about it.
Error ExplainDumpError(Error error);

// Between two events of an idle log.
inline constexpr std::chrono::seconds kHeartbeatPeriod{2};

}  // namespace starlift::mysql

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "sandbox/query/row_encoder.h"
#include "sandbox/sql/result.h"
#include "wire/mysql/packet.h"

// The server's half of the MySQL protocol ("Client/Server Protocol"), as a StarRocks frontend
// speaks it: handshake v10, no DEPRECATE_EOF, no multi-statement flag.
namespace starlift::sandbox::frontend {

namespace capability {
inline constexpr uint32_t kLongPassword = 1;
inline constexpr uint32_t kLongFlag = 4;
inline constexpr uint32_t kConnectWithDatabase = 8;
inline constexpr uint32_t kProtocol41 = 512;
inline constexpr uint32_t kSsl = 2048;
inline constexpr uint32_t kSecureConnection = 32768;
inline constexpr uint32_t kMultiStatements = 1U << 16;
inline constexpr uint32_t kPluginAuth = 1U << 19;
inline constexpr uint32_t kConnectAttributes = 1U << 20;
inline constexpr uint32_t kPluginAuthLengthEncoded = 1U << 21;
}  // namespace capability

enum class Command : uint8_t {
  kSleep = 0,
  kQuit = 1,
  kInitDatabase = 2,
  kQuery = 3,
  kFieldList = 4,
  kStatistics = 9,
  kProcessKill = 12,
  kDebug = 13,
  kPing = 14,
  kChangeUser = 17,
  kStatementPrepare = 22,
  kStatementExecute = 23,
  kStatementSendLongData = 24,
  kStatementClose = 25,
  kStatementReset = 26,
  kSetOption = 27,
  kStatementFetch = 28,
  kResetConnection = 31,
};

inline constexpr uint16_t kServerStatusAutocommit = 2;
inline constexpr uint16_t kServerMoreResults = 8;
inline constexpr std::string_view kServerVersion = "8.0.33";
inline constexpr std::string_view kNativePassword = "mysql_native_password";
inline constexpr size_t kScrambleBytes = 20;

// What a client says when it logs in, or with COM_CHANGE_USER.
struct LoginRequest {
  uint32_t capabilities = 0;
  std::string user;
  std::string response;
  std::string database;
  std::string plugin;
};

std::string HandshakePayload(uint32_t connection_id, std::string_view scramble);
Result<LoginRequest> ParseLogin(std::string_view payload);
Result<LoginRequest> ParseChangeUser(std::string_view payload, uint32_t capabilities);
std::string AuthSwitchPayload(std::string_view scramble);

std::string OkPayload(const sql::StatementResult& result, uint16_t status);
std::string EofPayload(uint16_t warnings, uint16_t status);
std::string ErrorPayload(const Error& error);
std::string ColumnPayload(const sql::ResultColumn& column, bool with_default = false);

// Sends a result set as it comes. `binary`: rows as COM_STMT_EXECUTE answers them.
class ResultSetWriter final : public query::RowSink {
 public:
  ResultSetWriter(wire::mysql::PacketChannel* channel, bool binary)
      : channel_(*channel), binary_(binary) {}

  Status Columns(const std::vector<sql::ResultColumn>& columns) override;
  Status Row(const sql::ResultRow& row) override;
  // The EOF packet after the last row.
  Status Finish(uint16_t warnings, uint16_t status);

  // Once true an error can still be sent in place of a row, but no other result.
  bool started() const { return started_; }

 private:
  void AppendBinary(size_t column, const std::string& text);

  wire::mysql::PacketChannel& channel_;
  const bool binary_;
  bool started_ = false;
  uint16_t status_ = kServerStatusAutocommit;
  std::vector<sql::ResultColumn> columns_;
  wire::mysql::PayloadWriter payload_;
};

}  // namespace starlift::sandbox::frontend

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/sql/result.h"
#include "wire/mysql/packet.h"

// The server's side of the MySQL client/server protocol as a StarRocks frontend speaks it: results
// end with EOF packets, capabilities are those of starrocks.md §7.
namespace starlift::sandbox::frontend {

// Protocol::CapabilityFlags that are looked at here.
namespace capability {
inline constexpr uint32_t kLongPassword = 1;
inline constexpr uint32_t kFoundRows = 1U << 1;
inline constexpr uint32_t kLongFlag = 1U << 2;
inline constexpr uint32_t kConnectWithDatabase = 1U << 3;
inline constexpr uint32_t kProtocol41 = 1U << 9;
inline constexpr uint32_t kTls = 1U << 11;
inline constexpr uint32_t kSecureConnection = 1U << 15;
inline constexpr uint32_t kMultiStatements = 1U << 16;
inline constexpr uint32_t kPluginAuth = 1U << 19;
inline constexpr uint32_t kConnectAttributes = 1U << 20;
inline constexpr uint32_t kPluginAuthLengthEncoded = 1U << 21;
}  // namespace capability

// SERVER_STATUS flags.
namespace status_flag {
inline constexpr uint16_t kInTransaction = 0x0001;
inline constexpr uint16_t kAutocommit = 0x0002;
inline constexpr uint16_t kMoreResults = 0x0008;
}  // namespace status_flag

enum class Command : uint8_t {
  kQuit = 0x01,
  kInitDatabase = 0x02,
  kQuery = 0x03,
  kFieldList = 0x04,
  kStatistics = 0x09,
  kDebug = 0x0D,
  kPing = 0x0E,
  kChangeUser = 0x11,
  kPrepare = 0x16,
  kExecute = 0x17,
  kSendLongData = 0x18,
  kClosePrepared = 0x19,
  kResetPrepared = 0x1A,
  kSetOption = 0x1B,
  kResetConnection = 0x1F,
};

// Writes answers as packets; every one ends with a flush. One thread.
class AnswerWriter {
 public:
  explicit AnswerWriter(wire::mysql::PacketChannel& channel) : channel_(channel) {}

  Status Ok(const sql::StatementResult& result, uint16_t status);
  Status Failure(const Error& error);
  // An OK packet or a text result set, whichever the result is.
  Status Text(const sql::StatementResult& result, uint16_t status);
  // The same with rows as the prepared statement protocol has them ("Binary Protocol Resultset").
  Status Binary(const sql::StatementResult& result, uint16_t status);
  // COM_FIELD_LIST: column definitions with an empty default each, then EOF.
  Status FieldList(const std::vector<sql::ResultColumn>& columns, uint16_t status);
  // COM_STMT_PREPARE's answer: counts, then definitions of parameters and columns.
  Status Prepared(uint32_t statement_id, uint16_t parameters,
                  const std::vector<sql::ResultColumn>& columns, uint16_t status);

 private:
  Status Columns(const std::vector<sql::ResultColumn>& columns, bool with_default);
  Status Eof(uint16_t status);

  wire::mysql::PacketChannel& channel_;
  wire::mysql::PayloadWriter payload_;
};

// One cell of a binary row, from its text form. Numbers that don't read are 0.
void WriteBinaryValue(const sql::ResultColumn& column, std::string_view text,
                      wire::mysql::PayloadWriter& to);

}  // namespace starlift::sandbox::frontend

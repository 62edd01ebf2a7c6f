#include "sources/mysql/binlog/dump_connection.h"

#include <array>

#include <fmt/format.h>

#include "base/random.h"
#include "wire/mysql/packet.h"

namespace starlift::mysql {
namespace {

using wire::mysql::PayloadWriter;
using wire::mysql::QueryRows;

constexpr uint8_t kRegisterReplica = 0x15;
constexpr uint8_t kDump = 0x12;
constexpr uint8_t kDumpGtid = 0x1E;
constexpr uint16_t kUntilEnd = 0x01;
constexpr uint16_t kThroughGtid = 0x04;
constexpr uint64_t kFirstEvent = 4;
constexpr int kUnknownSystemVariable = 1193;
constexpr int kCannotServe = 1236;

// A dead line is noticed after this long without a word.
constexpr std::chrono::seconds kSilence{30};

std::string FreshUuid() {
  const uint64_t high = SystemRandom().Next();
  const uint64_t low = SystemRandom().Next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", high >> 32, high >> 16 & 0xFFFF,
                     high & 0xFFF, low >> 48 & 0xFFF, low & 0xFFFFFFFFFFFF);
}

// The value, or nothing where the server has no such variable.
Result<std::optional<std::string>> Variable(SourceSession& session, std::string_view name) {
  Result<QueryRows> rows = session.client.Query(fmt::format("SELECT @@global.{}", name));
  if (!rows.ok()) {
    if (rows.error().native_code == kUnknownSystemVariable) return std::optional<std::string>();
    return std::move(rows).error();
  }
  if (rows->rows.empty()) return std::optional<std::string>();
  return rows->rows[0][0];
}

}  // namespace

Result<std::unique_ptr<DumpConnection>> DumpConnection::Open(wire::mysql::ClientOptions options,
                                                             const DumpRequest& request) {
  if (options.read_timeout.count() == 0) options.read_timeout = kSilence;
  SL_ASSIGN(SourceSession session, OpenSourceSession(options));
  std::unique_ptr<DumpConnection> connection(new DumpConnection(std::move(session)));
  SL_TRY(connection->Prepare(request));
  SL_TRY(connection->Start(request));
  return connection;
}

Status DumpConnection::Prepare(const DumpRequest& request) {
  wire::mysql::Client& client = session_.client;
  SL_ASSIGN(const auto checksum, Variable(session_, "binlog_checksum"));
  checksum_ = checksum.value_or("NONE") != "NONE";
  SL_ASSIGN(const auto uuid, Variable(session_, "server_uuid"));
  SL_ASSIGN(const auto id, Variable(session_, "server_id"));
  server_identity_ = uuid.value_or(id.value_or(""));
  // Each server reads its own spelling.
  const auto period = std::chrono::nanoseconds(kHeartbeatPeriod).count();
  for (const std::string_view word : {"master", "source"}) {
    SL_TRY(
        client.Execute(fmt::format("SET @{0}_binlog_checksum = '{1}', @{0}_heartbeat_period = {2}",
                                   word, checksum.value_or("NONE"), period)));
  }
  const std::string own_uuid = FreshUuid();
  SL_TRY(client.Execute(fmt::format("SET @slave_uuid = '{0}', @replica_uuid = '{0}'", own_uuid)));
  if (!session_.version.is_mariadb) return {};
  SL_TRY(client.Execute("SET @mariadb_slave_capability = 4"));
  const auto* gtids = std::get_if<GtidList>(&request.position);
  if (gtids == nullptr) return {};
  SL_TRY(
      client.Execute(fmt::format("SET @slave_connect_state = '{}', @slave_gtid_strict_mode = 1, "
                                 "@slave_gtid_ignore_duplicates = 0",
                                 gtids->ToString())));
  return {};
}

Status DumpConnection::Start(const DumpRequest& request) {
  const bool gtid_set = std::holds_alternative<GtidSet>(request.position);
  if (gtid_set == session_.version.is_mariadb &&
      !std::holds_alternative<FilePosition>(request.position)) {
    return Error{
        .kind = ErrorKind::kUsage,
        .message = fmt::format("{} does not count its log as the position {} does",
                               session_.version.Describe(), PrintPosition(request.position))};
  }
  PayloadWriter replica;
  replica.U32(request.server_id);
  for (const std::string_view text : {"starlift", "", ""}) {
    replica.U8(static_cast<uint8_t>(text.size())).Bytes(text);
  }
  replica.U16(0).U32(0).U32(0);
  SL_TRY(session_.client.Command(kRegisterReplica, replica.payload()));

  const auto flags = static_cast<uint16_t>(request.until_end ? kUntilEnd : 0);
  PayloadWriter dump;
  uint8_t command = kDump;
  if (gtid_set) {
    command = kDumpGtid;
    const std::string set = std::get<GtidSet>(request.position).Encode();
    dump.U16(flags | kThroughGtid).U32(request.server_id).U32(0).U64(kFirstEvent);
    dump.U32(static_cast<uint32_t>(set.size())).Bytes(set);
  } else {
    FilePosition file{.file = "", .offset = kFirstEvent};
    if (const auto* wanted = std::get_if<FilePosition>(&request.position)) file = *wanted;
    if (file.offset > UINT32_MAX) {
      return Error{.kind = ErrorKind::kPolicy,
                   .message = fmt::format("the place {}:{} lies beyond 4 GiB, which a server can't "
                                          "be asked for",
                                          file.file, file.offset),
                   .mend = "FLUSH BINARY LOGS; and start from the next file, or turn on GTIDs"};
    }
    dump.U32(static_cast<uint32_t>(file.offset)).U16(flags).U32(request.server_id).Bytes(file.file);
  }
  SL_ASSIGN(wire::mysql::PacketStream packets, session_.client.Packets(command, dump.payload()));
  packets_.emplace(std::move(packets));
  return {};
}

Result<std::optional<std::string_view>> DumpConnection::Read() {
  auto packet = packets_->Read();
  if (!packet.ok()) return ExplainDumpError(std::move(packet).error());
  return packet;
}

Error ExplainDumpError(Error error) {
  if (error.native_code != kCannotServe) return error;
  const std::string_view text = error.message;
  const auto says = [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  };
  if (says("same server_uuid") || says("same server id")) {
    // The other one took our number: with a fresh one both can go on.
    error.kind = ErrorKind::kUnreachable;
    return error;
  }
  error.kind = ErrorKind::kPolicy;
  if (says("max_allowed_packet") || says("log event entry exceeded")) {
    error.mend = "SET GLOBAL max_allowed_packet = 1073741824; at the source";
  } else if (says("Slave has more GTIDs") || says("has more GTIDs") || says("diverged")) {
    error.mend =
        "this server lacks transactions that were followed already: connect to one that "
        "has them, or redo the full load";
  } else if (says("checksum")) {
    error.mend = "SET GLOBAL binlog_checksum = CRC32; at the source";
  } else {
    error.mend =
        "the log no longer holds what comes after this position: redo the full load "
        "(restart the task from its structure phase), and keep the log longer "
        "(binlog_expire_logs_seconds)";
  }
  return error;
}

}  // namespace starlift::mysql

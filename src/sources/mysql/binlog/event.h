#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// The frame of a log event and the events that say where the log stands. MySQL "Binary Log Event";
// MariaDB "Replication Protocol, 2-Binlog Event Header" and the pages of its own events.
namespace starlift::mysql {

enum class EventType : uint8_t {
  kStart = 1,
  kQuery = 2,
  kStop = 3,
  kRotate = 4,
  kIntvar = 5,
  kLoad = 6,
  kAppendBlock = 9,
  kDeleteFile = 11,
  kRand = 13,
  kUserVar = 14,
  kFormatDescription = 15,
  kXid = 16,
  kBeginLoadQuery = 17,
  kExecuteLoadQuery = 18,
  kTableMap = 19,
  kOldWriteRows = 20,
  kOldUpdateRows = 21,
  kOldDeleteRows = 22,
  kWriteRowsV1 = 23,
  kUpdateRowsV1 = 24,
  kDeleteRowsV1 = 25,
  kIncident = 26,
  kHeartbeat = 27,
  kIgnorable = 28,
  kRowsQuery = 29,
  kWriteRowsV2 = 30,
  kUpdateRowsV2 = 31,
  kDeleteRowsV2 = 32,
  kGtid = 33,
  kAnonymousGtid = 34,
  kPreviousGtids = 35,
  kTransactionContext = 36,
  kViewChange = 37,
  kXaPrepare = 38,
  kPartialUpdateRows = 39,
  kTransactionPayload = 40,
  kHeartbeatV2 = 41,
  kGtidTagged = 42,
  kMariadbAnnotateRows = 160,
  kMariadbCheckpoint = 161,
  kMariadbGtid = 162,
  kMariadbGtidList = 163,
  kMariadbStartEncryption = 164,
  kMariadbQueryCompressed = 165,
  kMariadbWriteRowsCompressedV1 = 166,
  kMariadbUpdateRowsCompressedV1 = 167,
  kMariadbDeleteRowsCompressedV1 = 168,
  kMariadbWriteRowsCompressedV2 = 169,
  kMariadbUpdateRowsCompressedV2 = 170,
  kMariadbDeleteRowsCompressedV2 = 171,
};

inline constexpr size_t kEventHeaderBytes = 19;
inline constexpr size_t kChecksumBytes = 4;
inline constexpr uint16_t kArtificialFlag = 0x20;
inline constexpr uint16_t kIgnorableFlag = 0x80;

struct EventHeader {
  uint32_t timestamp = 0;
  EventType type = EventType::kStart;
  uint32_t server_id = 0;
  uint32_t size = 0;
  uint32_t next_position = 0;  // low 32 bits of the offset behind the event; 0: not in the file
  uint16_t flags = 0;
};

// One event, checked. `body` lies in the bytes that it was read from, without header and checksum.
struct Event {
  EventHeader header;
  std::string_view body;
};

// Checks the frame's size, and the checksum where the log has one. kData: the bytes are damaged.
Result<Event> ReadEvent(std::string_view bytes, bool checksum);

// An artificial ROTATE may come before the log's format is known: with a checksum if its last bytes
// are one.
Result<Event> ReadArtificialRotate(std::string_view bytes, bool checksum_expected);

struct FormatDescription {
  std::string server_version;
  bool checksum = false;
  std::vector<uint8_t> post_header_sizes;  // of type 1, 2, …

  // How many bytes the fixed part of a row event's and a table map's body has: table ids had 4
  // bytes before MySQL 5.1.4.
  bool HasShortTableIds() const;
};

// Takes the whole event: whether it has a checksum is said by itself.
Result<FormatDescription> ReadFormatDescription(std::string_view bytes);

struct Rotation {
  std::string file;
  uint64_t offset = 0;
};
Result<Rotation> ReadRotation(std::string_view body);

// The parts of a QUERY event that matter here.
struct QueryEvent {
  std::string_view database;
  std::string_view statement;  // in client_collation's charset
  uint64_t sql_mode = 0;
  uint32_t client_collation = 0;  // 0: not told
  uint32_t server_collation = 0;
  uint32_t utf8mb4_collation = 0;
  std::optional<bool> explicit_timestamp_defaults;
  uint32_t error_code = 0;
};
// `scratch` takes the statement where it came compressed (MariaDB).
Result<QueryEvent> ReadQuery(std::string_view body, bool compressed, std::string& scratch);

// MariaDB's compressed bytes: a head with the plain size, then a zlib stream.
Status InflateMariadb(std::string_view packed, std::string& plain);

}  // namespace starlift::mysql

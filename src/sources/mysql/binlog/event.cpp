#include "sources/mysql/binlog/event.h"

#include <fmt/format.h>
#include <zlib.h>

#include "sources/mysql/binlog/byte_reader.h"

namespace starlift::mysql {
namespace {

constexpr uint8_t kChecksumNone = 0;
constexpr uint8_t kChecksumCrc32 = 1;
constexpr size_t kServerVersionBytes = 50;

// No server writes events beyond this (max_allowed_packet's limit), compressed or not.
constexpr uint64_t kMostEventBytes = uint64_t{1} << 30;

Error Damaged(std::string message) {
  return Error{.kind = ErrorKind::kData,
               .message = std::move(message),
               .mend =
                   "the log is damaged, or was damaged on its way: check the server's disk "
                   "(mysqlbinlog --verify-binlog-checksum) and the network"};
}

EventHeader ReadHeader(std::string_view bytes) {
  ByteReader reader(bytes);
  EventHeader header;
  header.timestamp = reader.U32();
  header.type = static_cast<EventType>(reader.U8());
  header.server_id = reader.U32();
  header.size = reader.U32();
  header.next_position = reader.U32();
  header.flags = reader.U16();
  return header;
}

bool ChecksumHolds(std::string_view bytes) {
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumBytes);
  const auto stored =
      static_cast<uint32_t>(LittleEndian(bytes.data() + covered.size(), kChecksumBytes));
  const auto computed = crc32_z(0, reinterpret_cast<const Bytef*>(covered.data()), covered.size());
  return computed == stored;
}

Error WrongChecksum(const EventHeader& header) {
  return Damaged(fmt::format("the checksum of an event of type {} and {} bytes is wrong",
                             static_cast<int>(header.type), header.size));
}

Result<Event> ReadFrame(std::string_view bytes) {
  if (bytes.size() < kEventHeaderBytes) {
    return Damaged(fmt::format("an event has only {} bytes", bytes.size()));
  }
  Event event{.header = ReadHeader(bytes), .body = bytes.substr(kEventHeaderBytes)};
  if (event.header.size != bytes.size()) {
    return Damaged(fmt::format("an event of type {} says it has {} bytes and has {}",
                               static_cast<int>(event.header.type), event.header.size,
                               bytes.size()));
  }
  return event;
}

// Status variables of QUERY events by their codes (libbinlogevents, Query_event).
enum StatusVariable : uint8_t {
  kFlags2 = 0,
  kSqlMode = 1,
  kCatalog = 2,
  kAutoIncrement = 3,
  kCharset = 4,
  kTimeZone = 5,
  kCatalogNz = 6,
  kLcTimeNames = 7,
  kCharsetDatabase = 8,
  kTableMapForUpdate = 9,
  kMasterDataWritten = 10,
  kInvoker = 11,
  kUpdatedDbNames = 12,
  kMicroseconds = 13,
  kCommitTimestamp = 14,
  kCommitTimestamp2 = 15,
  kExplicitDefaultsForTimestamp = 16,
  kDdlLoggedWithXid = 17,
  kDefaultCollationUtf8mb4 = 18,
  kSqlRequirePrimaryKey = 19,
  kDefaultTableEncryption = 20,
  kMariadbHighResolution = 128,
  kMariadbXid = 129,
  kMariadbGtidFlags3 = 130,
};

constexpr uint8_t kOverMaxDatabases = 254;

// Stops at the first code that it does not know: what follows can't be told apart.
void ReadStatusVariables(std::string_view bytes, QueryEvent& query) {
  ByteReader reader(bytes);
  while (reader.ok() && reader.remaining() > 0) {
    switch (reader.U8()) {
      case kFlags2:
        reader.Skip(4);
        break;
      case kSqlMode:
        query.sql_mode = reader.U64();
        break;
      case kCatalog:
        reader.Skip(reader.U8() + 1U);
        break;
      case kAutoIncrement:
        reader.Skip(4);
        break;
      case kCharset:
        query.client_collation = reader.U16();
        reader.Skip(2);  // of the connection
        query.server_collation = reader.U16();
        break;
      case kTimeZone:
      case kCatalogNz:
        reader.Skip(reader.U8());
        break;
      case kLcTimeNames:
      case kCharsetDatabase:
        reader.Skip(2);
        break;
      case kTableMapForUpdate:
        reader.Skip(8);
        break;
      case kMasterDataWritten:
        reader.Skip(4);
        break;
      case kInvoker:
        reader.Skip(reader.U8());
        reader.Skip(reader.U8());
        break;
      case kUpdatedDbNames: {
        const uint8_t count = reader.U8();
        if (count == kOverMaxDatabases) break;
        for (int i = 0; i < count && reader.ok(); ++i) {
          while (reader.ok() && reader.U8() != 0) {
          }
        }
        break;
      }
      case kMicroseconds:
      case kMariadbHighResolution:
        reader.Skip(3);
        break;
      case kExplicitDefaultsForTimestamp:
        query.explicit_timestamp_defaults = reader.U8() != 0;
        break;
      case kDdlLoggedWithXid:
      case kMariadbXid:
        reader.Skip(8);
        break;
      case kDefaultCollationUtf8mb4:
        query.utf8mb4_collation = reader.U16();
        break;
      case kSqlRequirePrimaryKey:
      case kDefaultTableEncryption:
        reader.Skip(1);
        break;
      default:
        return;
    }
  }
}

}  // namespace

Result<Event> ReadEvent(std::string_view bytes, bool checksum) {
  SL_ASSIGN(Event event, ReadFrame(bytes));
  if (!checksum) return event;
  if (event.body.size() < kChecksumBytes || !ChecksumHolds(bytes))
    return WrongChecksum(event.header);
  event.body.remove_suffix(kChecksumBytes);
  return event;
}

Result<Event> ReadArtificialRotate(std::string_view bytes, bool checksum_expected) {
  SL_ASSIGN(Event event, ReadFrame(bytes));
  if (event.body.size() > kChecksumBytes && ChecksumHolds(bytes)) {
    event.body.remove_suffix(kChecksumBytes);
  } else if (checksum_expected) {
    return WrongChecksum(event.header);
  }
  return event;
}

bool FormatDescription::HasShortTableIds() const {
  constexpr size_t kTableMap = static_cast<size_t>(EventType::kTableMap);
  constexpr uint8_t kShort = 6;
  return post_header_sizes.size() >= kTableMap && post_header_sizes[kTableMap - 1] == kShort;
}

Result<FormatDescription> ReadFormatDescription(std::string_view bytes) {
  SL_ASSIGN(const Event event, ReadFrame(bytes));
  ByteReader reader(event.body);
  const uint16_t version = reader.U16();
  FormatDescription format;
  format.server_version = reader.Bytes(kServerVersionBytes);
  format.server_version.resize(std::min(format.server_version.find('\0'), kServerVersionBytes));
  reader.Skip(4);  // when the log was made
  const uint8_t header_bytes = reader.U8();
  if (!reader.ok() || version != 4 || header_bytes != kEventHeaderBytes) {
    return Damaged(fmt::format("the log's format {} is not known", version));
  }
  // From MySQL 5.6.1 and MariaDB 5.3 on: algorithm and checksum of this event follow the sizes.
  std::string_view sizes = reader.Rest();
  constexpr size_t kSizesBeforeChecksums = 27;
  if (sizes.size() > kSizesBeforeChecksums + kChecksumBytes) {
    const auto algorithm = static_cast<uint8_t>(sizes[sizes.size() - kChecksumBytes - 1]);
    sizes.remove_suffix(kChecksumBytes + 1);
    if (algorithm > kChecksumCrc32) {
      return Damaged(fmt::format("the log's checksum algorithm {} is not known", algorithm));
    }
    format.checksum = algorithm != kChecksumNone;
    if (format.checksum && !ChecksumHolds(bytes)) return WrongChecksum(event.header);
  }
  format.post_header_sizes.assign(sizes.begin(), sizes.end());
  return format;
}

Result<Rotation> ReadRotation(std::string_view body) {
  ByteReader reader(body);
  Rotation rotation;
  rotation.offset = reader.U64();
  rotation.file = reader.Rest();
  if (!reader.ok() || rotation.file.empty()) return Damaged("a rotation names no file");
  return rotation;
}

Result<QueryEvent> ReadQuery(std::string_view body, bool compressed, std::string& scratch) {
  ByteReader reader(body);
  reader.Skip(8);  // thread, seconds
  const uint8_t database_bytes = reader.U8();
  QueryEvent query;
  query.error_code = reader.U16();
  const uint16_t status_bytes = reader.U16();
  ReadStatusVariables(reader.Bytes(status_bytes), query);
  query.database = reader.Bytes(database_bytes);
  reader.Skip(1);
  query.statement = reader.Rest();
  if (!reader.ok()) return Damaged("a statement's event is shorter than it says");
  if (compressed) {
    SL_TRY(InflateMariadb(query.statement, scratch));
    query.statement = scratch;
  }
  return query;
}

Status InflateMariadb(std::string_view packed, std::string& plain) {
  ByteReader reader(packed);
  const uint8_t head = reader.U8();
  const size_t length_bytes = head & 0x07;
  const std::string_view length = reader.Bytes(length_bytes);
  if (!reader.ok() || length_bytes == 0 || length_bytes > 4)
    return Damaged("a compressed event has no size");
  if ((head & 0x70) != 0) {
    return Damaged(
        fmt::format("an event is compressed by the unknown algorithm {}", (head & 0x70) >> 4));
  }
  const uint64_t size = BigEndian(length.data(), length_bytes);
  const std::string_view deflated = reader.Rest();
  // deflate makes nothing smaller than by a factor of some 1032.
  if (size > kMostEventBytes || size > deflated.size() * 1100 + 64)
    return Damaged(fmt::format("a compressed event says it has {} bytes", size));
  plain.resize(size);
  uLongf inflated = size;
  const int outcome = uncompress(reinterpret_cast<Bytef*>(plain.data()), &inflated,
                                 reinterpret_cast<const Bytef*>(deflated.data()), deflated.size());
  if (outcome != Z_OK || inflated != size) return Damaged("a compressed event can't be inflated");
  return {};
}

}  // namespace starlift::mysql

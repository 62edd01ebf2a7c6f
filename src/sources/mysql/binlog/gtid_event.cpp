#include "sources/mysql/binlog/gtid_event.h"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "sources/mysql/binlog/byte_reader.h"

namespace starlift::mysql {
namespace {

constexpr uint8_t kLogicalClock = 2;

Error Damaged(std::string_view what) {
  return Error{.kind = ErrorKind::kData,
               .message = fmt::format("a GTID event of the log is damaged: {}", what)};
}

// mysql::serialization, "Variable-length integers": as many bytes follow as the first has ones at
// its low end; of signed ones the lowest bit is the sign.
uint64_t TakeVariable(ByteReader& reader) {
  const uint8_t first = reader.U8();
  const int more = std::countr_one(first);
  const std::string_view rest = reader.Bytes(static_cast<uint64_t>(more));
  if (!reader.ok()) return 0;
  const uint64_t upper = LittleEndian(rest.data(), rest.size());
  if (more >= 7) return upper;
  return upper << (7 - more) | static_cast<uint64_t>(first) >> (more + 1);
}

uint64_t TakePositive(ByteReader& reader) {
  const uint64_t bits = TakeVariable(reader);
  if ((bits & 1) != 0) reader.Fail();
  return bits >> 1;
}

enum TaggedField : uint64_t {
  kFlags = 0,
  kUuid = 1,
  kNumber = 2,
  kTag = 3,
  kLastCommitted = 4,
  kSequence = 5,
  kImmediateCommit = 6,
  kOriginalCommit = 7,
  kLength = 8,
  kImmediateVersion = 9,
  kOriginalVersion = 10,
  kTicket = 11,
};

// Numbered fields, some of which may be left out.
Result<MysqlGroupBegin> ReadTagged(std::string_view body) {
  ByteReader reader(body);
  const uint64_t version = TakeVariable(reader);
  TakeVariable(reader);  // size
  const uint64_t last_needed = TakeVariable(reader);
  if (!reader.ok() || version != 1 || last_needed > kTicket)
    return Damaged(fmt::format("its form {} is not known", version));
  MysqlGroupBegin begin;
  begin.gtid.emplace();
  while (reader.ok() && reader.remaining() > 0) {
    const uint64_t field = TakeVariable(reader);
    switch (field) {
      case kUuid:
        for (uint8_t& byte : begin.gtid->source.uuid)
          byte = static_cast<uint8_t>(TakeVariable(reader));
        break;
      case kNumber:
        begin.gtid->number = TakePositive(reader);
        break;
      case kTag:
        begin.gtid->source.tag = reader.Bytes(TakeVariable(reader));
        break;
      case kImmediateCommit:
        begin.commit_unix_us = static_cast<int64_t>(TakeVariable(reader));
        break;
      case kFlags:
      case kLastCommitted:
      case kSequence:
      case kOriginalCommit:
      case kLength:
      case kImmediateVersion:
      case kOriginalVersion:
      case kTicket:
        TakeVariable(reader);
        break;
      default:
        reader.Fail();
        break;
    }
  }
  if (!reader.ok() || begin.gtid->number == 0) return Damaged("its fields");
  return begin;
}

}  // namespace

Result<MysqlGroupBegin> ReadMysqlGtid(EventType type, std::string_view body) {
  if (type == EventType::kGtidTagged) return ReadTagged(body);
  ByteReader reader(body);
  reader.Skip(1);  // flags
  MysqlGtid gtid;
  const std::string_view uuid = reader.Bytes(gtid.source.uuid.size());
  gtid.number = reader.U64();
  if (!reader.ok()) return Damaged("it is too short");
  std::copy(uuid.begin(), uuid.end(), gtid.source.uuid.begin());
  MysqlGroupBegin begin;
  if (type == EventType::kGtid) {
    if (gtid.number == 0) return Damaged("transaction number 0");
    begin.gtid = std::move(gtid);
  }
  if (reader.remaining() == 0 || reader.U8() != kLogicalClock) return begin;
  reader.Skip(16);  // last committed, sequence number
  if (!reader.ok()) return Damaged("its logical clock");
  if (reader.remaining() < 7) return begin;
  // The highest bit says that the time at the first server of a chain follows.
  begin.commit_unix_us = static_cast<int64_t>(reader.U56() & ((uint64_t{1} << 55) - 1));
  return begin;
}

Result<MariadbGroupBegin> ReadMariadbGtid(const Event& event) {
  constexpr uint8_t kStandalone = 1;
  constexpr uint8_t kGroupCommit = 2;
  constexpr uint8_t kXa = 0x40 | 0x80;
  // Of the extra flags: an ALTER begins, or was rolled back.
  constexpr uint8_t kUnfinishedAlter = 2 | 8;
  ByteReader reader(event.body);
  MariadbGroupBegin begin;
  begin.gtid.server = event.header.server_id;
  begin.gtid.sequence = reader.U64();
  begin.gtid.domain = reader.U32();
  const uint8_t flags = reader.U8();
  begin.standalone = (flags & kStandalone) != 0;
  if (!reader.ok()) return Damaged("it is too short");
  if ((flags & kGroupCommit) != 0) reader.Skip(8);
  if ((flags & kXa) != 0) {
    reader.Skip(4);  // format
    const uint8_t gtrid_bytes = reader.U8();
    reader.Skip(reader.U8() + uint64_t{gtrid_bytes});
  }
  // Zeros fill up to a fixed size where nothing follows.
  if (reader.ok() && reader.remaining() > 0)
    begin.unfinished_alter = (reader.U8() & kUnfinishedAlter) != 0;
  return begin;
}

std::string XidKey(std::string_view gtrid, std::string_view bqual, int64_t format) {
  const auto hex = [](std::string_view bytes) {
    std::string text;
    for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
  };
  return fmt::format("X'{}',X'{}',{}", hex(gtrid), hex(bqual), format);
}

Result<XaPrepare> ReadXaPrepare(std::string_view body) {
  ByteReader reader(body);
  XaPrepare prepare;
  prepare.one_phase = reader.U8() != 0;
  const auto format = static_cast<int32_t>(reader.U32());
  const uint32_t gtrid_bytes = reader.U32();
  const uint32_t bqual_bytes = reader.U32();
  const std::string_view gtrid = reader.Bytes(gtrid_bytes);
  const std::string_view bqual = reader.Bytes(bqual_bytes);
  if (!reader.ok()) return Damaged("an XA transaction's name");
  prepare.xid = XidKey(gtrid, bqual, format);
  return prepare;
}

}  // namespace starlift::mysql

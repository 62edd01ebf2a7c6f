#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <zlib.h>

#include "sources/mysql/binlog/event.h"
#include "wire/mysql/packet.h"

// Makes log events byte by byte, for tests and for the fuzzer's first inputs.
namespace starlift::mysql::test {

using wire::mysql::PayloadWriter;

struct EventOptions {
  bool checksum = true;
  uint32_t timestamp = 1'700'000'000;
  uint32_t server_id = 1;
  uint32_t next_position = 0;
  uint16_t flags = 0;
};

inline std::string MakeEvent(EventType type, std::string_view body, EventOptions options = {}) {
  const size_t size = kEventHeaderBytes + body.size() + (options.checksum ? kChecksumBytes : 0);
  PayloadWriter event;
  event.U32(options.timestamp).U8(static_cast<uint8_t>(type)).U32(options.server_id);
  event.U32(static_cast<uint32_t>(size)).U32(options.next_position).U16(options.flags).Bytes(body);
  if (options.checksum) {
    const std::string& bytes = event.payload();
    event.U32(static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()))));
  }
  return event.payload();
}

inline std::string MakeFormat(bool checksum, std::string_view version = "8.0.40") {
  constexpr size_t kVersionBytes = 50;
  constexpr size_t kTypes = 42;
  PayloadWriter body;
  body.U16(4).Bytes(version).Zeros(kVersionBytes - version.size()).U32(0).U8(kEventHeaderBytes);
  for (size_t type = 1; type <= kTypes; ++type) body.U8(type >= 19 && type <= 32 ? 8 : 0);
  body.U8(checksum ? 1 : 0);
  if (!checksum)
    return MakeEvent(EventType::kFormatDescription, body.U32(0).payload(), {.checksum = false});
  return MakeEvent(EventType::kFormatDescription, body.payload());
}

inline std::string MakeRotate(std::string_view file, uint64_t offset, EventOptions options = {}) {
  PayloadWriter body;
  body.U64(offset).Bytes(file);
  options.timestamp = 0;
  options.flags = kArtificialFlag;
  return MakeEvent(EventType::kRotate, body.payload(), options);
}

inline std::string MakeQuery(std::string_view statement, std::string_view database = "d",
                             EventOptions options = {}) {
  PayloadWriter body;
  body.U32(1).U32(0).U8(static_cast<uint8_t>(database.size())).U16(0).U16(0);
  body.Bytes(database).U8(0).Bytes(statement);
  return MakeEvent(EventType::kQuery, body.payload(), options);
}

inline std::string MakeXid(EventOptions options = {}) {
  return MakeEvent(EventType::kXid, std::string_view("\1\0\0\0\0\0\0\0", 8), options);
}

inline std::string MakeGtid(uint64_t number, EventOptions options = {}) {
  PayloadWriter body;
  body.U8(1).Bytes("0123456789abcdef").U64(number).U8(2).U64(0).U64(1);
  body.U32(0x12345678).U24(0x000001);  // microseconds, 7 bytes
  return MakeEvent(EventType::kGtid, body.payload(), options);
}

// `types` with their `metadata` as the log has them.
inline std::string MakeTableMap(uint64_t id, std::string_view name, std::string_view types,
                                std::string_view metadata, std::string_view optional = {},
                                EventOptions options = {}) {
  PayloadWriter body;
  body.U32(static_cast<uint32_t>(id)).U16(0).U16(1).U8(1).NullString("d");
  body.U8(static_cast<uint8_t>(name.size())).NullString(name);
  body.LengthInt(types.size()).Bytes(types).LengthString(metadata);
  for (size_t i = 0; i < (types.size() + 7) / 8; ++i) body.U8(0xFF);
  body.Bytes(optional);
  return MakeEvent(EventType::kTableMap, body.payload(), options);
}

// `images`: the column bitmap(s) and all that follows them.
inline std::string MakeRows(EventType type, uint64_t id, uint64_t columns, std::string_view images,
                            EventOptions options = {}) {
  const bool version2 = (type >= EventType::kWriteRowsV2 && type <= EventType::kDeleteRowsV2) ||
                        type == EventType::kPartialUpdateRows;
  PayloadWriter body;
  body.U32(static_cast<uint32_t>(id)).U16(0).U16(1);
  if (version2) body.U16(2);
  body.LengthInt(columns).Bytes(images);
  return MakeEvent(type, body.payload(), options);
}

}  // namespace starlift::mysql::test

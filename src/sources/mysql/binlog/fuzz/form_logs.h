#pragma once

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>
#include <zstd.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/event_builder.h"
#include "sources/mysql/binlog/test_log.h"

// What both fuzzers begin with: logs that hold one column of each form that there is, and the
// table that they tell of.
namespace starlift::mysql::test {

using std::string_literals::operator""s;
using Log = std::vector<std::string>;

constexpr size_t kEventSizeOffset = 9;

// One column of each form that the log has.
struct Form {
  Column column;
  char type;
  std::string metadata;
  std::string value;
};

inline Column Typed(TypeKind kind, uint64_t length = 0, uint8_t precision = 0, uint8_t scale = 0,
                    std::string native_type = "") {
  Column column = MakeColumn("c", kind, length, std::move(native_type));
  column.type.precision = precision;
  column.type.scale = scale;
  if (kind == TypeKind::kVarchar || kind == TypeKind::kText) column.charset = "utf8mb4";
  if (kind == TypeKind::kChar) column.charset = "utf16";
  return column;
}

inline std::vector<Form> Forms() {
  const std::string json = "\x00\x01\x00\x0c\x00\x0b\x00\x01\x00\x05\x01\x00"s + "a";
  return {
      {Typed(TypeKind::kInt32), 3, "", "\1\0\0\0"s},
      {Typed(TypeKind::kUInt64), 8, "", "\1\2\3\4\5\6\7\x88"s},
      {Typed(TypeKind::kInt24), 9, "", "\1\2\xff"s},
      {Typed(TypeKind::kFloat), 4, "\4", "\0\0\x80\x3f"s},
      {Typed(TypeKind::kDouble), 5, "\x08", "\0\0\0\0\0\0\xf0\x3f"s},
      {Typed(TypeKind::kDecimal, 0, 14, 4), '\xf6', "\x0e\x04", "\x81\x0d\xfb\x38\xd2\x04\xd2"s},
      {Typed(TypeKind::kVarchar, 300), 15, "\x2c\x01", "\x05\x00hello"s},
      {Typed(TypeKind::kText), '\xfc', "\x02", "\x03\x00\xe2\x82\xac"s},
      {Typed(TypeKind::kBlob), '\xfc', "\x04", "\x03\0\0\0abc"s},
      {Typed(TypeKind::kChar, 10), '\xfe', "\xfe\x28", "\x02\x00\x41"s},
      {Typed(TypeKind::kBinary, 4), '\xfe', "\xfe\x04",
       "\x02"
       "ab"},
      {Typed(TypeKind::kEnum, 0, 0, 0, "enum('a','b')"), '\xfe', "\xf7\x01", "\x01"},
      {Typed(TypeKind::kSet, 0, 0, 0, "set('a','b')"), '\xfe', "\xf8\x01", "\x03"},
      {Typed(TypeKind::kBit, 9), 16, "\x01\x01", "\x01\xff"},
      {Typed(TypeKind::kDateTime, 0, 0, 6), 18, "\x06", "\x99\x72\xee\x00\x00\x01\x02\x03"s},
      {Typed(TypeKind::kTimestamp, 0, 0, 3), 17, "\x03", "\x5e\x0b\xe1\x00\x01\x02"s},
      {Typed(TypeKind::kTime, 0, 0, 2), 19, "\x02", "\x7f\xff\xff\xff"},
      {Typed(TypeKind::kDate), 10, "", "\x21\xc8\x0f"},
      {Typed(TypeKind::kTime, 0, 0, 6), 11, "", "\1\2\3\4\5\6"},
      {Typed(TypeKind::kYear), 13, "", "\x78"},
      {Typed(TypeKind::kJson), '\xf5', "\x04", "\x0d\0\0\0"s + json},
      {Typed(TypeKind::kUuid), '\xfe', "\xfe\x10",
       "\x10"
       "0123456789abcdef"},
      {Typed(TypeKind::kVarbinary, 50), '\x8d', "\x32\x00"s, "\x02\x00x"s},
  };
}

inline TableVersion FormsTable(const std::vector<Form>& forms) {
  std::vector<Column> columns;
  columns.reserve(forms.size());
  for (const Form& form : forms) columns.push_back(form.column);
  return MakeTable("t", std::move(columns));
}

inline std::string FormsMap(const std::vector<Form>& forms, EventOptions options = {}) {
  std::string types;
  std::string metadata;
  for (const Form& form : forms) {
    types.push_back(form.type);
    metadata += form.metadata;
  }
  return MakeTableMap(7, "t", types, metadata, {}, options);
}

inline std::string Image(const std::vector<Form>& forms) {
  std::string image((forms.size() + 7) / 8, '\0');
  for (const Form& form : forms) image += form.value;
  return image;
}

inline std::string Bitmap(size_t columns) { return std::string((columns + 7) / 8, '\xFF'); }

inline std::string Payload(const std::string& inner) {
  std::string packed(ZSTD_compressBound(inner.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), inner.data(), inner.size(), 1));
  PayloadWriter size;
  size.LengthInt(packed.size());
  PayloadWriter plain;
  plain.LengthInt(inner.size());
  PayloadWriter body;
  body.LengthInt(2).LengthInt(1).LengthInt(0).LengthInt(1).LengthString(size.payload());
  body.LengthInt(3).LengthString(plain.payload()).LengthInt(0).Bytes(packed);
  return MakeEvent(EventType::kTransactionPayload, body.payload());
}

inline std::string Deflated(const std::string& plain) {
  uLongf size = compressBound(plain.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  packed.resize(size);
  PayloadWriter head;
  head.U8(0x82).U8(static_cast<uint8_t>(plain.size() >> 8)).U8(static_cast<uint8_t>(plain.size()));
  return head.payload() + packed;
}

inline std::vector<Log> MakeLogs(const std::vector<Form>& forms) {
  const size_t count = forms.size();
  const std::string map = FormsMap(forms);
  const std::string image = Image(forms);
  const std::string bits = Bitmap(count);
  const std::string insert = MakeRows(EventType::kWriteRowsV2, 7, count, bits + image + image);
  const std::string update =
      MakeRows(EventType::kUpdateRowsV1, 7, count, bits + bits + image + image);
  const std::string remove = MakeRows(EventType::kDeleteRowsV2, 7, count, bits + image);
  const std::string packed =
      MakeRows(EventType::kMariadbWriteRowsCompressedV1, 7, count, bits + Deflated(image + image));
  const std::string partial =
      MakeRows(EventType::kPartialUpdateRows, 7, count, bits + bits + image + "\x01\x00"s + image);
  const EventOptions plain{.checksum = false};
  const std::string inner = MakeQuery("BEGIN", "d", plain) + FormsMap(forms, plain) +
                            MakeRows(EventType::kWriteRowsV2, 7, count, bits + image, plain) +
                            MakeXid(plain);
  PayloadWriter mariadb;
  mariadb.U64(5).U32(0).U8(0).Zeros(6);
  const std::string rotate = MakeRotate("b.000001", 4);
  const std::string begin = MakeQuery("BEGIN");
  return {
      {rotate, MakeFormat(true), MakeGtid(5), begin, map, insert, update, remove, MakeXid()},
      {rotate, MakeFormat(true), MakeEvent(EventType::kMariadbGtid, mariadb.payload()), map, packed,
       MakeXid()},
      {rotate, MakeFormat(true), MakeGtid(6), Payload(inner)},
      {rotate, MakeFormat(true), begin, map, partial, MakeQuery("ROLLBACK")},
      {rotate, MakeFormat(true), MakeQuery("ALTER TABLE t ADD x INT"), begin,
       MakeQuery("SAVEPOINT a"), map, insert, MakeQuery("ROLLBACK TO a"), MakeQuery("COMMIT")},
  };
}

// Events one after another, as they lie in a file behind its magic. What has no plausible size ends
// the list, as one event.
inline Log SplitEvents(std::string_view bytes) {
  Log log;
  while (!bytes.empty()) {
    size_t size = bytes.size();
    if (size >= kEventHeaderBytes) {
      const size_t told = LittleEndian(bytes.data() + kEventSizeOffset, 4);
      if (told >= kEventHeaderBytes && told < size) size = told;
    }
    log.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return log;
}

inline Log ReadLogFile(const char* path) {
  constexpr size_t kMagicBytes = 4;
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  Log log = SplitEvents(std::string_view(bytes).substr(std::min(bytes.size(), kMagicBytes)));
  log.insert(log.begin(), MakeRotate("b.000001", 4));
  return log;
}

inline uint32_t ChecksumOf(std::string_view event) {
  return static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(event.data()),
                                     static_cast<uInt>(event.size() - kChecksumBytes)));
}

inline bool HasGoodChecksum(std::string_view event) {
  if (event.size() < kEventHeaderBytes + kChecksumBytes) return false;
  uint32_t told = 0;
  std::memcpy(&told, event.data() + event.size() - kChecksumBytes, kChecksumBytes);
  return told == ChecksumOf(event);
}

// Size and checksum made right again, so that damage is seen by what lies behind them.
inline void MendFrame(std::string& event) {
  if (event.size() < kEventHeaderBytes + kChecksumBytes) return;
  const auto size = static_cast<uint32_t>(event.size());
  std::memcpy(event.data() + kEventSizeOffset, &size, sizeof size);
  const uint32_t sum = ChecksumOf(event);
  std::memcpy(event.data() + event.size() - kChecksumBytes, &sum, sizeof sum);
}

// A format's checksum is its own affair: it may say that there are none.
inline bool IsFormat(std::string_view event) {
  return event.size() >= kEventHeaderBytes &&
         static_cast<EventType>(static_cast<uint8_t>(event[4])) == EventType::kFormatDescription;
}

}  // namespace starlift::mysql::test

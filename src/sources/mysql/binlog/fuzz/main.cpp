// fuzz_binlog [SECONDS [SEED [FILE…]]]: damages logs made by hand (and binary log files given) in
// every way and feeds them to the decoder. Ends with 1 if a damaged event was taken although its
// checksum was wrong; crashes, overruns and hangs are for the sanitizers and the alarm.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <unistd.h>

#include <zlib.h>
#include <zstd.h>

#include "base/log.h"
#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/event_builder.h"
#include "sources/mysql/binlog/json_document.h"
#include "sources/mysql/binlog/json_text.h"
#include "sources/mysql/binlog/test_log.h"

namespace starlift::mysql::test {
namespace {

using std::string_literals::operator""s;
using Log = std::vector<std::string>;

constexpr unsigned kHangSeconds = 30;
constexpr size_t kSizeOffset = 9;

// One column of each form that the log has.
struct Form {
  Column column;
  char type;
  std::string metadata;
  std::string value;
};

Column Typed(TypeKind kind, uint64_t length = 0, uint8_t precision = 0, uint8_t scale = 0,
             std::string native_type = "") {
  Column column = MakeColumn("c", kind, length, std::move(native_type));
  column.type.precision = precision;
  column.type.scale = scale;
  if (kind == TypeKind::kVarchar || kind == TypeKind::kText) column.charset = "utf8mb4";
  if (kind == TypeKind::kChar) column.charset = "utf16";
  return column;
}

std::vector<Form> Forms() {
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

TableVersion FormsTable(const std::vector<Form>& forms) {
  std::vector<Column> columns;
  for (const Form& form : forms) columns.push_back(form.column);
  return MakeTable("t", std::move(columns));
}

std::string FormsMap(const std::vector<Form>& forms, EventOptions options = {}) {
  std::string types;
  std::string metadata;
  for (const Form& form : forms) {
    types.push_back(form.type);
    metadata += form.metadata;
  }
  return MakeTableMap(7, "t", types, metadata, {}, options);
}

std::string Image(const std::vector<Form>& forms) {
  std::string image((forms.size() + 7) / 8, '\0');
  for (const Form& form : forms) image += form.value;
  return image;
}

std::string Bitmap(size_t columns) { return std::string((columns + 7) / 8, '\xFF'); }

std::string Payload(const std::string& inner) {
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

std::string Deflated(const std::string& plain) {
  uLongf size = compressBound(plain.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(packed.data()), &size,
           reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  packed.resize(size);
  PayloadWriter head;
  head.U8(0x82).U8(static_cast<uint8_t>(plain.size() >> 8)).U8(static_cast<uint8_t>(plain.size()));
  return head.payload() + packed;
}

std::vector<Log> MakeLogs(const std::vector<Form>& forms) {
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

// The events of a log file, behind its 4 bytes of magic.
Log ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  Log log{MakeRotate("b.000001", 4)};
  for (size_t at = 4; at + kEventHeaderBytes <= bytes.size();) {
    const size_t size = LittleEndian(bytes.data() + at + kSizeOffset, 4);
    if (size < kEventHeaderBytes || size > bytes.size() - at) break;
    log.push_back(bytes.substr(at, size));
    at += size;
  }
  return log;
}

class Fuzzer {
 public:
  explicit Fuzzer(uint64_t seed) : random_(seed) {}

  // False: a damaged event was taken.
  bool Run(const Log& original, const TableVersion& table) {
    Log log = original;
    const bool keep_checksums = Below(2) == 0;
    const size_t target = Below(log.size());
    const size_t rounds = 1 + Below(3);
    for (size_t round = 0; round < rounds; ++round) Damage(log[target]);
    const bool changed = log[target] != original[target];
    if (!keep_checksums) Mend(log[target]);
    if (!keep_checksums && Below(10) == 0)
      std::swap(log[Below(log.size())], log[Below(log.size())]);
    TestLog under_test({table}, Below(2) == 0 ? "file:b.000001:4" : "mariadb-gtid:");
    for (const std::string& event : log) {
      const bool damaged = changed && keep_checksums && &event == &log[target];
      const Status status = under_test.Feed(event);
      if (status.ok() && damaged && IsCovered(original[target])) return false;
      if (!status.ok()) break;
    }
    return true;
  }

  void RunValues() {
    std::string bytes(Below(60), '\0');
    for (char& byte : bytes) byte = static_cast<char>(Below(3) == 0 ? Below(256) : Below(16));
    std::string text;
    (void)AppendJsonText(bytes, text);
    (void)ApplyJsonDifferences(bytes, bytes.substr(bytes.size() / 2), text);
    (void)GtidSet::Decode(bytes);
    (void)ReadTableMap(bytes, false);
  }

 private:
  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }

  // A format's checksum is its own affair: it may say that there are none.
  static bool IsCovered(const std::string& event) {
    return static_cast<EventType>(static_cast<uint8_t>(event[4])) != EventType::kFormatDescription;
  }

  void Damage(std::string& event) {
    if (event.empty()) return;
    const size_t at = Below(event.size());
    switch (Below(6)) {
      case 0:
        event[at] = static_cast<char>(event[at] ^ (1 << Below(8)));
        break;
      case 1:
        event[at] = static_cast<char>(Below(256));
        break;
      case 2:
        event.erase(at, 1 + Below(8));
        break;
      case 3:
        event.insert(at, 1 + Below(8), static_cast<char>(Below(256)));
        break;
      case 4:
        for (size_t i = at; i < std::min(event.size(), at + 4); ++i) event[i] = '\xFF';
        break;
      default:
        event.resize(at);
        break;
    }
  }

  // Size and checksum made right again, so that the damage is seen by what lies behind them.
  static void Mend(std::string& event) {
    if (event.size() < kEventHeaderBytes + kChecksumBytes) return;
    const auto size = static_cast<uint32_t>(event.size());
    std::memcpy(event.data() + kSizeOffset, &size, sizeof size);
    const size_t covered = event.size() - kChecksumBytes;
    const auto sum = static_cast<uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(event.data()), static_cast<uInt>(covered)));
    std::memcpy(event.data() + covered, &sum, sizeof sum);
  }

  std::mt19937_64 random_;
};

int Main(int count, char** arguments) {
  const long seconds = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 3;
  uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
  ConfigureLog(LogLevel::kError, LogFormat::kText);
  const std::vector<Form> forms = Forms();
  const TableVersion table = FormsTable(forms);
  std::vector<Log> logs = MakeLogs(forms);
  for (int i = 3; i < count; ++i) logs.push_back(ReadFile(arguments[i]));
  // Undamaged they must pass, else the rest says little.
  for (size_t i = 0; i + 1 < logs.size() && i < 4; ++i) {
    TestLog whole({table});
    if (const Status status = whole.FeedAll(logs[i]); !status.ok()) {
      std::fprintf(stderr, "log %zu: %s\n", i, status.error().ToString().c_str());
      return 1;
    }
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  uint64_t runs = 0;
  while (std::chrono::steady_clock::now() < end) {
    alarm(kHangSeconds);
    for (const Log& log : logs) {
      Fuzzer fuzzer(seed);
      fuzzer.RunValues();
      if (!fuzzer.Run(log, table)) {
        std::fprintf(stderr, "seed %llu: an event with a wrong checksum was taken\n",
                     static_cast<unsigned long long>(seed));
        return 1;
      }
      ++seed;
      ++runs;
    }
  }
  std::printf("%llu damaged logs, the last with seed %llu\n", static_cast<unsigned long long>(runs),
              static_cast<unsigned long long>(seed - 1));
  return 0;
}

}  // namespace
}  // namespace starlift::mysql::test

int main(int count, char** arguments) { return starlift::mysql::test::Main(count, arguments); }

// fuzz_binlog_coverage [libFuzzer's options] CORPUS: the decoder under libFuzzer, led by what its
// code has not seen yet. Stops at a crash, an overrun, a hang, or an event that was taken although
// its checksum was wrong.
//
// An input is one byte of choices and then events one after another.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/log.h"
#include "sources/mysql/binlog/fuzz/form_logs.h"
#include "sources/mysql/binlog/json_document.h"
#include "sources/mysql/binlog/json_text.h"

namespace starlift::mysql::test {
namespace {

enum Choice : uint8_t { kMendFrames = 1, kStartByGtid = 2, kValuesOnly = 4 };

void FeedValues(std::string_view bytes) {
  std::string text;
  (void)AppendJsonText(bytes, text);
  const size_t half = bytes.size() / 2;
  (void)ApplyJsonDifferences(bytes.substr(0, half), bytes.substr(half), text);
  (void)GtidSet::Decode(bytes);
  (void)ReadTableMap(bytes, false);
}

void FeedLog(std::string_view bytes, uint8_t choices) {
  static const TableVersion kTable = FormsTable(Forms());
  TestLog log({kTable}, (choices & kStartByGtid) != 0 ? "mariadb-gtid:" : "file:b.000001:4");
  if (!log.Feed(MakeRotate("b.000001", 4)).ok() || !log.Feed(MakeFormat(true)).ok()) std::abort();
  bool format_is_ours = true;
  for (std::string& event : SplitEvents(bytes)) {
    if ((choices & kMendFrames) != 0) MendFrame(event);
    const bool must_be_refused = format_is_ours && !IsFormat(event) && !HasGoodChecksum(event);
    if (!log.Feed(event).ok()) return;
    if (must_be_refused) {
      std::fputs("an event with a wrong checksum was taken\n", stderr);
      std::abort();
    }
    format_is_ours = format_is_ours && !IsFormat(event);
  }
}

}  // namespace
}  // namespace starlift::mysql::test

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
  starlift::ConfigureLog(starlift::LogLevel::kError, starlift::LogFormat::kText);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace starlift::mysql::test;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & kValuesOnly) != 0) {
    FeedValues(bytes);
  } else {
    FeedLog(bytes, data[0]);
  }
  return 0;
}

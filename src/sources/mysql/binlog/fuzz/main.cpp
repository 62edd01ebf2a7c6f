// fuzz_binlog [SECONDS [SEED [FILE…]]]: damages logs made by hand (and binary log files given) in
// every way and feeds them to the decoder. Ends with 1 if a damaged event was taken although its
// checksum was wrong; crashes, overruns and hangs are for the sanitizers and the alarm.
// fuzz_binlog --corpus DIRECTORY [FILE…] writes the undamaged logs there, for fuzz_binlog_coverage.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <unistd.h>

#include "base/log.h"
#include "sources/mysql/binlog/fuzz/form_logs.h"
#include "sources/mysql/binlog/json_document.h"
#include "sources/mysql/binlog/json_text.h"

namespace starlift::mysql::test {
namespace {

constexpr unsigned kHangSeconds = 30;

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
    if (!keep_checksums) MendFrame(log[target]);
    if (!keep_checksums && Below(10) == 0)
      std::swap(log[Below(log.size())], log[Below(log.size())]);
    TestLog under_test({table}, Below(2) == 0 ? "file:b.000001:4" : "mariadb-gtid:");
    for (const std::string& event : log) {
      const bool damaged = changed && keep_checksums && &event == &log[target];
      const Status status = under_test.Feed(event);
      if (status.ok() && damaged && !IsFormat(original[target])) return false;
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

  std::mt19937_64 random_;
};

int WriteCorpus(const std::filesystem::path& directory, const std::vector<Log>& logs) {
  std::filesystem::create_directories(directory);
  for (size_t i = 0; i < logs.size(); ++i) {
    std::ofstream file(directory / ("log" + std::to_string(i)), std::ios::binary);
    file << '\x01';  // frames are mended: see coverage.cpp
    for (const std::string& event : logs[i]) file << event;
    if (!file.flush()) {
      std::fprintf(stderr, "%s cannot be written\n", directory.c_str());
      return 1;
    }
  }
  return 0;
}

int Main(int count, char** arguments) {
  const bool corpus = count > 2 && std::string_view(arguments[1]) == "--corpus";
  const long seconds = count > 1 ? std::strtol(arguments[1], nullptr, 10) : 3;
  uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
  ConfigureLog(LogLevel::kError, LogFormat::kText);
  const std::vector<Form> forms = Forms();
  const TableVersion table = FormsTable(forms);
  std::vector<Log> logs = MakeLogs(forms);
  for (int i = 3; i < count; ++i) logs.push_back(ReadLogFile(arguments[i]));
  // Undamaged they must pass, else the rest says little.
  for (size_t i = 0; i + 1 < logs.size() && i < 4; ++i) {
    TestLog whole({table});
    if (const Status status = whole.FeedAll(logs[i]); !status.ok()) {
      std::fprintf(stderr, "log %zu: %s\n", i, status.error().ToString().c_str());
      return 1;
    }
  }
  if (corpus) return WriteCorpus(arguments[2], logs);
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

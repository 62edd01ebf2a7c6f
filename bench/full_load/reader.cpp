// The same read as floor.c through Starlift's own reader, in chunks, rows thrown away:
//   bench_reader HOST PORT USER PASSWORD DATABASE TABLE [CHUNK_ROWS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "sources/source.h"

namespace starlift {
namespace {

constexpr uint64_t kDefaultChunkRows = 500'000;

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Counter final : public BatchSink {
 public:
  Status Consume(const RowBatch& batch) override {
    rows += batch.rows();
    for (size_t row = 0; row < batch.rows(); ++row) {
      const Cell* const cells = batch.Row(row);
      for (size_t i = 0; i < batch.columns(); ++i) {
        if (!cells[i].is_null()) bytes += cells[i].size;
      }
    }
    return {};
  }

  uint64_t rows = 0;
  uint64_t bytes = 0;
};

Status Read(const SourceConfig& config, const std::string& name, uint64_t chunk_rows) {
  SL_ASSIGN(const auto source, OpenSource(config));
  SL_ASSIGN(const Catalog catalog,
            source->ReadCatalog([&](const TableId& id) { return id.name == name; }));
  if (catalog.tables.empty()) return Error{ErrorKind::kNotFound, "no table " + name};
  const Table& table = catalog.tables.front();
  std::vector<ColumnIndex> columns;
  for (ColumnIndex i = 0; i < table.columns.size(); ++i) columns.push_back(i);
  const Cancellation cancellation;
  SL_ASSIGN(const auto reader, source->OpenSnapshot(cancellation));

  Counter counter;
  const auto begin = std::chrono::steady_clock::now();
  const double cpu_begin = CpuSeconds();
  std::optional<Chunk> chunk;
  uint64_t chunks = 0;
  while (true) {
    SL_ASSIGN(chunk, reader->NextChunk(table, chunk ? &*chunk : nullptr, chunk_rows));
    if (!chunk) break;
    SL_TRY(reader->ReadChunk(table, columns, *chunk, counter));
    ++chunks;
  }
  const double cpu = CpuSeconds() - cpu_begin;
  const double wall =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf(
      "{\"rows\": %llu, \"bytes\": %llu, \"seconds\": %.3f, \"cpu_seconds\": %.3f, "
      "\"rows_per_second\": %.0f, "
      "\"chunks\": %llu}\n",
      static_cast<unsigned long long>(counter.rows), static_cast<unsigned long long>(counter.bytes),
      wall, cpu, static_cast<double>(counter.rows) / wall, static_cast<unsigned long long>(chunks));
  return {};
}

}  // namespace
}  // namespace starlift

int main(int argc, char** argv) {
  if (argc < 7) {
    std::fprintf(stderr,
                 "usage: bench_reader HOST PORT USER PASSWORD DATABASE TABLE [CHUNK_ROWS]\n");
    return 2;
  }
  const starlift::SourceConfig config{.kind = "mysql",
                                      .host = argv[1],
                                      .port = static_cast<uint16_t>(std::atoi(argv[2])),
                                      .user = argv[3],
                                      .password = argv[4],
                                      .database = argv[5],
                                      .options = {{"ssl-mode", "disabled"}}};
  const uint64_t chunk_rows =
      argc > 7 ? std::strtoull(argv[7], nullptr, 10) : starlift::kDefaultChunkRows;
  const starlift::Status outcome = starlift::Read(config, argv[6], chunk_rows);
  if (outcome.ok()) return 0;
  std::fprintf(stderr, "bench_reader: %s\n", outcome.error().ToString().c_str());
  return 1;
}

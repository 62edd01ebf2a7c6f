// Many readers and senders at once: for ThreadSanitizer, for the budget, and for small tables.
#include <atomic>
#include <thread>

#include "load/buffer_pool.h"
#include "load/loader_harness.h"

namespace starlift::load {
namespace {

using namespace std::chrono_literals;

// A target whose loads take real time, some of which fail.
class SlowTarget : public MortalTarget {
 public:
  SlowTarget(SimulatedTarget& target, CrashSwitch& crash, std::chrono::milliseconds load_time)
      : MortalTarget(target, crash), load_time_(load_time) {}
  starrocks::LoadOutcome Load(const starrocks::LoadRequest& request) override {
    const uint32_t in_flight = ++in_flight_;
    for (uint32_t most = most_;
         in_flight > most && !most_.compare_exchange_weak(most, in_flight);) {
    }
    std::this_thread::sleep_for(load_time_);
    auto outcome = MortalTarget::Load(request);
    --in_flight_;
    return outcome;
  }
  uint32_t most_in_flight() const { return most_; }

 private:
  const std::chrono::milliseconds load_time_;
  std::atomic<uint32_t> in_flight_{0}, most_{0};
};

class LoaderThreads : public ::testing::Test {
 protected:
  struct OpenTable {
    mapping::TableMapping mapping;
    int64_t id = 0;
  };

  LoaderThreads() : store_(*state::OpenSqliteStore(home_.path(), SystemClock(), SystemRandom())) {
    options_.dead_letter_directory = home_.path() + "/dead-letters";
    task_ = *store_->OpenTask("task", "");
  }

  // Opens tables "t0"… with as many chunks.
  void OpenTables(Loader& loader, size_t tables, size_t chunks, bool keyless) {
    tables_.resize(tables);
    for (size_t index = 0; index < tables; ++index) {
      OpenTable& table = tables_[index];
      table.mapping = MakeMapping(fmt::format("t{}", index), keyless, 200'000);
      const auto record =
          *store_->OpenTable(task_.id, table.mapping.source.id, "shop", table.mapping.target.name);
      table.id = record.id;
      std::vector<state::ChunkRecord> records(chunks);
      for (size_t chunk = 0; chunk < chunks; ++chunk) records[chunk].number = chunk;
      ASSERT_TRUE(store_->AddChunks(record.id, records, true).ok());
      ASSERT_TRUE(loader.OpenTable(table.mapping, record).ok());
    }
  }

  // Reads chunks of all tables on several threads; gives how many ended well.
  size_t ReadAll(Loader& loader, size_t chunks, size_t rows, size_t name_bytes, int readers) {
    std::atomic<size_t> next{0}, done{0}, ended{0};
    const size_t all = tables_.size() * chunks;
    const auto read = [&] {
      for (size_t item = next++; item < all; item = next++) {
        auto writer = *loader.OpenChunk(tables_[item / chunks].id, item % chunks);
        RowBatch batch(2);
        for (const SourceRow& row : MakeRows(rows, name_bytes, (item % chunks) * rows)) {
          batch.AppendCopy(row.id);
          batch.AppendCopy(row.name);
          if (batch.rows() < 20) continue;
          if (!writer->Consume(batch).ok()) break;
          most_buffered_ = std::max<uint64_t>(most_buffered_, loader.progress().buffered_bytes);
          batch.Clear();
        }
        if (!batch.empty()) (void)writer->Consume(batch);
        writer->Finish([&](Result<ChunkEnd> end) {
          if (end.ok() && *end == ChunkEnd::kDone) ++done;
          ++ended;
        });
      }
    };
    std::vector<std::thread> threads;
    threads.reserve(static_cast<size_t>(readers));
    for (int reader = 0; reader < readers; ++reader) threads.emplace_back(read);
    for (std::thread& thread : threads) thread.join();
    while (ended < all) std::this_thread::sleep_for(1ms);
    return done;
  }

  TemporaryHome home_;
  LoaderOptions options_;
  SimulatedTarget simulated_;
  SimulatedClock clock_;
  SimulatedRandom random_{3};
  CrashSwitch immortal_;
  Cancellation cancellation_;
  std::unique_ptr<state::StateStore> store_;
  state::TaskRecord task_;
  std::vector<OpenTable> tables_;
  std::atomic<uint64_t> most_buffered_{0};
};

TEST_F(LoaderThreads, ManyChunksWithinTheBudget) {
  options_.memory_bytes = uint64_t{6} << 20;
  options_.load_bytes = uint64_t{2} << 20;
  for (int load = 0; load < 60; ++load) {
    const Fault faults[] = {Fault::kNone,          Fault::kAnswerLost, Fault::kNotConnected,
                            Fault::kConnectionCut, Fault::kAnswerLate, Fault::kPublishTimeout,
                            Fault::kNone,          Fault::kNone};
    simulated_.script["load"].push_back({faults[load % 8]});
  }
  constexpr size_t kTables = 4, kChunks = 5, kRows = 200;
  SlowTarget target(simulated_, immortal_, 1ms);
  Loader loader(options_, {target, *store_, clock_, random_, cancellation_});
  OpenTables(loader, kTables, kChunks, false);
  EXPECT_EQ(ReadAll(loader, kChunks, kRows, 20'000, 3), kTables * kChunks);
  for (const OpenTable& table : tables_) {
    EXPECT_EQ(simulated_.Rows(table.mapping.target.name).size(), kChunks * kRows);
    const auto stored = *store_->GetTable(table.id);
    EXPECT_EQ(stored.status, state::TableStatus::kDone);
    EXPECT_EQ(stored.done.rows_loaded, kChunks * kRows);
    EXPECT_EQ(loader.FindProgress(table.id)->Snapshot(), stored.done);
  }
  // A reader that holds nothing is served beyond the budget rather than left waiting.
  EXPECT_LE(most_buffered_, options_.memory_bytes + 3 * kSegmentBytes);
  EXPECT_EQ(loader.progress().buffered_bytes, 0U);
  EXPECT_EQ(loader.progress().loads_in_flight, 0U);
}

TEST_F(LoaderThreads, KeylessTablesAtTheSameTime) {
  options_.memory_bytes = uint64_t{6} << 20;
  options_.load_bytes = uint64_t{1} << 20;
  SlowTarget target(simulated_, immortal_, 1ms);
  Loader loader(options_, {target, *store_, clock_, random_, cancellation_});
  OpenTables(loader, 6, 1, true);
  EXPECT_EQ(ReadAll(loader, 1, 200, 20'000, 3), 6U);
  for (const OpenTable& table : tables_) {
    EXPECT_EQ(simulated_.Rows(table.mapping.target.name).size(), 200U);
  }
  EXPECT_EQ(simulated_.open_transactions(), 0U);
}

TEST_F(LoaderThreads, SmallTablesDontWaitForEachOther) {
  SlowTarget target(simulated_, immortal_, 40ms);
  Loader loader(options_, {target, *store_, clock_, random_, cancellation_});
  OpenTables(loader, 40, 1, false);
  EXPECT_EQ(ReadAll(loader, 1, 5, 8, 1), 40U);
  EXPECT_GE(target.most_in_flight(), 4U);
}

TEST_F(LoaderThreads, LargeLoadsKeepToTheirNumber) {
  options_.loads = 2;
  options_.load_bytes = uint64_t{2} << 20;
  SlowTarget target(simulated_, immortal_, 10ms);
  Loader loader(options_, {target, *store_, clock_, random_, cancellation_});
  OpenTables(loader, 2, 4, false);
  EXPECT_EQ(ReadAll(loader, 4, 200, 20'000, 3), 8U);
  EXPECT_LE(target.most_in_flight(), 2U);
}

TEST_F(LoaderThreads, ARequestToStopEndsEverythingSoon) {
  options_.memory_bytes = uint64_t{6} << 20;
  simulated_.script["load"].assign(100'000, {Fault::kNotConnected});
  SlowTarget target(simulated_, immortal_, 1ms);
  Loader loader(options_, {target, *store_, SystemClock(), random_, cancellation_});
  OpenTables(loader, 4, 2, false);
  std::thread stopper([&] {
    std::this_thread::sleep_for(100ms);
    cancellation_.Request();
  });
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_LT(ReadAll(loader, 2, 200, 20'000, 2), 8U);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  stopper.join();
}

}  // namespace
}  // namespace starlift::load

#include "sync/run/sync_task.h"

#include <filesystem>
#include <memory>

#include <unistd.h>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "starrocks/table_reader.h"
#include "state/sqlite_store.h"
#include "sync/config/task_options.h"
#include "sync/run/memory_world.h"

namespace starlift::sync {
namespace {

using starrocks::LoadVerdict;

class QuietObserver : public RunObserver {
 public:
  void Prepared(const Preparation&) override {}
  void Loading(const ProgressBoard&) override {}
  void Loaded(const ProgressBoard& board, std::string_view result_name) override {
    last = board.Take();
    result = result_name;
  }
  void Following(const IncrementalPhase&) override {}
  void Followed() override {}
  ProgressSnapshot last;
  std::string result;
};

class SyncTaskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ = ::testing::TempDir() + "sync_task_test." + std::to_string(getpid());
    std::filesystem::remove_all(home_);
    config.home = home_;
    config.source.kind = "memory";
    config.limits.chunk_rows = 1000;
    config.limits.retry_for = std::chrono::milliseconds(2000);
  }
  void TearDown() override { std::filesystem::remove_all(home_); }

  Result<RunReport> Run() {
    auto store = state::OpenSqliteStore(home_, SystemClock(), SystemRandom());
    if (!store.ok()) return std::move(store).error();
    MemoryLoads loads(target);
    World world{source,        [this] { return std::make_unique<MemoryCatalog>(target); },
                loads,         [] {},
                **store,       SystemClock(),
                SystemRandom()};
    SyncTask task(config, world, observer, nullptr, *cancellation);
    auto report = task.Run();
    findings = task.findings();
    return report;
  }

  std::string home_;
  TaskConfig config = DefaultTaskConfig();
  MemorySource source;
  MemoryTarget target;
  QuietObserver observer;
  std::unique_ptr<Cancellation> cancellation = std::make_unique<Cancellation>();
  std::vector<Finding> findings;
};

TEST_F(SyncTaskTest, LoadsEveryRowOfEveryTableOnce) {
  source.Add("big", 10'500);
  source.Add("empty", 0);
  source.Add("keyless", 2'500, /*keyed=*/false);
  for (int i = 0; i < 30; ++i) source.Add("small" + std::to_string(i), 7);
  config.limits.readers = 3;
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(target.Count("big"), 10'500u);
  EXPECT_EQ(target.Count("empty"), 0u);
  EXPECT_EQ(target.Count("keyless"), 2'500u);
  EXPECT_EQ(target.Count("small29"), 7u);
  EXPECT_EQ(observer.last.totals.tables_done, 33u);
  EXPECT_EQ(observer.last.totals.rows_loaded, 10'500u + 2'500u + 210u);
  EXPECT_EQ(observer.result, "done");
}

TEST_F(SyncTaskTest, ASecondRunReadsNothing) {
  source.Add("a", 3'000);
  source.Add("keyless", 100, /*keyed=*/false);
  ASSERT_TRUE(Run().ok());
  source.chunks_read = 0;
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(source.chunks_read, 0u);
  EXPECT_EQ(target.Count("keyless"), 100u);
}

TEST_F(SyncTaskTest, AStoppedRunGoesOnWithoutReadingFinishedChunks) {
  source.Add("a", 20'000);
  config.limits.load_bytes = 1 << 20;
  int batches = 0;
  source.before_batch = [&]() -> Status {
    if (++batches < 105) return {};
    cancellation->Request();
    // A read takes time; without it all would be read before the stop is noticed.
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return {};
  };
  auto report = Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind, ErrorKind::kCancelled);
  const uint64_t read = source.chunks_read;
  EXPECT_LT(read, 20u);

  source.before_batch = [] { return Status(); };
  source.chunks_read = 0;
  cancellation = std::make_unique<Cancellation>();
  report = Run();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(target.Count("a"), 20'000u);
  // Besides the chunk in flight, those whose loads were waiting when the stop came.
  EXPECT_LE(source.chunks_read, 20u - read + 8u);
}

TEST_F(SyncTaskTest, ASourceThatBreaksIsReadAgain) {
  source.Add("a", 5'000);
  source.Add("keyless", 3'000, /*keyed=*/false);
  std::atomic<int> batches{0};
  source.before_batch = [&]() -> Status {
    const int number = ++batches;
    if (number == 13 || number == 40) return Error{ErrorKind::kUnreachable, "gone"};
    return {};
  };
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(target.Count("a"), 5'000u);
  EXPECT_EQ(target.Count("keyless"), 3'000u);
}

TEST_F(SyncTaskTest, ASourceThatStaysAwayEndsTheRunAndTheNextGoesOn) {
  source.Add("a", 5'000);
  config.limits.retry_for = std::chrono::milliseconds(300);
  std::atomic<int> batches{0};
  source.before_batch = [&]() -> Status {
    if (++batches > 25) return Error{ErrorKind::kUnreachable, "gone"};
    return {};
  };
  auto report = Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(ExitCodeFor(report.error().kind), 5);
  EXPECT_EQ(observer.result, "unreachable");
  source.before_batch = [] { return Status(); };
  report = Run();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(target.Count("a"), 5'000u);
}

TEST_F(SyncTaskTest, ATargetThatStaysAwayEndsTheRunWithItsError) {
  source.Add("a", 5'000);
  config.limits.retry_for = std::chrono::milliseconds(300);
  target.before_load = [] { return LoadVerdict::kRetry; };
  auto report = Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(ExitCodeFor(report.error().kind), 5) << report.error().ToString();
  target.before_load = [] { return LoadVerdict::kLoaded; };
  report = Run();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(target.Count("a"), 5'000u);
}

TEST_F(SyncTaskTest, ATableThatWasDroppedAtTheTargetIsLoadedAgain) {
  source.Add("a", 1'500);
  source.Add("b", 1'500);
  ASSERT_TRUE(Run().ok());
  target.tables.erase("a");
  target.rows.erase("a");
  const auto report = Run();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(target.Count("a"), 1'500u);
  EXPECT_EQ(target.Count("b"), 1'500u);
}

TEST_F(SyncTaskTest, FreshWithTruncateLoadsEverythingAgain) {
  source.Add("a", 1'500);
  ASSERT_TRUE(Run().ok());
  source.Add("a", 900);
  config.fresh = true;
  auto report = Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind, ErrorKind::kCheck);
  EXPECT_EQ(findings.back().code, "target-table-holds-rows");
  config.existing = ExistingTables::kTruncate;
  report = Run();
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  EXPECT_EQ(target.Count("a"), 900u);
}

TEST_F(SyncTaskTest, StructureAloneLoadsNothing) {
  source.Add("a", 1'500);
  config.phases = {Phase::kStructure};
  ASSERT_TRUE(Run().ok());
  EXPECT_TRUE(target.tables.contains("a"));
  EXPECT_EQ(target.Count("a"), 0u);
  config.phases = {Phase::kFull};
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(target.Count("a"), 1'500u);
}

}  // namespace
}  // namespace starlift::sync

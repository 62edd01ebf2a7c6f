// STARLIFT_SEEDS=50000 runs more. A seed that fails is replayed and shrunk by sync_simulation.
#include "sync/simulation/simulation.h"

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/log.h"
#include "sync/simulation/shrink.h"

namespace starlift::sync {
namespace {

constexpr uint64_t kPlantedSeeds = 2'000;
// Fewer where each takes several times as long.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kDefaultSeeds = 200;
#else
constexpr uint64_t kDefaultSeeds = 2'000;
#endif

class SimulationTest : public ::testing::Test {
 protected:
  SimulationTest() {
    // Memory where there is some: a run syncs to disk hundreds of times.
    const std::string base =
        std::filesystem::is_directory("/dev/shm") ? "/dev/shm/" : ::testing::TempDir();
    home_ = fmt::format("{}starlift-simulation-test-{}", base, getpid());
    ConfigureLog(LogLevel::kError, LogFormat::kText);
  }
  ~SimulationTest() override { std::filesystem::remove_all(home_); }

  std::string home_;
};

TEST_F(SimulationTest, EverySeedEndsWithTheSameRows) {
  const char* const seeds = std::getenv("STARLIFT_SEEDS");
  const uint64_t last = seeds == nullptr ? kDefaultSeeds : std::strtoull(seeds, nullptr, 10);
  uint64_t crashes = 0, loads = 0, schema_changes = 0, stops = 0;
  for (uint64_t seed = 1; seed <= last; ++seed) {
    const SimulationResult result = RunScenario(DrawScenario(seed), home_);
    crashes += result.crashes;
    loads += result.loads;
    schema_changes += result.schema_changes;
    stops += result.stop ? 1 : 0;
    ASSERT_FALSE(result.failure) << *result.failure << "\nto replay and shrink it: "
                                 << "sync_simulation --shrink --seed " << seed;
  }
  fmt::print("{} seeds, {} crashes, {} loads, {} schema changes, {} stops\n", last, crashes, loads,
             schema_changes, stops);
}

TEST_F(SimulationTest, TheSameSeedIsTheSameRun) {
  for (const uint64_t seed : {3, 4, 5}) {
    EXPECT_EQ(RunScenario(DrawScenario(seed), home_).trace,
              RunScenario(DrawScenario(seed), home_).trace);
  }
}

// Bugs that seeds have found, as the shrunk scenarios that showed them.
struct FoundBug {
  const char* name;
  const char* scenario;
};

class FoundBugs : public SimulationTest, public ::testing::WithParamInterface<FoundBug> {};

TEST_P(FoundBugs, StayMended) {
  const auto scenario = ParseScenario(GetParam().scenario);
  ASSERT_TRUE(scenario.ok()) << scenario.error().ToString();
  const SimulationResult result = RunScenario(*scenario, home_);
  EXPECT_FALSE(result.failure) << *result.failure;
}

INSTANTIATE_TEST_SUITE_P(
    Simulation, FoundBugs,
    ::testing::Values(FoundBug{"TruncateBeforeTheSnapshotOfATableWithoutAKey",
                               "seed 5\n"
                               "options keyed-tables=1 keyless-tables=1 first-rows=0 ids=1 gtid=1 "
                               "drop-columns=1 drop-tables=1 flush-interval-ms=97\n"
                               "create-table after 0 seed 563419\n"
                               "xa-prepare after 1 seed 863250\n"
                               "rotate-log after 2 seed 182176\n"
                               "truncate after 0 seed 431944\n"
                               "transaction after 1 seed 577578\n"
                               "crash after 0 seed 146114\n"},
                      FoundBug{"AColumnOfADroppedOnesName",
                               "seed 239\n"
                               "options keyed-tables=1 keyless-tables=0 first-rows=0 ids=1 gtid=1 "
                               "drop-columns=0 flush-interval-ms=486\n"
                               "drop-column after 0 seed 927623\n"
                               "add-column after 0 seed 13414\n"
                               "transaction after 0 seed 245548\n"},
                      FoundBug{"APartOfARowThatTheFullLoadLeftOut",
                               "seed 1409\n"
                               "options keyed-tables=1 keyless-tables=0 first-rows=28 ids=51 "
                               "row-image=1 gtid=1 drop-columns=1 drop-tables=1 "
                               "flush-interval-ms=130 unloadable-rows=1\n"
                               "drop-column after 0 seed 305877\n"
                               "add-column after 1 seed 676120\n"
                               "transaction after 2 seed 551687\n"
                               "crash after 0 seed 806533\n"},
                      FoundBug{"ColumnsThatSwapNamesWhileRowsAreRead",
                               "seed 696019\n"
                               "options keyed-tables=1 keyless-tables=0 first-rows=25 ids=40 "
                               "gtid=1 drop-columns=1 drop-tables=1 flush-interval-ms=100\n"
                               "add-column after 0 seed 274275\n"
                               "swap-columns after 6 seed 43213\n"
                               "crash after 300 seed 1\n"},
                      FoundBug{"ACheckpointThatIsSpelledAnewBesideAnUnfinishedChange",
                               "seed 408\n"
                               "options keyed-tables=1 keyless-tables=0 first-rows=0 ids=1 gtid=0 "
                               "drop-tables=1 flush-interval-ms=284\n"
                               "rename-column after 0 seed 729905\n"
                               "rotate-log after 0 seed 555603\n"
                               "statement-fault after 5 seed 217189\n"}),
    [](const auto& bug) { return std::string(bug.param.name); });

class PlantedBugs : public SimulationTest, public ::testing::WithParamInterface<PlantedBug> {};

TEST_P(PlantedBugs, AreFound) {
  for (uint64_t seed = 1; seed <= kPlantedSeeds; ++seed) {
    if (!RunScenario(DrawScenario(seed), home_, GetParam()).failure) continue;
    fmt::print("found by seed {}\n", seed);
    return;
  }
  FAIL() << "no seed finds it";
}

INSTANTIATE_TEST_SUITE_P(Simulation, PlantedBugs,
                         ::testing::Values(PlantedBug::kEarlyCheckpoint, PlantedBug::kLabelReused,
                                           PlantedBug::kLostDelete),
                         [](const auto& bug) {
                           std::string name(PlantedBugName(bug.param));
                           std::erase(name, '-');
                           return name;
                         });

TEST_F(SimulationTest, AFailingScenarioIsShrunk) {
  const auto fails = [&](const Scenario& scenario) {
    return RunScenario(scenario, home_, PlantedBug::kLostDelete).failure.has_value();
  };
  uint64_t seed = 1;
  while (!fails(DrawScenario(seed))) ++seed;
  const Scenario scenario = DrawScenario(seed);
  const Scenario shrunk = Shrink(scenario, fails, 1'000);
  EXPECT_TRUE(fails(shrunk));
  // A row that is made and deleted in one transaction is all that it needs.
  EXPECT_LE(shrunk.actions.size(), 3U) << PrintScenario(shrunk);
}

TEST(ShapeOf, LeavesOutNamesAndNumbers) {
  EXPECT_EQ(ShapeOf("bag2 has 8 rows for 32: -15|1|v1"), "has rows for ");
  EXPECT_EQ(ShapeOf("`a`.`b` isn't there"), "isn't there");
}

TEST(Scenario, ReadsBackAsPrinted) {
  const Scenario scenario = DrawScenario(17);
  const auto read = ParseScenario(PrintScenario(scenario));
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, scenario);
  EXPECT_FALSE(ParseScenario("explode after 1 seed 2").ok());
  EXPECT_FALSE(ParseScenario("crash after").ok());
  EXPECT_FALSE(ParseScenario("options ids=x").ok());
}

}  // namespace
}  // namespace starlift::sync

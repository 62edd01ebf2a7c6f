// Kills the process at every step that reaches the state store or the target, starts it again, and
// looks whether each row is there once.
#include "load/loader_harness.h"

namespace starlift::load {
namespace {

struct Scenario {
  std::string name;
  bool keyless = false;
  std::vector<std::vector<SourceRow>> chunks;
  uint64_t memory_bytes = uint64_t{8} << 20;
  uint64_t load_bytes = uint64_t{1} << 20;
  std::string bad_name;  // rows with this name are refused by the target
  std::map<std::string, std::deque<ScriptedFault>> script;
  bool error_log_names_rows = true;
};

void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

std::vector<Scenario> Scenarios() {
  auto with_bad = MakeRows(20);
  with_bad[7].name = "refused";
  auto with_bad_large = MakeRows(14, 150'000);
  with_bad_large[5].name = "refused";
  return {
      {.name = "KeyedSmallChunks", .chunks = {MakeRows(20), MakeRows(5, 8, 100), {}}},
      {.name = "KeyedManyLoads", .chunks = {MakeRows(30, 100'000)}},
      {.name = "KeyedRefusedRows", .chunks = {with_bad, MakeRows(3, 8, 50)}, .bad_name = "refused"},
      {.name = "KeyedAnswerLost",
       .chunks = {MakeRows(10)},
       .script = {{"load", {{Fault::kAnswerLost}}}}},
      {.name = "KeylessPlain", .keyless = true, .chunks = {MakeRows(20)}},
      {.name = "KeylessPlainAnswerLate",
       .keyless = true,
       .chunks = {MakeRows(20)},
       .script = {{"load", {{Fault::kAnswerLate}}}}},
      {.name = "KeylessPlainRefusedRows",
       .keyless = true,
       .chunks = {with_bad},
       .bad_name = "refused"},
      {.name = "KeylessTransaction", .keyless = true, .chunks = {MakeRows(30, 100'000)}},
      {.name = "KeylessTransactionRefusedRows",
       .keyless = true,
       .chunks = {with_bad_large},
       .bad_name = "refused"},
      {.name = "KeylessTransactionProbed",
       .keyless = true,
       .chunks = {with_bad_large},
       .bad_name = "refused",
       .error_log_names_rows = false},
      {.name = "KeylessTransactionPartLost",
       .keyless = true,
       .chunks = {MakeRows(30, 100'000)},
       .script = {{"part", {{Fault::kNone}, {Fault::kAnswerLost}}}}},
      {.name = "KeylessTransactionCommitLost",
       .keyless = true,
       .chunks = {MakeRows(30, 100'000)},
       .script = {{"prepare", {{Fault::kAnswerLost}}}, {"commit", {{Fault::kAnswerLost}}}}},
  };
}

class EveryCrash : public ::testing::TestWithParam<Scenario> {
 protected:
  // Dies at `step`, then lives on. Gives the steps of the first life.
  uint64_t RunWithCrash(uint64_t step, CrashSwitch::When when) {
    const Scenario& scenario = GetParam();
    TemporaryHome home;
    SimulatedTarget target;
    target.script = scenario.script;
    target.error_log_names_rows = scenario.error_log_names_rows;
    if (!scenario.bad_name.empty()) {
      target.is_bad = [&](const std::string& row) { return row.ends_with(scenario.bad_name); };
    }
    SimulatedClock clock;
    LoaderOptions options;
    options.memory_bytes = scenario.memory_bytes;
    options.load_bytes = scenario.load_bytes;
    options.loads = 0;
    options.max_errors = scenario.bad_name.empty() ? 0 : 10;
    SimulatedTable table{MakeMapping("orders", scenario.keyless, 200'000), scenario.chunks, 4};
    TableRun run(home.path(), target, clock, options);

    CrashSwitch crash(step, when);
    const Result<bool> first = run.Live(table, crash);
    if (crash.dead()) {
      const Status rest = run.LiveOn(table);
      EXPECT_TRUE(rest.ok()) << rest.error().ToString();
    } else {
      EXPECT_TRUE(first.ok() && *first) << (first.ok() ? "not done" : first.error().ToString());
    }
    Check(run, table, target);
    return crash.steps();
  }

  void Check(TableRun& run, const SimulatedTable& table, SimulatedTarget& target) {
    const auto expected = ExpectedRows(table, target);
    EXPECT_EQ(target.Rows(table.mapping.target.name), expected);
    EXPECT_EQ(target.open_transactions(), 0U);
    size_t all = 0;
    for (const auto& chunk : table.chunks) all += chunk.size();
    EXPECT_EQ(run.DeadLetters(table).size(), all - expected.size());
    const auto stored = run.Stored(table);
    ASSERT_TRUE(stored.ok());
    EXPECT_EQ(stored->done.rows_read, all);
    EXPECT_EQ(stored->done.rows_loaded, expected.size());
    EXPECT_EQ(stored->done.rows_rejected, all - expected.size());
  }
};

TEST_P(EveryCrash, LeavesEachRowOnce) {
  const uint64_t steps = RunWithCrash(0, CrashSwitch::When::kBefore);
  ASSERT_GT(steps, 5U);
  for (uint64_t step = 1; step <= steps; ++step) {
    for (const auto when : {CrashSwitch::When::kBefore, CrashSwitch::When::kAfter}) {
      SCOPED_TRACE(fmt::format("crash {} step {} of {}",
                               when == CrashSwitch::When::kBefore ? "before" : "after", step,
                               steps));
      RunWithCrash(step, when);
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Loader, EveryCrash, ::testing::ValuesIn(Scenarios()),
                         [](const auto& scenario) { return scenario.param.name; });

}  // namespace
}  // namespace starlift::load

#include "sync/simulation/simulation.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "state/sqlite_store.h"
#include "sync/config/task_options.h"
#include "sync/run/sync_task.h"
#include "sync/simulation/simulated_cluster.h"
#include "sync/simulation/simulated_source.h"
#include "sync/simulation/simulated_store.h"
#include "sync/simulation/source_work.h"

namespace starlift::sync {
namespace {

constexpr uint64_t kMostLives = 80;
constexpr uint64_t kMostDeadLetters = 1'000'000;

// The target's loads, with a bug if one is planted.
class SimulatedLoads : public load::MortalLoads {
 public:
  SimulatedLoads(starrocks::LoadTarget& target, load::CrashSwitch& crash, PlantedBug bug)
      : MortalLoads(target, crash), bug_(bug) {}
  starrocks::LoadOutcome Load(const starrocks::LoadRequest& request) override {
    starrocks::LoadRequest sent = request;
    if (bug_ == PlantedBug::kPartialAsWhole) sent.headers = {};
    return MortalLoads::Load(sent);
  }

 private:
  const PlantedBug bug_;
};

class Simulation : public RunObserver {
 public:
  Simulation(const Scenario& scenario, std::string home, PlantedBug bug)
      : scenario_(scenario),
        home_(std::move(home)),
        bug_(bug),
        process_(scenario, Lane::kProcess),
        source_(scenario, clock_, bug, result_.trace),
        cluster_(scenario, clock_, bug, result_.trace) {
    config_ = DefaultTaskConfig();
    config_.home = home_;
    config_.name = "simulated";
    config_.source.kind = "simulated";
    config_.phases = {Phase::kStructure, Phase::kFull, Phase::kIncremental};
    config_.default_phases = false;
    config_.until_caught_up = true;
    config_.existing = ExistingTables::kTruncate;
    config_.limits.readers = 0;
    config_.limits.loads = 0;
    config_.limits.flush_interval = std::chrono::milliseconds(scenario.options.flush_interval_ms);
    config_.limits.retry_for = std::chrono::hours(1);
    if (scenario.options.unloadable_rows) config_.limits.max_errors = kMostDeadLetters;
    SchemaChangeOptions& policies = config_.schema_changes;
    policies.alter_timeout = std::chrono::minutes(30);
    if (scenario.options.drop_columns) policies.drop_column = ChangePolicy::kApply;
    if (scenario.options.drop_tables) policies.drop_table = ChangePolicy::kApply;
  }

  SimulationResult Run() {
    for (bool ended = false; !ended && !result_.failure && !result_.stop;) {
      if (++result_.lives > kMostLives) {
        result_.failure = "the task doesn't come to its end";
        break;
      }
      ended = LiveOnce();
    }
    if (!result_.failure && !result_.stop) result_.failure = Compare();
    // Nothing may come late.
    clock_.Advance(std::chrono::hours(1));
    if (!result_.failure && !result_.stop) result_.failure = Compare();
    result_.loads = cluster_.loads().loads();
    for (const LogEntry& entry : source_.entries()) {
      result_.schema_changes += entry.schema_change ? 1 : 0;
    }
    return std::move(result_);
  }

  // ---- RunObserver ----

  void Prepared(const Preparation&) override { config_.fresh = false; }
  void Loading(const ProgressBoard&) override {}
  void Loaded(const ProgressBoard&, std::string_view result) override {
    source_.SetFollowed(result == "done");
  }
  void Following(const IncrementalPhase&) override {}
  void Followed() override {}

 private:
  // One life of the process, to its death or until all is caught up. True: nothing is left to do.
  bool LiveOnce() {
    const auto end = process_.Take();
    const bool last = !end && source_.Finish();
    load::CrashSwitch crash = MakeSwitch(end);
    const Status lived = Live(crash);
    if (crash.dead()) {
      ++result_.crashes;
      Tell("dies");
      return false;
    }
    if (lived.ok()) {
      Tell("has caught up");
      return last;
    }
    Tell(lived.error().ToString());
    Judge(lived.error(), end && end->kind == ActionKind::kStop);
    return false;
  }

  static load::CrashSwitch MakeSwitch(const std::optional<Action>& end) {
    using When = load::CrashSwitch::When;
    if (!end) return {};
    if (end->kind == ActionKind::kStop) return {end->after, When::kStop};
    return {end->after, end->seed % 2 == 0 ? When::kBefore : When::kAfter};
  }

  Status Live(load::CrashSwitch& crash) {
    // Another life draws other numbers: labels of a task that begins anew are not those of before.
    load::SimulatedRandom random(scenario_.seed * kMostLives + result_.lives);
    SL_ASSIGN(const auto file, state::OpenSqliteStore(home_, clock_, random));
    SimulatedStore store(*file, crash, source_, bug_);
    SimulatedLoads loads(cluster_.loads(), crash, bug_);
    const auto open_target = [&] {
      return std::make_unique<MortalCatalog>(cluster_, crash, [&store] { store.BeforeAlter(); });
    };
    load::MortalRows rows(cluster_.loads(), crash);
    World world{source_, open_target, loads, [] {}, store, clock_, random, &rows};
    SyncTask task(config_, world, *this, nullptr, crash.cancellation());
    auto report = task.Run();
    if (report.ok()) return {};
    Error error = std::move(report).error();
    for (const Finding& finding : task.findings()) {
      if (finding.severity == Severity::kError) {
        error.message += fmt::format("; {}: {}", finding.subject, finding.message);
      }
    }
    return error;
  }

  // What a life may end with that wasn't killed, and what its user does then.
  void Judge(const Error& error, bool told_to_stop) {
    if (error.kind == ErrorKind::kUnreachable) return;  // the same command again
    if (error.kind == ErrorKind::kCancelled && told_to_stop) return;
    const auto says = [&](std::string_view part) {
      return error.message.find(part) != std::string::npos;
    };
    if (error.kind == ErrorKind::kConflict &&
        (says("since their load began") || says("since its load began"))) {
      Tell("begins anew");
      config_.fresh = true;
      cluster_.DropAll();
      source_.SetFollowed(false);
      return;
    }
    // Names that changed while rows were read: here nothing brings a table in again.
    if (says("the source has altered it again since")) {
      result_.stop = error.ToString();
      return;
    }
    // Rows that the full load leaves out have no place in a log without whole rows.
    if (scenario_.options.unloadable_rows && scenario_.options.row_image != RowImage::kFull &&
        says("left out when it was loaded as a whole")) {
      result_.stop = error.ToString();
      return;
    }
    const bool clear_stop = error.kind != ErrorKind::kInternal && error.kind != ErrorKind::kData;
    (scenario_.options.hasty && clear_stop ? result_.stop : result_.failure) = error.ToString();
  }

  void Tell(std::string_view what) {
    result_.trace.push_back(fmt::format("task, life {}: {}", result_.lives, what));
  }

  std::optional<std::string> Compare() {
    for (const auto& [name, table] : source_.tables()) {
      std::vector<std::string> columns;
      for (const Column& column : table.version->columns) columns.push_back(column.name);
      const auto found = cluster_.Rows(name, columns);
      if (!found) return fmt::format("{} isn't at the target, or lacks a column", name);
      const std::vector<std::string> wanted = ListWanted(table, *found);
      if (*found == wanted) continue;
      return DescribeDifference(name, wanted, *found);
    }
    return std::nullopt;
  }

  // Of the rows that were left out, those that are at the target.
  static std::vector<std::string> ListWanted(const SourceTable& table,
                                             const std::vector<std::string>& found) {
    std::vector<std::string> wanted;
    for (const SourceRow& row : table.rows) {
      if (IsUnloadable(row)) continue;
      std::string cells = PrintCells(row);
      const bool left_out =
          table.version->has_key() && table.left_out.contains(KeyText(*table.version, row));
      if (left_out && !std::binary_search(found.begin(), found.end(), cells)) continue;
      wanted.push_back(std::move(cells));
    }
    std::sort(wanted.begin(), wanted.end());
    return wanted;
  }

  static std::string PrintCells(const SourceRow& row) {
    std::string text;
    for (size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "|") + row[i].value_or("\\N");
    return text;
  }

  static std::string DescribeDifference(const std::string& name,
                                        const std::vector<std::string>& wanted,
                                        const std::vector<std::string>& found) {
    std::string text = fmt::format("{} has {} rows for {}:", name, found.size(), wanted.size());
    const auto list = [&](const auto& these, const auto& without, std::string_view sign) {
      std::vector<std::string> only;
      std::set_difference(these.begin(), these.end(), without.begin(), without.end(),
                          std::back_inserter(only));
      for (const std::string& row : only) text += fmt::format(" {}{}", sign, row);
    };
    list(wanted, found, "-");
    list(found, wanted, "+");
    return text;
  }

  const Scenario& scenario_;
  const std::string home_;
  const PlantedBug bug_;
  SimulationResult result_;
  load::SimulatedClock clock_;
  LaneQueue process_;
  SimulatedSource source_;
  SimulatedCluster cluster_;
  TaskConfig config_;
};

}  // namespace

SimulationResult RunScenario(const Scenario& scenario, const std::string& home, PlantedBug bug) {
  std::filesystem::remove_all(home);
  return Simulation(scenario, home, bug).Run();
}

}  // namespace starlift::sync

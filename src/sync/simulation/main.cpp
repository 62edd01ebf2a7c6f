// sync_simulation: runs seeds of simulated worlds, replays one, shrinks one that fails.
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include "base/log.h"
#include "sync/simulation/shrink.h"
#include "sync/simulation/simulation.h"

namespace starlift::sync {
namespace {

constexpr const char kUsage[] =
    "usage: sync_simulation [--seeds N] [--first N]   seeds in a row, up to the first failure\n"
    "       sync_simulation --seed N                  one seed, with what happened in it\n"
    "       sync_simulation --replay FILE             a scenario as --shrink prints it\n"
    "with   --shrink      makes a failing scenario as short as it gets, and prints it\n"
    "       --all         goes on after a failure\n"
    "       --plant BUG   with a bug built in: 'list' names them\n"
    "       --log         what the task logs, too\n";

struct Arguments {
  uint64_t first = 1, seeds = 2'000;
  std::optional<uint64_t> seed;
  std::string replay;
  bool shrink = false, all = false, log = false;
  PlantedBug bug = PlantedBug::kNone;
};

// False, and said why, for what can't be understood.
bool ReadArguments(int count, char** words, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const char* value = i + 1 < count ? words[i + 1] : nullptr;
    if (word == "--shrink") {
      arguments.shrink = true;
      continue;
    }
    if (word == "--all" || word == "--log") {
      (word == "--all" ? arguments.all : arguments.log) = true;
      continue;
    }
    if (value == nullptr) return false;
    ++i;
    if (word == "--seeds") {
      arguments.seeds = std::strtoull(value, nullptr, 10);
    } else if (word == "--first") {
      arguments.first = std::strtoull(value, nullptr, 10);
    } else if (word == "--seed") {
      arguments.seed = std::strtoull(value, nullptr, 10);
    } else if (word == "--replay") {
      arguments.replay = value;
    } else if (word == "--plant") {
      bool known = false;
      for (int bug = 0; bug <= static_cast<int>(kLastPlantedBug); ++bug) {
        const auto one = static_cast<PlantedBug>(bug);
        if (std::strcmp(value, "list") == 0) fmt::print("{}\n", PlantedBugName(one));
        if (PlantedBugName(one) != value) continue;
        arguments.bug = one;
        known = true;
      }
      if (!known) return false;
    } else {
      return false;
    }
  }
  return true;
}

class Command {
 public:
  explicit Command(Arguments arguments) : arguments_(std::move(arguments)) {
    // Memory where there is some: a run syncs to disk hundreds of times.
    const bool memory = std::filesystem::is_directory("/dev/shm");
    const auto base =
        memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    home_ = (base / fmt::format("starlift-simulation-{}", getpid())).string();
    ConfigureLog(arguments_.log ? LogLevel::kDebug : LogLevel::kError, LogFormat::kText);
  }
  ~Command() { std::filesystem::remove_all(home_); }

  int Run() {
    if (!arguments_.replay.empty()) return Replay();
    if (arguments_.seed) return One(DrawScenario(*arguments_.seed), true);
    return Many();
  }

 private:
  int Replay() {
    std::ifstream file(arguments_.replay);
    std::stringstream text;
    text << file.rdbuf();
    const auto scenario = ParseScenario(text.str());
    if (!file || !scenario.ok()) {
      fmt::print(stderr, "{}: {}\n", arguments_.replay,
                 scenario.ok() ? "can't be read" : scenario.error().ToString());
      return 2;
    }
    return One(*scenario, true);
  }

  int Many() {
    uint64_t crashes = 0, loads = 0, schema_changes = 0, stops = 0, failures = 0;
    for (uint64_t seed = arguments_.first; seed < arguments_.first + arguments_.seeds; ++seed) {
      const SimulationResult result = RunScenario(DrawScenario(seed), home_, arguments_.bug);
      crashes += result.crashes;
      loads += result.loads;
      schema_changes += result.schema_changes;
      stops += result.stop ? 1 : 0;
      if (!result.failure) continue;
      ++failures;
      fmt::print("seed {} fails: {}\n", seed, *result.failure);
      if (arguments_.shrink) return One(DrawScenario(seed), true);
      if (!arguments_.all) break;
    }
    fmt::print(
        "{} seeds, {} failures, {} stops, {} crashes, {} loads, {} schema "
        "changes\n",
        arguments_.seeds, failures, stops, crashes, loads, schema_changes);
    return failures == 0 ? 0 : 1;
  }

  int One(Scenario scenario, bool tell) {
    SimulationResult result = RunScenario(scenario, home_, arguments_.bug);
    if (result.failure && arguments_.shrink) {
      const std::string shape = ShapeOf(*result.failure);
      scenario = Shrink(std::move(scenario), [&](const Scenario& candidate) {
        const auto failure = RunScenario(candidate, home_, arguments_.bug).failure;
        return failure && ShapeOf(*failure) == shape;
      });
      result = RunScenario(scenario, home_, arguments_.bug);
    }
    if (tell) {
      fmt::print("{}\n", PrintScenario(scenario));
      for (const std::string& line : result.trace) fmt::print("{}\n", line);
    }
    if (result.stop) fmt::print("stopped: {}\n", *result.stop);
    fmt::print("{}\n", result.failure.value_or("both sides hold the same rows"));
    return result.failure ? 1 : 0;
  }

  const Arguments arguments_;
  std::string home_;
};

}  // namespace
}  // namespace starlift::sync

int main(int count, char** words) {
  starlift::sync::Arguments arguments;
  if (!starlift::sync::ReadArguments(count, words, arguments)) {
    std::fputs(starlift::sync::kUsage, stderr);
    return 2;
  }
  return starlift::sync::Command(std::move(arguments)).Run();
}

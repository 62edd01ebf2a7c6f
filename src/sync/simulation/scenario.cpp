#include "sync/simulation/scenario.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "load/changes/change_world.h"

namespace starlift::sync {
namespace {

using load::Dice;

struct KindFacts {
  ActionKind kind;
  std::string_view name;
  Lane lane;
  bool schema_change = false;
};

constexpr std::array kKinds = {
    KindFacts{ActionKind::kTransaction, "transaction", Lane::kSource},
    KindFacts{ActionKind::kXaPrepare, "xa-prepare", Lane::kSource},
    KindFacts{ActionKind::kXaDecide, "xa-decide", Lane::kSource},
    KindFacts{ActionKind::kRotateLog, "rotate-log", Lane::kSource},
    KindFacts{ActionKind::kAddColumn, "add-column", Lane::kSource, true},
    KindFacts{ActionKind::kAddUnknownColumn, "add-unknown-column", Lane::kSource, true},
    KindFacts{ActionKind::kDropColumn, "drop-column", Lane::kSource, true},
    KindFacts{ActionKind::kRenameColumn, "rename-column", Lane::kSource, true},
    KindFacts{ActionKind::kSwapColumns, "swap-columns", Lane::kSource, true},
    KindFacts{ActionKind::kWidenColumn, "widen-column", Lane::kSource, true},
    KindFacts{ActionKind::kChangeKey, "change-key", Lane::kSource, true},
    KindFacts{ActionKind::kTruncate, "truncate", Lane::kSource, true},
    KindFacts{ActionKind::kDropRows, "drop-rows", Lane::kSource, true},
    KindFacts{ActionKind::kRenameTable, "rename-table", Lane::kSource, true},
    KindFacts{ActionKind::kCreateTable, "create-table", Lane::kSource, true},
    KindFacts{ActionKind::kDropTable, "drop-table", Lane::kSource, true},
    KindFacts{ActionKind::kCutConnection, "cut-connection", Lane::kConnection},
    KindFacts{ActionKind::kLoseSource, "lose-source", Lane::kConnection},
    KindFacts{ActionKind::kLoadFault, "load-fault", Lane::kLoads},
    KindFacts{ActionKind::kStatementFault, "statement-fault", Lane::kStatements},
    KindFacts{ActionKind::kCrash, "crash", Lane::kProcess},
    KindFacts{ActionKind::kStop, "stop", Lane::kProcess},
};

const KindFacts& FactsOf(ActionKind kind) {
  return *std::find_if(kKinds.begin(), kKinds.end(),
                       [&](const KindFacts& facts) { return facts.kind == kind; });
}

// Mostly soon, at times after a pause.
uint64_t DrawPause(Dice& dice) {
  return dice.OneIn(2) ? 0 : dice.OneIn(8) ? dice.Below(20) : dice.Below(3);
}

class ScenarioDraw {
 public:
  explicit ScenarioDraw(uint64_t seed) : dice_(seed) { scenario_.seed = seed; }

  Scenario Run() {
    DrawOptions();
    DrawSource();
    DrawFaults();
    scenario_.options.keyless_edits = !dice_.OneIn(3);
    scenario_.options.unloadable_rows = dice_.OneIn(4);
    return std::move(scenario_);
  }

 private:
  void DrawOptions() {
    WorldOptions& options = scenario_.options;
    options.keyed_tables = 1 + dice_.Below(3);
    options.keyless_tables = dice_.Below(3);
    options.first_rows = dice_.Below(31);
    options.ids = 5 + dice_.Below(60);
    options.row_image = dice_.OneIn(2)   ? RowImage::kFull
                        : dice_.OneIn(2) ? RowImage::kMinimal
                                         : RowImage::kNoBlob;
    options.positions_by_gtid = dice_.OneIn(2);
    options.drop_columns = dice_.OneIn(2);
    options.drop_tables = dice_.OneIn(2);
    options.flush_interval_ms = 50 + dice_.Below(500);
    options.hasty = dice_.OneIn(8);
  }

  void Add(ActionKind kind, uint64_t after) { scenario_.actions.push_back({kind, after, Seed()}); }
  uint64_t Seed() { return dice_.Below(1'000'000); }

  void DrawSource() {
    const bool alters = !dice_.OneIn(3), prepares = dice_.OneIn(4), rotates = dice_.OneIn(2);
    for (uint64_t left = 20 + dice_.Below(130); left > 0; --left) {
      Add(DrawSourceAction(alters, prepares, rotates), DrawPause(dice_));
    }
  }

  ActionKind DrawSourceAction(bool alters, bool prepares, bool rotates) {
    if (alters && dice_.OneIn(8)) {
      constexpr auto kFirst = static_cast<uint64_t>(ActionKind::kAddColumn);
      constexpr auto kLast = static_cast<uint64_t>(ActionKind::kDropTable);
      return static_cast<ActionKind>(kFirst + dice_.Below(kLast - kFirst + 1));
    }
    if (prepares && dice_.OneIn(10)) {
      return dice_.OneIn(2) ? ActionKind::kXaPrepare : ActionKind::kXaDecide;
    }
    if (rotates && dice_.OneIn(10)) return ActionKind::kRotateLog;
    return ActionKind::kTransaction;
  }

  void DrawFaults() {
    if (!dice_.OneIn(5)) {
      const uint64_t spacing = 3 + dice_.Below(10);
      for (uint64_t left = dice_.Below(80); left > 0; --left) {
        Add(ActionKind::kLoadFault, dice_.Below(2 * spacing));
      }
    }
    for (uint64_t left = dice_.Below(6); left > 0; --left) {
      Add(ActionKind::kStatementFault, dice_.Below(25));
    }
    for (uint64_t left = dice_.Below(8); left > 0; --left) {
      Add(dice_.OneIn(6) ? ActionKind::kLoseSource : ActionKind::kCutConnection, dice_.Below(80));
    }
    for (uint64_t left = dice_.Below(6); left > 0; --left) {
      const uint64_t step = 1 + dice_.Below(dice_.OneIn(3) ? 30 : dice_.OneIn(2) ? 120 : 400);
      Add(dice_.OneIn(8) ? ActionKind::kStop : ActionKind::kCrash, step);
    }
  }

  Dice dice_;
  Scenario scenario_;
};

Error BadLine(std::string_view line, std::string_view why) {
  return Error{ErrorKind::kUsage, fmt::format("not a scenario's line: \"{}\": {}", line, why)};
}

bool ReadNumber(std::string_view text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// Every option as a number, under its name.
template <typename Options, typename Visit>
void VisitOptions(Options& options, const Visit& visit) {
  visit("keyed-tables", options.keyed_tables);
  visit("keyless-tables", options.keyless_tables);
  visit("first-rows", options.first_rows);
  visit("ids", options.ids);
  visit("row-image", options.row_image);
  visit("gtid", options.positions_by_gtid);
  visit("drop-columns", options.drop_columns);
  visit("drop-tables", options.drop_tables);
  visit("flush-interval-ms", options.flush_interval_ms);
  visit("hasty", options.hasty);
  visit("keyless-edits", options.keyless_edits);
  visit("unloadable-rows", options.unloadable_rows);
}

}  // namespace

Lane LaneOf(ActionKind kind) { return FactsOf(kind).lane; }
std::string_view ActionName(ActionKind kind) { return FactsOf(kind).name; }
bool IsSchemaChange(ActionKind kind) { return FactsOf(kind).schema_change; }

Scenario DrawScenario(uint64_t seed) { return ScenarioDraw(seed).Run(); }

std::string PrintScenario(const Scenario& scenario) {
  std::string text = fmt::format("seed {}\noptions", scenario.seed);
  VisitOptions(scenario.options, [&](std::string_view name, const auto& value) {
    text += fmt::format(" {}={}", name, static_cast<uint64_t>(value));
  });
  text += '\n';
  for (const Action& action : scenario.actions) {
    text +=
        fmt::format("{} after {} seed {}\n", ActionName(action.kind), action.after, action.seed);
  }
  return text;
}

Result<Scenario> ParseScenario(std::string_view text) {
  Scenario scenario;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, word;
    if (!(words >> name) || name.starts_with('#')) continue;
    if (name == "seed") {
      if (!(words >> scenario.seed)) return BadLine(line, "no number");
      continue;
    }
    if (name == "options") {
      std::map<std::string, uint64_t> values;
      while (words >> word) {
        const size_t equals = word.find('=');
        if (equals == std::string::npos || !ReadNumber(std::string_view(word).substr(equals + 1),
                                                       values[word.substr(0, equals)])) {
          return BadLine(line, word);
        }
      }
      VisitOptions(scenario.options, [&](std::string_view option, auto& value) {
        const auto found = values.find(std::string(option));
        if (found == values.end()) return;
        value = static_cast<std::remove_reference_t<decltype(value)>>(found->second);
      });
      continue;
    }
    const auto facts = std::find_if(kKinds.begin(), kKinds.end(),
                                    [&](const KindFacts& one) { return one.name == name; });
    if (facts == kKinds.end()) return BadLine(line, "there is no such action");
    Action action{.kind = facts->kind};
    std::string after, seed;
    if (!(words >> after >> action.after >> seed >> action.seed)) {
      return BadLine(line, "it says: <action> after <number> seed <number>");
    }
    scenario.actions.push_back(action);
  }
  return scenario;
}

LaneQueue::LaneQueue(const Scenario& scenario, Lane lane) {
  for (const Action& action : scenario.actions) {
    if (LaneOf(action.kind) == lane) actions_.push_back(action);
  }
}

std::optional<Action> LaneQueue::Next() {
  if (actions_.empty() || waited_++ < actions_.front().after) return std::nullopt;
  return Take();
}

std::optional<Action> LaneQueue::Take() {
  if (actions_.empty()) return std::nullopt;
  const Action action = actions_.front();
  actions_.pop_front();
  waited_ = 0;
  return action;
}

}  // namespace starlift::sync

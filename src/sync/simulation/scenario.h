#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace starlift::sync {

// Whose turn an action waits for. Each lane counts its own opportunities.
enum class Lane : uint8_t {
  kSource,      // whenever the task asks the source for something, its users get some work done
  kConnection,  // events and rows on their way from the source
  kLoads,       // calls of the target's load interface
  kStatements,  // statements at the target
  kProcess,     // steps of one life of the task: whatever reaches store or target
};

// What may happen in a simulated world.
enum class ActionKind : uint8_t {
  kTransaction,       // rows of any tables change
  kXaPrepare,         // told when it is decided
  kXaDecide,          //
  kRotateLog,         //
  kAddColumn,         // whose value in old rows follows from its definition
  kAddUnknownColumn,  // whose value in old rows only the source knows
  kDropColumn,
  kRenameColumn,
  kSwapColumns,  // their names: a reader sees nothing of it but other values
  kWidenColumn,
  kChangeKey,  // also to one and from none
  kTruncate,
  kDropRows,  // a partition goes, without row events
  kRenameTable,
  kCreateTable,
  kDropTable,
  kCutConnection,   // between any two events or rows; comes back at once
  kLoseSource,      // for longer than a task's patience
  kLoadFault,       // drawn from the faults that ChangeWorld knows
  kStatementFault,  // the answer is lost; the statement may be done
  kCrash,           // of the task, before or after a step
  kStop,            // of the task, by request
};

Lane LaneOf(ActionKind kind);
std::string_view ActionName(ActionKind kind);
bool IsSchemaChange(ActionKind kind);

// One thing that happens after so many opportunities of its lane since the last one there. What it
// hits is drawn from its own seed, so that other actions can be left out without changing it.
struct Action {
  ActionKind kind = ActionKind::kTransaction;
  uint64_t after = 0;
  uint64_t seed = 0;

  bool operator==(const Action&) const = default;
};

// Which columns the log's row images hold (binlog_row_image).
enum class RowImage : uint8_t { kFull, kMinimal, kNoBlob };

// What doesn't change while a world lives.
struct WorldOptions {
  uint64_t keyed_tables = 2;
  uint64_t keyless_tables = 0;
  uint64_t first_rows = 30;  // at most, per table
  uint64_t ids = 40;         // few: rows are hit again and again
  RowImage row_image = RowImage::kFull;
  bool positions_by_gtid = false;  // else by file: one place has two spellings after a rotation
  bool drop_columns = false;       // policies: at the target too; else they are kept
  bool drop_tables = false;
  uint64_t flush_interval_ms = 200;
  // The source alters a table again before the task has come past the last time. The task may stop
  // then, but never with wrong rows.
  bool hasty = false;
  bool keyless_edits = false;  // rows without a key are updated and deleted, too
  // Some rows with a key hold a text that the target can't take: they go to the dead letters.
  bool unloadable_rows = false;

  bool operator==(const WorldOptions&) const = default;
};

// All that makes a run what it is: the same scenario is the same run.
struct Scenario {
  uint64_t seed = 0;  // of what no action draws: the first rows, sizes of reads, durations
  WorldOptions options;
  std::vector<Action> actions;  // those of one lane in their order

  bool operator==(const Scenario&) const = default;
};

// What happened in a run, one line each, in order.
using Trace = std::vector<std::string>;

Scenario DrawScenario(uint64_t seed);

// As text, one action a line; what is printed reads back.
std::string PrintScenario(const Scenario& scenario);
Result<Scenario> ParseScenario(std::string_view text);

// The actions of one lane that are still to come.
class LaneQueue {
 public:
  LaneQueue() = default;
  LaneQueue(const Scenario& scenario, Lane lane);

  // An opportunity: the action that happens at it, if one does.
  std::optional<Action> Next();
  // Whatever comes next, now.
  std::optional<Action> Take();
  bool empty() const { return actions_.empty(); }

 private:
  std::deque<Action> actions_;
  uint64_t waited_ = 0;
};

}  // namespace starlift::sync

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sync/simulation/planted_bug.h"
#include "sync/simulation/scenario.h"

namespace starlift::sync {

struct SimulationResult {
  std::optional<std::string> failure;  // what is wrong at the end
  // Set: the task stopped with this error, as it may where the source is hasty.
  std::optional<std::string> stop;
  uint64_t lives = 0;
  uint64_t crashes = 0;
  uint64_t loads = 0;
  uint64_t schema_changes = 0;
  Trace trace;
};

// One world in one thread: a source that is written to and altered all the time; the whole task
// (structure, full, hand-over, incremental) with its store; a target that loses answers, is late,
// and forgets. The process dies, or is stopped, at steps of the scenario and lives again. In the
// end both sides must hold the same rows. The same scenario is the same run. `home` is a directory
// of its own; it is emptied.
SimulationResult RunScenario(const Scenario& scenario, const std::string& home,
                             PlantedBug bug = PlantedBug::kNone);

}  // namespace starlift::sync

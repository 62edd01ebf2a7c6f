#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace starlift::sync {

// Bugs that are built in on purpose, to see that the simulation finds them.
enum class PlantedBug {
  kNone,
  kEarlyCheckpoint,  // stored before the loads below it are durable
  kLabelReused,      // a label is used for other bytes
  kLostDelete,       // a delete that follows a change of its row is dropped
};

struct SimulationResult {
  std::optional<std::string> failure;  // what is wrong at the end
  uint64_t crashes = 0;
  uint64_t loads = 0;
};

// One world from one seed, in one thread: a source that is written to all the time, its full load,
// its stream, a target that loses answers, is late, and forgets; the process dies at steps drawn by
// lot and lives again. In the end both sides must hold the same rows. The same seed is the same
// run. `home` is a directory of its own; it is emptied.
SimulationResult RunSimulation(uint64_t seed, const std::string& home,
                               PlantedBug bug = PlantedBug::kNone);

}  // namespace starlift::sync

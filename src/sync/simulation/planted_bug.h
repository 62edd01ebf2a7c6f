#pragma once

#include <cstdint>
#include <string_view>

namespace starlift::sync {

// Bugs that are built in on purpose, to see that the simulation finds them. Each stands for one
// that an engineer could make.
enum class PlantedBug : uint8_t {
  kNone,
  kEarlyCheckpoint,     // stored before the loads below it are durable
  kLabelReused,         // a label is used for other bytes
  kLostDelete,          // a delete that follows a change of its row is dropped
  kChunkDoneEarly,      // the full load records a chunk before its rows are sent
  kAlterNotAwaited,     // an asynchronous ALTER counts as done as soon as it runs
  kAlterRecordedEarly,  // the checkpoint passes a schema change before it is carried over
  kShadowUnmarked,      // after a crash nobody knows on which side of the swap it was
  kPartialAsWhole,      // a row image without all columns overwrites those that it lacks
  kTornTransaction,     // events from before a cut connection are told again
  kSkippedTransaction,  // after a cut the stream goes on behind the transaction it was in
  kMissingForgotten,    // that a row was left out isn't stored
};

inline constexpr PlantedBug kLastPlantedBug = PlantedBug::kMissingForgotten;

constexpr std::string_view PlantedBugName(PlantedBug bug) {
  switch (bug) {
    case PlantedBug::kNone:
      return "none";
    case PlantedBug::kEarlyCheckpoint:
      return "early-checkpoint";
    case PlantedBug::kLabelReused:
      return "label-reused";
    case PlantedBug::kLostDelete:
      return "lost-delete";
    case PlantedBug::kChunkDoneEarly:
      return "chunk-done-early";
    case PlantedBug::kAlterNotAwaited:
      return "alter-not-awaited";
    case PlantedBug::kAlterRecordedEarly:
      return "alter-recorded-early";
    case PlantedBug::kShadowUnmarked:
      return "shadow-unmarked";
    case PlantedBug::kPartialAsWhole:
      return "partial-as-whole";
    case PlantedBug::kTornTransaction:
      return "torn-transaction";
    case PlantedBug::kSkippedTransaction:
      return "skipped-transaction";
    case PlantedBug::kMissingForgotten:
      return "missing-forgotten";
  }
  return "";
}

}  // namespace starlift::sync

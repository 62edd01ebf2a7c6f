#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "load/environment.h"
#include "load/patience.h"

namespace starlift::load {

// How a label's transaction ended, once it has ended.
enum class Settled {
  kLoaded,    // visible, or committed and soon visible
  kAborted,   // without effect; the label may be used again
  kPrepared,  // waits for commit or rollback
  kUnknown,   // never begun, or forgotten by the target
};

enum class PreparingLabel {
  kWaitThenCancel,  // someone may still be at work on it: give it time, then cancel it
  kCancel,          // its sender is dead
};

// Asks the target for a label until the answer is final. `patience` bounds failed questions.
Result<Settled> SettleLabel(const LoadEnvironment& environment, Patience& patience,
                            std::string_view database, std::string_view label,
                            PreparingLabel preparing);

// The same for a label of which nothing may come any more after this: what a dead connection left
// in the target's queues gets a moment to show up, a prepared transaction is rolled back. Never
// answers kPrepared.
Result<Settled> BuryLabel(const LoadEnvironment& environment, Patience& patience,
                          std::string_view database, std::string_view table,
                          std::string_view label);

// Waits a while until a committed load can be read. Not seeing it is no error: it will come.
void AwaitVisible(const LoadEnvironment& environment, Patience& patience, std::string_view database,
                  std::string_view label);

}  // namespace starlift::load

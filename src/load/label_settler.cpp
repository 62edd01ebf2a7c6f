#include "load/label_settler.h"

#include <fmt/format.h>

#include "base/log.h"

namespace starlift::load {
namespace {

using starrocks::LabelState;
using std::chrono::milliseconds;

constexpr milliseconds kPoll{250};
// A load whose connection broke after its body was sent goes on at the backend.
constexpr milliseconds kPreparingGrace{15'000};
constexpr milliseconds kUnknownGrace{2'000};
constexpr milliseconds kVisibleGrace{60'000};

Result<LabelState> AskUntilAnswered(const LoadEnvironment& environment, Patience& patience,
                                    std::string_view database, std::string_view label) {
  while (true) {
    Result<LabelState> state = environment.target.GetLabelState(database, label);
    if (state.ok() || state.error().kind != ErrorKind::kUnreachable) return state;
    SL_TRY(patience.WaitAfterFailure(
        starrocks::BackOff::kShort,
        fmt::format("asking for label {}: {}", label, state.error().message), state.error().mend));
  }
}

}  // namespace

Result<Settled> SettleLabel(const LoadEnvironment& environment, Patience& patience,
                            std::string_view database, std::string_view label,
                            PreparingLabel preparing) {
  const milliseconds begun = environment.clock.Now();
  while (true) {
    SL_ASSIGN(const LabelState state, AskUntilAnswered(environment, patience, database, label));
    switch (state) {
      case LabelState::kVisible:
      case LabelState::kCommitted:
        return Settled::kLoaded;
      case LabelState::kAborted:
        return Settled::kAborted;
      case LabelState::kPrepared:
        return Settled::kPrepared;
      case LabelState::kUnknown:
        return Settled::kUnknown;
      case LabelState::kPreparing:
        break;
    }
    const bool out_of_grace = environment.clock.Now() - begun >= kPreparingGrace;
    if (preparing == PreparingLabel::kCancel || out_of_grace) {
      // Whether it worked is told by the next answer.
      if (Status cancelled = environment.target.Cancel(database, label); !cancelled.ok()) {
        LogDebug("cancelling label {}: {}", label, cancelled.error().message);
      }
    }
    SL_TRY(patience.Wait(kPoll));
  }
}

Result<Settled> BuryLabel(const LoadEnvironment& environment, Patience& patience,
                          std::string_view database, std::string_view table,
                          std::string_view label) {
  const milliseconds begun = environment.clock.Now();
  while (true) {
    SL_ASSIGN(const Settled settled,
              SettleLabel(environment, patience, database, label, PreparingLabel::kCancel));
    if (settled == Settled::kLoaded) return settled;
    if (settled == Settled::kPrepared) {
      (void)environment.target.Rollback(database, table, label);
    } else if (environment.clock.Now() - begun >= kUnknownGrace) {
      // Aborted alone says little: it may be the first attempt that was, with a second on its way.
      return settled;
    }
    SL_TRY(patience.Wait(kPoll));
  }
}

void AwaitVisible(const LoadEnvironment& environment, Patience& patience, std::string_view database,
                  std::string_view label) {
  const milliseconds begun = environment.clock.Now();
  while (environment.clock.Now() - begun < kVisibleGrace) {
    const Result<LabelState> state = environment.target.GetLabelState(database, label);
    if (state.ok() && *state != LabelState::kCommitted) return;
    if (!patience.Wait(kPoll).ok()) return;
  }
  LogInfo("label {} is committed, but can't be read yet", label);
}

}  // namespace starlift::load

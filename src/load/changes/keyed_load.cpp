#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "load/changes/change_load.h"

namespace starlift::load {
namespace {

using starrocks::LabelState;
using starrocks::LoadOutcome;
using starrocks::LoadVerdict;
using std::chrono::milliseconds;

constexpr milliseconds kAtOnce{0};
constexpr milliseconds kPoll{250};
// A load whose connection broke after its body was sent goes on at the backend.
constexpr milliseconds kPreparingGrace{15'000};
constexpr milliseconds kVisibleGrace{60'000};
constexpr uint32_t kMostForeignLabels = 10'000;

const std::pair<std::string, std::string> kPartialHeaders[] = {{"partial_update", "true"}};

class KeyedLoad : public ChangeLoad {
 public:
  KeyedLoad(const LoadEnvironment& environment, const ApplierOptions& options,
            LoaderProgress& progress, ChangeTarget target, std::vector<ChangeBody> bodies)
      : environment_(environment),
        options_(options),
        progress_(progress),
        target_(std::move(target)),
        bodies_(std::move(bodies)),
        patience_(environment, progress, options.retry_for) {}

  Result<NextStep> Step() override {
    while (true) {
      if (body_ == bodies_.size()) return kStepsDone;
      Result<NextStep> next = [&] {
        switch (doing_) {
          case Doing::kTakeLabel:
            return TakeLabel();
          case Doing::kSend:
            return Send();
          case Doing::kAsk:
            return Ask();
          case Doing::kAwaitVisible:
            return AwaitVisible();
        }
        return Result<NextStep>(kStepsDone);
      }();
      if (!next.ok() || (*next && **next != kAtOnce)) return next;
    }
  }

 private:
  enum class Doing { kTakeLabel, kSend, kAsk, kAwaitVisible };

  Result<NextStep> Then(Doing doing, milliseconds wait = kAtOnce) {
    doing_ = doing;
    since_ = environment_.clock.Now();
    return NextStep(wait);
  }

  Result<NextStep> TakeLabel() {
    SL_ASSIGN(record_, environment_.store.AddChangeLoad(target_.owner, {}));
    first_attempt_ = true;
    return Then(Doing::kSend);
  }

  Result<NextStep> Send() {
    const ChangeBody& body = bodies_[body_];
    std::vector<std::string_view> pieces;
    for (const auto& segment : body.segments) pieces.emplace_back(segment->data(), segment->size());
    starrocks::LoadRequest request;
    request.database = target_.database;
    request.table = target_.table;
    request.label = record_.label;
    request.format = body.format;
    request.columns = body.columns;
    request.time_zone = target_.time_zone;
    request.compression = options_.compression;
    request.timeout = options_.load_timeout;
    if (body.partial) request.headers = kPartialHeaders;
    request.body = pieces;
    progress_.loads_in_flight.fetch_add(1, std::memory_order_relaxed);
    const LoadOutcome outcome = environment_.target.Load(request);
    progress_.loads_in_flight.fetch_sub(1, std::memory_order_relaxed);
    return Judge(outcome);
  }

  Result<NextStep> Judge(const LoadOutcome& outcome) {
    const bool first = std::exchange(first_attempt_, false);
    if (first && !outcome.existing_job_status.empty()) {
      // The state was put back from a copy, so that its sequence runs again.
      if (++foreign_labels_ > kMostForeignLabels) {
        return Error{ErrorKind::kConflict, fmt::format("labels of {} up to {} are in use by others",
                                                       target_.Name(), record_.label)}
            .Mend("was the state put back from a backup? Begin anew: --fresh --existing truncate");
      }
      LogWarning("label {} was used before; taking the next", record_.label);
      return Then(Doing::kTakeLabel);
    }
    switch (outcome.verdict) {
      case LoadVerdict::kLoaded:
      case LoadVerdict::kNothingToLoad:
        SL_TRY(CheckCount(outcome));
        return EndBody();
      case LoadVerdict::kCommittedNotVisible:
        return Then(Doing::kAwaitVisible, kPoll);
      case LoadVerdict::kInDoubt:
        return Then(Doing::kAsk);
      case LoadVerdict::kRetry:
        if (outcome.back_off == starrocks::BackOff::kLong) ++times_busy_;
        return patience_.AfterFailure(outcome.back_off, Describe(outcome), outcome.mend);
      case LoadVerdict::kTooLarge:
        return Error{ErrorKind::kRefused, Describe(outcome)}.Mend(
            "give a smaller --load-bytes, or raise the target's limit for the size of a load");
      case LoadVerdict::kRowsRefused:
        return RefusedRows(outcome);
      case LoadVerdict::kConfigRefused:
      case LoadVerdict::kSchemaDrift:
        break;
    }
    return Error{ErrorKind::kRefused, Describe(outcome)}
        .Mend(outcome.mend)
        .Native(outcome.http_status);
  }

  Status CheckCount(const LoadOutcome& outcome) const {
    const ChangeBody& body = bodies_[body_];
    const bool counted = outcome.status == "Success";
    if ((!counted || outcome.loaded_rows == static_cast<int64_t>(body.rows)) &&
        outcome.verdict != LoadVerdict::kNothingToLoad) {
      return {};
    }
    return Error{ErrorKind::kData,
                 fmt::format("{} changes were sent to {} as label {}, the target counted {}",
                             body.rows, target_.Name(), record_.label, outcome.loaded_rows)}
        .Mend("this must not happen: please report it with the target's version");
  }

  Error RefusedRows(const LoadOutcome& outcome) const {
    Error error{ErrorKind::kPolicy,
                fmt::format("{} can't take a change: {}", target_.Name(), outcome.message)};
    if (!outcome.error_url.empty()) {
      const auto log = environment_.target.FetchErrorLog(outcome.error_url);
      if (log.ok() && !log->empty()) {
        error.message =
            fmt::format("{} can't take a change: {}", target_.Name(), log->front().reason);
        error.where = fmt::format("row {}", log->front().row);
      }
    }
    return std::move(error).Mend(
        "correct the row at the source or the table at the target; run the same command to go on");
  }

  // What became of a load whose answer never came. The label is never used for other bytes, so
  // that sending it once more does no harm.
  Result<NextStep> Ask() {
    const Result<LabelState> state =
        environment_.target.GetLabelState(target_.database, record_.label);
    if (!state.ok()) {
      if (state.error().kind != ErrorKind::kUnreachable) return state.error();
      return patience_.AfterFailure(
          starrocks::BackOff::kShort,
          fmt::format("asking for label {}: {}", record_.label, state.error().message),
          state.error().mend);
    }
    switch (*state) {
      case LabelState::kVisible:
        return EndBody();
      case LabelState::kCommitted:
        return Then(Doing::kAwaitVisible, kPoll);
      case LabelState::kAborted:
      case LabelState::kUnknown:
        doing_ = Doing::kSend;
        return patience_.AfterFailure(
            starrocks::BackOff::kShort,
            fmt::format("label {} of {} was not loaded", record_.label, target_.Name()), "");
      case LabelState::kPrepared:
      case LabelState::kPreparing:
        break;
    }
    if (environment_.clock.Now() - since_ >= kPreparingGrace) {
      // Whether it worked is told by the next answer.
      (void)environment_.target.Cancel(target_.database, record_.label);
    }
    return NextStep(kPoll);
  }

  // Not seeing it is no error: it will come.
  Result<NextStep> AwaitVisible() {
    const Result<LabelState> state =
        environment_.target.GetLabelState(target_.database, record_.label);
    const bool waiting = !state.ok() || *state == LabelState::kCommitted;
    if (waiting && environment_.clock.Now() - since_ < kVisibleGrace) return NextStep(kPoll);
    return EndBody();
  }

  Result<NextStep> EndBody() {
    patience_.Renew();
    bytes_sent_ += bodies_[body_].bytes();
    progress_.loads_done.fetch_add(1, std::memory_order_relaxed);
    settled_ = {record_.table, record_.sequence};
    bodies_[body_].segments.clear();
    ++body_;
    return Then(Doing::kTakeLabel);
  }

  std::string Describe(const LoadOutcome& outcome) const {
    return fmt::format("loading changes into {} ({}): {}", target_.Name(), record_.label,
                       outcome.message);
  }

  const LoadEnvironment& environment_;
  const ApplierOptions& options_;
  LoaderProgress& progress_;
  const ChangeTarget target_;
  std::vector<ChangeBody> bodies_;
  size_t body_ = 0;
  Doing doing_ = Doing::kTakeLabel;
  milliseconds since_{0};
  state::ChangeLoadRecord record_;
  bool first_attempt_ = true;
  uint32_t foreign_labels_ = 0;
  StepPatience patience_;
};

}  // namespace

std::string ChangeTarget::Name() const { return fmt::format("`{}`.`{}`", database, table); }

std::unique_ptr<ChangeLoad> MakeKeyedLoad(const LoadEnvironment& environment,
                                          const ApplierOptions& options, LoaderProgress& progress,
                                          const ChangeTarget& target,
                                          std::vector<ChangeBody> bodies) {
  return std::make_unique<KeyedLoad>(environment, options, progress, target, std::move(bodies));
}

}  // namespace starlift::load

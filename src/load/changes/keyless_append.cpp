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
// What a dead connection left in the target's queues gets so long to show up.
constexpr milliseconds kLateArrival{2'000};

bool IsPermanent(LoadVerdict verdict) {
  return verdict == LoadVerdict::kConfigRefused || verdict == LoadVerdict::kSchemaDrift ||
         verdict == LoadVerdict::kTooLarge || verdict == LoadVerdict::kRowsRefused;
}

// Rows of one cut as one transaction of the target. Until it is prepared and that is stored, it can
// be dropped and sent anew; from then on it is only ever committed.
class KeylessAppend : public ChangeLoad {
 public:
  KeylessAppend(const LoadEnvironment& environment, const ApplierOptions& options,
                LoaderProgress& progress, ChangeTarget target, std::vector<ChangeBody> bodies,
                std::string mark)
      : environment_(environment),
        options_(options),
        target_(std::move(target)),
        bodies_(std::move(bodies)),
        mark_(std::move(mark)),
        progress_(progress),
        patience_(environment, progress, options.retry_for) {}

  Result<NextStep> Step() override {
    while (true) {
      Result<NextStep> next = One();
      if (!next.ok() || !*next || **next != kAtOnce) return next;
    }
  }

 private:
  enum class Doing {
    kTakeLabel,
    kBegin,
    kSend,
    kPrepare,
    kAskPrepared,
    kRecord,
    kCommit,
    kAskCommitted,
    kBury,
    kFinish
  };

  Result<NextStep> One() {
    switch (doing_) {
      case Doing::kTakeLabel: {
        state::ChangeLoadRecord wanted;
        wanted.mark = mark_;
        SL_ASSIGN(record_, environment_.store.AddChangeLoad(target_.owner, wanted));
        part_ = 0;
        return Then(Doing::kBegin);
      }
      case Doing::kBegin:
        return Judge(environment_.target.Begin(target_.database, target_.table, record_.label,
                                               options_.load_timeout),
                     Doing::kSend);
      case Doing::kSend:
        return Send();
      case Doing::kPrepare: {
        const LoadOutcome outcome =
            environment_.target.Prepare(target_.database, target_.table, record_.label);
        if (outcome.verdict == LoadVerdict::kLoaded) return Then(Doing::kRecord);
        if (IsPermanent(outcome.verdict)) return Refuse(outcome);
        return Then(Doing::kAskPrepared);
      }
      case Doing::kAskPrepared:
        return AskPrepared();
      case Doing::kRecord:
        SL_TRY(environment_.store.SetChangeLoadPrepared(record_));
        return Then(Doing::kCommit);
      case Doing::kCommit: {
        const LoadOutcome outcome =
            environment_.target.Commit(target_.database, target_.table, record_.label);
        return Then(outcome.verdict == LoadVerdict::kLoaded ? Doing::kFinish
                                                            : Doing::kAskCommitted);
      }
      case Doing::kAskCommitted:
        return AskCommitted();
      case Doing::kBury:
        return Bury();
      case Doing::kFinish:
        SL_TRY(environment_.store.FinishChangeLoad(record_));
        for (const ChangeBody& body : bodies_) bytes_sent_ += body.bytes();
        progress_.loads_done.fetch_add(1, std::memory_order_relaxed);
        return kStepsDone;
    }
    return kStepsDone;
  }

  Result<NextStep> Then(Doing doing, milliseconds wait = kAtOnce) {
    doing_ = doing;
    since_ = environment_.clock.Now();
    return NextStep(wait);
  }

  // Of a call before prepare: whatever isn't surely done, or surely not, is dropped.
  Result<NextStep> Judge(const LoadOutcome& outcome, Doing next) {
    if (outcome.verdict == LoadVerdict::kLoaded) {
      patience_.Renew();
      return Then(next);
    }
    if (IsPermanent(outcome.verdict)) return Refuse(outcome);
    if (outcome.back_off == starrocks::BackOff::kLong) ++times_busy_;
    failure_ = outcome;
    return Then(Doing::kBury);
  }

  Error Refuse(const LoadOutcome& outcome) {
    (void)environment_.target.Rollback(target_.database, target_.table, record_.label);
    return Error{
        outcome.verdict == LoadVerdict::kRowsRefused ? ErrorKind::kPolicy : ErrorKind::kRefused,
        Describe(outcome)}
        .Mend(outcome.mend);
  }

  Result<NextStep> Send() {
    if (part_ == bodies_.size()) return Then(Doing::kPrepare);
    const ChangeBody& body = bodies_[part_];
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
    request.body = pieces;
    const LoadOutcome outcome = environment_.target.LoadPart(request);
    if (outcome.verdict == LoadVerdict::kLoaded) ++part_;
    return Judge(outcome, Doing::kSend);
  }

  Result<LabelState> AskLabel() {
    return environment_.target.GetLabelState(target_.database, record_.label);
  }
  Result<NextStep> AskAgain(const Error& error) {
    if (error.kind != ErrorKind::kUnreachable) return error;
    return patience_.AfterFailure(
        starrocks::BackOff::kShort,
        fmt::format("asking for label {}: {}", record_.label, error.message), error.mend);
  }

  Result<NextStep> AskPrepared() {
    const Result<LabelState> state = AskLabel();
    if (!state.ok()) return AskAgain(state.error());
    if (*state == LabelState::kPrepared) return Then(Doing::kRecord);
    if (*state == LabelState::kPreparing && environment_.clock.Now() - since_ < kLateArrival) {
      return NextStep(kPoll);
    }
    return Then(Doing::kBury);
  }

  // Only the label knows: a commit that "failed" may have been done.
  Result<NextStep> AskCommitted() {
    const Result<LabelState> state = AskLabel();
    if (!state.ok()) return AskAgain(state.error());
    switch (*state) {
      case LabelState::kVisible:
      case LabelState::kCommitted:
      // What is prepared is forgotten only after its end, and nobody but us ends it.
      case LabelState::kUnknown:
        return Then(Doing::kFinish);
      case LabelState::kAborted:
        SL_TRY(environment_.store.RemoveChangeLoad(record_));
        doing_ = Doing::kTakeLabel;
        break;
      case LabelState::kPrepared:
      case LabelState::kPreparing:
        doing_ = Doing::kCommit;
        break;
    }
    return patience_.AfterFailure(
        starrocks::BackOff::kShort,
        fmt::format("label {} of {} is not committed", record_.label, target_.Name()), "");
  }

  // Nothing may come of the label any more before its rows are sent under another.
  Result<NextStep> Bury() {
    (void)environment_.target.Rollback(target_.database, target_.table, record_.label);
    const Result<LabelState> state = AskLabel();
    if (!state.ok()) return AskAgain(state.error());
    switch (*state) {
      case LabelState::kVisible:
      case LabelState::kCommitted:
        return Error{ErrorKind::kConflict,
                     fmt::format("label {} of {} was committed, but not by this task",
                                 record_.label, target_.Name())}
            .Mend("begin the task anew: --fresh --existing truncate");
      case LabelState::kPreparing:
      case LabelState::kPrepared:
        return NextStep(kPoll);
      case LabelState::kUnknown:
        if (environment_.clock.Now() - since_ < kLateArrival) return NextStep(kPoll);
        break;
      case LabelState::kAborted:
        break;
    }
    SL_TRY(environment_.store.RemoveChangeLoad(record_));
    doing_ = Doing::kTakeLabel;
    return patience_.AfterFailure(failure_.back_off, Describe(failure_), failure_.mend);
  }

  std::string Describe(const LoadOutcome& outcome) const {
    return fmt::format("appending to {} ({}): {}", target_.Name(), record_.label, outcome.message);
  }

  const LoadEnvironment& environment_;
  const ApplierOptions& options_;
  const ChangeTarget target_;
  std::vector<ChangeBody> bodies_;
  const std::string mark_;
  LoaderProgress& progress_;
  size_t part_ = 0;
  Doing doing_ = Doing::kTakeLabel;
  milliseconds since_{0};
  LoadOutcome failure_;
  state::ChangeLoadRecord record_;
  StepPatience patience_;
};

}  // namespace

std::unique_ptr<ChangeLoad> MakeKeylessAppend(const LoadEnvironment& environment,
                                              const ApplierOptions& options,
                                              LoaderProgress& progress, const ChangeTarget& target,
                                              std::vector<ChangeBody> bodies, std::string mark) {
  return std::make_unique<KeylessAppend>(environment, options, progress, target, std::move(bodies),
                                         std::move(mark));
}

}  // namespace starlift::load

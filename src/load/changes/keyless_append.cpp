#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "load/changes/change_load.h"
#include "load/changes/keyless_removal.h"

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
// be dropped and sent anew; from then on it is only ever committed. Rows that go are deleted in
// between: they are out of the way when the transaction brings back those of them that stay.
class KeylessAppend : public ChangeLoad {
 public:
  KeylessAppend(const LoadEnvironment& environment, const ApplierOptions& options,
                LoaderProgress& progress, ChangeTarget target, std::vector<ChangeBody> bodies,
                std::string mark, KeylessRemoval removal, bool may_be_removed)
      : environment_(environment),
        options_(options),
        target_(std::move(target)),
        bodies_(std::move(bodies)),
        mark_(std::move(mark)),
        removal_(std::move(removal)),
        removal_text_(PrintRemoval(removal_)),
        may_be_removed_(may_be_removed),
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
    kRemove,
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
        if (may_be_removed_) wanted.removal = removal_text_;
        SL_ASSIGN(record_, environment_.store.AddChangeLoad(target_.owner, wanted));
        part_ = 0;
        if (!bodies_.empty()) return Then(Doing::kBegin);
        return Then(removal_.empty() ? Doing::kFinish : Doing::kRecord);
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
        record_.removal = removal_text_;
        SL_TRY(environment_.store.SetChangeLoadPrepared(record_));
        if (removal_.empty()) return Then(Doing::kCommit);
        remover_.emplace(environment_, target_, removal_.conditions, patience_, may_be_removed_);
        may_be_removed_ = true;
        return Then(Doing::kRemove);
      case Doing::kRemove: {
        Result<NextStep> next = remover_->Step();
        if (!next.ok() || *next) return next;
        return Then(bodies_.empty() ? Doing::kFinish : Doing::kCommit);
      }
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
        SL_TRY(Forget());
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
    SL_TRY(Forget());
    doing_ = Doing::kTakeLabel;
    return patience_.AfterFailure(failure_.back_off, Describe(failure_), failure_.mend);
  }

  // The label has ended without effect. What it has taken away is remembered until the next label
  // takes its place.
  Status Forget() {
    if (may_be_removed_) return {};
    return environment_.store.RemoveChangeLoad(record_);
  }

  std::string Describe(const LoadOutcome& outcome) const {
    return fmt::format("appending to {} ({}): {}", target_.Name(), record_.label, outcome.message);
  }

  const LoadEnvironment& environment_;
  const ApplierOptions& options_;
  const ChangeTarget target_;
  std::vector<ChangeBody> bodies_;
  const std::string mark_;
  const KeylessRemoval removal_;
  const std::string removal_text_;
  bool may_be_removed_;  // rows may be gone already, by an earlier label
  std::optional<RowRemover> remover_;
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
                                              std::vector<ChangeBody> bodies, std::string mark,
                                              KeylessRemoval removal) {
  removal.loads = !bodies.empty();
  return std::make_unique<KeylessAppend>(environment, options, progress, target, std::move(bodies),
                                         std::move(mark), std::move(removal), false);
}

std::unique_ptr<ChangeLoad> MakeKeylessRestore(const LoadEnvironment& environment,
                                               const ApplierOptions& options,
                                               LoaderProgress& progress, const ChangeTarget& target,
                                               KeylessRemoval removal, std::string mark) {
  ChangeBody body;
  body.format = starrocks::LoadFormat::kJson;
  body.columns = removal.columns;
  auto segment = std::make_unique<ByteArena>(removal.rows.size());
  segment->Append(removal.rows);
  body.segments.push_back(std::move(segment));
  std::vector<ChangeBody> bodies;
  bodies.push_back(std::move(body));
  removal.loads = true;
  return std::make_unique<KeylessAppend>(environment, options, progress, target, std::move(bodies),
                                         std::move(mark), std::move(removal), true);
}

}  // namespace starlift::load

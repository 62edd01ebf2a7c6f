#include <deque>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "load/body_rows.h"
#include "load/changes/change_load.h"
#include "load/refused_row_index.h"

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

// A row of a body: its text with its end, and which one it is.
struct PartRow {
  std::string_view text;
  uint32_t number = 0;
};

// What goes in one load: a body, or some of its rows.
struct LoadPart {
  std::shared_ptr<const ChangeBody> body;
  std::optional<std::vector<PartRow>> rows;  // nullopt: all

  uint64_t count() const { return rows ? rows->size() : body->rows; }

  std::vector<std::string_view> Pieces() const {
    std::vector<std::string_view> pieces;
    if (rows) {
      for (const PartRow& row : *rows) pieces.push_back(row.text);
      return JoinRows(pieces);
    }
    for (const auto& segment : body->segments) {
      pieces.emplace_back(segment->data(), segment->size());
    }
    return pieces;
  }

  std::vector<PartRow> Split() const {
    if (rows) return *rows;
    std::vector<PartRow> split;
    for (const std::string_view row : SplitRows(Pieces(), body->format)) {
      split.push_back({row, static_cast<uint32_t>(split.size())});
    }
    return split;
  }
};

class KeyedLoad : public ChangeLoad {
 public:
  KeyedLoad(const LoadEnvironment& environment, const ApplierOptions& options,
            LoaderProgress& progress, ChangeTarget target, std::vector<ChangeBody> bodies,
            std::unique_ptr<LoadRefusals> refusals)
      : environment_(environment),
        options_(options),
        progress_(progress),
        target_(std::move(target)),
        refusals_(std::move(refusals)),
        patience_(environment, progress, options.retry_for) {
    Append(std::move(bodies));
  }

  LeftOut TakeLeftOut() override { return refusals_->TakeLeftOut(); }

  Result<NextStep> Step() override {
    while (true) {
      // Last of all, the keys of refused rows are taken away.
      if (parts_.empty()) Append(EncodeDeletes(refusals_->plan(), refusals_->TakeDeletes()));
      if (parts_.empty()) return kStepsDone;
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

  void Append(std::vector<ChangeBody> bodies) {
    for (ChangeBody& body : bodies) {
      parts_.push_back({std::make_shared<const ChangeBody>(std::move(body)), std::nullopt});
    }
  }

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
    const ChangeBody& body = *parts_.front().body;
    const std::vector<std::string_view> pieces = parts_.front().Pieces();
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
        return Halve(outcome);
      case LoadVerdict::kRowsRefused:
        return LeaveOutRefused(outcome);
      case LoadVerdict::kConfigRefused:
      case LoadVerdict::kSchemaDrift:
        break;
    }
    return Error{ErrorKind::kRefused, Describe(outcome)}
        .Mend(outcome.mend)
        .Native(outcome.http_status);
  }

  Status CheckCount(const LoadOutcome& outcome) const {
    const uint64_t rows = parts_.front().count();
    const bool counted = outcome.status == "Success";
    if ((!counted || outcome.loaded_rows == static_cast<int64_t>(rows)) &&
        outcome.verdict != LoadVerdict::kNothingToLoad) {
      return {};
    }
    return Error{ErrorKind::kData,
                 fmt::format("{} changes were sent to {} as label {}, the target counted {}", rows,
                             target_.Name(), record_.label, outcome.loaded_rows)}
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
        "correct the row at the source or the table at the target, or let such rows go to the "
        "dead-letter file with --max-errors; `starlift skip TASK 1` leaves out just this one");
  }

  // Nothing of the part was loaded: its label is over.
  LoadPart TakePart() {
    settled_ = {record_.table, record_.sequence};
    LoadPart part = std::move(parts_.front());
    parts_.pop_front();
    return part;
  }

  Result<NextStep> Halve(const LoadOutcome& outcome) {
    if (parts_.front().count() <= 1) {
      return Error{ErrorKind::kRefused, Describe(outcome)}.Mend(
          "raise the target's limit for the size of a load");
    }
    const LoadPart part = TakePart();
    const std::vector<PartRow> rows = part.Split();
    const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
    parts_.push_front({part.body, std::vector<PartRow>(middle, rows.end())});
    parts_.push_front({part.body, std::vector<PartRow>(rows.begin(), middle)});
    return Then(Doing::kTakeLabel);
  }

  // The rows that the target names are left out and the rest is sent; where it names none they are
  // found by halving.
  Result<NextStep> LeaveOutRefused(const LoadOutcome& outcome) {
    if (!parts_.front().body->keys) return RefusedRows(outcome);
    std::vector<PartRow> rows = parts_.front().Split();
    std::vector<std::pair<size_t, std::string>> named = FindLogged(outcome, rows);
    if (named.empty() && rows.size() == 1) named.emplace_back(0, outcome.message);
    if (named.empty()) return Halve(outcome);
    const LoadPart part = TakePart();
    for (const auto& [index, reason] : named) {
      const ChangeBody& body = *part.body;
      if (body.takes_away) {
        refusals_->RefuseDelete(body.keys->rows(), rows[index].number);
        rows[index].text = {};
        continue;
      }
      SL_TRY(refusals_->RefuseBodyRow(
          {body.plan, body.format, WithoutRowEnd(rows[index].text, body.format), &body.keys->rows(),
           rows[index].number},
          reason));
      rows[index].text = {};
    }
    std::erase_if(rows, [](const PartRow& row) { return row.text.empty(); });
    if (!rows.empty()) parts_.push_front({part.body, std::move(rows)});
    return Then(Doing::kTakeLabel);
  }

  // Which of the rows the target's error log means, and why.
  std::vector<std::pair<size_t, std::string>> FindLogged(const LoadOutcome& outcome,
                                                         const std::vector<PartRow>& rows) {
    std::vector<std::pair<size_t, std::string>> named;
    if (outcome.error_url.empty()) return named;
    const auto log = environment_.target.FetchErrorLog(outcome.error_url);
    if (!log.ok()) {
      LogWarning("can't read the target's error log of {}, looking for the rows by halving: {}",
                 target_.Name(), log.error().message);
      return named;
    }
    const RefusedRowIndex index(*log, parts_.front().body->format);
    std::vector<std::string_view> texts;
    for (const PartRow& row : rows) {
      if (const auto* refused = index.FindExact(row.text)) {
        named.emplace_back(texts.size(), refused->reason);
      }
      texts.push_back(row.text);
    }
    if (!named.empty()) return named;
    for (const auto& [row, refused] : index.FindCut(texts))
      named.emplace_back(row, refused->reason);
    if (named.empty() && rows.size() == 1 && !log->empty()) {
      named.emplace_back(0, log->front().reason);
    }
    return named;
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
    for (const std::string_view piece : parts_.front().Pieces()) bytes_sent_ += piece.size();
    progress_.loads_done.fetch_add(1, std::memory_order_relaxed);
    settled_ = {record_.table, record_.sequence};
    parts_.pop_front();
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
  std::deque<LoadPart> parts_;  // the first is on its way
  const std::unique_ptr<LoadRefusals> refusals_;
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
                                          std::vector<ChangeBody> bodies,
                                          std::unique_ptr<LoadRefusals> refusals) {
  return std::make_unique<KeyedLoad>(environment, options, progress, target, std::move(bodies),
                                     std::move(refusals));
}

}  // namespace starlift::load

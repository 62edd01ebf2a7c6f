#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "load/changes/change_load.h"
#include "load/changes/keyless_removal.h"
#include "load/changes/removed_rows.h"
#include "starrocks/stored_row_json.h"

namespace starlift::load {
namespace {

using starrocks::RowCondition;
using starrocks::StoredValues;
using std::chrono::milliseconds;

constexpr milliseconds kAtOnce{0};
// A DELETE takes a list of some 10,000 values at most.
constexpr size_t kMostValues = 5'000;
// A condition that takes more than this and so many times the rows that go is cut in two.
constexpr uint64_t kFewRows = 10'000;
constexpr uint64_t kFewPerRow = 4;
// Of all rows that the conditions take.
constexpr size_t kMostBytes = size_t{32} << 20;
// A DELETE costs the target more than a load: it gets some rest after each.
constexpr int kRestPerWork = 2;
constexpr milliseconds kLongestRest{5'000};

// Rows of one cut that come and go. Looks at the rows that the DELETEs will take, so that what
// shall stay comes back in the transaction that brings the new rows; from there on it is a
// KeylessAppend.
class KeylessEdit : public ChangeLoad {
 public:
  KeylessEdit(const LoadEnvironment& environment, const ApplierOptions& options,
              LoaderProgress& progress, ChangeTarget target, const ChangePlan& plan,
              std::vector<ChangeBody> bodies, RemovedRows removed, std::string mark)
      : environment_(environment),
        options_(options),
        progress_(progress),
        target_(std::move(target)),
        plan_(plan.upserts()),
        bodies_(std::move(bodies)),
        removed_(std::move(removed)),
        mark_(std::move(mark)),
        groups_(removed_.MakeGroups()),
        patience_(environment, progress, options.retry_for) {}

  Result<NextStep> Step() override {
    if (!begun_) begun_ = environment_.clock.Now();
    while (append_ == nullptr) {
      if (groups_.empty()) {
        SL_TRY(Begin());
        break;
      }
      Result<NextStep> next = Look();
      if (!next.ok() || !*next || **next != kAtOnce) return next;
    }
    Result<NextStep> next = append_->Step();
    times_busy_ = append_->times_busy();
    bytes_sent_ = append_->bytes_sent();
    return next;
  }

  milliseconds rest() const override {
    return std::min(kLongestRest, kRestPerWork * (environment_.clock.Now() - *begun_));
  }

 private:
  // At the rows that one group's condition takes.
  Result<NextStep> Look() {
    const RemovedRows::Group group = groups_.back();
    const RowCondition condition = removed_.ConditionOf(group);
    const Result<uint64_t> rows =
        environment_.rows->Count(target_.database, target_.table, condition);
    if (!rows.ok()) return AskAgain(rows.error());
    const bool too_long = std::any_of(condition.begin(), condition.end(), [](const auto& column) {
      return column.values.size() > kMostValues;
    });
    if (too_long || *rows > kFewRows + kFewPerRow * removed_.CountRows(group)) {
      if (auto halves = removed_.Split(group)) {
        groups_.back() = std::move(halves->first);
        groups_.push_back(std::move(halves->second));
        return NextStep(kAtOnce);
      }
    }
    Result<std::string> taken = ReadRows(condition);
    if (!taken.ok()) return AskAgain(taken.error());
    patience_.Renew();
    groups_.pop_back();
    if (taken->empty()) return NextStep(kAtOnce);  // the rows that go aren't there: said in the end
    removal_.conditions.push_back(condition);
    removal_.rows += *taken;
    return NextStep(kAtOnce);
  }

  // Counted off only once all rows have come: the connection may break.
  Result<std::string> ReadRows(const RowCondition& condition) {
    std::string lines, stay;
    RemovedRows::Group taken;
    Status read = environment_.rows->Read(
        target_.database, target_.table, plan_, condition, [&](StoredValues values) -> Status {
          const size_t begin = lines.size();
          starrocks::AppendStoredRow(plan_, values, lines);
          if (const auto row = removed_.Take(values)) {
            taken.push_back(*row);
          } else {
            stay.append(lines, begin);
          }
          if (removal_.rows.size() + lines.size() <= kMostBytes) return {};
          return Error{
              ErrorKind::kPolicy,
              fmt::format("rows that were updated or deleted can be told from more than {} MiB of "
                          "others only by columns that a DELETE can't name",
                          kMostBytes >> 20),
              target_.Name(),
              "give the table a primary key, or leave it out with --exclude-tables; then begin "
              "anew: --fresh --existing truncate"};
        });
    if (!read.ok()) {
      removed_.Untake(taken);
      return std::move(read).error();
    }
    stay_ += stay;
    return lines;
  }

  Result<NextStep> AskAgain(const Error& error) {
    if (error.kind == ErrorKind::kPolicy) return error;
    return patience_.AfterFailure(
        starrocks::BackOff::kShort,
        fmt::format("looking at rows of {}: {}", target_.Name(), error.message), error.mend);
  }

  Status Begin() {
    if (!removed_.empty()) {
      return Error{ErrorKind::kPolicy,
                   fmt::format("{} rows that were updated or deleted at the source are not at the "
                               "target, the first: {}",
                               removed_.left(), removed_.DescribeFirstLeft()),
                   target_.Name(),
                   "has something else changed the target's rows, or were they left out of the "
                   "load? Begin anew: --fresh --existing truncate"};
    }
    if (!stay_.empty()) {
      ChangeBody body;
      body.format = starrocks::LoadFormat::kJson;
      body.columns = plan_.json_columns_header;
      auto segment = std::make_unique<ByteArena>(stay_.size());
      segment->Append(stay_);
      body.segments.push_back(std::move(segment));
      bodies_.push_back(std::move(body));
      stay_ = {};
    }
    removal_.columns = plan_.json_columns_header;
    removal_.time_zone = target_.time_zone;
    append_ = MakeKeylessAppend(environment_, options_, progress_, target_, std::move(bodies_),
                                mark_, std::move(removal_));
    return {};
  }

  const LoadEnvironment& environment_;
  const ApplierOptions& options_;
  LoaderProgress& progress_;
  const ChangeTarget target_;
  const starrocks::EncodePlan& plan_;
  std::vector<ChangeBody> bodies_;
  RemovedRows removed_;
  const std::string mark_;
  std::vector<RemovedRows::Group> groups_;  // not looked at yet
  KeylessRemoval removal_;
  std::string stay_;  // rows that the conditions take and that shall stay
  std::unique_ptr<ChangeLoad> append_;
  std::optional<milliseconds> begun_;
  StepPatience patience_;
};

}  // namespace

std::unique_ptr<ChangeLoad> MakeKeylessEdit(const LoadEnvironment& environment,
                                            const ApplierOptions& options, LoaderProgress& progress,
                                            const ChangeTarget& target, const ChangePlan& plan,
                                            std::vector<ChangeBody> bodies, RemovedRows removed,
                                            std::string mark) {
  return std::make_unique<KeylessEdit>(environment, options, progress, target, plan,
                                       std::move(bodies), std::move(removed), std::move(mark));
}

}  // namespace starlift::load

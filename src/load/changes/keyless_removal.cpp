#include "load/changes/keyless_removal.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::load {
namespace {

using starrocks::ColumnCondition;
using starrocks::RowCondition;
using std::chrono::milliseconds;

constexpr milliseconds kAtOnce{0};
constexpr milliseconds kPoll{250};
// What a dead connection left in the target's queues gets so long to show up.
constexpr milliseconds kLateArrival{2'000};

}  // namespace

// A line of JSON, then the rows as they are.
std::string PrintRemoval(const KeylessRemoval& removal) {
  if (removal.empty()) return "";
  nlohmann::json conditions = nlohmann::json::array();
  for (const RowCondition& condition : removal.conditions) {
    nlohmann::json columns = nlohmann::json::array();
    for (const ColumnCondition& column : condition) {
      columns.push_back({column.column, column.is_number, column.values});
    }
    conditions.push_back(std::move(columns));
  }
  const nlohmann::json head = {{"conditions", std::move(conditions)},
                               {"columns", removal.columns},
                               {"time_zone", removal.time_zone},
                               {"loads", removal.loads}};
  return head.dump() + '\n' + removal.rows;
}

Result<KeylessRemoval> ParseRemoval(std::string_view text) {
  KeylessRemoval removal;
  if (text.empty()) return removal;
  const size_t end = std::min(text.find('\n'), text.size() - 1);
  try {
    const auto head = nlohmann::json::parse(text.substr(0, end));
    for (const auto& columns : head.at("conditions")) {
      RowCondition condition;
      for (const auto& column : columns) {
        condition.push_back({column.at(0), column.at(1), column.at(2)});
      }
      removal.conditions.push_back(std::move(condition));
    }
    removal.columns = head.at("columns");
    removal.time_zone = head.at("time_zone");
    removal.loads = head.at("loads");
  } catch (const nlohmann::json::exception& failure) {
    return Error{ErrorKind::kData,
                 fmt::format("what a load takes away can't be read: {}", failure.what())}
        .Mend("begin the task anew with --fresh --existing truncate");
  }
  removal.rows = text.substr(end + 1);
  return removal;
}

RowRemover::RowRemover(const LoadEnvironment& environment, const ChangeTarget& target,
                       const std::vector<RowCondition>& conditions, StepPatience& patience,
                       bool earlier)
    : environment_(environment),
      target_(target),
      conditions_(conditions),
      patience_(patience),
      in_doubt_(earlier),
      doubted_since_(environment.clock.Now()) {}

Result<NextStep> RowRemover::Again(const std::string& what, const Error* error) {
  return patience_.AfterFailure(starrocks::BackOff::kShort,
                                fmt::format("{} {}{}{}", what, target_.Name(), error ? ": " : "",
                                            error ? error->message : ""),
                                error ? error->mend : "");
}

// A DELETE that comes after the commit would take what the load has put back.
Result<NextStep> RowRemover::Step() {
  starrocks::RowEditor& rows = *environment_.rows;
  if (in_doubt_) {
    const Result<bool> running = rows.DeleteIsRunning(target_.database, target_.table);
    if (!running.ok()) return Again("looking for a running DELETE from", &running.error());
    if (*running) return Again("an earlier DELETE still runs: from", nullptr);
    if (environment_.clock.Now() - doubted_since_ < kLateArrival) return NextStep(kPoll);
    in_doubt_ = false;
    next_ = 0;
  }
  if (next_ == conditions_.size()) return kStepsDone;
  const RowCondition& condition = conditions_[next_];
  const Status deleted = rows.Delete(target_.database, target_.table, condition);
  if (!deleted.ok()) {
    if (deleted.error().kind == ErrorKind::kUnreachable) {
      in_doubt_ = true;
      doubted_since_ = environment_.clock.Now();
    }
    return Again("deleting rows from", &deleted.error());
  }
  const Result<uint64_t> left = rows.Count(target_.database, target_.table, condition);
  if (!left.ok()) return Again("counting rows of", &left.error());
  if (*left > 0) return Again(fmt::format("{} deleted rows are still seen in", *left), nullptr);
  patience_.Renew();
  ++next_;
  return NextStep(kAtOnce);
}

}  // namespace starlift::load

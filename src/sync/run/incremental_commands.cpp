#include "sync/run/incremental_commands.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>

#include <fmt/format.h>

#include "base/log.h"
#include "sync/control/skips.h"

namespace starlift::sync {
namespace {

constexpr int64_t kMicrosecondsPerSecond = 1'000'000;

bool LooksLikeTime(const std::string& text) {
  return text.size() > 4 &&
         std::all_of(text.begin(), text.begin() + 4,
                     [](unsigned char c) { return std::isdigit(c) != 0; }) &&
         text[4] == '-';
}

// "Z", "", "+09:00": seconds east of UTC.
std::optional<int64_t> ParseZone(std::string_view text) {
  if (text.empty() || text == "Z") return 0;
  int hours = 0, minutes = 0, used = 0;
  const std::string digits(text.substr(1));
  if ((text[0] != '+' && text[0] != '-') ||
      std::sscanf(digits.c_str(), "%2d:%2d%n", &hours, &minutes, &used) != 2 ||
      static_cast<size_t>(used) != digits.size()) {
    return std::nullopt;
  }
  const int64_t seconds = (hours * 60 + minutes) * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

Result<int64_t> ParseTime(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  char between = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d%n", &year, &month, &day,
                               &between, &hour, &minute, &second, &used);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  const auto zone = read == 7 ? ParseZone(std::string_view(text).substr(static_cast<size_t>(used)))
                              : std::nullopt;
  if (!zone || (between != 'T' && between != ' ') || !date.ok() || hour > 23 || minute > 59 ||
      second > 60) {
    return Error{ErrorKind::kUsage, fmt::format("'{}' is neither a position nor a time", text), "",
                 "give a position as `starlift status` shows it, or a time such as "
                 "2026-11-21T10:00:00Z"};
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - *zone;
  return seconds * kMicrosecondsPerSecond;
}

Result<std::string> IncrementalCommands::Execute(const TaskCommand& command) {
  switch (command.kind) {
    case TaskCommand::Kind::kPause:
      return Pause();
    case TaskCommand::Kind::kResume:
      return Resume();
    case TaskCommand::Kind::kSkip:
      return Skip(command.argument);
    case TaskCommand::Kind::kRestartFrom:
      return RestartFrom(command.argument);
    case TaskCommand::Kind::kAddTable:
    case TaskCommand::Kind::kDropTable:
      break;  // TableCommands
  }
  return Error{ErrorKind::kInternal, "a command that nobody knows"};
}

Result<std::string> IncrementalCommands::Pause() {
  if (paused_) return fmt::format("is paused already, at {}", applier_.checkpoint());
  SL_TRY(applier_.Drain(stream_.position()));
  paused_ = true;
  SL_TRY(world_.store.AppendAudit(task_, "pause", "", applier_.checkpoint()));
  return fmt::format("paused: everything up to {} is at the target", applier_.checkpoint());
}

Result<std::string> IncrementalCommands::Resume() {
  if (!paused_) return std::string("is not paused");
  paused_ = false;
  SL_TRY(world_.store.AppendAudit(task_, "resume", "", applier_.checkpoint()));
  return fmt::format("goes on from {}", applier_.checkpoint());
}

Result<std::string> IncrementalCommands::Skip(const std::string& count) {
  SL_ASSIGN(const uint64_t skips, ParseSkips(count));
  SL_TRY(applier_.SetSkips(skips));
  SL_TRY(world_.store.AppendAudit(task_, "skip", "", count));
  return DescribeSkips(skips);
}

Result<Position> IncrementalCommands::FindPosition(const std::string& where) {
  ChangeLog& log = *world_.source.log();
  if (!LooksLikeTime(where)) return where;
  SL_ASSIGN(const int64_t unix_us, ParseTime(where));
  return log.FindTime(unix_us);
}

Result<std::string> IncrementalCommands::RestartFrom(const std::string& where) {
  ChangeLog& log = *world_.source.log();
  SL_ASSIGN(const Position position, FindPosition(where));
  SL_TRY(log.CheckReach(position));
  SL_TRY(applier_.Drain(stream_.position()));
  SL_ASSIGN(const bool forward, log.Covers(position, applier_.checkpoint()));
  const auto keyless = std::find_if(plan_.tables.begin(), plan_.tables.end(),
                                    [](const TablePlan& table) { return table.mapping.keyless; });
  if (!forward && keyless != plan_.tables.end()) {
    return Error{
        ErrorKind::kPolicy,
        fmt::format("table {} has no key: changes that are told again would be there twice",
                    keyless->mapping.source.id.ToString())}
        .Mend("leave the table out, or load everything anew with --fresh --existing truncate");
  }
  const Position before = applier_.checkpoint();
  state::CheckpointUpdate update;
  update.position = position;
  SL_TRY(world_.store.SaveCheckpoint(task_, update));
  SL_TRY(world_.store.AppendAudit(task_, "restart-from", before, position));
  if (forward) LogWarning("changes between {} and {} are left out", before, position);
  restart_ = true;
  return fmt::format("goes on from {}{}", position,
                     forward ? "; the changes before it are left out" : "");
}

}  // namespace starlift::sync

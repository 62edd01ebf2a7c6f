#include "sync/control/skips.h"

#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/random.h"
#include "state/sqlite_store.h"
#include "state/task_lock.h"

namespace starlift::sync {
namespace {

// More is a wish for --max-errors.
constexpr uint64_t kMostSkips = 1'000'000;

}  // namespace

Result<uint64_t> ParseSkips(const std::string& text) {
  uint64_t skips = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), skips);
  if (failure == std::errc() && end == text.data() + text.size() && skips <= kMostSkips) {
    return skips;
  }
  return Error{ErrorKind::kUsage, fmt::format("'{}' is no number of changes to leave out", text),
               "", fmt::format("give a number from 0 to {}", kMostSkips)};
}

std::string DescribeSkips(uint64_t skips) {
  if (skips == 0) return "no change is left out";
  return fmt::format(
      "of the changes to come that can't be applied, the next {} go to the dead letters", skips);
}

Status StoreSkips(const std::string& home, std::string_view identity, uint64_t skips) {
  const Error unknown = Error{ErrorKind::kNotFound, fmt::format("there is no task {}", identity),
                              fmt::format("home {}", home)}
                            .Mend("give the --home that it was run with");
  if (!std::filesystem::exists(std::filesystem::path(home) / state::kStateFileName)) {
    return unknown;
  }
  SL_ASSIGN(const state::TaskLock lock, state::TaskLock::Acquire(home, identity));
  SL_ASSIGN(const std::unique_ptr<state::StateStore> store,
            state::OpenSqliteStore(home, SystemClock(), SystemRandom()));
  SL_ASSIGN(const std::optional<state::TaskRecord> task, store->FindTask(identity));
  if (!task) return unknown;
  // What was left out and no checkpoint has passed comes again, and has its own.
  SL_ASSIGN(const state::SkipRecord before, store->GetSkips(task->id));
  SL_TRY(store->SetSkips(task->id, skips + before.used));
  return store->AppendAudit(task->id, "skip", "", std::to_string(skips));
}

}  // namespace starlift::sync

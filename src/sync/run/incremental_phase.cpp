#include "sync/run/incremental_phase.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/log.h"
#include "sync/cascades/cascade_sink.h"
#include "sync/plan/preparation.h"
#include "sync/retry.h"
#include "sync/run/admissions.h"
#include "sync/run/full_phase.h"
#include "sync/run/incremental_commands.h"
#include "sync/run/schema_follower.h"
#include "sync/run/table_commands.h"

namespace starlift::sync {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestRead{100};
constexpr uint64_t kMostBytesPerRead = uint64_t{4} << 20;
constexpr milliseconds kCheckEnd{50};
constexpr milliseconds kTellInterval{30'000};
// From a request to stop until loads in flight are cut off: well within the 30 s that are promised.
constexpr milliseconds kInterruptAfter{8'000};

load::ApplierOptions MakeApplierOptions(const TaskConfig& config) {
  load::ApplierOptions options;
  options.memory_bytes = config.limits.changes_memory_bytes;
  options.load_bytes = std::min(config.limits.load_bytes, options.memory_bytes / 4);
  options.load_rows = config.limits.flush_rows;
  options.flush_interval = config.limits.flush_interval;
  options.longest_interval = std::max(options.longest_interval, options.flush_interval);
  options.loads = config.limits.loads;
  options.retry_for = config.limits.retry_for;
  options.max_errors = config.limits.max_errors;
  options.dead_letter_directory = DeadLetterDirectory(config);
  options.keyless_changes = config.keyless_changes;
  options.compression = config.compression;
  options.load_timeout = config.target.load_timeout;
  return options;
}

// The config's patterns compile: whoever made it has tried.
TableFilter ChooseWanted(const IncrementalStart& start, const TaskConfig& config) {
  if (start.wanted) return start.wanted;
  Result<TableFilter> patterns = MakeTableFilter(config);
  return patterns.ok() ? *std::move(patterns) : [](const TableId&) { return false; };
}

Error ReopenError() {
  return Error{ErrorKind::kConflict,
               "foreign keys of tables that are on their way into the task have changed"};
}

// Loads that take too long to end after a request to stop are cut off.
class StopWatch {
 public:
  StopWatch(World& world, const Cancellation& stop)
      : thread_([this, &world, &stop] {
          while (!done_ && !stop.requested()) (void)stop.SleepFor(milliseconds(1'000));
          const auto since = std::chrono::steady_clock::now();
          while (!done_ && std::chrono::steady_clock::now() - since < kInterruptAfter) {
            std::this_thread::sleep_for(milliseconds(50));
          }
          if (!done_) world.interrupt_loads();
        }) {}
  ~StopWatch() {
    done_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace

struct IncrementalPhase::State {
  State(const IncrementalStart& with, const TaskConfig& of, World& in, const Cancellation& stop)
      : start(with),
        identity(with.identity.empty() ? TaskIdentity(of) : with.identity),
        wanted(ChooseWanted(with, of)),
        end(with.end),
        config(of),
        world(in),
        cancellation(stop),
        follower(of, in, with.task, wanted, stop),
        applier(MakeApplierOptions(of), {in.loads, in.store, in.clock, in.random, stop, in.rows},
                with.task, follower, *in.source.log()),
        cascades(
            applier, in, with.task, [this](const TableId& id) { return follower.Find(id); },
            RetryPolicy{in.clock, stop, of.limits.retry_for}),
        admissions(of, in, with.task, stop) {}

  // Everything that the stream has told is at the target.
  Status DrainAll() {
    SL_TRY(cascades.Drain());
    return applier.Drain(stream->position());
  }

  const IncrementalStart start;
  const std::string identity;
  const TableFilter wanted;
  std::optional<Position> end;
  const TaskConfig& config;
  World& world;
  const Cancellation& cancellation;
  SchemaFollower follower;
  load::ChangeApplier applier;
  CascadeSink cascades;  // what the stream tells goes through it into the applier
  std::unique_ptr<ChangeStream> stream;

  milliseconds end_checked{0}, told{0};

  mutable std::mutex status_mutex;  // of what status() tells of the stream
  StreamProgress progress;
  bool paused = false;

  Admissions admissions;
};

IncrementalPhase::IncrementalPhase(const IncrementalStart& start, const TaskConfig& config,
                                   World& world, const Cancellation& cancellation)
    : state_(std::make_unique<State>(start, config, world, cancellation)) {}

IncrementalPhase::~IncrementalPhase() = default;

Status IncrementalPhase::Open() {
  State& state = *state_;
  SL_ASSIGN(const auto checkpoint, state.world.store.GetCheckpoint(state.start.task));
  if (!checkpoint) return Error{ErrorKind::kInternal, "the stream's start isn't stored"};
  SL_TRY(state.applier.Recover(checkpoint->position));
  StreamStart begin;
  begin.position = checkpoint->position;
  SL_ASSIGN(begin.tables, state.world.store.ListDefinitions(state.start.task));
  SL_ASSIGN(begin.shadows, state.world.store.ListShadows(state.start.task));
  begin.spill_directory =
      (std::filesystem::path(state.config.home) / "spill" / state.identity).string();
  for (size_t i = 0; i < state.start.plan->tables.size(); ++i) {
    const state::TableRecord& record = (*state.start.records)[i];
    auto kept = std::make_shared<mapping::TableMapping>(state.start.plan->tables[i].mapping);
    SL_ASSIGN(const std::vector<std::string> columns, state.world.store.ListKeptColumns(record.id));
    mapping::KeepColumns(columns, *kept);
    const std::shared_ptr<const mapping::TableMapping> mapping = std::move(kept);
    SL_TRY(state.applier.AddTable({mapping, record}));
    state.follower.Add(mapping);
    state.cascades.AddTable(mapping);
  }
  SL_TRY(state.cascades.Open(checkpoint->position));
  begin.in_order = state.cascades.TablesInOrder();
  const RetryPolicy retry{state.world.clock, state.cancellation, state.config.limits.retry_for};
  SL_ASSIGN(state.stream, RetryUnreachable(retry, "source", [&] {
              return state.world.source.log()->OpenStream(begin, state.wanted, state.cancellation);
            }));
  LogInfo("following changes from {}", checkpoint->position);
  return {};
}

Result<bool> IncrementalPhase::Step() {
  State& state = *state_;
  if (state.cascades.must_reopen()) return ReopenError();
  Status read = state.stream->Read(state.cascades, kLongestRead, kMostBytesPerRead);
  if (state.cascades.must_reopen()) return false;
  if (!read.ok()) {
    // What a load ended with is the cause, not that the stream was told to end.
    SL_TRY(state.applier.Pump(std::nullopt));
    return std::move(read).error();
  }
  SL_TRY(state.cascades.Pump(state.stream->reached()));
  SL_TRY(state.applier.Pump(state.stream->position()));
  {
    std::lock_guard lock(state.status_mutex);
    state.progress = state.stream->progress();
  }
  if (!state.end) return false;
  const milliseconds now = state.world.clock.Now();
  if (now - state.end_checked < kCheckEnd) return false;
  state.end_checked = now;
  ChangeLog& log = *state.world.source.log();
  // An XA transaction that is prepared and undecided keeps the checkpoint before it, not the end.
  SL_ASSIGN(const bool read_all, log.Covers(state.stream->reached(), *state.end));
  if (!read_all || !state.cascades.settled()) return false;
  SL_TRY(state.DrainAll());
  return true;
}

void IncrementalPhase::SetEnd(Position end) {
  state_->end = std::move(end);
  state_->end_checked = milliseconds(0);
}

Status IncrementalPhase::ReadUpTo(const Position& place) {
  State& state = *state_;
  ChangeLog& log = *state.world.source.log();
  while (true) {
    SL_ASSIGN(const bool there, log.Covers(state.stream->position(), place));
    if (there) return state.DrainAll();
    if (state.cancellation.requested()) return CancelledError();
    // One event: between two of them the position is that of the log.
    SL_TRY(state.stream->Read(state.cascades, kLongestRead, 1));
    SL_TRY(state.cascades.Pump(state.stream->reached()));
    SL_TRY(state.applier.Pump(state.stream->position()));
  }
}

const Position& IncrementalPhase::checkpoint() const { return state_->applier.checkpoint(); }

void IncrementalPhase::Stop() { state_->applier.Stop(); }

Result<bool> IncrementalPhase::Run(CommandQueue* commands, const std::function<void()>& opened) {
  State& state = *state_;
  std::optional<StopWatch> watch;
  if (state.config.limits.loads > 0) watch.emplace(state.world, state.cancellation);
  SL_TRY(Open());
  Admissions& admissions = state.admissions;
  SL_TRY(admissions.Start());
  // What comes back needs a thread.
  if (state.config.limits.loads > 0) state.follower.AllowReturns();
  IncrementalCommands executor(state.world, state.start.task, *state.start.plan, state.applier,
                               *state.stream);
  TableCommands tables(state.config, state.world, state.start.task, admissions, state.applier,
                       *state.stream);
  const auto execute = [&](const TaskCommand& command) -> Result<std::string> {
    SL_TRY(state.cascades.Drain());
    return TableCommands::Knows(command.kind) ? tables.Execute(command) : executor.Execute(command);
  };
  if (commands != nullptr) commands->Open();
  opened();
  bool arrived = false;  // new tables
  const auto restart = [&] {
    return executor.restart() || tables.restart() || arrived || state.cascades.must_reopen() ||
           state.follower.must_reopen();
  };
  Result<bool> done = false;
  while (done.ok() && !*done && !restart()) {
    if (state.cancellation.requested()) {
      done = CancelledError();
    } else if (executor.paused()) {
      admissions.Stop();
      (void)state.cancellation.SleepFor(kLongestRead);
    } else {
      done = StepWith(arrived);
    }
    if (commands != nullptr) {
      commands->Serve(execute);
      std::lock_guard lock(state.status_mutex);
      state.paused = executor.paused();
    }
    TellNow();
  }
  // Opened anew, it goes on with those that wait.
  if (commands != nullptr && !restart()) commands->Close();
  state.applier.Stop();
  if (restart()) return false;
  Status saved = state.applier.SaveCheckpoint();
  if (!done.ok()) return std::move(done).error();
  SL_TRY(std::move(saved));
  return true;
}

// As Step, while tables may be on their way into the task. `arrived`: they are there.
Result<bool> IncrementalPhase::StepWith(bool& arrived) {
  State& state = *state_;
  Admissions& admissions = state.admissions;
  SL_TRY(admissions.Start());
  SL_ASSIGN(const bool done, Step());
  if (state.cascades.must_reopen()) return false;
  if (const auto waiting_at = admissions.waiting_at()) {
    ChangeLog& log = *state.world.source.log();
    SL_ASSIGN(const bool passed, log.Covers(state.stream->position(), *waiting_at));
    // Behind an undecided XA transaction the stream is further than its checkpoint may be.
    if (passed && state.stream->position() == state.stream->reached()) {
      SL_TRY(state.DrainAll());
      SL_ASSIGN(arrived, admissions.Meet(state.applier.checkpoint()));
    }
  }
  if (!done || arrived || !admissions.idle()) return false;
  if (admissions.error()) return *admissions.error();
  return true;
}

void IncrementalPhase::TellNow() {
  State& state = *state_;
  const milliseconds now = state.world.clock.Now();
  if (now - state.told < kTellInterval) return;
  state.told = now;
  const TaskStatus at = status();
  LogInfo("{} changes applied, checkpoint {}, lag {:.1f} s", at.changes_applied, at.checkpoint,
          static_cast<double>(at.lag_ms.value_or(0)) / 1e3);
}

TaskStatus IncrementalPhase::status() const {
  const State& state = *state_;
  const load::ApplierStatus applied = state.applier.status();
  TaskStatus status;
  status.task = state.identity;
  status.running = true;
  status.phase = "incremental";
  status.checkpoint = applied.checkpoint;
  status.changes_applied = applied.changes_applied;
  status.skips_left = applied.skips_left;
  const int64_t now_us = state.world.clock.WallTime().count() * 1000;
  const auto lag_ms = [&](int64_t commit_us) {
    return static_cast<uint64_t>(std::max<int64_t>(0, now_us - commit_us) / 1000);
  };
  status.lag_ms = applied.oldest_pending_unix_us == 0 ? 0 : lag_ms(applied.oldest_pending_unix_us);
  {
    std::lock_guard lock(state.status_mutex);
    status.reconnects = state.progress.reconnects;
    status.paused = state.paused;
  }
  for (const load::AppliedTableStatus& table : applied.tables) {
    status.last_load_unix_ms = std::max(status.last_load_unix_ms, table.last_load_unix_ms);
    for (size_t i = 0; i < table.sources.size(); ++i) {
      TableStatus line;
      line.source = table.sources[i].ToString();
      line.target = table.target;
      line.state = "streaming";
      line.changes_applied = table.changes_applied;
      line.last_load_unix_ms = table.last_load_unix_ms;
      line.lag_ms = static_cast<uint64_t>(table.waiting.count());
      line.dead_letters = table.dead_letters[i];
      status.dead_letters += line.dead_letters;
      status.tables.push_back(std::move(line));
    }
  }
  for (TableStatus& line : state.admissions.status()) status.tables.push_back(std::move(line));
  return status;
}

}  // namespace starlift::sync

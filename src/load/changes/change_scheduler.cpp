#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "load/changes/change_applier_state.h"
#include "load/changes/keyless_removal.h"
#include "load/changes/removed_rows.h"
#include "load/patience.h"

namespace starlift::load {
namespace {

// Loads up to this size cost the target's round trip rather than work: many may be in flight.
constexpr uint64_t kSmallLoadBytes = uint64_t{1} << 20;
constexpr uint32_t kSmallLoads = 16;
// The first change of a quiet table waits so long for others of its transaction.
constexpr milliseconds kGather{20};
constexpr milliseconds kAtOnce{0};
constexpr milliseconds kLongestWait{100};  // of the stream's thread
constexpr milliseconds kIdleWait{1'000};
constexpr milliseconds kFirstStretch{1'000};

}  // namespace

ChangeScheduler::ChangeScheduler(const ApplierOptions& options, const LoadEnvironment& environment,
                                 ChangeLetters& letters)
    : options_(options), environment_(environment), letters_(letters) {
  if (!threaded()) return;
  for (uint32_t i = 0; i < options.loads + kSmallLoads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

ChangeScheduler::~ChangeScheduler() { Stop(); }

void ChangeScheduler::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  ended_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

ChangeTable& ChangeScheduler::AddTable(const ChangeTarget& target,
                                       const mapping::TableMapping& mapping) {
  std::lock_guard lock(mutex_);
  const size_t number = next_number_++;
  auto& place = tables_[number];
  place = std::make_unique<ChangeTable>(number, target, mapping, options_.flush_interval);
  return *place;
}

bool ChangeScheduler::RemoveSource(ChangeTable& table, const TableId& source) {
  std::lock_guard lock(mutex_);
  std::erase(table.sources, source);
  if (!table.sources.empty()) return false;
  tables_.erase(table.number);
  return true;
}

void ChangeScheduler::Pin(ChangeTable& table) {
  std::lock_guard lock(mutex_);
  if (table.pending_pin) return;
  table.pending_pin = ledger_.current();
  ledger_.Pin(*table.pending_pin);
  table.pending_since = environment_.clock.Now();
}

void ChangeScheduler::PendingChanged(ChangeTable& table) {
  {
    std::lock_guard lock(mutex_);
    memory_bytes_ += table.CountPendingBytes() - table.pending_bytes;
    table.pending_bytes = table.CountPendingBytes();
    table.pending_rows = table.CountPendingRows();
    table.pending_changes = table.CountPendingChanges();
    Schedule(table);
  }
  work_.notify_one();
}

bool ChangeScheduler::IsFull(const ChangeTable& table) const {
  return table.pending_bytes >= options_.load_bytes || table.pending_rows >= options_.load_rows;
}

bool ChangeScheduler::IsLarge(const ChangeTable& table) const {
  return (table.flight ? table.flight_bytes : table.pending_bytes) > kSmallLoadBytes;
}

// A flight keeps its own time; else the next begins when the table's interval is over.
void ChangeScheduler::Schedule(ChangeTable& table) {
  if (table.stepping || table.flight || !table.pending_pin) return;
  const milliseconds due =
      draining_ || IsFull(table)
          ? kAtOnce
          : std::max(table.pending_since + std::min(kGather, options_.flush_interval),
                     table.last_begun + table.interval);
  if (table.due) {
    if (*table.due <= due) return;
    queue_.erase({*table.due, table.number});
  }
  table.due = due;
  queue_.emplace(due, table.number);
}

ChangeTable* ChangeScheduler::FindRunnable(milliseconds now) {
  for (const auto& [due, number] : queue_) {
    if (due > now) return nullptr;
    ChangeTable& table = *tables_.at(number);
    if (threaded() && IsLarge(table) && large_running_ >= options_.loads) continue;
    return &table;
  }
  return nullptr;
}

void ChangeScheduler::Work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const milliseconds now = environment_.clock.Now();
    if (ChangeTable* table = FindRunnable(now)) {
      work_.notify_one();  // someone else looks what is due next
      Step(*table, lock);
      continue;
    }
    milliseconds wait = kIdleWait;
    if (!queue_.empty() && queue_.begin()->first > now) {
      wait = std::min(wait, queue_.begin()->first - now);
    }
    work_.wait_for(lock, wait);
  }
}

void ChangeScheduler::Step(ChangeTable& table, std::unique_lock<std::mutex>& lock) {
  queue_.erase({*table.due, table.number});
  table.due.reset();
  table.stepping = true;
  const bool large = IsLarge(table);
  if (large) ++large_running_;
  lock.unlock();

  Result<NextStep> next = kStepsDone;
  if (!table.flight) {
    auto cut = Cut(table);
    if (cut.ok()) {
      std::lock_guard flight_lock(mutex_);  // others look whether there is one
      table.flight = std::move(*cut);
    } else {
      next = std::move(cut).error();
    }
  }
  if (next.ok() && table.flight) next = table.flight->Step();
  if (next.ok() && !*next && table.keyless) {
    std::lock_guard rows_lock(table.mutex);
    table.keyless->SetStored(table.flight_mark);
  }

  lock.lock();
  table.stepping = false;
  if (large) --large_running_;
  if (!next.ok()) {
    if (!error_) error_ = std::move(next).error().At(table.target.Name());
    stopping_ = true;
    work_.notify_all();
  } else if (*next) {
    table.due = environment_.clock.Now() + **next;
    queue_.emplace(*table.due, table.number);
  } else {
    EndFlight(table);
  }
  ended_.notify_all();
}

// Takes the pending rows out and writes their bodies. The pin goes with the rows.
Result<std::unique_ptr<ChangeLoad>> ChangeScheduler::Cut(ChangeTable& table) {
  ChangeSet set;
  std::vector<ChangeSource> origins;
  {
    std::lock_guard rows_lock(table.mutex);
    std::lock_guard lock(mutex_);
    origins = table.origins;
    table.flight_pin = std::exchange(table.pending_pin, std::nullopt);
    if (table.keyless) {
      KeylessRows::Cut cut = table.keyless->Take();
      set = std::move(cut.set);
      table.flight_mark = std::move(cut.mark);
    } else {
      set = table.pending.Take();
    }
    table.flight_bytes = std::exchange(table.pending_bytes, 0);
    table.flight_changes = std::exchange(table.pending_changes, 0);
    table.pending_rows = 0;
    table.flight_since = table.pending_since;
    table.last_begun = environment_.clock.Now();
  }
  const auto count = [&](const std::vector<ChangeBody>& bodies) {
    uint64_t bytes = 0;
    for (const ChangeBody& body : bodies) bytes += body.bytes();
    std::lock_guard lock(mutex_);
    memory_bytes_ += bytes - table.flight_bytes;
    table.flight_bytes = bytes;
  };
  if (table.keyless) {
    RemovedRows removed(table.plan.upserts());
    if (set.deletes > 0) {
      SL_ASSIGN(removed, TakeRemovedRows(table.plan, set));
    }
    EncodedChanges encoded = EncodeAppends(table.plan, set, !removed.empty());
    if (!encoded.refused.empty()) {
      const RefusedChange& first = encoded.refused.front();
      return Error{ErrorKind::kPolicy, first.reason, fmt::format("row {}", first.row)}.Mend(
          "correct the row at the source, or change the table's mapping and begin anew with "
          "--fresh --existing truncate");
    }
    count(encoded.bodies);
    std::string mark = PrintMark(table.flight_mark.mark);
    if (removed.empty()) {
      return MakeKeylessAppend(environment_, options_, progress_, table.target,
                               std::move(encoded.bodies), std::move(mark), {});
    }
    return MakeKeylessEdit(environment_, options_, progress_, table.target, table.plan,
                           std::move(encoded.bodies), std::move(removed), std::move(mark));
  }
  auto refusals = std::make_unique<LoadRefusals>(letters_, table.plan, table.target.owner,
                                                 table.missing_rows, std::move(origins));
  SL_ASSIGN(std::vector<ChangeBody> bodies, EncodeChanges(std::move(set), *refusals));
  count(bodies);
  return MakeKeyedLoad(environment_, options_, progress_, table.target, std::move(bodies),
                       std::move(refusals));
}

void ChangeScheduler::EndFlight(ChangeTable& table) {
  AdaptInterval(table);
  if (table.flight->settled().second > 0) settled_.push_back(table.flight->settled());
  letters_.Add(table.flight->TakeLeftOut());
  table.last_begun += table.flight->rest();
  table.flight.reset();
  if (table.flight_pin) ledger_.Unpin(*table.flight_pin);
  table.flight_pin.reset();
  memory_bytes_ -= std::exchange(table.flight_bytes, 0);
  table.changes_applied += std::exchange(table.flight_changes, 0);
  table.last_load_unix_ms = environment_.clock.WallTime().count();
  Schedule(table);
}

// A table whose target asks for fewer loads gets them, until it bears more again.
void ChangeScheduler::AdaptInterval(ChangeTable& table) const {
  if (table.flight->times_busy() > 0) {
    table.interval =
        std::min(options_.longest_interval, std::max(kFirstStretch, 2 * table.interval));
    LogInfo("{} is loaded every {:.1f} s now: the target asks for fewer loads", table.target.Name(),
            static_cast<double>(table.interval.count()) / 1e3);
  } else {
    table.interval = std::max(options_.flush_interval, table.interval * 19 / 20);
  }
}

Status ChangeScheduler::error() const {
  std::lock_guard lock(mutex_);
  if (error_) return *error_;
  return {};
}

void ChangeScheduler::RunDueSteps() {
  if (threaded()) return;
  std::unique_lock lock(mutex_);
  while (!stopping_ && !environment_.cancellation.requested()) {
    ChangeTable* table = FindRunnable(environment_.clock.Now());
    if (table == nullptr) return;
    Step(*table, lock);
  }
}

void ChangeScheduler::AwaitProgress(std::unique_lock<std::mutex>& lock) {
  if (threaded()) {
    work_.notify_all();
    ended_.wait_for(lock, kLongestWait);
    return;
  }
  const milliseconds now = environment_.clock.Now();
  if (ChangeTable* table = FindRunnable(now)) {
    Step(*table, lock);
  } else if (!queue_.empty()) {
    environment_.clock.Sleep(queue_.begin()->first - now, environment_.cancellation);
  }
}

// The tables that hold the most are sent before their time.
void ChangeScheduler::FlushLargest() {
  uint64_t pending = 0, tables = 0;
  for (const auto& [number, table] : tables_) {
    pending += table->pending_bytes;
    tables += table->pending_pin ? 1 : 0;
  }
  for (const auto& [number, table] : tables_) {
    if (!table->due || table->flight || table->pending_bytes * tables < pending) continue;
    queue_.erase({*table->due, number});
    table->due = kAtOnce;
    queue_.emplace(kAtOnce, number);
  }
}

Status ChangeScheduler::AwaitMemory() {
  std::unique_lock lock(mutex_);
  while (memory_bytes_ > options_.memory_bytes && !error_) {
    if (environment_.cancellation.requested()) return StoppedError();
    if (queue_.empty() && !threaded()) break;  // nothing would free it
    FlushLargest();
    AwaitProgress(lock);
  }
  if (error_) return *error_;
  return {};
}

Status ChangeScheduler::AwaitIdle() {
  std::unique_lock lock(mutex_);
  draining_ = true;
  for (const auto& [number, table] : tables_) Schedule(*table);
  Status status;
  while (std::any_of(tables_.begin(), tables_.end(), [](const auto& entry) {
    return !entry.second->idle() || entry.second->stepping;
  })) {
    if (error_) break;
    if (environment_.cancellation.requested()) {
      status = StoppedError();
      break;
    }
    AwaitProgress(lock);
  }
  draining_ = false;
  if (error_) return *error_;
  return status;
}

}  // namespace starlift::load

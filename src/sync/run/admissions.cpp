#include "sync/run/admissions.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "sources/change_stream.h"
#include "sync/control/full_load_status.h"
#include "sync/control/table_request.h"
#include "sync/retry.h"
#include "sync/run/admission_check.h"
#include "sync/run/sync_task.h"

namespace starlift::sync {
namespace {

using std::chrono::milliseconds;

// Catching up with the log's head took no longer: the task can wait for the rest.
constexpr milliseconds kNear{1'000};
constexpr milliseconds kLookForStop{50};

}  // namespace

// One admission at work. The thread of the work and the stream's thread meet under the mutex.
class Admissions::Work : public RunObserver {
 public:
  Work(const state::AdmissionRecord& record, const TaskConfig& config, World& world, int64_t task)
      : record_(record),
        config_(MakeAdmissionConfig(config, record.existing)),
        // Loads in flight of others are no business of this one.
        world_{world.source, world.open_target, world.loads,  [] {},
               world.store,  world.clock,       world.random, world.rows},
        run_{task, record, [this](IncrementalPhase& phase) { return Follow(phase); }},
        thread_([this] { Run(); }) {}
  ~Work() override {
    stop_.Request();
    Say([](Work& work) { work.order_ = Order::kGoOn; });
    if (thread_.joinable()) thread_.join();
  }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  const state::AdmissionRecord& record() const { return record_; }
  void RequestStop() { stop_.Request(); }

  std::optional<Position> waiting_at() const {
    std::lock_guard lock(mutex_);
    return stage_ == Stage::kWaiting ? std::optional(at_) : std::nullopt;
  }

  // Has the tables read up to `place`. Where they are then; nullopt if the work has ended.
  std::optional<Position> ReadUpTo(const Position& place, const Cancellation& cancellation) {
    std::unique_lock lock(mutex_);
    if (stage_ != Stage::kWaiting) return std::nullopt;
    meeting_place_ = place;
    stage_ = Stage::kReading;
    changed_.notify_all();
    while (stage_ == Stage::kReading) {
      changed_.wait_for(lock, kLookForStop);
      if (cancellation.requested()) stop_.Request();
    }
    return stage_ == Stage::kThere ? std::optional(at_) : std::nullopt;
  }
  // After ReadUpTo. The tables go on by themselves, ...
  void GoOn() {
    Say([](Work& work) { work.order_ = Order::kGoOn; });
  }
  // ... or have arrived: nothing of them is in flight any more when it returns.
  void End() {
    Say([](Work& work) { work.order_ = Order::kEnd; });
    thread_.join();
  }

  // Set once the work has ended by itself.
  std::optional<Error> error() const {
    std::lock_guard lock(mutex_);
    return error_;
  }

  std::vector<TableStatus> status() const {
    std::lock_guard lock(mutex_);
    if (board_ != nullptr) return StatusOfFullLoad("", board_->Take()).tables;
    std::vector<TableStatus> tables;
    if (phase_ != nullptr) tables = phase_->status().tables;
    if (tables.empty()) {
      for (const TableId& table : record_.tables) {
        tables.emplace_back().source = table.ToString();
      }
    }
    for (TableStatus& table : tables) {
      table.state = error_ ? "failed" : phase_ != nullptr ? "catching up" : "waiting";
    }
    return tables;
  }

  // RunObserver, from the work's thread.
  void Prepared(const Preparation&) override {}
  void Loading(const ProgressBoard& board) override {
    Say([&](Work& work) { work.board_ = &board; });
  }
  void Loaded(const ProgressBoard&, std::string_view) override {
    Say([](Work& work) { work.board_ = nullptr; });
  }
  void Following(const IncrementalPhase& phase) override {
    Say([&](Work& work) { work.phase_ = &phase; });
  }
  void Followed() override {
    Say([](Work& work) { work.phase_ = nullptr; });
  }

 private:
  enum class Stage { kOnTheWay, kWaiting, kReading, kThere, kOver };
  enum class Order { kNone, kGoOn, kEnd };

  template <typename Change>
  void Say(const Change& change) {
    std::lock_guard lock(mutex_);
    change(*this);
    changed_.notify_all();
  }

  void Run() {
    SyncTask task(config_, world_, *this, nullptr, stop_, &run_);
    const auto report = task.Run();
    Say([&](Work& work) {
      work.stage_ = Stage::kOver;
      if (report.ok() || stop_.requested()) return;
      work.error_ = report.error();
      // What a check found says more than that it found something.
      for (const Finding& finding : task.findings()) {
        if (finding.severity != Severity::kError) continue;
        work.error_ = Error{ErrorKind::kCheck, finding.message, finding.subject, finding.mend};
        break;
      }
    });
  }

  Result<bool> Follow(IncrementalPhase& phase) {
    SL_TRY(phase.Open());
    Following(phase);
    while (true) {
      SL_TRY(CatchUp(phase));
      SL_ASSIGN(const Position place, AwaitTask(phase.checkpoint()));
      SL_TRY(phase.ReadUpTo(place));
      SL_ASSIGN(const bool arrived, Agree(phase.checkpoint()));
      if (!arrived) continue;
      phase.Stop();
      return true;
    }
  }

  // Until the log's head is near.
  Status CatchUp(IncrementalPhase& phase) {
    milliseconds begun = world_.clock.Now() - 2 * kNear;
    do {
      begun = world_.clock.Now();
      SL_ASSIGN(Position head, world_.source.log()->Head());
      phase.SetEnd(std::move(head));
      bool there = false;
      while (!there) {
        if (stop_.requested()) return CancelledError();
        SL_ASSIGN(there, phase.Step());
      }
    } while (world_.clock.Now() - begun > kNear);
    return {};
  }

  Result<Position> AwaitTask(const Position& at) {
    std::unique_lock lock(mutex_);
    stage_ = Stage::kWaiting;
    at_ = at;
    while (stage_ == Stage::kWaiting && !stop_.requested()) changed_.wait_for(lock, kLookForStop);
    if (stop_.requested()) return CancelledError();
    return meeting_place_;
  }

  // True: the task is at the same place.
  Result<bool> Agree(const Position& at) {
    std::unique_lock lock(mutex_);
    stage_ = Stage::kThere;
    at_ = at;
    order_ = Order::kNone;
    changed_.notify_all();
    while (order_ == Order::kNone && !stop_.requested()) changed_.wait_for(lock, kLookForStop);
    if (order_ == Order::kEnd) return true;
    if (stop_.requested()) return CancelledError();
    stage_ = Stage::kOnTheWay;
    return false;
  }

  const state::AdmissionRecord record_;
  const TaskConfig config_;
  World world_;
  const AdmissionRun run_;
  Cancellation stop_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Stage stage_ = Stage::kOnTheWay;
  Order order_ = Order::kNone;
  Position at_, meeting_place_;
  std::optional<Error> error_;
  const ProgressBoard* board_ = nullptr;
  const IncrementalPhase* phase_ = nullptr;

  std::thread thread_;  // last: it uses the others
};

Admissions::Admissions(const TaskConfig& config, World& world, int64_t task,
                       const Cancellation& cancellation)
    : config_(config), world_(world), task_(task), cancellation_(cancellation) {}

Admissions::~Admissions() = default;

Status Admissions::Start() {
  std::optional<Error> error = work_ == nullptr ? std::nullopt : work_->error();
  if (error) Fail(*std::move(error));
  if (!std::exchange(look_, false)) return {};
  SL_ASSIGN(auto admissions, world_.store.admissions().ListAdmissions(task_));
  std::erase_if(admissions, [&](const state::AdmissionRecord& admission) {
    return (work_ != nullptr && work_->record().id == admission.id) ||
           std::any_of(failed_.begin(), failed_.end(),
                       [&](const auto& failed) { return failed.id == admission.id; });
  });
  std::lock_guard lock(mutex_);
  if (work_ == nullptr && !admissions.empty()) {
    LogInfo("on the way into the task: {}", JoinNames(admissions.front().tables));
    work_ = std::make_unique<Work>(admissions.front(), config_, world_, task_);
    admissions.erase(admissions.begin());
  }
  waiting_ = std::move(admissions);
  return {};
}

Status Admissions::StartNew() {
  look_ = true;
  return Start();
}

void Admissions::Fail(Error error) {
  const state::AdmissionRecord record = work_->record();
  EndWork(failed_);
  error.mend +=
      fmt::format("{}starlift drop-table takes {} out again; the next run tries anew",
                  error.mend.empty() ? "" : "; ", record.tables.size() == 1 ? "it" : "them");
  LogError("{} can't come into the task, which goes on without: {}", JoinNames(record.tables),
           error.ToString());
  if (!error_) error_ = std::move(error);
}

void Admissions::EndWork(std::vector<state::AdmissionRecord>& into) {
  look_ = true;
  if (work_ == nullptr) return;
  work_->RequestStop();
  std::lock_guard lock(mutex_);
  into.push_back(work_->record());
  work_.reset();
}

void Admissions::Stop() { EndWork(waiting_); }

bool Admissions::idle() const { return work_ == nullptr && waiting_.empty(); }

std::optional<Position> Admissions::waiting_at() const {
  return work_ == nullptr ? std::nullopt : work_->waiting_at();
}

Result<bool> Admissions::Meet(const Position& place) {
  const auto there = work_->ReadUpTo(place, cancellation_);
  if (!there) return false;
  if (*there != place) {
    LogDebug("the new tables came to {} on the way to {}: once more", *there, place);
    work_->GoOn();
    return false;
  }
  work_->End();
  const state::AdmissionRecord record = work_->record();
  EndWork(arrived_);
  SL_TRY(world_.store.admissions().EndAdmission(task_, record.id));
  SL_TRY(world_.store.AppendAudit(task_, "table-added", JoinNames(record.tables), place));
  LogInfo("followed from now on, too: {}", JoinNames(record.tables));
  return true;
}

std::vector<TableStatus> Admissions::status() const {
  std::lock_guard lock(mutex_);
  std::vector<TableStatus> tables;
  if (work_ != nullptr) tables = work_->status();
  const auto add = [&](const std::vector<state::AdmissionRecord>& records, const char* state) {
    for (const state::AdmissionRecord& record : records) {
      for (const TableId& table : record.tables) {
        TableStatus& line = tables.emplace_back();
        line.source = table.ToString();
        line.state = state;
      }
    }
  };
  add(waiting_, "waiting");
  add(failed_, "failed");
  add(arrived_, "catching up");
  return tables;
}

}  // namespace starlift::sync

#pragma once

// What the loader's tests put in the place of the machine: a clock that only sleeping moves, a
// target that keeps rows and labels in memory and fails on demand, and a switch that "kills" the
// process at any of its steps.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/clock.h"
#include "base/random.h"
#include "starrocks/load_classification.h"
#include "starrocks/load_target.h"
#include "state/store.h"

namespace starlift::load {

class SimulatedClock : public Clock {
 public:
  Milliseconds Now() const override { return Milliseconds(now_.load()); }
  Milliseconds WallTime() const override { return Milliseconds(now_.load()); }
  bool Sleep(Milliseconds duration, const Cancellation& cancellation) override {
    if (cancellation.requested()) return false;
    now_.fetch_add(duration.count());
    return true;
  }
  void Advance(Milliseconds duration) { now_.fetch_add(duration.count()); }

 private:
  std::atomic<int64_t> now_{1'700'000'000'000};
};

class SimulatedRandom : public Random {
 public:
  explicit SimulatedRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override { return state_.fetch_add(0x9E3779B97F4A7C15); }

 private:
  std::atomic<uint64_t> state_;
};

// Kills the simulated process at its n-th step: from then on nothing that it does has an effect.
class CrashSwitch {
 public:
  // The step itself; kStop: it isn't killed but asked to stop, after it.
  enum class When { kBefore, kAfter, kStop };

  CrashSwitch() = default;
  CrashSwitch(uint64_t step, When when) : step_(step), when_(when) {}

  // One step that reaches the world. Gives false if it must have no effect; what the dead process
  // then hears doesn't matter, but it must be told to end.
  template <typename Action>
  bool Step(const Action& action) {
    std::lock_guard lock(mutex_);
    if (dead_) return false;
    ++steps_;
    if (steps_ == step_ && when_ == When::kBefore) return Die();
    action();
    if (steps_ == step_ && when_ == When::kStop) {
      cancellation_.Request();
    } else if (steps_ == step_) {
      return Die();
    }
    return true;
  }

  bool dead() const {
    std::lock_guard lock(mutex_);
    return dead_;
  }
  uint64_t steps() const { return steps_; }
  const Cancellation& cancellation() const { return cancellation_; }

 private:
  bool Die() {
    dead_ = true;
    cancellation_.Request();
    return false;
  }

  mutable std::mutex mutex_;
  const uint64_t step_ = 0;  // 0: never
  const When when_ = When::kBefore;
  uint64_t steps_ = 0;
  bool dead_ = false;
  Cancellation cancellation_;
};

// What may happen to a call.
enum class Fault {
  kNone,
  kNotConnected,    // nothing reached the target
  kAnswerLost,      // done, but the answer didn't arrive
  kConnectionCut,   // the body arrived in part: the target aborts
  kAnswerLate,      // the answer is lost while the target is still at work; it ends well
  kHangs,           // the same, but it stays unprepared until it is cancelled
  kPublishTimeout,  // done, not yet readable
  kRefused,         // `status` and `message` of the script
};

struct ScriptedFault {
  Fault fault = Fault::kNone;
  std::string status = "Fail";
  std::string message;
};

// A StarRocks in memory. Rows are the lines of CSV or JSON bodies; of tables named "keyed…" the
// first CSV field is the key. Thread-safe. Survives the loader's simulated crashes.
class SimulatedTarget {
 public:
  struct Transaction {
    starrocks::LabelState state = starrocks::LabelState::kUnknown;
    std::string table;
    std::vector<std::string> rows;
    bool plain = true;
    int asks_until_visible = -1;  // kAnswerLate
  };

  // By call: "load", "begin", "part", "prepare", "commit"; taken in order, one per call.
  std::map<std::string, std::deque<ScriptedFault>> script;
  // Rows that the target can't take.
  std::function<bool(const std::string&)> is_bad = [](const std::string&) { return false; };
  bool error_log_names_rows = true;
  uint64_t max_body_bytes = UINT64_MAX;

  starrocks::LoadOutcome Load(const starrocks::LoadRequest& request);
  starrocks::LabelState GetLabelState(const std::string& label);
  Status Cancel(const std::string& label);
  std::vector<starrocks::RefusedRow> FetchErrorLog(const std::string& url);
  starrocks::LoadOutcome Begin(const std::string& table, const std::string& label);
  starrocks::LoadOutcome LoadPart(const starrocks::LoadRequest& request);
  starrocks::LoadOutcome Prepare(const std::string& label);
  starrocks::LoadOutcome Commit(const std::string& label);
  starrocks::LoadOutcome Rollback(const std::string& label);

  std::vector<std::string> Rows(const std::string& table);
  void Truncate(const std::string& table);
  void ForgetLabels();
  size_t open_transactions();
  uint64_t loads() { return loads_; }

 private:
  ScriptedFault NextFault(const std::string& call);
  starrocks::LoadOutcome Answer(starrocks::LoadCall call, const std::string& status,
                                const std::string& message);
  starrocks::LoadOutcome Lost(const std::string& what);
  void Apply(Transaction& transaction);
  std::string RecordBadRows(const std::vector<std::string>& rows);

  std::mutex mutex_;
  std::map<std::string, Transaction> labels_;
  std::map<std::string, std::vector<std::string>> keyless_;
  std::map<std::string, std::map<std::string, std::string>> keyed_;
  std::map<std::string, std::vector<starrocks::RefusedRow>> error_logs_;
  uint64_t loads_ = 0;
};

// The target as one life of the process sees it.
class MortalTarget : public starrocks::LoadTarget {
 public:
  MortalTarget(SimulatedTarget& target, CrashSwitch& crash) : target_(target), crash_(crash) {}

  starrocks::LoadOutcome Load(const starrocks::LoadRequest& request) override {
    return Call([&] { return target_.Load(request); });
  }
  Result<starrocks::LabelState> GetLabelState(std::string_view, std::string_view label) override {
    starrocks::LabelState state{};
    if (!crash_.Step([&] { state = target_.GetLabelState(std::string(label)); })) return Dead();
    return state;
  }
  Status Cancel(std::string_view, std::string_view label) override {
    Status status;
    if (!crash_.Step([&] { status = target_.Cancel(std::string(label)); })) return Dead();
    return status;
  }
  Result<std::vector<starrocks::RefusedRow>> FetchErrorLog(std::string_view url) override {
    std::vector<starrocks::RefusedRow> rows;
    if (!crash_.Step([&] { rows = target_.FetchErrorLog(std::string(url)); })) return Dead();
    return rows;
  }
  starrocks::LoadOutcome Begin(std::string_view, std::string_view table, std::string_view label,
                               std::chrono::seconds) override {
    return Call([&] { return target_.Begin(std::string(table), std::string(label)); });
  }
  starrocks::LoadOutcome LoadPart(const starrocks::LoadRequest& request) override {
    return Call([&] { return target_.LoadPart(request); });
  }
  starrocks::LoadOutcome Prepare(std::string_view, std::string_view,
                                 std::string_view label) override {
    return Call([&] { return target_.Prepare(std::string(label)); });
  }
  starrocks::LoadOutcome Commit(std::string_view, std::string_view,
                                std::string_view label) override {
    return Call([&] { return target_.Commit(std::string(label)); });
  }
  starrocks::LoadOutcome Rollback(std::string_view, std::string_view,
                                  std::string_view label) override {
    return Call([&] { return target_.Rollback(std::string(label)); });
  }

 private:
  static Error Dead() { return Error{ErrorKind::kUnreachable, "the process is dead"}; }
  template <typename Action>
  starrocks::LoadOutcome Call(const Action& action) {
    starrocks::LoadOutcome outcome;
    if (crash_.Step([&] { outcome = action(); })) return outcome;
    starrocks::LoadOutcome lost;
    lost.verdict = starrocks::LoadVerdict::kInDoubt;
    lost.message = "the process is dead";
    return lost;
  }

  SimulatedTarget& target_;
  CrashSwitch& crash_;
};

}  // namespace starlift::load

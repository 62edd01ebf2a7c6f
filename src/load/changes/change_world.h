#pragma once

// A StarRocks in memory for tests of changes: it knows columns, `__op`, partial updates, labels and
// transactions, and fails by chance: answers get lost, loads arrive late, are cut off, become
// visible late, and labels are forgotten.

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "load/simulated_world.h"
#include "starrocks/encoder.h"
#include "starrocks/load_target.h"

namespace starlift::load {

// Numbers from one seed.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15 + 1) {}
  uint64_t Next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ * 0x2545F4914F6CDD1D >> 11;
  }
  uint64_t Below(uint64_t limit) { return Next() % limit; }
  bool OneIn(uint64_t times) { return times > 0 && Below(times) == 0; }

 private:
  uint64_t state_;
};

class ChangeWorld : public starrocks::LoadTarget {
 public:
  using Row = std::map<std::string, std::string>;  // column → value, "\\N" for NULL

  struct TargetTable {
    std::vector<std::string> columns;
    size_t keys = 0;  // the first columns; 0: none
    std::map<std::string, Row> rows;
    std::multiset<std::string> bag;  // without a key
    std::set<std::string> not_null = {};
    Row defaults = {};
  };

  // One call in so many fails; 0: none, and nothing is forgotten.
  uint64_t one_in = 0;
  // Whether the next call fails, in place of chance.
  std::function<bool()> fails = [this] { return dice_.OneIn(one_in); };
  // What goes wrong from now on is drawn from this seed.
  void Reseed(uint64_t seed) { dice_ = Dice(seed); }

  ChangeWorld(SimulatedClock& clock, uint64_t seed) : clock_(clock), dice_(seed) {}

  void Create(const std::string& name, std::vector<std::string> columns, size_t keys) {
    tables_[name] = {std::move(columns), keys, {}, {}};
  }
  TargetTable& table(const std::string& name) { return tables_.at(name); }
  // By name, for whoever alters tables while nothing is loaded into them.
  std::map<std::string, TargetTable>& tables() { return tables_; }
  // A transaction that has begun and hasn't ended: an ALTER waits for it.
  bool HasOpenTransactions() {
    Arrive();
    return std::any_of(late_.begin(), late_.end(), [](const Late& late) { return late.begun; }) ||
           std::any_of(labels_.begin(), labels_.end(), [](const auto& entry) {
             return entry.second.state == starrocks::LabelState::kPreparing ||
                    entry.second.state == starrocks::LabelState::kPrepared;
           });
  }
  // All rows as text, in order.
  std::vector<std::string> Rows(const std::string& name) {
    Arrive();
    const TargetTable& of = tables_.at(name);
    std::vector<std::string> rows(of.bag.begin(), of.bag.end());
    for (const auto& [key, row] : of.rows) rows.push_back(Join(of, row));
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  void ForgetLabels() {
    std::erase_if(labels_, [](const auto& entry) { return IsFinal(entry.second.state); });
  }
  uint64_t loads() const { return loads_; }

  starrocks::LoadOutcome Load(const starrocks::LoadRequest& request) override {
    Arrive();
    ++loads_;
    const std::string label(request.label);
    switch (RollFault()) {
      case Fault::kNotConnected:
        return Outcome(starrocks::LoadVerdict::kRetry, "no connection");
      case Fault::kConnectionCut:
        if (!Exists(label)) labels_[label] = {starrocks::LabelState::kAborted, clock_.Now()};
        return Outcome(starrocks::LoadVerdict::kInDoubt, "cut off");
      case Fault::kAnswerLate: {
        const auto begins = clock_.Now() + std::chrono::milliseconds(dice_.Below(1500));
        late_.push_back({begins, begins + std::chrono::milliseconds(dice_.Below(20'000)), label,
                         Parse(request), false});
        return Outcome(starrocks::LoadVerdict::kInDoubt, "the answer is late");
      }
      case Fault::kAnswerLost:
        (void)Take(request);
        return Outcome(starrocks::LoadVerdict::kInDoubt, "the answer is lost");
      case Fault::kPublishTimeout: {
        starrocks::LoadOutcome outcome = Take(request);
        if (outcome.status != "Success") return outcome;
        labels_[label].state = starrocks::LabelState::kCommitted;
        return Outcome(starrocks::LoadVerdict::kCommittedNotVisible, "Publish Timeout");
      }
      case Fault::kRefused: {
        auto busy = Outcome(starrocks::LoadVerdict::kRetry, "too many versions");
        busy.back_off = starrocks::BackOff::kLong;
        return busy;
      }
      default:
        return Take(request);
    }
  }

  Result<starrocks::LabelState> GetLabelState(std::string_view, std::string_view name) override {
    Arrive();
    if (fails()) return Error{ErrorKind::kUnreachable, "no answer"};
    for (Late& late : late_) {
      if (late.label == name && late.begun) return starrocks::LabelState::kPreparing;
    }
    const auto found = labels_.find(std::string(name));
    if (found == labels_.end()) return starrocks::LabelState::kUnknown;
    Label& label = found->second;
    const starrocks::LabelState state = label.state;
    if (state == starrocks::LabelState::kCommitted && dice_.OneIn(3)) {
      label.state = starrocks::LabelState::kVisible;
    }
    // The target remembers for a while, then it may forget.
    if (one_in > 0 && IsFinal(state) && clock_.Now() - label.since > kRemembered &&
        dice_.OneIn(2)) {
      labels_.erase(found);
      return starrocks::LabelState::kUnknown;
    }
    return state;
  }

  Status Cancel(std::string_view, std::string_view name) override {
    Arrive();
    for (Late& late : late_) {
      if (late.label != name || !late.begun) continue;
      late = late_.back();
      late_.pop_back();
      labels_[std::string(name)] = {starrocks::LabelState::kAborted, clock_.Now()};
      return {};
    }
    const auto found = labels_.find(std::string(name));
    if (found != labels_.end() && found->second.state == starrocks::LabelState::kPreparing) {
      found->second.state = starrocks::LabelState::kAborted;
      return {};
    }
    return Error{ErrorKind::kNotFound, "no such transaction"};
  }

  Result<std::vector<starrocks::RefusedRow>> FetchErrorLog(std::string_view) override {
    return std::vector<starrocks::RefusedRow>{};
  }

  starrocks::LoadOutcome Begin(std::string_view, std::string_view, std::string_view name,
                               std::chrono::seconds) override {
    return Transact([&]() -> starrocks::LoadOutcome {
      const std::string label(name);
      if (Exists(label)) return Known(label);
      labels_[label] = {starrocks::LabelState::kPreparing, clock_.Now()};
      open_[label] = {};
      return Outcome(starrocks::LoadVerdict::kLoaded, "OK");
    });
  }
  starrocks::LoadOutcome LoadPart(const starrocks::LoadRequest& request) override {
    return Transact([&]() -> starrocks::LoadOutcome {
      const std::string label(request.label);
      if (StateOf(label) != starrocks::LabelState::kPreparing) {
        return Outcome(starrocks::LoadVerdict::kInDoubt, "TXN_NOT_EXISTS");
      }
      Body body = Parse(request);
      if (const std::string why = FindFault(body); !why.empty()) return Refused(why);
      open_[label].table = body.table;
      open_[label].rows.insert(open_[label].rows.end(), body.rows.begin(), body.rows.end());
      return Outcome(starrocks::LoadVerdict::kLoaded, "OK");
    });
  }
  starrocks::LoadOutcome Prepare(std::string_view, std::string_view,
                                 std::string_view name) override {
    return Transact([&]() -> starrocks::LoadOutcome {
      const std::string label(name);
      if (StateOf(label) != starrocks::LabelState::kPreparing) {
        return Outcome(starrocks::LoadVerdict::kInDoubt, "TXN_NOT_EXISTS");
      }
      labels_[label].state = starrocks::LabelState::kPrepared;
      return Outcome(starrocks::LoadVerdict::kLoaded, "OK");
    });
  }
  starrocks::LoadOutcome Commit(std::string_view, std::string_view,
                                std::string_view name) override {
    return Transact([&]() -> starrocks::LoadOutcome {
      const std::string label(name);
      const starrocks::LabelState state = StateOf(label);
      if (IsFinal(state)) return Outcome(starrocks::LoadVerdict::kLoaded, "already committed");
      if (state != starrocks::LabelState::kPrepared) {
        return Outcome(starrocks::LoadVerdict::kInDoubt, "TXN_NOT_EXISTS");
      }
      Apply(open_[label]);
      open_.erase(label);
      labels_[label] = {starrocks::LabelState::kVisible, clock_.Now()};
      return Outcome(starrocks::LoadVerdict::kLoaded, "OK");
    });
  }
  starrocks::LoadOutcome Rollback(std::string_view, std::string_view,
                                  std::string_view name) override {
    return Transact([&]() -> starrocks::LoadOutcome {
      const std::string label(name);
      const starrocks::LabelState state = StateOf(label);
      if (state == starrocks::LabelState::kPreparing || state == starrocks::LabelState::kPrepared) {
        labels_[label] = {starrocks::LabelState::kAborted, clock_.Now()};
        open_.erase(label);
      }
      return Outcome(starrocks::LoadVerdict::kLoaded, "OK");
    });
  }

 private:
  static constexpr std::chrono::milliseconds kRemembered{25'000};

  struct Label {
    starrocks::LabelState state = starrocks::LabelState::kUnknown;
    std::chrono::milliseconds since{0};
  };
  struct Body {
    std::string table;
    bool partial = false;
    std::vector<std::pair<bool, Row>> rows;  // deleted?
  };
  struct Late {
    std::chrono::milliseconds begins, ends;
    std::string label;
    Body body;
    bool begun = false;
  };

  static bool IsFinal(starrocks::LabelState state) {
    return state == starrocks::LabelState::kVisible || state == starrocks::LabelState::kCommitted;
  }
  starrocks::LabelState StateOf(const std::string& label) const {
    const auto found = labels_.find(label);
    return found == labels_.end() ? starrocks::LabelState::kUnknown : found->second.state;
  }
  bool Exists(const std::string& label) const {
    const bool late = std::any_of(late_.begin(), late_.end(),
                                  [&](const Late& one) { return one.label == label && one.begun; });
    return late || (StateOf(label) != starrocks::LabelState::kUnknown &&
                    StateOf(label) != starrocks::LabelState::kAborted);
  }

  Fault RollFault() {
    if (!fails()) return Fault::kNone;
    constexpr Fault kFaults[] = {Fault::kNotConnected, Fault::kConnectionCut,  Fault::kAnswerLate,
                                 Fault::kAnswerLost,   Fault::kPublishTimeout, Fault::kRefused};
    return kFaults[dice_.Below(std::size(kFaults))];
  }

  static starrocks::LoadOutcome Outcome(starrocks::LoadVerdict verdict, std::string message) {
    starrocks::LoadOutcome outcome;
    outcome.verdict = verdict;
    outcome.message = std::move(message);
    return outcome;
  }
  starrocks::LoadOutcome Known(const std::string& label) {
    const bool final = IsFinal(StateOf(label));
    auto outcome =
        Outcome(final ? starrocks::LoadVerdict::kLoaded : starrocks::LoadVerdict::kInDoubt,
                "Label has already been used");
    outcome.status = "Label Already Exists";
    outcome.existing_job_status = final ? "FINISHED" : "RUNNING";
    return outcome;
  }

  template <typename Call>
  starrocks::LoadOutcome Transact(const Call& call) {
    Arrive();
    if (!fails()) return call();
    if (dice_.OneIn(2)) (void)call();
    return Outcome(starrocks::LoadVerdict::kInDoubt, "the answer is lost");
  }

  starrocks::LoadOutcome Take(const starrocks::LoadRequest& request) {
    const std::string label(request.label);
    if (Exists(label)) return Known(label);
    const Body body = Parse(request);
    if (const std::string why = FindFault(body); !why.empty()) return Refused(why);
    Apply(body);
    labels_[label] = {starrocks::LabelState::kVisible, clock_.Now()};
    auto outcome = Outcome(starrocks::LoadVerdict::kLoaded, "OK");
    outcome.status = "Success";
    outcome.loaded_rows = static_cast<int64_t>(body.rows.size());
    return outcome;
  }

  static starrocks::LoadOutcome Refused(const std::string& why) {
    auto outcome = Outcome(starrocks::LoadVerdict::kSchemaDrift, why);
    outcome.status = "Fail";
    return outcome;
  }
  // Why the table can't take the rows; empty: it can.
  std::string FindFault(const Body& body) const {
    const auto found = tables_.find(body.table);
    if (found == tables_.end()) return "unknown table " + body.table;
    const TargetTable& table = found->second;
    for (const auto& [deleted, row] : body.rows) {
      for (const auto& [column, value] : row) {
        if (std::find(table.columns.begin(), table.columns.end(), column) == table.columns.end()) {
          return fmt::format("unknown column {} of {}", column, body.table);
        }
        if (value == "\\N" && table.not_null.contains(column)) {
          return fmt::format("NULL in {} of {}", column, body.table);
        }
      }
      for (const std::string& column : table.not_null) {
        if (!body.partial && !row.contains(column) && !table.defaults.contains(column)) {
          return fmt::format("no value for {} of {}", column, body.table);
        }
      }
    }
    return "";
  }

  // What was on its way and has its time.
  void Arrive() {
    for (size_t i = 0; i < late_.size();) {
      Late& late = late_[i];
      if (!late.begun && late.begins <= clock_.Now()) {
        if (Exists(late.label)) {  // the label's second user is turned away
          late = late_.back();
          late_.pop_back();
          continue;
        }
        late.begun = true;
      }
      if (late.begun && late.ends <= clock_.Now()) {
        Apply(late.body);
        labels_[late.label] = {starrocks::LabelState::kVisible, clock_.Now()};
        late = late_.back();
        late_.pop_back();
        continue;
      }
      ++i;
    }
  }

  static std::vector<std::string> Split(std::string_view text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
      if (c == separator) {
        parts.emplace_back();
      } else {
        parts.back() += c;
      }
    }
    return parts;
  }

  // CSV; of columns that no field brings, only those that become NULL.
  Body Parse(const starrocks::LoadRequest& request) {
    Body body;
    body.table = request.table;
    body.partial = !request.headers.empty();
    std::vector<std::string> columns;
    if (const auto table = tables_.find(body.table); table != tables_.end()) {
      columns = table->second.columns;
    }
    Row nulls;
    if (!request.columns.empty()) {
      constexpr std::string_view kNullSuffix = "=NULL";
      columns.clear();
      for (std::string quoted : Split(request.columns, ',')) {
        const bool null = quoted.ends_with(kNullSuffix);
        if (null) quoted.resize(quoted.size() - kNullSuffix.size());
        std::string name = quoted.substr(1, quoted.size() - 2);
        if (null) {
          nulls[std::move(name)] = "\\N";
        } else {
          columns.push_back(std::move(name));
        }
      }
    }
    std::string text;
    for (const std::string_view piece : request.body) text += piece;
    std::vector<std::string> lines = Split(text, starrocks::kRowDelimiter);
    lines.pop_back();
    for (const std::string& line : lines) {
      const std::vector<std::string> fields = Split(line, starrocks::kColumnSeparator);
      Row row = nulls;
      bool deleted = false;
      for (size_t i = 0; i < columns.size(); ++i) {
        if (columns[i] == "__op") {
          deleted = fields.at(i) == "1";
        } else {
          row[columns[i]] = fields.at(i);
        }
      }
      body.rows.emplace_back(deleted, std::move(row));
    }
    return body;
  }

  void Apply(const Body& body) {
    const auto found = tables_.find(body.table);
    if (body.rows.empty() || found == tables_.end()) return;
    TargetTable& table = found->second;
    for (const auto& [deleted, row] : body.rows) {
      if (table.keys == 0) {
        Row stored = row;
        stored.insert(table.defaults.begin(), table.defaults.end());
        table.bag.insert(Join(table, stored));
        continue;
      }
      std::string key;
      for (size_t i = 0; i < table.keys; ++i) key += row.at(table.columns[i]) + '\x01';
      if (deleted) {
        table.rows.erase(key);
      } else if (body.partial) {
        const auto place = table.rows.try_emplace(key, table.defaults).first;
        for (const auto& [column, value] : row) place->second[column] = value;
      } else {
        Row& stored = table.rows[key] = row;
        stored.insert(table.defaults.begin(), table.defaults.end());
      }
    }
  }

  static std::string Join(const TargetTable& table, const Row& row) {
    std::string text;
    for (const std::string& column : table.columns) {
      const auto found = row.find(column);
      text += (text.empty() ? "" : "|") + (found == row.end() ? "\\N" : found->second);
    }
    return text;
  }

  SimulatedClock& clock_;
  Dice dice_;
  std::map<std::string, TargetTable> tables_;
  std::map<std::string, Label> labels_;
  std::map<std::string, Body> open_;
  std::vector<Late> late_;
  uint64_t loads_ = 0;
};

// Any target as one life of the process sees it.
class MortalLoads : public starrocks::LoadTarget {
 public:
  MortalLoads(starrocks::LoadTarget& target, CrashSwitch& crash) : target_(target), crash_(crash) {}

  starrocks::LoadOutcome Load(const starrocks::LoadRequest& request) override {
    return Call([&] { return target_.Load(request); });
  }
  Result<starrocks::LabelState> GetLabelState(std::string_view database,
                                              std::string_view label) override {
    Result<starrocks::LabelState> state = Dead();
    if (!crash_.Step([&] { state = target_.GetLabelState(database, label); })) return Dead();
    return state;
  }
  Status Cancel(std::string_view database, std::string_view label) override {
    Status status;
    if (!crash_.Step([&] { status = target_.Cancel(database, label); })) return Dead();
    return status;
  }
  Result<std::vector<starrocks::RefusedRow>> FetchErrorLog(std::string_view url) override {
    return target_.FetchErrorLog(url);
  }
  starrocks::LoadOutcome Begin(std::string_view database, std::string_view table,
                               std::string_view label, std::chrono::seconds timeout) override {
    return Call([&] { return target_.Begin(database, table, label, timeout); });
  }
  starrocks::LoadOutcome LoadPart(const starrocks::LoadRequest& request) override {
    return Call([&] { return target_.LoadPart(request); });
  }
  starrocks::LoadOutcome Prepare(std::string_view database, std::string_view table,
                                 std::string_view label) override {
    return Call([&] { return target_.Prepare(database, table, label); });
  }
  starrocks::LoadOutcome Commit(std::string_view database, std::string_view table,
                                std::string_view label) override {
    return Call([&] { return target_.Commit(database, table, label); });
  }
  starrocks::LoadOutcome Rollback(std::string_view database, std::string_view table,
                                  std::string_view label) override {
    return Call([&] { return target_.Rollback(database, table, label); });
  }

 private:
  static Error Dead() { return Error{ErrorKind::kUnreachable, "the process is dead"}; }
  template <typename Action>
  starrocks::LoadOutcome Call(const Action& action) {
    starrocks::LoadOutcome outcome;
    if (crash_.Step([&] { outcome = action(); })) return outcome;
    outcome = {};
    outcome.message = "the process is dead";
    return outcome;
  }

  starrocks::LoadTarget& target_;
  CrashSwitch& crash_;
};

}  // namespace starlift::load

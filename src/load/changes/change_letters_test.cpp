// Changes that can't be applied: what goes to the dead letters, what the target keeps, and that
// every letter counts once, whenever the process dies.
#include "load/changes/change_letters.h"

#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "load/body_rows.h"
#include "load/changes/change_applier.h"
#include "load/changes/change_world.h"
#include "load/changes/numbered_log.h"
#include "load/loader_harness.h"

namespace starlift::load {
namespace {

using std::chrono::milliseconds;

// Refuses every body with an upserted row that has a '!'.
class PickyLoads : public MortalLoads {
 public:
  using MortalLoads::MortalLoads;
  bool names_rows = true;

  starrocks::LoadOutcome Load(const starrocks::LoadRequest& request) override {
    log_.clear();
    const std::string deletes = std::string(1, starrocks::kColumnSeparator) + "1";
    for (const std::string_view row : SplitRows(request.body, request.format)) {
      const std::string_view text = WithoutRowEnd(row, request.format);
      if (text.find('!') == text.npos || text.ends_with(deletes)) continue;
      log_.push_back({std::string(text), "a bad row"});
    }
    if (log_.empty()) return MortalLoads::Load(request);
    starrocks::LoadOutcome outcome;
    outcome.verdict = starrocks::LoadVerdict::kRowsRefused;
    outcome.message = "too many filtered rows";
    outcome.error_url = names_rows ? "http://log" : "";
    return outcome;
  }
  Result<std::vector<starrocks::RefusedRow>> FetchErrorLog(std::string_view) override {
    std::vector<starrocks::RefusedRow> rows;
    for (const auto& [row, reason] : log_) {
      rows.emplace_back();
      rows.back().row = row;
      rows.back().reason = reason;
    }
    return rows;
  }

 private:
  std::vector<std::pair<std::string, std::string>> log_;
};

// Stops at every schema change, and can leave each out.
class StoppingPolicy : public SchemaChangeHandler {
 public:
  Result<AppliedSchemaChange> Apply(const SchemaChange&) override {
    return Error{ErrorKind::kPolicy, "stopped by policy"};
  }
  Result<AppliedSchemaChange> LeaveOut(const SchemaChange&) override {
    return AppliedSchemaChange{};
  }
};

struct Change {
  ChangeKind kind = ChangeKind::kInsert;
  std::string id, name;
  std::string old_id = {};  // empty: the same
  bool only_name = false;   // the image holds nothing else
  bool only_id = false;
  std::string statement = {};  // a schema change
};

Change Put(const std::string& id, const std::string& name) {
  return {ChangeKind::kInsert, id, name};
}
Change Drop(const std::string& id) { return {ChangeKind::kDelete, id, ""}; }

class ChangeLettersTest : public ::testing::Test {
 protected:
  ChangeLettersTest() {
    options_.loads = 0;
    options_.max_errors = 100;
    options_.dead_letter_directory = home_.path() + "/dead-letters";
    Begin();
  }

  void Begin() {
    std::filesystem::remove_all(home_.path());
    target_ = std::make_unique<ChangeWorld>(clock_, 1);
    target_->Create(mapping_->target.name, {"id", "name"}, 1);
  }

  Status Tell(uint64_t number, ChangeSink& sink) {
    const Change& change = log_of_changes_[number];
    if (!change.statement.empty()) {
      SchemaChange schema;
      schema.before = schema.after = version_;
      schema.statement = change.statement;
      SL_TRY(sink.Consume(schema));
      return sink.Commit({PlaceOf(number + 1), static_cast<int64_t>(number + 1)});
    }
    ChangeBatch batch(version_);
    RowChange row{.kind = change.kind};
    const auto append = [&](const std::string& id, const std::string& name) {
      batch.rows.AppendCopy(id);
      batch.rows.AppendCopy(name);
      return static_cast<uint32_t>(batch.rows.rows() - 1);
    };
    const std::string& old_id = change.old_id.empty() ? change.id : change.old_id;
    if (change.kind != ChangeKind::kInsert) row.before = append(old_id, "");
    if (change.kind != ChangeKind::kDelete) row.after = append(change.id, change.name);
    if (change.only_name) batch.after_columns = {false, true};
    if (change.only_id) batch.after_columns = {true, false};
    batch.changes.push_back(row);
    SL_TRY(sink.Consume(batch));
    return sink.Commit({PlaceOf(number + 1), static_cast<int64_t>(number + 1)});
  }

  // One life of the process: follows the log to its end. `at_once`: transactions between two
  // flushes.
  Status Live(CrashSwitch& crash, uint64_t at_once = 1) {
    SimulatedRandom random(7);
    SL_ASSIGN(auto real_store, state::OpenSqliteStore(home_.path(), clock_, SystemRandom()));
    MortalStore store(*real_store, crash);
    PickyLoads loads(*target_, crash);
    loads.names_rows = names_rows_;
    SL_ASSIGN(const state::TaskRecord task, store.OpenTask("task", ""));
    SL_ASSIGN(const auto checkpoint, store.GetCheckpoint(task.id));
    uint64_t at = checkpoint ? NumberOf(checkpoint->position) : 0;
    ChangeApplier applier(options_, {loads, store, clock_, random, crash.cancellation()}, task.id,
                          policy_, log_);
    SL_TRY(applier.Recover(PlaceOf(at)));
    SL_ASSIGN(const auto record,
              store.OpenTable(task.id, mapping_->source.id, "shop", mapping_->target.name));
    SL_TRY(applier.AddTable({mapping_, record}));
    while (at < log_of_changes_.size()) {
      const uint64_t until = std::min<uint64_t>(at + at_once, log_of_changes_.size());
      for (; at < until; ++at) SL_TRY(Tell(at, applier));
      SL_TRY(applier.Drain(PlaceOf(at)));
      clock_.Advance(milliseconds(50));
    }
    letters_shown_ = applier.status().tables.front().dead_letters.front();
    return {};
  }
  Status LiveOn(uint64_t at_once = 1) {
    CrashSwitch immortal;
    return Live(immortal, at_once);
  }

  std::vector<std::string> Rows() { return target_->Rows(mapping_->target.name); }
  std::vector<nlohmann::json> Letters() {
    std::vector<nlohmann::json> letters;
    for (const std::string& line : ReadLines(options_.dead_letter_directory + "/shop.t.jsonl")) {
      letters.push_back(nlohmann::json::parse(line));
    }
    return letters;
  }
  template <typename Action>
  auto WithStore(const Action& action) {
    auto store = *state::OpenSqliteStore(home_.path(), clock_, SystemRandom());
    return action(*store, (*store->OpenTask("task", "")).id);
  }
  uint64_t CountStored() {
    return WithStore([&](state::StateStore& store, int64_t task) {
      return (*store.ListTables(task)).front().done.rows_rejected;
    });
  }
  state::SkipRecord Skips() {
    return WithStore([](state::StateStore& store, int64_t task) { return *store.GetSkips(task); });
  }
  void SetSkips(uint64_t skips) {
    WithStore([&](state::StateStore& store, int64_t task) {
      EXPECT_TRUE(store.SetSkips(task, skips).ok());
      return 0;
    });
  }

  TemporaryHome home_;
  SimulatedClock clock_;
  StoppingPolicy policy_;
  NumberedLog log_;
  ApplierOptions options_;
  const std::shared_ptr<const mapping::TableMapping> mapping_ =
      std::make_shared<const mapping::TableMapping>(MakeMapping("t", false));
  const TableVersion version_ = std::make_shared<const Table>(mapping_->source);
  std::unique_ptr<ChangeWorld> target_;
  std::vector<Change> log_of_changes_;
  bool names_rows_ = true;
  uint64_t letters_shown_ = 0;
};

TEST_F(ChangeLettersTest, ARowThatCantBeWrittenLeavesNoOlderStateBehind) {
  const std::string too_long(2000, 'x');
  log_of_changes_ = {Put("1", "a"), Put("2", "b"), {ChangeKind::kUpdate, "1", too_long}};
  ASSERT_TRUE(LiveOn().ok());
  EXPECT_EQ(Rows(), std::vector<std::string>{"2|b"});
  const auto letters = Letters();
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_EQ(letters[0]["position"], "sim:3");
  EXPECT_EQ(letters[0]["operation"], "upsert");
  EXPECT_EQ(letters[0]["stage"], "encode");
  EXPECT_EQ(letters[0]["key"]["id"], "1");
  EXPECT_EQ(letters[0]["row"]["name"], too_long);
  EXPECT_EQ(letters[0]["row_at_target"], "none");
  EXPECT_EQ(letters_shown_, 1U);
  EXPECT_EQ(CountStored(), 1U);

  log_of_changes_.push_back({ChangeKind::kUpdate, "1", "good again"});
  ASSERT_TRUE(LiveOn().ok());
  EXPECT_EQ(Rows(), (std::vector<std::string>{"1|good again", "2|b"}));
  EXPECT_EQ(letters_shown_, 1U);
  EXPECT_EQ(Letters().size(), 1U);
}

TEST_F(ChangeLettersTest, RowsThatTheTargetRefusesAreFound) {
  for (const bool named : {true, false}) {
    Begin();
    names_rows_ = named;
    log_of_changes_.clear();
    for (int i = 0; i < 40; ++i) log_of_changes_.push_back(Put(std::to_string(i), "old"));
    for (int i = 0; i < 40; ++i) {
      log_of_changes_.push_back(Put(std::to_string(i), i % 7 == 0 ? "bad!" : "new"));
    }
    log_of_changes_.push_back(Drop("1"));
    ASSERT_TRUE(LiveOn(40).ok());
    EXPECT_EQ(Rows().size(), 40U - 6 - 1);
    for (const std::string& row : Rows()) EXPECT_TRUE(row.ends_with("|new")) << row;
    ASSERT_EQ(Letters().size(), 6U);
    EXPECT_EQ(Letters()[0]["stage"], "target");
    EXPECT_EQ(Letters()[0]["key"]["id"], "0");
    EXPECT_EQ(Letters()[0]["position"], "sim:41");
    EXPECT_EQ(Letters()[1]["position"], "sim:48");
    EXPECT_EQ(Letters()[0]["reason"], named ? "a bad row" : "too many filtered rows");
  }
}

TEST_F(ChangeLettersTest, JsonBodiesToo) {
  log_of_changes_ = {Put("1", "a"), Put("1", "!\\N")};
  ASSERT_TRUE(LiveOn().ok());
  EXPECT_TRUE(Rows().empty());
  ASSERT_EQ(Letters().size(), 1U);
  EXPECT_EQ(Letters()[0]["row"]["name"], "!\\N");
}

TEST_F(ChangeLettersTest, AnyCrashCountsEveryLetterOnce) {
  log_of_changes_.clear();
  const std::string too_long(2000, 'x');
  for (int i = 0; i < 6; ++i) log_of_changes_.push_back(Put(std::to_string(i), "old"));
  log_of_changes_.push_back(Put("1", "bad!"));
  log_of_changes_.push_back(Put("2", too_long));
  log_of_changes_.push_back(Put("3", "new"));
  log_of_changes_.push_back(Put("4", "bad!"));
  log_of_changes_.push_back(Drop("5"));
  const std::vector<std::string> expected = {"0|old", "3|new"};
  uint64_t steps = 0;
  for (uint64_t step = 0; step == 0 || step <= steps; ++step) {
    for (const auto when : {CrashSwitch::When::kBefore, CrashSwitch::When::kAfter}) {
      for (const uint64_t at_once : {1, 3}) {
        SCOPED_TRACE(fmt::format("crash at step {}, {} at once", step, at_once));
        Begin();
        CrashSwitch crash(step, when);
        (void)Live(crash, at_once);
        if (step == 0) steps = std::max(steps, crash.steps());
        ASSERT_TRUE(LiveOn(at_once).ok());
        EXPECT_EQ(Rows(), expected);
        EXPECT_EQ(CountStored(), 3U);
        EXPECT_EQ(letters_shown_, 3U);
        std::set<std::string> keys;
        for (const auto& letter : Letters()) keys.insert(letter["key"]["id"]);
        EXPECT_EQ(Letters().size(), 3U);
        EXPECT_EQ(keys, (std::set<std::string>{"1", "2", "4"}));
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(steps, 20U);
}

TEST_F(ChangeLettersTest, TooManyStopTheTask) {
  options_.max_errors = 1;
  log_of_changes_ = {Put("1", "!"), Put("2", "b"), Put("3", "!")};
  const Status lived = LiveOn();
  ASSERT_FALSE(lived.ok());
  EXPECT_EQ(lived.error().kind, ErrorKind::kPolicy);
  EXPECT_NE(lived.error().ToString().find("id=3"), std::string::npos) << lived.error().ToString();
  EXPECT_EQ(CountStored(), 1U);
  EXPECT_FALSE(LiveOn().ok());  // the budget is the task's, not the run's
}

TEST_F(ChangeLettersTest, SkipLeavesOutTheNextAndNoMore) {
  options_.max_errors = 0;
  log_of_changes_ = {Put("1", "!"), Put("2", "b"), Put("3", std::string(2000, 'x')), Put("4", "d")};
  ASSERT_FALSE(LiveOn().ok());
  EXPECT_TRUE(Letters().empty());
  SetSkips(1);
  const Status lived = LiveOn();
  ASSERT_FALSE(lived.ok());
  EXPECT_NE(lived.error().ToString().find("id=3"), std::string::npos) << lived.error().ToString();
  ASSERT_EQ(Letters().size(), 1U);
  EXPECT_EQ(Letters()[0]["skipped"], true);
  EXPECT_EQ(Rows(), std::vector<std::string>{"2|b"});
  SetSkips(5);
  ASSERT_TRUE(LiveOn().ok());
  EXPECT_EQ(Rows(), (std::vector<std::string>{"2|b", "4|d"}));
  EXPECT_EQ(CountStored(), 2U);
  EXPECT_EQ(Skips().allowed, 4U);
  EXPECT_EQ(Skips().used, 0U);
}

// What was left out before the task stopped, and no checkpoint has passed, is told again. It takes
// its own skip, not one that the user has given since.
TEST_F(ChangeLettersTest, AChangeThatIsToldAgainTakesNoFurtherSkip) {
  options_.max_errors = 0;
  log_of_changes_ = {Put("1", "!"), Put("2", "b"), Put("3", std::string(2000, 'x')), Put("4", "d")};
  uint64_t steps = 0, told_again = 0;
  for (uint64_t step = 0; step == 0 || step <= steps; ++step) {
    for (const auto when : {CrashSwitch::When::kBefore, CrashSwitch::When::kAfter}) {
      SCOPED_TRACE(fmt::format("crash at step {}", step));
      Begin();
      SetSkips(1);
      CrashSwitch crash(step, when);
      (void)Live(crash, 2);
      if (step == 0) steps = crash.steps();
      const state::SkipRecord before = Skips();
      told_again += before.used;
      const Status stopped = LiveOn(2);
      ASSERT_FALSE(stopped.ok());
      EXPECT_NE(stopped.error().ToString().find("id=3"), std::string::npos);
      SetSkips(1 + Skips().used);  // as `starlift skip TASK 1` does
      ASSERT_TRUE(LiveOn(2).ok());
      EXPECT_EQ(Rows(), (std::vector<std::string>{"2|b", "4|d"}));
      EXPECT_EQ(Letters().size(), 2U);
      EXPECT_EQ(Skips().allowed, 0U);
      EXPECT_EQ(Skips().used, 0U);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(told_again, 0U);
}

TEST_F(ChangeLettersTest, SkipsOfARunningTaskAreCountedFromThere) {
  options_.max_errors = 0;
  SetSkips(2);
  auto store = *state::OpenSqliteStore(home_.path(), clock_, SystemRandom());
  const int64_t task = (*store->OpenTask("task", "")).id;
  ASSERT_TRUE(store->CountSkip(task, true).ok());
  ChangeLetters letters(options_, *store);
  ASSERT_TRUE(letters.Open(task).ok());
  EXPECT_EQ(letters.skips_left(), 1U);
  EXPECT_TRUE(*letters.TakeSkip());  // the one that is told again
  EXPECT_EQ(letters.skips_left(), 1U);
  EXPECT_EQ(store->GetSkips(task)->used, 1U);
  EXPECT_TRUE(*letters.TakeSkip());
  EXPECT_FALSE(*letters.TakeSkip());
  EXPECT_EQ(store->GetSkips(task)->used, 2U);
  ASSERT_TRUE(letters.GiveSkipBack().ok());
  ASSERT_TRUE(letters.SetSkips(3).ok());
  EXPECT_EQ(letters.skips_left(), 3U);
  EXPECT_EQ(store->GetSkips(task)->allowed, 4U);
  EXPECT_EQ(store->GetSkips(task)->used, 1U);
}

TEST_F(ChangeLettersTest, APartOfARowIsNotPutWhereNoRowIs) {
  Change bad{ChangeKind::kUpdate, "1", "bad!"};
  Change good{ChangeKind::kUpdate, "1", "good"};
  bad.only_name = good.only_name = true;
  for (const uint64_t at_once : {1, 2}) {
    Begin();
    log_of_changes_ = {Put("1", "a"), Put("2", "b"), bad, Put("2", "c"), good};
    ASSERT_TRUE(LiveOn(at_once).ok());
    EXPECT_EQ(Rows(), std::vector<std::string>{"2|c"});
    ASSERT_EQ(Letters().size(), 2U);
    EXPECT_EQ(Letters()[0]["operation"], "update");
    EXPECT_EQ(Letters()[1]["stage"], "apply");
    // The next run knows, too; a whole row makes it good.
    log_of_changes_.push_back(good);
    ASSERT_TRUE(LiveOn().ok());
    EXPECT_EQ(Letters().size(), 3U);
    log_of_changes_.push_back(Put("1", "whole"));
    log_of_changes_.push_back(good);
    ASSERT_TRUE(LiveOn().ok());
    EXPECT_EQ(Letters().size(), 3U);
    EXPECT_EQ(Rows(), (std::vector<std::string>{"1|good", "2|c"}));
  }
}

TEST_F(ChangeLettersTest, AKeyThatChangedWithoutItsRow) {
  Change moved{ChangeKind::kUpdate, "7", ""};
  moved.old_id = "1";
  moved.only_id = true;
  log_of_changes_ = {Put("1", "a"), moved};
  ASSERT_TRUE(LiveOn().ok());
  EXPECT_TRUE(Rows().empty());
  ASSERT_EQ(Letters().size(), 1U);
  EXPECT_EQ(Letters()[0]["key"]["id"], "7");
  EXPECT_EQ(Letters()[0]["position"], "sim:2");
  EXPECT_FALSE(Letters()[0]["row"].contains("name"));
}

TEST_F(ChangeLettersTest, ASchemaChangeIsLeftOutOnlyAtTheUsersWord) {
  Change alter;
  alter.statement = "ALTER TABLE t …";
  log_of_changes_ = {Put("1", "a"), alter, Put("2", "b")};
  ASSERT_FALSE(LiveOn().ok());  // --max-errors is for rows
  SetSkips(1);
  ASSERT_TRUE(LiveOn().ok());
  EXPECT_EQ(Rows(), (std::vector<std::string>{"1|a", "2|b"}));
  ASSERT_EQ(Letters().size(), 1U);
  EXPECT_EQ(Letters()[0]["statement"], alter.statement);
  EXPECT_EQ(Letters()[0]["position"], "sim:2");
}

}  // namespace
}  // namespace starlift::load

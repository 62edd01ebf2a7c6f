// Updates and deletes of rows without a key, under crashes at every step and faults by chance.
#include <functional>
#include <map>

#include <gtest/gtest.h>

#include "load/changes/change_applier.h"
#include "load/changes/keyless_removal.h"
#include "load/changes/keyless_world.h"
#include "load/changes/numbered_log.h"
#include "load/changes/removed_rows.h"
#include "load/loader_harness.h"

namespace starlift::load {
namespace {

using std::chrono::milliseconds;
using Row = std::pair<std::string, std::string>;  // id, name; "\\N" is NULL

// A table without a key whose few values make many rows equal, and its log.
class Bag {
 public:
  struct Change {
    std::optional<Row> before, after;
  };

  explicit Bag(uint64_t seed)
      : mapping_(std::make_shared<const mapping::TableMapping>(MakeMapping("t", true))),
        version_(std::make_shared<const Table>(mapping_->source)),
        dice_(seed) {}

  void Commit(std::vector<Change> transaction) {
    for (const Change& change : transaction) {
      if (change.before) rows_.erase(rows_.find(*change.before));
      if (change.after) rows_.insert(*change.after);
    }
    log_.push_back(std::move(transaction));
  }
  void Insert(const Row& row, size_t times = 1) {
    Commit(std::vector<Change>(times, {std::nullopt, row}));
  }
  void CommitAtRandom(uint64_t most_changes) {
    std::vector<Change> transaction;
    std::multiset<Row> rows = rows_;
    for (uint64_t left = 1 + dice_.Below(most_changes); left > 0; --left) {
      Change change;
      if (!rows.empty() && dice_.OneIn(2)) {
        change.before = *std::next(rows.begin(), static_cast<ptrdiff_t>(dice_.Below(rows.size())));
        rows.erase(rows.find(*change.before));
      }
      if (!change.before || dice_.OneIn(2)) {
        const std::string name = dice_.OneIn(4) ? "\\N" : fmt::format("n{}", dice_.Below(3));
        change.after = {std::to_string(dice_.Below(4)), name};
        rows.insert(*change.after);
      }
      transaction.push_back(std::move(change));
    }
    Commit(std::move(transaction));
  }

  Result<uint64_t> Tell(uint64_t from, uint64_t most, ChangeSink& sink) {
    uint64_t at = from;
    for (; at < log_.size() && at < from + most; ++at) {
      SL_TRY(TellChanges(at, sink));
      SL_TRY(sink.Commit({PlaceOf(at + 1), static_cast<int64_t>(at + 1)}));
    }
    return at;
  }
  // Of one transaction, without its commit.
  Status TellChanges(uint64_t transaction, ChangeSink& sink) {
    for (const Change& change : log_[transaction]) {
      ChangeBatch batch(version_);
      RowChange row;
      if (change.before) row.before = Append(batch, *change.before);
      if (change.after) row.after = Append(batch, *change.after);
      if (change.before) row.kind = change.after ? ChangeKind::kUpdate : ChangeKind::kDelete;
      batch.changes.push_back(row);
      SL_TRY(sink.Consume(batch));
    }
    return {};
  }

  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const auto& [id, name] : rows_) rows.push_back(id + "|" + name);
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  uint64_t head() const { return log_.size(); }
  const std::shared_ptr<const mapping::TableMapping>& mapping() { return mapping_; }

 private:
  static uint32_t Append(ChangeBatch& batch, const Row& row) {
    batch.rows.AppendCopy(row.first);
    if (row.second == "\\N") {
      batch.rows.AppendNull();
    } else {
      batch.rows.AppendCopy(row.second);
    }
    return static_cast<uint32_t>(batch.rows.rows() - 1);
  }

  std::shared_ptr<const mapping::TableMapping> mapping_;
  TableVersion version_;
  std::multiset<Row> rows_;
  std::vector<std::vector<Change>> log_;
  Dice dice_;
};

class KeylessEditTest : public ::testing::Test {
 protected:
  void Make(uint64_t seed) {
    std::filesystem::remove_all(home_.path());
    source_ = std::make_unique<Bag>(seed);
    target_ = std::make_unique<KeylessWorld>(clock_, seed);
    target_->Create(source_->mapping()->target.name, {"id", "name"}, 0);
    options_.loads = 0;
    options_.dead_letter_directory = home_.path() + "/dead-letters";
  }

  // One life of the process: follows the log to its end.
  Status Live(CrashSwitch& crash, uint64_t read_at_once = 3) {
    return Live(crash, [&](ChangeApplier& applier, uint64_t at) -> Status {
      while (at < source_->head()) {
        SL_ASSIGN(at, source_->Tell(at, read_at_once, applier));
        SL_TRY(applier.Pump(PlaceOf(at)));
        clock_.Advance(milliseconds(50));
      }
      return applier.Drain(PlaceOf(at));
    });
  }
  // Does this, from transaction `at` on.
  using Work = std::function<Status(ChangeApplier&, uint64_t at)>;
  Status Live(CrashSwitch& crash, const Work& work) {
    SimulatedRandom random(7);
    SL_ASSIGN(auto real_store, state::OpenSqliteStore(home_.path(), clock_, SystemRandom()));
    MortalStore store(*real_store, crash);
    MortalLoads loads(*target_, crash);
    MortalRows rows(*target_, crash);
    SL_ASSIGN(const state::TaskRecord task, store.OpenTask("task", ""));
    SL_ASSIGN(const auto checkpoint, store.GetCheckpoint(task.id));
    const uint64_t at = checkpoint ? NumberOf(checkpoint->position) : 0;
    ChangeApplier applier(options_, {loads, store, clock_, random, crash.cancellation(), &rows},
                          task.id, schema_changes_, log_);
    SL_TRY(applier.Recover(PlaceOf(at)));
    const auto& mapping = source_->mapping();
    SL_ASSIGN(const auto record, store.OpenTable(task.id, mapping->source.id,
                                                 mapping->target.database, mapping->target.name));
    SL_TRY(applier.AddTable({mapping, record}));
    return work(applier, at);
  }
  void LiveWell(uint64_t read_at_once = 3) {
    CrashSwitch immortal;
    const Status lived = Live(immortal, read_at_once);
    ASSERT_TRUE(lived.ok()) << lived.error().ToString();
  }
  void CheckRows() {
    EXPECT_EQ(target_->AllRows(source_->mapping()->target.name), source_->Rows());
  }

  TemporaryHome home_;
  SimulatedClock clock_;
  NoSchemaChanges schema_changes_;
  NumberedLog log_;
  ApplierOptions options_;
  std::unique_ptr<Bag> source_;
  std::unique_ptr<KeylessWorld> target_;
};

TEST_F(KeylessEditTest, OneOfThreeEqualRowsGoes) {
  Make(1);
  source_->Insert({"1", "a"}, 3);
  source_->Insert({"1", "\\N"}, 2);
  LiveWell();
  source_->Commit({{Row{"1", "a"}, std::nullopt}});
  source_->Commit({{Row{"1", "\\N"}, Row{"2", "b"}}});
  LiveWell();
  CheckRows();
  EXPECT_EQ(source_->Rows().size(), 4U);
}

TEST_F(KeylessEditTest, ABurstIsFewStatements) {
  Make(1);
  std::vector<Bag::Change> inserts, deletes;
  for (int i = 0; i < 2'000; ++i) inserts.push_back({std::nullopt, Row{std::to_string(i), "a"}});
  for (int i = 0; i < 1'000; ++i) deletes.push_back({Row{std::to_string(i), "a"}, std::nullopt});
  source_->Commit(inserts);
  LiveWell();
  source_->Commit(deletes);
  LiveWell();
  CheckRows();
  EXPECT_LE(target_->deletes(), 2U);
}

TEST_F(KeylessEditTest, ARowThatComesAndGoesIsNoWork) {
  Make(1);
  source_->Commit({{std::nullopt, Row{"1", "a"}},
                   {Row{"1", "a"}, Row{"1", "b"}},
                   {Row{"1", "b"}, std::nullopt}});
  LiveWell();
  CheckRows();
  EXPECT_EQ(target_->deletes(), 0U);
}

TEST_F(KeylessEditTest, ARowThatIsNotThereIsAStop) {
  Make(1);
  source_->Insert({"1", "a"}, 2);
  LiveWell();
  target_->table(source_->mapping()->target.name).bag.clear();
  source_->Commit({{Row{"1", "a"}, std::nullopt}});
  CrashSwitch immortal;
  const Status lived = Live(immortal);
  ASSERT_FALSE(lived.ok());
  EXPECT_EQ(lived.error().kind, ErrorKind::kPolicy);
  EXPECT_NE(lived.error().ToString().find("id=1, name=a"), std::string::npos);
}

TEST_F(KeylessEditTest, StopsWhereThePolicySaysSo) {
  Make(1);
  options_.keyless_changes = KeylessChanges::kStop;
  source_->Insert({"1", "a"});
  source_->Commit({{Row{"1", "a"}, std::nullopt}});
  CrashSwitch immortal;
  const Status lived = Live(immortal);
  ASSERT_FALSE(lived.ok());
  EXPECT_EQ(lived.error().kind, ErrorKind::kPolicy);
}

// An update that the policy refuses and the user leaves out: one letter and one skip for it,
// whenever the process dies, and all other rows once.
TEST_F(KeylessEditTest, ASkippedEditIsLeftOutOnce) {
  options_.keyless_changes = KeylessChanges::kStop;
  const auto with_store = [&](const auto& action) {
    auto store = *state::OpenSqliteStore(home_.path(), clock_, SystemRandom());
    return action(*store, (*store->OpenTask("task", "")).id);
  };
  uint64_t steps = 0;
  for (uint64_t step = 0; step == 0 || step <= steps; ++step) {
    for (const auto when : {CrashSwitch::When::kBefore, CrashSwitch::When::kAfter}) {
      SCOPED_TRACE(fmt::format("crash at step {}", step));
      Make(5);
      source_->Insert({"1", "a"}, 2);
      LiveWell();
      source_->Commit({{std::nullopt, Row{"2", "b"}},
                       {Row{"1", "a"}, Row{"1", "z"}},
                       {std::nullopt, Row{"3", "c"}}});
      source_->Insert({"4", "d"});
      ASSERT_TRUE(with_store([](state::StateStore& store, int64_t task) {
                    return store.SetSkips(task, 1);
                  }).ok());
      CrashSwitch crash(step, when);
      (void)Live(crash);
      if (step == 0) steps = crash.steps();
      LiveWell();
      EXPECT_EQ(target_->AllRows(source_->mapping()->target.name),
                (std::vector<std::string>{"1|a", "1|a", "2|b", "3|c", "4|d"}));
      EXPECT_EQ(ReadLines(options_.dead_letter_directory + "/shop.t.jsonl").size(), 1U);
      const state::SkipRecord skips =
          with_store([](state::StateStore& store, int64_t task) { return *store.GetSkips(task); });
      EXPECT_EQ(skips.allowed, 0U);
      EXPECT_EQ(skips.used, 0U);
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(steps, 10U);
}

// All changes of a transaction may be in before its commit is told. If the process dies then, and
// the checkpoint is where the one before ended, the mark names a commit that isn't told again.
TEST_F(KeylessEditTest, AMarkOfAPassedCommitDoesNotReachIntoLaterTransactions) {
  Make(1);
  source_->Insert({"1", "a"});
  source_->Insert({"2", "b"}, 2);
  source_->Insert({"3", "c"}, 2);
  options_.checkpoint_interval = milliseconds(3'600'000);  // it dies before the next
  CrashSwitch immortal;
  const auto pump = [&](ChangeApplier& applier, const Position& position) -> Status {
    for (int i = 0; i < 20; ++i) {
      clock_.Advance(milliseconds(100));
      SL_TRY(applier.Pump(position));
    }
    return {};
  };
  const Status first = Live(immortal, [&](ChangeApplier& applier, uint64_t at) -> Status {
    SL_ASSIGN(at, source_->Tell(at, 1, applier));
    SL_TRY(applier.Drain(PlaceOf(at)));
    SL_TRY(source_->TellChanges(at, applier));
    return pump(applier, PlaceOf(at));
  });
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  const auto rows = [&] { return target_->AllRows(source_->mapping()->target.name); };
  EXPECT_EQ(rows(), (std::vector<std::string>{"1|a", "2|b", "2|b"}));
  const Status second = Live(immortal, [&](ChangeApplier& applier, uint64_t at) -> Status {
    EXPECT_EQ(at, 1U);
    SL_ASSIGN(at, source_->Tell(at, 1, applier));
    return applier.Drain(PlaceOf(at));
  });
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  LiveWell();
  CheckRows();
}

TEST_F(KeylessEditTest, AnyCrashLeavesTheSameRows) {
  uint64_t steps = 0;
  for (uint64_t step = 0; step == 0 || step <= steps; ++step) {
    for (const auto when : {CrashSwitch::When::kBefore, CrashSwitch::When::kAfter}) {
      SCOPED_TRACE(fmt::format("crash at step {}", step));
      Make(5);
      for (int i = 0; i < 12; ++i) source_->CommitAtRandom(4);
      CrashSwitch crash(step, when);
      (void)Live(crash);
      if (step == 0) steps = crash.steps();
      LiveWell();
      CheckRows();
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(steps, 20U);
}

TEST_F(KeylessEditTest, FaultsAndCrashesByChance) {
  uint64_t deletes = 0;
  for (uint64_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Make(seed);
    target_->one_in = 5;
    target_->abort_one_in = seed % 2 == 0 ? 6 : 0;
    Dice dice(seed);
    for (int life = 0; life < 5; ++life) {
      for (int i = 0; i < 20; ++i) source_->CommitAtRandom(5);
      CrashSwitch crash(life == 4 ? 0 : 1 + dice.Below(120), CrashSwitch::When::kAfter);
      const Status lived = Live(crash, 1 + dice.Below(6));
      ASSERT_TRUE(life < 4 || lived.ok()) << lived.error().ToString();
    }
    clock_.Advance(milliseconds(60'000));  // nothing arrives late
    CheckRows();
    deletes += target_->deletes();
    if (HasFailure()) return;
  }
  EXPECT_GT(deletes, 500U);
}

TEST(KeylessRemoval, ComesBackFromTheStoreAsItWas) {
  KeylessRemoval removal;
  removal.conditions = {{{"id", true, {"1", "2"}}, {"na\"me", false, {}}}};
  removal.rows = "{\"id\":1}\n{\"id\":2}\n";
  removal.columns = "`id`";
  removal.time_zone = "+09:00";
  removal.loads = false;
  const auto parsed = ParseRemoval(PrintRemoval(removal));
  ASSERT_TRUE(parsed.ok()) << parsed.error().ToString();
  EXPECT_EQ(parsed->conditions, removal.conditions);
  EXPECT_EQ(parsed->rows, removal.rows);
  EXPECT_EQ(parsed->columns, removal.columns);
  EXPECT_EQ(parsed->time_zone, removal.time_zone);
  EXPECT_FALSE(parsed->loads);
  EXPECT_TRUE(ParseRemoval("")->empty());
  EXPECT_FALSE(ParseRemoval("{}\n").ok());
}

// Rows of an INT and a VARCHAR and a DOUBLE.
class RemovedRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    plan_.columns.resize(3);
    plan_.columns[0].name = "n";
    plan_.columns[0].type.kind = starrocks::TargetTypeKind::kInt;
    plan_.columns[1].name = "v";
    plan_.columns[1].type.kind = starrocks::TargetTypeKind::kVarchar;
    plan_.columns[2].name = "d";
    plan_.columns[2].type.kind = starrocks::TargetTypeKind::kDouble;
  }
  using Value = std::optional<std::string_view>;
  static std::vector<Value> Make(Value n, Value v, Value d) { return {n, v, d}; }

  starrocks::EncodePlan plan_;
};

TEST_F(RemovedRowsTest, EqualIsWhatTheTargetHolds) {
  RemovedRows rows(plan_);
  rows.Add(Make("1", "a", "0.10"));
  rows.Add(Make("1", "a", "1e-1"));
  EXPECT_EQ(rows.left(), 2U);
  EXPECT_FALSE(rows.Take(Make("1", "a", std::nullopt)));
  EXPECT_FALSE(rows.Take(Make("1", "a ", "0.1")));
  EXPECT_TRUE(rows.Take(Make("1", "a", "0.1")));
  EXPECT_TRUE(rows.Take(Make("1", "a", "0.1")));
  EXPECT_FALSE(rows.Take(Make("1", "a", "0.1")));
  EXPECT_TRUE(rows.empty());
}

TEST_F(RemovedRowsTest, GroupsHaveNoRowInCommon) {
  RemovedRows rows(plan_);
  rows.Add(Make("1", "a", "1"));
  rows.Add(Make("2", std::nullopt, "1"));
  rows.Add(Make("3", "b", std::nullopt));
  auto groups = rows.MakeGroups();
  ASSERT_EQ(groups.size(), 2U);  // v is NULL or not; d can't be named
  std::vector<std::string> conditions;
  for (const auto& group : groups) {
    conditions.push_back(starrocks::PrintCondition(rows.ConditionOf(group)));
  }
  std::sort(conditions.begin(), conditions.end());
  EXPECT_EQ(conditions[0], "`n` = 2 AND `v` IS NULL");
  EXPECT_EQ(conditions[1], "`n` IN (1, 3) AND `v` IN (\"a\", \"b\")");
  for (const auto& group : groups) {
    if (group.size() == 1) {
      EXPECT_FALSE(rows.Split(group));
      continue;
    }
    const auto halves = rows.Split(group);
    ASSERT_TRUE(halves);
    EXPECT_EQ(starrocks::PrintCondition(rows.ConditionOf(halves->first)),
              "`n` = 1 AND `v` = \"a\"");
    EXPECT_EQ(starrocks::PrintCondition(rows.ConditionOf(halves->second)),
              "`n` = 3 AND `v` = \"b\"");
  }
}

TEST_F(RemovedRowsTest, OddValuesAreLeftToTheComparison) {
  RemovedRows rows(plan_);
  rows.Add(Make("1", "a\nb", "1"));
  rows.Add(Make("2", std::nullopt, "1"));
  const auto groups = rows.MakeGroups();
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(starrocks::PrintCondition(rows.ConditionOf(groups[0])), "`n` IN (1, 2)");
}

}  // namespace
}  // namespace starlift::load

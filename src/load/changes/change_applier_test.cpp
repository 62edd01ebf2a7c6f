#include "load/changes/change_applier.h"

#include <map>

#include <gtest/gtest.h>

#include "load/changes/change_world.h"
#include "load/changes/commit_ledger.h"
#include "load/changes/numbered_log.h"
#include "load/loader_harness.h"

namespace starlift::load {
namespace {

using std::chrono::milliseconds;

TEST(CommitLedger, TheCheckpointStaysBelowEveryPin) {
  CommitLedger ledger;
  EXPECT_FALSE(ledger.Durable());
  ledger.Commit({"sim:1", 10});
  ledger.Pin(ledger.current());  // 2
  ledger.Commit({"sim:2", 20});
  ledger.Pin(ledger.current());  // 3
  ledger.Commit({"sim:3", 30});
  EXPECT_EQ(ledger.Durable()->position, "sim:1");
  EXPECT_EQ(ledger.oldest_pending_unix_us(), 20);
  ledger.Unpin(2);
  EXPECT_EQ(ledger.Durable()->position, "sim:2");
  ledger.Unpin(3);
  EXPECT_EQ(ledger.Durable()->position, "sim:3");
  ledger.Forget(3);
  EXPECT_FALSE(ledger.Durable());
}

TEST(CommitLedger, KeepsFewPlacesAndAlwaysTheNewest) {
  CommitLedger ledger;
  ledger.Pin(100'000);
  for (uint64_t i = 1; i <= 200'000; ++i) ledger.Commit({PlaceOf(i), 0});
  const uint64_t durable = ledger.Durable()->commit;
  EXPECT_EQ(durable, 99'999U);
  ledger.Unpin(100'000);
  EXPECT_EQ(ledger.Durable()->commit, 200'000U);
}

// A source of tables `id`, `name` and its log: transactions of row changes.
class TinySource {
 public:
  struct Change {
    size_t table = 0;
    ChangeKind kind = ChangeKind::kInsert;
    std::pair<std::string, std::string> before, after;
  };
  using Transaction = std::vector<Change>;

  TinySource(size_t tables, uint64_t seed) : rows_(tables), dice_(seed) {
    for (size_t i = 0; i < tables; ++i) {
      mappings_.push_back(
          std::make_shared<const mapping::TableMapping>(MakeMapping(fmt::format("t{}", i), false)));
      versions_.push_back(std::make_shared<const Table>(mappings_.back()->source));
    }
  }

  void AddRandomTransaction(uint64_t most_changes) {
    Transaction transaction;
    for (uint64_t left = 1 + dice_.Below(most_changes); left > 0; --left) {
      transaction.push_back(RandomChange());
    }
    log_.push_back(std::move(transaction));
  }

  // Tells the transactions after `from`, up to `most`, and gives where it got to.
  Result<uint64_t> Tell(uint64_t from, uint64_t most, ChangeSink& sink) {
    uint64_t at = from;
    for (; at < log_.size() && at < from + most; ++at) {
      for (const Change& change : log_[at]) {
        ChangeBatch batch(versions_[change.table]);
        RowChange row{.kind = change.kind};
        if (change.kind != ChangeKind::kInsert) row.before = Append(batch, change.before);
        if (change.kind != ChangeKind::kDelete) row.after = Append(batch, change.after);
        batch.changes.push_back(row);
        SL_TRY(sink.Consume(batch));
      }
      SL_TRY(sink.Commit({PlaceOf(at + 1), static_cast<int64_t>(at + 1)}));
    }
    return at;
  }

  std::vector<std::string> Rows(size_t table) const {
    std::vector<std::string> rows;
    for (const auto& [id, name] : rows_[table]) rows.push_back(id + "|" + name);
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  size_t tables() const { return rows_.size(); }
  uint64_t head() const { return log_.size(); }
  const std::shared_ptr<const mapping::TableMapping>& mapping(size_t i) { return mappings_[i]; }

 private:
  Change RandomChange() {
    constexpr uint64_t kIds = 12;
    Change change;
    change.table = dice_.Below(rows_.size());
    auto& rows = rows_[change.table];
    const std::string id = std::to_string(dice_.Below(kIds));
    const std::string name = fmt::format("n{}", ++names_);
    const auto row = rows.find(id);
    if (row == rows.end()) {
      change.after = {id, name};
      rows.insert(change.after);
      return change;
    }
    change.before = *row;
    const std::string moved = std::to_string(dice_.Below(kIds));
    if (dice_.OneIn(3)) {
      change.kind = ChangeKind::kDelete;
      rows.erase(row);
      return change;
    }
    change.kind = ChangeKind::kUpdate;
    change.after = {id, name};
    if (dice_.OneIn(3) && !rows.contains(moved)) change.after.first = moved;
    rows.erase(row);
    rows.insert(change.after);
    return change;
  }

  static uint32_t Append(ChangeBatch& batch, const std::pair<std::string, std::string>& row) {
    batch.rows.AppendCopy(row.first);
    batch.rows.AppendCopy(row.second);
    return static_cast<uint32_t>(batch.rows.rows() - 1);
  }

  std::vector<std::map<std::string, std::string>> rows_;
  std::vector<std::shared_ptr<const mapping::TableMapping>> mappings_;
  std::vector<TableVersion> versions_;
  std::vector<Transaction> log_;
  Dice dice_;
  uint64_t names_ = 0;
};

class ApplierTest : public ::testing::Test {
 protected:
  void Make(size_t tables, uint64_t seed) {
    source_ = std::make_unique<TinySource>(tables, seed);
    target_ = std::make_unique<ChangeWorld>(clock_, seed);
    for (size_t i = 0; i < tables; ++i) {
      target_->Create(source_->mapping(i)->target.name, {"id", "name"}, 1);
    }
    options_.loads = 0;
  }

  // One life of the process: follows the log to its end.
  Status Live(CrashSwitch& crash, uint64_t read_at_once = 3) {
    SimulatedRandom random(7);
    SL_ASSIGN(auto real_store, state::OpenSqliteStore(home_.path(), clock_, SystemRandom()));
    MortalStore store(*real_store, crash);
    MortalLoads loads(*target_, crash);
    SL_ASSIGN(const state::TaskRecord task, store.OpenTask("task", ""));
    SL_ASSIGN(const auto checkpoint, store.GetCheckpoint(task.id));
    uint64_t at = checkpoint ? NumberOf(checkpoint->position) : 0;
    ChangeApplier applier(options_, {loads, store, clock_, random, crash.cancellation()}, task.id,
                          schema_changes_, log_);
    SL_TRY(applier.Recover(PlaceOf(at)));
    for (size_t i = 0; i < source_->tables(); ++i) {
      const auto& mapping = source_->mapping(i);
      SL_ASSIGN(const auto record, store.OpenTable(task.id, mapping->source.id,
                                                   mapping->target.database, mapping->target.name));
      SL_TRY(applier.AddTable({mapping, record}));
    }
    while (at < source_->head()) {
      SL_ASSIGN(at, source_->Tell(at, read_at_once, applier));
      SL_TRY(applier.Pump(PlaceOf(at)));
      clock_.Advance(milliseconds(50));
    }
    return applier.Drain(PlaceOf(at));
  }

  void CheckRows() {
    for (size_t i = 0; i < source_->tables(); ++i) {
      EXPECT_EQ(target_->Rows(source_->mapping(i)->target.name), source_->Rows(i));
    }
  }

  uint64_t StoredCheckpoint() {
    auto store = *state::OpenSqliteStore(home_.path(), clock_, SystemRandom());
    return NumberOf((*store->GetCheckpoint((*store->OpenTask("task", "")).id))->position);
  }

  TemporaryHome home_;
  SimulatedClock clock_;
  NoSchemaChanges schema_changes_;
  NumberedLog log_;
  ApplierOptions options_;
  std::unique_ptr<TinySource> source_;
  std::unique_ptr<ChangeWorld> target_;
};

TEST_F(ApplierTest, AppliesChangesAndMovesTheCheckpoint) {
  Make(3, 1);
  for (int i = 0; i < 100; ++i) source_->AddRandomTransaction(4);
  CrashSwitch immortal;
  const Status lived = Live(immortal);
  ASSERT_TRUE(lived.ok()) << lived.error().ToString();
  CheckRows();
  EXPECT_EQ(StoredCheckpoint(), 100U);
  EXPECT_LT(target_->loads(), 60U);  // coalesced
}

TEST_F(ApplierTest, AnyCrashLeavesTheSameRows) {
  uint64_t steps = 0;
  for (uint64_t step = 0; step == 0 || step <= steps; ++step) {
    for (const auto when : {CrashSwitch::When::kBefore, CrashSwitch::When::kAfter}) {
      SCOPED_TRACE(fmt::format("crash at step {}", step));
      std::filesystem::remove_all(home_.path());
      Make(2, 5);
      for (int i = 0; i < 12; ++i) source_->AddRandomTransaction(3);
      CrashSwitch crash(step, when);
      (void)Live(crash);
      if (step == 0) steps = crash.steps();
      CrashSwitch immortal;
      const Status lived = Live(immortal);
      ASSERT_TRUE(lived.ok()) << lived.error().ToString();
      CheckRows();
      if (HasFailure()) return;
    }
  }
  EXPECT_GT(steps, 10U);
}

TEST_F(ApplierTest, FaultsAndCrashesByChance) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::filesystem::remove_all(home_.path());
    Make(1 + seed % 4, seed);
    target_->one_in = 4;
    Dice dice(seed);
    for (int life = 0; life < 4; ++life) {
      for (int i = 0; i < 30; ++i) source_->AddRandomTransaction(5);
      CrashSwitch crash(life == 3 ? 0 : 1 + dice.Below(80), CrashSwitch::When::kAfter);
      const Status lived = Live(crash, 1 + dice.Below(6));
      ASSERT_TRUE(life < 3 || lived.ok()) << lived.error().ToString();
    }
    CheckRows();
    clock_.Advance(milliseconds(60'000));  // nothing arrives late
    CheckRows();
    if (HasFailure()) return;
  }
}

TEST_F(ApplierTest, MemoryIsBounded) {
  Make(4, 3);
  options_.memory_bytes = 4'000;
  options_.flush_interval = milliseconds(1'000'000);
  for (int i = 0; i < 300; ++i) source_->AddRandomTransaction(50);
  CrashSwitch immortal;
  ASSERT_TRUE(Live(immortal).ok());
  CheckRows();
}

TEST_F(ApplierTest, SenderThreadsBringTheSameRows) {
  Make(6, 9);
  options_.loads = 2;
  options_.flush_interval = milliseconds(1);
  for (int i = 0; i < 2'000; ++i) source_->AddRandomTransaction(8);
  CrashSwitch immortal;
  const Status lived = Live(immortal);
  ASSERT_TRUE(lived.ok()) << lived.error().ToString();
  CheckRows();
}

// Leaves new tables out.
class IgnoringPolicy : public SchemaChangeHandler {
 public:
  Result<AppliedSchemaChange> Apply(const SchemaChange& change) override {
    AppliedSchemaChange applied;
    if (change.after) applied.ignored.push_back(change.after->id);
    if (!change.after) applied.no_longer_ignored.push_back(change.before->id);
    return applied;
  }
};

// What is known of tables that aren't followed is stored with the first checkpoint behind it.
TEST(ChangeApplierTables, OthersAreRememberedWithTheCheckpoint) {
  TemporaryHome home;
  SimulatedClock clock;
  SimulatedRandom random(7);
  NumberedLog log;
  IgnoringPolicy policy;
  CrashSwitch immortal;
  ChangeWorld target(clock, 1);
  MortalLoads loads(target, immortal);
  auto store = *state::OpenSqliteStore(home.path(), clock, SystemRandom());
  const int64_t task = (*store->OpenTask("task", "")).id;
  ApplierOptions options;
  options.loads = 0;
  ChangeApplier applier(options, {loads, *store, clock, random, immortal.cancellation()}, task,
                        policy, log);
  ASSERT_TRUE(applier.Recover(PlaceOf(0)).ok());
  const auto version = std::make_shared<const Table>(MakeMapping("new", false).source);
  const TableId copy{"shop", "", "_t_gho"};

  ASSERT_TRUE(applier.KeepShadow(copy, ShadowTable{.table = version}).ok());
  ASSERT_TRUE(applier.SaveCheckpoint().ok());
  EXPECT_TRUE(store->ListShadows(task)->empty());
  ASSERT_TRUE(applier.Commit({PlaceOf(1), 1}).ok());
  ASSERT_TRUE(applier.SaveCheckpoint().ok());
  EXPECT_EQ(store->ListShadows(task)->size(), 1U);

  SchemaChange create;
  create.kind = SchemaChangeKind::kCreateTable;
  create.after = version;
  ASSERT_TRUE(applier.Consume(create).ok());
  ASSERT_TRUE(applier.KeepShadow(copy, std::nullopt).ok());
  EXPECT_TRUE(store->admissions().ListChoices(task)->empty());
  ASSERT_TRUE(applier.Commit({PlaceOf(2), 2}).ok());
  EXPECT_TRUE(store->ListShadows(task)->empty());
  const auto choices = *store->admissions().ListChoices(task);
  ASSERT_EQ(choices.size(), 1U);
  EXPECT_EQ(choices[0].table, version->id);
  EXPECT_EQ(choices[0].choice, state::TableChoice::kExcluded);

  ChangeBatch batch(version);
  batch.rows.AppendCopy("1");
  batch.rows.AppendCopy("a");
  batch.changes.push_back({.kind = ChangeKind::kInsert, .after = 0});
  EXPECT_TRUE(applier.Consume(batch).ok());
  SchemaChange drop;
  drop.kind = SchemaChangeKind::kDropTable;
  drop.before = version;
  ASSERT_TRUE(applier.Consume(drop).ok());
  ASSERT_TRUE(applier.Commit({PlaceOf(3), 3}).ok());
  EXPECT_TRUE(store->admissions().ListChoices(task)->empty());
  EXPECT_FALSE(applier.Consume(batch).ok());
}

}  // namespace
}  // namespace starlift::load

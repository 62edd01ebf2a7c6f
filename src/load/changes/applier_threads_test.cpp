// Many threads around one stream: for ThreadSanitizer.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "load/changes/change_applier.h"
#include "load/changes/change_world.h"
#include "load/changes/numbered_log.h"
#include "load/loader_harness.h"

namespace starlift::load {
namespace {

using std::chrono::milliseconds;

// The source's tables go when they are dropped.
class DroppedTables : public SchemaChangeHandler {
 public:
  Result<AppliedSchemaChange> Apply(const SchemaChange& change) override {
    AppliedSchemaChange applied;
    applied.removed.push_back(change.before->id);
    return applied;
  }
};

// Pairs of source tables, each pair with one target table.
class ApplierThreads : public ::testing::Test {
 protected:
  static constexpr size_t kTargets = 6;

  ApplierThreads() : store_(*state::OpenSqliteStore(home_.path(), clock_, SystemRandom())) {
    options_.loads = 2;
    options_.flush_interval = milliseconds(1);
    for (size_t i = 0; i < 2 * kTargets; ++i) {
      auto mapping = MakeMapping(fmt::format("t{}", i / 2), false);
      if (i % 2 == 0) target_.Create(mapping.target.name, {"id", "name"}, 1);
      mapping.source.id.name = fmt::format("t{}_{}", i / 2, i % 2);
      mapping.shared_target = true;
      mappings_.push_back(std::make_shared<const mapping::TableMapping>(std::move(mapping)));
      versions_.push_back(std::make_shared<const Table>(mappings_.back()->source));
    }
  }

  Status Open(ChangeApplier& applier, int64_t task) {
    SL_TRY(applier.Recover(PlaceOf(0)));
    for (const auto& mapping : mappings_) {
      SL_ASSIGN(const auto record,
                store_->OpenTable(task, mapping->source.id, "shop", mapping->target.name));
      SL_TRY(applier.AddTable({mapping, record}));
    }
    return {};
  }

  // One row into each table from `first`, each in a transaction of its own.
  Status Insert(ChangeApplier& applier, size_t first, uint64_t row) {
    for (size_t i = first; i < versions_.size(); ++i) {
      ChangeBatch batch(versions_[i]);
      batch.rows.AppendCopy(fmt::format("{}", 2 * row + i % 2));
      batch.rows.AppendCopy("name");
      batch.changes.push_back({.kind = ChangeKind::kInsert, .after = 0});
      SL_TRY(applier.Consume(batch));
      SL_TRY(Commit(applier));
    }
    return applier.Pump(PlaceOf(at_));
  }
  Status Drop(ChangeApplier& applier, size_t table) {
    SchemaChange change;
    change.kind = SchemaChangeKind::kDropTable;
    change.before = versions_[table];
    SL_TRY(applier.Consume(change));
    return Commit(applier);
  }
  Status Commit(ChangeApplier& applier) {
    ++at_;
    return applier.Commit({PlaceOf(at_), static_cast<int64_t>(at_)});
  }

  TemporaryHome home_;
  SimulatedClock clock_;
  SimulatedRandom random_{7};
  CrashSwitch immortal_;
  ChangeWorld target_{clock_, 1};
  DroppedTables schema_changes_;
  NumberedLog log_;
  ApplierOptions options_;
  std::unique_ptr<state::StateStore> store_;
  std::vector<std::shared_ptr<const mapping::TableMapping>> mappings_;
  std::vector<TableVersion> versions_;
  uint64_t at_ = 0;
};

TEST_F(ApplierThreads, TheStatusCanBeReadWhileTablesAreLoadedAndDropped) {
  constexpr uint64_t kRounds = 20;
  MortalLoads loads(target_, immortal_);
  const auto task = store_->OpenTask("task", "");
  ASSERT_TRUE(task.ok());
  ChangeApplier applier(options_, {loads, *store_, clock_, random_, immortal_.cancellation()},
                        task->id, schema_changes_, log_);
  ASSERT_TRUE(Open(applier, task->id).ok());

  std::atomic<bool> over{false};
  std::atomic<uint64_t> looks{0};
  std::thread reader([&] {
    while (!over) {
      const ApplierStatus status = applier.status();
      EXPECT_LE(status.tables.size(), kTargets);
      for (const AppliedTableStatus& table : status.tables) EXPECT_FALSE(table.sources.empty());
      ++looks;
    }
  });
  uint64_t row = 0;
  Status told;
  for (size_t dropped = 0; told.ok() && dropped < versions_.size(); ++dropped) {
    for (uint64_t round = 0; told.ok() && round < kRounds; ++round) {
      told = Insert(applier, dropped, row++);
      clock_.Advance(milliseconds(1));
    }
    if (told.ok()) told = Drop(applier, dropped);
  }
  over = true;
  reader.join();
  ASSERT_TRUE(told.ok()) << told.error().ToString();
  EXPECT_GT(looks, 0U);
  EXPECT_TRUE(applier.status().tables.empty());
  ASSERT_TRUE(applier.Drain(PlaceOf(at_)).ok());
  EXPECT_EQ(applier.checkpoint(), PlaceOf(at_));
  // Each round brought a row to each table that was still there.
  for (size_t i = 0; i < kTargets; ++i) {
    const size_t rounds = kRounds * ((2 * i + 1) + (2 * i + 2));
    EXPECT_EQ(target_.Rows(mappings_[2 * i]->target.name).size(), rounds);
  }
}

}  // namespace
}  // namespace starlift::load

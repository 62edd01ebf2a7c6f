#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sync/evolve/alter_execution.h"
#include "sync/evolve/column_alteration.h"
#include "sync/evolve/target_alteration.h"

namespace starlift::sync {
namespace {

using starrocks::AlterJob;
using starrocks::AlterState;
using starrocks::TargetColumn;
using Kind = starrocks::TargetTypeKind;

// Time passes only where someone sleeps.
class StillClock : public Clock {
 public:
  Milliseconds Now() const override { return now; }
  Milliseconds WallTime() const override { return now; }
  bool Sleep(Milliseconds duration, const Cancellation&) override {
    now += duration;
    return true;
  }

  std::chrono::milliseconds now{0};
};

// Tells the jobs and answers of a script, then the last of each for ever.
class ScriptedCatalog : public TargetCatalog {
 public:
  std::vector<Finding> Check(const std::vector<std::string>&) override { return {}; }
  Result<starrocks::ClusterFacts> ReadFacts() override { return starrocks::ClusterFacts{}; }
  Result<bool> DatabaseExists(std::string_view) override { return true; }
  Result<std::vector<std::string>> ListTables(std::string_view) override {
    return std::vector<std::string>{};
  }
  Result<starrocks::TargetTable> ReadTable(std::string_view, std::string_view) override {
    return Error{ErrorKind::kNotFound, "no"};
  }
  Result<bool> HoldsRows(const starrocks::TargetTable&) override { return false; }
  Status Execute(std::string_view) override {
    ++executed;
    if (answers.empty()) return {};
    const std::string answer = answers.front();
    answers.pop_front();
    if (answer.empty()) return {};
    return Error{ErrorKind::kRefused, answer};
  }
  Result<std::optional<AlterJob>> ReadLastAlterJob(std::string_view, std::string_view) override {
    if (jobs.empty()) return std::optional<AlterJob>();
    const AlterJob job = jobs.front();
    if (jobs.size() > 1) jobs.pop_front();
    return std::optional<AlterJob>(job);
  }

  std::deque<std::string> answers;
  std::deque<AlterJob> jobs;
  int executed = 0;
};

class AlterExecutionTest : public testing::Test {
 protected:
  Status Run() {
    starrocks::TargetTable table;
    table.database = "d";
    table.name = "t";
    return AlterExecution(target_, table, std::chrono::seconds(60), clock_, cancellation_)
        .Run("ALTER TABLE t ADD COLUMN c INT");
  }

  ScriptedCatalog target_;
  StillClock clock_;
  Cancellation cancellation_;
};

TEST_F(AlterExecutionTest, MetadataOnlyChangesLeaveNoJob) {
  EXPECT_TRUE(Run().ok());
  EXPECT_EQ(target_.executed, 1);
  EXPECT_EQ(clock_.now.count(), 0);
}

TEST_F(AlterExecutionTest, WaitsForTheJobBeforeAndForItsOwn) {
  target_.jobs = {{6, AlterState::kRunning, "RUNNING"},
                  {6, AlterState::kCancelled, "CANCELLED", "not ours"},
                  {7, AlterState::kRunning, "WAITING_TXN"},
                  {7, AlterState::kRunning, "RUNNING"},
                  {7, AlterState::kFinished, "FINISHED"}};
  EXPECT_TRUE(Run().ok());
  EXPECT_EQ(target_.jobs.size(), 1U);
  EXPECT_GT(clock_.now.count(), 0);
}

TEST_F(AlterExecutionTest, AsksAgainWhileTheTableIsBusy) {
  target_.answers = {"Table[t]'s is not in NORMAL state",
                     "A schema change operation is in progress on the table \"t\".", ""};
  EXPECT_TRUE(Run().ok());
  EXPECT_EQ(target_.executed, 3);
  target_.answers = {"Can not change default value"};
  const auto refused = Run();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kRefused);
}

TEST_F(AlterExecutionTest, AJobThatIsCancelledStops) {
  target_.jobs = {{6, AlterState::kFinished, "FINISHED"},
                  {7, AlterState::kCancelled, "CANCELLED", "tablet is bad"}};
  const auto stopped = Run();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().kind, ErrorKind::kPolicy);
  EXPECT_NE(stopped.error().message.find("tablet is bad"), std::string::npos);
}

TEST_F(AlterExecutionTest, GivesUpAfterItsTime) {
  target_.jobs = {{6, AlterState::kFinished, "FINISHED"}, {7, AlterState::kRunning, "WAITING_TXN"}};
  const auto stopped = Run();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().kind, ErrorKind::kPolicy);
  EXPECT_NE(stopped.error().message.find("WAITING_TXN"), std::string::npos);
}

TEST_F(AlterExecutionTest, StopsOnRequest) {
  target_.jobs = {{7, AlterState::kRunning, "RUNNING"}};
  cancellation_.Request();
  const auto stopped = Run();
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().kind, ErrorKind::kCancelled);
}

TargetColumn Make(Kind kind, uint32_t length = 0, bool nullable = true) {
  TargetColumn column;
  column.name = "c";
  column.type = {kind, length};
  column.nullable = nullable;
  return column;
}

TEST(PlanModification, OnlyWhatIsNeededAndPossible) {
  EXPECT_FALSE(PlanModification(Make(Kind::kBigInt), Make(Kind::kInt)));
  EXPECT_FALSE(PlanModification(Make(Kind::kInt), Make(Kind::kInt, 0, false)));
  EXPECT_FALSE(PlanModification(Make(Kind::kVarchar, 80), Make(Kind::kInt)));
  const auto wider = PlanModification(Make(Kind::kInt), Make(Kind::kBigInt));
  ASSERT_TRUE(wider);
  EXPECT_TRUE(wider->possible);
  EXPECT_EQ(PrintColumnClause(wider->column), "`c` BIGINT NULL");
  const auto nullable = PlanModification(Make(Kind::kInt, 0, false), Make(Kind::kInt));
  ASSERT_TRUE(nullable);
  EXPECT_EQ(PrintColumnClause(nullable->column), "`c` INT NULL");
  EXPECT_FALSE(PlanModification(Make(Kind::kInt), Make(Kind::kJson))->possible);
  EXPECT_FALSE(PlanModification(Make(Kind::kDateTime), Make(Kind::kVarchar, 20))->possible);
  // BIGINT values past 2^53 would be rounded.
  EXPECT_FALSE(PlanModification(Make(Kind::kBigInt), Make(Kind::kDouble))->possible);
}

TEST(PlanModification, RestatesTheDefault) {
  TargetColumn existing = Make(Kind::kInt, 0, false);
  existing.default_kind = starrocks::TargetDefaultKind::kLiteral;
  existing.default_text = "5";
  existing.comment = "x";
  TargetColumn wanted = Make(Kind::kBigInt, 0, false);
  wanted.default_kind = starrocks::TargetDefaultKind::kLiteral;
  wanted.default_text = "6";
  EXPECT_EQ(PrintColumnClause(PlanModification(existing, wanted)->column),
            "`c` BIGINT NOT NULL DEFAULT \"5\" COMMENT \"x\"");
}

TEST(PlanAddedColumn, OldRowsShowWhatTheSourceHas) {
  Column source;
  source.type.kind = TypeKind::kInt32;
  source.nullable = true;
  AddedColumn added = PlanAddedColumn(source, Make(Kind::kInt), false);
  EXPECT_FALSE(added.refill);
  EXPECT_EQ(PrintColumnClause(added.column), "`c` INT NULL");
  source.nullable = false;
  added = PlanAddedColumn(source, Make(Kind::kInt, 0, false), false);
  EXPECT_FALSE(added.refill);
  EXPECT_EQ(PrintColumnClause(added.column), "`c` INT NOT NULL DEFAULT \"0\"");
  source.default_kind = DefaultKind::kCurrentTimestamp;
  EXPECT_TRUE(PlanAddedColumn(source, Make(Kind::kDateTime), true).refill);
  // A default that the target couldn't take over.
  source.default_kind = DefaultKind::kLiteral;
  added = PlanAddedColumn(source, Make(Kind::kVarbinary, 10, false), false);
  EXPECT_TRUE(added.refill);
  EXPECT_TRUE(added.column.nullable);
  source.default_kind = DefaultKind::kNone;
  source.type.kind = TypeKind::kEnum;
  EXPECT_TRUE(PlanAddedColumn(source, Make(Kind::kVarchar, 10, false), false).refill);
}

// A table of `id` (key), `a`, `b`.
Table Source() {
  Table table;
  table.id = {"d", "", "t"};
  for (const char* name : {"id", "a", "b"}) {
    Column column;
    column.name = name;
    column.type.kind = TypeKind::kInt32;
    column.nullable = table.columns.size() > 0;
    table.columns.push_back(column);
  }
  table.key_kind = KeyKind::kPrimary;
  table.key = {0};
  return table;
}

mapping::TableMapping Map(const Table& table) {
  return mapping::BuildMappings(Catalog{{table}}, {})->tables.front();
}

Result<TargetAlteration> Plan(const starrocks::TargetTable& there, const Table& before,
                              const Table& after,
                              std::vector<std::pair<std::string, std::string>> renamed = {}) {
  SchemaChange change;
  change.before = std::make_shared<const Table>(before);
  change.after = std::make_shared<const Table>(after);
  change.renamed_columns = std::move(renamed);
  const mapping::TableMapping from = Map(before), to = Map(after);
  return PlanAlteration(there, {&change, &from, &to}, {});
}

TEST(PlanAlteration, ColumnsThatSwapNamesAreRebuilt) {
  Table after = Source();
  after.columns[1].name = "b";
  after.columns[2].name = "a";
  const auto plan = Plan(Map(Source()).target, Source(), after, {{"a", "b"}, {"b", "a"}});
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->rebuild_reason);
}

TEST(PlanAlteration, AKeptColumnInTheWayOfARenameIsNotDropped) {
  // `b` was dropped at the source and kept here; now `a` becomes `b`.
  Table before = Source(), after = Source();
  before.columns.pop_back();
  after.columns.pop_back();
  after.columns[1].name = "b";
  const auto plan = Plan(Map(Source()).target, before, after, {{"a", "b"}});
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->rebuild_reason);
}

TEST(PlanAlteration, KeyTypesAndModelsAreRebuilt) {
  Table after = Source();
  after.columns[0].type.kind = TypeKind::kInt64;
  EXPECT_TRUE(Plan(Map(Source()).target, Source(), after)->rebuild_reason);
  Table keyless = Source();
  keyless.key_kind = KeyKind::kNone;
  keyless.key.clear();
  EXPECT_TRUE(Plan(Map(keyless).target, keyless, Source())->rebuild_reason);
  EXPECT_TRUE(Plan(Map(Source()).target, Source(), keyless)->rebuild_reason);
}

TEST(PlanAlteration, WhatIsThereAlreadyIsLeftAlone) {
  Table after = Source();
  after.columns[1].type.kind = TypeKind::kInt64;
  after.columns[2].name = "c";
  after.comment = "new";
  EXPECT_EQ(Plan(Map(Source()).target, Source(), after, {{"b", "c"}})->steps.size(), 3U);
  EXPECT_TRUE(Plan(Map(after).target, Source(), after, {{"b", "c"}})->steps.empty());
}

TEST(PlanAlteration, TextThatShowsMoreDigitsIsReadAgain) {
  Table before = Source();
  before.columns[1].type = {TypeKind::kTime};
  Table after = before;
  after.columns[1].type.scale = 3;
  EXPECT_EQ(Plan(Map(before).target, before, after)->refill_columns, std::vector<std::string>{"a"});
  before.columns[1].type = {TypeKind::kDateTime};
  after.columns[1].type = {TypeKind::kDateTime, 0, 0, 3};
  EXPECT_TRUE(Plan(Map(before).target, before, after)->refill_columns.empty());
}

TEST(PlanAlteration, CommentsOfTheUsersOwnStay) {
  starrocks::TargetTable there = Map(Source()).target;
  there.comment = "the user's";
  there.columns[1].comment = "the user's";
  Table after = Source();
  after.columns[2].comment = "new";
  const auto plan = Plan(there, Source(), after);
  ASSERT_EQ(plan->steps.size(), 1U);
  EXPECT_EQ(plan->steps[0].statement, "ALTER TABLE `d`.`t` MODIFY COLUMN `b` COMMENT \"new\"");
  EXPECT_TRUE(plan->steps[0].cosmetic);
}

}  // namespace
}  // namespace starlift::sync

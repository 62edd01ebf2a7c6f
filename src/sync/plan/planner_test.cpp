#include "sync/plan/planner.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "starrocks/cluster.h"
#include "sync/config/task_options.h"

namespace starlift::sync {
namespace {

using starrocks::TargetTable;

// A target that holds some tables.
class FakeTarget : public TargetCatalog {
 public:
  std::vector<Finding> Check(const std::vector<std::string>&) override { return {}; }
  Result<starrocks::ClusterFacts> ReadFacts() override {
    return starrocks::ClusterFacts{{3, 5, 0, "3.5.0"}, 1};
  }
  Result<bool> DatabaseExists(std::string_view database) override {
    return databases.contains(std::string(database));
  }
  Result<std::vector<std::string>> ListTables(std::string_view database) override {
    std::vector<std::string> names;
    for (const auto& [name, table] : databases[std::string(database)]) names.push_back(name);
    return names;
  }
  Result<TargetTable> ReadTable(std::string_view database, std::string_view table) override {
    return databases[std::string(database)].at(std::string(table));
  }
  Result<bool> HoldsRows(const TargetTable& table) override {
    return with_rows.contains(table.name);
  }
  Status Execute(std::string_view) override { return {}; }

  std::map<std::string, std::map<std::string, TargetTable>> databases;
  std::set<std::string> with_rows;
};

Table SourceTable(const std::string& name) {
  Table table;
  table.id = {"shop", "", name};
  Column id;
  id.name = "id";
  id.type.kind = TypeKind::kInt32;
  id.native_type = "int(11)";
  id.nullable = false;
  table.columns = {id};
  table.key_kind = KeyKind::kPrimary;
  table.key = {0};
  return table;
}

class PlannerTest : public ::testing::Test {
 protected:
  Plan Build(const std::vector<std::string>& names) {
    Catalog catalog;
    for (const std::string& name : names) catalog.tables.push_back(SourceTable(name));
    auto plan = BuildPlan(
        config, catalog, target,
        [this](const std::string&, const std::string& table) { return owned.contains(table); });
    EXPECT_TRUE(plan.ok()) << plan.error().ToString();
    return *std::move(plan);
  }

  // A table at the target such as we would make for it.
  void PutAtTarget(const std::string& name) {
    const Plan plan = Build({name});
    target.databases["shop"][name] = plan.tables.front().mapping.target;
  }

  TaskConfig config = DefaultTaskConfig();
  FakeTarget target;
  std::set<std::string> owned;
};

TEST_F(PlannerTest, MakesWhatIsNotThere) {
  const Plan plan = Build({"a", "b"});
  EXPECT_EQ(plan.create_databases, std::vector<std::string>{"shop"});
  ASSERT_EQ(plan.tables.size(), 2u);
  EXPECT_EQ(plan.tables[0].action, TableAction::kCreate);
  const auto statements = PlanStatements(plan);
  ASSERT_EQ(statements.size(), 3u);
  for (const std::string& statement : statements) {
    EXPECT_TRUE(statement.starts_with("CREATE")) << statement;
    EXPECT_TRUE(statement.ends_with(";")) << statement;
  }
}

TEST_F(PlannerTest, KeepsAnEmptyTableThatFits) {
  PutAtTarget("a");
  const Plan plan = Build({"a"});
  EXPECT_FALSE(plan.has_errors());
  EXPECT_EQ(plan.tables[0].action, TableAction::kKeep);
  EXPECT_TRUE(PlanStatements(plan).empty());
}

TEST_F(PlannerTest, RefusesRowsOfOthersUnlessTold) {
  PutAtTarget("a");
  target.with_rows.insert("a");
  Plan plan = Build({"a"});
  ASSERT_TRUE(plan.has_errors());
  EXPECT_NE(plan.findings.back().mend.find("--existing"), std::string::npos);
  EXPECT_TRUE(plan.tables.empty());

  config.existing = ExistingTables::kTruncate;
  plan = Build({"a"});
  EXPECT_EQ(plan.tables[0].action, TableAction::kTruncate);
  EXPECT_EQ(PlanStatements(plan), std::vector<std::string>{"TRUNCATE TABLE `shop`.`a`;"});

  config.existing = ExistingTables::kAppend;
  plan = Build({"a"});
  EXPECT_EQ(plan.tables[0].action, TableAction::kKeep);
}

TEST_F(PlannerTest, RowsOfAnEarlierRunAreOurs) {
  PutAtTarget("a");
  target.with_rows.insert("a");
  owned.insert("a");
  const Plan plan = Build({"a"});
  EXPECT_FALSE(plan.has_errors());
  EXPECT_EQ(plan.tables[0].action, TableAction::kKeep);
}

TEST_F(PlannerTest, ExplainsATableThatDoesNotFit) {
  PutAtTarget("a");
  target.databases["shop"]["a"].columns[0].type = {starrocks::TargetTypeKind::kDate};
  const Plan plan = Build({"a"});
  ASSERT_TRUE(plan.has_errors());
  EXPECT_NE(plan.findings.back().message.find("`id`"), std::string::npos);
}

TEST_F(PlannerTest, ManySourceTablesIntoOneAreMadeOnce) {
  mapping::TableRule rule;
  rule.match = "orders_.*";
  rule.target_table = "orders";
  config.rules.push_back(rule);
  const Plan plan = Build({"orders_0", "orders_1"});
  ASSERT_EQ(plan.tables.size(), 2u);
  EXPECT_EQ(plan.tables[0].action, TableAction::kCreate);
  EXPECT_EQ(plan.tables[1].action, TableAction::kShare);
  EXPECT_TRUE(plan.tables[1].target_is_new);
  EXPECT_EQ(PlanStatements(plan).size(), 2u);
}

TEST_F(PlannerTest, NoTablesIsAnErrorThatNamesThePatterns) {
  config.tables = {"ordres"};
  const Plan plan = Build({});
  ASSERT_TRUE(plan.has_errors());
  EXPECT_NE(plan.findings.back().message.find("ordres"), std::string::npos);
}

}  // namespace
}  // namespace starlift::sync

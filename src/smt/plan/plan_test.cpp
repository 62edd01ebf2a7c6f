#include <gtest/gtest.h>

#include "smt/config/config_reader.h"
#include "smt/files.h"
#include "smt/plan/planner.h"
#include "smt/print/flink_sql.h"
#include "smt/print/starrocks_sql.h"

namespace starlift::smt {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr uint64_t kGiB = uint64_t{1} << 30;
constexpr sys_seconds kNow = sys_days{std::chrono::year{2026} / 6 / 15} + std::chrono::hours(5);

Column ColumnOf(std::string name, std::string native, TypeKind kind, bool nullable = true) {
  return {.name = std::move(name),
          .type = {.kind = kind},
          .native_type = std::move(native),
          .nullable = nullable};
}

Table TableOf(std::string database, std::string name, std::vector<Column> columns,
              std::vector<ColumnIndex> key = {}) {
  Table table;
  table.id = {.database = std::move(database), .name = std::move(name)};
  table.columns = std::move(columns);
  table.key_kind = key.empty() ? KeyKind::kNone : KeyKind::kPrimary;
  table.key = std::move(key);
  return table;
}

Column Id() { return ColumnOf("id", "int(11)", TypeKind::kInt32, false); }
Column At() { return ColumnOf("at", "datetime", TypeKind::kDateTime, false); }

class PlanTest : public testing::Test {
 protected:
  void Configure(std::string_view rules) {
    config_ = ReadConfig(
                  "[db]\nhost = h\nport = 1\nuser = u\npassword = it's\ntype = mysql\n"
                  "[other]\nbe_num = 3\nuse_decimal_v3 = true\noutput_dir =\n" +
                      std::string(rules),
                  "c.conf", form_)
                  .config;
  }
  Result<Plan> Make() {
    return MakePlan(config_, MysqlDialect(), catalog_, facts_,
                    {.form = form_, .merge = merge_, .now = kNow});
  }
  std::string Ddl(const PlannedTable& table) {
    std::string out;
    PrintCreateTable(table, form_, out);
    return out;
  }

  Form form_ = Form::kRight;
  MergeRule merge_ = MergeRule::kNumbered;
  Config config_;
  Catalog catalog_;
  DdlFacts facts_;
};

TEST_F(PlanTest, TheLastRuleThatMatchesWins) {
  Configure(
      "[table-rule.1]\ndatabase = .*\ntable = .*\nbucket_num = 1\n"
      "[table-rule.2]\ndatabase = ^d$\ntable = ^b$\nbucket_num = 2\n");
  catalog_.tables = {TableOf("d", "b", {Id()}, {0}), TableOf("d", "c", {Id()}, {0})};
  const Result<Plan> plan = Make();
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->tables.size(), 2u);
  EXPECT_EQ(plan->tables[0].name, "c");
  EXPECT_EQ(plan->tables[1].buckets, 2u);
}

TEST_F(PlanTest, NoTableIsAnError) {
  Configure("[table-rule.1]\ndatabase = ^x$\ntable = .*\n");
  catalog_.tables = {TableOf("d", "b", {Id()}, {0})};
  const Result<Plan> plan = Make();
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(plan.error().message.find("no table of the source matches"), std::string::npos);
}

TEST_F(PlanTest, MergesShardsUnderTheDocumentedName) {
  Configure("[table-rule.1]\ndatabase = ^edu_db_[0-9]*$\ntable = ^course_[0-9]*$\n");
  for (const char* const database : {"edu_db_1", "edu_db_2"}) {
    for (const char* const name : {"course_1", "course_2"}) {
      catalog_.tables.push_back(TableOf(database, name, {Id()}, {0}));
    }
  }
  Result<Plan> plan = Make();
  ASSERT_TRUE(plan.ok());
  ASSERT_EQ(plan->tables.size(), 1u);
  EXPECT_EQ(plan->tables[0].database, "edu_db__auto_shard");
  EXPECT_EQ(plan->tables[0].name, "course__auto_shard");
  EXPECT_EQ(plan->tables[0].flink_sources[0].table, "course_[0-9]*");
  form_ = Form::kCompat;
  merge_ = MergeRule::kAlike;
  plan = Make();
  EXPECT_EQ(plan->tables[0].name, "edu_db__auto_shard__course__auto_shard");
}

TEST_F(PlanTest, AMergedTableReadsNoTableOfAnotherRule) {
  Configure(
      "[table-rule.1]\ndatabase = ^d$\ntable = ^c_[0-9]*$\n"
      "[table-rule.2]\ndatabase = ^d$\ntable = ^c_3$\n");
  for (const char* const name : {"c_1", "c_2", "c_3"}) {
    catalog_.tables.push_back(TableOf("d", name, {Id()}, {0}));
  }
  const Result<Plan> plan = Make();
  ASSERT_EQ(plan->tables.size(), 2u);
  EXPECT_EQ(plan->tables[0].flink_sources[0].table, "(c_1|c_2)");
}

// A rule searches, Flink matches whole names, and parts lists at commas.
TEST_F(PlanTest, FlinkReadsTheShardsThatTheRuleFinds) {
  const auto flink_table = [&](const std::string& pattern) {
    Configure("[table-rule.1]\ndatabase = ^d$\ntable = " + pattern + "\n");
    const Result<Plan> plan = Make();
    EXPECT_EQ(plan->tables.size(), 1u) << pattern;
    return plan->tables[0].flink_sources[0].table;
  };
  catalog_.tables = {TableOf("d", "c_1", {Id()}, {0}), TableOf("d", "c_2", {Id()}, {0})};
  EXPECT_EQ(flink_table("^c_\\d+$"), "c_\\d+");
  EXPECT_EQ(flink_table("^c_.*"), "c_.*");
  EXPECT_EQ(flink_table(".*"), ".*");
  for (const char* const pattern :
       {"c_", "^c_", "_[12]$", "^c_1$|^c_2$", "^c_[0-9]{1,3}$", "^(?i)C_.$", "^c_[[:digit:]]$"}) {
    EXPECT_EQ(flink_table(pattern), "(c_1|c_2)") << pattern;
  }
  form_ = Form::kCompat;
  merge_ = MergeRule::kAlike;
  EXPECT_EQ(flink_table("^c_[0-9]{1,3}$"), "c_[0-9]{1,3}");
  EXPECT_EQ(flink_table("c_"), "c_");
}

TEST_F(PlanTest, FlinkTakesNamesForPatterns) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "a$b,c", {Id()}, {0})};
  EXPECT_EQ(Make()->tables[0].flink_sources[0].table, "a\\$b\\,c");
  form_ = Form::kCompat;
  EXPECT_EQ(Make()->tables[0].flink_sources[0].table, "a$b,c");
}

TEST_F(PlanTest, TablesThatOnlyLookAlikeStayApart) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "alpha", {Id()}, {0}), TableOf("d", "beta", {Id()}, {0})};
  EXPECT_EQ(Make()->tables.size(), 2u);
  merge_ = MergeRule::kAlike;
  EXPECT_EQ(Make()->tables.size(), 1u);
  EXPECT_EQ(Make()->tables[0].name, "table_auto_shard");
}

// What the original makes one table of, and ours doesn't, is told.
TEST_F(PlanTest, TablesKeptApartAreTold) {
  Configure("[table-rule.7]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "alpha", {Id()}, {0}), TableOf("d", "beta", {Id()}, {0})};
  ASSERT_EQ(Make()->notes.size(), 1u);
  EXPECT_NE(Make()->notes[0].find("[table-rule.7]: its 2 tables look alike and stay apart"),
            std::string::npos);
  merge_ = MergeRule::kNever;
  EXPECT_TRUE(Make()->notes.empty());
  merge_ = MergeRule::kNumbered;
  catalog_.tables.push_back(TableOf("d", "gamma", {Id(), At()}, {0, 1}));
  EXPECT_TRUE(Make()->notes.empty());
}

TEST_F(PlanTest, RulesWithoutATableAreTold) {
  Configure(
      "[table-rule.a]\ndatabase = d\ntable = ^b$\n[table-rule.b]\ndatabase = x\ntable = y\n"
      "[table-rule.c]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "b", {Id()}, {0})};
  EXPECT_EQ(Make()->notes,
            (std::vector<std::string>{
                "[table-rule.a] takes no table: those that it matches belong to rules further down",
                "[table-rule.b] takes no table: none matches its database, schema and table"}));
}

// PostgreSQL has tables without columns; elsewhere a user may see a table and none of them.
TEST_F(PlanTest, ATableWithoutColumnsIsLeftOut) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "bare", {}), TableOf("d", "t", {Id()}, {0})};
  for (const Form form : {Form::kRight, Form::kCompat}) {
    form_ = form;
    const Result<Plan> plan = Make();
    ASSERT_EQ(plan->tables.size(), 1u);
    EXPECT_EQ(plan->tables[0].name, "t");
    EXPECT_EQ(plan->notes.front(), "left out, as it has no column that this user sees: `d`.`bare`");
  }
  catalog_.tables.pop_back();
  EXPECT_FALSE(Make().ok());
}

TEST_F(PlanTest, ForeignKeyIsNoPrimaryKey) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "line", {At(), Id()})};
  facts_.tables[catalog_.tables[0].id].constraints = {
      {.name = "fk", .kind = ConstraintKind::kForeign, .columns = {"id"}}};
  EXPECT_EQ(Make()->tables[0].model, Model::kDuplicateKey);
  form_ = Form::kCompat;
  EXPECT_EQ(Make()->tables[0].model, Model::kPrimaryKey);
  EXPECT_EQ(Make()->tables[0].key, std::vector<std::string>{"id"});
}

TEST_F(PlanTest, BucketsGrowWithTheBytesOfAPartition) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "t", {Id()}, {0})};
  TableDdlFacts& facts = facts_.tables[catalog_.tables[0].id];
  facts.total_bytes = 200 * kGiB;
  facts.created = kNow - days(1000);
  EXPECT_EQ(Make()->tables[0].buckets, 75u);
  facts.total_bytes = kGiB / 2;
  EXPECT_EQ(Make()->tables[0].buckets, 1u);
}

TEST_F(PlanTest, BigTablesWithoutAKeyArePartitioned) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "t", {At()})};
  TableDdlFacts& facts = facts_.tables[catalog_.tables[0].id];
  facts.total_bytes = 2000 * kGiB;
  facts.created = kNow - days(1000);
  const std::string ddl = Ddl(Make()->tables[0]);
  EXPECT_NE(
      ddl.find("PARTITION BY RANGE (`at`) (\n  START (\"2023-09-01\") END (\"2026-07-01\") EVERY "
               "(INTERVAL 1 month)\n)\n"),
      std::string::npos)
      << ddl;
  EXPECT_NE(ddl.find("\"dynamic_partition.end\" = \"3\""), std::string::npos) << ddl;
  form_ = Form::kCompat;
  EXPECT_NE(Ddl(Make()->tables[0]).find("PARTITION BY RANGE (at)"), std::string::npos);
}

TEST_F(PlanTest, UsersPartitionsAreHonouredWhateverTheSize) {
  Configure(
      "[table-rule.1]\ndatabase = d\ntable = .*\npartition_key = at\n"
      "partitions = START (\"2024-01-01\") END (\"2025-01-01\") EVERY (INTERVAL 1 month)\n");
  catalog_.tables = {TableOf("d", "t", {At()})};
  ASSERT_TRUE(Make()->tables[0].partition.has_value());
  EXPECT_EQ(Ddl(Make()->tables[0]).find("dynamic_partition"), std::string::npos);
  form_ = Form::kCompat;
  EXPECT_FALSE(Make()->tables[0].partition.has_value());
}

TEST_F(PlanTest, UsersColumnListsAreQuotedAndChecked) {
  Configure(
      "[table-rule.1]\ndatabase = d\ntable = .*\nduplicate_keys = at, id\n"
      "distributed_by=id\n");
  catalog_.tables = {TableOf("d", "t", {Id(), At()}), TableOf("d", "u", {At()})};
  const Result<Plan> plan = Make();
  EXPECT_NE(Ddl(plan->tables[0]).find("DUPLICATE KEY(`at`, `id`)"), std::string::npos);
  EXPECT_NE(Ddl(plan->tables[0]).find("HASH(`id`)"), std::string::npos);
  EXPECT_NE(Ddl(plan->tables[1]).find("DUPLICATE KEY(`at`)"), std::string::npos);
  EXPECT_EQ(plan->notes.size(), 3u);  // what of `u` isn't there, and zero dates
}

TEST_F(PlanTest, TwoTablesOfOneNameAreAnError) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "t", {Id()}, {0}), TableOf("d", "t", {At()})};
  catalog_.tables[1].id.schema = "s";
  const Result<Plan> plan = Make();
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(plan.error().message.find("would be made twice"), std::string::npos);
}

TEST_F(PlanTest, NamesThatStarRocksRefusesAreAnError) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", std::string(1100, 't'), {Id()}, {0})};
  EXPECT_FALSE(Make().ok());
  catalog_.tables = {TableOf("d", "t", {ColumnOf("__op", "int", TypeKind::kInt32, false)}, {0})};
  EXPECT_FALSE(Make().ok());
}

TEST_F(PlanTest, UserTextIsQuoted) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\nflink.starrocks.password=a'b\n");
  catalog_.tables = {TableOf("d", "t x", {Id()}, {0})};
  catalog_.tables[0].comment = "say \"hi\"\\";
  catalog_.tables[0].columns[0].comment = "two\nlines";
  const Result<Plan> plan = Make();
  const std::string ddl = Ddl(plan->tables[0]);
  EXPECT_NE(ddl.find("`d`.`t x`"), std::string::npos) << ddl;
  EXPECT_NE(ddl.find("COMMENT \"say \\\"hi\\\"\\\\\""), std::string::npos) << ddl;
  EXPECT_NE(ddl.find("COMMENT \"two\\nlines\""), std::string::npos) << ddl;
  std::string flink;
  PrintFlinkSink(plan->tables[0], form_, flink);
  EXPECT_NE(flink.find("'password' = 'a''b'"), std::string::npos) << flink;
}

TEST_F(PlanTest, AServerIdCountsUp) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\nflink.cdc.server-id=5400\n");
  catalog_.tables = {TableOf("d", "a", {Id()}, {0}), TableOf("d", "b", {Id()}, {0})};
  const Result<Plan> plan = Make();
  std::string flink;
  PrintFlinkSource({.config = config_, .table = plan->tables[1], .facts = facts_}, MysqlDialect(),
                   flink);
  EXPECT_NE(flink.find("'server-id' = '5401'"), std::string::npos) << flink;
}

// Jobs of one server-id throw each other out.
TEST_F(PlanTest, EachFlinkSourceHasServerIdsOfItsOwn) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {TableOf("d", "a", {Id()}, {0}), TableOf("d", "b", {Id()}, {0}),
                     TableOf("d", "keyless", {At()})};
  const Result<Plan> plan = Make();
  const auto ids = [&](size_t table) {
    return std::string(
        SourceOptions(
            {.form = form_, .config = config_, .table = plan->tables[table], .facts = facts_},
            MysqlDialect())
            .Get("server-id"));
  };
  EXPECT_NE(ids(0), ids(1));
  EXPECT_EQ(ids(0), ids(0));
  const size_t dash = ids(0).find('-');
  ASSERT_NE(dash, std::string::npos);
  EXPECT_EQ(std::stoi(ids(0).substr(dash + 1)) - std::stoi(ids(0).substr(0, dash)), 63);
  EXPECT_EQ(ids(2).find('-'), std::string::npos);  // a snapshot in one piece takes one
  form_ = Form::kCompat;
  EXPECT_EQ(ids(0), "");
}

TEST_F(PlanTest, AnUnknownTypeIsTextAndSaidSo) {
  Configure("[table-rule.1]\ndatabase = d\ntable = .*\n");
  catalog_.tables = {
      TableOf("d", "t", {Id(), ColumnOf("v", "vector(3)", TypeKind::kUnsupported)}, {0})};
  const Result<Plan> plan = Make();
  EXPECT_EQ(plan->tables[0].columns[1].type->starrocks, "STRING");
  ASSERT_EQ(plan->notes.size(), 1u);
  EXPECT_NE(plan->notes[0].find("type vector(3) is not known"), std::string::npos);
}

}  // namespace
}  // namespace starlift::smt

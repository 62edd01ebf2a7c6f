#include "smt/print/flink_pipeline.h"

#include <gtest/gtest.h>

#include "smt/config/config_reader.h"
#include "smt/plan/planner.h"

namespace starlift::smt {
namespace {

class FlinkPipelineTest : public testing::Test {
 protected:
  FlinkPipelineTest() {
    table_.id = {.database = "shop", .schema = "", .name = "orders"};
    table_.columns = {{.name = "id",
                       .type = {.kind = TypeKind::kInt32},
                       .native_type = "int",
                       .nullable = false}};
    table_.key_kind = KeyKind::kPrimary;
    table_.key = {0};
  }

  void AddColumn(std::string name, Type type, std::string native_type) {
    table_.columns.push_back(
        {.name = std::move(name), .type = type, .native_type = std::move(native_type)});
  }

  FlinkPipeline Print(std::string_view more = "", FlinkCdcVersion version = {}) {
    config_ = ReadConfig(
                  "[db]\nhost = h\nport = 3306\nuser = u\npassword = a\"b\ntype = mysql\n"
                  "[other]\nbe_num = 3\nuse_decimal_v3 = true\noutput_dir =\n"
                  "[table-rule.1]\ndatabase = .*\ntable = .*\n" +
                      std::string(more),
                  "c.conf", Form::kRight)
                  .config;
    catalog_.tables = {table_};
    DdlFacts facts;
    if (table_.key_kind != KeyKind::kNone) {
      facts.tables[table_.id].constraints = {{.name = "PRIMARY",
                                              .kind = table_.key_kind == KeyKind::kPrimary
                                                          ? ConstraintKind::kPrimary
                                                          : ConstraintKind::kUnique,
                                              .columns = {"id"}}};
    }
    Result<Plan> plan =
        MakePlan(config_, MysqlDialect(), catalog_, facts, {.now = std::chrono::sys_seconds()});
    EXPECT_TRUE(plan.ok()) << plan.error().message;
    return PrintFlinkPipeline(plan->tables, config_, MysqlDialect(), version);
  }

  Config config_;
  Catalog catalog_;
  Table table_;
};

TEST_F(FlinkPipelineTest, QuotesValuesAndNamesOfPatterns) {
  table_.id.name = "a.b$c";
  const std::string text = Print().text;
  EXPECT_NE(text.find("  password: \"a\\\"b\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  tables: \"shop.a\\\\.b[$]c\"\n"), std::string::npos) << text;
  EXPECT_EQ(Print().left_out, 0u);
}

// The connectors refuse the whole file for one option that they don't know.
TEST_F(FlinkPipelineTest, LeavesOutOptionsThatItDoesNotKnow) {
  const std::string text =
      Print(
          "flink.starrocks.sink.max-retries=10\nflink.starrocks.sink.properties.format=json\n"
          "flink.cdc.scan.incremental.snapshot.enabled=true\nflink.cdc.server-time-zone=UTC\n")
          .text;
  EXPECT_NE(text.find("# left out: flink.starrocks.sink.max-retries,"), std::string::npos) << text;
  EXPECT_NE(text.find("# left out: flink.cdc.scan.incremental.snapshot.enabled,"),
            std::string::npos);
  EXPECT_EQ(text.find("\n  sink.max-retries"), std::string::npos);
  EXPECT_NE(text.find("\n  sink.properties.format: \"json\"\n"), std::string::npos);
  EXPECT_NE(text.find("\n  local-time-zone: \"UTC\"\n"), std::string::npos);
}

TEST_F(FlinkPipelineTest, BooleansBeforeTheOption) {
  AddColumn("vip", {.kind = TypeKind::kInt8}, "tinyint(1)");
  EXPECT_NE(Print().text.find("\n  treat-tinyint1-as-boolean.enabled: false\n"), std::string::npos);
  const std::string old = Print("", {.major = 3, .minor = 2}).text;
  EXPECT_EQ(old.find("\n  treat-tinyint1"), std::string::npos);
  EXPECT_NE(old.find("other values than 0 and 1 become 1: `shop`.`orders`, column `vip`"),
            std::string::npos);
}

TEST_F(FlinkPipelineTest, TableThatWouldBeDamagedIsNamed) {
  struct Case {
    Type type;
    const char* native_type;
  };
  const Case cases[] = {{{.kind = TypeKind::kSet}, "set('a','b')"},
                        {{.kind = TypeKind::kBlob}, "blob"},
                        {{.kind = TypeKind::kBit, .length = 8}, "bit(8)"},
                        {{.kind = TypeKind::kTime}, "time"},
                        {{.kind = TypeKind::kFloat}, "float(7,3)"},
                        {{.kind = TypeKind::kDateTime, .scale = 3}, "datetime(3)"}};
  for (const Case& one : cases) {
    table_.columns.resize(1);
    AddColumn("c", one.type, one.native_type);
    const FlinkPipeline pipeline = Print();
    EXPECT_EQ(pipeline.left_out, 1u) << one.native_type;
    EXPECT_EQ(pipeline.text, "") << one.native_type;
  }
  table_.columns.resize(1);
  AddColumn("at", {.kind = TypeKind::kDateTime}, "datetime");
  AddColumn("flag", {.kind = TypeKind::kBit, .length = 1}, "bit(1)");
  EXPECT_EQ(Print().left_out, 0u);
}

TEST_F(FlinkPipelineTest, UniqueKeyIsNone) {
  table_.key_kind = KeyKind::kUnique;
  EXPECT_EQ(Print().left_out, 1u);
}

}  // namespace
}  // namespace starlift::smt

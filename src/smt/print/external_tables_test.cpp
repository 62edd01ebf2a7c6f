#include <gtest/gtest.h>

#include "smt/config/config_reader.h"
#include "smt/plan/planner.h"
#include "smt/print/starrocks_sql.h"

namespace starlift::smt {
namespace {

class ExternalTablesOfSqlServer : public testing::Test {
 protected:
  Plan PlanOf(const TableId& id, Form form, std::string_view more = "") {
    config_ = ReadConfig(
                  "[db]\nhost = h\nport = 1433\nuser = u\npassword = a\"b\ntype = sqlserver\n"
                  "[other]\nbe_num = 3\nuse_decimal_v3 = true\noutput_dir =\n"
                  "[table-rule.1]\ndatabase = .*\nschema = .*\ntable = .*\n" +
                      std::string(more),
                  "c.conf", form)
                  .config;
    Table table;
    table.id = id;
    table.columns = {
        {.name = "note",
         .type = {.kind = TypeKind::kVarchar, .length = 20},
         .native_type = "nvarchar(20)"},
        {.name = "id", .type = {.kind = TypeKind::kInt32}, .native_type = "int", .nullable = false},
        {.name = "raw",
         .type = {.kind = TypeKind::kVarbinary, .length = 4},
         .native_type = "varbinary(4)"}};
    table.key_kind = KeyKind::kPrimary;
    table.key = {1};
    catalog_.tables = {table};
    facts_.tables[id].constraints = {
        {.name = "PK__1", .kind = ConstraintKind::kPrimary, .columns = {"id"}}};
    Result<Plan> plan = MakePlan(config_, SqlserverDialect(), catalog_, facts_,
                                 {.form = form, .now = std::chrono::sys_seconds()});
    EXPECT_TRUE(plan.ok()) << plan.error().message;
    return std::move(*plan);
  }
  std::string TableSql(const Plan& plan, Form form) {
    std::string out;
    PrintExternalTable(plan.tables[0], config_, SqlserverDialect(), form, out);
    return out;
  }
  std::string ResourceSql(const Plan& plan) {
    std::string out;
    PrintExternalDatabaseResource(plan.tables[0], config_, SqlserverDialect(), out);
    return out;
  }

  Config config_;
  Catalog catalog_;
  DdlFacts facts_;
};

TEST_F(ExternalTablesOfSqlServer, NameTheirDatabasesResource) {
  const Plan plan = PlanOf({.database = "shop", .schema = "dbo", .name = "orders"}, Form::kRight);
  EXPECT_EQ(TableSql(plan, Form::kRight),
            "CREATE EXTERNAL TABLE IF NOT EXISTS `sqlserver_external_shop`.`dbo__orders` (\n"
            "  `id` INT NOT NULL  COMMENT \"\",\n"
            "  `note` STRING NULL  COMMENT \"\",\n"
            "  `raw` STRING NULL  COMMENT \"\"\n"
            ") ENGINE=jdbc\nCOMMENT \"\"\nPROPERTIES (\n"
            "  \"resource\" = \"sqlserver_external_shop_resource\",\n"
            "  \"table\" = \"\\\"dbo\\\".\\\"orders\\\"\"\n)");
  const std::string resource = ResourceSql(plan);
  EXPECT_EQ(
      resource,
      "CREATE EXTERNAL RESOURCE `sqlserver_external_shop_resource`\nPROPERTIES (\n"
      "  \"type\" = \"jdbc\",\n  \"user\" = \"u\",\n  \"password\" = \"a\\\"b\",\n"
      "  \"jdbc_uri\" = \"jdbc:sqlserver://h:1433;databaseName=shop\",\n"
      "  \"driver_url\" = \"<where the frontends and backends find the JDBC driver's jar>\",\n"
      "  \"driver_class\" = \"com.microsoft.sqlserver.jdbc.SQLServerDriver\"\n)");
}

TEST_F(ExternalTablesOfSqlServer, TheOriginalsFormHasNoIfNotExists) {
  const Plan plan = PlanOf({.database = "shop", .schema = "dbo", .name = "orders"}, Form::kCompat);
  EXPECT_TRUE(TableSql(plan, Form::kCompat)
                  .starts_with("CREATE EXTERNAL TABLE `sqlserver_external_shop`.`dbo__orders`"));
}

TEST_F(ExternalTablesOfSqlServer, TheUserSaysWhereTheDriverIs) {
  const Plan plan = PlanOf({.database = "shop", .schema = "dbo", .name = "orders"}, Form::kRight,
                           "external.properties.driver_url = http://files/driver.jar\n");
  EXPECT_NE(ResourceSql(plan).find("\"driver_url\" = \"http://files/driver.jar\""),
            std::string::npos);
  EXPECT_EQ(TableSql(plan, Form::kRight).find("driver_url"), std::string::npos);
}

TEST_F(ExternalTablesOfSqlServer, OddNamesAreQuotedAndNeverShareAResource) {
  const auto resource_of = [&](std::string database) {
    const Plan plan =
        PlanOf({.database = std::move(database), .schema = "d\"o", .name = "a.b"}, Form::kRight);
    EXPECT_NE(TableSql(plan, Form::kRight).find(R"("table" = "\"d\"\"o\".\"a.b\"")"),
              std::string::npos);
    return ResourceSql(plan);
  };
  const std::string with_blank = resource_of("my-shop");
  EXPECT_NE(with_blank.find("databaseName={my-shop}"), std::string::npos) << with_blank;
  const auto name = [](const std::string& sql) { return sql.substr(0, sql.find('\n')); };
  EXPECT_NE(name(with_blank), name(resource_of("my_shop")));
  const std::string longest = name(resource_of(std::string(128, 'x')));
  EXPECT_EQ(longest.size(), std::string_view("CREATE EXTERNAL RESOURCE ``").size() + 64);
}

TEST_F(ExternalTablesOfSqlServer, ACatalogIsOfOneDatabase) {
  PlanOf({.database = "shop", .schema = "dbo", .name = "orders"}, Form::kRight);
  std::string out;
  PrintExternalCatalog(config_, SqlserverDialect(), facts_, "shop", out);
  EXPECT_TRUE(out.starts_with("CREATE EXTERNAL CATALOG `sqlserver_external_shop`\n")) << out;
  EXPECT_NE(out.find(";databaseName=shop\""), std::string::npos) << out;
}

}  // namespace
}  // namespace starlift::smt

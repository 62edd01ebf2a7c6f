#include "sandbox/ddl/external_tables.h"

#include <gtest/gtest.h>

#include "sandbox/ddl/ddl_harness.h"

namespace starlift::sandbox::ddl {
namespace {

constexpr std::string_view kMysql =
    "CREATE EXTERNAL TABLE t (id INT NOT NULL COMMENT \"k\", price FLOAT, j JSON) ENGINE=mysql "
    "COMMENT \"of the shop\" PROPERTIES (\"host\" = \"h\", \"port\" = \"3306\", \"user\" = \"u\", "
    "\"password\" = \"hush\", \"database\" = \"shop\", \"table\" = \"T\")";

class ExternalTableTest : public testing::Test {
 protected:
  void KeepResource(const std::string& name, const std::string& type) {
    auto resource = std::make_shared<catalog::ExternalDef>();
    resource->id = world_.catalog.NextId();
    resource->name = name;
    resource->properties["type"] = type;
    catalog::CatalogEdit edit;
    edit.put_externals.push_back(std::move(resource));
    ASSERT_TRUE(world_.catalog.Apply(std::move(edit)).ok());
  }

  DdlWorld world_;
};

TEST_F(ExternalTableTest, IsKeptAndShownWithoutItsPassword) {
  EXPECT_EQ(world_.Run(kMysql), "OK");
  EXPECT_EQ(world_.Run("SHOW CREATE TABLE t"),
            "t | CREATE EXTERNAL TABLE `t` (\n"
            "  `id` int(11) NOT NULL COMMENT \"k\",\n"
            "  `price` float NULL COMMENT \"\",\n"
            "  `j` json NULL COMMENT \"\"\n"
            ") ENGINE=MYSQL \n"
            "COMMENT \"of the shop\"\n"
            "PROPERTIES (\n"
            "\"host\" = \"h\",\n\"port\" = \"3306\",\n\"user\" = \"u\",\n\"password\" = \"\",\n"
            "\"database\" = \"shop\",\n\"table\" = \"T\"\n);\n");
  EXPECT_EQ(world_.Run("SHOW FULL TABLES"), "t | BASE TABLE\n");
  EXPECT_EQ(world_.Run("DESC t"),
            "id | int | NO | true | NULL | \nprice | float | YES | true | NULL | \n"
            "j | json | YES | true | NULL | \n");
}

TEST_F(ExternalTableTest, OutlivesARestart) {
  world_.Run(kMysql);
  KeepResource("r", "hive");
  catalog::Catalog again(world_.store);
  ASSERT_TRUE(again.Load().ok());
  const catalog::TablePtr table = again.FindTable("d", "t");
  ASSERT_NE(table, nullptr);
  EXPECT_TRUE(table->is_external());
  EXPECT_EQ(table->engine, "mysql");
  EXPECT_EQ(table->properties.at("password"), "hush");
  EXPECT_NE(again.FindExternal(catalog::ExternalDef::Kind::kResource, "r"), nullptr);
  EXPECT_EQ(again.FindExternal(catalog::ExternalDef::Kind::kCatalog, "r"), nullptr);
}

TEST_F(ExternalTableTest, NameIsTakenOnceAndGivenBack) {
  world_.Run(kMysql);
  EXPECT_EQ(world_.Run(kMysql), "1050: Table 't' already exists");
  EXPECT_EQ(world_.Run("CREATE EXTERNAL TABLE IF NOT EXISTS t (a INT) ENGINE=mysql"), "OK");
  EXPECT_EQ(world_.Run("DROP TABLE t"), "OK");
  EXPECT_EQ(world_.Run("SHOW TABLES"), "");
  EXPECT_EQ(world_.Run(kMysql), "OK");
  EXPECT_EQ(world_.Run("DROP DATABASE d FORCE"), "OK");
}

TEST_F(ExternalTableTest, IsNoTableToChange) {
  world_.Run(kMysql);
  EXPECT_NE(world_.Run("ALTER TABLE t ADD COLUMN x INT").find("non-native table"),
            std::string::npos);
  EXPECT_NE(world_.Run("TRUNCATE TABLE t").find("Only support truncate OLAP"), std::string::npos);
  EXPECT_NE(world_.Run("DROP VIEW t").find("is not 'VIEW'"), std::string::npos);
  EXPECT_NE(world_.Run("CREATE TABLE u LIKE t").find("external table of engine mysql"),
            std::string::npos);
}

TEST_F(ExternalTableTest, PropertiesAreChecked) {
  const auto run = [&](const std::string& properties) {
    return world_.Run("CREATE EXTERNAL TABLE x (a INT) ENGINE=mysql PROPERTIES (" + properties +
                      ")");
  };
  EXPECT_NE(run("\"user\" = \"u\"").find("Host of MySQL table is null"), std::string::npos);
  EXPECT_NE(run("\"host\" = \"h\", \"port\" = \"33o6\"").find("must be a number"),
            std::string::npos);
  EXPECT_NE(run("\"host\" = \"h\", \"port\" = \"1\", \"user\" = \"u\"").find("Password of MySQL"),
            std::string::npos);
}

TEST_F(ExternalTableTest, ResourceMustBeThereAndOfTheKind) {
  const std::string hive =
      "CREATE EXTERNAL TABLE h (a INT) ENGINE=hive PROPERTIES "
      "(\"resource\" = \"r\", \"database\" = \"b\", \"table\" = \"c\")";
  EXPECT_EQ(world_.Run(hive), "1064: hive resource [r] not exists");
  KeepResource("r", "jdbc");
  EXPECT_EQ(world_.Run(hive), "1064: resource [r] is not hive resource");
  EXPECT_EQ(world_.Run("CREATE EXTERNAL TABLE j (a INT) ENGINE=jdbc PROPERTIES "
                       "(\"resource\" = \"r\", \"table\" = \"c\")"),
            "OK");
}

TEST_F(ExternalTableTest, ClausesOfStoredTablesAreRefused) {
  EXPECT_NE(world_.Run("CREATE EXTERNAL TABLE x (a INT) ENGINE=mysql DUPLICATE KEY(a)")
                .find("Create mysql table should not contain keys desc"),
            std::string::npos);
  EXPECT_NE(world_.Run("CREATE EXTERNAL TABLE x (a INT) ENGINE=mysql DISTRIBUTED BY HASH(a)")
                .find("should not contain distribution desc"),
            std::string::npos);
  EXPECT_NE(world_.Run("CREATE EXTERNAL TABLE x (a INT) ENGINE=nosuch").find("Unknown engine name"),
            std::string::npos);
  EXPECT_NE(world_.Run("CREATE EXTERNAL TABLE x (a INT) ENGINE=iceberg").find("not part of"),
            std::string::npos);
}

}  // namespace
}  // namespace starlift::sandbox::ddl

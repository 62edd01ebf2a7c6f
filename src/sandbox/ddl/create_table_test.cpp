#include <gtest/gtest.h>

#include "sandbox/ddl/ddl_harness.h"

namespace starlift::sandbox::ddl {
namespace {

constexpr const char* kOne = " PROPERTIES(\"replication_num\"=\"1\")";

TEST(CreateTable, PrintsAsTheServerDoes) {
  DdlWorld world;
  EXPECT_EQ(world.Run("CREATE TABLE t (id BIGINT, name VARCHAR(100) DEFAULT \"say \\\"hi\\\"\", "
                      "d DECIMAL(10,2) NOT NULL COMMENT 'it''s') PRIMARY KEY(id) COMMENT \"c\" "
                      "DISTRIBUTED BY HASH(id) BUCKETS 4 ORDER BY(name)" +
                      std::string(kOne)),
            "OK");
  EXPECT_EQ(world.Run("SHOW CREATE TABLE t"),
            "t | CREATE TABLE `t` (\n"
            "  `id` bigint(20) NOT NULL COMMENT \"\",\n"
            "  `name` varchar(100) NULL DEFAULT \"say \\\"hi\\\"\" COMMENT \"\",\n"
            "  `d` decimal(10, 2) NOT NULL COMMENT \"it's\"\n"
            ") ENGINE=OLAP \n"
            "PRIMARY KEY(`id`)\n"
            "COMMENT \"c\"\n"
            "DISTRIBUTED BY HASH(`id`) BUCKETS 4 \n"
            "ORDER BY(`name`)\n"
            "PROPERTIES (\n"
            "\"compression\" = \"LZ4\",\n"
            "\"enable_persistent_index\" = \"true\",\n"
            "\"fast_schema_evolution\" = \"true\",\n"
            "\"replicated_storage\" = \"true\",\n"
            "\"replication_num\" = \"1\"\n"
            ");\n");
}

// What is printed makes the same table again.
TEST(CreateTable, PrintedTablesAreFixedPoints) {
  const std::string tables[] = {
      "(a INT, b VARCHAR(5), c ARRAY<INT>, j JSON)",
      R"((k INT, s BIGINT SUM, r VARCHAR(3) REPLACE, h HLL HLL_UNION)
         AGGREGATE KEY(k) DISTRIBUTED BY HASH(k) BUCKETS 2)",
      R"((k DATETIME NOT NULL, v INT, INDEX ix (k) USING BITMAP COMMENT 'i') UNIQUE KEY(k)
         PARTITION BY RANGE(k) (PARTITION p1 VALUES LESS THAN ("2024-01-01"),
                                PARTITION p2 VALUES [("2024-01-01"), ("2025-01-01")))
         DISTRIBUTED BY HASH(k))",
      R"((c VARCHAR(5), d DATE)
         PARTITION BY LIST(c, d) (PARTITION p VALUES IN (("a", "2024-01-01"), ("b", NULL)))
         DISTRIBUTED BY HASH(c))",
      R"((id BIGINT NOT NULL AUTO_INCREMENT, u VARCHAR(36) DEFAULT (uuid()),
          t DATETIME DEFAULT CURRENT_TIMESTAMP) PRIMARY KEY(id))",
      "(c INT, d DATETIME) PARTITION BY (c) DISTRIBUTED BY RANDOM BUCKETS 3",
  };
  for (const std::string& table : tables) {
    DdlWorld world;
    ASSERT_EQ(world.Run("CREATE TABLE t " + table + kOne), "OK") << table;
    const auto first = world.Execute("SHOW CREATE TABLE t");
    const std::string printed = *first->rows[0][1];
    ASSERT_EQ(world.Run("DROP TABLE t FORCE"), "OK");
    ASSERT_EQ(world.Run(printed), "OK") << printed;
    EXPECT_EQ(*world.Execute("SHOW CREATE TABLE t")->rows[0][1], printed);
  }
}

struct Verdict {
  const char* table;
  const char* outcome;
};

TEST(CreateTable, RefusesInTheServersWords) {
  const Verdict verdicts[] = {
      {"(id BIGINT NULL, v INT) PRIMARY KEY(id)",
       "1064: Getting analyzing error. Detail message: primary key column[id] cannot be nullable."},
      {"(id CHAR(10), v INT) PRIMARY KEY(id)",
       "1064: Getting analyzing error. Detail message: primary key column[id] type not supported: "
       "char(10)."},
      {"(v INT, id INT) PRIMARY KEY(id)",
       "1064: Getting analyzing error. Detail message: Key columns must be the first few columns "
       "of "
       "the schema and the order  of the key columns must be consistent with the order of the "
       "schema."},
      {"(id INT, v INT) PRIMARY KEY(id) DISTRIBUTED BY HASH(v)",
       "1064: Distribution column[v] is not key column"},
      {"(id INT, v VARCHAR(1048577))",
       "1064: Getting analyzing error. Detail message: Varchar size must be <= 1048576: 1048577."},
      {"(id INT, v DECIMAL(39,0))", "1064: DECIMAL's precision should range from 1 to 38"},
      {"(id INT, v TINYINT DEFAULT \"300\")",
       "1064: Getting analyzing error. Detail message: Invalid default value for 'v': Number out "
       "of "
       "range[300]. type: TINYINT."},
      {"(id INT, ID INT)",
       "1060: Getting analyzing error. Detail message: Duplicate column name 'ID'."},
      {"(`a=b` INT)",
       "1166: Getting analyzing error. Detail message: Incorrect column name 'a=b'."},
      {"(f FLOAT)",
       "1064: Getting analyzing error. Detail message: Data type of first column cannot be FLOAT."},
      {"(k INT, d DATE) PARTITION BY RANGE(d) (PARTITION p1 VALUES LESS THAN (\"2024-13-01\"))",
       "1064: Getting analyzing error. Detail message: date literal [2024-13-01] is invalid."},
  };
  DdlWorld world;
  for (const Verdict& verdict : verdicts) {
    EXPECT_EQ(world.Run("CREATE TABLE t " + std::string(verdict.table) + kOne), verdict.outcome);
  }
  EXPECT_EQ(world.Run("CREATE TABLE t (k INT) PROPERTIES(\"replication_num\"=\"1\",\"x\"=\"y\")"),
            "1064: Unknown properties: {x=y}");
  EXPECT_NE(world.Run("CREATE TABLE t (k INT) PROPERTIES(\"replication_num\"=\"4\")")
                .find("number of available backends"),
            std::string::npos);
  EXPECT_EQ(world.Run("CREATE TABLE nosuch.t (k INT)"),
            "5501: Getting analyzing error. Detail message: Unknown database 'nosuch'.");
}

TEST(CreateTable, DroppedTablesComeBackUnlessForced) {
  DdlWorld world;
  ASSERT_EQ(world.Run("CREATE TABLE t (k INT)"), "OK");
  EXPECT_EQ(world.Run("DROP TABLE t"), "OK");
  EXPECT_EQ(world.Run("RECOVER TABLE t"), "OK");
  EXPECT_EQ(world.Run("RECOVER TABLE t"), "1050: Table 't' already exists");
  EXPECT_EQ(world.Run("DROP TABLE t FORCE"), "OK");
  EXPECT_EQ(world.Run("RECOVER TABLE t"), "5502: Unknown table 't'");
  EXPECT_EQ(world.Run("DROP DATABASE d"), "OK");
  EXPECT_EQ(world.Run("RECOVER DATABASE d"), "OK");
}

TEST(CreateTable, PrivilegesAreAskedFor) {
  DdlWorld world;
  world.session.denied = "CREATE TABLE";
  EXPECT_EQ(world.Run("CREATE TABLE t (k INT)"), "5203: Access denied");
}

}  // namespace
}  // namespace starlift::sandbox::ddl

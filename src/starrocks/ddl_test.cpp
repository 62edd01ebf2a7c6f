#include <gtest/gtest.h>

#include "starrocks/ddl_printer.h"
#include "starrocks/table_comparison.h"
#include "starrocks/table_reader.h"
#include "starrocks/type_widening.h"

namespace starlift::starrocks {
namespace {

using enum TargetTypeKind;

TargetTable Orders() {
  TargetTable table;
  table.database = "shop";
  table.name = "or`der \xF0\x9F\x98\x80";
  table.columns = {
      {.name = "id", .type = {.kind = kLargeInt}, .nullable = false},
      {.name = "se;lect", .type = {.kind = kVarchar, .length = 80}, .nullable = false},
      {.name = "price",
       .type = {.kind = kDecimal, .precision = 18, .scale = 4},
       .default_kind = TargetDefaultKind::kLiteral,
       .default_text = "0.0000"},
      {.name = "at",
       .type = {.kind = kDateTime},
       .default_kind = TargetDefaultKind::kCurrentTimestamp,
       .comment = "line\none; \"two\" \\ three\t'four'"},
      {.name = "bytes", .type = {.kind = kVarbinary, .length = kMaxVarbinaryBytes}},
      {.name = "doc", .type = {.kind = kJson}},
  };
  table.key_columns = 2;
  table.hash_columns = {"id", "se;lect"};
  table.buckets = 7;
  table.comment = "all;\nof \"them\"";
  table.properties = {{"replication_num", "1"}};
  return table;
}

TEST(DdlPrinter, PrintsOneStatementThatNoLineEndsEarly) {
  const std::string sql = PrintCreateTable(Orders());
  EXPECT_TRUE(sql.starts_with("CREATE TABLE IF NOT EXISTS `shop`.`or``der \xF0\x9F\x98\x80` (\n"));
  EXPECT_EQ(sql.find(";\n"), std::string::npos);
  EXPECT_TRUE(sql.ends_with("PROPERTIES (\"replication_num\" = \"1\");"));
  EXPECT_NE(sql.find("COMMENT \"line\\none; \\\"two\\\" \\\\ three\\t'four'\""), std::string::npos);
  EXPECT_EQ(PrintCreateDatabase("a`b"), "CREATE DATABASE IF NOT EXISTS `a``b`;");
}

TEST(DdlReader, ReadsBackWhatIsPrinted) {
  const TargetTable table = Orders();
  const auto read = ParseCreateTable(PrintCreateTable(table), "other");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(read->database, table.database);
  EXPECT_EQ(read->name, table.name);
  EXPECT_EQ(read->model, TableModel::kPrimaryKey);
  EXPECT_EQ(read->key_columns, 2u);
  EXPECT_EQ(read->hash_columns, table.hash_columns);
  EXPECT_EQ(read->buckets, 7u);
  EXPECT_EQ(read->comment, table.comment);
  EXPECT_EQ(read->properties, table.properties);
  ASSERT_EQ(read->columns.size(), table.columns.size());
  for (size_t i = 0; i < table.columns.size(); ++i) {
    EXPECT_EQ(read->columns[i].name, table.columns[i].name);
    EXPECT_EQ(read->columns[i].type, table.columns[i].type) << table.columns[i].name;
    EXPECT_EQ(read->columns[i].nullable, table.columns[i].nullable);
    EXPECT_EQ(read->columns[i].default_kind, table.columns[i].default_kind);
    EXPECT_EQ(read->columns[i].default_text, table.columns[i].default_text);
    EXPECT_EQ(read->columns[i].comment, table.columns[i].comment);
  }
  EXPECT_EQ(PrintCreateTable(*read), PrintCreateTable(table));
}

TEST(DdlReader, ReadsWhatAServerPrints) {
  const auto read = ParseCreateTable(
      "CREATE TABLE `t` (\n"
      "  `k` bigint(20) NOT NULL AUTO_INCREMENT COMMENT \"\",\n"
      "  `d` date NOT NULL DEFAULT \"2024-01-01\" COMMENT \"a, (b)\",\n"
      "  `s` varchar(65533) REPLACE NULL DEFAULT \"x\" COMMENT \"\",\n"
      "  `u` varchar(36) NULL DEFAULT (uuid()) COMMENT \"\",\n"
      "  `a` array<map<int(11),varchar(20)>> NULL COMMENT \"\",\n"
      "  `g` int(11) NULL AS abs(k) + 1 COMMENT \"made\",\n"
      "  INDEX ix (`s`) USING BITMAP COMMENT 'c'\n"
      ") ENGINE=OLAP \n"
      "DUPLICATE KEY(`k`, `d`)\n"
      "COMMENT \"hello\"\n"
      "PARTITION BY RANGE(`d`)\n"
      "(PARTITION p1 VALUES [(\"0000-01-01\"), (\"2024-01-01\")))\n"
      "DISTRIBUTED BY HASH(`k`) BUCKETS 4 \n"
      "ORDER BY(`d`)\n"
      "PROPERTIES (\n\"compression\" = \"LZ4\",\n\"replication_num\" = \"1\"\n);",
      "db");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  ASSERT_EQ(read->columns.size(), 6u);
  EXPECT_EQ(read->database, "db");
  EXPECT_TRUE(read->columns[0].auto_increment);
  EXPECT_EQ(read->columns[0].type.kind, kBigInt);
  EXPECT_EQ(read->columns[1].default_text, "2024-01-01");
  EXPECT_EQ(read->columns[1].comment, "a, (b)");
  EXPECT_EQ(read->columns[2].aggregation, "REPLACE");
  EXPECT_EQ(read->columns[4].type.kind, kOther);
  EXPECT_EQ(read->columns[4].type.other, "array<map<int(11),varchar(20)>>");
  EXPECT_TRUE(read->columns[5].generated);
  EXPECT_EQ(read->columns[5].comment, "made");
  EXPECT_EQ(read->model, TableModel::kDuplicateKey);
  EXPECT_EQ(read->key_columns, 2u);
  EXPECT_EQ(read->comment, "hello");
  EXPECT_EQ(read->buckets, 4u);
  EXPECT_EQ(read->properties.size(), 2u);
}

TEST(DdlReader, RefusesWhatIsNoTable) {
  EXPECT_FALSE(ParseCreateTable("CREATE VIEW v AS SELECT 1", "db").ok());
  EXPECT_FALSE(ParseCreateTable("CREATE TABLE `t (", "db").ok());
  EXPECT_FALSE(ParseCreateTable("", "db").ok());
  EXPECT_FALSE(ParseCreateTable("CREATE TABLE t (a int) PRIMARY KEY(b)", "db").ok());
}

TEST(TargetTypes, ReadEverySpelling) {
  const auto prints = [](std::string_view text) { return PrintType(ParseType(text)); };
  EXPECT_EQ(prints("int(11)"), "INT");
  EXPECT_EQ(prints("bigint(20) unsigned"), "LARGEINT");
  EXPECT_EQ(prints("bigint unsigned"), "LARGEINT");
  EXPECT_EQ(prints("largeint(40)"), "LARGEINT");
  EXPECT_EQ(prints("DECIMAL64(18, 4)"), "DECIMAL(18, 4)");
  EXPECT_EQ(prints("decimal"), "DECIMAL(10, 0)");
  EXPECT_EQ(prints("string"), "VARCHAR(65533)");
  EXPECT_EQ(prints("varchar(7)"), "VARCHAR(7)");
  EXPECT_EQ(prints("array<int(11)>"), "array<int(11)>");
  EXPECT_EQ(prints("hll"), "hll");
}

TEST(TableComparison, ExplainsColumnByColumn) {
  const TargetTable wanted = Orders();
  EXPECT_TRUE(CompareTables(wanted, wanted).empty());

  TargetTable existing = wanted;
  existing.columns[2].type = {.kind = kDecimal, .precision = 10, .scale = 4};
  existing.columns[3].type = {.kind = kInt};
  existing.columns.pop_back();
  existing.columns.push_back({.name = "must", .type = {.kind = kInt}, .nullable = false});
  existing.columns.push_back({.name = "may", .type = {.kind = kInt}});
  const auto differences = CompareTables(existing, wanted);
  ASSERT_EQ(differences.size(), 4u);
  EXPECT_EQ(differences[0].column, "price");
  EXPECT_FALSE(differences[0].blocking);
  EXPECT_EQ(differences[1].column, "at");
  EXPECT_TRUE(differences[1].blocking);
  EXPECT_EQ(differences[1].message, "column `at`: is INT, needs DATETIME");
  EXPECT_EQ(differences[2].message, "column `doc`: is not there");
  EXPECT_EQ(differences[2].mend,
            "ALTER TABLE `shop`.`or``der \xF0\x9F\x98\x80` ADD COLUMN `doc` JSON;");
  EXPECT_EQ(differences[3].column, "must");
}

TEST(TableComparison, WantsTheSameKey) {
  const TargetTable wanted = Orders();
  TargetTable existing = wanted;
  existing.model = TableModel::kDuplicateKey;
  ASSERT_EQ(CompareTables(existing, wanted).size(), 1u);
  EXPECT_TRUE(CompareTables(existing, wanted)[0].blocking);
  existing.model = TableModel::kUniqueKey;
  EXPECT_TRUE(CompareTables(existing, wanted).empty());
  existing = wanted;
  std::swap(existing.columns[0], existing.columns[1]);
  EXPECT_TRUE(CompareTables(existing, wanted).empty());
  existing = wanted;
  existing.key_columns = 1;
  ASSERT_EQ(CompareTables(existing, wanted).size(), 1u);
  EXPECT_EQ(CompareTables(existing, wanted)[0].message,
            "its key is (`id`), needs (`id`, `se;lect`)");
}

TEST(TypeWidening, FindsTheTypeForBoth) {
  const auto widest = [](std::string_view a, std::string_view b) {
    const auto type = WidestType(ParseType(a), ParseType(b));
    return type ? PrintType(*type) : "none";
  };
  EXPECT_EQ(widest("int", "bigint"), "BIGINT");
  EXPECT_EQ(widest("varchar(10)", "varchar(20)"), "VARCHAR(20)");
  EXPECT_EQ(widest("decimal(10,2)", "decimal(10,4)"), "DECIMAL(12, 4)");
  EXPECT_EQ(widest("decimal(38,2)", "decimal(38,4)"), "none");
  EXPECT_EQ(widest("float", "double"), "DOUBLE");
  EXPECT_EQ(widest("int", "varchar(20)"), "none");
  EXPECT_EQ(widest("date", "datetime"), "none");
}

}  // namespace
}  // namespace starlift::starrocks

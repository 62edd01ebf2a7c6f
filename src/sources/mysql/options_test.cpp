#include "sources/mysql/options.h"

#include <gtest/gtest.h>

#include "sources/mysql/select_list.h"

namespace starlift::mysql {
namespace {

SourceConfig With(std::vector<std::pair<std::string, std::string>> options) {
  return {.kind = "mysql",
          .host = "db",
          .user = "ann",
          .password = "secret",
          .options = std::move(options)};
}

TEST(Options, Defaults) {
  const auto options = ReadSourceOptions(With({}));
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->port, 3306);
  EXPECT_EQ(options->tls.mode, wire::TlsMode::kPreferred);
  EXPECT_FALSE(options->compress);
}

TEST(Options, SpelledAsPeopleDo) {
  const auto options = ReadSourceOptions(With({{"ssl_mode", "VERIFY_CA"},
                                               {"SSL-CA", "/ca.pem"},
                                               {"connect-timeout", "3s"},
                                               {"compression", "true"}}));
  ASSERT_TRUE(options.ok()) << options.error().ToString();
  EXPECT_EQ(options->tls.mode, wire::TlsMode::kVerifyCa);
  EXPECT_EQ(options->tls.ca_file, "/ca.pem");
  EXPECT_EQ(options->connect_timeout, std::chrono::seconds(3));
  EXPECT_TRUE(options->compress);
}

TEST(Options, MistakesAreUsageErrorsWithTheNearestName) {
  const auto unknown = ReadSourceOptions(With({{"ssl-mod", "required"}}));
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind, ErrorKind::kUsage);
  EXPECT_NE(unknown.error().mend.find("ssl-mode"), std::string::npos);
  const auto value = ReadSourceOptions(With({{"ssl-mode", "yes"}}));
  ASSERT_FALSE(value.ok());
  EXPECT_EQ(value.error().kind, ErrorKind::kUsage);
  EXPECT_FALSE(ReadSourceOptions(With({{"ssl-mode", "disabled"}, {"ssl-ca", "x"}})).ok());
}

Column Text(std::string name, std::string charset) {
  Column column;
  column.name = std::move(name);
  column.type.kind = TypeKind::kVarchar;
  column.native_type = "varchar(10)";
  column.charset = std::move(charset);
  return column;
}

TEST(SelectList, FormsOfCells) {
  Column column;
  column.name = "c";
  column.type.kind = TypeKind::kFloat;
  column.native_type = "float";
  EXPECT_EQ(SelectExpression(column, ResultCharset::kRaw), "`c` * 1e0");
  column.type.kind = TypeKind::kBit;
  EXPECT_EQ(SelectExpression(column, ResultCharset::kRaw), "`c` + 0");
  column.type.kind = TypeKind::kUInt32;
  column.native_type = "int(5) unsigned zerofill";
  EXPECT_EQ(SelectExpression(column, ResultCharset::kRaw), "`c` + 0");
  column.native_type = "int(5) unsigned";
  EXPECT_EQ(SelectExpression(column, ResultCharset::kRaw), "`c`");
}

TEST(SelectList, TheServerConvertsOnlyWhereItMust) {
  Table table;
  table.columns = {Text("a", "utf8mb4"), Text("b", "utf8mb3"), Text("c", "gbk"),
                   Text("d", "latin1")};
  EXPECT_EQ(ResultCharsetFor(table, {0, 1}), ResultCharset::kRaw);
  EXPECT_EQ(ResultCharsetFor(table, {0, 1, 2}), ResultCharset::kUtf8mb4);
  EXPECT_EQ(CellRuleFor(table.columns[1], ResultCharset::kRaw), CellRule::kAsIs);
  EXPECT_EQ(CellRuleFor(table.columns[0], ResultCharset::kUtf8mb4), CellRule::kAsIs);
  EXPECT_EQ(CellRuleFor(table.columns[1], ResultCharset::kUtf8mb4), CellRule::kAsIs);
  EXPECT_EQ(SelectExpression(table.columns[1], ResultCharset::kUtf8mb4), "CAST(`b` AS BINARY)");
  EXPECT_EQ(SelectExpression(table.columns[0], ResultCharset::kUtf8mb4), "`a`");
  EXPECT_EQ(CellRuleFor(table.columns[2], ResultCharset::kUtf8mb4), CellRule::kConverted);
  EXPECT_EQ(CellRuleFor(table.columns[3], ResultCharset::kUtf8mb4), CellRule::kAsIs);
}

TEST(Versions, AreReadFromTheirText) {
  const ServerVersion mariadb = ParseServerVersion("10.11.19-MariaDB-0+deb12u1-log");
  EXPECT_TRUE(mariadb.is_mariadb);
  EXPECT_EQ(mariadb.number, 101119u);
  EXPECT_EQ(mariadb.Describe(), "MariaDB 10.11.19");
  const ServerVersion mysql = ParseServerVersion("5.6.24-log");
  EXPECT_EQ(mysql.number, 50624u);
  EXPECT_EQ(mysql.Describe(), "MySQL 5.6.24");
}

}  // namespace
}  // namespace starlift::mysql

// The files for Oracle and Hive, whose servers the system tests don't have at hand, against
// tests/fixtures/smt/written. Flink's planner and the sandbox take those files there
// (tests/judges/test_flink_planner.py). STARLIFT_REWRITE=1 writes them anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "smt/config/config_reader.h"
#include "smt/files.h"
#include "smt/plan/planner.h"
#include "sources/hive/types.h"
#include "sources/oracle/types.h"

namespace starlift::smt {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSink =
    "flink.starrocks.jdbc-url=jdbc:mysql://fe.example:9030\n"
    "flink.starrocks.load-url=fe.example:8030\n"
    "flink.starrocks.username=root\nflink.starrocks.password=\n"
    "flink.starrocks.sink.properties.format=json\n";

std::string TextOf(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Table TableOf(TableId id, std::vector<Column> columns, std::vector<ColumnIndex> key = {}) {
  Table table{.id = std::move(id), .columns = std::move(columns)};
  table.key_kind = key.empty() ? KeyKind::kNone : KeyKind::kPrimary;
  table.key = std::move(key);
  return table;
}

void ExpectFiles(std::string_view type, std::string_view database, const Catalog& catalog,
                 const DdlFacts& facts) {
  const Config config =
      ReadConfig(
          "[db]\nhost = db.example\nport = 1521\nuser = c##flink\n"
          "password = it's\ntype = " +
              std::string(type) +
              "\nauthentication = none\n[other]\nbe_num = 1\n"
              "use_decimal_v3 = true\noutput_dir =\n[table-rule.1]\n"
              "database = " +
              std::string(database) + "\ntable = .*\nschema = .*\n" + std::string(kSink) +
              "[table-rule.shards]\ndatabase = " + std::string(database) +
              "\ntable = ^log_\\d$\nschema = .*\n" + std::string(kSink),
          "c.conf", Form::kRight)
          .config;
  const Dialect& dialect = *FindDialect(type);
  const Result<Plan> plan =
      MakePlan(config, dialect, catalog, facts, {.now = std::chrono::sys_seconds()});
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  std::string place = (fs::temp_directory_path() / "smt-written-XXXXXX").string();
  const fs::path folder = mkdtemp(place.data());
  std::vector<std::string> notes;
  {
    Result<OutputFolder> output = OutputFolder::Open(folder, Form::kRight);
    ASSERT_TRUE(output.ok());
    ASSERT_TRUE(WriteFiles(config, dialect, facts, *plan, {}, *output, notes).ok());
    ASSERT_TRUE(output->Commit(notes).ok());
  }
  const fs::path expected = fs::path(STARLIFT_FIXTURES) / "written" / type;
  for (const char* const name : {"starrocks-create.all.sql", "flink-create.all.sql"}) {
    if (std::getenv("STARLIFT_REWRITE") != nullptr) {
      fs::create_directories(expected);
      std::ofstream(expected / name) << TextOf(folder / name);
    }
    EXPECT_EQ(TextOf(folder / name), TextOf(expected / name)) << expected / name;
  }
  fs::remove_all(folder);
}

oracle::ColumnRow OracleRow(std::string type, std::optional<int64_t> precision = std::nullopt,
                            std::optional<int64_t> scale = std::nullopt, int64_t length = 22) {
  return {.type = std::move(type),
          .data_length = length,
          .char_length = length,
          .precision = precision,
          .scale = scale};
}

std::vector<Column> OracleColumns(std::vector<oracle::ColumnRow> rows) {
  std::vector<Column> columns;
  for (oracle::ColumnRow& row : rows) {
    if (row.name.empty()) row.name = "C" + std::to_string(columns.size());
    row.nullable = !columns.empty();
    columns.push_back(oracle::ColumnOf(row));
  }
  return columns;
}

TEST(WrittenFiles, Oracle) {
  const TableId id{.database = "ORCLPDB1", .schema = "SHOP", .name = "TYPES"};
  Catalog catalog;
  catalog.tables.push_back(
      TableOf(id,
              OracleColumns({OracleRow("NUMBER", 18, 0),
                             OracleRow("NUMBER", 1, 0),
                             OracleRow("NUMBER", 4, 0),
                             OracleRow("NUMBER", 9, 0),
                             OracleRow("NUMBER", 38, 0),
                             OracleRow("NUMBER", 10, 2),
                             OracleRow("NUMBER", 2, 5),
                             OracleRow("NUMBER", 5, -2),
                             OracleRow("NUMBER"),
                             OracleRow("NUMBER", std::nullopt, 0),
                             OracleRow("FLOAT", 126),
                             OracleRow("FLOAT", 23),
                             OracleRow("BINARY_FLOAT"),
                             OracleRow("BINARY_DOUBLE"),
                             OracleRow("DATE"),
                             OracleRow("TIMESTAMP(6)", std::nullopt, 6),
                             OracleRow("TIMESTAMP(9)", std::nullopt, 9),
                             OracleRow("TIMESTAMP(3) WITH TIME ZONE", std::nullopt, 3),
                             OracleRow("TIMESTAMP(6) WITH LOCAL TIME ZONE", std::nullopt, 6),
                             OracleRow("INTERVAL DAY(2) TO SECOND(6)", 2, 6),
                             OracleRow("INTERVAL YEAR(2) TO MONTH", 2, 0),
                             OracleRow("CHAR", {}, {}, 10),
                             OracleRow("NVARCHAR2", {}, {}, 2000),
                             OracleRow("VARCHAR2", {}, {}, 32767),
                             OracleRow("CLOB"),
                             OracleRow("BLOB"),
                             OracleRow("RAW", {}, {}, 16),
                             OracleRow("LONG"),
                             OracleRow("ROWID"),
                             OracleRow("XMLTYPE"),
                             OracleRow("SDO_GEOMETRY"),
                             OracleRow("BFILE")}),
              {0}));
  catalog.tables.push_back(TableOf({.database = "ORCLPDB1", .schema = "SHOP", .name = "A$B.c"},
                                   OracleColumns({OracleRow("NUMBER", 20, 0), OracleRow("DATE")}),
                                   {0}));
  catalog.tables.push_back(
      TableOf({.database = "ORCLPDB1", .schema = "It's", .name = "No \"key\""},
              OracleColumns({OracleRow("BLOB"), OracleRow("VARCHAR2", {}, {}, 20)})));
  DdlFacts facts;
  facts.server = {{"major-version", "19"}, {"cdb-name", "ORCLCDB"}};
  ExpectFiles("oracle", "ORCLPDB1", catalog, facts);
}

TEST(WrittenFiles, Hive) {
  const auto columns = [](std::vector<std::string> types) {
    std::vector<Column> made;
    for (const std::string& type : types) {
      made.push_back({.name = "c" + std::to_string(made.size()),
                      .type = hive::TypeOf(type),
                      .native_type = type});
    }
    return made;
  };
  Catalog catalog;
  catalog.tables.push_back(
      TableOf({.database = "shop", .name = "types"},
              columns({"bigint", "boolean", "tinyint", "smallint", "int", "float", "double",
                       "decimal(38,18)", "char(10)", "varchar(20000)", "string", "date",
                       "timestamp", "binary", "array<int>", "map<string,array<decimal(10,2)>>",
                       "struct<a:int,b:string,c:array<binary>>"})));
  for (const char* const name : {"log_1", "log_2"}) {
    catalog.tables.push_back(
        TableOf({.database = "shop", .name = name}, columns({"string", "int"})));
  }
  ExpectFiles("hive", "^shop$", catalog, {});
}

}  // namespace
}  // namespace starlift::smt

#include "smt/files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "smt/config/config_reader.h"
#include "smt/plan/planner.h"

namespace starlift::smt {
namespace {

namespace fs = std::filesystem;

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    std::string place = (fs::temp_directory_path() / "smt-files-XXXXXX").string();
    folder_ = mkdtemp(place.data());
  }
  ~FilesTest() override { fs::remove_all(folder_); }

  // What a run for this kind of source writes for the tables of `names`, all of one shape; the
  // documents' configuration, with `more` in its rule.
  void Run(std::string_view type, const FileOptions& options,
           const std::vector<std::string>& names = {"table"}, const std::string& more = "",
           const std::vector<std::string>& databases = {"db"}) {
    const Dialect& dialect = *FindDialect(type);
    config_ =
        ReadConfig("[db]\nhost = 192.168.1.1\nport = 1433\nuser = xxx\npassword = xxx\ntype = " +
                       std::string(type) +
                       "\nauthentication = none\n[other]\nbe_num = 3\n"
                       "use_decimal_v3 = false\noutput_dir = ./result\n"
                       "[table-rule.1]\ndatabase = " +
                       (databases.size() > 1 ? "^db_[0-9]$" : databases[0]) +
                       "\ntable = ^table.*$\nschema = ^.*$\n" + more,
                   "c.conf", options.form)
            .config;
    catalog_.tables.clear();
    for (const std::string& database : databases) {
      for (const std::string& name : names) {
        Table table;
        table.id = {.database = database, .schema = dialect.has_schema ? "s" : "", .name = name};
        table.columns = {{.name = "id",
                          .type = {.kind = TypeKind::kInt32},
                          .native_type = type == "clickhouse" ? "Int32" : "int",
                          .nullable = false}};
        table.key_kind = KeyKind::kPrimary;
        table.key = {0};
        table.partitions = partitions_;
        catalog_.tables.push_back(std::move(table));
      }
    }
    const DdlFacts facts;
    const Result<Plan> plan = MakePlan(config_, dialect, catalog_, facts,
                                       {.form = options.form, .now = std::chrono::sys_seconds()});
    ASSERT_TRUE(plan.ok()) << plan.error().message;
    fs::remove_all(folder_ / type);
    Result<OutputFolder> output = OutputFolder::Open(folder_ / type, options.form);
    ASSERT_TRUE(output.ok());
    notes_.clear();
    ASSERT_TRUE(WriteFiles(config_, dialect, facts, *plan, options, *output, notes_).ok());
    ASSERT_TRUE(output->Commit(notes_).ok());
  }

  // The files that it wrote, as `ls` lists them.
  std::string Listing(std::string_view type, const FileOptions& options = {}) {
    Run(type, options, {"table"}, std::string(kSink));
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_ / type)) {
      if (entry.path().extension() == ".sql") names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    std::string listing;
    for (const std::string& name : names) listing += name + "\n";
    return listing;
  }

  std::string Text(std::string_view type, std::string_view name) const {
    std::ifstream file(folder_ / type / name);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  static constexpr std::string_view kSink =
      "flink.starrocks.jdbc-url=jdbc:mysql://192.168.1.1:9030\n"
      "flink.starrocks.load-url=192.168.1.1:8030\n"
      "flink.starrocks.username=root\nflink.starrocks.password=\n";

  fs::path folder_;
  Config config_;
  Catalog catalog_;
  std::vector<std::string> partitions_;
  std::vector<std::string> notes_;
};

constexpr std::string_view kFlink = "flink-create.1.sql\nflink-create.all.sql\n";
constexpr std::string_view kStarrocks = "starrocks-create.1.sql\nstarrocks-create.all.sql\n";
constexpr std::string_view kExternal =
    "starrocks-external-create.1.sql\nstarrocks-external-create.all.sql\n";

std::string Files(std::initializer_list<std::string_view> families) {
  std::string names;
  for (const std::string_view family : families) names += family;
  return names;
}

// The listings of `result` in the original's documents, but for the archive that lies there.
TEST_F(FilesTest, EachSourceHasTheDocumentsFiles) {
  for (const Form form : {Form::kRight, Form::kCompat}) {
    const FileOptions options{.form = form};
    for (const std::string_view type : {"mysql", "sqlserver", "tidb", "hive"}) {
      EXPECT_EQ(Listing(type, options), Files({kFlink, kStarrocks, kExternal})) << type;
    }
    for (const std::string_view type : {"pgsql", "oracle"}) {
      EXPECT_EQ(Listing(type, options), Files({kFlink, kStarrocks})) << type;
    }
    EXPECT_EQ(Listing("clickhouse", options), kStarrocks);
  }
}

TEST_F(FilesTest, OptionsAddAndReplaceFiles) {
  EXPECT_EQ(Listing("mysql", {.statement_set = true, .external_catalog = true}),
            Files({kFlink, "flink-statement-set.1.sql\nflink-statement-set.all.sql\n", kStarrocks,
                   "starrocks-external-catalog.sql\n"}));
  ASSERT_FALSE(notes_.empty());
  EXPECT_NE(notes_.front().find("external.properties.driver_url"), std::string::npos);
}

size_t Count(const std::string& text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Hive's tables are read from the client's catalog, which knows no patterns.
TEST_F(FilesTest, EveryShardOfHiveIsRead) {
  Run("hive", {}, {"table_1", "table_2", "table_3"});
  const std::string text = Text("hive", "flink-create.all.sql");
  EXPECT_NE(
      text.find("INSERT INTO `default_catalog`.`db`.`table__auto_shard_sink` SELECT `id` FROM "
                "`db`.`table_1`\n  UNION ALL SELECT `id` FROM `db`.`table_2`\n  UNION ALL "
                "SELECT `id` FROM `db`.`table_3`;"),
      std::string::npos)
      << text;
}

// So does TiDB's connector: a source for each shard.
TEST_F(FilesTest, EveryShardOfTidbIsRead) {
  Run("tidb", {}, {"table_1", "table_2"},
      std::string(kSink) + "flink.cdc.pd-addresses = pd:2379\n");
  const std::string text = Text("tidb", "flink-create.1.sql");
  EXPECT_EQ(Count(text, "CREATE TABLE "), 3u) << text;
  EXPECT_EQ(Count(text, "'table-name' = 'table_2'"), 1u) << text;
  EXPECT_NE(text.find("_sink` SELECT * FROM `default_catalog`.`db`.`table__auto_shard_src_1`\n  "
                      "UNION ALL SELECT * FROM `default_catalog`.`db`.`table__auto_shard_src_2`;"),
            std::string::npos)
      << text;
  EXPECT_TRUE(notes_.empty()) << notes_.front();
  Run("tidb", {.form = Form::kCompat}, {"table_1", "table_2"}, std::string(kSink));
  EXPECT_EQ(Count(Text("tidb", "flink-create.1.sql"), "CREATE TABLE "), 2u);
}

// PostgreSQL's and SQL Server's connectors connect to one database.
TEST_F(FilesTest, ShardsOfSeveralDatabasesAreRead) {
  Run("pgsql", {}, {"table_1", "table_2"}, std::string(kSink), {"db_1", "db_2"});
  const std::string text = Text("pgsql", "flink-create.1.sql");
  EXPECT_EQ(Count(text, "CREATE TABLE "), 3u) << text;
  EXPECT_EQ(Count(text, "'database-name' = 'db_1'"), 1u) << text;
  EXPECT_EQ(Count(text, "'database-name' = 'db_2'"), 1u) << text;
  EXPECT_EQ(Count(text, "'table-name' = 'table.*'"), 2u) << text;
  EXPECT_EQ(Count(text, "'slot.name' = 'smt_db__auto_shard_s__table__auto_shard_2'"), 1u) << text;
  EXPECT_EQ(Count(text, "UNION ALL"), 1u) << text;
  EXPECT_FALSE(fs::exists(folder_ / "pgsql" / "flink-cdc-pipeline.1.yaml"));
}

// By the connector's own publication the changes of partitions would be lost in silence.
TEST_F(FilesTest, APartitionedTableIsFollowedByItsRoot) {
  partitions_ = {"table_2024"};
  Run("pgsql", {}, {"table"}, std::string(kSink));
  const std::string text = Text("pgsql", "flink-create.1.sql");
  EXPECT_EQ(Count(text, "'debezium.publication.name' = 'smt_db_s__table'"), 1u) << text;
  EXPECT_EQ(Count(text, "'debezium.publication.autocreate.mode' = 'disabled'"), 1u) << text;
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_NE(notes_[0].find("CREATE PUBLICATION smt_db_s__table FOR TABLE \"s\".\"table\" WITH "
                           "(publish_via_partition_root = true);"),
            std::string::npos)
      << notes_[0];
  Run("pgsql", {}, {"table"}, std::string(kSink) + "flink.cdc.debezium.publication.name = mine\n");
  EXPECT_TRUE(notes_.empty());
  Run("pgsql", {.form = Form::kCompat}, {"table"}, std::string(kSink));
  EXPECT_EQ(Count(Text("pgsql", "flink-create.1.sql"), "publication"), 0u);
  Run("mysql", {}, {"table"}, std::string(kSink));
  EXPECT_EQ(Count(Text("mysql", "flink-create.1.sql"), "publication"), 0u);
}

TEST_F(FilesTest, WhatFlinkLacksIsTold) {
  Run("tidb", {}, {"table"}, std::string(kSink));
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_EQ(notes_[0],
            "TiDB doesn't tell its pd-addresses, without which the sources of flink-create.1.sql "
            "don't start: write flink.cdc.pd-addresses = <host of a placement driver>:2379 into "
            "[table-rule.1]");
  Run("mysql", {}, {"table"}, "flink.starrocks.load-url=192.168.1.1:8030\n");
  ASSERT_FALSE(notes_.empty());
  EXPECT_EQ(notes_[0],
            "[table-rule.1] has no flink.starrocks.jdbc-url, flink.starrocks.username, "
            "flink.starrocks.password: Flink refuses the sinks of flink-create.1.sql, and "
            "starlift-task.1.yaml can't be written");
}

}  // namespace
}  // namespace starlift::smt

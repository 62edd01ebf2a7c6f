#include "smt/files.h"

#include <algorithm>
#include <filesystem>

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

  // What a run for this kind of source writes, as `ls` lists it; the documents' configuration.
  std::string Listing(std::string_view type, FileOptions options = {}) {
    const Dialect& dialect = *FindDialect(type);
    config_ =
        ReadConfig("[db]\nhost = 192.168.1.1\nport = 1433\nuser = xxx\npassword = xxx\ntype = " +
                       std::string(type) +
                       "\nauthentication = none\n[other]\nbe_num = 3\n"
                       "use_decimal_v3 = false\noutput_dir = ./result\n"
                       "[table-rule.1]\ndatabase = db\ntable = ^table$\nschema = ^.*$\n"
                       "flink.starrocks.jdbc-url=jdbc:mysql://192.168.1.1:9030\n"
                       "flink.starrocks.load-url=192.168.1.1:8030\n"
                       "flink.starrocks.username=root\nflink.starrocks.password=\n",
                   "c.conf", options.form)
            .config;
    Table table;
    table.id = {.database = "db", .schema = dialect.has_schema ? "s" : "", .name = "table"};
    table.columns = {{.name = "id",
                      .type = {.kind = TypeKind::kInt32},
                      .native_type = type == "clickhouse" ? "Int32" : "int",
                      .nullable = false}};
    table.key_kind = KeyKind::kPrimary;
    table.key = {0};
    catalog_.tables = {table};
    const DdlFacts facts;
    const Result<Plan> plan = MakePlan(config_, dialect, catalog_, facts,
                                       {.form = options.form, .now = std::chrono::sys_seconds()});
    EXPECT_TRUE(plan.ok()) << plan.error().message;
    Result<OutputFolder> output = OutputFolder::Open(folder_ / type, options.form);
    EXPECT_TRUE(output.ok());
    EXPECT_TRUE(WriteFiles(config_, dialect, facts, *plan, options, *output, notes_).ok());
    EXPECT_TRUE(output->Commit(notes_).ok());
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_ / type)) {
      if (entry.path().extension() == ".sql") names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    std::string listing;
    for (const std::string& name : names) listing += name + "\n";
    return listing;
  }

  fs::path folder_;
  Config config_;
  Catalog catalog_;
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

}  // namespace
}  // namespace starlift::smt

#include "sandbox/storage/merge.h"

#include <gtest/gtest.h>

#include "sandbox/storage/storage.h"
#include "sandbox/storage/test_home.h"

namespace starlift::sandbox {
namespace {

using catalog::AggregateKind;
using catalog::TableModel;

// A table t_1 (c1 key, c2, c3) and a temporary table of rows for it.
class MergeRows : public ::testing::Test {
 protected:
  void SetUp() override {
    storage_ = std::move(*Storage::Open({home_.path()}));
    connection_ = std::make_unique<Connection>(std::move(*storage_->Connect()));
    Run("CREATE TABLE t_1 (c1 INTEGER, c2 BIGINT, c3 VARCHAR)");
    Run("CREATE TEMP TABLE stage (c1 INTEGER, c2 BIGINT, c3 VARCHAR, op TINYINT)");
    target_.table_id = 1;
    target_.columns = {{{1, "INTEGER"}, true},
                       {{2, "BIGINT"}, false},
                       {{3, "VARCHAR"}, false, AggregateKind::kNone, "'unset'"}};
    rows_.relation = "temp.main.stage";
  }
  void Run(const std::string& sql) {
    auto done = connection_->Execute(sql);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }
  // In a transaction of its own, as loads do it.
  std::string Load(const std::string& values) {
    Run("DELETE FROM stage");
    Run("INSERT INTO stage VALUES " + values);
    Run("BEGIN");
    auto merged = MergeStagedRows(*connection_, target_, rows_);
    EXPECT_TRUE(merged.ok()) << merged.error().ToString();
    Run("COMMIT");
    std::string text;
    auto rows = connection_->QueryRows("SELECT * FROM t_1 ORDER BY ALL");
    for (const Row& row : *rows) {
      for (const auto& cell : row) text += cell.value_or("NULL") + " ";
      text.back() = ';';
    }
    return text;
  }

  TestHome home_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<Connection> connection_;
  MergeTarget target_;
  StagedRows rows_;
};

TEST_F(MergeRows, DuplicateAppends) {
  Load("(1, 1, 'a', 0), (1, 1, 'a', 0)");
  EXPECT_EQ(Load("(1, 1, 'a', 0)"), "1 1 a;1 1 a;1 1 a;");
}

TEST_F(MergeRows, PrimaryLastRowWinsAndDeletesDelete) {
  target_.model = TableModel::kPrimary;
  rows_.op_column = "op";
  EXPECT_EQ(Load("(1, 1, 'a', 0), (2, 2, 'b', 0), (1, 3, 'c', 0)"), "1 3 c;2 2 b;");
  EXPECT_EQ(Load("(1, 9, 'x', 1), (3, 0, NULL, 0)"), "2 2 b;3 0 NULL;");
  EXPECT_EQ(Load("(2, 1, 'x', 0), (2, 1, 'x', 1), (2, 7, 'y', 0), (3, 1, 'z', 0), (3, 1, 'z', 1)"),
            "2 7 y;");
  EXPECT_EQ(Load("(9, 1, 'x', 1)"), "2 7 y;");
}

TEST_F(MergeRows, UniqueTreatsNullAsAKey) {
  target_.model = TableModel::kUnique;
  Load("(NULL, 1, 'a', 0), (1, 1, 'b', 0)");
  EXPECT_EQ(Load("(NULL, 2, 'c', 0)"), "1 1 b;NULL 2 c;");
}

TEST_F(MergeRows, PartialUpdateKeepsTheRestOrTakesDefaults) {
  target_.model = TableModel::kPrimary;
  Load("(1, 1, 'a', 0)");
  rows_.columns = {1, 2};
  EXPECT_EQ(Load("(1, 5, 'ignored', 0), (2, 6, 'ignored', 0)"), "1 5 a;2 6 unset;");
}

TEST_F(MergeRows, ConditionKeepsTheLargerValue) {
  target_.model = TableModel::kPrimary;
  rows_.merge_condition = 2;
  Load("(1, 5, 'five', 0), (2, 1, 'one', 0)");
  EXPECT_EQ(Load("(1, 4, 'four', 0), (2, 1, 'tie', 0)"), "1 5 five;2 1 tie;");
  EXPECT_EQ(Load("(1, 9, 'nine', 0), (1, 8, 'eight', 0)"), "1 9 nine;2 1 tie;");
}

TEST_F(MergeRows, AggregateFoldsWithStoredRows) {
  target_.model = TableModel::kAggregate;
  target_.columns[1].aggregate = AggregateKind::kSum;
  target_.columns[2].aggregate = AggregateKind::kReplaceIfNotNull;
  EXPECT_EQ(Load("(1, 5, 'a', 0), (1, 6, 'b', 0), (2, NULL, NULL, 0)"), "1 11 b;2 NULL NULL;");
  EXPECT_EQ(Load("(1, 1, NULL, 0), (2, 3, 'x', 0)"), "1 12 b;2 3 x;");
  target_.columns[1].aggregate = AggregateKind::kMax;
  target_.columns[2].aggregate = AggregateKind::kReplace;
  EXPECT_EQ(Load("(1, 1, NULL, 0), (2, 9, 'y', 0)"), "1 12 NULL;2 9 y;");
}

}  // namespace
}  // namespace starlift::sandbox

#include "load/changes/keyless_rows.h"

#include <string>

#include <gtest/gtest.h>

#include "load/loader_harness.h"
#include "starrocks/encoder.h"

namespace starlift::load {
namespace {

// Positions are numbers of one digit.
class DigitLog : public ChangeLog {
 public:
  Result<Position> Head() override { return Position("9"); }
  Result<Position> FindTime(int64_t) override { return Position("0"); }
  Status CheckReach(const Position&) override { return {}; }
  Result<bool> Covers(const Position& later, const Position& earlier) override {
    return later >= earlier;
  }
  Result<std::unique_ptr<ChangeStream>> OpenStream(const StreamStart&, const TableFilter&,
                                                   const Cancellation&) override {
    return Error{ErrorKind::kInternal, "nothing is read here"};
  }
};

class KeylessRowsTest : public ::testing::Test {
 protected:
  KeylessRowsTest() {
    batch_.AppendCopy("1");
    batch_.AppendCopy("one");
  }
  ChangeRow Row() const { return {&batch_, batch_.Row(0), kInOrder}; }

  static constexpr uint32_t kInOrder[] = {0, 1};
  const ChangePlan plan_{MakeMapping("t", true)};
  DigitLog log_;
  RowBatch batch_{2};
};

TEST_F(KeylessRowsTest, WhatMayLieInTheSnapshotWaitsForItsCommit) {
  KeylessRows rows(plan_, {.snapshot = "5", .commit = ""}, std::nullopt);
  ASSERT_TRUE(rows.Begin("3", 1, log_).ok());
  rows.Insert(Row(), 1);
  EXPECT_TRUE(rows.empty());
  ASSERT_TRUE(rows.Commit({.resume = "5"}, 1, 0, log_).ok());
  EXPECT_TRUE(rows.empty());  // it does
  ASSERT_TRUE(rows.Begin("3", 2, log_).ok());
  rows.Insert(Row(), 2);
  EXPECT_TRUE(rows.empty());
  ASSERT_TRUE(rows.Commit({.resume = "6"}, 2, 0, log_).ok());
  EXPECT_EQ(rows.rows(), 1U);
}

// A transaction may be larger than memory: what is surely new is loaded before its commit.
TEST_F(KeylessRowsTest, WhatLiesBeyondTheSnapshotDoesNotWait) {
  KeylessRows rows(plan_, {.snapshot = "5", .commit = ""}, std::nullopt);
  ASSERT_TRUE(rows.Begin("5", 7, log_).ok());
  rows.Insert(Row(), 7);
  rows.Insert(Row(), 7);
  EXPECT_EQ(rows.rows(), 2U);
  const KeylessRows::Cut cut = rows.Take();
  // Until the checkpoint has passed the snapshot, which it has with the commit before, a restart
  // tells transactions again that the snapshot holds.
  EXPECT_EQ(cut.mark.mark.snapshot, "5");
  EXPECT_EQ(cut.mark.mark.rows, 2U);
  EXPECT_EQ(cut.mark.commit, 6U);
  EXPECT_EQ(cut.mark.partial, 7U);
}

TEST_F(KeylessRowsTest, APartThatIsInIsLeftOutOfTheFirstTransactionBeyond) {
  KeylessRows rows(plan_, {.snapshot = "5", .commit = "", .ordinal = 0, .rows = 2}, std::nullopt);
  ASSERT_TRUE(rows.Begin("4", 1, log_).ok());
  rows.Insert(Row(), 1);
  ASSERT_TRUE(rows.Commit({.resume = "5"}, 1, 0, log_).ok());
  ASSERT_TRUE(rows.Begin("5", 2, log_).ok());
  for (int i = 0; i < 3; ++i) rows.Insert(Row(), 2);
  EXPECT_EQ(rows.rows(), 1U);
  EXPECT_EQ(rows.Take().mark.mark.rows, 3U);
}

}  // namespace
}  // namespace starlift::load

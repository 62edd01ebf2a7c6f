#include "load/changes/pending_rows.h"

#include <numeric>

#include <gtest/gtest.h>

#include "load/changes/change_load.h"
#include "load/loader_harness.h"
#include "starrocks/encoder.h"

namespace starlift::load {
namespace {

constexpr uint32_t kInOrder[] = {0, 1};

// Rows of `id`, `name`.
class PendingRowsTest : public ::testing::Test {
 protected:
  ChangeRow Row(const std::string& id, const std::string& name) {
    batches_.push_back(std::make_unique<RowBatch>(2));
    batches_.back()->AppendCopy(id);
    batches_.back()->AppendCopy(name);
    return {batches_.back().get(), batches_.back()->Row(0), kInOrder};
  }
  // The bodies as text: fields by ',', rows by ';', bodies by '\n'.
  std::string Encode() {
    std::string text;
    auto bodies = EncodeChanges(pending_.Take(), refusals_);
    if (!bodies.ok()) return bodies.error().ToString();
    for (const ChangeBody& body : *bodies) {
      text += body.columns + (body.partial ? " partly:" : ":");
      for (const auto& segment : body.segments) text.append(segment->data(), segment->size());
      text += '\n';
    }
    std::replace(text.begin(), text.end(), starrocks::kColumnSeparator, ',');
    std::replace(text.begin(), text.end(), starrocks::kRowDelimiter, ';');
    return text;
  }

  const ChangePlan plan_{MakeMapping("t", false)};
  PendingRows pending_{plan_};
  TemporaryHome home_;
  SimulatedClock clock_;
  std::unique_ptr<state::StateStore> store_ =
      *state::OpenSqliteStore(home_.path(), clock_, SystemRandom());
  const ApplierOptions options_;
  ChangeLetters letters_{options_, *store_};
  MissingRows missing_;
  LoadRefusals refusals_{letters_, plan_, 0, missing_, {}};
  std::vector<std::unique_ptr<RowBatch>> batches_;
};

TEST_F(PendingRowsTest, KeepsTheLastStateOfAKey) {
  pending_.Upsert(Row("1", "a"));
  pending_.Upsert(Row("2", "b"));
  ASSERT_TRUE(pending_.Update(Row("1", "a"), Row("1", "c"), {}).ok());
  EXPECT_EQ(pending_.rows(), 2U);
  EXPECT_EQ(pending_.changes(), 3U);
  EXPECT_EQ(Encode(), ":2,b;1,c;\n");
  EXPECT_TRUE(pending_.empty());
}

TEST_F(PendingRowsTest, DeletesGoWithUpserts) {
  pending_.Upsert(Row("1", "a"));
  pending_.Delete(Row("1", "a"));
  pending_.Upsert(Row("2", "b"));
  EXPECT_EQ(Encode(), "`id`,`name`,`__op`:1,\\N,1;2,b,0;\n");
}

TEST_F(PendingRowsTest, ADeletedRowMayComeBack) {
  pending_.Delete(Row("1", "a"));
  pending_.Upsert(Row("1", "b"));
  EXPECT_EQ(Encode(), ":1,b;\n");
}

TEST_F(PendingRowsTest, AChangedKeyMovesTheRow) {
  ASSERT_TRUE(pending_.Update(Row("1", "a"), Row("2", "a"), {}).ok());
  EXPECT_EQ(Encode(), "`id`,`name`,`__op`:1,\\N,1;2,a,0;\n");
}

TEST_F(PendingRowsTest, PartsOfARowAreUpdatedByThemselves) {
  pending_.Upsert(Row("9", "z"));
  ASSERT_TRUE(pending_.Update(Row("1", ""), Row("", "b"), {false, true}).ok());
  EXPECT_EQ(Encode(), ":9,z;\n`id`,`name` partly:1,b;\n");
}

TEST_F(PendingRowsTest, PartsOfAPendingRowAreFilledIn) {
  pending_.Upsert(Row("1", "a"));
  ASSERT_TRUE(pending_.Update(Row("1", ""), Row("", "b"), {false, true}).ok());
  EXPECT_EQ(Encode(), ":1,b;\n");
}

TEST_F(PendingRowsTest, AKeyThatChangedWithoutItsRowStops) {
  EXPECT_FALSE(pending_.Update(Row("1", ""), Row("2", ""), {true, false}).ok());
  pending_.Upsert(Row("1", "a"));
  ASSERT_TRUE(pending_.Update(Row("1", ""), Row("2", ""), {true, false}).ok());
  EXPECT_EQ(Encode(), "`id`,`name`,`__op`:2,a,0;1,\\N,1;\n");
}

TEST_F(PendingRowsTest, ALostRowIsTakenAwayUntilItIsKnownAgain) {
  pending_.Lose(Row("1", ""), Row("2", ""), {true, false});
  EXPECT_FALSE(pending_.Update(Row("2", ""), Row("", "b"), {false, true}).ok());
  EXPECT_EQ(Encode(), "`id`,`name`,`__op`:1,\\N,1;2,\\N,1;\n");
  EXPECT_EQ(missing_.size(), 1U);
  pending_.Upsert(Row("2", "c"));
  EXPECT_EQ(Encode(), ":2,c;\n");
  EXPECT_TRUE(missing_.empty());
}

TEST(ChangeOrigin, IsKeptInACell) {
  for (const uint64_t transaction : {uint64_t{0}, uint64_t{1}, (uint64_t{1} << 48) - 1}) {
    for (const uint16_t source : {uint16_t{0}, uint16_t{7}, uint16_t{UINT16_MAX}}) {
      const ChangeOrigin origin = ChangeOrigin::Unpack(ChangeOrigin{transaction, source}.Pack());
      EXPECT_EQ(origin.transaction, transaction);
      EXPECT_EQ(origin.source, source);
    }
  }
}

TEST_F(PendingRowsTest, WhatCsvCantCarryGoesAsJson) {
  pending_.Upsert(Row("1", "\\N"));
  EXPECT_EQ(Encode(), ":{\"id\":1,\"name\":\"\\\\N\"}\n\n");
}

TEST_F(PendingRowsTest, ManyRowsAndManyChangesOfOne) {
  constexpr int kRows = 100'000;
  for (int i = 0; i < kRows; ++i) {
    pending_.Upsert(Row(std::to_string(i), "x"));
    pending_.Upsert(Row("hot", std::string(100, 'h')));
    batches_.clear();
  }
  EXPECT_EQ(pending_.rows(), kRows + 1U);
  const uint64_t bytes = pending_.bytes();
  for (int i = 0; i < 10 * kRows; ++i) {
    pending_.Upsert(Row("hot", std::string(100, 'h')));
    batches_.clear();
  }
  EXPECT_LT(pending_.bytes(), 3 * bytes);
  const auto bodies = EncodeChanges(pending_.Take(), refusals_);
  ASSERT_TRUE(bodies.ok());
  ASSERT_EQ(bodies->size(), 1U);
  EXPECT_EQ((*bodies)[0].rows, kRows + 1U);
}

}  // namespace
}  // namespace starlift::load

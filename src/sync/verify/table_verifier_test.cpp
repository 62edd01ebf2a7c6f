#include "sync/verify/table_verifier.h"

#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "base/clock.h"

// A table in memory on both sides: `id` and `v`.
namespace starlift::sync {
namespace {

using Row = std::vector<StoredValue>;

class FakeSide : public RowSide, public RangeCutter {
 public:
  std::vector<Row> rows;
  bool has_checksums = false;
  int ranges_read = 0;
  int checksums = 0;
  std::function<void()> before_keys;  // something happens meanwhile
  std::function<void()> after_keys;

  Status ReadRange(const Chunk& range, const RowVisitor& visitor) override {
    ++ranges_read;
    const std::vector<Row> now = rows;
    for (const Row& row : now) {
      if (!Holds(range, row)) continue;
      const std::vector<std::optional<std::string_view>> values(row.begin(), row.end());
      SL_TRY(row[1] == "refused" ? visitor.refuse("too long") : visitor.take(values));
    }
    return {};
  }

  Status ReadKeys(const Chunk&, const std::vector<RowKey>& keys,
                  const RowVisitor& visitor) override {
    if (before_keys) before_keys();
    for (const RowKey& key : keys) {
      for (const Row& row : rows) {
        const std::vector<std::optional<std::string_view>> values(row.begin(), row.end());
        if (row[0] != key[0]) continue;
        SL_TRY(row[1] == "refused" ? visitor.refuse("too long") : visitor.take(values));
      }
    }
    if (after_keys) after_keys();
    return {};
  }

  // Strong enough for here: any checksum that both compute alike will do.
  Result<std::optional<RowChecksum>> Checksum(const Chunk& range) override {
    ++checksums;
    if (!has_checksums) return std::optional<RowChecksum>();
    RowChecksum sum;
    for (const Row& row : rows) {
      if (!Holds(range, row)) continue;
      const uint64_t hash = std::hash<std::string>()(*row[0] + "|" + row[1].value_or("~"));
      sum += {1, hash, RowChecksum::Sum{hash} * hash};
    }
    return std::optional(sum);
  }

  Result<uint64_t> CountRows() override { return rows.size(); }

  // Ranges of ten keys up to a hundred.
  Result<std::optional<Chunk>> NextRange(const Chunk* previous) override {
    if (previous != nullptr && !previous->upper) return std::optional<Chunk>();
    Chunk chunk;
    if (previous != nullptr) {
      chunk.number = previous->number + 1;
      chunk.lower = previous->upper;
    }
    const int upper = static_cast<int>(chunk.number + 1) * 10;
    if (upper < 100) chunk.upper = ChunkBound{std::to_string(upper)};
    return std::optional(chunk);
  }

 private:
  static bool Holds(const Chunk& range, const Row& row) {
    const int id = std::stoi(*row[0]);
    return (!range.lower || id > std::stoi(range.lower->front())) &&
           (!range.upper || id <= std::stoi(range.upper->front()));
  }
};

class TableVerifierTest : public testing::Test {
 protected:
  TableVerifierTest() {
    shape_.columns = {{"id", starrocks::ParseType("int")},
                      {"v", starrocks::ParseType("varchar(20)")}};
    shape_.key = {0};
    for (int i = 1; i <= 100; ++i) {
      source_.rows.push_back({std::to_string(i), "v" + std::to_string(i)});
    }
    target_.rows = source_.rows;
  }

  TableResult Verify() {
    TableResult result;
    const Cancellation never;
    const RetryPolicy retry{SystemClock(), never, std::chrono::milliseconds(0)};
    SharedVerification shared(source_, options_, retry);
    TableVerifier verifier(shape_, shared, source_, target_, options_, retry);
    auto verified = verifier.VerifyRows();
    EXPECT_TRUE(verified.ok()) << (verified.ok() ? "" : verified.error().ToString());
    if (verified.ok()) result.Add(*std::move(verified));
    result.SetRanges(shared.walk.count().ranges, shared.walk.count().skipped);
    return result;
  }

  TableResult Count() {
    const Cancellation never;
    const RetryPolicy retry{SystemClock(), never, std::chrono::milliseconds(0)};
    SharedVerification shared(source_, options_, retry);
    auto counted = TableVerifier(shape_, shared, source_, target_, options_, retry).VerifyCounts();
    EXPECT_TRUE(counted.ok());
    counted->method = ComparisonMethod::kCounts;
    return *std::move(counted);
  }

  RowShape shape_;
  VerifierOptions options_;
  FakeSide source_, target_;
};

using Counts = std::vector<uint64_t>;
Counts CountsOf(const TableResult& result) {
  return {result.missing, result.different, result.extra};
}

TEST_F(TableVerifierTest, EqualChecksumsReadNoRow) {
  source_.has_checksums = target_.has_checksums = true;
  const TableResult result = Verify();
  EXPECT_TRUE(result.equal());
  EXPECT_EQ(result.method, ComparisonMethod::kChecksums);
  EXPECT_EQ(result.source_rows, 100U);
  EXPECT_EQ(source_.ranges_read + target_.ranges_read, 0);
}

TEST_F(TableVerifierTest, OnlyTheDifferingRangeIsRead) {
  source_.has_checksums = target_.has_checksums = true;
  target_.rows[41][1] = "x";
  const TableResult result = Verify();
  EXPECT_EQ(CountsOf(result), (Counts{0, 1, 0}));
  EXPECT_EQ(result.ranges, 10U);
  EXPECT_EQ(result.ranges_read, 1U);
  ASSERT_EQ(result.differences.size(), 1U);
  EXPECT_EQ(result.differences[0].key, (RowKey{"42"}));
  EXPECT_EQ(result.differences[0].source, (std::vector<Row>{{"42", "v42"}}));
  EXPECT_EQ(result.differences[0].target, (std::vector<Row>{{"42", "x"}}));
}

TEST_F(TableVerifierTest, SidesWithoutChecksumsAreRead) {
  target_.rows.erase(target_.rows.begin() + 4);
  target_.rows.push_back({"1000", std::nullopt});
  target_.rows[20][1] = std::nullopt;
  const TableResult result = Verify();
  EXPECT_EQ(result.method, ComparisonMethod::kRows);
  EXPECT_EQ(CountsOf(result), (Counts{1, 1, 1}));
  EXPECT_EQ(result.source_rows, 100U);
}

// More rows than may be held at once: found in passes.
TEST_F(TableVerifierTest, LargeRangesAreComparedInPasses) {
  options_.rows_at_once = 3;
  for (const int i : {1, 2, 3, 14, 15, 96}) target_.rows[static_cast<size_t>(i)][1] = "x";
  EXPECT_EQ(CountsOf(Verify()), (Counts{0, 6, 0}));
}

TEST_F(TableVerifierTest, RowsWithoutAKeyAreCounted) {
  shape_.keyless = true;
  shape_.key = {0};
  source_.rows = {{"1", "a"}, {"1", "a"}, {"1", "b"}, {"2", "c"}};
  target_.rows = {{"1", "a"}, {"1", "b"}, {"1", "d"}, {"2", "c"}, {"2", "c"}};
  EXPECT_EQ(CountsOf(Verify()), (Counts{0, 1, 1}));
}

TEST_F(TableVerifierTest, WhatTheStreamBringsMeanwhileIsNoDifference) {
  options_.wait_until_applied = [&]() -> Status {
    target_.rows = source_.rows;
    return {};
  };
  target_.rows[7][1] = "not yet";
  target_.rows.erase(target_.rows.begin() + 50);
  EXPECT_TRUE(Verify().equal());
}

TEST_F(TableVerifierTest, WhatStaysIsADifference) {
  int waits = 0;
  options_.wait_until_applied = [&]() -> Status {
    ++waits;
    return {};
  };
  target_.rows[7][1] = "x";
  EXPECT_EQ(CountsOf(Verify()), (Counts{0, 1, 0}));
  EXPECT_EQ(waits, 2);
}

// A row that changes at each look: nothing can be said of it, and nothing is.
TEST_F(TableVerifierTest, ARowThatNeverRestsIsNamedUnsettled) {
  options_.wait_until_applied = [] { return Status(); };
  int version = 0;
  source_.after_keys = [&] { source_.rows[7][1] = std::to_string(++version); };
  target_.rows[7][1] = "x";
  const TableResult result = Verify();
  EXPECT_EQ(CountsOf(result), (Counts{0, 0, 0}));
  EXPECT_EQ(result.unsettled, 1U);
}

// A row of the source that no load can carry must not make its old version at the target an extra
// row, which a correction would delete.
TEST_F(TableVerifierTest, RefusedRowsAreNoExtraRows) {
  source_.rows[7][1] = "refused";
  target_.rows[8][1] = "x";
  const TableResult result = Verify();
  EXPECT_EQ(CountsOf(result), (Counts{0, 1, 0}));
  EXPECT_EQ(result.refused, 1U);
  EXPECT_FALSE(result.equal());
}

TEST_F(TableVerifierTest, KeepsNoMoreThanItMay) {
  options_.kept_differences = 5;
  for (Row& row : target_.rows) row[1] = "x";
  const TableResult result = Verify();
  EXPECT_EQ(CountsOf(result), (Counts{0, 100, 0}));
  EXPECT_EQ(result.differences.size(), 5U);
  EXPECT_FALSE(result.differences_complete);
}

// Each range is taken by one of them; what they found adds up, and what is kept is bounded for all.
TEST_F(TableVerifierTest, SeveralShareATable) {
  source_.has_checksums = target_.has_checksums = true;
  for (const int i : {1, 14, 33, 58, 96}) target_.rows[static_cast<size_t>(i)][1] = "x";
  options_.kept_differences = 3;
  const Cancellation never;
  const RetryPolicy retry{SystemClock(), never, std::chrono::milliseconds(0)};
  SharedVerification shared(source_, options_, retry);
  TableResult result;
  std::mutex mutex;
  const auto verify = [&](FakeSide source, FakeSide target) {
    auto part = TableVerifier(shape_, shared, source, target, options_, retry).VerifyRows();
    ASSERT_TRUE(part.ok());
    std::lock_guard lock(mutex);
    result.Add(*std::move(part));
  };
  std::thread other(verify, source_, target_);
  verify(source_, target_);
  other.join();
  result.SetRanges(shared.walk.count().ranges, shared.walk.count().skipped);
  EXPECT_EQ(CountsOf(result), (Counts{0, 5, 0}));
  EXPECT_EQ(result.ranges, 10U);
  EXPECT_EQ(result.ranges_read, 5U);
  EXPECT_EQ(result.source_rows, 100U);
  EXPECT_EQ(result.differences.size(), 3U);
  EXPECT_FALSE(result.differences_complete);
}

TEST_F(TableVerifierTest, StoppedItTakesNoFurtherRange) {
  const Cancellation never;
  const RetryPolicy retry{SystemClock(), never, std::chrono::milliseconds(0)};
  SharedVerification shared(source_, options_, retry);
  shared.walk.Stop();
  const auto part = TableVerifier(shape_, shared, source_, target_, options_, retry).VerifyRows();
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->source_rows, 0U);
}

TEST_F(TableVerifierTest, CountsAlone) {
  target_.rows[0][1] = "x";
  EXPECT_TRUE(Count().equal());
  target_.rows.pop_back();
  EXPECT_EQ(Count().differing(), 1U);
  EXPECT_EQ(source_.ranges_read, 0);
}

TEST_F(TableVerifierTest, ASampleLeavesRangesOut) {
  options_.sample = 0.5;
  const TableResult result = Verify();
  EXPECT_GT(result.ranges_skipped, 0U);
  EXPECT_LT(result.ranges_skipped, 10U);
  EXPECT_EQ(result.ranges, 10U);
}

}  // namespace
}  // namespace starlift::sync

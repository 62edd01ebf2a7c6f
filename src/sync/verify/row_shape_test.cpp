#include "sync/verify/row_shape.h"

#include <gtest/gtest.h>

#include "sync/verify/digest_comparison.h"

namespace starlift::sync {
namespace {

RowShape Shape(const std::vector<std::string>& types, std::vector<size_t> key) {
  RowShape shape;
  for (const std::string& type : types) {
    shape.columns.push_back(
        {"c" + std::to_string(shape.columns.size()), starrocks::ParseType(type)});
  }
  shape.key = std::move(key);
  return shape;
}

RowDigest DigestOf(const RowShape& shape, std::vector<std::optional<std::string_view>> values) {
  return RowDigester(shape).Digest(values);
}

TEST(RowDigest, SaysTheSameOfOneValueInTwoTexts) {
  const RowShape shape = Shape({"int", "decimal(10,2)", "datetime", "json"}, {0});
  EXPECT_EQ(DigestOf(shape, {"1", "1.50", "2024-01-01 00:00:00.000", "{\"a\": 1}"}),
            DigestOf(shape, {"01", "1.5", "2024-01-01 00:00:00", "{\"a\":1.0}"}));
}

TEST(RowDigest, TellsRowsApart) {
  const RowShape shape = Shape({"int", "varchar(10)", "varchar(10)"}, {0});
  const RowDigest plain = DigestOf(shape, {"1", "ab", "c"});
  for (const auto& other : {DigestOf(shape, {"1", "a", "bc"}), DigestOf(shape, {"1", "ab", "c "}),
                            DigestOf(shape, {"1", std::nullopt, "c"}),
                            DigestOf(shape, {"1", "", "c"}), DigestOf(shape, {"1", "ab", "C"})}) {
    EXPECT_EQ(plain.key, other.key);
    EXPECT_NE(plain.row, other.row);
  }
  EXPECT_NE(plain.key, DigestOf(shape, {"2", "ab", "c"}).key);
  EXPECT_NE(DigestOf(shape, {"1", "", "c"}).row, DigestOf(shape, {"1", std::nullopt, "c"}).row);
}

TEST(RowDigest, OfAKeyIsThatOfItsRows) {
  const RowShape shape = Shape({"varchar(10)", "int", "datetime"}, {2, 0});
  EXPECT_EQ(DigestOf(shape, {"k", "5", "2024-01-01"}).key,
            RowDigester(shape).DigestKey({"2024-01-01 00:00:00", "k"}));
}

class FindDifferingKeysTest : public testing::Test {
 protected:
  std::vector<uint64_t> Find(std::vector<RowDigest> source, std::vector<RowDigest> target) {
    return FindDifferingKeys(shape_, source, target);
  }
  RowShape shape_ = Shape({"int"}, {0});
};

using Keys = std::vector<uint64_t>;

TEST_F(FindDifferingKeysTest, RowsOfAPrimaryKey) {
  EXPECT_EQ(Find({{1, 10}, {2, 20}, {3, 30}}, {{3, 30}, {1, 10}, {2, 20}}), Keys{});
  EXPECT_EQ(Find({{1, 10}, {2, 20}, {3, 30}}, {{1, 10}, {2, 21}, {4, 40}}), (Keys{2, 3, 4}));
  EXPECT_EQ(Find({{1, 10}}, {{1, 10}, {1, 10}}), Keys{1});
  EXPECT_EQ(Find({}, {{7, 1}}), Keys{7});
  EXPECT_EQ(Find({}, {}), Keys{});
}

TEST_F(FindDifferingKeysTest, RowsWithoutAKeyAreAMultiset) {
  shape_.keyless = true;
  EXPECT_EQ(Find({{1, 10}, {1, 10}, {1, 11}}, {{1, 11}, {1, 10}, {1, 10}}), Keys{});
  EXPECT_EQ(Find({{1, 10}, {1, 10}}, {{1, 10}}), Keys{1});
  EXPECT_EQ(Find({{1, 10}, {1, 11}}, {{1, 10}, {1, 10}}), Keys{1});
}

TEST_F(FindDifferingKeysTest, OfTwoSourcesWithAKeyEitherMayWin) {
  shape_.shared = true;
  EXPECT_EQ(Find({{1, 10}, {1, 11}}, {{1, 11}}), Keys{});
  EXPECT_EQ(Find({{1, 10}, {1, 11}}, {{1, 12}}), Keys{1});
  EXPECT_EQ(Find({{1, 10}, {1, 11}}, {}), Keys{1});
}

TEST(BucketSums, SayWhereSidesDiffer) {
  BucketSums ours, theirs;
  const uint64_t bucket = uint64_t{1} << 52;
  for (uint64_t i = 0; i < 100; ++i) {
    ours.Add({i * bucket, i});
    theirs.Add({(99 - i) * bucket, 99 - i});
  }
  EXPECT_TRUE(ours.DifferingBuckets(theirs).empty());
  theirs.Add({5 * bucket, 1});
  ours.Add({9 * bucket + 1, 1});
  theirs.Add({9 * bucket + 1, 2});
  EXPECT_EQ(ours.DifferingBuckets(theirs), (std::vector<size_t>{5, 9}));
}

}  // namespace
}  // namespace starlift::sync

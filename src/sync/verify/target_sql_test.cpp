#include "sync/verify/target_sql.h"

#include <gtest/gtest.h>

namespace starlift::sync {
namespace {

using starrocks::CellRule;

class TargetSqlTest : public testing::Test {
 protected:
  TargetSqlTest() {
    mapping_.target.database = "shop";
    mapping_.target.name = "t";
  }

  void Add(std::string name, Type type, CellRule rule, std::string_view target, bool key = false,
           std::string charset = "") {
    Column column{.name = name, .type = type, .charset = std::move(charset)};
    const auto index = static_cast<ColumnIndex>(mapping_.source.columns.size());
    mapping_.source.columns.push_back(column);
    mapping_.columns.push_back(index);
    starrocks::ColumnPlan plan{.name = std::move(name),
                               .source_index = index,
                               .source_kind = type.kind,
                               .type = starrocks::ParseType(target),
                               .rule = rule,
                               .key = key};
    mapping_.plan.columns.push_back(plan);
    if (!key) return;
    mapping_.source.key.push_back(index);
    mapping_.source.key_kind = KeyKind::kPrimary;
  }

  mapping::TableMapping mapping_;
};

TEST_F(TargetSqlTest, RangesOfIntegersAndMoments) {
  Add("a", {.kind = TypeKind::kInt32}, CellRule::kNumber, "int", true);
  Add("at", {.kind = TypeKind::kTimestamp}, CellRule::kTimestamp, "datetime", true);
  mapping_.plan.columns[1].utc_offset_seconds = 8 * 3600;
  ASSERT_TRUE(RangesCarryOver(mapping_));
  Chunk range;
  EXPECT_EQ(TargetRange(mapping_, range), "");
  range.upper = ChunkBound{"7", "2024-01-01 20:00:00"};
  EXPECT_EQ(TargetRange(mapping_, range),
            "`a` <= 7 AND (`a` < 7 OR (`a` = 7 AND `at` <= \"2024-01-02 04:00:00\"))");
  range.lower = ChunkBound{"-3", "0000-00-00 00:00:00"};
  range.upper.reset();
  EXPECT_EQ(TargetRange(mapping_, range),
            "`a` >= -3 AND (`a` > -3 OR (`a` = -3 AND cast(`at` as varchar) > \"0000-00-00 "
            "00:00:00\"))");
}

TEST_F(TargetSqlTest, BinaryKeysKeepTheirOrderAsHex) {
  Add("k", {.kind = TypeKind::kVarbinary, .length = 8}, CellRule::kHex, "varchar(16)", true);
  ASSERT_TRUE(RangesCarryOver(mapping_));
  Chunk range;
  range.lower = ChunkBound{std::string("\x00\xAB", 2)};
  EXPECT_EQ(TargetRange(mapping_, range), "`k` > \"00ab\"");
}

// Another collation, another order.
TEST_F(TargetSqlTest, RangesOfTextDontCarryOver) {
  Add("k", {.kind = TypeKind::kVarchar, .length = 8}, CellRule::kText, "varchar(32)", true,
      "utf8mb4");
  EXPECT_FALSE(RangesCarryOver(mapping_));
}

TEST_F(TargetSqlTest, ChecksumsOfWhatBothPrintAlike) {
  Add("id", {.kind = TypeKind::kInt32}, CellRule::kNumber, "int", true);
  Add("at", {.kind = TypeKind::kDateTime, .scale = 3}, CellRule::kDateTime, "datetime");
  Add("t", {.kind = TypeKind::kVarchar, .length = 10}, CellRule::kText, "varchar(40)", false,
      "utf8mb4");
  Add("b", {.kind = TypeKind::kBlob, .length = 4'294'967'295}, CellRule::kBinary, "varbinary");
  const auto columns = PlanChecksum(mapping_);
  ASSERT_TRUE(columns);
  EXPECT_EQ(TargetChecksumQuery(mapping_, *columns, ChecksumMethod::kCrc32, "`id` > 1"),
            "SELECT count(*), count(h), sum(cast(h as largeint)), sum(cast(h as largeint) * cast(h "
            "as largeint)) FROM (SELECT crc32(concat_ws('|', ifnull(cast(`id` as varchar), '~'), "
            "ifnull(cast(`at` as varchar), '~'), ifnull(concat(cast(length(`t`) as varchar), ':', "
            "`t`), '~'), ifnull(md5(hex(`b`)), '~'))) AS h FROM `shop`.`t` WHERE `id` > 1) "
            "rows_of_range");
}

TEST_F(TargetSqlTest, TheRestIsRead) {
  Add("id", {.kind = TypeKind::kInt32}, CellRule::kNumber, "int", true);
  ASSERT_TRUE(PlanChecksum(mapping_));
  Add("t", {.kind = TypeKind::kVarchar, .length = 10}, CellRule::kText, "varchar(40)", false,
      "latin1");
  EXPECT_FALSE(PlanChecksum(mapping_));
  mapping_.source.columns[1].charset = "utf8mb4";
  EXPECT_TRUE(PlanChecksum(mapping_));
  mapping_.plan.columns[1].truncate = true;
  EXPECT_FALSE(PlanChecksum(mapping_));
  mapping_.plan.columns[1].truncate = false;
  Add("f", {.kind = TypeKind::kDouble}, CellRule::kFloat, "double");
  EXPECT_FALSE(PlanChecksum(mapping_));
}

TEST_F(TargetSqlTest, KeysOfAnyValue) {
  RowShape shape;
  shape.columns = {{"a", starrocks::ParseType("bigint")},
                   {"b", starrocks::ParseType("varchar(10)")}};
  shape.key = {0, 1};
  EXPECT_EQ(TargetKeysCondition(shape, {{"1", "x\"y"}, {"-2", std::nullopt}}),
            "(`a` = 1 AND `b` = \"x\\\"y\") OR (`a` = -2 AND `b` IS NULL)");
  EXPECT_EQ(TargetKeysCondition(shape, {{"1; --", "x"}}), "`a` = \"1; --\" AND `b` = \"x\"");
}

TEST_F(TargetSqlTest, KeysBackAtTheSource) {
  starrocks::ColumnPlan column{.rule = CellRule::kHex};
  EXPECT_EQ(SourceKeyCell(column, "00ab"), std::string("\x00\xAB", 2));
  EXPECT_EQ(SourceKeyCell(column, "no hex"), "no hex");
  column.rule = CellRule::kTimestamp;
  column.utc_offset_seconds = 8 * 3600;
  EXPECT_EQ(SourceKeyCell(column, "2024-01-01 00:00:00"), "2023-12-31 16:00:00");
}

}  // namespace
}  // namespace starlift::sync

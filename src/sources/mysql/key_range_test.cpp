#include "sources/mysql/key_range.h"

#include <gtest/gtest.h>

#include "sources/mysql/key_choice.h"

namespace starlift::mysql {
namespace {

Column MakeColumn(std::string name, TypeKind kind, std::string native_type = "") {
  Column column;
  column.name = std::move(name);
  column.type.kind = kind;
  column.native_type = std::move(native_type);
  column.nullable = false;
  if (IsText(kind)) {
    column.charset = "latin1";
    column.collation = "latin1_german1_ci";
  }
  return column;
}

Table MakeTable(std::vector<Column> columns) {
  Table table;
  table.id = {.database = "shop", .name = "t"};
  table.columns = std::move(columns);
  table.key_kind = KeyKind::kPrimary;
  for (ColumnIndex i = 0; i < table.columns.size(); ++i) table.key.push_back(i);
  return table;
}

TEST(KeyRange, NoBoundsNoCondition) {
  EXPECT_EQ(RangeCondition(MakeTable({MakeColumn("id", TypeKind::kInt32)}), Chunk{}), "");
}

TEST(KeyRange, OneColumnIsHalfOpen) {
  const Table table = MakeTable({MakeColumn("id", TypeKind::kInt64)});
  Chunk chunk{.number = 1, .lower = ChunkBound{"-5"}, .upper = ChunkBound{"10"}};
  EXPECT_EQ(RangeCondition(table, chunk), "(`id` > -5) AND (`id` <= 10)");
  chunk.upper.reset();
  EXPECT_EQ(RangeCondition(table, chunk), "(`id` > -5)");
}

TEST(KeyRange, SeveralColumnsBySteps) {
  const Table table =
      MakeTable({MakeColumn("a", TypeKind::kInt32), MakeColumn("b", TypeKind::kDate),
                 MakeColumn("c", TypeKind::kVarbinary)});
  const ChunkBound bound{"1", "2020-01-01", std::string("\xFF\0", 2)};
  EXPECT_EQ(AfterCondition(table, bound),
            "`a` >= 1 AND (`a` > 1 OR (`a` = 1 AND (`b` > '2020-01-01' OR (`b` = '2020-01-01' AND "
            "(`c` > X'FF00')))))");
  EXPECT_EQ(RangeCondition(table, Chunk{.upper = bound}),
            "(`a` <= 1 AND (`a` < 1 OR (`a` = 1 AND (`b` < '2020-01-01' OR (`b` = '2020-01-01' AND "
            "(`c` <= X'FF00'))))))");
}

TEST(KeyRange, TextKeepsItsBytesAndCollation) {
  const Table table = MakeTable({MakeColumn("k", TypeKind::kVarchar)});
  EXPECT_EQ(AfterCondition(table, {"\xE4'"}), "`k` > _latin1 X'E427' COLLATE latin1_german1_ci");
}

TEST(KeyRange, EnumsAreListedByNumber) {
  const Table table = MakeTable(
      {MakeColumn("e", TypeKind::kEnum, "enum('c','b','a')"), MakeColumn("n", TypeKind::kInt8)});
  EXPECT_TRUE(KeyHasOrder(table));
  EXPECT_EQ(BoundExpression(table.columns[0]), "`e` + 0");
  EXPECT_EQ(AfterCondition(table, {"2", "5"}),
            "`e` IN (2, 3) AND (`e` IN (3) OR (`e` = 2 AND (`n` > 5)))");
  EXPECT_EQ(AfterCondition(table, {"3", "5"}), "`e` IN (3) AND (FALSE OR (`e` = 3 AND (`n` > 5)))");
  EXPECT_EQ(RangeCondition(table, Chunk{.upper = ChunkBound{"1", "5"}}),
            "(`e` IN (0, 1) AND (`e` IN (0) OR (`e` = 1 AND (`n` <= 5))))");
}

TEST(KeyRange, KeysWithoutUsableOrder) {
  EXPECT_FALSE(KeyHasOrder(MakeTable({MakeColumn("f", TypeKind::kFloat)})));
  EXPECT_FALSE(KeyHasOrder(
      MakeTable({MakeColumn("a", TypeKind::kInt8), MakeColumn("f", TypeKind::kDouble)})));
  EXPECT_FALSE(KeyHasOrder(MakeTable({MakeColumn("s", TypeKind::kSet, "set('a')")})));
  EXPECT_FALSE(KeyHasOrder(Table{}));
}

TableIndex Unique(std::string name, const std::vector<ColumnIndex>& columns, bool prefix = false) {
  TableIndex index{.name = std::move(name), .unique = true};
  for (const ColumnIndex column : columns) index.parts.push_back({column, prefix});
  return index;
}

Table Keyless() {
  Table table = MakeTable({MakeColumn("a", TypeKind::kInt32), MakeColumn("b", TypeKind::kVarchar),
                           MakeColumn("n", TypeKind::kInt32), MakeColumn("t", TypeKind::kText)});
  table.columns[2].nullable = true;
  table.key_kind = KeyKind::kNone;
  table.key.clear();
  return table;
}

TEST(KeyChoice, PrimaryGoesFirst) {
  Table table = Keyless();
  table.indexes = {Unique("A", {0}), Unique("PRIMARY", {1, 0})};
  ChooseKey(table);
  EXPECT_EQ(table.key_kind, KeyKind::kPrimary);
  EXPECT_EQ(table.key, (std::vector<ColumnIndex>{1, 0}));
}

TEST(KeyChoice, ThenTheShortestUniqueKey) {
  Table table = Keyless();
  table.indexes = {Unique("u1", {0, 1}),
                   Unique("u3", {0}),
                   Unique("u2", {1}),
                   {.name = "plain", .unique = false, .parts = {{0}}}};
  ChooseKey(table);
  EXPECT_EQ(table.key_kind, KeyKind::kUnique);
  EXPECT_EQ(table.key, (std::vector<ColumnIndex>{1}));
}

TEST(KeyChoice, NullablePrefixTextAndExpressionKeysDontCount) {
  Table table = Keyless();
  table.indexes = {Unique("u1", {2}), Unique("u2", {1}, true), Unique("u3", {3}),
                   Unique("u4", {TableIndex::Part::kExpression}), Unique("PRIMARY", {1}, true)};
  ChooseKey(table);
  EXPECT_EQ(table.key_kind, KeyKind::kNone);
  EXPECT_TRUE(table.key.empty());
}

}  // namespace
}  // namespace starlift::mysql

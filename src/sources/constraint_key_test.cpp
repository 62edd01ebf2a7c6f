#include "sources/constraint_key.h"

#include <gtest/gtest.h>

namespace starlift {
namespace {

Table WithColumns() {
  Table table;
  const auto add = [&](std::string name, TypeKind kind, bool nullable) {
    Column column;
    column.name = std::move(name);
    column.type.kind = kind;
    column.nullable = nullable;
    table.columns.push_back(std::move(column));
  };
  add("id", TypeKind::kInt64, false);
  add("code", TypeKind::kVarchar, false);
  add("part", TypeKind::kInt32, false);
  add("note", TypeKind::kVarchar, true);
  add("body", TypeKind::kBlob, false);
  return table;
}

Constraint Key(std::string name, ConstraintKind kind, std::vector<std::string> columns) {
  return {.name = std::move(name), .kind = kind, .columns = std::move(columns)};
}

TEST(ChooseKey, PrimaryBeforeShorterUnique) {
  Table table = WithColumns();
  ChooseKey({Key("a", ConstraintKind::kUnique, {"code"}),
             Key("z", ConstraintKind::kPrimary, {"part", "id"})},
            table);
  EXPECT_EQ(table.key_kind, KeyKind::kPrimary);
  EXPECT_EQ(table.key, (std::vector<ColumnIndex>{2, 0}));
}

TEST(ChooseKey, UniqueOfFewestColumnsThenByName) {
  Table table = WithColumns();
  ChooseKey(
      {Key("m", ConstraintKind::kUnique, {"id", "part"}), Key("z", ConstraintKind::kUnique, {"id"}),
       Key("b", ConstraintKind::kUnique, {"code"})},
      table);
  EXPECT_EQ(table.key_kind, KeyKind::kUnique);
  EXPECT_EQ(table.key, (std::vector<ColumnIndex>{1}));
}

TEST(ChooseKey, NeverForeignNullableBytesOrUnknownColumns) {
  Table table = WithColumns();
  ChooseKey(
      {Key("f", ConstraintKind::kForeign, {"id"}), Key("n", ConstraintKind::kUnique, {"note"}),
       Key("b", ConstraintKind::kUnique, {"body"}), Key("x", ConstraintKind::kUnique, {"gone"}),
       Key("e", ConstraintKind::kUnique, {})},
      table);
  EXPECT_EQ(table.key_kind, KeyKind::kNone);
  EXPECT_TRUE(table.key.empty());
}

}  // namespace
}  // namespace starlift

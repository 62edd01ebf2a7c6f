#include "sources/clickhouse/types.h"

#include <gtest/gtest.h>

#include "sources/clickhouse/session.h"
#include "sources/clickhouse/type_name.h"

namespace starlift::clickhouse {
namespace {

TEST(ClickhouseTypes, Numbers) {
  EXPECT_EQ(TypeOf("UInt64").kind, TypeKind::kUInt64);
  EXPECT_EQ(TypeOf("Int8").kind, TypeKind::kInt8);
  EXPECT_EQ(TypeOf("Decimal(10, 2)"),
            (Type{.kind = TypeKind::kDecimal, .precision = 10, .scale = 2}));
  EXPECT_EQ(TypeOf("Decimal64(4)"),
            (Type{.kind = TypeKind::kDecimal, .precision = 18, .scale = 4}));
  EXPECT_EQ(TypeOf("Int128"), (Type{.kind = TypeKind::kDecimal, .precision = 39}));
}

TEST(ClickhouseTypes, Wrapped) {
  EXPECT_EQ(TypeOf("LowCardinality(Nullable(FixedString(3)))"),
            (Type{.kind = TypeKind::kChar, .length = 3}));
  EXPECT_TRUE(Unwrap("LowCardinality(Nullable(String))").nullable);
  EXPECT_FALSE(Unwrap("Array(Nullable(String))").nullable);
  EXPECT_EQ(TypeOf("SimpleAggregateFunction(sum, Float64)").kind, TypeKind::kDouble);
  EXPECT_EQ(TypeOf("AggregateFunction(uniq, UInt64)").kind, TypeKind::kUnsupported);
}

TEST(ClickhouseTypes, MomentsAndLabels) {
  EXPECT_EQ(TypeOf("DateTime('Europe/Berlin')").kind, TypeKind::kTimestamp);
  EXPECT_EQ(TypeOf("DateTime64(9, 'UTC')").scale, 6);
  EXPECT_EQ(TypeOf("DateTime64(3)").scale, 3);
  EXPECT_EQ(TypeOf("Enum8('a' = 1, 'it\\'s, ä' = -2)"),
            (Type{.kind = TypeKind::kEnum, .length = 7}));
}

TEST(ClickhouseTypes, Containers) {
  for (const std::string_view text :
       {"Array(UInt8)", "Map(String, Array(Int8))", "Tuple(a UInt8, b String)", "JSON(max = 3)"}) {
    EXPECT_EQ(TypeOf(text).kind, TypeKind::kJson) << text;
  }
}

TEST(ClickhouseDefaults, LiteralsAreToldFromExpressions) {
  const auto with = [](std::string expression) {
    return ColumnOf({.name = "a",
                     .type = "UInt8",
                     .default_kind = "DEFAULT",
                     .default_expression = std::move(expression)});
  };
  EXPECT_EQ(with("7").default_text, "7");
  EXPECT_EQ(with("CAST(7 AS UInt8)").default_text, "7");
  EXPECT_EQ(with("CAST('x', 'String')").default_text, "x");
  EXPECT_EQ(with("now()").default_kind, DefaultKind::kCurrentTimestamp);
  EXPECT_EQ(with("a + 1").default_kind, DefaultKind::kExpression);
  EXPECT_EQ(with("concat('a', 'b')").default_kind, DefaultKind::kExpression);
}

TEST(TabSeparated, EscapesAndNull) {
  const auto rows = ParseTabSeparated("a\\tb\\n\\\\\\'\t\\N\nx\t1\n");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, (Rows{{"a\tb\n\\'", ""}, {"x", "1"}}));
  EXPECT_TRUE(ParseTabSeparated("")->empty());
  EXPECT_FALSE(ParseTabSeparated("a\tb\nc\n").ok());
}

}  // namespace
}  // namespace starlift::clickhouse

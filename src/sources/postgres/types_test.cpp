#include "sources/postgres/types.h"

#include <gtest/gtest.h>

namespace starlift::postgres {
namespace {

constexpr uint32_t kNumeric = 1700, kVarchar = 1043, kInt4 = 23, kMood = 16400, kPosint = 16401,
                   kSmallPosint = 16402, kIntArray = 1007, kTimestamptz = 1184, kPair = 16403,
                   kJsonb = 3802, kMoney = 790, kBpchar = 1042, kBit = 1560, kGone = 99999;

NativeTypes Known() {
  NativeTypes types;
  types[kNumeric] = {.name = "numeric"};
  types[kVarchar] = {.name = "varchar"};
  types[kBpchar] = {.name = "bpchar"};
  types[kInt4] = {.name = "int4"};
  types[kTimestamptz] = {.name = "timestamptz"};
  types[kJsonb] = {.name = "jsonb"};
  types[kMoney] = {.name = "money"};
  types[kBit] = {.name = "bit"};
  types[kIntArray] = {.name = "_int4", .element = kInt4, .is_array = true};
  types[kMood] = {.name = "mood", .schema = "public", .type = 'e', .longest_label = 7};
  types[kPair] = {.name = "pair", .schema = "public", .type = 'c'};
  types[kPosint] = {.name = "posint", .type = 'd', .base = kInt4, .not_null = true};
  types[kSmallPosint] = {.name = "small_posint", .type = 'd', .base = kPosint};
  return types;
}

// numeric(p,s) as pg_attribute.atttypmod packs it.
int32_t NumericModifier(int precision, int scale) {
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

Type Of(uint32_t oid, int32_t modifier = -1) {
  static const NativeTypes types = Known();
  return TypeOf(Resolve(types, oid, modifier), 2);
}

TEST(PostgresTypes, Numeric) {
  EXPECT_EQ(Of(kNumeric, NumericModifier(12, 2)),
            (Type{.kind = TypeKind::kDecimal, .precision = 12, .scale = 2}));
  // Without precision a value may have 131072 digits.
  EXPECT_EQ(Of(kNumeric).kind, TypeKind::kText);
  // numeric(5,-2) holds up to 9999900; numeric(2,5) up to 0.00099.
  EXPECT_EQ(Of(kNumeric, NumericModifier(5, -2)),
            (Type{.kind = TypeKind::kDecimal, .precision = 7, .scale = 0}));
  EXPECT_EQ(Of(kNumeric, NumericModifier(2, 5)),
            (Type{.kind = TypeKind::kDecimal, .precision = 5, .scale = 5}));
  EXPECT_EQ(Of(kNumeric, NumericModifier(1000, 500)).kind, TypeKind::kText);
  EXPECT_EQ(Of(kMoney), (Type{.kind = TypeKind::kDecimal, .precision = 19, .scale = 2}));
}

TEST(PostgresTypes, Characters) {
  EXPECT_EQ(Of(kVarchar, 84), (Type{.kind = TypeKind::kVarchar, .length = 80}));
  EXPECT_EQ(Of(kVarchar).kind, TypeKind::kText);
  EXPECT_EQ(Of(kBpchar, 24), (Type{.kind = TypeKind::kChar, .length = 20}));
  EXPECT_EQ(Of(kBit, 8), (Type{.kind = TypeKind::kVarchar, .length = 8}));
}

TEST(PostgresTypes, FractionDigits) {
  EXPECT_EQ(Of(kTimestamptz).scale, 6);
  EXPECT_EQ(Of(kTimestamptz, 0).scale, 0);
  EXPECT_EQ(Of(kTimestamptz, 3).scale, 3);
}

TEST(PostgresTypes, UserDefined) {
  EXPECT_EQ(Of(kMood), (Type{.kind = TypeKind::kEnum, .length = 7}));
  EXPECT_EQ(Of(kIntArray).kind, TypeKind::kJson);
  EXPECT_EQ(Of(kPair).kind, TypeKind::kJson);
  EXPECT_EQ(Of(kSmallPosint).kind, TypeKind::kInt32);
  EXPECT_EQ(Of(kGone).kind, TypeKind::kUnsupported);
}

TEST(PostgresTypes, DomainMakesTheColumnNotNull) {
  const Column column = ColumnOf({.name = "a", .type = kSmallPosint}, Known(), 2);
  EXPECT_FALSE(column.nullable);
  EXPECT_EQ(column.default_kind, DefaultKind::kNone);
}

Column WithDefault(uint32_t type, std::string expression, std::string native = "") {
  return ColumnOf({.name = "a",
                   .type = type,
                   .native_type = std::move(native),
                   .default_expression = std::move(expression)},
                  Known(), 2);
}

void ExpectDefault(const Column& column, DefaultKind kind, std::string_view text) {
  EXPECT_EQ(column.default_kind, kind) << column.default_text;
  EXPECT_EQ(column.default_text, text);
}

TEST(PostgresDefaults, Literals) {
  ExpectDefault(WithDefault(kVarchar, "'none'::character varying"), DefaultKind::kLiteral, "none");
  ExpectDefault(WithDefault(kVarchar, "'x''y\"z'::character varying(20)"), DefaultKind::kLiteral,
                "x'y\"z");
  ExpectDefault(WithDefault(kVarchar, "E'a\\\\b'::text"), DefaultKind::kLiteral, "a\\b");
  ExpectDefault(WithDefault(kMood, "'ok'::public.mood"), DefaultKind::kLiteral, "ok");
  ExpectDefault(WithDefault(kInt4, "5"), DefaultKind::kLiteral, "5");
  ExpectDefault(WithDefault(kInt4, "'-1'::integer"), DefaultKind::kLiteral, "-1");
  ExpectDefault(WithDefault(kInt4, "(-1)"), DefaultKind::kLiteral, "-1");
  ExpectDefault(WithDefault(kNumeric, "(1.50)::numeric(10,2)"), DefaultKind::kLiteral, "1.50");
  ExpectDefault(WithDefault(kJsonb, "'{}'::jsonb", "jsonb"), DefaultKind::kLiteral, "{}");
}

TEST(PostgresDefaults, Expressions) {
  ExpectDefault(WithDefault(kIntArray, "'{1}'::integer[]", "integer[]"), DefaultKind::kExpression,
                "'{1}'::integer[]");
  ExpectDefault(WithDefault(kInt4, "(1 + 1)"), DefaultKind::kExpression, "(1 + 1)");
  ExpectDefault(WithDefault(kVarchar, "('a'::text || 'b'::text)"), DefaultKind::kExpression,
                "('a'::text || 'b'::text)");
  ExpectDefault(WithDefault(kTimestamptz, "now()"), DefaultKind::kCurrentTimestamp, "now()");
  ExpectDefault(WithDefault(kVarchar, "now()"), DefaultKind::kExpression, "now()");
  ExpectDefault(WithDefault(kVarchar, "NULL::character varying"), DefaultKind::kNull, "");
}

TEST(PostgresDefaults, Sequences) {
  EXPECT_TRUE(WithDefault(kInt4, "nextval('public.t_id_seq'::regclass)").auto_increment);
  const Column identity = ColumnOf({.name = "a", .type = kInt4, .identity = true}, Known(), 2);
  EXPECT_TRUE(identity.auto_increment);
  EXPECT_EQ(identity.default_kind, DefaultKind::kNone);
}

TEST(PostgresDefaults, NoneMeansNullWhereThatMayBe) {
  const Column nullable = ColumnOf({.name = "a", .type = kInt4}, Known(), 2);
  EXPECT_EQ(nullable.default_kind, DefaultKind::kNull);
  const Column wanted = ColumnOf({.name = "a", .type = kInt4, .not_null = true}, Known(), 2);
  EXPECT_EQ(wanted.default_kind, DefaultKind::kNone);
}

}  // namespace
}  // namespace starlift::postgres

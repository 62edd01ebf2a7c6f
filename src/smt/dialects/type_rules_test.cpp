// The tables of docs/reference/smt.md for ClickHouse, SQL Server, Oracle and Hive: what the
// original writes, and what we write instead.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "smt/dialects/clickhouse_types.h"
#include "smt/dialects/hive_types.h"
#include "smt/dialects/mysql_types.h"
#include "smt/dialects/oracle_types.h"
#include "smt/dialects/sqlserver_types.h"

namespace starlift::smt {
namespace {

struct Case {
  std::string_view native;
  Type type;  // as the source's catalog reader sets it, where the rule goes by it
  std::string_view compat, right;
  std::string_view compat_flink = "", right_flink = "";
};

Column ColumnOf(const Case& one) {
  Column column;
  column.native_type = one.native;
  column.type = one.type;
  return column;
}

void Expect(TypeRule rule, const Case& one, bool flink = true) {
  const Column column = ColumnOf(one);
  const ColumnType compat = rule(column, {.form = Form::kCompat});
  const ColumnType right = rule(column, {.form = Form::kRight});
  EXPECT_EQ(compat.starrocks, one.compat) << one.native;
  EXPECT_EQ(right.starrocks, one.right) << one.native;
  if (!flink) {
    EXPECT_EQ(compat.flink + right.flink, "") << one.native;
    return;
  }
  EXPECT_EQ(compat.flink, one.compat_flink.empty() ? one.compat : one.compat_flink) << one.native;
  EXPECT_EQ(right.flink, one.right_flink.empty() ? one.right : one.right_flink) << one.native;
}

// What Debezium hands over is the lowest byte first; TiDB's connector isn't Debezium.
TEST(MysqlTypeRule, BitsAndTimesThroughFlink) {
  const Column bits = ColumnOf({"bit(9)", {.kind = TypeKind::kBit, .length = 9}, "", ""});
  EXPECT_EQ(MapMysqlType(bits, {}).load_expression,
            "bitand(bit_shift_right(cast({0} as largeint),8),255)*cast(1 as largeint)+"
            "bitand(bit_shift_right(cast({0} as largeint),0),255)*cast(256 as largeint)");
  EXPECT_EQ(MapTidbType(bits, {}).load_expression, "");
  EXPECT_EQ(MapMysqlType(bits, {.form = Form::kCompat}).load_expression, "");
  const Column byte = ColumnOf({"bit(8)", {.kind = TypeKind::kBit, .length = 8}, "", ""});
  EXPECT_EQ(MapMysqlType(byte, {}).load_expression, "");
  const Column time = ColumnOf({"time(3)", {.kind = TypeKind::kTime, .scale = 3}, "", ""});
  EXPECT_EQ(MapMysqlType(time, {}).flink_source, "BIGINT");
  EXPECT_EQ(MapMysqlType(time, {}).lossy, "");
  EXPECT_EQ(MapTidbType(time, {}).flink_source, "TIME(3)");
  EXPECT_EQ(MapMysqlType(time, {.form = Form::kCompat}).flink, "TIMESTAMP");
}

TEST(ClickhouseTypeRule, TableOfTheReference) {
  for (const Case& one : {
           Case{"Int8", {}, "TINYINT", "TINYINT"},
           Case{"UInt8", {}, "SMALLINT", "SMALLINT"},
           Case{"UInt32", {}, "BIGINT", "BIGINT"},
           Case{"Nullable(UInt64)", {}, "LARGEINT", "LARGEINT"},
           Case{"Float32", {}, "FLOAT", "FLOAT"},
           Case{"Decimal(10, 2)", {}, "DECIMAL(10, 2)", "DECIMAL(10, 2)"},
           Case{"Decimal64(4)", {}, "DECIMAL(18, 4)", "DECIMAL(18, 4)"},
           Case{"Decimal256(4)", {}, "DECIMAL(38, 4)", "STRING"},
           Case{"Date32", {}, "DATE", "DATE"},
           Case{"DateTime", {}, "DATETIME", "DATETIME"},
           Case{"DateTime('UTC')", {}, "STRING", "DATETIME"},
           Case{"DateTime64(3)", {}, "STRING", "DATETIME"},
           Case{"Array(LowCardinality(String))", {}, "ARRAY<STRING>", "ARRAY<VARCHAR(1048576)>"},
           Case{"Array(Array(Int8))", {}, "ARRAY<ARRAY<TINYINT>>", "ARRAY<ARRAY<TINYINT>>"},
           Case{"Bool", {}, "STRING", "BOOLEAN"},
           Case{"Int128", {}, "STRING", "LARGEINT"},
           Case{"UInt256", {}, "STRING", "STRING"},
           Case{"UUID", {}, "STRING", "STRING"},
           Case{"Map(String, UInt8)", {}, "STRING", "MAP<VARCHAR(1048576), SMALLINT>"},
           Case{"Tuple(a UInt8, b Array(Date))", {}, "STRING", "STRUCT<a SMALLINT, b ARRAY<DATE>>"},
           Case{"Tuple(UInt8, Date)", {}, "STRING", "JSON"},
           Case{"JSON", {}, "STRING", "JSON"},
           Case{"String", {}, "STRING", "VARCHAR(1048576)"},
           Case{"FixedString(3)", {}, "STRING", "STRING"},
           Case{"Enum8('a' = 1)", {.kind = TypeKind::kEnum, .length = 1}, "STRING", "STRING"},
           Case{"SimpleAggregateFunction(sum, Float64)", {}, "DOUBLE", "DOUBLE"},
           Case{"AggregateFunction(uniq, UInt64)", {}, "", ""},
       }) {
    Expect(MapClickhouseType, one, /*flink=*/false);
  }
}

TEST(ClickhouseTypeRule, NarrowDecimalsAndKeys) {
  const Column wide = ColumnOf({"Decimal(30, 2)", {}, "", ""});
  EXPECT_EQ(MapClickhouseType(wide, {.form = Form::kCompat, .decimal_digits = 27}).starrocks,
            "DECIMAL(27, 2)");
  EXPECT_EQ(MapClickhouseType(wide, {.decimal_digits = 27}).starrocks, "STRING");
  const Column text = ColumnOf({"String", {}, "", ""});
  EXPECT_EQ(MapClickhouseType(text, {.in_key = true}).starrocks, "STRING");
  const Column array = ColumnOf({"Array(Int8)", {}, "", ""});
  EXPECT_EQ(MapClickhouseType(array, {.in_key = true}).starrocks, "STRING");
}

TEST(SqlserverTypeRule, TableOfTheReference) {
  const auto decimal = [](uint8_t precision, uint8_t scale) {
    return Type{.kind = TypeKind::kDecimal, .precision = precision, .scale = scale};
  };
  const Type text{.kind = TypeKind::kText}, short_text{.kind = TypeKind::kVarchar, .length = 50};
  for (const Case& one : {
           Case{"tinyint", {}, "TINYINT", "SMALLINT"},
           Case{"bigint", {}, "BIGINT", "BIGINT"},
           Case{"bit", {}, "BOOLEAN", "BOOLEAN"},
           Case{"decimal(10,2)", decimal(10, 2), "DECIMAL(10, 2)", "DECIMAL(10, 2)"},
           Case{"money", decimal(19, 4), "DECIMAL(19, 4)", "DECIMAL(19, 4)"},
           Case{"numeric(12,3)", decimal(12, 3), "DECIMAL(12, 3)", "DECIMAL(12, 3)", "NUMERIC"},
           Case{"float", {}, "DOUBLE", "DOUBLE"},
           Case{"real", {}, "FLOAT", "FLOAT"},
           Case{"date", {}, "DATE", "DATE"},
           Case{"datetime2(7)", {}, "DATETIME", "DATETIME", "TIMESTAMP", "TIMESTAMP"},
           Case{"smalldatetime", {}, "DATETIME", "DATETIME", "TIMESTAMP", "TIMESTAMP"},
           Case{"time(7)", {}, "DATETIME", "STRING", "TIMESTAMP", "STRING"},
           Case{"datetimeoffset(7)",
                {},
                "DATETIME",
                "DATETIME",
                "TIMESTAMP_LTZ(3)",
                "TIMESTAMP_LTZ(3)"},
           Case{"nvarchar(50)", short_text, "STRING", "STRING"},
           Case{"varchar(max)", text, "STRING", "VARCHAR(1048576)", "STRING", "STRING"},
           Case{"varbinary(16)",
                {.kind = TypeKind::kVarbinary, .length = 16},
                "STRING",
                "VARBINARY",
                "STRING",
                "STRING"},
           Case{"uniqueidentifier", {.kind = TypeKind::kUuid, .length = 36}, "STRING", "STRING"},
           Case{"hierarchyid", text, "STRING", "VARCHAR(1048576)", "STRING", "STRING"},
       }) {
    Expect(MapSqlserverType, one);
  }
}

TEST(SqlserverTypeRule, WhatIsLossyIsSaid) {
  const auto rule = [](std::string_view native) {
    return MapSqlserverType(ColumnOf({native, {}, "", ""}), {});
  };
  EXPECT_NE(rule("datetime2(7)").lossy, "");
  EXPECT_EQ(rule("datetime2(3)").lossy, "");
  EXPECT_NE(rule("tinyint").reason, "");
  EXPECT_EQ(rule("time(3)").flink_source, "TIME(3)");
}

TEST(OracleTypeRule, TableOfTheReference) {
  const auto decimal = [](uint8_t precision, uint8_t scale) {
    return Type{.kind = TypeKind::kDecimal, .precision = precision, .scale = scale};
  };
  const Type text{.kind = TypeKind::kText};
  for (const Case& one : {
           Case{"NUMBER(1,0)", {.kind = TypeKind::kInt8}, "BOOLEAN", "TINYINT"},
           Case{"NUMBER(2,0)", {.kind = TypeKind::kInt8}, "TINYINT", "TINYINT"},
           Case{"NUMBER(4,0)", {.kind = TypeKind::kInt16}, "SMALLINT", "SMALLINT"},
           Case{"NUMBER(9,0)", {.kind = TypeKind::kInt32}, "INT", "INT"},
           Case{"NUMBER(18,0)", {.kind = TypeKind::kInt64}, "BIGINT", "BIGINT"},
           Case{"NUMBER(38,0)", decimal(38, 0), "DECIMAL(38, 0)", "DECIMAL(38, 0)"},
           Case{"NUMBER(10,2)", decimal(10, 2), "DECIMAL(10, 2)", "DECIMAL(10, 2)"},
           Case{"NUMBER", text, "DECIMAL(22, 0)", "STRING"},
           Case{"FLOAT(126)", {.kind = TypeKind::kDouble}, "DOUBLE", "DOUBLE"},
           Case{"FLOAT(23)", {.kind = TypeKind::kDouble}, "FLOAT", "DOUBLE"},
           Case{"BINARY_DOUBLE", {.kind = TypeKind::kDouble}, "STRING", "DOUBLE"},
           Case{"DATE",
                {.kind = TypeKind::kDateTime},
                "DATETIME",
                "DATETIME",
                "TIMESTAMP",
                "TIMESTAMP"},
           Case{"TIMESTAMP(6)",
                {.kind = TypeKind::kDateTime, .scale = 6},
                "DATETIME",
                "DATETIME",
                "TIMESTAMP(6)",
                "TIMESTAMP(6)"},
           Case{"TIMESTAMP(6) WITH TIME ZONE",
                {.kind = TypeKind::kTimestamp, .scale = 6},
                "DATETIME",
                "DATETIME",
                "TIMESTAMP(6) WITH TIME ZONE",
                "TIMESTAMP_LTZ(6)"},
           Case{"VARCHAR2(20)", {.kind = TypeKind::kVarchar, .length = 20}, "STRING", "STRING"},
           Case{"CLOB", text, "STRING", "VARCHAR(1048576)", "STRING", "STRING"},
           Case{"BLOB", {.kind = TypeKind::kBlob}, "STRING", "VARBINARY", "STRING", "STRING"},
           Case{"INTERVAL DAY(2) TO SECOND(6)",
                {.kind = TypeKind::kVarchar, .length = 32},
                "BIGINT",
                "BIGINT"},
       }) {
    Expect(MapOracleType, one);
  }
}

TEST(OracleTypeRule, KeysAndNumbersWithoutPrecision) {
  const Column key =
      ColumnOf({"NUMBER(20,0)", {.kind = TypeKind::kDecimal, .precision = 20}, "", ""});
  const ColumnType text = MapOracleType(key, {.in_key = true, .in_primary_key = true});
  EXPECT_EQ(text.starrocks, "VARCHAR(23)");
  EXPECT_EQ(text.flink_source, "DECIMAL(20, 0)");
  const ColumnType bare =
      MapOracleType(ColumnOf({"NUMBER", {.kind = TypeKind::kText}, "", ""}), {});
  ASSERT_EQ(bare.flink_options.size(), 1u);
  EXPECT_EQ(bare.flink_options[0].second, "string");
  EXPECT_EQ(MapOracleType(key, {.form = Form::kCompat, .decimal_digits = 27}).starrocks,
            "DECIMAL(20, 0)");
  const Column wide =
      ColumnOf({"NUMBER(30,0)", {.kind = TypeKind::kDecimal, .precision = 30}, "", ""});
  EXPECT_EQ(MapOracleType(wide, {.form = Form::kCompat, .decimal_digits = 27}).starrocks, "STRING");
}

TEST(HiveTypeRule, TableOfTheReference) {
  for (const Case& one : {
           Case{"boolean", {}, "BOOLEAN", "BOOLEAN"},
           Case{"tinyint", {}, "TINYINT", "TINYINT"},
           Case{"integer", {}, "INT", "INT"},
           Case{"double", {}, "DOUBLE", "DOUBLE"},
           Case{"date", {}, "DATE", "DATE"},
           Case{"timestamp", {}, "DATETIME", "DATETIME", "TIMESTAMP", "TIMESTAMP"},
           Case{"varchar(20)", {}, "STRING", "STRING"},
           Case{"string", {}, "STRING", "VARCHAR(1048576)", "STRING", "STRING"},
           Case{"decimal(10,2)", {}, "DECIMAL(10, 2)", "DECIMAL(10, 2)"},
           Case{"binary", {}, "STRING", "VARBINARY", "STRING", "STRING"},
           Case{"array<int>", {}, "STRING", "ARRAY<INT>"},
           Case{"map<string,array<date>>",
                {},
                "STRING",
                "MAP<VARCHAR(1048576), ARRAY<DATE>>",
                "STRING",
                "MAP<STRING, ARRAY<DATE>>"},
           Case{"struct<a:int,b:struct<c:decimal(5,1)>>",
                {},
                "STRING",
                "STRUCT<a INT, b STRUCT<c DECIMAL(5, 1)>>",
                "STRING",
                "ROW<`a` INT, `b` ROW<`c` DECIMAL(5, 1)>>"},
           Case{"uniontype<int,string>", {}, "STRING", "STRING"},
       }) {
    Expect(MapHiveType, one);
  }
}

}  // namespace
}  // namespace starlift::smt

#include "mapping/type_rules.h"

#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace starlift::mapping {
namespace {

Column Of(std::string native, Type type) {
  Column column;
  column.name = "c";
  column.native_type = std::move(native);
  column.type = type;
  return column;
}

// One of each type that MySQL and MariaDB have, in the order of docs/reference/types-mysql.md.
std::vector<Column> EveryType() {
  using enum TypeKind;
  return {
      Of("tinyint(1), bool", {.kind = kInt8}),
      Of("tinyint", {.kind = kInt8}),
      Of("tinyint unsigned", {.kind = kUInt8}),
      Of("smallint", {.kind = kInt16}),
      Of("smallint unsigned", {.kind = kUInt16}),
      Of("mediumint", {.kind = kInt24}),
      Of("mediumint unsigned", {.kind = kUInt24}),
      Of("int", {.kind = kInt32}),
      Of("int unsigned", {.kind = kUInt32}),
      Of("bigint", {.kind = kInt64}),
      Of("bigint unsigned, serial", {.kind = kUInt64}),
      Of("bit(1) … bit(63)", {.kind = kBit, .length = 63}),
      Of("bit(64)", {.kind = kBit, .length = 64}),
      Of("float", {.kind = kFloat}),
      Of("double", {.kind = kDouble}),
      Of("decimal(18, 4): up to 38 digits", {.kind = kDecimal, .precision = 18, .scale = 4}),
      Of("decimal(65, 30): over 38 digits", {.kind = kDecimal, .precision = 65, .scale = 30}),
      Of("date", {.kind = kDate}),
      Of("datetime(f)", {.kind = kDateTime}),
      Of("timestamp(f)", {.kind = kTimestamp}),
      Of("time(f)", {.kind = kTime}),
      Of("year", {.kind = kYear}),
      Of("char(20)", {.kind = kChar, .length = 20}),
      Of("varchar(20)", {.kind = kVarchar, .length = 20}),
      Of("tinytext, text", {.kind = kText, .length = 65'535}),
      Of("mediumtext, longtext", {.kind = kText, .length = 16'777'215}),
      Of("enum, longest label 20", {.kind = kEnum, .length = 20}),
      Of("set, all labels 20", {.kind = kSet, .length = 20}),
      Of("json", {.kind = kJson}),
      Of("binary(16)", {.kind = kBinary, .length = 16}),
      Of("varbinary(16)", {.kind = kVarbinary, .length = 16}),
      Of("tinyblob, blob", {.kind = kBlob, .length = 65'535}),
      Of("mediumblob, longblob", {.kind = kBlob, .length = 16'777'215}),
      Of("geometry and its kinds", {.kind = kGeometry}),
      Of("uuid (MariaDB)", {.kind = kUuid}),
      Of("inet4, inet6 (MariaDB)", {.kind = kInet}),
  };
}

std::string_view RuleText(starrocks::CellRule rule) {
  using enum starrocks::CellRule;
  switch (rule) {
    case kNumber:
      return "number";
    case kFloat:
      return "shortest text that reads back";
    case kText:
    case kAscii:
      return "text";
    case kDate:
    case kDateTime:
    case kTimestamp:
      return "date";
    case kJson:
      return "JSON";
    case kHex:
      return "lower-case hex";
    case kBinary:
      return "bytes, by to_binary";
    case kWkt:
      return "well-known text";
  }
  return "";
}

std::string Landing(const TypeDecision& decision) {
  return decision.supported ? PrintType(decision.type) : "makes the table keyless";
}

// The table of docs/reference/types-mysql.md.
std::string RenderTable() {
  const MappingOptions options;
  std::string table =
      "| MySQL, MariaDB | StarRocks | sent as | as primary key | what to know |\n"
      "|---|---|---|---|---|\n";
  for (const Column& column : EveryType()) {
    const TypeDecision value = DecideType(column, ColumnRole::kValue, options);
    const TypeDecision key = DecideType(column, ColumnRole::kPrimaryKey, options);
    std::string known = value.warning;
    if (known.empty() && key.supported) known = key.warning;
    table += fmt::format("| {} | {} | {} | {} | {} |\n", column.native_type, Landing(value),
                         RuleText(value.rule), Landing(key), known);
  }
  return table;
}

TEST(TypeRules, AreThoseOfTheReferencePage) {
  std::ifstream file(STARLIFT_DOCS "/reference/types-mysql.md");
  std::stringstream page;
  page << file.rdbuf();
  EXPECT_NE(page.str().find(RenderTable()), std::string::npos)
      << "docs/reference/types-mysql.md must hold this table:\n"
      << RenderTable();
}

TEST(TypeRules, LandAsDecided) {
  const MappingOptions options;
  const auto lands = [&](Type type, ColumnRole role = ColumnRole::kValue) {
    return Landing(DecideType(Of("x", type), role, options));
  };
  using enum TypeKind;
  EXPECT_EQ(lands({.kind = kBool}), "TINYINT");
  EXPECT_EQ(lands({.kind = kUInt32}), "BIGINT");
  EXPECT_EQ(lands({.kind = kUInt64}), "LARGEINT");
  EXPECT_EQ(lands({.kind = kVarchar, .length = 255}), "VARCHAR(1020)");
  EXPECT_EQ(lands({.kind = kVarchar, .length = 400'000}), "VARCHAR(1048576)");
  EXPECT_EQ(lands({.kind = kChar, .length = 0}), "VARCHAR(1)");
  EXPECT_EQ(lands({.kind = kTime}), "VARCHAR(18)");
  EXPECT_EQ(lands({.kind = kDecimal, .precision = 38, .scale = 30}), "DECIMAL(38, 30)");
  EXPECT_EQ(lands({.kind = kDecimal, .precision = 39, .scale = 1}), "VARCHAR(42)");
  EXPECT_EQ(lands({.kind = kDecimal, .precision = 10, .scale = 2}, ColumnRole::kPrimaryKey),
            "VARCHAR(13)");
  EXPECT_EQ(lands({.kind = kBinary, .length = 16}, ColumnRole::kPrimaryKey), "VARCHAR(32)");
  EXPECT_FALSE(DecideType(Of("x", {.kind = kFloat}), ColumnRole::kPrimaryKey, options).supported);
  EXPECT_FALSE(DecideType(Of("x", {.kind = kJson}), ColumnRole::kPrimaryKey, options).supported);
  EXPECT_FALSE(DecideType(Of("x", {}), ColumnRole::kValue, options).supported);
  EXPECT_EQ(lands({.kind = kJson}, ColumnRole::kSortKey), "VARCHAR(1048576)");
}

TEST(TypeRules, FollowTheOptions) {
  MappingOptions options;
  options.tinyint1_as_boolean = true;
  options.float_as_double = true;
  options.bytes_per_character = 3;
  options.wide_decimal_as_decimal = true;
  options.zero_date_as_null = false;
  options.target_time_zone = "+08:00";
  const auto decide = [&](std::string native, Type type) {
    return DecideType(Of(std::move(native), type), ColumnRole::kValue, options);
  };
  using enum TypeKind;
  EXPECT_EQ(Landing(decide("tinyint(1)", {.kind = kInt8})), "BOOLEAN");
  EXPECT_EQ(decide("tinyint(1)", {.kind = kInt8}).warning, "values other than 0 and 1 become 1");
  EXPECT_EQ(Landing(decide("tinyint(4)", {.kind = kInt8})), "TINYINT");
  EXPECT_EQ(Landing(decide("float", {.kind = kFloat})), "DOUBLE");
  EXPECT_EQ(Landing(decide("varchar(10)", {.kind = kVarchar, .length = 10})), "VARCHAR(30)");
  EXPECT_EQ(Landing(decide("decimal", {.kind = kDecimal, .precision = 65, .scale = 30})),
            "DECIMAL(38, 30)");
  EXPECT_FALSE(decide("date", {.kind = kDate}).forces_nullable);
  EXPECT_EQ(decide("timestamp", {.kind = kTimestamp}).rule, starrocks::CellRule::kTimestamp);
  EXPECT_EQ(decide("datetime", {.kind = kDateTime}).rule, starrocks::CellRule::kDateTime);
}

TEST(MappingOptions, AreChecked) {
  MappingOptions options;
  EXPECT_TRUE(SetMappingOption("tinyint1_as_boolean", "true", options).ok());
  EXPECT_TRUE(options.tinyint1_as_boolean);
  EXPECT_TRUE(SetMappingOption("target-time-zone", "-05:30", options).ok());
  EXPECT_TRUE(SetMappingOption("table-properties", "compression=ZSTD,a=b", options).ok());
  EXPECT_EQ(options.properties.size(), 2u);
  EXPECT_FALSE(SetMappingOption("bytes-per-character", "5", options).ok());
  EXPECT_FALSE(SetMappingOption("target-time-zone", "Mars", options).ok());
  const Status unknown = SetMappingOption("bucket", "1", options);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().mend, "write buckets");
  EXPECT_EQ(*ParseTimeZoneOffset("-05:30"), -19'800);
  EXPECT_FALSE(ParseTimeZoneOffset("+15:00").ok());
}

}  // namespace
}  // namespace starlift::mapping

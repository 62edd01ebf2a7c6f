#include "sandbox/query/value_text.h"

#include <gtest/gtest.h>

namespace starlift::sandbox::query {
namespace {

TEST(ValueTextTest, DoublesTakeTheFewestDigitsThatReadBack) {
  EXPECT_EQ(DoubleText(1), "1");
  EXPECT_EQ(DoubleText(0.1), "0.1");
  EXPECT_EQ(DoubleText(1e20), "1e+20");
  EXPECT_EQ(DoubleText(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(FloatText(0.1F), "0.1");
}

TEST(ValueTextTest, FractionsOfSecondsOnlyWhereThereAreAny) {
  EXPECT_EQ(DateTimeText(0), "1970-01-01 00:00:00");
  EXPECT_EQ(DateTimeText(1), "1970-01-01 00:00:00.000001");
  EXPECT_EQ(DateTimeText(-1), "1969-12-31 23:59:59.999999");
}

TEST(ValueTextTest, LargeIntegersAtTheirEdges) {
  const Int128 smallest = static_cast<Int128>(static_cast<UInt128>(1) << 127);
  EXPECT_EQ(HugeText(smallest), "-170141183460469231731687303715884105728");
  EXPECT_EQ(HugeText(0), "0");
}

TEST(ValueTextTest, JsonIsShownWithBlanksAndSortedKeys) {
  EXPECT_EQ(JsonText(R"({"b":1,"a":[1,"x",null]})"), R"({"a": [1, "x", null], "b": 1})");
  EXPECT_EQ(JsonText("not json"), "not json");
}

TEST(ValueTextTest, ReadsMomentsAsTheBackendsDo) {
  EXPECT_EQ(DateTimeText(*ParseDateTime("2024-02-29")), "2024-02-29 00:00:00");
  EXPECT_EQ(DateTimeText(*ParseDateTime("20240229")), "2024-02-29 00:00:00");
  EXPECT_EQ(DateTimeText(*ParseDateTime(" 2024-2-9 1:2:3.5 ")), "2024-02-09 01:02:03.500000");
  EXPECT_EQ(DateTimeText(*ParseDateTime("2024-02-29T10:11:12")), "2024-02-29 10:11:12");
  for (const char* bad :
       {"", "2023-02-29", "2024-13-01", "2024-01-01 24:00:00", "yesterday", "2024-01"}) {
    EXPECT_FALSE(ParseDateTime(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace starlift::sandbox::query

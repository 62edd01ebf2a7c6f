#include "sandbox/load/value_parser.h"

#include <gtest/gtest.h>

namespace starlift::sandbox::load {
namespace {

std::optional<int64_t> Int(std::string_view text) { return ParseInteger(text, -128, 127); }

std::string Text(std::optional<Int128> value) {
  if (!value) return "invalid";
  if (*value == 0) return "0";
  const bool negative = *value < 0;
  auto rest = static_cast<UInt128>(negative ? -*value : *value);
  std::string digits;
  for (; rest > 0; rest /= 10) digits.insert(digits.begin(), static_cast<char>('0' + rest % 10));
  return (negative ? "-" : "") + digits;
}

TEST(ParseInteger, CutsFractionsAndChecksRanges) {
  EXPECT_EQ(Int("127"), 127);
  EXPECT_EQ(Int("-128"), -128);
  EXPECT_EQ(Int("+5"), 5);
  EXPECT_EQ(Int("-1.9"), -1);
  EXPECT_EQ(Int("1e2"), 100);
  EXPECT_EQ(Int(" 7 "), 7);
  EXPECT_EQ(Int("128"), std::nullopt);
  EXPECT_EQ(Int(""), std::nullopt);
  EXPECT_EQ(Int("1x"), std::nullopt);
  EXPECT_EQ(Int("+-1"), std::nullopt);
  EXPECT_EQ(ParseInteger("9223372036854775807", INT64_MIN, INT64_MAX), INT64_MAX);
  EXPECT_EQ(ParseInteger("9223372036854775808", INT64_MIN, INT64_MAX), std::nullopt);
}

TEST(ParseLargeInt, ReachesBothEnds) {
  EXPECT_EQ(Text(ParseLargeInt("170141183460469231731687303715884105727")),
            "170141183460469231731687303715884105727");
  EXPECT_EQ(Text(ParseLargeInt("170141183460469231731687303715884105728")), "invalid");
  EXPECT_TRUE(ParseLargeInt("-170141183460469231731687303715884105728").has_value());
  EXPECT_EQ(Text(ParseLargeInt("-170141183460469231731687303715884105729")), "invalid");
  EXPECT_EQ(Text(ParseLargeInt("12.9")), "12");
  EXPECT_EQ(Text(ParseLargeInt("")), "invalid");
}

TEST(ParseBoolean, WordsAndNumbers) {
  EXPECT_EQ(ParseBoolean("TRUE"), true);
  EXPECT_EQ(ParseBoolean("False"), false);
  EXPECT_EQ(ParseBoolean("0"), false);
  EXPECT_EQ(ParseBoolean("-3"), true);
  EXPECT_EQ(ParseBoolean("yes"), std::nullopt);
  EXPECT_EQ(ParseBoolean(""), std::nullopt);
}

TEST(ParseDecimal, NeverGoesThroughDouble) {
  EXPECT_EQ(Text(ParseDecimal("12345678901234567890123456789012345678", 38, 0)),
            "12345678901234567890123456789012345678");
  EXPECT_EQ(Text(ParseDecimal("-0.005", 10, 2)), "-1");
  EXPECT_EQ(Text(ParseDecimal("0.004", 10, 2)), "0");
  EXPECT_EQ(Text(ParseDecimal("1.5", 10, 4)), "15000");
  EXPECT_EQ(Text(ParseDecimal("99.995", 4, 2)), "invalid");
  EXPECT_EQ(Text(ParseDecimal("100", 4, 2)), "invalid");
  EXPECT_EQ(Text(ParseDecimal("00099", 4, 2)), "9900");
  EXPECT_EQ(Text(ParseDecimal("1.5e3", 10, 1)), "15000");
  EXPECT_EQ(Text(ParseDecimal("15e-1", 10, 2)), "150");
  EXPECT_EQ(Text(ParseDecimal(".5", 3, 1)), "5");
  EXPECT_EQ(Text(ParseDecimal("5.", 3, 1)), "50");
  EXPECT_EQ(Text(ParseDecimal("1e-9", 10, 2)), "0");
  for (std::string_view bad : {"", "-", ".", "1.2.3", "abc", "1e", "0x1", "NaN"}) {
    EXPECT_EQ(Text(ParseDecimal(bad, 10, 2)), "invalid") << bad;
  }
}

TEST(ParseDate, Forms) {
  EXPECT_EQ(ParseDate("1970-01-01"), 0);
  EXPECT_EQ(ParseDate("2024-02-29"), 19782);
  EXPECT_EQ(ParseDate("2024/02/29"), 19782);
  EXPECT_EQ(ParseDate("20240229"), 19782);
  EXPECT_EQ(ParseDate("240229"), 19782);
  EXPECT_EQ(ParseDate("24-2-29"), 19782);
  EXPECT_EQ(ParseDate("2024-02-29 23:59:59"), 19782);
  EXPECT_EQ(ParseDate("0000-01-01"), -719528);
  EXPECT_EQ(ParseDate("9999-12-31"), 2932896);
  for (std::string_view bad :
       {"", "2023-02-29", "0000-00-00", "2024-13-01", "2024", "x", "2024-1", "1700000000"}) {
    EXPECT_EQ(ParseDate(bad), std::nullopt) << bad;
  }
}

TEST(ParseDateTime, Forms) {
  constexpr int64_t kSecond = 1'000'000;
  EXPECT_EQ(ParseDateTime("1970-01-01 00:00:01"), kSecond);
  EXPECT_EQ(ParseDateTime("1970-01-01T00:00:01"), kSecond);
  EXPECT_EQ(ParseDateTime("1970-01-01"), 0);
  EXPECT_EQ(ParseDateTime("19700101000001"), kSecond);
  EXPECT_EQ(ParseDateTime("19700101T000001"), kSecond);
  EXPECT_EQ(ParseDateTime("1970-1-1 0:0:1"), kSecond);
  EXPECT_EQ(ParseDateTime("1970-01-01 00:00:00.5"), 500'000);
  EXPECT_EQ(ParseDateTime("1970-01-01 00:00:00.1234569"), 123'456);
  EXPECT_EQ(ParseDateTime("1970-01-01 00:00:01Z"), kSecond);
  EXPECT_EQ(ParseDateTime("1970-01-01 00:00:01+08:00"), kSecond);
  EXPECT_EQ(ParseDateTime("1969-12-31 23:59:59"), -kSecond);
  for (std::string_view bad : {"1970-01-01 24:00:00", "1970-01-01 00:60:00", "1970-01-01 00:00:60",
                               "now", "1970-01-01x00:00:00"}) {
    EXPECT_EQ(ParseDateTime(bad), std::nullopt) << bad;
  }
}

TEST(ParseBinary, Base64FirstElseTheBytes) {
  EXPECT_EQ(ParseBinary("aGVsbG8="), "hello");
  EXPECT_EQ(ParseBinary("abcd"), "\x69\xb7\x1d");
  EXPECT_EQ(ParseBinary("abc"), "abc");
  EXPECT_EQ(ParseBinary("ab!="), "ab!=");
  EXPECT_EQ(ParseBinary(""), "");
}

}  // namespace
}  // namespace starlift::sandbox::load

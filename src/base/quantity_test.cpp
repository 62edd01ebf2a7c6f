#include "base/quantity.h"

#include <gtest/gtest.h>

namespace starlift {
namespace {

using std::chrono::milliseconds;

TEST(Quantity, ReadsSizes) {
  EXPECT_EQ(*ParseBytes("4096"), 4096u);
  EXPECT_EQ(*ParseBytes("64MiB"), 64u << 20);
  EXPECT_EQ(*ParseBytes("64M"), 64u << 20);
  EXPECT_EQ(*ParseBytes("1.5 GiB"), 3u << 29);
  EXPECT_EQ(*ParseBytes("0"), 0u);
}

TEST(Quantity, ReadsDurations) {
  EXPECT_EQ(*ParseDuration("500ms"), milliseconds(500));
  EXPECT_EQ(*ParseDuration("10"), milliseconds(10'000));
  EXPECT_EQ(*ParseDuration("10 min"), milliseconds(600'000));
  EXPECT_EQ(*ParseDuration("2h"), milliseconds(7'200'000));
}

TEST(Quantity, RefusesWhatIsNotANumberOrTooLarge) {
  for (const char* text : {"", "MiB", "-1", "12 XB", "nan", "inf", "1e300", "64MiB x"}) {
    EXPECT_FALSE(ParseBytes(text).ok()) << text;
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
  for (const char* text : {"", "1.5", "1_000", "9223372036854775808", "7x"}) {
    EXPECT_FALSE(ParseInteger(text).ok()) << text;
  }
  EXPECT_EQ(*ParseInteger("-7"), -7);
}

TEST(Quantity, Prints) {
  EXPECT_EQ(FormatBytes(312), "312 B");
  EXPECT_EQ(FormatBytes(3u << 29), "1.5 GiB");
  EXPECT_EQ(FormatDuration(milliseconds(400)), "0.4 s");
  EXPECT_EQ(FormatDuration(milliseconds(185'000)), "3 min 05 s");
  EXPECT_EQ(FormatDuration(milliseconds(7'800'000)), "2 h 10 min");
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1234567), "1,234,567");
}

}  // namespace
}  // namespace starlift

#include "sync/run/incremental_commands.h"

#include <gtest/gtest.h>

namespace starlift::sync {
namespace {

constexpr int64_t kTenOClock = 1'795'255'200'000'000;  // 2026-11-21 10:00:00 UTC

TEST(ParseTimeTest, ReadsUtcAndOffsets) {
  EXPECT_EQ(*ParseTime("2026-11-21T10:00:00Z"), kTenOClock);
  EXPECT_EQ(*ParseTime("2026-11-21 10:00:00"), kTenOClock);
  EXPECT_EQ(*ParseTime("2026-11-21T19:00:00+09:00"), kTenOClock);
  EXPECT_EQ(*ParseTime("2026-11-21T04:30:00-05:30"), kTenOClock);
  EXPECT_EQ(*ParseTime("1970-01-01 00:00:00"), 0);
}

TEST(ParseTimeTest, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026-11-21", "2026-02-30T10:00:00Z", "2026-11-21T24:00:00Z",
                           "2026-11-21T10:00:00JST", "2026-11-21T10:00:00+9", "20261121T100000Z",
                           "2026-11-21T10:00:00Z!", "2026-11-21x10:00:00"}) {
    const auto time = ParseTime(text);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_EQ(time.error().kind, ErrorKind::kUsage);
  }
}

}  // namespace
}  // namespace starlift::sync

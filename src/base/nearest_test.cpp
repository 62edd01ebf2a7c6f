#include "base/nearest.h"

#include <array>

#include <gtest/gtest.h>

namespace starlift {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"host", "http-port", "query-port", "user"};

TEST(NearestName, FindsTyposSwapsAndOtherSpellings) {
  EXPECT_EQ(NearestName("hsot", kNames), "host");
  EXPECT_EQ(NearestName("HTTP_PORT", kNames), "http-port");
  EXPECT_EQ(NearestName("query-prot", kNames), "query-port");
}

TEST(NearestName, SaysNothingWhereNothingIsNear) {
  EXPECT_EQ(NearestName("compression", kNames), std::nullopt);
  EXPECT_EQ(NearestName("", kNames), std::nullopt);
}

}  // namespace
}  // namespace starlift

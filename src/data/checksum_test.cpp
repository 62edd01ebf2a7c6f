#include "data/checksum.h"

#include <gtest/gtest.h>

namespace starlift {
namespace {

using Answer = std::vector<std::optional<std::string>>;

TEST(ParseChecksum, ReadsSumsOverSixtyFourBits) {
  const auto checksum = ParseChecksum(Answer{"2", "2", "36893488147419103232", "5"});
  ASSERT_TRUE(checksum);
  EXPECT_EQ(checksum->rows, 2U);
  EXPECT_TRUE(checksum->first == RowChecksum::Sum{1} << 65);
  EXPECT_TRUE(checksum->second == 5);
}

TEST(ParseChecksum, NoRowsHaveSumsOfNull) {
  const auto checksum = ParseChecksum(Answer{"0", "0", std::nullopt, std::nullopt});
  ASSERT_TRUE(checksum);
  EXPECT_TRUE(*checksum == RowChecksum{});
}

TEST(ParseChecksum, RowsWithoutAChecksumSayNothing) {
  EXPECT_FALSE(ParseChecksum(Answer{"2", "1", "5", "25"}));
  EXPECT_FALSE(ParseChecksum(Answer{"2", "2", "-5", "25"}));
}

TEST(RowChecksum, SumsOfDisjointRowsAddUp) {
  RowChecksum whole{1, 2, 3};
  whole += RowChecksum{10, 20, 30};
  EXPECT_TRUE((whole == RowChecksum{11, 22, 33}));
}

}  // namespace
}  // namespace starlift

#include "sources/mysql/cell_form.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace starlift::mysql {
namespace {

std::string Shorten(std::string text) {
  Cell cell{0, static_cast<uint32_t>(text.size())};
  EXPECT_TRUE(ShortenFloat(text.data(), cell)) << text;
  return text.substr(0, cell.size);
}

TEST(CellForm, FloatsInTheirShortestText) {
  EXPECT_EQ(Shorten("3.1415927410125732"), "3.1415927");
  EXPECT_EQ(Shorten("0.10000000149011612"), "0.1");
  EXPECT_EQ(Shorten("1.5"), "1.5");
  EXPECT_EQ(Shorten("16777216"), "16777216");
  EXPECT_EQ(Shorten("-0.000009999999747378752"), "-0.00001");
  EXPECT_EQ(Shorten("3.4028234663852886e38"), "3.4028235e38");
  EXPECT_EQ(Shorten("1.1754943508222875e-38"), "1.1754944e-38");
  EXPECT_EQ(Shorten("-0"), "-0");
}

TEST(CellForm, EveryFloatReadsBack) {
  std::mt19937 random(20);
  for (int i = 0; i < 200'000; ++i) {
    const uint32_t bits = random();
    float value;
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    // The server prints the double with as many digits as it needs.
    char text[64];
    const auto printed = std::to_chars(text, text + sizeof text, static_cast<double>(value));
    const std::string shortest = Shorten(std::string(text, printed.ptr));
    float back = 0;
    const auto read = std::from_chars(shortest.data(), shortest.data() + shortest.size(), back);
    ASSERT_EQ(read.ptr, shortest.data() + shortest.size()) << shortest;
    ASSERT_EQ(std::bit_cast<uint32_t>(back), std::bit_cast<uint32_t>(value))
        << std::string(text, printed.ptr) << " → " << shortest;
  }
}

TEST(CellForm, WhatIsNoNumberIsRefused) {
  std::string text = "1234567x";
  Cell cell{0, static_cast<uint32_t>(text.size())};
  EXPECT_FALSE(ShortenFloat(text.data(), cell));
}

TEST(CellForm, Utf8) {
  EXPECT_TRUE(IsWellFormedUtf8(""));
  for (size_t size = 0; size < 40; ++size) {
    std::string text(size, 'a');
    EXPECT_TRUE(IsWellFormedUtf8(text));
    for (size_t at = 0; at < size; ++at) {
      std::string broken = text;
      broken[at] = '\xFF';
      EXPECT_FALSE(IsWellFormedUtf8(broken)) << size << " " << at;
    }
  }
  EXPECT_TRUE(IsWellFormedUtf8("ä中😀"));
  EXPECT_FALSE(IsWellFormedUtf8("\xFF"));
  EXPECT_FALSE(IsWellFormedUtf8("a long text and then \xC3"));
  EXPECT_FALSE(IsWellFormedUtf8("\xED\xA0\x80"));  // a surrogate
  EXPECT_FALSE(IsWellFormedUtf8("\xC0\x80"));      // overlong
}

}  // namespace
}  // namespace starlift::mysql

#include <cstring>

#include <gtest/gtest.h>

#include "starrocks/calendar.h"
#include "starrocks/json_text.h"
#include "starrocks/well_known_text.h"

namespace starlift::starrocks {
namespace {

TEST(Calendar, KnowsWhichDatesCanBe) {
  EXPECT_EQ(CheckDate("2024-02-29"), DateCheck::kValid);
  EXPECT_EQ(CheckDate("1900-02-29"), DateCheck::kImpossible);
  EXPECT_EQ(CheckDate("2000-02-29"), DateCheck::kValid);
  EXPECT_EQ(CheckDate("0000-01-01"), DateCheck::kValid);
  EXPECT_EQ(CheckDate("0000-00-00"), DateCheck::kImpossible);
  EXPECT_EQ(CheckDate("2024-13-01"), DateCheck::kImpossible);
  EXPECT_EQ(CheckDate("2024-04-31"), DateCheck::kImpossible);
  EXPECT_EQ(CheckDate("24-04-30"), DateCheck::kIllFormed);
  EXPECT_EQ(CheckDate("infinity"), DateCheck::kIllFormed);
  EXPECT_EQ(CheckDateTime("9999-12-31 23:59:59.999999"), DateCheck::kValid);
  EXPECT_EQ(CheckDateTime("2024-01-01 24:00:00"), DateCheck::kImpossible);
  EXPECT_EQ(CheckDateTime("2024-01-01 23:59:60"), DateCheck::kImpossible);
  EXPECT_EQ(CheckDateTime("2024-01-01 23:59:59."), DateCheck::kIllFormed);
  EXPECT_EQ(CheckDateTime("2024-01-01T23:59:59"), DateCheck::kIllFormed);
  EXPECT_EQ(CheckDateTime("2024-01-01"), DateCheck::kIllFormed);
}

std::string Shifted(std::string_view text, int32_t seconds) {
  char bytes[kMaxDateTimeBytes];
  const char* end = ShiftDateTime(text, seconds, bytes);
  return end == nullptr ? "" : std::string(bytes, static_cast<size_t>(end - bytes));
}

TEST(Calendar, Shifts) {
  EXPECT_EQ(Shifted("2023-12-31 23:30:00.25", 3600), "2024-01-01 00:30:00.25");
  EXPECT_EQ(Shifted("2024-03-01 00:00:00", -1), "2024-02-29 23:59:59");
  EXPECT_EQ(Shifted("0000-01-01 00:00:00", -1), "");
  EXPECT_EQ(Shifted("9999-12-31 23:59:59", 1), "");
  EXPECT_EQ(Shifted("0000-02-29 12:00:00", 0), "0000-02-29 12:00:00");
}

TEST(JsonText, AcceptsWhatIsJson) {
  for (const char* text :
       {"null", " true ", "false", "0", "-0.5e+10", "123456789012345678901234567890", "\"\"",
        "\"\\u00e9\\\"\"", "{}", "[]", "{\"a\":[1,{\"b\":null}],\"c\":\"d\"}", "[[[]],[{}]]\n",
        "{ \"a\" : 1 , \"b\" : 2 }", "\"a long text of more than sixteen bytes\""}) {
    EXPECT_TRUE(IsJson(text)) << text;
  }
}

TEST(JsonText, RefusesWhatIsNot) {
  for (const char* text : {"",
                           " ",
                           "nul",
                           "tru",
                           "01",
                           "+1",
                           ".5",
                           "1.",
                           "1e",
                           "--1",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "{",
                           "}",
                           "[1,]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "{\"a\":1,}",
                           "[1 2]",
                           "1 2",
                           "[1]]",
                           "\"tab\there\"",
                           "'a'",
                           "{\"a\":1]",
                           "NaN",
                           "\"a long text of more than sixteen byt\n\""}) {
    EXPECT_FALSE(IsJson(text)) << text;
  }
  EXPECT_FALSE(IsJson(std::string(5000, '[') + std::string(5000, ']')));
  EXPECT_TRUE(IsJson(std::string(500, '[') + std::string(500, ']')));
  EXPECT_FALSE(IsJson(std::string_view("\"\0\"", 3)));
  EXPECT_FALSE(IsJson(std::string_view("\"\\\0\"", 4)));
}

class Geometry {
 public:
  explicit Geometry(uint32_t srid = 0) { Number(srid); }
  Geometry& Head(uint32_t kind) {
    bytes_ += '\x01';
    return Number(kind);
  }
  Geometry& Number(uint32_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  Geometry& Point(double x, double y) {
    bytes_.append(reinterpret_cast<const char*>(&x), sizeof x);
    bytes_.append(reinterpret_cast<const char*>(&y), sizeof y);
    return *this;
  }
  std::string Text() const {
    std::string text;
    return WriteWellKnownText(bytes_, text) ? text : "ill-formed";
  }
  std::string bytes_;
};

TEST(WellKnownText, WritesEveryKind) {
  EXPECT_EQ(Geometry().Head(1).Point(1, -2.5).Text(), "POINT(1 -2.5)");
  EXPECT_EQ(Geometry(4326).Head(1).Point(0.1, 1e100).Text(), "SRID=4326;POINT(0.1 1e+100)");
  EXPECT_EQ(Geometry().Head(2).Number(2).Point(0, 0).Point(1, 1).Text(), "LINESTRING(0 0,1 1)");
  EXPECT_EQ(Geometry().Head(3).Number(1).Number(2).Point(0, 0).Point(1, 1).Text(),
            "POLYGON((0 0,1 1))");
  EXPECT_EQ(Geometry().Head(4).Number(2).Head(1).Point(0, 0).Head(1).Point(1, 1).Text(),
            "MULTIPOINT((0 0),(1 1))");
  EXPECT_EQ(Geometry().Head(5).Number(1).Head(2).Number(1).Point(0, 0).Text(),
            "MULTILINESTRING((0 0))");
  EXPECT_EQ(Geometry().Head(6).Number(1).Head(3).Number(1).Number(1).Point(0, 0).Text(),
            "MULTIPOLYGON(((0 0)))");
  EXPECT_EQ(Geometry().Head(7).Number(2).Head(1).Point(1, 2).Head(2).Number(1).Point(3, 4).Text(),
            "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(3 4))");
  EXPECT_EQ(Geometry().Head(7).Number(0).Text(), "GEOMETRYCOLLECTION EMPTY");
}

TEST(WellKnownText, ReadsBigEndian) {
  std::string bytes(4, '\0');
  bytes += std::string("\0\0\0\0\1", 5);
  for (double number : {1.5, 2.0}) {
    uint64_t bits;
    std::memcpy(&bits, &number, 8);
    bits = __builtin_bswap64(bits);
    bytes.append(reinterpret_cast<const char*>(&bits), 8);
  }
  std::string text;
  ASSERT_TRUE(WriteWellKnownText(bytes, text));
  EXPECT_EQ(text, "POINT(1.5 2)");
}

TEST(WellKnownText, RefusesEveryCutAndTrailingBytes) {
  const Geometry whole =
      Geometry().Head(7).Number(2).Head(1).Point(1, 2).Head(2).Number(2).Point(3, 4).Point(5, 6);
  std::string text;
  for (size_t size = 0; size < whole.bytes_.size(); ++size) {
    EXPECT_FALSE(WriteWellKnownText(whole.bytes_.substr(0, size), text)) << size;
  }
  EXPECT_FALSE(WriteWellKnownText(whole.bytes_ + "x", text));
  EXPECT_EQ(Geometry().Head(8).Point(1, 2).Text(), "ill-formed");
  EXPECT_EQ(Geometry().Head(2).Number(0xFFFFFFFF).Text(), "ill-formed");
}

}  // namespace
}  // namespace starlift::starrocks

#include "sources/mysql/binlog/position.h"

#include <gtest/gtest.h>

namespace starlift::mysql {
namespace {

constexpr std::string_view kA = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
constexpr std::string_view kB = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

std::string Set(std::string_view uuid, std::string_view rest) {
  return std::string(uuid) + std::string(rest);
}

TEST(GtidSetTest, ReadsAndPrints) {
  const std::string text = Set(kA, ":1-5:7") + "," + Set(kA, ":tag:1") + "," + Set(kB, ":3");
  const auto set = GtidSet::Parse(text);
  ASSERT_TRUE(set.ok());
  EXPECT_EQ(set->ToString(), text);
  EXPECT_TRUE(set->HasTags());
  EXPECT_EQ(GtidSet::Decode(set->Encode()).value(), *set);
  EXPECT_EQ(GtidSet::Parse(" " + Set(kB, ":1-2:3,\n") + Set(kA, ":4")).value().ToString(),
            Set(kA, ":4,") + Set(kB, ":1-3"));
  EXPECT_EQ(GtidSet::Parse("").value().ToString(), "");
  for (const std::string& wrong :
       {std::string("x"), Set(kA, ""), Set(kA, ":0"), Set(kA, ":5-3"), Set(kA, ":a-b"),
        Set(kA, ":1-"), Set(kA.substr(1), ":1"), Set(kA, ":1-18446744073709551615")}) {
    EXPECT_FALSE(GtidSet::Parse(wrong).ok()) << wrong;
  }
}

TEST(GtidSetTest, AddsRemovesAndContains) {
  GtidSet set = GtidSet::Parse(Set(kA, ":1-3:7-9")).value();
  const auto gtid = [](uint64_t number) {
    MysqlGtid made;
    made.number = number;
    // 3e11fa47-71ca-11e1-9e33-c80aa9429562
    made.source.uuid = {0x3e, 0x11, 0xfa, 0x47, 0x71, 0xca, 0x11, 0xe1,
                        0x9e, 0x33, 0xc8, 0x0a, 0xa9, 0x42, 0x95, 0x62};
    return made;
  };
  set.Add(gtid(5));
  EXPECT_EQ(set.ToString(), Set(kA, ":1-3:5:7-9"));
  set.Add(gtid(4));
  set.Add(gtid(6));
  EXPECT_EQ(set.ToString(), Set(kA, ":1-9"));
  set.Remove(gtid(9));
  set.Remove(gtid(1));
  set.Remove(gtid(5));
  EXPECT_EQ(set.ToString(), Set(kA, ":2-4:6-8"));
  EXPECT_TRUE(set.Contains(gtid(4)));
  EXPECT_FALSE(set.Contains(gtid(5)));
  EXPECT_TRUE(set.Contains(GtidSet::Parse(Set(kA, ":2:7-8")).value()));
  EXPECT_FALSE(set.Contains(GtidSet::Parse(Set(kA, ":4-6")).value()));
  EXPECT_FALSE(set.Contains(GtidSet::Parse(Set(kB, ":4")).value()));
}

TEST(GtidSetTest, DamagedListsAreRefused) {
  const std::string whole = GtidSet::Parse(Set(kA, ":1-5:7")).value().Encode();
  for (size_t size = 1; size < whole.size(); ++size)
    EXPECT_FALSE(GtidSet::Decode(std::string_view(whole).substr(0, size)).ok()) << size;
  EXPECT_FALSE(GtidSet::Decode(std::string(8, '\xFF')).ok());
}

bool Covers(const std::string& later, const std::string& earlier) {
  return PositionCovers(ParsePosition(later).value(), ParsePosition(earlier).value()).value();
}

TEST(ResumePositionTest, SaysWhereToReadFromOnlyWhereItIsAnotherPlace) {
  for (const char* text : {"mariadb-gtid:0-1-42", "mariadb-gtid:0-1-42,7-3-9;read-from=0-1-40",
                           "file:b.000002:120;read-from=b.000001:4"}) {
    const auto position = ParseResumePosition(text);
    ASSERT_TRUE(position.ok()) << text;
    EXPECT_EQ(PrintPosition(*position), text);
    EXPECT_EQ(position->read_from.has_value(), std::string(text).find(';') != std::string::npos);
  }
  const auto position = ParseResumePosition("file:b.000002:120;read-from=b.000001:4");
  EXPECT_EQ(PrintPosition(position->start()), "file:b.000001:4");
  EXPECT_EQ(PrintPosition(ParsePosition("mariadb-gtid:0-1-42;read-from=0-1-40").value()),
            "mariadb-gtid:0-1-42");
  for (const char* wrong : {"mariadb-gtid:0-1-42;read-from=x", "x;read-from=0-1-4"}) {
    EXPECT_FALSE(ParseResumePosition(wrong).ok()) << wrong;
  }
}

TEST(PositionTest, AreTypedText) {
  for (const std::string& text :
       {std::string("file:mysql-bin.000007:1234"), "mysql-gtid:" + Set(kA, ":1-5"),
        std::string("mariadb-gtid:0-1-42,7-3-12"), std::string("mariadb-gtid:"),
        std::string("file:odd:name.000001:4")}) {
    const auto position = ParsePosition(text);
    ASSERT_TRUE(position.ok()) << text;
    EXPECT_EQ(PrintPosition(*position), text);
  }
  for (const char* wrong : {"", "x", "file:a", "file:a.1:x", "file:noname:5", "mariadb-gtid:0-1",
                            "mysql-gtid:0-1-2", "gtid:x"}) {
    EXPECT_EQ(ParsePosition(wrong).error().kind, ErrorKind::kUsage) << wrong;
  }
}

TEST(PositionTest, CoverEachOther) {
  EXPECT_TRUE(Covers("file:b.000010:4", "file:b.000009:999"));
  EXPECT_TRUE(Covers("file:b.1000000:4", "file:b.999999:999"));
  EXPECT_FALSE(Covers("file:b.000009:998", "file:b.000009:999"));
  EXPECT_TRUE(Covers("mariadb-gtid:0-1-42,7-3-12", "mariadb-gtid:0-9-42"));
  EXPECT_FALSE(Covers("mariadb-gtid:0-1-42", "mariadb-gtid:0-1-42,7-3-12"));
  EXPECT_TRUE(Covers("mysql-gtid:" + Set(kA, ":1-9"), "mysql-gtid:" + Set(kA, ":2-4")));
  EXPECT_FALSE(PositionCovers(ParsePosition("file:b.000001:4").value(),
                              ParsePosition("mariadb-gtid:0-1-1").value())
                   .ok());
}

}  // namespace
}  // namespace starlift::mysql

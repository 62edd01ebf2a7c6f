#include "sources/mysql/binlog/log_follower.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include "sources/mysql/binlog/event_builder.h"
#include "sources/mysql/binlog/test_log.h"

namespace starlift::mysql {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using std::string_literals::operator""s;
using Lines = std::vector<std::string>;

const std::string kBegin = MakeQuery("BEGIN");
const std::string kMap = MakeTableMap(7, "t", "\x03\x0f"s, "\x14\x00"s);
// (id INT, v VARCHAR(20)): all columns, no NULL.
std::string Insert(char id, const std::string& v, EventOptions options = {}) {
  return MakeRows(EventType::kWriteRowsV2, 7, 2,
                  "\x03"s + "\0"s + id + "\0\0\0"s + static_cast<char>(v.size()) + v, options);
}

TableVersion TestTable(const std::string& engine = "InnoDB") {
  Column text = MakeColumn("v", TypeKind::kVarchar, 20, "varchar(20)");
  text.charset = "utf8mb4";
  return MakeTable("t", {MakeColumn("id", TypeKind::kInt32, 0, "int"), text}, engine);
}

class LogFollowerTest : public testing::Test {
 protected:
  LogFollowerTest() : log({TestTable()}) {
    EXPECT_TRUE(log.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true)}).ok());
  }
  TestLog log;
};

TEST_F(LogFollowerTest, TellsRowsOnceTheyAreCommitted) {
  ASSERT_TRUE(log.FeedAll({kBegin, kMap, Insert(1, "a"), Insert(2, "b")}).ok());
  EXPECT_EQ(log.notebook.lines, Lines{});
  ASSERT_TRUE(log.Feed(MakeXid({.next_position = 500})).ok());
  EXPECT_EQ(log.notebook.lines, (Lines{"+t(1,a)", "+t(2,b)", "commit file:b.000001:500"}));
}

TEST_F(LogFollowerTest, UpdateHasTwoBitmapsAndNulls) {
  // before: id 1, v NULL; after: id 1, v "x". Then an image without v.
  const std::string full = "\x03\x03"s + "\x02"s + "\1\0\0\0"s + "\0"s + "\1\0\0\0"s + "\1x"s;
  const std::string minimal = "\x01\x02"s + "\0"s + "\1\0\0\0"s + "\0"s + "\1y"s;
  ASSERT_TRUE(log.FeedAll({kBegin, kMap, MakeRows(EventType::kUpdateRowsV1, 7, 2, full),
                           MakeRows(EventType::kUpdateRowsV2, 7, 2, minimal), MakeXid()})
                  .ok());
  EXPECT_EQ(log.notebook.lines[0], "~t(1,NULL)(1,x)");
  EXPECT_EQ(log.notebook.lines[1], "~t(1,NULL)(NULL,y)");
}

TEST_F(LogFollowerTest, DropsWhatWasNotFinished) {
  ASSERT_TRUE(log.FeedAll({kBegin, kMap, Insert(1, "lost")}).ok());
  ASSERT_TRUE(log.FeedAll({MakeFormat(true), kBegin, kMap, Insert(2, "kept"), MakeXid()}).ok());
  EXPECT_EQ(log.notebook.lines[0], "+t(2,kept)");
  // An id means nothing after the log began anew.
  ASSERT_TRUE(log.FeedAll({MakeFormat(true), kBegin}).ok());
  EXPECT_EQ(log.Feed(Insert(3, "x")).error().kind, ErrorKind::kData);
}

TEST_F(LogFollowerTest, RollbackKeepsWhatCannotBeRolledBack) {
  ASSERT_TRUE(log.FeedAll({kBegin, kMap, Insert(1, "a"), MakeQuery("ROLLBACK")}).ok());
  EXPECT_EQ(log.notebook.lines, Lines{});
  TestLog other({TestTable("MyISAM")});
  ASSERT_TRUE(other
                  .FeedAll({MakeRotate("b.000001", 4), MakeFormat(true), kBegin, kMap,
                            Insert(1, "a"), MakeQuery("ROLLBACK")})
                  .ok());
  EXPECT_EQ(other.notebook.lines.at(0), "+t(1,a)");
}

TEST_F(LogFollowerTest, GoesBackToSavepoints) {
  ASSERT_TRUE(log.FeedAll({kBegin, MakeQuery("SAVEPOINT `a`"), kMap, Insert(1, "gone"),
                           MakeQuery("SAVEPOINT b"), Insert(2, "gone"),
                           MakeQuery("ROLLBACK TO `a`"), Insert(3, "kept"), MakeXid()})
                  .ok());
  EXPECT_EQ(log.notebook.lines.at(0), "+t(3,kept)");
  EXPECT_EQ(log.notebook.lines.size(), 2U);
}

TEST_F(LogFollowerTest, ABadChecksumStops) {
  for (size_t at = 0; at < kMap.size(); ++at) {
    TestLog fresh({TestTable()});
    ASSERT_TRUE(fresh.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true), kBegin}).ok());
    std::string damaged = kMap;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const Status status = fresh.Feed(damaged);
    ASSERT_FALSE(status.ok()) << at;
    EXPECT_EQ(status.error().kind, ErrorKind::kData);
  }
}

TEST_F(LogFollowerTest, ChecksumsEndWhereTheFormatSaysSo) {
  ASSERT_TRUE(log.Feed(MakeFormat(false)).ok());
  const EventOptions plain{.checksum = false};
  ASSERT_TRUE(log.FeedAll({MakeQuery("BEGIN", "d", plain),
                           MakeTableMap(7, "t", "\x03\x0f"s, "\x14\x00"s, {}, plain),
                           Insert(1, "a", plain), MakeXid(plain)})
                  .ok());
  EXPECT_EQ(log.notebook.lines.at(0), "+t(1,a)");
}

TEST_F(LogFollowerTest, UnknownEventsStopUnlessTheyMayBeIgnored) {
  constexpr auto kUnknown = static_cast<EventType>(99);
  EXPECT_TRUE(log.Feed(MakeEvent(kUnknown, "x", {.flags = kIgnorableFlag})).ok());
  EXPECT_EQ(log.Feed(MakeEvent(kUnknown, "x")).error().kind, ErrorKind::kPolicy);
  TestLog other({});
  ASSERT_TRUE(other.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true)}).ok());
  EXPECT_EQ(other.Feed(MakeEvent(EventType::kIncident, "\1\0\0"s)).error().kind,
            ErrorKind::kPolicy);
}

TEST_F(LogFollowerTest, AnotherDefinitionStops) {
  const std::string three = MakeTableMap(7, "t", "\x03\x0f\x03"s, "\x14\x00"s);
  ASSERT_TRUE(log.FeedAll({kBegin, three, Insert(1, "a")}).ok());
  const Status status = log.Feed(MakeXid());
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::kPolicy);
  EXPECT_NE(status.error().where.find("b.000001"), std::string::npos);
}

TEST_F(LogFollowerTest, NamesAndSignsAreChecked) {
  const auto refused = [](const std::string& optional) {
    TestLog fresh({TestTable()});
    EXPECT_TRUE(
        fresh
            .FeedAll({MakeRotate("b.000001", 4), MakeFormat(true), kBegin,
                      MakeTableMap(7, "t", "\x03\x0f"s, "\x14\x00"s, optional), Insert(1, "a")})
            .ok());
    return !fresh.Feed(MakeXid()).ok();
  };
  EXPECT_FALSE(refused("\x01\x01\x00"s));         // signed
  EXPECT_TRUE(refused("\x01\x01\x80"s));          // unsigned
  EXPECT_FALSE(refused("\x04\x05\x02id\x01v"s));  // names
  EXPECT_TRUE(refused("\x04\x05\x02id\x01w"s));
}

TEST_F(LogFollowerTest, UnwantedTablesAreLeftOut) {
  ASSERT_TRUE(log.FeedAll({kBegin, MakeTableMap(7, "unwanted", "\x03\x0f"s, "\x14\x00"s),
                           Insert(1, "a"), MakeXid({.next_position = 9000})})
                  .ok());
  EXPECT_EQ(log.notebook.lines, Lines{});
  EXPECT_EQ(PrintPosition(log.follower().resume_position()), "file:b.000001:9000");
}

TEST_F(LogFollowerTest, LargeTransactionsAreSpilled) {
  TestLog small({TestTable()}, "file:b.000001:4", testing::TempDir(), 200);
  ASSERT_TRUE(small.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true), kBegin, kMap}).ok());
  Lines expected;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(small.Feed(Insert(static_cast<char>(i), std::string(i % 20, 'x'))).ok());
    expected.push_back("+t(" + std::to_string(i) + "," + std::string(i % 20, 'x') + ")");
  }
  ASSERT_TRUE(small.Feed(MakeXid()).ok());
  small.notebook.lines.pop_back();
  EXPECT_EQ(small.notebook.lines, expected);
}

TEST_F(LogFollowerTest, CompressedTransactionsOfMysql) {
  const EventOptions plain{.checksum = false};
  const std::string inner = MakeQuery("BEGIN", "d", plain) +
                            MakeTableMap(7, "t", "\x03\x0f"s, "\x14\x00"s, {}, plain) +
                            Insert(1, "packed", plain) + MakeXid(plain);
  std::string packed(ZSTD_compressBound(inner.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), inner.data(), inner.size(), 3));
  const auto payload = [&](uint64_t plain_size, const std::string& bytes) {
    PayloadWriter body;
    body.LengthInt(2).LengthInt(1).LengthInt(0);
    PayloadWriter size;
    size.LengthInt(bytes.size());
    body.LengthInt(1).LengthString(size.payload());
    PayloadWriter whole;
    whole.LengthInt(plain_size);
    body.LengthInt(3).LengthString(whole.payload()).LengthInt(0).Bytes(bytes);
    return MakeEvent(EventType::kTransactionPayload, body.payload(), {.next_position = 700});
  };
  ASSERT_TRUE(log.FeedAll({MakeGtid(5), payload(inner.size(), packed)}).ok());
  EXPECT_EQ(log.notebook.lines, (Lines{"+t(1,packed)", "commit file:b.000001:700"}));
  TestLog other({TestTable()});
  ASSERT_TRUE(other.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true)}).ok());
  EXPECT_FALSE(other.Feed(payload(inner.size() - 1, packed)).ok());
  EXPECT_FALSE(other.Feed(payload(inner.size(), packed.substr(0, packed.size() / 2))).ok());
}

constexpr std::string_view kSet = "mysql-gtid:30313233-3435-3637-3839-616263646566";

std::string XaPrepared(const std::string& name) {
  PayloadWriter body;
  body.U8(0).U32(1).U32(static_cast<uint32_t>(name.size())).U32(0).Bytes(name);
  return MakeEvent(EventType::kXaPrepare, body.payload());
}

TEST(LogFollowerGtidTest, PreparedTransactionsWaitForTheirDecision) {
  TestLog log({TestTable()}, std::string(kSet) + ":1-4");
  ASSERT_TRUE(log.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true), MakeGtid(5),
                           MakeQuery("XA START X'61',X'',1"), kMap, Insert(1, "late"),
                           MakeQuery("XA END X'61',X'',1"), XaPrepared("a"), MakeGtid(6), kBegin,
                           kMap, Insert(2, "between"), MakeXid()})
                  .ok());
  // The prepare is left out of the position: a new start gets it again.
  EXPECT_EQ(log.notebook.lines, (Lines{"+t(2,between)", "commit " + std::string(kSet) + ":1-4:6"}));
  EXPECT_EQ(PrintPosition(log.follower().reconnect_position()), std::string(kSet) + ":1-6");
  ASSERT_TRUE(log.FeedAll({MakeGtid(7), MakeQuery("XA COMMIT X'61',X'',1")}).ok());
  EXPECT_EQ(log.notebook.lines.at(2), "+t(1,late)");
  EXPECT_EQ(log.notebook.lines.at(3), "commit " + std::string(kSet) + ":1-7");
  EXPECT_TRUE(log.FeedAll({MakeGtid(8), MakeQuery("XA ROLLBACK X'62',X'',1")}).ok());
  const Status unknown = log.FeedAll({MakeGtid(9), MakeQuery("XA COMMIT X'62',X'',1")});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind, ErrorKind::kPolicy);
}

std::string MariadbGtidEvent(uint64_t sequence) {
  PayloadWriter body;
  body.U64(sequence).U32(0).Zeros(7);
  return MakeEvent(EventType::kMariadbGtid, body.payload(), {.server_id = 3});
}

// As MariaDB logs them: the GTID's event says that it is an XA transaction's.
// 5: `a` is prepared; 6: a row; 7: `b` is prepared; 8: `a` is decided; 9: a row.
std::vector<std::string> TwoPreparedOneDecided() {
  return {MariadbGtidEvent(5),
          kMap,
          Insert(1, "a"),
          MakeQuery("XA END X'61',X'',1"),
          XaPrepared("a"),
          MariadbGtidEvent(6),
          kMap,
          Insert(2, "between"),
          MakeXid(),
          MariadbGtidEvent(7),
          kMap,
          Insert(3, "b"),
          MakeQuery("XA END X'62',X'',1"),
          XaPrepared("b"),
          MariadbGtidEvent(8),
          MakeQuery("XA COMMIT X'61',X'',1"),
          MariadbGtidEvent(9),
          kMap,
          Insert(4, "after"),
          MakeXid()};
}

TEST(LogFollowerGtidTest, MariadbReadsPreparedTransactionsAgainAndTellsNothingTwice) {
  TestLog log({TestTable()}, "mariadb-gtid:0-1-4");
  ASSERT_TRUE(log.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true)}).ok());
  const std::vector<std::string> events = TwoPreparedOneDecided();
  ASSERT_TRUE(log.FeedAll(events).ok());
  EXPECT_EQ(log.notebook.lines,
            (Lines{"+t(2,between)", "commit mariadb-gtid:0-3-6;read-from=0-1-4", "+t(1,a)",
                   "commit mariadb-gtid:0-3-8;read-from=0-3-6", "+t(4,after)",
                   "commit mariadb-gtid:0-3-9;read-from=0-3-6"}));
  EXPECT_EQ(PrintPosition(log.follower().told_position()), "mariadb-gtid:0-3-9");

  // From each of these positions a new follower tells what comes after it, and `b` once decided.
  const std::vector<std::string> later = {MariadbGtidEvent(10), MakeQuery("XA COMMIT X'62',X'',1")};
  constexpr size_t kAfterFive = 5, kAfterSix = 9;
  struct Start {
    const char* position;
    size_t first_event;
    Lines lines;
  };
  for (const Start& start :
       {Start{
            "mariadb-gtid:0-3-6;read-from=0-1-4",
            0,
            {"+t(1,a)", "commit mariadb-gtid:0-3-8;read-from=0-3-6", "+t(4,after)",
             "commit mariadb-gtid:0-3-9;read-from=0-3-6", "+t(3,b)", "commit mariadb-gtid:0-3-10"}},
        Start{"mariadb-gtid:0-3-9;read-from=0-3-6",
              kAfterSix,
              {"+t(3,b)", "commit mariadb-gtid:0-3-10"}},
        // `a` was prepared before the place from which is read, and decided before what was told.
        Start{"mariadb-gtid:0-3-9;read-from=0-3-5",
              kAfterFive,
              {"+t(3,b)", "commit mariadb-gtid:0-3-10"}}}) {
    TestLog again({TestTable()}, start.position);
    EXPECT_EQ(PrintPosition(again.follower().resume_position()), start.position);
    ASSERT_TRUE(again.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true)}).ok());
    ASSERT_TRUE(again.FeedAll({events.begin() + start.first_event, events.end()}).ok());
    ASSERT_TRUE(again.FeedAll(later).ok());
    EXPECT_EQ(again.notebook.lines, start.lines) << start.position;
  }
}

TEST(LogFollowerGtidTest, MariadbCountsByDomain) {
  const auto gtid = [](uint64_t sequence, uint32_t domain, bool standalone) {
    PayloadWriter body;
    body.U64(sequence).U32(domain).U8(standalone ? 1 : 0).Zeros(6);
    return MakeEvent(EventType::kMariadbGtid, body.payload(), {.server_id = 3});
  };
  TestLog log({TestTable()}, "mariadb-gtid:0-1-4");
  ASSERT_TRUE(log.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true), gtid(5, 0, false), kMap,
                           Insert(1, "a"), MakeXid(), gtid(9, 7, false), kMap, Insert(2, "b"),
                           MakeQuery("COMMIT"), gtid(6, 0, true), MakeQuery("FLUSH TABLES")})
                  .ok());
  EXPECT_EQ(log.notebook.lines, (Lines{"+t(1,a)", "commit mariadb-gtid:0-3-5", "+t(2,b)",
                                       "commit mariadb-gtid:0-3-5,7-3-9"}));
  EXPECT_EQ(PrintPosition(log.follower().resume_position()), "mariadb-gtid:0-3-6,7-3-9");
}

// mysql::serialization: integers have as many ones at the low end as bytes follow.
std::string Variable(uint64_t value) {
  if (value < 0x80) return std::string(1, static_cast<char>(value << 1));
  if (value < 0x4000) {
    const uint64_t bits = value << 2 | 1;
    return {static_cast<char>(bits), static_cast<char>(bits >> 8)};
  }
  std::string bytes(1, '\xFF');
  for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  return bytes;
}

TEST(LogFollowerGtidTest, TaggedGtids) {
  std::string body = Variable(1) + Variable(60) + Variable(8) + Variable(0) + Variable(1);
  body += Variable(1);
  for (int i = 0; i < 16; ++i) body += Variable(0xF0 + static_cast<uint64_t>(i));
  body += Variable(2) + Variable(300 << 1) + Variable(3) + Variable(4) + "name";
  body += Variable(6) + Variable(1'700'000'000'123'456);
  TestLog log({TestTable()}, "mysql-gtid:");
  ASSERT_TRUE(log.FeedAll({MakeRotate("b.000001", 4), MakeFormat(true),
                           MakeEvent(EventType::kGtidTagged, body), kBegin, kMap, Insert(1, "a"),
                           MakeXid()})
                  .ok());
  EXPECT_EQ(log.notebook.lines.at(1),
            "commit mysql-gtid:f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff:name:300");
}

TEST_F(LogFollowerTest, DifferencesOfJson) {
  // (id INT, j JSON): {"a": 1} becomes {"a": 1, "b": [true]} by an insert at $.b.
  const std::string document = "\x00\x01\x00\x0c\x00\x0b\x00\x01\x00\x05\x01\x00"s + "a";
  const std::string array = "\x02\x01\x00\x07\x00\x04\x01\x00"s;  // [true]
  std::string change = "\x01\x03$.b"s + static_cast<char>(array.size()) + array;
  const auto json = [](const std::string& bytes) {
    return static_cast<char>(bytes.size()) + "\0\0\0"s + bytes;
  };
  const std::string images = "\x03\x03"s + "\0"s + "\1\0\0\0"s + json(document) +  // before
                             "\x01\x01"s + "\0"s + "\1\0\0\0"s + json(change);     // after
  TestLog other({MakeTable("t", {MakeColumn("id", TypeKind::kInt32, 0, "int"),
                                 MakeColumn("j", TypeKind::kJson, 0, "json")})});
  ASSERT_TRUE(other
                  .FeedAll({MakeRotate("b.000001", 4), MakeFormat(true), kBegin,
                            MakeTableMap(7, "t", "\x03\xf5"s, "\x04"s),
                            MakeRows(EventType::kPartialUpdateRows, 7, 2, images)})
                  .ok());
  const Status told = other.Feed(MakeXid());
  ASSERT_TRUE(told.ok()) << told.error().ToString();
  EXPECT_EQ(other.notebook.lines.at(0), R"(~t(1,{"a": 1})(1,{"a": 1, "b": [true]}))");
}

TEST_F(LogFollowerTest, StatementsThatChangeRowsStop) {
  EXPECT_TRUE(log.FeedAll({kBegin, MakeQuery("INSERT INTO elsewhere SELECT * FROM t")}).ok());
  for (const char* statement : {"INSERT INTO t VALUES (1)", "insert ignore `d`.`t` set id = 1",
                                "UPDATE x, t SET x.a = 1", "/* hint */ DELETE FROM d.t",
                                "LOAD DATA INFILE 'x' INTO TABLE t", "REPLACE t VALUES (1)"}) {
    const Status status = log.Feed(MakeQuery(statement));
    ASSERT_FALSE(status.ok()) << statement;
    EXPECT_EQ(status.error().kind, ErrorKind::kPolicy);
  }
}

TEST_F(LogFollowerTest, HeartbeatsMoveThePosition) {
  ASSERT_TRUE(log.Feed(MakeEvent(EventType::kHeartbeat, "b.000001",
                                 {.timestamp = 0, .next_position = 4321}))
                  .ok());
  EXPECT_EQ(PrintPosition(log.follower().resume_position()), "file:b.000001:4321");
}

TEST_F(LogFollowerTest, OffsetsGoBeyond32Bits) {
  ASSERT_TRUE(log.FeedAll({kBegin, kMap, Insert(1, "a"), MakeXid({.next_position = 0xFFFFFFF0}),
                           kBegin, kMap, Insert(2, "b"), MakeXid({.next_position = 0x10})})
                  .ok());
  EXPECT_EQ(log.notebook.lines.at(3), "commit file:b.000001:4294967312");
}

}  // namespace
}  // namespace starlift::mysql

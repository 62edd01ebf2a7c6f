#include "wire/mysql/packet.h"

#include <thread>

#include <sys/socket.h>

#include <gtest/gtest.h>

namespace starlift::wire::mysql {
namespace {

struct Pair {
  PacketChannel left, right;

  static Pair Make() {
    int descriptors[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, descriptors), 0);
    return {PacketChannel(Socket::Adopt(descriptors[0])),
            PacketChannel(Socket::Adopt(descriptors[1]))};
  }
};

TEST(Payload, IntegersComeBack) {
  PayloadWriter writer;
  writer.U8(0xAB).U16(0xABCD).U24(0xABCDEF).U32(0xABCDEF01).U64(0xABCDEF0123456789);
  PayloadReader reader(writer.payload());
  EXPECT_EQ(reader.U8(), 0xAB);
  EXPECT_EQ(reader.U16(), 0xABCD);
  EXPECT_EQ(reader.U24(), 0xABCDEFu);
  EXPECT_EQ(reader.U32(), 0xABCDEF01u);
  EXPECT_EQ(reader.U64(), 0xABCDEF0123456789u);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0u);
}

TEST(Payload, LengthIntegersUseTheShortestForm) {
  const std::pair<uint64_t, size_t> cases[] = {{0, 1},         {250, 1},       {251, 3},
                                               {0xFFFF, 3},    {0x10000, 4},   {0xFFFFFF, 4},
                                               {0x1000000, 9}, {UINT64_MAX, 9}};
  for (const auto& [value, size] : cases) {
    PayloadWriter writer;
    writer.LengthInt(value);
    EXPECT_EQ(writer.payload().size(), size) << value;
    PayloadReader reader(writer.payload());
    EXPECT_EQ(reader.LengthInt(), value);
    EXPECT_TRUE(reader.ok());
  }
}

TEST(Payload, StringsComeBackAndNullIsTold) {
  PayloadWriter writer;
  writer.NullString("name")
      .LengthString(std::string(300, 'x'))
      .U8(0xFB)
      .LengthString("")
      .Bytes("rest");
  PayloadReader reader(writer.payload());
  EXPECT_EQ(reader.NullString(), "name");
  EXPECT_EQ(reader.LengthString(), std::string(300, 'x'));
  EXPECT_EQ(reader.LengthString(), "");
  EXPECT_TRUE(reader.last_was_null());
  EXPECT_EQ(reader.LengthString(), "");
  EXPECT_FALSE(reader.last_was_null());
  EXPECT_EQ(reader.Rest(), "rest");
  EXPECT_TRUE(reader.ok());
}

TEST(Payload, ReadsPastTheEndAreRefused) {
  PayloadReader reader(
      "\x05"
      "abc");
  EXPECT_EQ(reader.LengthString(), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.U64(), 0u);
  PayloadReader unterminated("abc");
  EXPECT_EQ(unterminated.NullString(), "");
  EXPECT_FALSE(unterminated.ok());
}

class PacketChannelSizes : public ::testing::TestWithParam<size_t> {};

TEST_P(PacketChannelSizes, PayloadsAreSplitAndJoined) {
  Pair pair = Pair::Make();
  std::string payload(GetParam(), '\0');
  for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 2654435761u >> 24);
  std::thread writer([&] {
    EXPECT_TRUE(pair.left.WritePayload(payload).ok());
    EXPECT_TRUE(pair.left.WritePayload("next").ok());
    EXPECT_TRUE(pair.left.Flush().ok());
  });
  const Result<std::string_view> first = pair.right.ReadPayload();
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_TRUE(*first == payload);
  const Result<std::string_view> second = pair.right.ReadPayload();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(*second, "next");
  writer.join();
  EXPECT_EQ(pair.left.sequence(), pair.right.sequence());
}

INSTANTIATE_TEST_SUITE_P(Sizes, PacketChannelSizes,
                         ::testing::Values(0, 1, 65535, 65536, kMaxPacketPayload - 1,
                                           kMaxPacketPayload, kMaxPacketPayload + 1,
                                           2 * kMaxPacketPayload, 2 * kMaxPacketPayload + 5));

TEST(PacketChannel, RefusesMoreThanTheLimit) {
  Pair pair = Pair::Make();
  ASSERT_TRUE(pair.left.WritePayload("longer than four").ok());
  ASSERT_TRUE(pair.left.Flush().ok());
  const Result<std::string_view> read = pair.right.ReadPayload(4);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::kData);
}

TEST(PacketChannel, EndOfStreamIsUnreachable) {
  Pair pair = Pair::Make();
  pair.left.socket().Close();
  const Result<std::string_view> read = pair.right.ReadPayload();
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::kUnreachable);
}

TEST(PacketChannel, RawReadsBeginAfterThePayload) {
  Pair pair = Pair::Make();
  ASSERT_TRUE(pair.left.WritePayload("one").ok());
  ASSERT_TRUE(pair.left.WritePayload("two").ok());
  ASSERT_TRUE(pair.left.Flush().ok());
  ASSERT_TRUE(pair.right.ReadPayload().ok());
  char bytes[64];
  std::string raw;
  while (raw.size() < 7) {
    const Result<size_t> got = pair.right.ReadRaw({bytes, 2});
    ASSERT_TRUE(got.ok());
    raw.append(bytes, *got);
  }
  EXPECT_EQ(raw, std::string("\x03\0\0\x01two", 7));
}

TEST_P(PacketChannelSizes, CompressionCarriesTheSame) {
  Pair pair = Pair::Make();
  pair.left.StartCompression();
  pair.right.StartCompression();
  std::string payload(GetParam(), '\0');
  for (size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i % 1000 / 7);
  std::thread writer([&] {
    EXPECT_TRUE(pair.left.WritePayload(payload).ok());
    EXPECT_TRUE(pair.left.WritePayload("next").ok());
    EXPECT_TRUE(pair.left.Flush().ok());
  });
  const Result<std::string_view> first = pair.right.ReadPayload();
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_TRUE(*first == payload);
  const Result<std::string_view> second = pair.right.ReadPayload();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(*second, "next");
  writer.join();
}

}  // namespace
}  // namespace starlift::wire::mysql

#include "sandbox/load/byte_source.h"

#include <string>

#include <bzlib.h>
#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

namespace starlift::sandbox::load {
namespace {

std::string Deflated(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string bytes(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  deflate(&stream, Z_FINISH);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

std::string Compress(const std::string& text, Compression compression) {
  std::string bytes(text.size() + (1 << 16), '\0');
  switch (compression) {
    case Compression::kNone:
      return text;
    case Compression::kGzip:
      return Deflated(text, 15 + 16);
    case Compression::kDeflate:
      return Deflated(text, 15);
    case Compression::kZstd:
      bytes.resize(ZSTD_compress(bytes.data(), bytes.size(), text.data(), text.size(), 3));
      return bytes;
    case Compression::kLz4Frame:
      bytes.resize(
          LZ4F_compressFrame(bytes.data(), bytes.size(), text.data(), text.size(), nullptr));
      return bytes;
    case Compression::kBzip2: {
      auto size = static_cast<unsigned>(bytes.size());
      BZ2_bzBuffToBuffCompress(bytes.data(), &size, const_cast<char*>(text.data()),
                               static_cast<unsigned>(text.size()), 1, 0, 0);
      bytes.resize(size);
      return bytes;
    }
  }
  return text;
}

Result<std::string> ReadBack(const std::string& bytes, Compression compression) {
  SL_ASSIGN(std::unique_ptr<ByteSource> source,
            Decompress(std::make_unique<MemorySource>(bytes), compression));
  std::string text;
  char piece[777];
  while (true) {
    SL_ASSIGN(const size_t count, source->Read(piece));
    if (count == 0) return text;
    text.append(piece, count);
  }
}

class Decompressing : public ::testing::TestWithParam<Compression> {};

TEST_P(Decompressing, GivesTheBytesBack) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += std::to_string(i * 7919) + "\n";
  for (const std::string& body : {std::string("a,b\n"), text}) {
    const auto back = ReadBack(Compress(body, GetParam()), GetParam());
    ASSERT_TRUE(back.ok()) << back.error().ToString();
    EXPECT_TRUE(*back == body);
  }
}

TEST_P(Decompressing, SeveralMembersAreOneBody) {
  const std::string bytes = Compress("first\n", GetParam()) + Compress("second\n", GetParam());
  const auto back = ReadBack(bytes, GetParam());
  ASSERT_TRUE(back.ok()) << back.error().ToString();
  EXPECT_EQ(*back, "first\nsecond\n");
}

TEST_P(Decompressing, BrokenAndCutBodiesAreErrors) {
  if (GetParam() == Compression::kNone) return;
  const std::string bytes = Compress(std::string(5000, 'x') + "y", GetParam());
  EXPECT_FALSE(ReadBack(bytes.substr(0, bytes.size() / 2), GetParam()).ok());
  EXPECT_FALSE(ReadBack("not compressed at all, but long enough to be looked at", GetParam()).ok());
}

INSTANTIATE_TEST_SUITE_P(All, Decompressing,
                         ::testing::Values(Compression::kNone, Compression::kGzip,
                                           Compression::kDeflate, Compression::kZstd,
                                           Compression::kLz4Frame, Compression::kBzip2));

}  // namespace
}  // namespace starlift::sandbox::load

#include <algorithm>

#include <gtest/gtest.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/charset.h"
#include "sources/mysql/binlog/column_decoder.h"
#include "sources/mysql/binlog/json_document.h"
#include "sources/mysql/binlog/json_text.h"
#include "sources/mysql/binlog/number_text.h"
#include "sources/mysql/binlog/temporal_text.h"

namespace starlift::mysql {
namespace {

using std::string_literals::operator""s;

template <typename Write>
std::string Text(Write write) {
  char out[kLongestNumber];
  return {out, write(out)};
}

TEST(NumberTextTest, Decimals) {
  const auto decimal = [](const std::string& bytes, int precision, int scale) {
    EXPECT_EQ(bytes.size(), DecimalBytes(precision, scale));
    return Text([&](char* out) { return WriteDecimal(bytes.data(), precision, scale, out); });
  };
  EXPECT_EQ(decimal("\x81\x0d\xfb\x38\xd2\x04\xd2"s, 14, 4), "1234567890.1234");
  EXPECT_EQ(decimal("\x7e\xf2\x04\xc7\x2d\xfb\x2d"s, 14, 4), "-1234567890.1234");
  EXPECT_EQ(decimal("\x80\x00"s, 3, 2), "0.00");
  EXPECT_EQ(decimal("\x80\x05"s, 3, 2), "0.05");
  EXPECT_EQ(decimal("\x7f\xfa"s, 3, 2), "-0.05");
  EXPECT_EQ(decimal("\x80\x00\x00\x00\x07"s, 10, 0), "7");
  EXPECT_EQ(decimal("\xa3"s, 2, 2), "0.35");
}

TEST(NumberTextTest, RealNumbersAsTheServerPrintsThem) {
  const auto real = [](double value) {
    return Text([&](char* out) { return WriteDouble(value, out); });
  };
  EXPECT_EQ(real(0.1), "0.1");
  EXPECT_EQ(real(-0.0), "-0");
  EXPECT_EQ(real(999999999999999), "999999999999999");
  EXPECT_EQ(real(1e15), "1e15");
  EXPECT_EQ(real(1234567890123456.8), "1234567890123456.8");
  EXPECT_EQ(real(9007199254740992), "9.007199254740992e15");
  EXPECT_EQ(real(1.5e300), "1.5e300");
  EXPECT_EQ(real(1e-15), "0.000000000000001");
  EXPECT_EQ(real(2.5e-16), "2.5e-16");
  EXPECT_EQ(real(5e-324), "5e-324");
  EXPECT_EQ(Text([](char* out) { return WriteFloat(0.1F, out); }), "0.1");
  EXPECT_EQ(Text([](char* out) { return WriteFloat(3.4028235e38F, out); }), "3.4028235e38");
}

TEST(TemporalTextTest, Forms) {
  const auto text = [](auto write, const std::string& bytes, int scale) {
    return Text([&](char* out) { return write(bytes.data(), scale, out); });
  };
  EXPECT_EQ(text(WriteTimestamp2, "\0\0\0\0"s, 0), "0000-00-00 00:00:00");
  EXPECT_EQ(text(WriteTimestamp2, "\x5e\x0b\xe1\x00\x0c"s, 2), "2020-01-01 00:00:00.12");
  EXPECT_EQ(text(WriteTimestamp2, "\xff\xff\xff\xff"s, 0), "2106-02-07 06:28:15");
  EXPECT_EQ(text(WriteTime2, "\x80\x00\x00"s, 0), "00:00:00");
  EXPECT_EQ(text(WriteTime2, "\x7f\xff\xff\xff"s, 2), "-00:00:00.01");
  EXPECT_EQ(text(WriteTime2, "\xb4\x6e\xfb"s, 0), "838:59:59");
  EXPECT_EQ(text(WriteTime2, "\x4b\x91\x05\x00\x00\x00"s, 6), "-838:59:59.000000");
  EXPECT_EQ(text(WriteDateTime2, "\x99\x72\xee\x00\x00"s, 0), "2004-07-23 00:00:00");
  EXPECT_EQ(Text([](char* out) { return WriteDate("\0\0\0", out); }), "0000-00-00");
  EXPECT_EQ(Text([](char* out) { return WriteOldTime("\xd5\xff\xff", out); }), "-00:00:43");
}

std::string Json(const std::string& binary) {
  std::string text;
  const Status status = AppendJsonText(binary, text);
  return status.ok() ? text : "error: " + status.error().message;
}

TEST(JsonTextTest, Scalars) {
  EXPECT_EQ(Json(""), "null");
  EXPECT_EQ(Json("\x04\x01"s), "true");
  EXPECT_EQ(Json("\x05\xff\xff"s), "-1");
  EXPECT_EQ(Json("\x06\xff\xff"s), "65535");
  EXPECT_EQ(Json("\x09\0\0\0\0\0\0\0\x80"s), "-9223372036854775808");
  EXPECT_EQ(Json("\x0a\xff\xff\xff\xff\xff\xff\xff\xff"s), "18446744073709551615");
  EXPECT_EQ(Json("\x0b\0\0\0\0\0\0\xf0\x3f"s), "1.0");
  EXPECT_EQ(Json("\x0b\0\0\0\0\0\0\xf8\x3f"s), "1.5");
  EXPECT_EQ(Json("\x0c\x05"s + "a\"\\\n\x01"), R"("a\"\\\n\u0001")");
  EXPECT_EQ(Json("\x0f\xf6\x04\x03\x02\x80\x05"s), "0.05");
  EXPECT_EQ(Json("\x0f\xfc\x03"s + "abc"), "\"base64:type252:YWJj\"");
  // 01:02:03.5 packed
  EXPECT_EQ(Json("\x0f\x0b\x08\x20\xa1\x07\x83\x10\0\0\0"s), "\"01:02:03.500000\"");
}

TEST(JsonTextTest, Containers) {
  // {"a": 1, "b": [true]}: keys after the entries, in order of length and bytes.
  const std::string array = "\x01\x00\x07\x00\x04\x01\x00"s;
  const std::string object =
      "\x00\x02\x00\x1b\x00\x12\x00\x01\x00\x13\x00\x01\x00\x05\x01\x00\x02\x14\x00"s + "ab" +
      array;
  EXPECT_EQ(Json(object), R"({"a": 1, "b": [true]})");
  EXPECT_EQ(Json("\x02\x00\x00\x04\x00"s), "[]");
  for (size_t size = 1; size < object.size(); ++size)
    EXPECT_NE(Json(object.substr(0, size)).find("error"), std::string::npos) << size;
  // A container that holds itself.
  EXPECT_NE(Json("\x02\x01\x00\x07\x00\x02\x00\x00"s).find("error"), std::string::npos);
}

TEST(JsonDocumentTest, Differences) {
  const std::string object = "\x00\x01\x00\x0c\x00\x0b\x00\x01\x00\x05\x01\x00"s + "a";  // {"a": 1}
  const std::string array = "\x02\x02\x00\x0a\x00\x05\x01\x00\x05\x02\x00"s;             // [1, 2]
  const auto apply = [](const std::string& document, const std::string& differences) {
    std::string text;
    const Status status = ApplyJsonDifferences(document, differences, text);
    return status.ok() ? text : "error: " + status.error().message;
  };
  EXPECT_EQ(apply(object, "\x00\x03$.a\x03\x05\x07\x00"s), R"({"a": 7})");
  EXPECT_EQ(apply(object, "\x01\x05$.\"b\"\x02\x04\x00"s), R"({"a": 1, "b": null})");
  EXPECT_EQ(apply(object, "\x02\x03$.a"s), "{}");
  EXPECT_EQ(apply(array, "\x01\x04$[1]\x03\x05\x09\x00"s), "[1, 9, 2]");
  EXPECT_EQ(apply(array, "\x02\x04$[0]"s + "\x00\x04$[0]\x03\x05\x04\x00"s), "[4]");
  for (const std::string& wrong :
       {"\x02\x03$.b"s, "\x00\x03$.a"s, "\x03\x03$.a"s, "\x00\x03x.a\x02\x04\x00"s, "\x02\x01$"s,
        "\x00\x04$.**\x02\x04\x00"s}) {
    EXPECT_NE(apply(object, wrong).find("error"), std::string::npos);
  }
}

TEST(ColumnDecoderTest, LabelsAsTheServerPrintsThem) {
  EXPECT_EQ(ReadLabels("enum('a','b, c','d''e','','\\\\N','x\\ny')"),
            (std::vector<std::string>{"a", "b, c", "d'e", "", "\\N", "x\ny"}));
}

TEST(ColumnDecoderTest, RefusesWhatCannotBe) {
  CharsetList charsets(nullptr);
  Column column;
  column.type = {.kind = TypeKind::kInt32};
  EXPECT_TRUE(ChooseDecoder(column, {.type = LogType::kLong}, {}, charsets).ok());
  EXPECT_FALSE(ChooseDecoder(column, {.type = LogType::kLongLong}, {}, charsets).ok());
  column.type = {.kind = TypeKind::kDecimal, .precision = 10, .scale = 2};
  const LogColumn same{.type = LogType::kNewDecimal, .precision = 10, .scale = 2};
  const LogColumn other{.type = LogType::kNewDecimal, .precision = 10, .scale = 3};
  EXPECT_TRUE(ChooseDecoder(column, same, {}, charsets).ok());
  EXPECT_FALSE(ChooseDecoder(column, other, {}, charsets).ok());
  column.type = {.kind = TypeKind::kUnsupported};
  EXPECT_FALSE(ChooseDecoder(column, {.type = LogType::kVector}, {}, charsets).ok());
}

TEST(CharsetTest, UnicodeAndLatin1) {
  CharsetList charsets(nullptr);
  const auto convert = [&](const char* name, const std::string& bytes) {
    std::string text;
    const Status status = charsets.Find(name).value()->Convert(bytes, text);
    return status.ok() ? text : "error";
  };
  EXPECT_EQ(convert("latin1", "\x80\xe4\x81"), "€ä\xc2\x81");
  EXPECT_EQ(convert("utf16", "\x00\x61\xd8\x34\xdd\x1e"s), "a𝄞");
  EXPECT_EQ(convert("utf16", "\xd8\x34\x00\x61"s), "error");
  EXPECT_EQ(convert("utf16le", "\x61\x00"s), "a");
  EXPECT_EQ(convert("utf32", "\x00\x01\xd1\x1e"s), "𝄞");
  EXPECT_EQ(convert("utf8mb4", "\xff"), "error");
  EXPECT_FALSE(charsets.Find("gbk").ok());  // without a server to ask
}

TEST(CharsetTest, AsksForEachCharacterOnce) {
  size_t asked = 0;
  CharsetList charsets(
      [&](std::string_view,
          const std::vector<std::string>& characters) -> Result<std::vector<std::string>> {
        asked += characters.size();
        std::vector<std::string> answers(characters.size());
        std::transform(
            characters.begin(), characters.end(), answers.begin(),
            [](const std::string& character) { return character == "\xd6\xd0" ? "中" : ""; });
        return answers;
      });
  const Charset* const gbk = charsets.Find("gbk").value();
  for (int i = 0; i < 3; ++i) {
    std::string text;
    ASSERT_TRUE(gbk->Convert("a\xd6\xd0z", text).ok());
    EXPECT_EQ(text, "a中z");
  }
  EXPECT_EQ(asked, 1U);
  std::string text;
  EXPECT_FALSE(gbk->Convert("\x81\x40", text).ok());
  EXPECT_FALSE(gbk->Convert("\x81", text).ok());
}

}  // namespace
}  // namespace starlift::mysql

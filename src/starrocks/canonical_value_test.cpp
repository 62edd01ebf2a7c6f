#include "starrocks/canonical_value.h"

#include <gtest/gtest.h>

#include "starrocks/canonical_json.h"
#include "starrocks/stored_rows.h"

namespace starlift::starrocks {
namespace {

std::string Canonical(std::string_view type, std::string_view text) {
  std::string bytes;
  return AppendCanonicalValue(ParseType(type), text, bytes) ? bytes : "no value";
}

void ExpectSame(std::string_view type, std::string_view a, std::string_view b) {
  EXPECT_EQ(Canonical(type, a), Canonical(type, b)) << type << ": " << a << ", " << b;
  EXPECT_NE(Canonical(type, a), "no value") << type << ": " << a;
}
void ExpectDifferent(std::string_view type, std::string_view a, std::string_view b) {
  EXPECT_NE(Canonical(type, a), Canonical(type, b)) << type << ": " << a << ", " << b;
}

TEST(CanonicalValue, Numbers) {
  ExpectSame("int", "007", "7");
  ExpectSame("largeint", "-0", "0");
  ExpectDifferent("bigint", "9007199254740993", "9007199254740992");
  EXPECT_EQ(Canonical("int", "1.5"), "no value");
  EXPECT_EQ(Canonical("int", ""), "no value");
  ExpectSame("decimal(10,3)", "1.500", "1.5");
  ExpectSame("decimal(10,3)", "-0.000", "0");
  ExpectSame("decimal(10,3)", ".5", "0.500");
  ExpectDifferent("decimal(38,30)", "0.000000000000000000000000000001", "0");
  ExpectSame("boolean", "5", "1");
  ExpectDifferent("boolean", "0", "1");
}

TEST(CanonicalValue, FloatsByBitsAfterRounding) {
  ExpectSame("float", "0.1", "0.10000000149011612");  // the float as a double
  ExpectDifferent("double", "0.1", "0.10000000149011612");
  ExpectSame("double", "-0", "0");
  ExpectSame("double", "1e22", "10000000000000000000000");
  ExpectDifferent("double", "0.1", "0.10000000000000002");  // the next double
  EXPECT_EQ(Canonical("double", "nan?"), "no value");
}

TEST(CanonicalValue, Moments) {
  ExpectSame("datetime", "2024-01-02 03:04:05.120000", "2024-01-02 03:04:05.12");
  ExpectSame("datetime", "2024-01-02 03:04:05.000", "2024-01-02 03:04:05");
  ExpectSame("datetime", "2024-01-02", "2024-01-02 00:00:00");
  ExpectDifferent("datetime", "2024-01-02 03:04:05.000001", "2024-01-02 03:04:05");
}

TEST(CanonicalValue, TextAndBytesByTheByte) {
  ExpectDifferent("varchar(10)", "a", "a ");
  ExpectDifferent("varchar(10)", "a", "A");
  ExpectDifferent("varchar(10)", "1.50", "1.5");
  ExpectSame("varbinary", "00FFab", "00ffAB");
  ExpectDifferent("varbinary", "00", "");
  EXPECT_EQ(Canonical("varbinary", "xy"), "no value");
}

TEST(CanonicalValue, JsonParsed) {
  ExpectSame("json", R"({"b": 1, "a": [1.0, 2]})", R"({"a":[1,2.0],"b":1})");
  ExpectSame("json", R"("\u00e4\ud83d\ude00\/\n")", "\"\xC3\xA4\xF0\x9F\x98\x80/\\n\"");
  ExpectSame("json", "1e2", "100");
  ExpectSame("json", "0.1", "1e-1");
  ExpectSame("json", R"({"a":1,"a":2})", R"({"a":2})");
  ExpectSame("json", "18446744073709551615", "18446744073709551615");
  ExpectSame("json", "[ ]", "[]");
  ExpectSame("json", "{ }", "{}");
  ExpectDifferent("json", "18446744073709551615", "18446744073709551614");
  ExpectDifferent("json", R"({"a":null})", "{}");
  ExpectDifferent("json", R"("a")", R"("A")");
  ExpectDifferent("json", R"(["a\"b"])", R"(["a","b"])");
  ExpectDifferent("json", "1", "\"1\"");
  EXPECT_EQ(Canonical("json", "{"), "no value");
}

// What verification compares with is what the encoder sends.
class StoredRowsTest : public testing::Test {
 protected:
  void Add(CellRule rule, std::string_view type, uint32_t limit = UINT32_MAX) {
    ColumnPlan column{.name = "c" + std::to_string(plan_.columns.size()),
                      .source_index = static_cast<uint32_t>(plan_.columns.size()),
                      .type = ParseType(type),
                      .rule = rule,
                      .limit_bytes = limit};
    column.null_impossible = true;
    plan_.columns.push_back(column);
  }

  std::vector<std::vector<std::optional<std::string>>> Read(const RowBatch& batch) {
    FinishEncodePlan(plan_, true);
    std::vector<std::vector<std::optional<std::string>>> rows;
    StoredRowReader reader(plan_);
    const Status read = reader.Read(batch, {[&](uint32_t, StoredValues values) -> Status {
                                              rows.emplace_back(values.begin(), values.end());
                                              return {};
                                            },
                                            [&](uint32_t row, const std::string& why) -> Status {
                                              refused_.push_back(std::to_string(row) + ": " + why);
                                              return {};
                                            }});
    EXPECT_TRUE(read.ok());
    return rows;
  }

  EncodePlan plan_;
  std::vector<std::string> refused_;
};

using Rows = std::vector<std::vector<std::optional<std::string>>>;

TEST_F(StoredRowsTest, AppliesTheRulesOfLoads) {
  Add(CellRule::kText, "varchar(4)", 4);
  Add(CellRule::kDate, "date");
  Add(CellRule::kBinary, "varbinary");
  RowBatch batch(3);
  for (const std::string_view text : {"ab", "", "abcde", "cd"}) {
    batch.AppendCopy(text);
    batch.AppendCopy(text == "cd" ? "2020-02-30" : "2020-02-29");
    batch.AppendCopy(std::string_view("\0\xFF", 2));
  }
  EXPECT_EQ(Read(batch), (Rows{{"ab", "2020-02-29", "00ff"},
                               {"", "2020-02-29", "00ff"},
                               {"cd", std::nullopt, "00ff"}}));
  ASSERT_EQ(refused_.size(), 1U);
  EXPECT_TRUE(refused_[0].starts_with("2: ")) << refused_[0];
}

// Values that only a JSON load can carry.
TEST_F(StoredRowsTest, ReadsJsonBodies) {
  Add(CellRule::kNumber, "int");
  Add(CellRule::kText, "varchar(100)", 100);
  Add(CellRule::kJson, "json");
  Add(CellRule::kNumber, "largeint");
  RowBatch batch(4);
  for (const std::string_view text : {"\\N", "a\x01\x02\n\"\\", ""}) {
    batch.AppendCopy("-5");
    batch.AppendCopy(text);
    batch.AppendCopy("{\"a\": 1}");
    batch.AppendNull();
  }
  EXPECT_EQ(Read(batch), (Rows{{"-5", "\\N", "{\"a\": 1}", std::nullopt},
                               {"-5", "a\x01\x02\n\"\\", "{\"a\": 1}", std::nullopt},
                               {"-5", "", "{\"a\": 1}", std::nullopt}}));
  EXPECT_TRUE(refused_.empty());
}

TEST_F(StoredRowsTest, OneColumnOfEmptyText) {
  Add(CellRule::kText, "varchar(100)", 100);
  RowBatch batch(1);
  batch.AppendCopy("");
  batch.AppendNull();
  EXPECT_EQ(Read(batch), (Rows{{""}, {std::nullopt}}));
}

}  // namespace
}  // namespace starlift::starrocks

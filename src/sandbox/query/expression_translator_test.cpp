#include "sandbox/query/expression_translator.h"

#include <gtest/gtest.h>

#include "sandbox/storage/test_home.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

class ExpressionTranslatorTest : public testing::Test {
 protected:
  void SetUp() override {
    StorageOptions options;
    options.home = home_.path();
    auto storage = Storage::Open(options);
    ASSERT_TRUE(storage.ok()) << storage.error().message;
    storage_ = std::move(*storage);
    ASSERT_TRUE(RegisterFunctions(*storage_).ok());
  }

  // The value of an expression as text; "error: …" where it can't be analysed or run.
  std::string Evaluate(std::string_view expression) {
    const std::vector<SourceColumn> columns = {
        {"i", DataType::Of(TypeKind::kInt), "CAST(7 AS INTEGER)"},
        {"s", DataType::Varchar(20), "'abc'"},
        {"n", DataType::Of(TypeKind::kBigInt), "CAST(NULL AS BIGINT)"},
        {"j", DataType::Of(TypeKind::kJson), "CAST('{\"a\":{\"b\":5}}' AS JSON)"}};
    auto translated = TranslateExpression(expression, columns);
    if (!translated.ok()) return "error: " + translated.error().message;
    auto connection = storage_->Connect();
    auto rows =
        connection->QueryRows("SELECT " + CastSql(translated->sql, translated->type,
                                                  DataType::Varchar(catalog::kStringLength)));
    if (!rows.ok()) return "error: " + rows.error().message;
    return rows->front().front().value_or("NULL");
  }

  TestHome home_;
  std::unique_ptr<Storage> storage_;
};

TEST_F(ExpressionTranslatorTest, ComputesAsStarRocksDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"i + 1", "8"},
      {"i / 2", "3.5"},
      {"i DIV 2", "3"},
      {"i % 0", "NULL"},
      {"1 / 0", "NULL"},
      {"9223372036854775807 + 1", "-9223372036854775808"},  // wraps around
      {"cast('12' as int)", "12"},
      {"cast('1x' as int)", "NULL"},
      {"cast(1.9 as int)", "1"},
      {"cast(0.5 as varchar)", "0.5"},
      {"concat(s, i, 1.5)", "abc71.5"},
      {"concat(s, n)", "NULL"},
      {"ifnull(n, 3)", "3"},
      {"if(i > 5, 'big', 'small')", "big"},
      {"case i when 7 then 'seven' end", "seven"},
      {"length('äö')", "4"},
      {"char_length('äö')", "2"},
      {"substr(s, 0)", ""},
      {"murmur_hash3_32('hello')", "1321743225"},
      {"crc32('hello')", "907060870"},
      {"conv('fffffffffffffff', 16, 10)", "1152921504606846975"},
      {"conv('255', 10, 16)", "FF"},
      {"md5('hello')", "5d41402abc4b2a76b9719d911017c592"},
      {"hex('abc')", "616263"},
      {"unhex('616263')", "abc"},
      {"j->'a'->'b'", "5"},
      {"get_json_string(j, '$.a.b')", "5"},
      {"str_to_date('29/02/2024', '%d/%m/%Y')", "2024-02-29 00:00:00"},
      {"date_format('2024-02-29 13:04:05', '%Y%m%d %r')", "20240229 01:04:05 PM"},
      {"date_trunc('month', '2024-02-29 13:04:05')", "2024-02-01 00:00:00"},
      {"date_add('2024-01-31', interval 1 month)", "2024-02-29 00:00:00"},
      {"greatest(1, n)", "NULL"},
      {"s like 'A%'", "0"},
      {"i in (1, 7)", "1"},
      {"round(3.14159, 2)", "3.14"},
  };
  for (const auto& [expression, value] : cases)
    EXPECT_EQ(Evaluate(expression), value) << expression;
}

TEST_F(ExpressionTranslatorTest, SaysWhatIsWrongInTheFrontendsWords) {
  EXPECT_EQ(Evaluate("nosuch + 1"),
            "error: Getting analyzing error. Detail message: Column 'nosuch' cannot be resolved.");
  EXPECT_EQ(Evaluate("nosuch(i)"),
            "error: Getting analyzing error from line 1, column 0 to line 1, column 8. Detail "
            "message: No matching "
            "function with signature: nosuch(int(11)).");
  EXPECT_EQ(Evaluate("(1").substr(0, 27), "error: Getting syntax error");
  EXPECT_NE(Evaluate("sum(i)").find("cannot contain aggregations"), std::string::npos);
}

TEST_F(ExpressionTranslatorTest, NamesTheColumnsThatAreUsed) {
  const auto translated = TranslateExpression(
      "B + a + b",
      {{"a", DataType::Of(TypeKind::kInt), "c1"}, {"b", DataType::Of(TypeKind::kInt), "c2"}});
  ASSERT_TRUE(translated.ok());
  EXPECT_EQ(translated->columns, (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(translated->type.kind, TypeKind::kBigInt);
}

TEST(ColumnListTest, SplitsNamesAndAssignments) {
  const auto list = ParseColumnList("a, `b c`, tmp, d = concat(tmp, ','), e=1");
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->size(), 5U);
  EXPECT_EQ((*list)[1].name, "b c");
  EXPECT_EQ((*list)[3].expression, "concat(tmp, ',')");
  EXPECT_EQ((*list)[4].expression, "1");
  EXPECT_FALSE(ParseColumnList("a,, b").ok());
}

}  // namespace
}  // namespace starlift::sandbox::query

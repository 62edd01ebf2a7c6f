#include "sandbox/load/json_reader.h"

#include <gtest/gtest.h>

namespace starlift::sandbox::load {
namespace {

std::string Read(std::string_view body, JsonDialect dialect) {
  dialect.as_json.resize(dialect.paths.empty() ? dialect.keys.size() : dialect.paths.size());
  JsonReader reader{std::string(body), dialect};
  std::string text;
  ParsedRow row;
  while (true) {
    auto more = reader.Next(row);
    if (!more.ok()) return text + "error: " + more.error().message;
    if (!*more) return text;
    if (!row.defect.empty()) {
      text += "[!" + std::string(row.defect) + "]";
      continue;
    }
    text += "[";
    for (size_t i = 0; i < row.fields.size(); ++i) {
      if (i > 0) text += "|";
      const Field& field = row.fields[i];
      text += field.kind == Field::Kind::kMissing ? "-"
              : field.is_null()                   ? "NULL"
                                                  : std::string(field.text);
    }
    text += "]";
  }
}

JsonDialect Keys(std::vector<std::string> keys) {
  JsonDialect dialect;
  dialect.keys = std::move(keys);
  return dialect;
}

TEST(JsonRows, ObjectsOneAfterAnother) {
  EXPECT_EQ(Read(R"({"a":1,"b":"x"})", Keys({"a", "b"})), "[1|x]");
  EXPECT_EQ(Read("{\"a\":1}\n{\"a\":2} {\"a\":3}{\"a\":4}\n\n", Keys({"a"})), "[1][2][3][4]");
  EXPECT_EQ(Read("  \n", Keys({"a"})), "");
}

TEST(JsonRows, KeysAreExactFirstWinsMissingIsNull) {
  EXPECT_EQ(Read(R"({"A":1,"b":null})", Keys({"a", "b", "c"})), "[-|NULL|-]");
  EXPECT_EQ(Read(R"({"a":1,"a":2,"x":3})", Keys({"a"})), "[1]");
  EXPECT_EQ(Read(R"({"b":1,"a":2}{"a":3,"b":4}{"b":5})", Keys({"a", "b"})), "[2|1][3|4][-|5]");
}

TEST(JsonRows, NumbersKeepTheirTokens) {
  EXPECT_EQ(
      Read(R"({"a": 12345678901234567890.123456789 ,"b":1e3,"c":-0.10})", Keys({"a", "b", "c"})),
      "[12345678901234567890.123456789|1e3|-0.10]");
  EXPECT_EQ(Read(R"({"a":99999999999999999999999999999999})", Keys({"a"})),
            "[99999999999999999999999999999999]");
}

TEST(JsonRows, OtherValues) {
  EXPECT_EQ(Read(R"({"a":true,"b":false,"c":{"x": [1, 2]},"d":["\u00e9" , 1]})",
                 Keys({"a", "b", "c", "d"})),
            R"([1|0|{"x":[1,2]}|["\u00e9",1]])");
  EXPECT_EQ(Read(R"({"a":"\u00e9\n\\N"})", Keys({"a"})), "[\xc3\xa9\n\\N]");
  JsonDialect dialect = Keys({"j", "k"});
  dialect.as_json = {true, true};
  EXPECT_EQ(Read(R"({"j":"a\"b" , "k" : 1.50 })", dialect), R"(["a\"b"|1.50])");
}

TEST(JsonRows, OuterArray) {
  JsonDialect dialect = Keys({"a"});
  dialect.strip_outer_array = true;
  EXPECT_EQ(Read(R"([{"a":1},{"a":2}])", dialect), "[1][2]");
  EXPECT_EQ(Read("[]", dialect), "");
  EXPECT_EQ(Read(R"([{"a":1},7,{"a":2}])", dialect), "[1][!the value should be object type][2]");
  EXPECT_EQ(Read(R"({"a":1})", dialect),
            "error: the value should be array type with strip_outer_array=true, value: {\"a\":1}");
  EXPECT_EQ(Read(R"([{"a":1}])", Keys({"a"})).substr(0, 58),
            "error: The value is array type in json document stream, yo");
}

TEST(JsonRows, RootAndPaths) {
  JsonDialect dialect = Keys({"a"});
  dialect.root = "$.data.rows";
  EXPECT_EQ(Read(R"({"data":{"rows":[{"a":1},{"a":2}]}})", dialect), "[1][2]");
  EXPECT_EQ(Read(R"({"data":{"rows":{"a":3}}})", dialect), "[3]");
  JsonDialect paths;
  paths.paths = {"$.a.b", "$.c[1]", "$.none", "$.\"x.y\""};
  EXPECT_EQ(Read(R"({"c":[1,2],"a":{"b":"v"},"x.y":9})", paths), "[v|2|-|9]");
  EXPECT_EQ(Read(R"({"a":1})", paths),
            "[!the json path goes through a value that is no object or array]");
  paths.paths = {"$"};
  EXPECT_EQ(Read(R"({"a" : 1 })", paths), R"([{"a":1}])");
}

TEST(JsonRows, SyntaxErrorsEndTheLoad) {
  EXPECT_EQ(Read("x", Keys({"a"})), "error: illegal json started with [x]");
  EXPECT_EQ(Read(R"({"a":1} {"a":tru})", Keys({"a"})).substr(0, 42),
            "[1]error: Unrecognized json format, error:");
  EXPECT_EQ(Read(R"({"a":1)", Keys({"a"})).substr(0, 6), "error:");
}

TEST(JsonPaths, Parse) {
  EXPECT_EQ(JsonReader::ParsePaths(R"(["$.a", "$.b"])")->size(), 2u);
  EXPECT_FALSE(JsonReader::ParsePaths("$.a").ok());
}

}  // namespace
}  // namespace starlift::sandbox::load

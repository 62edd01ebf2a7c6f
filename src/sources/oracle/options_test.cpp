#include "sources/oracle/options.h"

#include <gtest/gtest.h>

namespace starlift::oracle {
namespace {

SourceConfig Config(std::string database,
                    std::vector<std::pair<std::string, std::string>> options) {
  return {.kind = "oracle",
          .host = "db.example",
          .user = "c##reader",
          .database = std::move(database),
          .options = std::move(options)};
}

std::string ConnectStringOf(const SourceConfig& config) {
  const auto options = ReadSourceOptions(config);
  return options.ok() ? ConnectString(*options) : options.error().message;
}

TEST(OracleOptions, ServiceAndSid) {
  EXPECT_EQ(ConnectStringOf(Config("orclpdb", {})), "//db.example:1521/orclpdb");
  EXPECT_EQ(ConnectStringOf(Config("sales.example.com:dedicated/inst1", {})),
            "//db.example:1521/sales.example.com:dedicated/inst1");
  EXPECT_EQ(ConnectStringOf(Config("", {{"sid", "ORCL"}})),
            "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db.example)(PORT=1521))(CONNECT_DATA=(SID="
            "ORCL)))");
  SourceConfig config = Config("orclpdb", {});
  config.host = "::1";
  config.port = 1522;
  EXPECT_EQ(ConnectStringOf(config), "//[::1]:1522/orclpdb");
}

TEST(OracleOptions, TheDatabaseIsWhatIsNamed) {
  EXPECT_EQ(ReadSourceOptions(Config("orclpdb", {}))->database(), "orclpdb");
  EXPECT_EQ(ReadSourceOptions(Config("", {{"SID", "ORCL"}}))->database(), "ORCL");
}

TEST(OracleOptions, WhatCanNotBe) {
  EXPECT_EQ(ReadSourceOptions(Config("", {})).error().kind, ErrorKind::kUsage);
  EXPECT_EQ(ReadSourceOptions(Config("a", {{"sid", "b"}})).error().kind, ErrorKind::kUsage);
  for (const std::string name : {"(DESCRIPTION=(X=1))", "a b", "x?connect_timeout=1", "x)(SID=y"}) {
    EXPECT_EQ(ReadSourceOptions(Config(name, {})).error().kind, ErrorKind::kUsage) << name;
    EXPECT_EQ(ReadSourceOptions(Config("", {{"sid", name}})).error().kind, ErrorKind::kUsage);
  }
  EXPECT_EQ(ReadSourceOptions(Config("a", {{"clientdir", "/x"}})).error().kind, ErrorKind::kUsage);
}

}  // namespace
}  // namespace starlift::oracle

#include "sources/sqlserver/options.h"

#include <gtest/gtest.h>

namespace starlift::sqlserver {
namespace {

using Options = std::vector<std::pair<std::string, std::string>>;

Result<ConnectOptions> Read(std::string host, Options options) {
  return ReadSourceOptions(
      {.kind = "sqlserver", .host = std::move(host), .port = 1444, .options = std::move(options)});
}

TEST(SqlserverOptions, APortAndItsEncryption) {
  EXPECT_EQ(*FreetdsConfig(*Read("db.example", {})),
            "[starlift]\nhost = db.example\ntds version = 7.4\nclient charset = UTF-8\n"
            "encryption = request\nport = 1444\n");
  EXPECT_EQ(
      *FreetdsConfig(*Read("db.example", {{"encrypt", "TRUE"}, {"ssl_ca", "/etc/our ca.pem"}})),
      "[starlift]\nhost = db.example\ntds version = 7.4\nclient charset = UTF-8\n"
      "encryption = require\nport = 1444\nca file = /etc/our ca.pem\n"
      "check certificate hostname = yes\n");
}

TEST(SqlserverOptions, ANamedInstance) {
  for (const auto& options :
       {Read("db.example\\SALES", {}), Read("db.example", {{"instance", "SALES"}})}) {
    EXPECT_EQ(Place(*options), "SQL Server at db.example\\SALES");
    EXPECT_NE(FreetdsConfig(*options)->find("instance = SALES\n"), std::string::npos);
    EXPECT_EQ(FreetdsConfig(*options)->find("port"), std::string::npos);
  }
}

TEST(SqlserverOptions, WhatCanNotBe) {
  EXPECT_EQ(Read("h", {{"encrypt", "strict"}}).error().kind, ErrorKind::kUsage);
  EXPECT_EQ(Read("h", {{"ssl-ca", "/x"}}).error().kind, ErrorKind::kUsage);
  // A line of the file must stay one.
  EXPECT_EQ(FreetdsConfig(*Read("h\nport = 1", {})).error().kind, ErrorKind::kUsage);
  EXPECT_EQ(FreetdsConfig(*Read("h", {{"instance", "[x]"}})).error().kind, ErrorKind::kUsage);
}

}  // namespace
}  // namespace starlift::sqlserver

#include "sync/config/endpoint_url.h"

#include <fstream>

#include <gtest/gtest.h>

namespace starlift::sync {
namespace {

std::optional<std::string> Environment(const std::string& name) {
  if (name == "PW") return "p@ss:/?%${x}";
  if (name == "URL") return "mysql://u:s%40x@db:3307/shop";
  return std::nullopt;
}

TEST(EndpointUrl, ReadsAllParts) {
  const auto url = ParseEndpointUrl(
      "starrocks://ro%40ot:p%2Fw@h1:9030,[::1]:9031,h3/my%20shop?http_port=8030&x=%26",
      Environment);
  ASSERT_TRUE(url.ok()) << url.error().ToString();
  EXPECT_EQ(url->scheme, "starrocks");
  EXPECT_EQ(url->user, "ro@ot");
  EXPECT_EQ(url->password, "p/w");
  ASSERT_EQ(url->hosts.size(), 3u);
  EXPECT_EQ(url->hosts[1].name, "::1");
  EXPECT_EQ(url->hosts[1].port, 9031);
  EXPECT_EQ(url->hosts[2].port, 0);
  EXPECT_EQ(url->database, "my shop");
  ASSERT_EQ(url->options.size(), 2u);
  EXPECT_EQ(url->options[1].second, "&");
}

TEST(EndpointUrl, TellsNoPasswordFromAnEmptyOne) {
  EXPECT_EQ(ParseEndpointUrl("mysql://root@h", Environment)->password, std::nullopt);
  EXPECT_EQ(ParseEndpointUrl("mysql://root:@h", Environment)->password, "");
  EXPECT_EQ(ParseEndpointUrl("mysql://root:a@b@h", Environment)->password, "a@b");
}

TEST(EndpointUrl, PlaceholdersMayHoldAnyCharacter) {
  const auto url = ParseEndpointUrl("mysql://root:${env:PW}@h:3306/shop", Environment);
  ASSERT_TRUE(url.ok()) << url.error().ToString();
  EXPECT_EQ(url->password, "p@ss:/?%${x}");
  EXPECT_EQ(url->database, "shop");
  const auto whole = ParseEndpointUrl("${env:URL}", Environment);
  ASSERT_TRUE(whole.ok()) << whole.error().ToString();
  EXPECT_EQ(whole->password, "s@x");
}

TEST(EndpointUrl, ErrorsSayWhatAndNeverThePassword) {
  for (const char* text :
       {"mysql://u:secret@h:99999/x", "mysql://u:secret@/x", "mysql://u:secret@[::1/x",
        "mysql://u:sec/ret@h", "mysql://u:secret%4@h", "mysql://u:secret@::1", "nothing",
        "mysql://u:secret@h?x", "mysql://u:secret${env:NONE}@h", "mysql://u:secret${@h"}) {
    const auto url = ParseEndpointUrl(text, Environment);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_EQ(url.error().kind, ErrorKind::kUsage);
    EXPECT_EQ(url.error().ToString().find("sec"), std::string::npos) << url.error().ToString();
  }
}

TEST(EndpointUrl, FindsThePasswordAsTyped) {
  const auto typed = [](std::string_view text) {
    const auto [offset, size] = FindUrlPassword(text);
    return text.substr(offset, size);
  };
  EXPECT_EQ(typed("mysql://root:pw@h:1/x"), "pw");
  EXPECT_EQ(typed("mysql://root:p@w@h:1/x"), "p@w");
  EXPECT_EQ(typed("mysql://root:p/w@h:1/x?a=b@c"), "p/w");
  EXPECT_EQ(typed("mysql://root@h:1/x"), "");
  EXPECT_EQ(typed("task.yaml"), "");
}

TEST(Substitution, ReadsEnvironmentAndFiles) {
  const std::string path = ::testing::TempDir() + "substitution_test.properties";
  std::ofstream(path) << "# comment\nuser = root\npassword: \"q\"\n";
  EXPECT_EQ(*Substitute("a${env:PW}b", Environment), "ap@ss:/?%${x}b");
  EXPECT_EQ(*Substitute("${file:" + path + ":user}", Environment), "root");
  EXPECT_EQ(*Substitute("${file:" + path + ":password}", Environment), "q");
  EXPECT_EQ(*Substitute("${file:" + path + "}", Environment),
            "# comment\nuser = root\npassword: \"q\"");
  EXPECT_EQ(*Substitute("$${env:PW}", Environment), "${env:PW}");
}

TEST(Substitution, NamesWhatIsMissing) {
  EXPECT_NE(Substitute("${env:NONE}", Environment).error().message.find("NONE"), std::string::npos);
  EXPECT_FALSE(Substitute("${file:/no/such/file}", Environment).ok());
  EXPECT_FALSE(Substitute("${other:x}", Environment).ok());
  EXPECT_FALSE(Substitute("${env:PW", Environment).ok());
}

}  // namespace
}  // namespace starlift::sync

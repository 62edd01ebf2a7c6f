#include <gtest/gtest.h>

#include "sources/hive/zookeeper.h"

namespace starlift::hive {
namespace {

constexpr std::string_view kNode = "serverUri=hs2.example:10000;version=4.0.1;sequence=0000000003";

ConnectOptions Asked() { return {.user = "ann", .password = "pw", .ensemble = "zk1:2181"}; }

TEST(HiveRegistration, NodesOfServers) {
  const auto server = ReadRegistration(kNode, "hive.server2.authentication=NONE;x");
  ASSERT_TRUE(server);
  EXPECT_EQ(server->host, "hs2.example");
  EXPECT_EQ(server->port, 10000);
  EXPECT_EQ(server->Setting("hive.server2.authentication"), "NONE");
  EXPECT_EQ(server->Setting("hive.server2.use.SSL"), "");
  for (const std::string_view other :
       {"leader", "serverUri=hs2.example;version=1", "serverUri=:10000", "serverUri=h:x",
        "serverUri=h:70000", "serverUri=h:10000x", ""}) {
    EXPECT_FALSE(ReadRegistration(other, "")) << other;
  }
}

TEST(HiveRegistration, AServerThatTellsNothingOfItself) {
  const auto options = OptionsFor(*ReadRegistration(kNode, ""), Asked());
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->host, "hs2.example");
  EXPECT_EQ(options->authentication, Authentication::kNone);
  EXPECT_EQ(options->transport, Transport::kBinary);
  EXPECT_EQ(options->user, "ann");
  EXPECT_TRUE(options->ensemble.empty());
}

TEST(HiveRegistration, LdapOverTls) {
  const auto options = OptionsFor(
      *ReadRegistration(kNode, "hive.server2.authentication=LDAP;hive.server2.use.SSL=true"),
      Asked());
  EXPECT_EQ(options->authentication, Authentication::kLdap);
  EXPECT_EQ(options->tls.mode, wire::TlsMode::kRequired);
  ConnectOptions strict = Asked();
  strict.tls.mode = wire::TlsMode::kVerifyIdentity;
  EXPECT_EQ(OptionsFor(*ReadRegistration(kNode, "hive.server2.use.SSL=true"), strict)->tls.mode,
            wire::TlsMode::kVerifyIdentity);
}

TEST(HiveRegistration, KerberosOverHttp) {
  const auto options = OptionsFor(
      *ReadRegistration(kNode,
                        "hive.server2.authentication=KERBEROS;hive.server2.transport.mode=http;"
                        "hive.server2.thrift.http.path=gateway/hive;"
                        "hive.server2.authentication.kerberos.principal=hive/_HOST@EXAMPLE.ORG"),
      Asked());
  EXPECT_EQ(options->authentication, Authentication::kKerberos);
  EXPECT_EQ(options->user, "hive/hs2.example");
  EXPECT_EQ(options->transport, Transport::kHttp);
  EXPECT_EQ(options->http_path, "gateway/hive");
}

TEST(HiveRegistration, SeveralLoginsAndUnknownOnes) {
  EXPECT_EQ(OptionsFor(*ReadRegistration(kNode, "hive.server2.authentication=SAML,LDAP"), Asked())
                ->authentication,
            Authentication::kLdap);
  const auto refused =
      OptionsFor(*ReadRegistration(kNode, "hive.server2.authentication=JWT"), Asked());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kRefused);
}

std::string EnsembleOf(std::string host, uint16_t port) {
  const auto options = ReadSourceOptions({.kind = "hive",
                                          .host = std::move(host),
                                          .port = port,
                                          .options = {{"authentication", "zk"}}});
  return options.ok() ? options->ensemble : options.error().message;
}

TEST(HiveRegistration, TheEnsemble) {
  EXPECT_EQ(EnsembleOf("zk1", 2182), "zk1:2182");
  // HiveServer2's port is none of ZooKeeper's.
  EXPECT_EQ(EnsembleOf("zk1", 10000), "zk1:2181");
  EXPECT_EQ(EnsembleOf("zk1,zk2:2183", 0), "zk1:2181,zk2:2183");
  EXPECT_EQ(EnsembleOf("::1", 2181), "[::1]:2181");
}

}  // namespace
}  // namespace starlift::hive

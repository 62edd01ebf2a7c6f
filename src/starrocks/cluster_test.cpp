#include "starrocks/cluster.h"

#include <gtest/gtest.h>

#include "starrocks/scripted_frontend.h"

namespace starlift::starrocks {
namespace {

TargetConfig ConfigFor(const Endpoint& query, const Endpoint& http) {
  TargetConfig config;
  config.query_endpoints = {query};
  config.http_endpoints = {http};
  config.user = "loader";
  config.query_tls.mode = wire::TlsMode::kDisabled;
  config.connect_timeout = std::chrono::milliseconds(5000);
  return config;
}

const ScriptedReply kVersion{.columns = {"v"}, .rows = {{"3.5.0-abc"}}};

TEST(Version, IsReadFromTexts) {
  const auto plain = ParseVersion("3.3.2-857dd73");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->major, 3u);
  EXPECT_EQ(plain->minor, 3u);
  EXPECT_EQ(plain->patch, 2u);
  EXPECT_EQ(plain->text, "3.3.2-857dd73");
  EXPECT_EQ(ParseVersion("StarRocks version 2.5.13")->patch, 13u);
  EXPECT_EQ(ParseVersion("4.0")->patch, 0u);
  EXPECT_FALSE(ParseVersion("main"));
  EXPECT_FALSE(ParseVersion("7"));
  EXPECT_LT(*ParseVersion("2.5.9"), *ParseVersion("2.5.13"));
  EXPECT_LT(*ParseVersion("2.5.13"), *ParseVersion("3.0.0"));
}

TEST(ClusterFacts, ComeFromTheHealthAnswer) {
  ScriptedQueryPort query({{"SELECT current_version()", {kVersion}}});
  ScriptedHttpPort http(
      {{"/api/health", R"({"online_backend_num":2,"total_backend_num":3,"status":"OK"})"}}, "");
  const TargetConfig config = ConfigFor(query.endpoint(), http.endpoint());
  Session session(config);
  const auto facts = ReadClusterFacts(config, session);
  ASSERT_TRUE(facts.ok()) << facts.error().ToString();
  EXPECT_EQ(facts->version.text, "3.5.0-abc");
  EXPECT_EQ(facts->live_backends, 2u);
}

TEST(ClusterFacts, WithoutABackendTheVersionIsInAVariable) {
  ScriptedQueryPort query(
      {{"SELECT current_version()", {{.columns = {"v"}}}},
       {"SELECT @@version_comment", {kVersion}},
       {"SHOW BACKENDS", {{.columns = {"BackendId", "Alive"}, .rows = {{"1", "false"}}}}},
       {"SHOW COMPUTE NODES", {{.columns = {"ComputeNodeId", "Alive"}, .rows = {{"2", "true"}}}}}});
  ScriptedHttpPort http({{"/api/health", "not JSON"}}, "");
  const TargetConfig config = ConfigFor(query.endpoint(), http.endpoint());
  Session session(config);
  const auto facts = ReadClusterFacts(config, session);
  ASSERT_TRUE(facts.ok()) << facts.error().ToString();
  EXPECT_EQ(facts->version.major, 3u);
  EXPECT_EQ(facts->live_backends, 1u);
}

TEST(ClusterFacts, WhatNobodyTellsIsUnknown) {
  ScriptedQueryPort query({});
  const TargetConfig config = ConfigFor(query.endpoint(), DeadEndpoint());
  Session session(config);
  const auto facts = ReadClusterFacts(config, session);
  ASSERT_TRUE(facts.ok()) << facts.error().ToString();
  EXPECT_EQ(facts->version.text, "");
  EXPECT_EQ(facts->live_backends, std::nullopt);
  EXPECT_TRUE(SupportsRandomDistribution(*facts));
}

TEST(ClusterFacts, ATargetThatCannotBeAskedIsAnError) {
  const TargetConfig config = ConfigFor(DeadEndpoint(), DeadEndpoint());
  Session session(config);
  const auto facts = ReadClusterFacts(config, session);
  ASSERT_FALSE(facts.ok());
  EXPECT_EQ(facts.error().kind, ErrorKind::kUnreachable);
}

TEST(ReplicationNum, FollowsTheLiveBackends) {
  TargetConfig config;
  ClusterFacts facts;
  EXPECT_EQ(ChooseReplicationNum(config, facts), std::nullopt);
  facts.live_backends = 0;
  EXPECT_EQ(ChooseReplicationNum(config, facts), std::nullopt);
  facts.live_backends = 1;
  EXPECT_EQ(ChooseReplicationNum(config, facts), 1u);
  facts.live_backends = 7;
  EXPECT_EQ(ChooseReplicationNum(config, facts), 3u);
  config.replication_num = 2;
  EXPECT_EQ(ChooseReplicationNum(config, facts), 2u);
}

TEST(RandomDistribution, IsThereSince31) {
  const auto supports = [](const char* version) {
    ClusterFacts facts;
    facts.version = *ParseVersion(version);
    return SupportsRandomDistribution(facts);
  };
  EXPECT_FALSE(supports("2.5.4"));
  EXPECT_FALSE(supports("3.0.9"));
  EXPECT_TRUE(supports("3.1.0"));
  EXPECT_TRUE(supports("4.0.0"));
}

}  // namespace
}  // namespace starlift::starrocks

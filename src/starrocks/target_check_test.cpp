#include <gtest/gtest.h>

#include "starrocks/cluster.h"
#include "starrocks/scripted_frontend.h"

namespace starlift::starrocks {
namespace {

constexpr std::string_view kHealthy = R"({"online_backend_num":3,"status":"OK"})";

ScriptedReplies Replies(const std::string& version, const std::vector<std::string>& grants) {
  ScriptedReply shown{.columns = {"UserIdentity", "Catalog", "Grants"}};
  for (const std::string& grant : grants) {
    shown.rows.push_back({"'loader'@'%'", "default_catalog", grant});
  }
  return {{"SELECT current_version()", {{.columns = {"v"}, .rows = {{version}}}}},
          {"SHOW GRANTS", {shown}}};
}

const std::vector<std::string> kAllTables = {
    "GRANT SELECT, INSERT ON ALL TABLES IN DATABASE shop TO USER 'loader'@'%'"};

// A target with one frontend and one backend, of which each test spoils something.
class TargetCheckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    backend_ = std::make_unique<ScriptedHttpPort>(
        std::map<std::string, std::string>{{"/api/health", "{}"}}, "");
    Query(Replies("3.5.0", kAllTables));
    Http(std::string(kHealthy), RedirectToBackend(backend_->endpoint()));
    config_.user = "loader";
    config_.password = "s3cret";
    config_.query_tls.mode = wire::TlsMode::kDisabled;
    config_.connect_timeout = std::chrono::milliseconds(5000);
  }

  void Query(ScriptedReplies replies, const std::string& refuses = "") {
    query_ = std::make_unique<ScriptedQueryPort>(std::move(replies), refuses);
    config_.query_endpoints = {query_->endpoint()};
  }
  void Http(std::string health, std::string load) {
    http_ = std::make_unique<ScriptedHttpPort>(
        std::map<std::string, std::string>{{"/api/health", std::move(health)}}, std::move(load));
    config_.http_endpoints = {http_->endpoint()};
  }

  // "error target-login" and so on, one a line; messages and mends are kept.
  std::string Check() {
    findings_ = CheckTarget(config_, {"shop"});
    std::string text;
    for (const Finding& finding : findings_) {
      text += finding.severity == Severity::kError ? "error " : "warning ";
      text += finding.code + "\n";
      EXPECT_EQ(finding.subject, "target");
      EXPECT_FALSE(finding.message.empty());
      EXPECT_FALSE(finding.mend.empty()) << finding.message;
      EXPECT_EQ((finding.message + finding.mend).find("s3cret"), std::string::npos);
    }
    return text;
  }
  const Finding& only() const { return findings_.at(0); }

  TargetConfig config_;
  std::unique_ptr<ScriptedHttpPort> backend_;
  std::unique_ptr<ScriptedQueryPort> query_;
  std::unique_ptr<ScriptedHttpPort> http_;
  std::vector<Finding> findings_;
};

TEST_F(TargetCheckTest, NothingIsWrong) { EXPECT_EQ(Check(), ""); }

TEST_F(TargetCheckTest, ARefusedLogin) {
  Query({}, "Access denied for user 'loader'@'127.0.0.1'");
  Http(std::string(kHealthy), wire::http::ScriptedServer::Answer("401 Unauthorized", "{}"));
  EXPECT_EQ(Check(), "error target-login\n");
  EXPECT_NE(only().mend.find("CREATE USER 'loader'"), std::string::npos);
}

TEST_F(TargetCheckTest, OnlyTheHttpPortRefusesTheLogin) {
  Http(std::string(kHealthy), wire::http::ScriptedServer::Answer("401 Unauthorized", "{}"));
  EXPECT_EQ(Check(), "error target-http-login\n");
}

TEST_F(TargetCheckTest, NobodyAtTheQueryPort) {
  config_.query_endpoints = {DeadEndpoint()};
  EXPECT_EQ(Check(), "error target-query-port\n");
  EXPECT_NE(only().message.find(config_.query_endpoints[0].ToString()), std::string::npos);
}

TEST_F(TargetCheckTest, OneFrontendOfSeveralIsAway) {
  config_.query_endpoints.push_back(DeadEndpoint());
  config_.http_endpoints.push_back(DeadEndpoint());
  EXPECT_EQ(Check(), "warning target-query-port\nwarning target-http-port\n");
}

TEST_F(TargetCheckTest, AllFrontendsOfSeveralAreAway) {
  config_.query_endpoints = {DeadEndpoint(), DeadEndpoint()};
  config_.http_endpoints = {DeadEndpoint(), DeadEndpoint()};
  EXPECT_EQ(Check(),
            "warning target-query-port\nwarning target-query-port\nerror target-query-port\n"
            "warning target-http-port\nwarning target-http-port\nerror target-http-port\n");
}

TEST_F(TargetCheckTest, AnotherPageAtTheHttpPort) {
  Http("<html>", wire::http::ScriptedServer::Answer("404 Not Found", "<html>"));
  ScriptedReplies replies = Replies("3.5.0", kAllTables);
  replies["SHOW BACKENDS"] = {{.columns = {"Alive"}, .rows = {{"true"}}}};
  Query(std::move(replies));
  EXPECT_EQ(Check(), "error target-http-port\n");
  EXPECT_NE(only().message.find("404"), std::string::npos);
  EXPECT_NE(only().mend.find("http-port"), std::string::npos);
}

TEST_F(TargetCheckTest, NoBackendForLoads) {
  Http(R"({"online_backend_num":0})",
       wire::http::ScriptedServer::Answer("200 OK",
                                          R"({"Status":"FAILED","Message":"No backend alive."})"));
  EXPECT_EQ(Check(), "error target-no-backend\nerror target-no-backend\n");
  EXPECT_NE(only().mend.find("ALTER SYSTEM ADD BACKEND"), std::string::npos);
}

TEST_F(TargetCheckTest, TheBackendBehindTheRedirectCannotBeReached) {
  const Endpoint dead = DeadEndpoint();
  Http(std::string(kHealthy), RedirectToBackend(dead));
  EXPECT_EQ(Check(), "error target-backend-port\n");
  EXPECT_NE(only().mend.find("host-mapping=" + dead.ToString()), std::string::npos);
}

TEST_F(TargetCheckTest, HostMappingReachesTheBackend) {
  const Endpoint dead = DeadEndpoint();
  Http(std::string(kHealthy), RedirectToBackend(dead));
  config_.host_mapping = {{dead.ToString(), backend_->endpoint().ToString()}};
  EXPECT_EQ(Check(), "");
}

TEST_F(TargetCheckTest, VersionsThatAreTooOldOrUnknown) {
  Query(Replies("2.4.1", kAllTables));
  EXPECT_EQ(Check(), "error target-version\n");
  Query(Replies("2.5.13", kAllTables));
  EXPECT_EQ(Check(), "warning target-version\n");
  EXPECT_NE(only().message.find("VARBINARY"), std::string::npos);
  Query(Replies("main", kAllTables));
  EXPECT_EQ(Check(), "warning target-version\n");
}

TEST_F(TargetCheckTest, MoreReplicasThanBackends) {
  config_.replication_num = 4;
  EXPECT_EQ(Check(), "error target-replication-num\n");
  EXPECT_EQ(only().mend, "set replication-num to 3 or less");
}

TEST_F(TargetCheckTest, NobodyTellsTheNumberOfBackends) {
  Http("{}", RedirectToBackend(backend_->endpoint()));
  EXPECT_EQ(Check(), "warning target-backends-unknown\n");
  config_.replication_num = 1;
  EXPECT_EQ(Check(), "");
}

TEST_F(TargetCheckTest, MissingPrivilegesComeWithTheirGrant) {
  Query(Replies("3.5.0", {"GRANT SELECT ON ALL TABLES IN DATABASE shop TO USER 'loader'@'%'"}));
  EXPECT_EQ(Check(), "warning target-privilege\n");
  EXPECT_EQ(only().mend, "GRANT INSERT ON ALL TABLES IN DATABASE `shop` TO USER 'loader';");
  // What a role may isn't shown to everyone.
  Query(Replies("3.5.0", {"GRANT 'loaders' TO 'loader'@'%'"}));
  EXPECT_EQ(Check(), "");
}

}  // namespace
}  // namespace starlift::starrocks

#include "starrocks/session.h"

#include <gtest/gtest.h>

#include "starrocks/scripted_frontend.h"

namespace starlift::starrocks {
namespace {

TargetConfig ConfigFor(std::vector<Endpoint> frontends) {
  TargetConfig config;
  config.query_endpoints = std::move(frontends);
  config.user = "loader";
  config.password = "s3cret";
  config.query_tls.mode = wire::TlsMode::kDisabled;
  config.connect_timeout = std::chrono::milliseconds(5000);
  return config;
}

TEST(Session, TheNextFrontendIsTried) {
  ScriptedQueryPort alive({{"SELECT 1", {{.columns = {"1"}, .rows = {{"1"}}}}}});
  const Endpoint dead = DeadEndpoint();
  Session session(ConfigFor({dead, alive.endpoint()}));
  EXPECT_EQ(session.endpoint(), std::nullopt);
  const auto rows = session.Query("SELECT 1");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(CellAt(*rows, 0, "1"), "1");
  EXPECT_EQ(session.endpoint(), alive.endpoint());
}

TEST(Session, NobodyAnswers) {
  const Endpoint dead = DeadEndpoint();
  Session session(ConfigFor({dead}));
  const Status connected = session.Connect();
  ASSERT_FALSE(connected.ok());
  EXPECT_EQ(connected.error().kind, ErrorKind::kUnreachable);
  EXPECT_NE(connected.error().ToString().find(dead.ToString()), std::string::npos);
}

TEST(Session, ARefusedLoginIsNotTriedElsewhere) {
  ScriptedQueryPort refusing({}, "Access denied for user 'loader'");
  ScriptedQueryPort other({});
  Session session(ConfigFor({refusing.endpoint(), other.endpoint()}));
  const Status connected = session.Connect();
  ASSERT_FALSE(connected.ok());
  EXPECT_EQ(connected.error().kind, ErrorKind::kRefused);
  EXPECT_NE(connected.error().ToString().find("Access denied"), std::string::npos);
  EXPECT_EQ(connected.error().ToString().find("s3cret"), std::string::npos);
}

TEST(Session, AQueryIsRunAgainAfterABreak) {
  ScriptedQueryPort frontend(
      {{"SELECT 1", {{.breaks = true}, {.columns = {"a"}, .rows = {{"x"}}}}}});
  Session session(ConfigFor({frontend.endpoint()}));
  const auto rows = session.Query("SELECT 1");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(CellAt(*rows, 0, "a"), "x");
}

TEST(Session, AStatementIsNotRunAgain) {
  ScriptedQueryPort frontend({{"TRUNCATE TABLE t", {{.breaks = true}, {}}}});
  Session session(ConfigFor({frontend.endpoint()}));
  const Status broken = session.Execute("TRUNCATE TABLE t");
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().kind, ErrorKind::kUnreachable);
  // The next one connects again.
  EXPECT_TRUE(session.Execute("TRUNCATE TABLE t").ok());
}

TEST(Session, ErrorsNameTheFrontendAndTheMend) {
  ScriptedQueryPort frontend(
      {{"DROP TABLE t",
        {{.error = 5203, .message = "Access denied; you need the DROP privilege on TABLE t"}}}});
  Session session(ConfigFor({frontend.endpoint()}));
  const Status refused = session.Execute("DROP TABLE t");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kRefused);
  EXPECT_EQ(refused.error().native_code, 5203);
  EXPECT_NE(refused.error().mend.find("'loader'"), std::string::npos);
  EXPECT_NE(refused.error().ToString().find(frontend.endpoint().ToString()), std::string::npos);
}

TEST(Session, RowsAreStreamedUntilTheReaderHasEnough) {
  ScriptedQueryPort frontend(
      {{"SELECT a FROM t", {{.columns = {"a"}, .rows = {{"1"}, {std::nullopt}, {"3"}}}}}});
  Session session(ConfigFor({frontend.endpoint()}));
  size_t rows = 0;
  const Status read = session.Stream("SELECT a FROM t", [&](const RowBatch& batch) -> Status {
    rows += batch.rows();
    return {};
  });
  EXPECT_TRUE(read.ok());
  EXPECT_EQ(rows, 3u);
  const Status ended = session.Stream("SELECT a FROM t", [](const RowBatch&) -> Status {
    return Error{ErrorKind::kCancelled, "enough"};
  });
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().message, "enough");
}

TEST(Session, CellsAreFoundByName) {
  ScriptedQueryPort frontend(
      {{"SHOW x", {{.columns = {"Name", "Alive"}, .rows = {{"a", "true"}, {"b", std::nullopt}}}}}});
  Session session(ConfigFor({frontend.endpoint()}));
  const auto rows = session.Query("SHOW x");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(CellAt(*rows, 0, "alive"), "true");
  EXPECT_EQ(CellAt(*rows, 1, "Alive"), std::nullopt);
  EXPECT_EQ(CellAt(*rows, 0, "nosuch"), std::nullopt);
  EXPECT_EQ(CellAt(*rows, 2, "Name"), std::nullopt);
}

}  // namespace
}  // namespace starlift::starrocks

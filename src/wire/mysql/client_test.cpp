#include "wire/mysql/client.h"

#include <gtest/gtest.h>

#include "wire/mysql/row_stream.h"
#include "wire/mysql/server_error.h"
#include "wire/testing/scripted_server.h"

namespace starlift::wire::mysql {
namespace {

using namespace wire::testing;  // NOLINT(google-build-using-namespace)

Client ConnectTo(const ScriptedServer& server) {
  Result<Client> client = Client::Connect(server.Options("ann", ""));
  EXPECT_TRUE(client.ok()) << client.error().ToString();
  return client.ok() ? std::move(*client) : Client();
}

void SendRow(PacketChannel& channel, std::initializer_list<std::optional<std::string>> cells) {
  PayloadWriter row;
  for (const auto& cell : cells) {
    if (cell) {
      row.LengthString(*cell);
    } else {
      row.U8(0xFB);
    }
  }
  Send(channel, row.payload());
}

TEST(Client, QueryReadsRowsAndNulls) {
  ScriptedServer server([](PacketChannel& channel) {
    EXPECT_EQ(LetInAndListen(channel), "SELECT a, b FROM t");
    SendFields(channel, {"A", "b"});
    SendRow(channel, {"1", "x"});
    SendRow(channel, {std::nullopt, ""});
    SendEof(channel);
  });
  Client client = ConnectTo(server);
  const Result<QueryRows> rows = client.Query("SELECT a, b FROM t");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(rows->FindField("a"), 0u);
  EXPECT_EQ(rows->FindField("c"), std::nullopt);
  ASSERT_EQ(rows->rows.size(), 2u);
  EXPECT_EQ(rows->rows[0][0], "1");
  EXPECT_EQ(rows->rows[1][0], std::nullopt);
  EXPECT_EQ(rows->rows[1][1], "");
}

TEST(Client, ExecuteGivesTheOutcome) {
  ScriptedServer server([](PacketChannel& channel) {
    LetInAndListen(channel);
    Send(channel,
         PayloadWriter().U8(0).LengthInt(300).LengthInt(7).U16(2).U16(1).Bytes("done").payload());
  });
  Client client = ConnectTo(server);
  const Result<ExecuteOutcome> outcome = client.Execute("UPDATE t SET a = 1");
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->affected_rows, 300u);
  EXPECT_EQ(outcome->last_insert_id, 7u);
  EXPECT_EQ(outcome->warnings, 1u);
  EXPECT_EQ(outcome->info, "done");
}

TEST(Client, FurtherResultsOfAProcedureAreDropped) {
  ScriptedServer server([](PacketChannel& channel) {
    LetInAndListen(channel);
    SendFields(channel, {"a"});
    SendRow(channel, {"first"});
    SendEof(channel, 0x000A);
    SendFields(channel, {"b"});
    SendRow(channel, {"second"});
    SendEof(channel, 0x000A);
    SendOk(channel);
    Receive(channel);
    SendOk(channel);
  });
  Client client = ConnectTo(server);
  const Result<QueryRows> rows = client.Query("CALL p()");
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->rows.size(), 1u);
  EXPECT_EQ(rows->rows[0][0], "first");
  EXPECT_TRUE(client.Ping().ok());
}

TEST(Client, ServerErrorLeavesTheSessionUsable) {
  ScriptedServer server([](PacketChannel& channel) {
    LetInAndListen(channel);
    SendError(channel, 1146, "Table 'shop.x' doesn't exist");
    Receive(channel);
    SendOk(channel);
  });
  Client client = ConnectTo(server);
  const Result<QueryRows> rows = client.Query("SELECT * FROM x");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(rows.error().native_code, 1146);
  EXPECT_TRUE(client.Ping().ok());
}

TEST(Client, LocalFilesAreNeverSent) {
  ScriptedServer server([](PacketChannel& channel) {
    LetInAndListen(channel);
    Send(channel, "\xFB/etc/passwd");
    EXPECT_EQ(Receive(channel), "");
    SendOk(channel);
  });
  Client client = ConnectTo(server);
  EXPECT_FALSE(client.Query("SELECT 1").ok());
}

TEST(Client, LostConnectionClosesTheSession) {
  ScriptedServer server([](PacketChannel& channel) { LetInAndListen(channel); });
  Client client = ConnectTo(server);
  const Result<QueryRows> rows = client.Query("SELECT 1");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().kind, ErrorKind::kUnreachable);
  EXPECT_FALSE(client.is_open());
  EXPECT_EQ(client.Query("SELECT 1").error().kind, ErrorKind::kUnreachable);
}

TEST(Client, GarbledRowsAreRefused) {
  ScriptedServer server([](PacketChannel& channel) {
    LetInAndListen(channel);
    SendFields(channel, {"a", "b"});
    Send(channel, "\x01x");
    SendEof(channel);
  });
  Client client = ConnectTo(server);
  EXPECT_FALSE(client.Query("SELECT 1").ok());
  EXPECT_FALSE(client.is_open());
}

TEST(Quoting, IdentifiersAndStrings) {
  EXPECT_EQ(QuoteIdentifier("order"), "`order`");
  EXPECT_EQ(QuoteIdentifier("a`b"), "`a``b`");
  EXPECT_EQ(QuoteString("it's"), "'it''s'");
  EXPECT_EQ(QuoteString(""), "''");
  EXPECT_EQ(QuoteString("a\\b"), "_utf8mb4 X'615C62'");
  EXPECT_EQ(QuoteString("ä"), "_utf8mb4 X'C3A4'");
}

TEST(ServerError, MissingPrivilegesAreMendedByTheirGrant) {
  const Error newer =
      ErrorFromServer(1142, "SELECT command denied to user 'u'@'h' for table `shop`.`orders`");
  EXPECT_EQ(newer.kind, ErrorKind::kRefused);
  EXPECT_EQ(newer.mend, "GRANT SELECT ON `shop`.`orders` TO 'u'@'h';");
  EXPECT_EQ(ErrorFromServer(1142, "SELECT command denied to user 'u'@'h' for table 'orders'").mend,
            "GRANT SELECT ON <database>.`orders` TO 'u'@'h';");
  EXPECT_EQ(ErrorFromServer(1044, "Access denied for user 'u'@'h' to database 'shop'").mend,
            "GRANT SELECT ON `shop`.* TO 'u'@'h';");
  EXPECT_EQ(ErrorFromServer(1053, "Server shutdown in progress").kind, ErrorKind::kUnreachable);
  EXPECT_EQ(ErrorFromServer(1050, "Table 't' already exists").kind, ErrorKind::kConflict);
  EXPECT_EQ(ErrorFromServer(1064, "You have an error in your SQL syntax").kind,
            ErrorKind::kRefused);
}

}  // namespace
}  // namespace starlift::wire::mysql

#include "sandbox/frontend/protocol.h"

#include <gtest/gtest.h>

#include "sandbox/frontend/prepared_statements.h"
#include "sandbox/frontend/variables.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::frontend {
namespace {

using wire::mysql::PayloadReader;
using wire::mysql::PayloadWriter;

std::string LoginPayload(std::string_view user, std::string_view response,
                         std::string_view database) {
  PayloadWriter writer;
  writer.U32(capability::kProtocol41 | capability::kSecureConnection |
             capability::kConnectWithDatabase | capability::kPluginAuth);
  writer.U32(1 << 24).U8(33).Zeros(23).NullString(user);
  writer.U8(static_cast<uint8_t>(response.size())).Bytes(response).NullString(database);
  writer.NullString(kNativePassword);
  return writer.payload();
}

TEST(ProtocolTest, HandshakeTellsVersionAndScramble) {
  const std::string scramble = "abcdefghijklmnopqrst";
  const std::string payload = HandshakePayload(7, scramble);
  PayloadReader reader(payload);
  EXPECT_EQ(reader.U8(), 10);
  EXPECT_EQ(reader.NullString(), "8.0.33");
  EXPECT_EQ(reader.U32(), 7U);
  EXPECT_EQ(reader.Bytes(8), scramble.substr(0, 8));
  EXPECT_EQ(reader.U8(), 0);
  const uint32_t low = reader.U16();
  EXPECT_EQ(low & capability::kMultiStatements, 0U);
  EXPECT_NE(low & capability::kProtocol41, 0U);
}

TEST(ProtocolTest, ReadsALogin) {
  const auto login = ParseLogin(LoginPayload("root", "12345678901234567890", "shop"));
  ASSERT_TRUE(login.ok());
  EXPECT_EQ(login->user, "root");
  EXPECT_EQ(login->response.size(), 20U);
  EXPECT_EQ(login->database, "shop");
  EXPECT_EQ(login->plugin, kNativePassword);
}

TEST(ProtocolTest, CutLoginsAreErrorsNotCrashes) {
  const std::string whole = LoginPayload("root", "12345678901234567890", "shop");
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto login = ParseLogin(std::string_view(whole).substr(0, size));
    EXPECT_TRUE(!login.ok() || login->database.size() <= 4U);
  }
  EXPECT_FALSE(ParseLogin("").ok());
}

TEST(ProtocolTest, ErrorsCarryNumberAndState) {
  const std::string payload =
      ErrorPayload(sql::SqlError(sql::code::kUnknownDatabase, "Unknown database 'x'"));
  PayloadReader reader(payload);
  EXPECT_EQ(reader.U8(), 0xFF);
  EXPECT_EQ(reader.U16(), 5501);
  EXPECT_EQ(reader.Bytes(6), "#3F000");
  EXPECT_EQ(reader.Rest(), "Unknown database 'x'");
}

TEST(PreparedStatementTest, UnsignedParametersAreRefusedAsTheFrontendDoes) {
  PreparedStatement statement;
  statement.parameters = 1;
  PayloadWriter writer;
  writer.U32(1).U8(0).U32(1).U8(0).U8(1).U16(0x8001).U8(5);
  auto parameters = ParseExecuteParameters(writer.payload(), &statement);
  ASSERT_FALSE(parameters.ok());
  EXPECT_EQ(parameters.error().message, "unknown mysql type code 32769");
}

TEST(PreparedStatementTest, ReadsValuesAndNulls) {
  PreparedStatement statement;
  statement.parameters = 3;
  PayloadWriter writer;
  writer.U32(1).U8(0).U32(1).U8(0b010).U8(1).U16(8).U16(253).U16(12);
  writer.U64(42).U8(11).U16(2024).U8(2).U8(29).U8(1).U8(2).U8(3).U32(500000);
  const auto parameters = ParseExecuteParameters(writer.payload(), &statement);
  ASSERT_TRUE(parameters.ok());
  EXPECT_EQ((*parameters)[0].text, "42");
  EXPECT_EQ((*parameters)[1].text, std::nullopt);
  EXPECT_EQ((*parameters)[2].text, "2024-02-29 01:02:03.500000");
}

TEST(VariablesTest, ChecksValues) {
  const VariableDef* timeout = FindVariable("QUERY_TIMEOUT");
  ASSERT_NE(timeout, nullptr);
  const auto text = [](const char* value) {
    return query::SessionValues::Value{catalog::DataType::Varchar(10), value};
  };
  EXPECT_EQ(*CheckVariableValue(*timeout, text("10")), "10");
  EXPECT_FALSE(CheckVariableValue(*timeout, text("x")).ok());
  EXPECT_FALSE(CheckVariableValue(*timeout, text("-1")).ok());
  EXPECT_FALSE(CheckVariableValue(*FindVariable("sql_mode"), text("NOSUCHMODE")).ok());
  EXPECT_FALSE(CheckVariableValue(*FindVariable("version"), text("9")).ok());
}

TEST(VariablesTest, LikePatterns) {
  EXPECT_TRUE(MatchesLike("query_timeout", "query%", true));
  EXPECT_TRUE(MatchesLike("a_b", "a\\_b", true));
  EXPECT_FALSE(MatchesLike("axb", "a\\_b", true));
  EXPECT_TRUE(MatchesLike("axb", "A_B", true));
  EXPECT_FALSE(MatchesLike("axb", "A_B", false));
  EXPECT_TRUE(MatchesLike("", "%", true));
}

}  // namespace
}  // namespace starlift::sandbox::frontend

#include "sandbox/sql/lexer.h"

#include <gtest/gtest.h>

namespace starlift::sandbox::sql {
namespace {

// "kind:value" of every token but the end.
std::vector<std::string> Kinds(std::string_view text) {
  static constexpr const char* kNames[] = {"id",      "key",    "quoted", "string", "int",
                                           "decimal", "double", "hex",    "op",     "hint"};
  std::vector<std::string> kinds;
  for (const Token& token : Tokenize(text)) {
    if (token.kind == TokenKind::kEnd) continue;
    kinds.push_back(std::string(kNames[static_cast<int>(token.kind)]) + ":" + token.value);
  }
  return kinds;
}

using Texts = std::vector<std::string>;

TEST(Lexer, TellsKeywordsFromNamesAndNumbersFromNames) {
  EXPECT_EQ(Kinds("select rank, 1abc FROM t1"),
            (Texts{"key:SELECT", "id:RANK", "op:,", "id:1ABC", "key:FROM", "id:T1"}));
  EXPECT_EQ(Kinds("1 1.5 .5 1e5 1E-3 x'0aF'"),
            (Texts{"int:1", "decimal:1.5", "decimal:.5", "double:1e5", "double:1E-3", "hex:0aF"}));
  EXPECT_EQ(Kinds("t.1a"), (Texts{"id:T", "op:.", "id:1A"}));
}

TEST(Lexer, TakesQuotesAndEscapes) {
  EXPECT_EQ(Kinds("'it''s' \"say \\\"hi\\\"\" 'a\\n\\t\\\\' 'fx\\_%'"),
            (Texts{"string:it's", "string:say \"hi\"", "string:a\n\t\\", "string:fx\\_%"}));
  // Doubled backticks vanish, as the server drops them.
  EXPECT_EQ(Kinds("`a b` `tick``s` ``"), (Texts{"quoted:a b", "quoted:ticks", "quoted:"}));
}

TEST(Lexer, PassesOverCommentsKeepsHintsAndUnclosedCommentsAreOperators) {
  EXPECT_EQ(Kinds("/* a */ SELECT -- b\n 1 # c\n /*+ SET_VAR(x=1) */"),
            (Texts{"key:SELECT", "int:1", "hint: SET_VAR(x=1) "}));
  EXPECT_EQ(Kinds("1 /* open"), (Texts{"int:1", "op:/", "op:*", "id:OPEN"}));
}

TEST(Lexer, AngleBracketsOfNestedTypesStayApart) {
  EXPECT_EQ(Kinds("ARRAY<ARRAY<INT>>"),
            (Texts{"key:ARRAY", "op:<", "key:ARRAY", "op:<", "key:INT", "op:>", "op:>"}));
}

TEST(Lexer, NeverFails) {
  EXPECT_TRUE(Kinds("'unterminated").empty());
  EXPECT_TRUE(Kinds("`unterminated").empty());
  EXPECT_TRUE(Kinds("\xF0\x9F\x98\x80").empty());  // no letter, no operator
  EXPECT_EQ(Kinds("\xC3\xB1"), (Texts{"id:\xC3\xB1"}));
  EXPECT_TRUE(Kinds("\xFF\xFE").empty());
}

TEST(Lexer, CountsLinesFromOneAndColumnsInCharacters) {
  const auto tokens = Tokenize("SELECT\n  'ü', x");
  EXPECT_EQ(tokens[1].position.line, 2);
  EXPECT_EQ(tokens[1].position.column, 2);
  EXPECT_EQ(tokens[3].position.column, 7);
}

TEST(Lexer, SplitsStatementsOutsideOfStringsAndComments) {
  const auto statements = SplitStatements("SELECT ';'; /* ; */ SHOW TABLES ;; ");
  ASSERT_EQ(statements.size(), 2u);
  EXPECT_EQ(statements[0], "SELECT ';'");
  EXPECT_NE(statements[1].find("SHOW TABLES"), std::string_view::npos);
  EXPECT_EQ(SplitStatements("").size(), 1u);
}

}  // namespace
}  // namespace starlift::sandbox::sql

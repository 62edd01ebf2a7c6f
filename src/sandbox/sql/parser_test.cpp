#include "sandbox/sql/parser.h"

#include <gtest/gtest.h>

#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::sql {
namespace {

Result<Statement> Parse(std::string_view text) {
  const auto tokens = Tokenize(text);
  return ParseSchemaStatement(text, tokens);
}

// The statement as T; the test fails if it is something else or an error.
template <typename T>
T Expect(std::string_view text) {
  const auto statement = Parse(text);
  if (!statement.ok()) {
    ADD_FAILURE() << text << ": " << statement.error().message;
    return {};
  }
  const T* found = std::get_if<T>(&*statement);
  if (found == nullptr) {
    ADD_FAILURE() << text << ": another statement";
    return {};
  }
  return *found;
}

std::string ErrorOf(std::string_view text) {
  const auto statement = Parse(text);
  return statement.ok() ? "accepted" : statement.error().message;
}

TEST(Parser, TakesTheClausesOfCreateTable) {
  const auto table = Expect<CreateTable>(
      "CREATE TABLE IF NOT EXISTS db.t (id BIGINT NOT NULL AUTO_INCREMENT COMMENT 'k', "
      "a VARCHAR(10) CHARACTER SET utf8 NULL DEFAULT \"x\", b INT SUM, c ARRAY<MAP<INT, STRING>>, "
      "d INT AS (a + b) COMMENT \"g\", INDEX ix (a) USING BITMAP COMMENT 'i') ENGINE=OLAP "
      "PRIMARY KEY(id) COMMENT \"t\" PARTITION BY RANGE(id) (PARTITION p1 VALUES LESS THAN "
      "(\"10\"), "
      "PARTITION p2 VALUES [(\"10\"), (\"20\")), START (\"20\") END (\"40\") EVERY (10)) "
      "DISTRIBUTED BY HASH(id) BUCKETS 4 ORDER BY(a) PROPERTIES(\"replication_num\"=\"1\");");
  EXPECT_TRUE(table.if_not_exists);
  EXPECT_EQ(table.name.ToString(), "db.t");
  ASSERT_EQ(table.columns.size(), 5u);
  EXPECT_TRUE(table.columns[0].auto_increment);
  EXPECT_EQ(table.columns[0].nullable, false);
  EXPECT_EQ(table.columns[1].default_value.text, "x");
  EXPECT_EQ(table.columns[2].aggregate, "SUM");
  EXPECT_EQ(table.columns[3].type->children[0].name, "MAP");
  EXPECT_EQ(table.columns[4].generated->text, "(a + b)");
  EXPECT_EQ(table.columns[4].comment, "g");
  ASSERT_EQ(table.indexes.size(), 1u);
  EXPECT_EQ(table.key->word, KeyWord::kPrimary);
  ASSERT_EQ(table.partition_by->partitions.size(), 3u);
  EXPECT_EQ(table.partition_by->partitions[2].every, 10);
  EXPECT_EQ(table.distribution->buckets, 4);
  EXPECT_EQ(table.order_by, std::vector<std::string>{"a"});
  EXPECT_EQ(table.properties.size(), 1u);
}

TEST(Parser, TellsTheThreeFormsOfCreateTableApart) {
  EXPECT_TRUE(Expect<CreateTable>("CREATE TABLE a LIKE db.b").like.has_value());
  const auto from_query = Expect<CreateTable>("CREATE TABLE a (x, y) AS SELECT 1, 2;");
  EXPECT_EQ(from_query.query->text, "SELECT 1, 2");
  EXPECT_EQ(from_query.query_columns.size(), 2u);
  EXPECT_TRUE(Expect<CreateTable>("CREATE TABLE a (x INT)").columns[0].type.has_value());
}

TEST(Parser, TakesPartitioningByExpressionAndList) {
  const auto by_call = Expect<CreateTable>(
      "CREATE TABLE t (d DATE) PARTITION BY date_trunc('day', d) DISTRIBUTED BY HASH(d)");
  EXPECT_EQ(by_call.partition_by->expressions[0].text, "date_trunc('day', d)");
  const auto by_list = Expect<CreateTable>(
      "CREATE TABLE t (c INT, d INT) PARTITION BY LIST(c, d) (PARTITION p VALUES IN ((\"1\", "
      "\"2\")))");
  EXPECT_TRUE(by_list.partition_by->partitions[0].multi_item);
}

TEST(Parser, TakesAlterTableClauses) {
  using Kind = AlterClause::Kind;
  const auto alter = Expect<AlterTable>(
      "ALTER TABLE t ADD COLUMN a INT DEFAULT \"1\" AFTER b, DROP COLUMN c, "
      "MODIFY COLUMN d BIGINT FIRST, ADD COLUMN (e INT, f INT)");
  ASSERT_EQ(alter.clauses.size(), 4u);
  EXPECT_EQ(alter.clauses[0].position.after, "b");
  EXPECT_EQ(alter.clauses[1].kind, Kind::kDropColumn);
  EXPECT_TRUE(alter.clauses[2].position.first);
  EXPECT_EQ(alter.clauses[3].columns.size(), 2u);
  const auto one = [](std::string_view text) {
    return Expect<AlterTable>("ALTER TABLE t " + std::string(text)).clauses.at(0).kind;
  };
  EXPECT_EQ(one("RENAME n"), Kind::kRename);
  EXPECT_EQ(one("RENAME COLUMN a TO b"), Kind::kRenameColumn);
  EXPECT_EQ(one("RENAME PARTITION a b"), Kind::kRenamePartition);
  EXPECT_EQ(one("SWAP WITH u"), Kind::kSwap);
  EXPECT_EQ(one("COMMENT = 'x'"), Kind::kComment);
  EXPECT_EQ(one("SET (\"a\" = \"b\")"), Kind::kSetProperties);
  EXPECT_EQ(one("ORDER BY (a, b)"), Kind::kOrderBy);
  EXPECT_EQ(one("ADD PARTITION IF NOT EXISTS p VALUES LESS THAN MAXVALUE"), Kind::kAddPartition);
  EXPECT_EQ(one("DROP PARTITION IF EXISTS p FORCE"), Kind::kDropPartition);
  EXPECT_EQ(one("TRUNCATE PARTITION p"), Kind::kTruncatePartition);
  EXPECT_EQ(one("REPLACE PARTITION (p) WITH TEMPORARY PARTITION (q)"), Kind::kReplacePartition);
  EXPECT_EQ(one("MODIFY PARTITION (*) SET (\"a\" = \"b\")"), Kind::kModifyPartition);
  EXPECT_EQ(one("MODIFY COLUMN a COMMENT \"x\""), Kind::kModifyColumnComment);
  EXPECT_EQ(one("ADD ROLLUP r (a)"), Kind::kAddRollup);
  EXPECT_EQ(one("ADD INDEX i (a) USING BITMAP"), Kind::kAddIndex);
  EXPECT_EQ(one("DISTRIBUTED BY HASH(a) BUCKETS 3"), Kind::kOptimize);
}

TEST(Parser, TakesShowWithItsFilters) {
  const auto jobs = Expect<ShowObjects>(
      "SHOW ALTER TABLE COLUMN FROM d WHERE TableName = \"t\" ORDER BY CreateTime DESC LIMIT 1");
  EXPECT_EQ(jobs.filter.where->text, "TableName = \"t\"");
  EXPECT_EQ(jobs.filter.order_by->text, "CreateTime DESC");
  EXPECT_EQ(jobs.filter.limit, 1);
  const auto columns = Expect<ShowObjects>("SHOW FULL COLUMNS FROM t FROM d LIKE '%'");
  EXPECT_TRUE(columns.full);
  EXPECT_EQ(columns.filter.like, "%");
}

TEST(Parser, KnowsItsStatements) {
  const auto owns = [](std::string_view text) { return IsSchemaStatement(Tokenize(text)); };
  EXPECT_TRUE(owns("SHOW CREATE TABLE t"));
  EXPECT_TRUE(owns("CREATE OR REPLACE VIEW v AS SELECT 1"));
  EXPECT_FALSE(owns("SHOW VARIABLES"));
  EXPECT_FALSE(owns("CREATE USER u"));
  EXPECT_FALSE(owns("DROP ROLE r"));
}

struct Refused {
  const char* sql;
  const char* message;
};

TEST(Parser, RefusesInTheServersWords) {
  const Refused cases[] = {
      {"CREATE DATABASE",
       "Getting syntax error at line 1, column 15. Detail message: Unexpected input '<EOF>', the "
       "most similar input is {a legal identifier}."},
      {"CREATE TABLE select (a INT)",
       "Getting syntax error at line 1, column 13. Detail message: No viable statement for input "
       "'CREATE TABLE select'."},
      {"CREATE TABLE t (a INT UNSIGNED)",
       "Getting syntax error at line 1, column 22. Detail message: Unexpected input 'UNSIGNED', "
       "the most similar input is {',', ')'}."},
      {"CREATE TABLE t (a INT DEFAULT 1)",
       "Getting syntax error at line 1, column 30. Detail message: Unexpected input '1', the most "
       "similar input is {'CURRENT_TIMESTAMP', 'NULL', SINGLE_QUOTED_TEXT, DOUBLE_QUOTED_TEXT, "
       "'('}."},
      {"CREATE TABLE t (a INT) DISTRIBUTED BY HASH(a) PRIMARY KEY(a)",
       "Getting syntax error at line 1, column 46. Detail message: Unexpected input 'PRIMARY', the "
       "most similar input is {<EOF>, ';'}."},
      {"ALTER TABLE t CHANGE COLUMN a b INT",
       "Getting syntax error at line 1, column 14. Detail message: Unexpected input 'CHANGE', the "
       "most similar input is {<EOF>, ';'}."},
      {"DROP TABLE a, b",
       "Getting syntax error at line 1, column 12. Detail message: Unexpected input ',', the most "
       "similar input is {<EOF>, ';'}."},
      {"CREATE TABLE a.b.c.d (a INT)",
       "Getting syntax error. Detail message: Invalid table name format 'a.b.c.d'."},
  };
  for (const Refused& refused : cases) EXPECT_EQ(ErrorOf(refused.sql), refused.message);
}

TEST(Parser, SurvivesEveryPrefixAndEveryMissingToken) {
  const std::string text =
      "CREATE TABLE t (a ARRAY<STRUCT<x INT, y MAP<INT, INT>>> NOT NULL DEFAULT \"1\" COMMENT 'c', "
      "INDEX i (a)) PRIMARY KEY(a) PARTITION BY RANGE(a) (PARTITION p VALUES LESS THAN (\"1\")) "
      "DISTRIBUTED BY HASH(a) PROPERTIES(\"a\"=\"b\")";
  for (size_t length = 0; length < text.size(); ++length) {
    const std::string prefix = text.substr(0, length);
    static_cast<void>(Parse(prefix).ok());
  }
  const auto tokens = Tokenize(text);
  for (size_t skipped = 0; skipped + 1 < tokens.size(); ++skipped) {
    std::string shorter = text;
    shorter.erase(tokens[skipped].offset, tokens[skipped].text.size());
    static_cast<void>(Parse(shorter).ok());
  }
}

}  // namespace
}  // namespace starlift::sandbox::sql

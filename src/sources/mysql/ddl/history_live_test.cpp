// The history against a live server: every statement runs there and here, and what the history
// tells of the table must be what the catalog reader tells. Needs STARLIFT_TEST_MYSQL_PORT (root
// without a password); tests/system/test_schema_history.py starts the servers.

#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sources/mysql/catalog.h"
#include "sources/mysql/ddl/schema_history.h"

namespace starlift::mysql {
namespace {

constexpr const char* kDatabase = "ddl_history";

std::string Describe(const Column& c) {
  // Expressions are printed anew by the server; bytes that are no text are lost in the catalog.
  // What a NOT NULL column has where nothing was said, differs from version to version: none, zero.
  const bool zero = !c.nullable && (c.default_kind == DefaultKind::kNone ||
                                    c.default_text.find_first_not_of("0-: .") == std::string::npos);
  const bool told = c.default_kind != DefaultKind::kExpression && !IsBinary(c.type.kind) && !zero;
  const std::string default_text = told ? c.default_text : "";
  return fmt::format("`{}` {} {} len={} p={} s={} {} default={}:{} charset={}/{}{}{}{} comment={}",
                     c.name, c.native_type, TypeKindName(c.type.kind), c.type.length,
                     c.type.precision, c.type.scale, c.nullable ? "NULL" : "NOT NULL",
                     told ? static_cast<int>(c.default_kind) : -1, default_text, c.charset,
                     c.collation, c.auto_increment ? " auto" : "", c.generated ? " generated" : "",
                     c.invisible ? " invisible" : "", c.comment);
}

std::string Describe(const Table& table) {
  std::string text = fmt::format("{} engine={} collation={} comment={}\n", table.id.ToString(),
                                 table.engine, table.default_collation, table.comment);
  for (const Column& column : table.columns) text += "  " + Describe(column) + "\n";
  text += fmt::format("  key={}:", static_cast<int>(table.key_kind));
  for (const ColumnIndex column : table.key) text += " " + table.columns[column].name;
  for (const TableIndex& index : table.indexes) {
    text += fmt::format("\n  {}index `{}`", index.unique ? "unique " : "", index.name);
    for (const TableIndex::Part& part : index.parts) {
      if (!index.unique) break;  // servers shorten the parts of others as they like
      text += part.column == TableIndex::Part::kExpression
                  ? " expression"
                  : " " + table.columns[part.column].name + (part.prefix ? "(prefix)" : "");
    }
  }
  text += "\n  partitions:";
  for (const std::string& name : table.partitions) text += " " + name;
  return text;
}

class HistoryLive : public testing::Test {
 protected:
  void SetUp() override {
    const char* const port = std::getenv("STARLIFT_TEST_MYSQL_PORT");
    if (port == nullptr) GTEST_SKIP() << "STARLIFT_TEST_MYSQL_PORT is not set";
    wire::mysql::ClientOptions options;
    options.host = "127.0.0.1";
    options.port = static_cast<uint16_t>(std::atoi(port));
    options.user = "root";
    auto session = OpenSourceSession(options);
    ASSERT_TRUE(session.ok()) << session.error().ToString();
    session_.emplace(*std::move(session));
    Must(fmt::format("DROP DATABASE IF EXISTS {}", kDatabase));
    Begin();
    Run(fmt::format("CREATE DATABASE {} CHARACTER SET utf8", kDatabase));
    Must(fmt::format("USE {}", kDatabase));
  }

  void Must(const std::string& sql) {
    const auto done = session_->client.Execute(sql);
    ASSERT_TRUE(done.ok()) << sql << "\n" << done.error().ToString();
  }

  // Runs the statement at both; one that the server refuses never reaches a log.
  bool Run(const std::string& sql) {
    const auto done = session_->client.Execute(sql);
    if (!done.ok()) {
      ++refused_;
      last_refusal_ = sql + ": " + done.error().message;
      return false;
    }
    ++taken_;
    const auto applied = history_->Apply(sql, kDatabase, {});
    // Said to be not followed: no guess, but no difference either.
    if (!applied.ok() && applied.error().message.find("CONVERT TO beside") != std::string::npos) {
      PutTruth();
      return false;
    }
    EXPECT_TRUE(applied.ok()) << sql << "\n" << applied.error().ToString();
    return applied.ok();
  }

  void PutTruth() {
    auto catalog = ReadMysqlCatalog(*session_, kDatabase, [](const TableId&) { return true; });
    ASSERT_TRUE(catalog.ok()) << catalog.error().ToString();
    Begin();
    for (Table& table : catalog->tables) {
      history_->Put(std::make_shared<const Table>(std::move(table)));
    }
  }

  // A history that knows of no table.
  void Begin() {
    auto facts = ReadServerFacts(*session_);
    ASSERT_TRUE(facts.ok()) << facts.error().ToString();
    history_.emplace(*std::move(facts), [](const TableId& id) { return id.database == kDatabase; });
  }

  void Compare(const std::string& after) {
    auto catalog = ReadMysqlCatalog(*session_, kDatabase, [](const TableId&) { return true; });
    ASSERT_TRUE(catalog.ok()) << catalog.error().ToString();
    const std::vector<TableVersion> tables = history_->Tables();
    std::string known, there;
    for (const TableVersion& table : tables) known += Describe(*table) + "\n";
    for (const Table& table : catalog->tables) there += Describe(table) + "\n";
    EXPECT_EQ(known, there) << "after: " << after;
    // Go on from the truth, so that one difference is told once.
    if (known != there) PutTruth();
  }

  void Step(const std::string& sql) {
    if (Run(sql)) Compare(sql);
  }

  std::optional<SourceSession> session_;
  std::optional<SchemaHistory> history_;
  int taken_ = 0;
  int refused_ = 0;
  std::string last_refusal_;
};

// Statements of ddl_corpus.sql, one per line; "@mariadb " and "@mysql " before those of one family.
TEST_F(HistoryLive, Corpus) {
  const char* const path = std::getenv("STARLIFT_TEST_DDL_CORPUS");
  ASSERT_NE(path, nullptr);
  std::ifstream corpus(path);
  ASSERT_TRUE(corpus.is_open()) << path;
  for (std::string line; std::getline(corpus, line);) {
    if (line.empty() || line.starts_with("-- ")) continue;
    const int refused = refused_;
    const bool mariadb_only = line.starts_with("@mariadb "),
               mysql_only = line.starts_with("@mysql ");
    if (mariadb_only || mysql_only) {
      if (session_->version.is_mariadb != mariadb_only) continue;
      line.erase(0, line.find(' ') + 1);
    }
    // "?": may be refused by some version.
    const bool may_fail = line.starts_with("?");
    if (may_fail) line.erase(0, 1);
    Step(line);
    if (!may_fail) {
      EXPECT_EQ(refused, refused_) << last_refusal_;
    }
  }
  EXPECT_GT(taken_, 140);
  fmt::print("corpus: {} statements taken, {} refused by the server\n", taken_, refused_);
}

// Makes statements that a server may or may not take.
class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  std::string Next(const SchemaHistory& history) {
    const auto tables = history.Tables();
    if (tables.empty() || (tables.size() < 4 && Chance(4))) return Create();
    const Table& table = *tables[Number(tables.size())];
    const std::string name = "`" + table.id.name + "`";
    switch (Number(16)) {
      case 0:
        return "DROP TABLE " + name;
      case 1:
        return fmt::format("RENAME TABLE {} TO `t{}`", name, Number(6));
      case 2:
        return fmt::format("CREATE TABLE `t{}` LIKE {}", Number(6), name);
      case 3:
        return fmt::format("CREATE {} INDEX `{}` ON {} (`{}`)", Pick({"", "UNIQUE"}),
                           Pick({"i1", "i2", "c1"}), name, Existing(table));
      default:
        return Alter(table);
    }
  }

 private:
  uint64_t Number(uint64_t below) { return random_() % below; }
  bool Chance(uint64_t of) { return Number(of) == 0; }
  std::string Pick(std::vector<std::string> of) { return of[Number(of.size())]; }
  std::string NewName() { return fmt::format("{}{}", Pick({"c", "C", "x y", "ü"}), Number(9)); }
  std::string Existing(const Table& table) {
    return Chance(15) ? NewName() : table.columns[Number(table.columns.size())].name;
  }

  std::string Type() {
    switch (Number(12)) {
      case 0:
        return Pick({"TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "INTEGER", "INT(5)",
                     "BOOL", "TINYINT(1)", "INT8"}) +
               Pick({"", "", " UNSIGNED", " UNSIGNED ZEROFILL"});
      case 1:
        return fmt::format("DECIMAL({},{})", 5 + Number(40), Number(5)) + Pick({"", " UNSIGNED"});
      case 2:
        return Pick({"FLOAT", "DOUBLE", "REAL", "FLOAT(10,3)", "DOUBLE PRECISION", "FLOAT(30)"});
      case 3:
        return Pick({"DATE", "DATETIME", "DATETIME(3)", "TIME", "TIME(6)", "TIMESTAMP NULL",
                     "TIMESTAMP", "TIMESTAMP(2)", "YEAR"});
      case 4:
      case 5:
      case 6:
        return Pick({"CHAR", "CHAR(20)", "VARCHAR(30)", "VARCHAR(300)", "TEXT", "TINYTEXT",
                     "MEDIUMTEXT", "LONGTEXT", "TEXT(100)", "TEXT(20000)", "NVARCHAR(7)",
                     "LONG VARCHAR"}) +
               Pick({"", "", " CHARACTER SET latin1", " CHARSET utf8mb4 COLLATE utf8mb4_bin",
                     " COLLATE utf8_unicode_ci", " CHARACTER SET binary", " ASCII", " BINARY",
                     " CHARACTER SET utf16", " CHARACTER SET latin1 BINARY"});
      case 7:
        return Pick({"BINARY", "BINARY(9)", "VARBINARY(40)", "BLOB", "TINYBLOB", "MEDIUMBLOB",
                     "LONGBLOB", "BLOB(70000)"});
      case 8:
        return Pick({"BIT", "BIT(9)", "BIT(64)"});
      case 9:
        return Pick(
            {"ENUM('a','b''c','')", "SET('x','y','zz ')", "ENUM('o','x\\ny') CHARSET latin1"});
      default:
        return Pick({"INT", "BIGINT", "VARCHAR(40)"});
    }
  }

  std::string Default(const std::string& type) {
    if (type.starts_with("INT") || type.starts_with("BIG") || type.starts_with("SMALL")) {
      return Pick({"", " DEFAULT 5", " DEFAULT '7'", " DEFAULT NULL", " DEFAULT -1", " DEFAULT 1.6",
                   " DEFAULT 0x10", " DEFAULT TRUE"});
    }
    if (type.starts_with("DECIMAL")) {
      return Pick({"", " DEFAULT 0", " DEFAULT '1.005'", " DEFAULT -12.3456", " DEFAULT 1e2"});
    }
    if (type.starts_with("FLOAT") || type.starts_with("DOUBLE")) {
      return Pick({"", " DEFAULT 1.5", " DEFAULT '0.1'", " DEFAULT 1e3", " DEFAULT -3"});
    }
    if (type.starts_with("DATETIME(3)")) return Pick({"", " DEFAULT CURRENT_TIMESTAMP(3)"});
    if (type == "DATETIME") {
      return Pick({"", " DEFAULT CURRENT_TIMESTAMP", " DEFAULT '2020-1-2 3:4:5'",
                   " DEFAULT NOW() ON UPDATE NOW()", " DEFAULT '2020-01-02'",
                   " DEFAULT 20200102030405"});
    }
    if (type == "TIMESTAMP") {
      return Pick({"", " DEFAULT CURRENT_TIMESTAMP", " ON UPDATE CURRENT_TIMESTAMP",
                   " DEFAULT '2020-01-02 03:04:05'", " DEFAULT 0"});
    }
    if (type == "DATE") return Pick({"", " DEFAULT '2020-1-31'", " DEFAULT 0"});
    if (type == "YEAR") return Pick({"", " DEFAULT 2001", " DEFAULT '99'", " DEFAULT 0"});
    if (type.starts_with("BIT")) return Pick({"", " DEFAULT b'1'", " DEFAULT 1", " DEFAULT 0x1"});
    if (type.starts_with("ENUM('a'")) return Pick({"", " DEFAULT 'a'", " DEFAULT 'b''c'"});
    if (type.starts_with("VARCHAR") || type.starts_with("CHAR(")) {
      return Pick({"", " DEFAULT ''", " DEFAULT 'it''s \\\\ \\n \"q\"'", " DEFAULT 5",
                   " DEFAULT NULL", " DEFAULT 'ü'", " DEFAULT 'CURRENT_TIMESTAMP'"});
    }
    return "";
  }

  std::string Definition(bool with_key = true) {
    const std::string type = Type();
    return type + Pick({"", "", " NULL", " NOT NULL"}) + Default(type) +
           (with_key ? Pick({"", "", "", "", "", "", " UNIQUE", " UNIQUE KEY"}) : "") +
           Pick({"", "", "", " COMMENT 'x''y'"});
  }

  std::string Create() {
    std::string sql = fmt::format("CREATE TABLE `t{}` (", Number(6));
    const uint64_t columns = 2 + Number(6);
    for (uint64_t i = 0; i < columns; ++i) {
      sql += fmt::format("{}`c{}` {}", i > 0 ? ", " : "", i + 1, Definition());
    }
    switch (Number(6)) {
      case 0:
        sql += ", PRIMARY KEY (`c1`)";
        break;
      case 1:
        sql += ", PRIMARY KEY (`c2`, `c1`)";
        break;
      case 2:
        sql += ", UNIQUE KEY (`c1`), UNIQUE (`c1`, `c2`), KEY (`c2`)";
        break;
      case 3:
        sql += ", UNIQUE KEY `u` (`c2`)";
        break;
      case 4:
        sql += ", `id` INT AUTO_INCREMENT PRIMARY KEY";
        break;
      default:
        break;
    }
    return sql + ")" +
           Pick({"", " ENGINE=InnoDB", " ENGINE=MyISAM DEFAULT CHARSET=latin1",
                 " CHARSET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT='t'"});
  }

  std::string Place(const Table& table) {
    return Pick({"", "", " FIRST", " AFTER `" + Existing(table) + "`"});
  }

  std::string Action(const Table& table) {
    switch (Number(15)) {
      case 0:
      case 1:
      case 2:
        return fmt::format("ADD COLUMN `{}` {}{}", NewName(), Definition(), Place(table));
      case 3:
        return fmt::format("ADD (`{}` {}, `{}` {})", NewName(), Definition(), NewName(),
                           Definition());
      case 4:
        return fmt::format("DROP COLUMN `{}`", Existing(table));
      case 5:
      case 6:
        return fmt::format("MODIFY `{}` {}{}", Existing(table), Definition(), Place(table));
      case 7:
      case 8:
        return fmt::format("CHANGE COLUMN `{}` `{}` {}{}", Existing(table), NewName(), Definition(),
                           Place(table));
      case 9:
        return Pick({"DROP PRIMARY KEY", fmt::format("DROP INDEX `{}`", Pick({"c1", "u", "i1"})),
                     fmt::format("ADD PRIMARY KEY (`{}`)", Existing(table))});
      case 10:
        return fmt::format("ADD {} {} (`{}`{}, `{}`)", Pick({"UNIQUE", "UNIQUE KEY", "INDEX"}),
                           Pick({"", "u", "i1"}), Existing(table), Pick({"", "(3)"}),
                           Existing(table));
      case 11:
        return Pick({"CONVERT TO CHARACTER SET utf8mb4", "CONVERT TO CHARACTER SET latin1",
                     "CONVERT TO CHARACTER SET utf8 COLLATE utf8_bin"});
      case 12:
        return Pick({"COMMENT = 'new'", "DEFAULT CHARSET = utf8mb4", "ENGINE = InnoDB",
                     "COLLATE utf8mb4_bin", "ROW_FORMAT = DYNAMIC", "FORCE"});
      case 13:
        return fmt::format(
            "ALTER `{}` {}", Existing(table),
            Pick({"SET DEFAULT 7", "DROP DEFAULT", "SET DEFAULT '3'", "SET DEFAULT NULL"}));
      default:
        return fmt::format("RENAME TO `t{}`", Number(6));
    }
  }

  std::string Alter(const Table& table) {
    std::string sql = "ALTER TABLE `" + table.id.name + "` " + Action(table);
    while (Chance(2)) sql += ", " + Action(table);
    return sql;
  }

  std::mt19937_64 random_;
};

TEST_F(HistoryLive, Random) {
  const char* const seed = std::getenv("STARLIFT_TEST_SEED");
  const char* const count = std::getenv("STARLIFT_TEST_STATEMENTS");
  Generator generator(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10));
  const int wanted = count == nullptr ? 400 : std::atoi(count);
  for (int attempts = 0; taken_ < wanted && attempts < wanted * 50; ++attempts) {
    Step(generator.Next(*history_));
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GE(taken_, wanted) << last_refusal_;
  fmt::print("random: {} statements taken, {} refused by the server\n", taken_, refused_);
}

}  // namespace
}  // namespace starlift::mysql

#include "sources/oracle/catalog.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sources/oracle/check.h"

namespace starlift::oracle {
namespace {

using Row = TextRows::Row;

Row ColumnReply(std::string table, std::string name, std::string type, std::optional<std::string> p,
                std::optional<std::string> s, std::string nullable = "Y",
                std::optional<std::string> default_text = std::nullopt, std::string length = "22",
                std::string characters = "0") {
  return {"SHOP",
          std::move(table),
          std::move(name),
          std::move(type),
          std::move(length),
          std::move(characters),
          std::move(p),
          std::move(s),
          std::move(nullable),
          std::move(default_text),
          std::nullopt,
          "NO",
          "NO"};
}

// Replies in the form of Oracle 19c's.
struct Server {
  std::string log_mode = "NOARCHIVELOG";
  std::string supplemental = "NO";
  bool sees_database = true;
  std::string container = "YES";
  std::vector<Row> privileges = {Row{"CREATE SESSION"}, Row{"SELECT ANY TABLE"}};
  std::vector<Row> roles = {Row{"SELECT_CATALOG_ROLE"}};
  std::vector<std::string> asked;

  AskServer Ask() {
    return [this](const std::string& query) -> Result<std::vector<TextRows>> {
      asked.push_back(query);
      return Answer(query);
    };
  }

  Result<std::vector<TextRows>> Answer(const std::string& query) const {
    const auto has = [&](std::string_view part) { return query.find(part) != std::string::npos; };
    if (has("product_component_version")) return One({Row{"19.0.0.0.0"}});
    if (has("v$database")) {
      if (!sees_database) return Error{ErrorKind::kRefused, "ORA-00942", "", "", 942};
      return One({Row{"ORCLCDB", log_mode, supplemental, "NO", container}});
    }
    if (has("FROM all_tables o")) {
      return One({Row{"SHOP", "ORDERS", "1000", "80", "what was sold", "1704067200", std::nullopt},
                  Row{"SHOP", "Log Entries", "0", "0", std::nullopt, std::nullopt, std::nullopt}});
    }
    if (has("FROM all_tab_cols o")) {
      return One(
          {ColumnReply("Log Entries", "WHAT", "CLOB", std::nullopt, std::nullopt),
           ColumnReply("ORDERS", "ID", "NUMBER", "10", "0", "N"),
           ColumnReply("ORDERS", "CODE", "VARCHAR2", std::nullopt, std::nullopt, "N", "'it''s'  \n",
                       "80", "20"),
           ColumnReply("ORDERS", "FREE", "NUMBER", std::nullopt, std::nullopt),
           ColumnReply("ORDERS", "WHOLE", "NUMBER", std::nullopt, "0"),
           ColumnReply("ORDERS", "PRICE", "NUMBER", "12", "2", "Y", "0 "),
           ColumnReply("ORDERS", "ROUNDED", "NUMBER", "5", "-2"),
           ColumnReply("ORDERS", "TINY", "NUMBER", "2", "5"),
           ColumnReply("ORDERS", "FLAG", "NUMBER", "1", "0"),
           ColumnReply("ORDERS", "AT", "DATE", std::nullopt, std::nullopt, "Y", "SYSDATE"),
           ColumnReply("ORDERS", "SEEN", "TIMESTAMP(9) WITH LOCAL TIME ZONE", std::nullopt, "9"),
           ColumnReply("ORDERS", "F", "BFILE", std::nullopt, std::nullopt)});
    }
    if (has("FROM all_constraints o")) {
      return One({Row{"SHOP", "Log Entries", "FK_X", "R", "WHAT", "1"},
                  Row{"SHOP", "ORDERS", "PK_ORDERS", "I", "CODE", "1"},
                  Row{"SHOP", "ORDERS", "PK_ORDERS", "I", "ID", "2"},
                  Row{"SHOP", "ORDERS", "PK_ORDERS", "P", "CODE", "1"},
                  Row{"SHOP", "ORDERS", "PK_ORDERS", "P", "ID", "2"}});
    }
    if (has("all_tab_partitions")) return One({Row{"SHOP", "ORDERS", "P2024"}});
    if (has("all_log_groups")) return One({Row{"SHOP", "Log Entries"}});
    if (has("session_privs")) return One(privileges);
    if (has("session_roles")) return One(roles);
    return One({});
  }

  static std::vector<TextRows> One(std::vector<Row> rows) { return {TextRows(std::move(rows))}; }
};

SchemaCatalog Read(Server& server) {
  const AskServer ask = server.Ask();
  return *ReadOracleCatalog(ask, *ReadVersion(ask), "orclpdb", [](const TableId&) { return true; });
}

const Column* Find(const Table& table, std::string_view name) {
  const auto index = table.FindColumn(name);
  return index ? &table.columns[*index] : nullptr;
}

TEST(OracleCatalog, Numbers) {
  Server server;
  const SchemaCatalog read = Read(server);
  const Table& orders = read.catalog.tables.back();
  ASSERT_EQ(orders.id, (TableId{.database = "orclpdb", .schema = "SHOP", .name = "ORDERS"}));
  EXPECT_EQ(Find(orders, "ID")->type.kind, TypeKind::kInt64);
  EXPECT_EQ(Find(orders, "FREE")->type.kind, TypeKind::kText);
  EXPECT_EQ(Find(orders, "FREE")->native_type, "NUMBER");
  EXPECT_EQ(Find(orders, "WHOLE")->native_type, "NUMBER(*,0)");
  EXPECT_EQ(Find(orders, "WHOLE")->type, (Type{.kind = TypeKind::kDecimal, .precision = 38}));
  EXPECT_EQ(Find(orders, "PRICE")->type,
            (Type{.kind = TypeKind::kDecimal, .precision = 12, .scale = 2}));
  EXPECT_EQ(Find(orders, "ROUNDED")->type.kind, TypeKind::kInt32);
  EXPECT_EQ(Find(orders, "TINY")->type,
            (Type{.kind = TypeKind::kDecimal, .precision = 5, .scale = 5}));
  // Holds 2 to 9, too.
  EXPECT_EQ(Find(orders, "FLAG")->type.kind, TypeKind::kInt8);
}

TEST(OracleCatalog, TextsMomentsAndDefaults) {
  Server server;
  const SchemaCatalog read = Read(server);
  const Table& orders = read.catalog.tables.back();
  EXPECT_EQ(Find(orders, "CODE")->type, (Type{.kind = TypeKind::kVarchar, .length = 20}));
  EXPECT_EQ(Find(orders, "CODE")->default_text, "it's");
  EXPECT_EQ(Find(orders, "PRICE")->default_text, "0");
  EXPECT_EQ(Find(orders, "AT")->type.kind, TypeKind::kDateTime);
  EXPECT_EQ(Find(orders, "AT")->default_kind, DefaultKind::kCurrentTimestamp);
  EXPECT_EQ(Find(orders, "SEEN")->type, (Type{.kind = TypeKind::kTimestamp, .scale = 6}));
  EXPECT_EQ(Find(orders, "F")->type.kind, TypeKind::kUnsupported);
  EXPECT_EQ(orders.partitions, (std::vector<std::string>{"P2024"}));
}

TEST(OracleCatalog, KeysAndFacts) {
  Server server;
  const SchemaCatalog read = Read(server);
  EXPECT_EQ(read.catalog.tables.back().key_kind, KeyKind::kPrimary);
  EXPECT_EQ(read.catalog.tables.back().key, (std::vector<ColumnIndex>{1, 0}));
  EXPECT_EQ(read.catalog.tables.front().key_kind, KeyKind::kNone);
  const TableDdlFacts& facts = read.facts.at(read.catalog.tables.back().id);
  EXPECT_EQ(facts.total_bytes, 80000u);
  ASSERT_EQ(facts.constraints.size(), 1u);
  EXPECT_EQ(facts.constraints.front().columns, (std::vector<std::string>{"CODE", "ID"}));
  // Real schemas may be called HR or SCOTT: what is Oracle's own, the server says.
  EXPECT_NE(server.asked[1].find("oracle_maintained"), std::string::npos);
  EXPECT_EQ(server.asked[1].find("'HR'"), std::string::npos);
}

TEST(OracleCatalog, OldServersLackColumns) {
  Server server;
  const AskServer ask = server.Ask();
  ASSERT_TRUE(
      ReadOracleCatalog(ask, {.major = 11, .text = "11.2.0.4.0"}, "orcl", [](const TableId&) {
        return true;
      }).ok());
  for (const std::string& query : server.asked) {
    EXPECT_EQ(query.find("oracle_maintained"), std::string::npos);
    EXPECT_EQ(query.find("identity_column"), std::string::npos);
  }
}

const Finding* Find(const std::vector<Finding>& findings, std::string_view code) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& each) { return each.code == code; });
  return found == findings.end() ? nullptr : &*found;
}

std::vector<Finding> LogFindings(Server& server, bool incremental,
                                 const std::string& user = "c##reader") {
  const SchemaCatalog read = Read(server);
  return *CheckLog(server.Ask(), {.major = 19, .text = "19.0.0.0.0"}, user, read.catalog,
                   incremental);
}

TEST(OracleCheck, LogMinerPreparations) {
  Server server;
  const auto findings = LogFindings(server, true);
  ASSERT_NE(Find(findings, "database-not-archiving"), nullptr);
  EXPECT_NE(Find(findings, "database-not-archiving")->mend.find("ALTER DATABASE ARCHIVELOG;"),
            std::string::npos);
  ASSERT_NE(Find(findings, "supplemental-logging-off"), nullptr);
  EXPECT_EQ(Find(findings, "supplemental-logging-off")->mend,
            "ALTER DATABASE ADD SUPPLEMENTAL LOG DATA;");
  ASSERT_NE(Find(findings, "columns-not-logged"), nullptr);
  EXPECT_EQ(Find(findings, "columns-not-logged")->mend,
            "ALTER TABLE \"SHOP\".\"ORDERS\" ADD SUPPLEMENTAL LOG DATA (ALL) COLUMNS;");
  const Finding* const grants = Find(findings, "grants-missing");
  ASSERT_NE(grants, nullptr);
  EXPECT_EQ(grants->severity, Severity::kError);
  for (const std::string_view statement :
       {"GRANT LOGMINING TO c##reader CONTAINER=ALL;",
        "GRANT EXECUTE_CATALOG_ROLE TO c##reader CONTAINER=ALL;",
        "GRANT EXECUTE ON DBMS_LOGMNR_D TO c##reader CONTAINER=ALL;",
        "GRANT SET CONTAINER TO c##reader CONTAINER=ALL;"}) {
    EXPECT_NE(grants->mend.find(statement), std::string::npos) << statement;
  }
  // Held already, or by the catalog role.
  EXPECT_EQ(grants->mend.find("CREATE SESSION"), std::string::npos);
  EXPECT_EQ(grants->mend.find("V_$LOGMNR_CONTENTS"), std::string::npos);
}

TEST(OracleCheck, AWellPreparedDatabaseAndOneThatHides) {
  Server server{.log_mode = "ARCHIVELOG", .supplemental = "YES"};
  const auto findings = LogFindings(server, false);
  EXPECT_EQ(Find(findings, "database-not-archiving"), nullptr);
  EXPECT_EQ(Find(findings, "supplemental-logging-off"), nullptr);
  EXPECT_EQ(Find(findings, "grants-missing")->severity, Severity::kWarning);
  Server hiding{.sees_database = false};
  EXPECT_EQ(Find(LogFindings(hiding, false), "log-state-not-visible")->mend,
            "GRANT SELECT ON V_$DATABASE TO c##reader CONTAINER=ALL;");
}

// The list of rights that the migration tool's document gives, statement for statement.
TEST(OracleCheck, EveryRightOfTheDocument) {
  Server server{.container = "NO", .privileges = {}, .roles = {}};
  const auto findings = LogFindings(server, true, "flinkuser");
  EXPECT_EQ(Find(findings, "user-not-common"), nullptr);
  const Finding* const grants = Find(findings, "grants-missing");
  ASSERT_NE(grants, nullptr);
  for (const std::string_view right : {"CREATE SESSION",
                                       "SET CONTAINER",
                                       "SELECT ON V_$DATABASE",
                                       "FLASHBACK ANY TABLE",
                                       "SELECT ANY TABLE",
                                       "SELECT_CATALOG_ROLE",
                                       "EXECUTE_CATALOG_ROLE",
                                       "SELECT ANY TRANSACTION",
                                       "LOGMINING",
                                       "CREATE TABLE",
                                       "LOCK ANY TABLE",
                                       "ALTER ANY TABLE",
                                       "CREATE SEQUENCE",
                                       "EXECUTE ON DBMS_LOGMNR",
                                       "EXECUTE ON DBMS_LOGMNR_D",
                                       "SELECT ON V_$LOG",
                                       "SELECT ON V_$LOG_HISTORY",
                                       "SELECT ON V_$LOGMNR_LOGS",
                                       "SELECT ON V_$LOGMNR_CONTENTS",
                                       "SELECT ON V_$LOGMNR_PARAMETERS",
                                       "SELECT ON V_$LOGFILE",
                                       "SELECT ON V_$ARCHIVED_LOG",
                                       "SELECT ON V_$ARCHIVE_DEST_STATUS"}) {
    const std::string statement = "GRANT " + std::string(right) + " TO flinkuser;";
    EXPECT_NE(grants->mend.find(statement), std::string::npos) << statement;
  }
}

TEST(OracleCheck, AContainerDatabaseIsReadByACommonUser) {
  Server server;
  const auto findings = LogFindings(server, true, "flinkuser");
  const Finding* const user = Find(findings, "user-not-common");
  ASSERT_NE(user, nullptr);
  EXPECT_NE(user->mend.find("CREATE USER c##flinkuser IDENTIFIED BY"), std::string::npos);
  EXPECT_NE(
      Find(findings, "grants-missing")->mend.find("GRANT LOGMINING TO c##flinkuser CONTAINER=ALL;"),
      std::string::npos);
  EXPECT_EQ(Find(LogFindings(server, true), "user-not-common"), nullptr);
}

TEST(OracleCheck, TablesNameKeysAndTypes) {
  Server server;
  const auto findings = CheckTables(Read(server).catalog);
  EXPECT_NE(Find(findings, "table-without-key"), nullptr);
  EXPECT_NE(Find(findings, "column-type-not-supported"), nullptr);
}

}  // namespace
}  // namespace starlift::oracle

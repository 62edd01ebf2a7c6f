#include "sources/sqlserver/catalog.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sources/sqlserver/check.h"

namespace starlift::sqlserver {
namespace {

using Row = TextRows::Row;

// Replies in the form of SQL Server 2019's, of a database with two tables and the Agent down.
const TextRows kTables({
    Row{"101", "dbo", "orders", "0", "1200", "819200", "1704067200", "what was \"sold\"", "1"},
    Row{"102", "odd schema", "log]s", "1", "0", "0", "1704067200", std::nullopt, "0"},
});
const TextRows kColumns({
    Row{"101", "id", "int", "4", "10", "0", "0", "1", "0", std::nullopt, std::nullopt, "number"},
    Row{"101", "code", "nvarchar", "40", "0", "0", "0", "0", "0", "Latin1_General_CI_AS",
        "(N'it''s')", std::nullopt},
    Row{"101", "price", "money", "8", "19", "4", "1", "0", "0", std::nullopt, "((0))",
        std::nullopt},
    Row{"101", "small", "tinyint", "1", "3", "0", "0", "0", "0", std::nullopt, "((-1))",
        std::nullopt},
    Row{"101", "at", "datetime2", "8", "27", "7", "0", "0", "0", std::nullopt, "(sysdatetime())",
        std::nullopt},
    Row{"101", "total", "decimal", "9", "12", "2", "1", "0", "1", std::nullopt, std::nullopt,
        std::nullopt},
    Row{"102", "what", "nvarchar", "-1", "0", "0", "1", "0", "0", "Latin1_General_CI_AS",
        "(upper('a'))", std::nullopt},
    Row{"102", "where", "geography", "-1", "0", "0", "1", "0", "0", std::nullopt, "(NULL)",
        std::nullopt},
    Row{"999", "ghost", "int", "4", "10", "0", "1", "0", "0", std::nullopt, std::nullopt,
        std::nullopt},
});
const TextRows kKeys({
    Row{"101", "IX_code", "i", "code", "1"},
    Row{"101", "MyPk", "p", "code", "1"},
    Row{"101", "MyPk", "p", "id", "2"},
    Row{"102", "FK_what", "f", "what", "1"},
});

AskServer Replies(bool agent_runs, bool may_see_agent = true) {
  return [=](const std::string& batch) -> Result<std::vector<TextRows>> {
    if (batch.find("sys.tables t JOIN") != std::string::npos) {
      return std::vector{kTables, kColumns, kKeys};
    }
    if (batch.find("dm_server_services") != std::string::npos) {
      if (!may_see_agent) return Error{ErrorKind::kRefused, "VIEW SERVER STATE was denied"};
      return std::vector{TextRows({Row{agent_runs ? "Running" : "Stopped"}})};
    }
    return std::vector{TextRows({Row{"3", "0", "0"}})};
  };
}

DatabaseCatalog Read() {
  return *ReadDatabase(Replies(false), "shop", [](const TableId&) { return true; });
}

bool Has(const std::vector<Finding>& findings, std::string_view code, std::string_view mend = "") {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
    return finding.code == code && finding.mend.find(mend) != std::string::npos;
  });
}

TEST(SqlserverCatalog, TablesAndColumns) {
  const DatabaseCatalog catalog = Read();
  ASSERT_EQ(catalog.tables.size(), 2u);
  const Table& orders = catalog.tables[0];
  EXPECT_EQ(orders.id, (TableId{.database = "shop", .schema = "dbo", .name = "orders"}));
  EXPECT_EQ(orders.comment, "what was \"sold\"");
  EXPECT_EQ(orders.row_estimate, 1200u);
  ASSERT_EQ(orders.columns.size(), 6u);
  EXPECT_TRUE(orders.columns[0].auto_increment);
  EXPECT_EQ(orders.columns[1].native_type, "nvarchar(20)");
  EXPECT_EQ(orders.columns[1].type, (Type{.kind = TypeKind::kVarchar, .length = 20}));
  EXPECT_EQ(orders.columns[1].default_text, "it's");
  EXPECT_EQ(orders.columns[2].type,
            (Type{.kind = TypeKind::kDecimal, .precision = 19, .scale = 4}));
  EXPECT_EQ(orders.columns[2].default_text, "0");
  EXPECT_EQ(orders.columns[3].type.kind, TypeKind::kUInt8);
  EXPECT_EQ(orders.columns[3].default_text, "-1");
  EXPECT_EQ(orders.columns[4].native_type, "datetime2(7)");
  EXPECT_EQ(orders.columns[4].type, (Type{.kind = TypeKind::kDateTime, .scale = 6}));
  EXPECT_EQ(orders.columns[4].default_kind, DefaultKind::kCurrentTimestamp);
  EXPECT_TRUE(orders.columns[5].generated);
  const Table& logs = catalog.tables[1];
  EXPECT_EQ(logs.columns[0].native_type, "nvarchar(max)");
  EXPECT_EQ(logs.columns[0].default_kind, DefaultKind::kExpression);
  EXPECT_EQ(logs.columns[1].type.kind, TypeKind::kGeometry);
  EXPECT_EQ(logs.columns[1].default_kind, DefaultKind::kNull);
}

TEST(SqlserverCatalog, KeysGoByWhatTheyAreNotByTheirNames) {
  const DatabaseCatalog catalog = Read();
  EXPECT_EQ(catalog.tables[0].key_kind, KeyKind::kPrimary);
  EXPECT_EQ(catalog.tables[0].key, (std::vector<ColumnIndex>{1, 0}));
  EXPECT_EQ(catalog.tables[1].key_kind, KeyKind::kNone);
  // An index alone is no declared constraint.
  const auto& constraints = catalog.facts.at(catalog.tables[0].id).constraints;
  ASSERT_EQ(constraints.size(), 1u);
  EXPECT_EQ(constraints[0].columns, (std::vector<std::string>{"code", "id"}));
}

TEST(SqlserverCheck, CaptureNeedsAgentDatabaseAndTables) {
  const DatabaseCatalog catalog = Read();
  const auto findings = *CheckCapture(Replies(false), "shop", catalog, true);
  EXPECT_TRUE(Has(findings, "agent-not-running", "mssql-conf set sqlagent.enabled true"));
  EXPECT_TRUE(Has(findings, "cdc-off-in-database", "USE [shop]; EXEC sys.sp_cdc_enable_db;"));
  EXPECT_TRUE(Has(findings, "cdc-off-for-table",
                  "@source_schema = N'dbo', @source_name = N'orders', @role_name = NULL, "
                  "@supports_net_changes = 0"));
  EXPECT_TRUE(Has(findings, "snapshot-isolation-off", "ALLOW_SNAPSHOT_ISOLATION ON"));
  EXPECT_EQ(findings.front().severity, Severity::kError);
  const auto softer = *CheckCapture(Replies(true), "shop", catalog, false);
  EXPECT_FALSE(Has(softer, "agent-not-running"));
  EXPECT_EQ(softer.front().severity, Severity::kWarning);
  EXPECT_TRUE(
      Has(*CheckCapture(Replies(true, false), "shop", catalog, false), "agent-state-unknown"));
}

TEST(SqlserverCheck, TablesNamePrivilegesAndKeys) {
  const auto findings = CheckTables(Read(), "ann");
  EXPECT_TRUE(
      Has(findings, "select-not-granted", "GRANT SELECT ON [odd schema].[log]]s] TO [ann];"));
  EXPECT_TRUE(Has(findings, "table-without-key"));
}

}  // namespace
}  // namespace starlift::sqlserver

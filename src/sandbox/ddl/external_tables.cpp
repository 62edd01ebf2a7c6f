#include "sandbox/ddl/external_tables.h"

#include <algorithm>
#include <charconv>

#include "sandbox/ddl/column_analysis.h"
#include "sandbox/sql/error.h"

// CREATE EXTERNAL TABLE … ENGINE=mysql | hive | jdbc, with the checks and words of a 3.5.0 frontend
// that need nobody outside.
namespace starlift::sandbox::ddl {

using catalog::ColumnDef;
using catalog::ExternalDef;
using catalog::TableDef;
using sql::AnalyzeError;
using sql::SqlError;
namespace code = sql::code;

namespace {

using PropertyMap = std::map<std::string, std::string>;

std::string ValueOf(const PropertyMap& properties, const std::string& name) {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string() : found->second;
}

Error Refused(std::string text) { return SqlError(code::kGeneric, std::move(text)); }

// A property that a MySQL table can't be without.
struct MysqlProperty {
  std::string_view name;
  std::string_view called;
  std::string_view example;
};
constexpr MysqlProperty kMysqlProperties[] = {
    {"host", "Host", "xxx.xxx.xxx.xxx"},
    {"port", "Port", "3306"},
    {"user", "User", "root"},
    {"password", "Password", "xxxx"},
    {"database", "Database", "xxxx"},
    {"table", "Database", "xxxx"},
};

Status CheckMysql(const PropertyMap& properties) {
  if (properties.empty()) {
    return Refused(
        "Please set properties of mysql table, they are: host, port, user, password, database and "
        "table");
  }
  for (const MysqlProperty& property : kMysqlProperties) {
    const std::string name(property.name);
    const bool may_be_empty = name == "password";
    const std::string value = ValueOf(properties, name);
    const std::string advice = "Please add properties('" + name + "'='" +
                               std::string(property.example) + "') when create table";
    if (may_be_empty ? properties.count(name) == 0 : value.empty()) {
      return Refused(std::string(property.called) + " of MySQL table is null. " + advice);
    }
    if (name != "port") continue;
    int port = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), port);
    if (read.ec != std::errc() || read.ptr != value.data() + value.size()) {
      return Refused("Port of MySQL table must be a number." + advice);
    }
  }
  return {};
}

// Hive's and JDBC's tables are reached through a resource of the same kind.
Status CheckResource(const catalog::Catalog& catalog, const std::string& engine,
                     const PropertyMap& properties) {
  const std::string resource = ValueOf(properties, "resource");
  if (resource.empty()) {
    return Refused(engine == "jdbc" ? "all catalog properties must be set"
                                    : "property resource must be set");
  }
  if (engine == "hive" && ValueOf(properties, "database").empty()) {
    return Refused("property database must be set");
  }
  if (ValueOf(properties, "table").empty()) return Refused("property table must be set");
  const catalog::ExternalPtr found = catalog.FindExternal(ExternalDef::Kind::kResource, resource);
  if (found == nullptr) return Refused(engine + " resource [" + resource + "] not exists");
  if (ToLower(found->type()) != engine) {
    return Refused("resource [" + resource + "] is not " + engine + " resource");
  }
  return {};
}

Status CheckClauses(const sql::CreateTable& statement, const std::string& engine) {
  const auto refuse = [&](std::string_view clause) {
    return AnalyzeError("Create " + engine + " table should not contain " + std::string(clause));
  };
  if (statement.key.has_value()) return refuse("keys desc");
  if (statement.partition_by.has_value()) return refuse("partition desc");
  if (statement.distribution.has_value()) return refuse("distribution desc");
  if (!statement.rollups.empty()) return refuse("rollup");
  return {};
}

Status AddColumns(const sql::CreateTable& statement, TableDef& table) {
  const ColumnRules rules{table.model, false};
  for (const sql::ColumnSpec& spec : statement.columns) {
    SL_ASSIGN(ColumnDef column, AnalyzeColumn(spec, rules, false));
    if (table.FindColumn(column.name) != nullptr) {
      return AnalyzeError(code::kDuplicateColumn, "Duplicate column name '" + column.name + "'");
    }
    // The real one takes every column of such a table for a key.
    column.is_key = true;
    column.id = table.next_column_id++;
    table.columns.push_back(std::move(column));
  }
  return {};
}

}  // namespace

Result<bool> IsExternalEngine(const sql::CreateTable& statement) {
  const std::string engine = ToLower(statement.engine);
  if (!statement.external && (engine.empty() || engine == "olap" || engine == "starrocks")) {
    return false;
  }
  // EXTERNAL may be left out, for the sake of old scripts.
  if (engine == "mysql" || engine == "hive" || engine == "jdbc") return true;
  constexpr std::string_view kOthers[] = {"broker", "elasticsearch", "iceberg",
                                          "hudi",   "file",          "olap"};
  if (std::find(std::begin(kOthers), std::end(kOthers), engine) == std::end(kOthers)) {
    return AnalyzeError("Unknown engine name: " + engine);
  }
  return AnalyzeError("External tables of engine " + engine + " are not part of this endpoint");
}

Result<TableDef> AnalyzeExternalTable(const catalog::Catalog& catalog,
                                      const sql::CreateTable& statement, const std::string& name) {
  TableDef table;
  table.kind = catalog::TableKind::kExternal;
  table.engine = ToLower(statement.engine);
  table.name = name;
  table.created_ms = NowMs();
  table.comment = statement.comment.value_or("");
  SL_TRY(CheckClauses(statement, table.engine));
  SL_TRY(AddColumns(statement, table));
  for (const auto& [key, value] : statement.properties) table.properties[key] = value;
  SL_TRY(table.engine == "mysql" ? CheckMysql(table.properties)
                                 : CheckResource(catalog, table.engine, table.properties));
  return table;
}

std::string ShownEngine(const TableDef& table) {
  if (table.kind == catalog::TableKind::kView) return "";
  if (!table.is_external()) return "StarRocks";
  if (table.engine == "mysql") return "MySQL";
  return table.engine == "hive" ? "Hive" : "JDBC";
}

Error CannotRead(const TableDef& table) {
  return AnalyzeError("Table " + table.name + " is an external table of engine " + table.engine +
                      ": this endpoint keeps its definition and does not connect to its source");
}

Error CannotUseCatalog(const catalog::Catalog& catalog, std::string_view name) {
  if (catalog.FindExternal(ExternalDef::Kind::kCatalog, name) == nullptr) {
    return AnalyzeError(code::kUnknownCatalog, "Unknown catalog '" + std::string(name) + "'");
  }
  return AnalyzeError("Catalog " + std::string(name) +
                      " is external: this endpoint keeps its definition and does not connect to "
                      "its source");
}

}  // namespace starlift::sandbox::ddl

#include <algorithm>

#include "sandbox/ddl/external_tables.h"
#include "sandbox/ddl/show_filter.h"
#include "sandbox/ddl/show_statements.h"
#include "sandbox/ddl/table_printer.h"
#include "sandbox/sql/error.h"

// SHOW DATABASES, TABLES, TABLE STATUS, CREATE ….
namespace starlift::sandbox::ddl {

using catalog::TableDef;
using catalog::TableKind;
using catalog::TablePtr;
using sql::kLongText;
using sql::kShortText;
using sql::MysqlType;
using sql::ResultRow;
using sql::SizedTextColumns;
using sql::StatementResult;
using sql::TextColumns;

namespace {

constexpr std::string_view kUnsupportedWhere = "Only support where clause on the shown columns.";

// A name list under LIKE or WHERE; `names_column` is the first column.
Status FilterNames(const sql::ShowFilter& filter, StatementResult& result) {
  if (filter.like.has_value()) {
    std::erase_if(result.rows,
                  [&](const ResultRow& row) { return !Like(row[0].value_or(""), *filter.like); });
  }
  return ApplyFilter(filter, kUnsupportedWhere, result);
}

bool MaySee(const StatementContext& context, const std::string& database, const TableDef& table) {
  return context.session.CanSeeTable(database, table.name, ObjectKindOf(table));
}

std::string_view TypeOfTable(const TableDef& table) {
  return table.is_table() || table.is_external() ? "BASE TABLE" : "VIEW";
}

std::string EscapedComment(const std::string& comment) {
  std::string escaped;
  for (const char c : comment) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

sql::ResultColumn Typed(const char* name, MysqlType type, uint32_t length) {
  sql::ResultColumn column;
  column.name = name;
  column.type = type;
  column.length = length;
  if (type != MysqlType::kVarString) column.charset = sql::kCharsetBinary;
  return column;
}

std::vector<sql::ResultColumn> TableStatusColumns() {
  constexpr uint32_t kText = 192;
  constexpr uint32_t kFlag = 30;
  constexpr uint32_t kNumber = 20;
  constexpr uint32_t kTime = 19;
  const auto text = [](const char* name) { return Typed(name, MysqlType::kVarString, kText); };
  const auto number = [](const char* name) { return Typed(name, MysqlType::kLongLong, kNumber); };
  const auto time = [](const char* name) { return Typed(name, MysqlType::kDateTime, kTime); };
  return {text("Name"),
          Typed("Engine", MysqlType::kVarString, kFlag),
          number("Version"),
          text("Row_format"),
          number("Rows"),
          number("Avg_row_length"),
          number("Data_length"),
          number("Max_data_length"),
          number("Index_length"),
          number("Data_free"),
          number("Auto_increment"),
          time("Create_time"),
          time("Update_time"),
          time("Check_time"),
          text("Collation"),
          number("Checksum"),
          text("Create_options"),
          text("Comment")};
}

ResultRow TableStatusRow(const StatementContext& context, const TableDef& table) {
  int64_t rows = 0;
  int64_t bytes = 0;
  int64_t updated_ms = table.created_ms;
  if (context.environment.storage != nullptr && table.is_stored()) {
    for (const catalog::PartitionDef& partition : table.partitions) {
      const auto statistics = context.environment.storage->StatisticsOf(table, partition);
      rows += statistics.row_count;
      bytes += statistics.data_bytes;
      updated_ms = std::max(updated_ms, statistics.visible_version_ms);
    }
  }
  const bool is_table = table.kind == TableKind::kTable;
  const auto number = [](int64_t value) { return std::optional(std::to_string(value)); };
  return {table.name,
          table.kind == TableKind::kMaterializedView ? "" : ShownEngine(table),
          std::nullopt,
          "",
          number(rows),
          number(rows == 0 ? 0 : bytes / rows),
          number(bytes),
          std::nullopt,
          std::nullopt,
          std::nullopt,
          std::nullopt,
          TimeText(table.created_ms),
          is_table ? std::optional(TimeText(updated_ms)) : std::nullopt,
          std::nullopt,
          "utf8_general_ci",
          std::nullopt,
          "",
          EscapedComment(table.comment)};
}

}  // namespace

StatementOutcome ShowDatabases(const StatementContext& context, const sql::ShowObjects& show) {
  if (show.database.has_value() && show.database->last() != kDefaultCatalog) {
    return CannotUseCatalog(context.catalog(), show.database->last());
  }
  std::vector<std::string> names(std::begin(kSystemDatabases), std::end(kSystemDatabases));
  for (const auto& database : context.catalog().Databases()) names.push_back(database->name);
  std::sort(names.begin(), names.end());
  StatementResult result = StatementResult::Rows(TextColumns({"Database"}));
  for (const std::string& name : names) {
    const bool always = name == "information_schema";
    if (always || context.session.CanSeeDatabase(name)) result.rows.push_back({name});
  }
  SL_TRY(FilterNames(show.filter, result));
  return result;
}

StatementOutcome ShowTables(const StatementContext& context, const sql::ShowObjects& show) {
  SL_ASSIGN(const std::string database, ShownDatabase(context, show));
  StatementResult result = StatementResult::Rows(TextColumns({}));
  const std::string title = "Tables_in_" + database;
  result.columns =
      show.full ? TextColumns({title.c_str(), "Table_type"}) : TextColumns({title.c_str()});
  if (IsSystemDatabase(database)) {
    for (const std::string& name : context.environment.analyzer->SystemTables(database)) {
      ResultRow row = {name};
      if (show.full) row.push_back("SYSTEM VIEW");
      result.rows.push_back(std::move(row));
    }
  } else {
    SL_ASSIGN(const auto found, RequireDatabase(context, database));
    for (const TablePtr& table : context.catalog().Tables(found->id)) {
      if (!MaySee(context, database, *table)) continue;
      ResultRow row = {table->name};
      if (show.full) row.push_back(std::string(TypeOfTable(*table)));
      result.rows.push_back(std::move(row));
    }
  }
  SL_TRY(FilterNames(show.filter, result));
  return result;
}

StatementOutcome ShowTableStatus(const StatementContext& context, const sql::ShowObjects& show) {
  SL_ASSIGN(const std::string database, ShownDatabase(context, show));
  StatementResult result = StatementResult::Rows(TableStatusColumns());
  const catalog::DatabasePtr found = context.catalog().FindDatabase(database);
  if (found == nullptr) return result;  // the real one reads a system table, and finds nothing
  for (const TablePtr& table : context.catalog().Tables(found->id)) {
    if (MaySee(context, database, *table)) {
      result.rows.push_back(TableStatusRow(context, *table));
    }
  }
  SL_TRY(FilterNames(show.filter, result));
  return result;
}

StatementOutcome ShowMaterializedViews(const StatementContext& context,
                                       const sql::ShowObjects& show) {
  SL_ASSIGN(const std::string database, ShownDatabase(context, show));
  SL_ASSIGN(const auto found, RequireDatabase(context, database));
  StatementResult result =
      StatementResult::Rows(TextColumns({"id",
                                         "database_name",
                                         "name",
                                         "refresh_type",
                                         "is_active",
                                         "inactive_reason",
                                         "partition_type",
                                         "task_id",
                                         "task_name",
                                         "last_refresh_start_time",
                                         "last_refresh_finished_time",
                                         "last_refresh_duration",
                                         "last_refresh_state",
                                         "last_refresh_force_refresh",
                                         "last_refresh_start_partition",
                                         "last_refresh_end_partition",
                                         "last_refresh_base_refresh_partitions",
                                         "last_refresh_mv_refresh_partitions",
                                         "last_refresh_error_code",
                                         "last_refresh_error_message",
                                         "rows",
                                         "text",
                                         "extra_message",
                                         "query_rewrite_status",
                                         "creator",
                                         "last_refresh_process_time",
                                         "last_refresh_job_id"}));
  const size_t width = result.columns.size();
  for (const TablePtr& table : context.catalog().Tables(found->id)) {
    if (table->kind != TableKind::kMaterializedView || !MaySee(context, database, *table)) continue;
    ResultRow row(width, "");
    constexpr size_t kText = 21;
    row[0] = std::to_string(table->id);
    row[1] = database;
    row[2] = table->name;
    row[3] = table->refresh.kind == catalog::RefreshScheme::Kind::kManual ? "MANUAL" : "ASYNC";
    row[4] = table->active ? "true" : "false";
    row[6] = table->partitioning.columns.empty() ? "UNPARTITIONED" : "RANGE";
    row[kText] = PrintCreateMaterializedView(*table);
    result.rows.push_back(std::move(row));
  }
  if (show.filter.like.has_value()) {
    std::erase_if(result.rows, [&](const ResultRow& row) {
      return !Like(row[2].value_or(""), *show.filter.like);
    });
  }
  SL_TRY(ApplyFilter(show.filter, kUnsupportedWhere, result));
  return result;
}

StatementOutcome ShowCreateDatabase(const StatementContext& context, const sql::ShowObjects& show) {
  SL_ASSIGN(const std::string name, ResolveDatabaseName(*show.database));
  if (!IsSystemDatabase(name)) SL_TRY(RequireDatabase(context, name));
  SL_TRY(context.session.RequirePrivilege("ANY", ObjectKind::kDatabase, name, ""));
  return StatementResult::Rows(
      SizedTextColumns({{"Database", kShortText}, {"Create Database", kLongText}}),
      {{name, "CREATE DATABASE `" + name + "`"}});
}

StatementOutcome ShowCreateTable(const StatementContext& context, const sql::ShowObjects& show) {
  using Kind = sql::ShowObjects::Kind;
  SL_ASSIGN(const TableName name, ResolveTableName(context, *show.table));
  SL_TRY(RequireDatabase(context, name.database));
  const TablePtr table = context.catalog().FindTable(name.database, name.table);
  if (table == nullptr) return TableNotFound(name.table);
  SL_TRY(context.session.RequirePrivilege("ANY", ObjectKindOf(*table), name.database, name.table));
  if (show.kind == Kind::kCreateView && (table->is_table() || table->is_external())) {
    return sql::AnalyzeError(sql::code::kWrongObject,
                             "'" + name.database + "'.'" + name.table + "' is not 'VIEW'");
  }
  if (show.kind == Kind::kCreateMaterializedView && table->kind != TableKind::kMaterializedView) {
    return sql::AnalyzeError(sql::code::kWrongObject, "'" + name.database + "'.'" + name.table +
                                                          "' is not 'MATERIALIZED VIEW'");
  }
  switch (table->kind) {
    case TableKind::kView:
      return StatementResult::Rows(
          SizedTextColumns({{"View", kShortText},
                            {"Create View", kLongText},
                            {"character_set_client", kShortText},
                            {"collation_connection", kShortText}}),
          {{table->name, PrintCreateView(*table), "utf8", "utf8_general_ci"}});
    case TableKind::kMaterializedView:
      return StatementResult::Rows(SizedTextColumns({{"Materialized View", kShortText},
                                                     {"Create Materialized View", kLongText}}),
                                   {{table->name, PrintCreateMaterializedView(*table)}});
    case TableKind::kTable:
      return StatementResult::Rows(
          SizedTextColumns({{"Table", kShortText}, {"Create Table", kLongText}}),
          {{table->name, PrintCreateTable(*table)}});
    case TableKind::kExternal:
      return StatementResult::Rows(
          SizedTextColumns({{"Table", kShortText}, {"Create Table", kLongText}}),
          {{table->name, PrintCreateExternalTable(*table)}});
  }
  return StatementResult::Ok();
}

}  // namespace starlift::sandbox::ddl

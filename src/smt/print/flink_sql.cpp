#include "smt/print/flink_sql.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

namespace starlift::smt {
namespace {

constexpr std::string_view kCatalog = "`default_catalog`";

std::string Quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted += quote;
}

std::string Name(std::string_view name) { return Quoted(name, '`'); }
std::string Literal(std::string_view text) { return Quoted(text, '\''); }

std::string TableName(const PlannedTable& table, std::string_view suffix) {
  return fmt::format("{}.{}.{}", kCatalog, Name(table.database),
                     Name(table.name + std::string(suffix)));
}

std::string SourceName(const PlannedTable& table, size_t source) {
  return TableName(table,
                   table.flink_sources.size() > 1 ? fmt::format("_src_{}", source + 1) : "_src");
}

// What an INSERT selects from, one or several.
std::vector<std::string> ReadTables(const PlannedTable& table, const Dialect& dialect) {
  std::vector<std::string> names;
  if (!dialect.flink_reads_catalog) {
    for (size_t i = 0; i < table.flink_sources.size(); ++i) names.push_back(SourceName(table, i));
    return names;
  }
  // Hive's tables are read from the catalog that the client is set to.
  for (const Table* const source : table.sources) {
    names.push_back(fmt::format("{}.{}", Name(source->id.database), Name(source->id.name)));
  }
  return names;
}

const PlannedColumn& ColumnAt(const PlannedTable& table, size_t place) {
  return table.columns[table.flink_order.empty() ? place : table.flink_order[place]];
}

std::string_view TypeOf(const PlannedColumn& column, bool source) {
  const ColumnType& type = *column.type;
  return source && !type.flink_source.empty() ? type.flink_source : type.flink;
}

void PrintTable(const PlannedTable& table, std::string_view name, bool source,
                const FlinkOptions& options, std::string& out) {
  fmt::format_to(std::back_inserter(out), "CREATE TABLE IF NOT EXISTS {} (\n", name);
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const PlannedColumn& column = ColumnAt(table, i);
    fmt::format_to(std::back_inserter(out), "{}  {} {} {}", i > 0 ? ",\n" : "", Name(column.name()),
                   TypeOf(column, source), column.source->nullable ? "NULL" : "NOT NULL");
  }
  if (table.has_key()) {
    std::string key;
    for (const std::string& each : table.key) key += (key.empty() ? "" : ", ") + Name(each);
    fmt::format_to(std::back_inserter(out), ",\n  PRIMARY KEY({})\n NOT ENFORCED", key);
  }
  out += "\n) with (";
  const Pairs& pairs = options.pairs();
  for (size_t i = 0; i < pairs.size(); ++i) {
    out += i > 0 ? ",\n  " : "\n  ";
    out += Literal(pairs[i].first) + " = " + Literal(pairs[i].second);
  }
  out += "\n)";
}

// A step of a JSON path; the loads take a quoted one for what it is.
std::string PathStep(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c >= 0x80;
  });
  if (plain) return std::string(name);
  std::string step = "\\\"";  // the path stands in a JSON string itself
  for (const char c : name) {
    if (c == '"' || c == '\\') step += '\\';
    step += c;
  }
  return step + "\\\"";
}

// Bytes travel as text, and are made by the load itself.
void MakeValuesInLoad(const PlannedTable& table, FlinkOptions& options) {
  std::string columns;
  std::string paths;
  std::string made;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const PlannedColumn& column = ColumnAt(table, i);
    const std::string& expression = column.type->load_expression;
    const std::string name = Name((expression.empty() ? "" : "__flink_") + column.name());
    columns += (i > 0 ? "," : "") + name;
    paths += fmt::format("{}\"$.{}\"", i > 0 ? "," : "", PathStep(column.name()));
    if (expression.empty()) continue;
    made += fmt::format(",{}={}", Name(column.name()), fmt::format(fmt::runtime(expression), name));
  }
  if (made.empty()) return;
  if (table.model == Model::kPrimaryKey) {
    columns += ",__op";
    paths += ",\"$.__op\"";
  }
  options.SetDefault("sink.properties.columns", columns + made);
  options.SetDefault("sink.properties.jsonpaths", "[" + paths + "]");
}

}  // namespace

size_t SourceCount(const PlannedTable& table, const Dialect& dialect, Form form) {
  if (dialect.flink_reads_catalog && form == Form::kRight) return 0;
  return table.flink_sources.size();
}

FlinkOptions SourceOptions(const FlinkSourceRequest& request, const Dialect& dialect) {
  const PlannedTable& table = request.table;
  const DbConfig& db = request.config.db;
  FlinkOptions options;
  options.Set("connector", std::string(dialect.flink_connector));
  if (dialect.flink_login) {
    options.Set("hostname", db.host);
    options.Set("port", std::to_string(db.port));
    options.Set("username", db.user);
    options.Set("password", db.password);
  }
  options.Set("database-name", request.names().database);
  if (dialect.has_schema) options.Set("schema-name", request.names().schema);
  options.Set("table-name", request.names().table);
  for (const auto& [name, value] : table.rule->flink_cdc) options.SetDefault(name, value);
  if (dialect.complete_flink_source != nullptr) dialect.complete_flink_source(request, options);
  for (const PlannedColumn& column : table.columns) {
    const ColumnType& type = *column.type;
    for (const auto& [name, value] : type.flink_options) options.SetDefault(name, value);
  }
  return options;
}

FlinkOptions SinkOptions(const PlannedTable& table, Form form) {
  FlinkOptions options;
  options.Set("connector", "starrocks");
  for (const auto& [name, value] : table.rule->flink_starrocks) {
    if (name != "connector" && name != "database-name" && name != "table-name") {
      options.Set(name, value);
    }
  }
  options.Set("database-name", table.database);
  options.Set("table-name", table.name);
  if (form == Form::kRight) MakeValuesInLoad(table, options);
  return options;
}

void PrintFlinkDatabase(const PlannedTable& table, std::string& out) {
  fmt::format_to(std::back_inserter(out), "CREATE DATABASE IF NOT EXISTS {}.{}", kCatalog,
                 Name(table.database));
}

void PrintFlinkSource(const FlinkSourceRequest& request, const Dialect& dialect, std::string& out) {
  const PlannedTable& table = request.table;
  PrintTable(table, SourceName(table, request.source), true, SourceOptions(request, dialect), out);
}

void PrintFlinkSink(const PlannedTable& table, Form form, std::string& out) {
  PrintTable(table, TableName(table, "_sink"), false, SinkOptions(table, form), out);
}

void PrintFlinkInsert(const PlannedTable& table, const Dialect& dialect, Form form,
                      std::string& out) {
  std::string list;
  // Columns of a catalog's tables stand in its own order.
  bool plain = form == Form::kCompat || !dialect.flink_reads_catalog;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const PlannedColumn& column = ColumnAt(table, i);
    const std::string& expression = column.type->flink_expression;
    plain = plain && expression.empty();
    list += i > 0 ? ", " : "";
    list += expression.empty() ? Name(column.name())
                               : fmt::format(fmt::runtime(expression), Name(column.name()));
  }
  fmt::format_to(std::back_inserter(out), "INSERT INTO {}", TableName(table, "_sink"));
  std::string_view before = " ";
  for (const std::string& from : ReadTables(table, dialect)) {
    fmt::format_to(std::back_inserter(out), "{}SELECT {} FROM {}", before, plain ? "*" : list,
                   from);
    before = "\n  UNION ALL ";
  }
}

}  // namespace starlift::smt

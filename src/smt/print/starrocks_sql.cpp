#include "smt/print/starrocks_sql.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/hash.h"
#include "mapping/target_names.h"
#include "starrocks/ddl_printer.h"

namespace starlift::smt {
namespace {

using starrocks::QuoteName;
using starrocks::QuoteString;
using starrocks::TargetDefaultKind;

constexpr size_t kMaxColumnComment = 1024;  // characters
constexpr size_t kMaxTableComment = 2048;
constexpr std::string_view kDriverUrl = "driver_url";

std::string NameList(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + QuoteName(name);
  return list;
}

std::string CommentLiteral(std::string_view comment, size_t most, Form form) {
  if (form == Form::kRight) return QuoteString(mapping::CutCharacters(comment, most));
  std::string text(comment);
  std::replace(text.begin(), text.end(), '\r', ' ');
  std::replace(text.begin(), text.end(), '\n', ' ');
  return QuoteString(text);
}

std::string TableComment(const PlannedTable& table, Form form) {
  return CommentLiteral(table.table_comment ? table.source().comment : std::string_view(),
                        kMaxTableComment, form);
}

std::string DefaultClause(const PlannedColumn& column) {
  switch (column.default_kind) {
    case TargetDefaultKind::kNone:
    case TargetDefaultKind::kNull:
      break;
    case TargetDefaultKind::kLiteral:
      return "DEFAULT " + QuoteString(column.default_text);
    case TargetDefaultKind::kCurrentTimestamp:
      return "DEFAULT CURRENT_TIMESTAMP";
  }
  return {};
}

void PrintColumn(const PlannedColumn& column, std::string_view type, bool comments, Form form,
                 std::string& out) {
  fmt::format_to(std::back_inserter(out), "  {} {} {} {} COMMENT {}", QuoteName(column.name()),
                 type, column.nullable ? "NULL" : "NOT NULL", DefaultClause(column),
                 comments ? CommentLiteral(column.source->comment, kMaxColumnComment, form)
                          : std::string("\"\""));
}

void PrintProperties(const Pairs& properties, std::string& out) {
  out += "PROPERTIES (";
  for (size_t i = 0; i < properties.size(); ++i) {
    out += i > 0 ? ",\n  " : "\n  ";
    out += QuoteString(properties[i].first) + " = " + QuoteString(properties[i].second);
  }
  out += "\n)";
}

std::string_view KeyWords(Model model) {
  switch (model) {
    case Model::kPrimaryKey:
      return "PRIMARY KEY";
    case Model::kAggregateKey:
      return "AGGREGATE KEY";
    case Model::kDuplicateKey:
      break;
  }
  return "DUPLICATE KEY";
}

// ENGINE=mysql and ENGINE=jdbc know neither.
std::string_view ExternalType(const ColumnType& type) {
  return type.starrocks == "VARBINARY" || type.starrocks == "JSON"
             ? std::string_view("STRING")
             : std::string_view(type.starrocks);
}

std::string HiveResource(const Dialect& dialect) {
  return fmt::format("{}_external_resource", dialect.external_engine);
}

// The original takes the port that the server names, and its own idea of the host.
std::string MetastoreUris(const Config& config, const DdlFacts& facts, Form form) {
  std::string uris;
  for (const auto& [name, value] : facts.server) {
    if (name == "hive.metastore.uris") uris = value;
  }
  if (form == Form::kRight && !uris.empty()) return uris;
  const size_t colon = uris.rfind(':');
  const std::string_view port = colon == std::string::npos
                                    ? std::string_view("9083")
                                    : std::string_view(uris).substr(colon + 1);
  return fmt::format("thrift://{}:{}", config.db.host, port);
}

bool IsWordCharacter(char c) {
  return c == '_' || (static_cast<unsigned char>(c) < 0x80 && std::isalnum(c) != 0);
}

bool IsWord(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsWordCharacter);
}

// StarRocks takes letters, digits and underscores, 64 at most. Never the name of another
// database's.
std::string NameForDatabase(std::string_view before, std::string_view database,
                            std::string_view after) {
  constexpr size_t kMaxName = 64;
  std::string middle(database);
  std::string mark;
  if (!IsWord(database) || before.size() + database.size() + after.size() > kMaxName) {
    mark = fmt::format("_{:08x}", static_cast<uint32_t>(HashBytes(database)));
    std::replace_if(
        middle.begin(), middle.end(), [](char c) { return !IsWordCharacter(c); }, '_');
    middle.resize(std::min(middle.size(), kMaxName - before.size() - mark.size() - after.size()));
  }
  return fmt::format("{}{}{}{}", before, middle, mark, after);
}

std::string DatabaseResource(const PlannedTable& table, const Dialect& dialect) {
  return NameForDatabase(fmt::format("{}_external_", dialect.type), table.external_database,
                         "_resource");
}

// What the driver connects to: a server, or one database of it. SQL Server's driver takes braces
// around a name with signs that part its properties, PostgreSQL's the escapes of any address.
std::string JdbcUri(const DbConfig& db, const Dialect& dialect, std::string_view database) {
  std::string uri = fmt::format("{}://{}:{}{}", dialect.jdbc_scheme, db.host, db.port,
                                dialect.jdbc_database_prefix);
  if (dialect.jdbc_database_prefix.empty()) return uri;
  if (IsWord(database)) return uri.append(database);
  if (dialect.jdbc_database_prefix == "/") {
    for (const char c : database) {
      uri += IsWordCharacter(c) ? std::string(1, c)
                                : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri;
  }
  uri += '{';
  for (const char c : database) uri += c == '}' ? std::string("}}") : std::string(1, c);
  return uri + '}';
}

// Of the rules the first that says where the driver is counts.
std::string_view DriverUrl(const Config& config) {
  for (const RuleConfig& rule : config.rules) {
    for (const auto& [name, value] : rule.external_properties) {
      if (name == kDriverUrl) return value;
    }
  }
  return {};
}

Pairs JdbcProperties(const Config& config, const Dialect& dialect, std::string_view database,
                     std::string_view driver_url) {
  return {{"type", "jdbc"},
          {"user", config.db.user},
          {"password", config.db.password},
          {"jdbc_uri", JdbcUri(config.db, dialect, database)},
          {"driver_url", std::string(driver_url.empty() ? kOpenDriverUrl : driver_url)},
          {"driver_class", std::string(dialect.jdbc_driver_class)}};
}

// `"dbo"."orders"`: StarRocks leaves quoted parts as they are, and the table is found by its
// schema.
std::string QuotedParts(const TableId& id) {
  std::string text;
  for (const std::string& part : {id.schema, id.name}) {
    text += text.empty() ? "\"" : ".\"";
    for (const char c : part) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
  }
  return text;
}

Pairs ExternalProperties(const PlannedTable& table, const Config& config, const Dialect& dialect) {
  Pairs properties = table.rule->external_properties;
  std::erase_if(properties, [](const auto& pair) { return pair.first == kDriverUrl; });
  const auto set = [&](std::string_view name, std::string value) {
    std::erase_if(properties, [&](const auto& pair) { return pair.first == name; });
    properties.emplace_back(name, std::move(value));
  };
  if (dialect.external_engine == "jdbc") {
    set("resource", DatabaseResource(table, dialect));
    set("table", QuotedParts(table.source().id));
    return properties;
  }
  if (dialect.external_engine == "mysql") {
    set("host", config.db.host);
    set("port", std::to_string(config.db.port));
    set("user", config.db.user);
    set("password", config.db.password);
  } else {
    set("resource", HiveResource(dialect));
  }
  set("database", table.external_database);
  set("table", table.external_table);
  return properties;
}

}  // namespace

void PrintCreateDatabase(std::string_view database, std::string& out) {
  out += "CREATE DATABASE IF NOT EXISTS " + QuoteName(database);
}

void PrintCreateTable(const PlannedTable& table, Form form, std::string& out) {
  fmt::format_to(std::back_inserter(out), "CREATE TABLE IF NOT EXISTS {}.{} (\n",
                 QuoteName(table.database), QuoteName(table.name));
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) out += ",\n";
    const PlannedColumn& column = table.columns[i];
    const bool value = table.model == Model::kAggregateKey && i >= table.key.size();
    PrintColumn(column, value ? column.type->starrocks + " SUM" : column.type->starrocks,
                table.column_comments, form, out);
  }
  fmt::format_to(
      std::back_inserter(out), "\n) ENGINE=olap\n{}({})\nCOMMENT {}\n", KeyWords(table.model),
      table.key_text.empty() ? NameList(table.key) : table.key_text, TableComment(table, form));
  if (table.partition) {
    const std::string& column = table.partition->column;
    fmt::format_to(std::back_inserter(out), "PARTITION BY RANGE ({}) (\n  {}\n)\n",
                   form == Form::kCompat ? column : QuoteName(column), table.partition->ranges);
  }
  fmt::format_to(std::back_inserter(out), "DISTRIBUTED BY HASH({}) BUCKETS {}\n",
                 table.hash_text.empty() ? NameList(table.hash) : table.hash_text, table.buckets);
  PrintProperties(table.properties, out);
}

std::string ExternalDatabase(const PlannedTable& table, const Dialect& dialect) {
  const std::string_view kind =
      dialect.external_engine == "jdbc" ? dialect.type : dialect.external_engine;
  return fmt::format("{}_external_{}", kind, table.database);
}

void PrintExternalTable(const PlannedTable& table, const Config& config, const Dialect& dialect,
                        Form form, std::string& out) {
  fmt::format_to(std::back_inserter(out), "CREATE EXTERNAL TABLE {}{}.{} (\n",
                 form == Form::kRight ? "IF NOT EXISTS " : "",
                 QuoteName(ExternalDatabase(table, dialect)), QuoteName(table.name));
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) out += ",\n";
    const size_t place = table.external_order.empty() ? i : table.external_order[i];
    const PlannedColumn& column = table.columns[place];
    PrintColumn(column, ExternalType(*column.type), table.column_comments, form, out);
  }
  fmt::format_to(std::back_inserter(out), "\n) ENGINE={}\nCOMMENT {}\n", dialect.external_engine,
                 TableComment(table, form));
  PrintProperties(ExternalProperties(table, config, dialect), out);
}

void PrintExternalCatalog(const Config& config, const Dialect& dialect, const DdlFacts& facts,
                          std::string_view database, std::string& out) {
  Pairs properties;
  std::string name = fmt::format("{}_external", dialect.type);
  if (!dialect.jdbc_database_prefix.empty()) name = NameForDatabase(name + "_", database, "");
  if (dialect.external_engine == "hive") {
    properties = {{"type", "hive"},
                  {"hive.metastore.uris", MetastoreUris(config, facts, Form::kRight)}};
  } else if (!dialect.jdbc_scheme.empty()) {
    properties = JdbcProperties(config, dialect, database, DriverUrl(config));
  } else {
    return;
  }
  fmt::format_to(std::back_inserter(out), "CREATE EXTERNAL CATALOG {}\n", QuoteName(name));
  PrintProperties(properties, out);
}

void PrintExternalResource(const Config& config, const Dialect& dialect, const DdlFacts& facts,
                           Form form, std::string& out) {
  if (dialect.external_engine != "hive") return;
  fmt::format_to(std::back_inserter(out), "CREATE EXTERNAL RESOURCE {}\n",
                 QuoteString(HiveResource(dialect)));
  PrintProperties({{"type", "hive"}, {"hive.metastore.uris", MetastoreUris(config, facts, form)}},
                  out);
}

void PrintExternalDatabaseResource(const PlannedTable& table, const Config& config,
                                   const Dialect& dialect, std::string& out) {
  std::string_view driver_url;
  for (const auto& [name, value] : table.rule->external_properties) {
    if (name == kDriverUrl) driver_url = value;
  }
  fmt::format_to(std::back_inserter(out), "CREATE EXTERNAL RESOURCE {}\n",
                 QuoteName(DatabaseResource(table, dialect)));
  PrintProperties(JdbcProperties(config, dialect, table.external_database, driver_url), out);
}

}  // namespace starlift::smt

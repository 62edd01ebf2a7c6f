#include "starrocks/ddl_printer.h"

#include <fmt/format.h>

namespace starlift::starrocks {
namespace {

std::string QuoteNames(const std::vector<std::string>& names) {
  std::string text = "(";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ", ";
    text += QuoteName(name);
  }
  return text + ")";
}

std::string PrintColumn(const TargetColumn& column) {
  std::string text = fmt::format("  {} {} {}", QuoteName(column.name), PrintType(column.type),
                                 column.nullable ? "NULL" : "NOT NULL");
  switch (column.default_kind) {
    case TargetDefaultKind::kNone:
      break;
    case TargetDefaultKind::kNull:
      text += " DEFAULT NULL";
      break;
    case TargetDefaultKind::kLiteral:
      text += " DEFAULT " + QuoteString(column.default_text);
      break;
    case TargetDefaultKind::kCurrentTimestamp:
      text += " DEFAULT CURRENT_TIMESTAMP";
      break;
  }
  if (!column.comment.empty()) text += " COMMENT " + QuoteString(column.comment);
  return text;
}

}  // namespace

std::string QuoteName(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) {
    if (c == '`') quoted += '`';
    quoted += c;
  }
  return quoted + "`";
}

std::string QuoteString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\0':
        quoted += "\\0";
        break;
      default:
        quoted += c;
    }
  }
  return quoted + "\"";
}

std::string PrintCreateDatabase(std::string_view database) {
  return fmt::format("CREATE DATABASE IF NOT EXISTS {};", QuoteName(database));
}

std::string PrintCreateTable(const TargetTable& table) {
  std::string sql = fmt::format("CREATE TABLE IF NOT EXISTS {} (\n", table.QuotedName());
  std::vector<std::string> key;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) sql += ",\n";
    sql += PrintColumn(table.columns[i]);
    if (i < table.key_columns) key.push_back(table.columns[i].name);
  }
  sql += "\n) ENGINE=OLAP\n";
  sql += fmt::format("{} {}", TableModelName(table.model), QuoteNames(key));
  if (!table.comment.empty()) sql += "\nCOMMENT " + QuoteString(table.comment);
  sql += table.hash_columns.empty() ? std::string("\nDISTRIBUTED BY RANDOM")
                                    : "\nDISTRIBUTED BY HASH" + QuoteNames(table.hash_columns);
  if (table.buckets > 0) sql += fmt::format(" BUCKETS {}", table.buckets);
  if (!table.properties.empty()) {
    sql += "\nPROPERTIES (";
    for (size_t i = 0; i < table.properties.size(); ++i) {
      sql += fmt::format("{}{} = {}", i == 0 ? "" : ", ", QuoteString(table.properties[i].first),
                         QuoteString(table.properties[i].second));
    }
    sql += ")";
  }
  return sql + ";";
}

}  // namespace starlift::starrocks

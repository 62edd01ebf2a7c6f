#include "sandbox/ddl/table_printer.h"

#include "sandbox/ddl/partition_analysis.h"
#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::ddl {

using catalog::AggregateKind;
using catalog::ColumnDef;
using catalog::DefaultKind;
using catalog::PartitionDef;
using catalog::PartitionKind;
using catalog::PartitionTuple;
using catalog::PartitionValue;
using catalog::TableDef;
using sql::QuoteName;
using sql::QuoteText;

namespace {

std::string PrintDefault(const ColumnDef& column) {
  switch (column.default_kind) {
    case DefaultKind::kNone:
    case DefaultKind::kNull:
      return "";
    case DefaultKind::kLiteral:
      return "DEFAULT " + QuoteText(column.default_text) + " ";
    case DefaultKind::kCurrentTimestamp:
      return column.default_text.empty()
                 ? "DEFAULT CURRENT_TIMESTAMP "
                 : "DEFAULT CURRENT_TIMESTAMP(" + column.default_text + ") ";
    case DefaultKind::kUuid:
      return "DEFAULT (uuid()) ";
    case DefaultKind::kUuidNumeric:
      return "DEFAULT (uuid_numeric()) ";
  }
  return "";
}

std::string PrintColumn(const ColumnDef& column) {
  std::string line =
      "  " + QuoteName(column.name) + " " + catalog::ShowCreateName(column.type) + " ";
  if (column.aggregate != AggregateKind::kNone) {
    line += std::string(catalog::AggregateName(column.aggregate)) + " ";
  }
  line += column.nullable ? "NULL " : "NOT NULL ";
  if (column.auto_increment) line += "AUTO_INCREMENT ";
  line += PrintDefault(column);
  if (column.generated()) line += "AS " + column.generated_expression + " ";
  return line + "COMMENT " + QuoteText(column.comment);
}

std::string PrintIndex(const catalog::IndexDef& index) {
  return "  INDEX " + index.name + " (" + QuotedList(index.columns) + ") USING " +
         PrintIndexKind(index) + " COMMENT '" + index.comment + "'";
}

std::string_view KeyWords(catalog::TableModel model) {
  switch (model) {
    case catalog::TableModel::kDuplicate:
      return "DUPLICATE KEY";
    case catalog::TableModel::kAggregate:
      return "AGGREGATE KEY";
    case catalog::TableModel::kUnique:
      return "UNIQUE KEY";
    case catalog::TableModel::kPrimary:
      return "PRIMARY KEY";
  }
  return "";
}

// ("2024-01-01", "5")
std::string PrintBound(const TableDef& table, const PartitionTuple& bound) {
  std::vector<std::string> values;
  for (size_t i = 0; i < bound.size(); ++i) {
    const auto& type = table.RangeType(i);
    switch (bound[i].kind) {
      case PartitionValue::Kind::kMaximum:
        values.push_back("MAXVALUE");
        break;
      case PartitionValue::Kind::kMinimum:
        values.push_back("\"" + MinimumText(type) + "\"");
        break;
      default:
        values.push_back("\"" + bound[i].text + "\"");
    }
  }
  return "(" + Join(values, ", ") + ")";
}

std::string PrintListValues(const PartitionDef& partition) {
  std::vector<std::string> tuples;
  for (const PartitionTuple& tuple : partition.values) {
    std::vector<std::string> values;
    for (const PartitionValue& value : tuple) {
      values.push_back(value.kind == PartitionValue::Kind::kNull ? "NULL" : "'" + value.text + "'");
    }
    tuples.push_back(values.size() == 1 ? values.front() : "(" + Join(values, ", ") + ")");
  }
  return "(" + Join(tuples, ", ") + ")";
}

std::string PrintDistribution(const catalog::Distribution& distribution) {
  std::string text = distribution.kind == catalog::DistributionKind::kRandom
                         ? "DISTRIBUTED BY RANDOM"
                         : "DISTRIBUTED BY HASH(" + QuotedList(distribution.columns) + ")";
  if (distribution.buckets > 0) {
    text += " BUCKETS " + std::to_string(distribution.buckets) + " ";
  }
  return text + "\n";
}

std::string PrintProperties(const std::map<std::string, std::string>& properties) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : properties) {
    lines.push_back(QuoteText(key) + " = " + QuoteText(value));
  }
  return "PROPERTIES (\n" + Join(lines, ",\n") + "\n)";
}

std::string PrintRange(const TableDef& table) {
  std::vector<std::string> partitions;
  for (const PartitionDef& partition : table.partitions) {
    if (partition.temporary) continue;
    partitions.push_back("PARTITION " + partition.name + " VALUES [" +
                         PrintBound(table, partition.lower) + ", " +
                         PrintBound(table, partition.upper) + ")");
  }
  const std::string over = table.partitioning.expression.empty()
                               ? QuotedList(table.partitioning.columns)
                               : table.partitioning.expression;
  return "PARTITION BY RANGE(" + over + ")\n(" + Join(partitions, ",\n") + ")\n";
}

std::string PrintList(const TableDef& table) {
  std::vector<std::string> partitions;
  for (const PartitionDef& partition : table.partitions) {
    if (partition.temporary) continue;
    partitions.push_back("  PARTITION " + partition.name + " VALUES IN " +
                         PrintListValues(partition));
  }
  return "PARTITION BY LIST(" + QuotedList(table.partitioning.columns, ",") + ")(\n" +
         Join(partitions, ",\n") + "\n)\n";
}

std::string PrintRefresh(const catalog::RefreshScheme& refresh) {
  using Kind = catalog::RefreshScheme::Kind;
  std::string text = "REFRESH ";
  if (refresh.moment == catalog::RefreshScheme::Moment::kDeferred) text += "DEFERRED ";
  if (refresh.kind == Kind::kManual) return text + "MANUAL\n";
  if (refresh.kind == Kind::kIncremental) return text + "INCREMENTAL\n";
  text += "ASYNC";
  if (!refresh.start.empty()) text += " START(\"" + refresh.start + "\")";
  if (refresh.every > 0) {
    text += " EVERY(INTERVAL " + std::to_string(refresh.every) + " " + refresh.every_unit + ")";
  }
  return text + "\n";
}

std::string PrintViewColumns(const TableDef& view) {
  std::vector<std::string> columns;
  for (const ColumnDef& column : view.columns) {
    std::string text = QuoteName(column.name);
    if (!column.comment.empty()) text += " COMMENT " + QuoteText(column.comment);
    columns.push_back(std::move(text));
  }
  return "(" + Join(columns, ", ") + ")";
}

}  // namespace

std::string PrintIndexKind(const catalog::IndexDef& index) {
  std::string_view name = "BITMAP";
  if (index.kind == catalog::IndexKind::kGin) name = "GIN";
  if (index.kind == catalog::IndexKind::kNgramBloomFilter) name = "NGRAMBF";
  if (index.kind == catalog::IndexKind::kVector) name = "VECTOR";
  if (index.properties.empty()) return std::string(name);
  std::vector<std::string> entries;
  for (const auto& [key, value] : index.properties) {
    entries.push_back(QuoteText(key) + " = " + QuoteText(value));
  }
  return std::string(name) + "(" + Join(entries, ", ") + ")";
}

std::string PrintPartitionBy(const TableDef& table) {
  const catalog::PartitionScheme& scheme = table.partitioning;
  if (scheme.kind == PartitionKind::kNone) return "";
  if (scheme.automatic) {
    return "PARTITION BY " +
           (scheme.expression.empty() ? "(" + QuotedList(scheme.columns, ",") + ")"
                                      : scheme.expression) +
           "\n";
  }
  return scheme.kind == PartitionKind::kRange ? PrintRange(table) : PrintList(table);
}

std::string PrintCreateTable(const TableDef& table) {
  std::vector<std::string> lines;
  for (const ColumnDef& column : table.columns) lines.push_back(PrintColumn(column));
  for (const catalog::IndexDef& index : table.indexes) lines.push_back(PrintIndex(index));

  std::string text = "CREATE TABLE " + QuoteName(table.name) + " (\n" + Join(lines, ",\n") +
                     "\n) ENGINE=OLAP \n" + std::string(KeyWords(table.model)) + "(" +
                     QuotedList(table.key_columns) + ")\n";
  if (!table.comment.empty()) text += "COMMENT " + QuoteText(table.comment) + "\n";
  text += PrintPartitionBy(table);
  text += PrintDistribution(table.distribution);
  if (!table.sort_columns.empty()) text += "ORDER BY(" + QuotedList(table.sort_columns) + ")\n";
  return text + PrintProperties(table.properties) + ";";
}

std::string PrintCreateExternalTable(const TableDef& table) {
  // Per engine, and in this order; a password is there, and empty.
  constexpr std::string_view kShown[] = {"host",     "port",  "user",    "password",
                                         "database", "table", "resource"};
  std::vector<std::string> columns;
  for (const ColumnDef& column : table.columns) columns.push_back(PrintColumn(column));
  std::vector<std::string> properties;
  for (const std::string_view name : kShown) {
    const auto property = table.properties.find(std::string(name));
    if (property == table.properties.end()) continue;
    properties.push_back(QuoteText(name) + " = " +
                         QuoteText(name == "password" ? std::string() : property->second));
  }
  std::string text = "CREATE EXTERNAL TABLE " + QuoteName(table.name) + " (\n" +
                     Join(columns, ",\n") + "\n) ENGINE=" + ToUpper(table.engine) + " ";
  if (!table.comment.empty()) text += "\nCOMMENT " + QuoteText(table.comment);
  return text + "\nPROPERTIES (\n" + Join(properties, ",\n") + "\n);";
}

std::string PrintCreateView(const TableDef& view) {
  std::string text = "CREATE VIEW " + QuoteName(view.name) + " " + PrintViewColumns(view);
  if (!view.comment.empty()) text += " COMMENT " + QuoteText(view.comment);
  text += std::string(" SECURITY ") + (view.security_invoker ? "INVOKER" : "NONE");
  return text + " AS " + view.query + ";";
}

std::string PrintCreateMaterializedView(const TableDef& view) {
  std::string text =
      "CREATE MATERIALIZED VIEW " + QuoteName(view.name) + " " + PrintViewColumns(view) + "\n";
  if (!view.comment.empty()) text += "COMMENT " + QuoteText(view.comment) + "\n";
  if (!view.partitioning.columns.empty()) {
    text += "PARTITION BY (" +
            (view.partitioning.expression.empty() ? QuotedList(view.partitioning.columns)
                                                  : view.partitioning.expression) +
            ")\n";
  }
  text += PrintDistribution(view.distribution);
  if (!view.sort_columns.empty()) text += "ORDER BY (" + QuotedList(view.sort_columns) + ")\n";
  return text + PrintRefresh(view.refresh) + PrintProperties(view.properties) + "\nAS " +
         view.query + ";";
}

}  // namespace starlift::sandbox::ddl

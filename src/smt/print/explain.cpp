#include "smt/print/explain.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "starrocks/ddl_printer.h"

namespace starlift::smt {
namespace {

constexpr size_t kFields = 4;  // those that are padded; what is lost comes last
using Row = std::array<std::string, kFields + 1>;

std::string Sources(const PlannedTable& table) {
  if (!table.merged()) return table.source().id.ToString();
  return fmt::format("{} and {} more", table.source().id.ToString(), table.sources.size() - 1);
}

std::string KeyOf(const PlannedTable& table) {
  const std::string_view model = table.model == Model::kPrimaryKey     ? "PRIMARY KEY"
                                 : table.model == Model::kAggregateKey ? "AGGREGATE KEY"
                                                                       : "DUPLICATE KEY";
  return fmt::format("{} ({})", model, fmt::join(table.key, ", "));
}

Row RowOf(const PlannedColumn& column) {
  const ColumnType& type = *column.type;
  return {column.name(), column.source->native_type,
          type.starrocks + (column.nullable ? "" : " NOT NULL"),
          type.flink_source.empty() ? type.flink : type.flink_source + " → " + type.flink,
          type.lossy};
}

// Characters, near enough for padding.
size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

void PrintRow(const Row& row, const std::array<size_t, kFields>& widths, std::string& out) {
  std::string line = " ";
  for (size_t i = 0; i < kFields; ++i) {
    line += " " + row[i] + std::string(widths[i] - Width(row[i]) + 1, ' ');
  }
  line += " " + row[kFields];
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

std::string Explain(const Plan& plan) {
  std::string out;
  for (const PlannedTable& table : plan.tables) {
    fmt::format_to(std::back_inserter(out), "{}{}.{} from {}: {}, {} bucket{}, [table-rule.{}]\n",
                   out.empty() ? "" : "\n", starrocks::QuoteName(table.database),
                   starrocks::QuoteName(table.name), Sources(table), KeyOf(table), table.buckets,
                   table.buckets == 1 ? "" : "s", table.rule->name);
    std::vector<Row> rows = {{"column", "source", "StarRocks", "Flink", "lost"}};
    for (const PlannedColumn& column : table.columns) rows.push_back(RowOf(column));
    std::array<size_t, kFields> widths{};
    for (const Row& row : rows) {
      for (size_t i = 0; i < kFields; ++i) widths[i] = std::max(widths[i], Width(row[i]));
    }
    for (const Row& row : rows) PrintRow(row, widths, out);
  }
  return out;
}

}  // namespace starlift::smt

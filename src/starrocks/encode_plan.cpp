#include "starrocks/encode_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "starrocks/ddl_printer.h"

namespace starlift::starrocks {
namespace {

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// A name that no column has: a plain name that is a column would take the column's type.
std::string TemporaryName(const EncodePlan& plan, size_t column) {
  std::string name = fmt::format("sl_{}", column);
  const auto taken = [&](const ColumnPlan& other) { return EqualIgnoringCase(other.name, name); };
  while (std::any_of(plan.columns.begin(), plan.columns.end(), taken)) name += "_";
  return name;
}

// "`a`, `sl_1`, `b` = to_binary(`sl_1`, 'hex')": fields in order, then expressions.
std::string ColumnsHeader(const EncodePlan& plan, bool json) {
  std::string fields;
  std::string expressions;
  for (const ColumnPlan& column : plan.columns) {
    const bool binary = column.rule == CellRule::kBinary;
    const bool parsed = json && column.rule == CellRule::kJson;
    const std::string field = QuoteName(binary || parsed ? column.field : column.name);
    fields += (fields.empty() ? "" : ",") + field;
    if (binary) {
      expressions += fmt::format(",{}=to_binary({},'hex')", QuoteName(column.name), field);
    } else if (parsed) {
      expressions += fmt::format(",{}=parse_json({})", QuoteName(column.name), field);
    }
  }
  for (const std::string& column : plan.null_columns) {
    expressions += fmt::format(",{}=NULL", QuoteName(column));
  }
  return fields + expressions;
}

}  // namespace

void FinishEncodePlan(EncodePlan& plan, bool all_columns) {
  bool has_binary = false;
  bool has_json = false;
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    ColumnPlan& column = plan.columns[i];
    has_binary |= column.rule == CellRule::kBinary;
    has_json |= column.rule == CellRule::kJson;
    const bool computed = column.rule == CellRule::kBinary || column.rule == CellRule::kJson;
    column.field = computed ? TemporaryName(plan, i) : column.name;
  }
  // Left out where it would say nothing: a table of a thousand columns has more names than a
  // frontend takes headers.
  plan.csv_columns_header = all_columns && !has_binary ? "" : ColumnsHeader(plan, false);
  plan.json_columns_header =
      all_columns && !has_binary && !has_json ? "" : ColumnsHeader(plan, true);
}

}  // namespace starlift::starrocks

#include "sync/plan/plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/quantity.h"
#include "starrocks/ddl_printer.h"
#include "sync/progress/text_table.h"

namespace starlift::sync {

std::string_view TableActionName(TableAction action) {
  switch (action) {
    case TableAction::kCreate:
      return "create";
    case TableAction::kKeep:
      return "keep";
    case TableAction::kTruncate:
      return "truncate";
    case TableAction::kShare:
      return "share";
  }
  return "create";
}

bool Plan::has_errors() const {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity == Severity::kError; });
}

std::vector<std::string> PlanStatements(const Plan& plan) {
  std::vector<std::string> statements;
  for (const std::string& database : plan.create_databases) {
    statements.push_back(starrocks::PrintCreateDatabase(database));
  }
  for (const TablePlan& table : plan.tables) {
    if (table.action == TableAction::kCreate) {
      statements.push_back(starrocks::PrintCreateTable(table.mapping.target));
    } else if (table.action == TableAction::kTruncate) {
      statements.push_back(fmt::format("TRUNCATE TABLE {};", table.mapping.target.QuotedName()));
    }
  }
  return statements;
}

std::string RenderPlan(const Plan& plan) {
  TextTable table({{"source table"},
                   {"target table"},
                   {"action"},
                   {"model"},
                   {"rows (estimate)", TextTable::Align::kRight},
                   {"size (estimate)", TextTable::Align::kRight}});
  uint64_t rows = 0, bytes = 0;
  for (const TablePlan& each : plan.tables) {
    const Table& source = each.mapping.source;
    rows += source.row_estimate;
    bytes += source.byte_estimate;
    table.AddRow({source.id.ToString(), each.mapping.target.QuotedName(),
                  std::string(TableActionName(each.action)),
                  std::string(starrocks::TableModelName(each.mapping.target.model)),
                  FormatCount(source.row_estimate), FormatBytes(source.byte_estimate)});
  }
  table.AddTotal({fmt::format("{} tables", FormatCount(plan.tables.size())), "", "", "",
                  FormatCount(rows), FormatBytes(bytes)});
  return table.Render();
}

}  // namespace starlift::sync

#include "sync/plan/preparation.h"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "mapping/table_rules.h"

namespace starlift::sync {
namespace {

void Append(std::vector<Finding>& all, std::vector<Finding> part) {
  all.insert(all.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
}

std::vector<std::string> TargetDatabases(const Plan& plan) {
  std::set<std::string> databases;
  for (const TablePlan& table : plan.tables) databases.insert(table.mapping.target.database);
  return {databases.begin(), databases.end()};
}

std::string_view SeverityLabel(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kInfo:
      return "note";
  }
  return "note";
}

// Later lines of a text stand under its first.
std::string Indent(std::string_view text, size_t width) {
  std::string indented;
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented.append(width, ' ');
  }
  return indented;
}

}  // namespace

Result<TableFilter> MakeTableFilter(const TaskConfig& config) {
  SL_ASSIGN(TableFilter patterns,
            mapping::CompileTableFilter(config.tables, config.exclude_tables));
  return TableFilter([patterns, database = config.source.database](const TableId& id) {
    return (database.empty() || id.database == database) && patterns(id);
  });
}

Result<Preparation> Prepare(const TaskConfig& config, Source& source, TargetCatalog& target,
                            const OwnsTable& owns) {
  Preparation preparation;
  SL_ASSIGN(const TableFilter filter, MakeTableFilter(config));
  SL_ASSIGN(preparation.source_version, source.Describe());
  SL_ASSIGN(std::vector<Finding> source_findings, source.Check(filter, /*incremental=*/false));
  SL_ASSIGN(const Catalog catalog, source.ReadCatalog(filter));
  SL_ASSIGN(preparation.plan, BuildPlan(config, catalog, target, owns));
  std::vector<Finding>& findings = preparation.plan.findings;
  std::vector<Finding> plan_findings = std::move(findings);
  findings = std::move(source_findings);
  Append(findings, std::move(plan_findings));
  Append(findings, target.Check(TargetDatabases(preparation.plan)));
  return preparation;
}

std::string RenderFindings(const std::vector<Finding>& findings) {
  constexpr size_t kLabelWidth = 9;
  std::string text;
  for (const Severity severity : {Severity::kError, Severity::kWarning, Severity::kInfo}) {
    for (const Finding& finding : findings) {
      if (finding.severity != severity) continue;
      text += fmt::format("{:<{}}{}: {} [{}]\n", SeverityLabel(severity), kLabelWidth,
                          finding.subject, Indent(finding.message, kLabelWidth), finding.code);
      if (!finding.mend.empty()) {
        text += fmt::format("{:<{}}to mend it: {}\n", "", kLabelWidth,
                            Indent(finding.mend, kLabelWidth));
      }
    }
  }
  return text;
}

}  // namespace starlift::sync

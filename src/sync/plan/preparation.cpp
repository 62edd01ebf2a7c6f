#include "sync/plan/preparation.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "mapping/table_rules.h"
#include "sources/change_stream.h"
#include "sources/structure_only.h"
#include "sync/cascades/cascade_check.h"

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

// The source says of a table without a key what the mapping says too, of those that it maps so.
void DropRepetitions(std::vector<Finding>& of_source, const std::vector<Finding>& of_plan) {
  std::set<std::string_view> keyless;
  for (const Finding& finding : of_plan) {
    if (finding.code == "no-key") keyless.insert(finding.subject);
  }
  std::erase_if(of_source, [&](const Finding& finding) {
    return finding.code == "table-without-key" && keyless.contains(finding.subject);
  });
}

// Findings about the target as a whole say which one.
std::vector<Finding> NameTarget(const TaskConfig& config, std::vector<Finding> findings) {
  std::string place = "target";
  for (const starrocks::Endpoint& endpoint : config.target.query_endpoints) {
    place += ' ' + endpoint.ToString();
  }
  for (Finding& finding : findings) {
    if (finding.subject == "target") finding.subject = place;
  }
  return findings;
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

// As a run says it, who asks for the log of a source that has none.
void RefuseChanges(std::vector<Finding>& findings) {
  constexpr std::string_view kCode = "changes-not-read-yet";
  const bool said = std::any_of(findings.begin(), findings.end(),
                                [&](const Finding& each) { return each.code == kCode; });
  if (said) return;
  findings.push_back({Severity::kError, std::string(kCode), "source",
                      "this source has no log that can be followed",
                      "use --phases structure,full"});
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
                            const OwnsTable& owns, const PrepareOptions& options) {
  Preparation preparation;
  TableFilter filter = options.filter;
  if (!filter) {
    SL_ASSIGN(filter, MakeTableFilter(config));
  }
  SL_ASSIGN(preparation.source_version, source.Describe());
  SL_ASSIGN(std::vector<Finding> source_findings, source.Check(filter, options.incremental));
  if (options.incremental && source.log() == nullptr) RefuseChanges(source_findings);
  // Tables alone can be made of sources whose rows can't be read yet, too.
  if (std::find(config.phases.begin(), config.phases.end(), Phase::kFull) == config.phases.end()) {
    std::erase_if(source_findings,
                  [](const Finding& each) { return each.code == kRowsNotReadYet; });
  }
  if (options.catalog != nullptr) {
    preparation.catalog = *options.catalog;
  } else {
    SL_ASSIGN(preparation.catalog, source.ReadCatalog(filter));
  }
  SL_ASSIGN(preparation.plan, BuildPlan(config, preparation.catalog, target, owns, options.altered,
                                        options.others != nullptr ? *options.others : Catalog()));
  std::vector<Finding>& findings = preparation.plan.findings;
  std::vector<Finding> plan_findings = std::move(findings);
  findings = std::move(source_findings);
  DropRepetitions(findings, plan_findings);
  Append(findings, std::move(plan_findings));
  if (options.incremental && source.log() != nullptr) {
    SL_ASSIGN(const std::vector<CascadingKey> keys, source.log()->ReadCascadingKeys());
    std::vector<mapping::TableMapping> mappings;
    if (!keys.empty()) {
      for (const TablePlan& table : preparation.plan.tables) mappings.push_back(table.mapping);
    }
    Append(findings, FindCascades(keys, mappings));
  }
  Append(findings, NameTarget(config, target.Check(TargetDatabases(preparation.plan))));
  return preparation;
}

Status RequireNoErrors(const std::vector<Finding>& findings) {
  constexpr std::array<std::string_view, 3> kPorts = {"target-query-port", "target-http-port",
                                                      "target-backend-port"};
  size_t errors = 0, ports = 0;
  for (const Finding& finding : findings) {
    if (finding.severity != Severity::kError) continue;
    ++errors;
    ports += std::find(kPorts.begin(), kPorts.end(), finding.code) != kPorts.end() ? 1 : 0;
  }
  if (errors == 0) return {};
  if (errors == ports) return Error{ErrorKind::kUnreachable, "the target can't be reached"};
  return Error{ErrorKind::kCheck,
               errors == 1 ? std::string("one thing is not as it must be: see above")
                           : fmt::format("{} things are not as they must be: see above", errors)};
}

std::string RenderFindings(const std::vector<Finding>& findings, size_t most) {
  constexpr size_t kLabelWidth = 9;
  std::string text;
  size_t others = 0;
  for (const Severity severity : {Severity::kError, Severity::kWarning, Severity::kInfo}) {
    for (const Finding& finding : findings) {
      if (finding.severity != severity) continue;
      if (severity != Severity::kError && ++others > most) continue;
      text += fmt::format("{:<{}}{}: {} [{}]\n", SeverityLabel(severity), kLabelWidth,
                          finding.subject, Indent(finding.message, kLabelWidth), finding.code);
      if (!finding.mend.empty()) {
        text += fmt::format("{:<{}}to mend it: {}\n", "", kLabelWidth,
                            Indent(finding.mend, kLabelWidth));
      }
    }
  }
  if (others > most) {
    text += fmt::format("{:<{}}{} more; `starlift check` shows all\n", "and", kLabelWidth,
                        others - most);
  }
  return text;
}

}  // namespace starlift::sync

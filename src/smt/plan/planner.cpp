#include "smt/plan/planner.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "mapping/target_names.h"
#include "smt/plan/flink_names.h"
#include "smt/plan/notes.h"
#include "smt/plan/rule_groups.h"
#include "smt/plan/rule_notes.h"
#include "smt/plan/table_planner.h"
#include "starrocks/ddl_printer.h"

namespace starlift::smt {
namespace {

using starrocks::QuoteName;

std::string SourceList(const PlannedTable& table) {
  constexpr size_t kShown = 4;
  std::string list;
  for (size_t i = 0; i < std::min(kShown, table.sources.size()); ++i) {
    list += (i > 0 ? ", " : "") + table.sources[i]->id.ToString();
  }
  if (table.sources.size() > kShown) {
    list += fmt::format(" and {} more", table.sources.size() - kShown);
  }
  return list;
}

// Names that can't be made at the target, or would be made twice.
class NameChecks {
 public:
  explicit NameChecks(Form form) : form_(form) {}

  void Check(const PlannedTable& table) {
    Refuse(mapping::RefuseDatabaseName(table.database), QuoteName(table.database));
    Refuse(mapping::RefuseTableName(table.name), Place(table));
    for (const PlannedColumn& column : table.columns) {
      std::string why = mapping::RefuseColumnName(column.name());
      if (!why.empty()) Refuse(why, Place(table) + "." + QuoteName(column.name()));
    }
    const auto [found, added] = made_.try_emplace({table.database, table.name}, &table);
    if (!added) {
      errors_.push_back(fmt::format(
          "{} would be made twice: from {} by [table-rule.{}] and from {} by [table-rule.{}]",
          Place(table), SourceList(*found->second), found->second->rule->name, SourceList(table),
          table.rule->name));
    }
  }

  // What the target refuses is no reason to stop where the original wouldn't.
  std::vector<std::string> TakeErrors(Notes& notes) {
    if (form_ == Form::kRight) return std::move(errors_);
    for (std::string& error : errors_) notes.Add(std::move(error));
    return {};
  }

 private:
  static std::string Place(const PlannedTable& table) {
    return QuoteName(table.database) + "." + QuoteName(table.name);
  }
  void Refuse(const std::string& why, const std::string& place) {
    if (!why.empty()) errors_.push_back(fmt::format("{}: {}", place, why));
  }

  const Form form_;
  std::vector<std::string> errors_;
  std::map<std::pair<std::string, std::string>, const PlannedTable*> made_;
};

Error NothingToMake(const Config& config) {
  std::string patterns;
  for (const RuleConfig& rule : config.rules) {
    patterns += fmt::format("{}{} / {}", patterns.empty() ? "" : ", ", rule.database.text(),
                            rule.table.text());
  }
  return Error{
      .kind = ErrorKind::kUsage,
      .message =
          fmt::format("no table of the source matches a rule (database / table: {})", patterns),
      .where = config.path,
      .mend = "the patterns search, case-sensitively, in the names that this user may see"};
}

Error AsOneError(const std::vector<std::string>& errors, const Config& config) {
  constexpr size_t kShown = 20;
  std::string message = "these names can't be made in StarRocks";
  for (size_t i = 0; i < std::min(kShown, errors.size()); ++i) message += "\n  " + errors[i];
  if (errors.size() > kShown) {
    message += fmt::format("\n  and {} more", errors.size() - kShown);
  }
  return Error{.kind = ErrorKind::kUsage,
               .message = std::move(message),
               .where = config.path,
               .mend = "narrow the rules so that these tables are left out"};
}

void NoteMerge(const PlannedTable& table, Notes& notes) {
  notes.Add(
      fmt::format("[table-rule.{}] merges {} tables into {}.{}: {}; rows of equal keys "
                  "overwrite each other",
                  table.rule->name, table.sources.size(), QuoteName(table.database),
                  QuoteName(table.name), SourceList(table)));
}

}  // namespace

Result<Plan> MakePlan(const Config& config, const Dialect& dialect, const Catalog& catalog,
                      const DdlFacts& facts, const PlanOptions& options) {
  Plan plan;
  Notes notes;
  NameChecks names(options.form);
  TablePlanner planner(config, dialect, facts, options, plan.types, notes);
  std::vector<RuleGroup> groups = GroupByRule(catalog, config);
  NoteIdleRules(config, catalog, groups, notes);
  LeaveOutTablesWithoutColumns(groups, notes);
  size_t count = 0;
  for (const RuleGroup& group : groups) count += group.tables.size();
  if (count == 0) return NothingToMake(config);
  plan.tables.reserve(count);  // the checks keep pointers to them
  const auto add = [&](const RuleConfig& rule, std::vector<const Table*> sources) {
    plan.tables.push_back(planner.Plan(rule, std::move(sources)));
    const bool first = plan.tables.size() == 1 || (plan.tables.end() - 2)->rule != &rule;
    plan.tables.back().number_in_rule = first ? 0 : (plan.tables.end() - 2)->number_in_rule + 1;
    names.Check(plan.tables.back());
  };
  for (const RuleGroup& group : groups) {
    if (ShouldMerge(group, dialect, options.merge, options.form)) {
      add(*group.rule, group.tables);
      NoteMerge(plan.tables.back(), notes);
      if (options.form == Form::kRight) {
        NameFlinkSources(catalog, dialect, plan.tables.back(), notes);
      }
      continue;
    }
    NoteTablesKeptApart(group, dialect, options, notes);
    for (const Table* const table : group.tables) add(*group.rule, {table});
  }
  const std::vector<std::string> errors = names.TakeErrors(notes);
  if (!errors.empty()) return AsOneError(errors, config);
  plan.notes = notes.Lines();
  return plan;
}

}  // namespace starlift::smt

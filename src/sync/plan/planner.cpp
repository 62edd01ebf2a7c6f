#include "sync/plan/planner.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "starrocks/cluster.h"
#include "starrocks/table_comparison.h"

namespace starlift::sync {
namespace {

using mapping::TableMapping;

// The tables of one target database.
struct DatabaseContents {
  bool exists = false;
  std::unordered_set<std::string> tables;
};

class Planner {
 public:
  Planner(const TaskConfig& config, TargetCatalog& target, const OwnsTable& owns,
          const std::set<TableId>& altered)
      : config_(config), target_(target), owns_(owns), altered_(altered) {}

  Result<Plan> Build(const Catalog& catalog, const Catalog& others) {
    SL_ASSIGN(const mapping::MappingRequest request, MakeMappingRequest(config_, target_));
    SL_ASSIGN(mapping::Mappings mappings,
              mapping::BuildMappings(Together(catalog, others), request));
    plan_.findings = std::move(mappings.findings);
    SetAside(others, mappings.tables);
    for (TableMapping& mapping : mappings.tables) SL_TRY(AddTable(std::move(mapping)));
    if (catalog.tables.empty()) AddNoTables();
    return std::move(plan_);
  }

 private:
  static Catalog Together(Catalog catalog, const Catalog& others) {
    catalog.tables.insert(catalog.tables.end(), others.tables.begin(), others.tables.end());
    std::sort(catalog.tables.begin(), catalog.tables.end(),
              [](const Table& a, const Table& b) { return a.id < b.id; });
    return catalog;
  }

  // Their target tables are known, and what is to be said of them has been said.
  void SetAside(const Catalog& others, std::vector<TableMapping>& mappings) {
    std::set<TableId> ids;
    std::set<std::string> names;
    for (const Table& table : others.tables) {
      ids.insert(table.id);
      names.insert(table.id.ToString());
    }
    std::erase_if(mappings, [&](const TableMapping& mapping) {
      const bool other = ids.contains(mapping.source.id);
      if (other) planned_.insert(mapping.target.QuotedName());
      return other;
    });
    std::erase_if(plan_.findings, [&](const Finding& finding) {
      return finding.severity != Severity::kError && names.contains(finding.subject);
    });
  }

  Status AddTable(TableMapping mapping) {
    SL_ASSIGN(const DatabaseContents* database, Contents(mapping.target.database));
    for (Finding& warning : mapping.warnings) plan_.findings.push_back(std::move(warning));
    mapping.warnings.clear();
    TablePlan table{std::move(mapping), TableAction::kCreate};
    if (altered_.contains(table.mapping.source.id)) {
      table.action = TableAction::kKeep;
      table.target_is_new = false;
      plan_.tables.push_back(std::move(table));
      return {};
    }
    const starrocks::TargetTable& wanted = table.mapping.target;
    const bool seen = !planned_.insert(wanted.QuotedName()).second;
    if (database->tables.contains(wanted.name)) {
      table.target_is_new = false;
      SL_ASSIGN(const bool fits, FitExisting(table, seen));
      if (!fits) return {};
      if (seen) table.action = TableAction::kShare;
    } else if (seen) {
      table.action = TableAction::kShare;
    }
    plan_.tables.push_back(std::move(table));
    return {};
  }

  // False if the table can't be used; the finding is in the plan then. `shared`: another source
  // table lands there, whose rows they may be.
  Result<bool> FitExisting(TablePlan& table, bool shared) {
    TableMapping& mapping = table.mapping;
    SL_ASSIGN(const starrocks::TargetTable existing,
              target_.ReadTable(mapping.target.database, mapping.target.name));
    bool fits = true;
    for (const starrocks::TableDifference& difference :
         mapping::AdaptToExisting(existing, mapping)) {
      plan_.findings.push_back({difference.blocking ? Severity::kError : Severity::kWarning,
                                "target-table-differs", existing.QuotedName(), difference.message,
                                difference.mend});
      fits = fits && !difference.blocking;
    }
    if (!fits) return false;
    table.action = TableAction::kKeep;
    if (shared || owns_(existing.database, existing.name)) return true;
    if (config_.existing == ExistingTables::kAppend) return true;
    SL_ASSIGN(const bool holds_rows, target_.HoldsRows(existing));
    if (!holds_rows) return true;
    if (config_.existing == ExistingTables::kTruncate) {
      table.action = TableAction::kTruncate;
      return true;
    }
    plan_.findings.push_back(
        {Severity::kError, "target-table-holds-rows", existing.QuotedName(),
         "this task didn't make the table, and it holds rows",
         fmt::format("--existing append loads into it, --existing truncate empties it first; or "
                     "DROP TABLE {};",
                     existing.QuotedName())});
    return false;
  }

  Result<const DatabaseContents*> Contents(const std::string& database) {
    const auto known = databases_.find(database);
    if (known != databases_.end()) return &known->second;
    DatabaseContents contents;
    SL_ASSIGN(contents.exists, target_.DatabaseExists(database));
    if (contents.exists) {
      SL_ASSIGN(std::vector<std::string> tables, target_.ListTables(database));
      contents.tables.insert(std::make_move_iterator(tables.begin()),
                             std::make_move_iterator(tables.end()));
    } else {
      plan_.create_databases.push_back(database);
    }
    return &databases_.emplace(database, std::move(contents)).first->second;
  }

  void AddNoTables() {
    std::string what =
        config_.source.database.empty()
            ? "the source has no table that can be seen"
            : fmt::format(
                  "the source's database `{}` isn't there, or has no table that can be seen",
                  config_.source.database);
    if (!config_.tables.empty()) {
      what += fmt::format(" and that --tables '{}' takes", fmt::join(config_.tables, "' or '"));
    }
    if (!config_.exclude_tables.empty()) {
      what += fmt::format(" and that --exclude-tables '{}' leaves",
                          fmt::join(config_.exclude_tables, "' and '"));
    }
    plan_.findings.push_back({Severity::kError, "no-tables", "source", what,
                              "see the names with SHOW TABLES; a pattern matches `table` or "
                              "`database.table` as a whole, in upper and lower case as written"});
  }

  const TaskConfig& config_;
  TargetCatalog& target_;
  const OwnsTable& owns_;
  const std::set<TableId>& altered_;
  Plan plan_;
  std::map<std::string, DatabaseContents> databases_;
  std::set<std::string> planned_;
};

}  // namespace

Result<mapping::MappingRequest> MakeMappingRequest(const TaskConfig& config,
                                                   TargetCatalog& target) {
  SL_ASSIGN(const starrocks::ClusterFacts facts, target.ReadFacts());
  mapping::MappingRequest request;
  request.options = config.mapping;
  request.rules = config.rules;
  request.default_database = config.target.database;
  request.replication_num = starrocks::ChooseReplicationNum(config.target, facts);
  request.random_distribution = starrocks::SupportsRandomDistribution(facts);
  return request;
}

Result<Plan> BuildPlan(const TaskConfig& config, const Catalog& catalog, TargetCatalog& target,
                       const OwnsTable& owns, const std::set<TableId>& altered,
                       const Catalog& others) {
  return Planner(config, target, owns, altered).Build(catalog, others);
}

}  // namespace starlift::sync

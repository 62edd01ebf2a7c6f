#include "smt/apply.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "smt/print/starrocks_sql.h"
#include "smt/target_endpoint.h"
#include "starrocks/session.h"
#include "starrocks/table_comparison.h"
#include "starrocks/table_reader.h"

namespace starlift::smt {
namespace {

// One StarRocks and what is known to be there.
class Target {
 public:
  explicit Target(const starrocks::TargetConfig& config) : session_(config) {}

  Status Apply(const PlannedTable& table, Form form, bool dry_run, ApplyReport& report) {
    SL_ASSIGN(const Tables* const there, TablesOf(table.database, dry_run));
    std::string sql;
    PrintCreateTable(table, form, sql);
    if (there->contains(table.name)) return Compare(table, sql, report);
    if (!dry_run) SL_TRY(session_.Execute(sql));
    ++report.made;
    return {};
  }

 private:
  using Tables = std::set<std::string>;

  // Makes the database if it isn't there.
  Result<const Tables*> TablesOf(const std::string& database, bool dry_run) {
    const auto [found, added] = databases_.try_emplace(database);
    if (!added) return &found->second;
    SL_ASSIGN(const bool exists, starrocks::DatabaseExists(session_, database));
    if (exists) {
      SL_ASSIGN(const std::vector<std::string> names, starrocks::ListTables(session_, database));
      found->second.insert(names.begin(), names.end());
    } else if (!dry_run) {
      std::string sql;
      PrintCreateDatabase(database, sql);
      SL_TRY(session_.Execute(sql));
    }
    return &found->second;
  }

  Status Compare(const PlannedTable& table, const std::string& sql, ApplyReport& report) {
    SL_ASSIGN(const starrocks::TargetTable existing,
              starrocks::ReadTable(session_, table.database, table.name));
    SL_ASSIGN(const starrocks::TargetTable wanted,
              starrocks::ParseCreateTable(sql, table.database));
    const auto differences = starrocks::CompareTables(existing, wanted);
    for (const starrocks::TableDifference& difference : differences) {
      report.lines.push_back(fmt::format(
          "{} {}{}", existing.QuotedName(), difference.message,
          difference.mend.empty() ? std::string() : "; to mend it: " + difference.mend));
    }
    ++(differences.empty() ? report.fitting : report.differing);
    return {};
  }

  starrocks::Session session_;
  std::map<std::string, Tables> databases_;
};

// Rules that name the same StarRocks share a session.
std::string Address(const starrocks::TargetConfig& config) {
  std::string address = config.user;
  for (const starrocks::Endpoint& endpoint : config.query_endpoints) {
    address += "@" + endpoint.ToString();
  }
  return address;
}

}  // namespace

Result<ApplyReport> ApplyPlan(const Plan& plan, Form form, bool dry_run) {
  ApplyReport report;
  std::map<std::string, Target> targets;
  for (const PlannedTable& table : plan.tables) {
    SL_ASSIGN(const starrocks::TargetConfig config, TargetOf(*table.rule));
    Target& target = targets.try_emplace(Address(config), config).first->second;
    Status applied = target.Apply(table, form, dry_run, report);
    if (!applied.ok()) {
      return std::move(applied.error())
          .At(fmt::format("`{}`.`{}` ({} tables were made before it)", table.database, table.name,
                          report.made));
    }
  }
  return report;
}

}  // namespace starlift::smt

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "load/changes/keyless_world.h"
#include "sync/simulation/planted_bug.h"
#include "sync/simulation/scenario.h"
#include "sync/target_catalog.h"

namespace starlift::sync {

// StarRocks in memory: tables that statements make and alter, with the rows that KeylessWorld
// loads into them. An ALTER takes its time, and waits for transactions that have begun.
class SimulatedCluster {
 public:
  SimulatedCluster(const Scenario& scenario, load::SimulatedClock& clock, PlantedBug bug,
                   Trace& trace);

  load::KeylessWorld& loads() { return rows_; }
  const std::map<std::string, starrocks::TargetTable>& tables() const { return tables_; }
  // The rows in these columns, as text, in order; nullopt if a column or the table isn't there.
  std::optional<std::vector<std::string>> Rows(const std::string& table,
                                               const std::vector<std::string>& columns);
  // Someone empties the database.
  void DropAll();

  // ---- statements ----

  Status Execute(std::string_view sql);
  bool has_database() const { return has_database_; }
  Result<starrocks::TargetTable> ReadTable(const std::string& table);
  bool HoldsRows(const std::string& table);
  std::optional<starrocks::AlterJob> LastJob(const std::string& table);
  // Whether the answer to the next statement gets lost, and with it, perhaps, the statement.
  enum class Loss { kNone, kBefore, kAfter };
  Loss NextLoss();

 private:
  struct Job {
    starrocks::AlterJob told;
    std::chrono::milliseconds ends{0};
    std::vector<std::string> clauses;  // done when it ends
  };
  class Statement;

  // What has its time is done.
  void Advance();
  Status Create(std::string_view sql);
  Status Alter(const std::string& table, Statement& statement);
  Status StartJob(const std::string& table, std::vector<std::string> clauses);
  Status Apply(const std::string& table, const std::string& clause);
  void Drop(const std::string& table);
  void Rename(const std::string& from, const std::string& to);
  void Swap(const std::string& a, const std::string& b);
  // ---- columns, of the definition and of the rows ----
  void AddColumn(const std::string& table, const starrocks::TargetColumn& column);
  void DropColumn(const std::string& table, const std::string& column);
  void RenameColumn(const std::string& table, const std::string& from, const std::string& to);
  // The rows' table has what the definition says.
  void Describe(const std::string& table);

  load::SimulatedClock& clock_;
  load::Dice dice_;
  const PlantedBug bug_;
  LaneQueue load_faults_, statement_faults_;
  load::KeylessWorld rows_;
  bool has_database_ = false;
  std::map<std::string, starrocks::TargetTable> tables_;
  std::map<std::string, Job> jobs_;  // the last of each table
  uint64_t last_job_ = 0;
  Trace& trace_;
};

// The SQL side as one life of the task sees it.
class MortalCatalog : public TargetCatalog {
 public:
  // `before_alter` is called before an ALTER TABLE is executed.
  MortalCatalog(SimulatedCluster& cluster, load::CrashSwitch& crash,
                std::function<void()> before_alter)
      : cluster_(cluster), crash_(crash), before_alter_(std::move(before_alter)) {}

  std::vector<Finding> Check(const std::vector<std::string>&) override { return {}; }
  Result<starrocks::ClusterFacts> ReadFacts() override {
    return starrocks::ClusterFacts{{3, 5, 0, "3.5.0"}, 1};
  }
  Result<bool> DatabaseExists(std::string_view) override { return cluster_.has_database(); }
  Result<std::vector<std::string>> ListTables(std::string_view) override {
    std::vector<std::string> names;
    for (const auto& [name, table] : cluster_.tables()) names.push_back(name);
    return names;
  }
  Result<starrocks::TargetTable> ReadTable(std::string_view, std::string_view table) override {
    return cluster_.ReadTable(std::string(table));
  }
  Result<bool> HoldsRows(const starrocks::TargetTable& table) override {
    return cluster_.HoldsRows(table.name);
  }
  Status Execute(std::string_view sql) override;
  Result<std::optional<starrocks::AlterJob>> ReadLastAlterJob(std::string_view,
                                                              std::string_view table) override {
    return cluster_.LastJob(std::string(table));
  }

 private:
  SimulatedCluster& cluster_;
  load::CrashSwitch& crash_;
  const std::function<void()> before_alter_;
};

}  // namespace starlift::sync

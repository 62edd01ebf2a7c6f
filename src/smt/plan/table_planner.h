#pragma once

#include <string>
#include <vector>

#include "smt/dialect.h"
#include "smt/model.h"
#include "smt/plan/columns.h"
#include "smt/plan/notes.h"
#include "smt/plan/planner.h"
#include "smt/plan/sizes.h"

namespace starlift::smt {

// Plans one target table at a time, of one source table or of several that are merged. One thread;
// what it is given must outlive it.
class TablePlanner {
 public:
  TablePlanner(const Config& config, const Dialect& dialect, const DdlFacts& facts,
               const PlanOptions& options, std::deque<ColumnType>& types, Notes& notes);

  PlannedTable Plan(const RuleConfig& rule, std::vector<const Table*> sources);

 private:
  bool compat() const { return options_.form == Form::kCompat; }
  const TableDdlFacts* FactsOf(const Table& table) const;
  TableSize SizeOf(const PlannedTable& table) const;
  std::string Place(const PlannedTable& table) const;

  void Name(PlannedTable& table) const;
  void NameMerged(PlannedTable& table) const;
  void ChooseModel(PlannedTable& table);
  void KeepKeyOrDropIt(const PlannedTable& table, std::vector<ColumnIndex>& key);
  void MakeColumns(PlannedTable& table, const std::vector<ColumnIndex>& key);
  std::vector<ColumnIndex> SortKeyOf(const PlannedTable& table);
  std::vector<ColumnIndex> UsersSortKey(const PlannedTable& table);
  void Distribute(PlannedTable& table);
  void Partition(PlannedTable& table);
  void SetProperties(PlannedTable& table);

  const Config& config_;
  const Dialect& dialect_;
  const DdlFacts& facts_;
  const PlanOptions& options_;
  Notes& notes_;
  ColumnPlanner columns_;
};

}  // namespace starlift::smt

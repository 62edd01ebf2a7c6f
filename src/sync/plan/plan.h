#pragma once

#include <string>
#include <vector>

#include "data/finding.h"
#include "mapping/table_mapping.h"

namespace starlift::sync {

// What the structure phase does about one table.
enum class TableAction {
  kCreate,    // it isn't there
  kKeep,      // it is there and fits
  kTruncate,  // it is there and fits, holds rows that aren't ours, and the user said so
  kShare,     // an earlier entry of the plan makes it: several source tables land in it
};
std::string_view TableActionName(TableAction action);

struct TablePlan {
  mapping::TableMapping mapping;
  TableAction action = TableAction::kCreate;
  // No row can be in the target table: it is made by this plan.
  bool target_is_new = true;
};

// What a run will do, as far as it can be known beforehand. Plain data.
struct Plan {
  std::vector<std::string> create_databases;
  std::vector<TablePlan> tables;  // in the catalog's order
  // Warnings are said and passed by; an error forbids to start.
  std::vector<Finding> findings;

  bool has_errors() const;
};

// The statements that the structure phase would run, in order, each ending with ";".
std::vector<std::string> PlanStatements(const Plan& plan);

// For people: what goes where, how many rows, what is to be known.
std::string RenderPlan(const Plan& plan);

}  // namespace starlift::sync

#pragma once

#include <vector>

#include "smt/plan/notes.h"
#include "smt/plan/planner.h"
#include "smt/plan/rule_groups.h"

// What the rules took, and what of it the user may not expect.
namespace starlift::smt {

// Takes tables without a column out of the groups, and groups without a table. PostgreSQL has such
// tables; of others, the user may see the table and none of its columns.
void LeaveOutTablesWithoutColumns(std::vector<RuleGroup>& groups, Notes& notes);

// Rules that take no table.
void NoteIdleRules(const Config& config, const Catalog& catalog,
                   const std::vector<RuleGroup>& groups, Notes& notes);

// A rule whose tables the original makes one, and which stay apart here.
void NoteTablesKeptApart(const RuleGroup& group, const Dialect& dialect, const PlanOptions& options,
                         Notes& notes);

}  // namespace starlift::smt

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "sources/source.h"
#include "sync/config/task_config.h"
#include "sync/plan/planner.h"
#include "sync/target_catalog.h"

namespace starlift::sync {

// What `check` finds and `sync` starts from.
struct Preparation {
  std::string source_version;  // "MariaDB 10.11.6"
  Catalog catalog;             // that the plan is made from
  Plan plan;                   // its findings are all findings: source's, mapping's, target's
};

struct PrepareOptions {
  bool incremental = false;  // the source's log is to be followed
  // The tables as they are taken to be, instead of the source's catalog of now: those of a
  // checkpoint.
  const Catalog* catalog = nullptr;
  // Tables whose schema change isn't finished: they aren't compared with what is at the target.
  std::set<TableId> altered = {};
  // Which tables are meant; none: those that the config's patterns take.
  TableFilter filter = nullptr;
  // Tables that the task follows already, as BuildPlan takes them.
  const Catalog* others = nullptr;
};

// Asks both ends everything that decides whether the task can run: the source's preconditions, its
// catalog, the mapping, the tables at the target, the target's preconditions. Changes nothing. An
// error means that an end could not be asked at all: kUnreachable, or kRefused for a bad login.
Result<Preparation> Prepare(const TaskConfig& config, Source& source, TargetCatalog& target,
                            const OwnsTable& owns, const PrepareOptions& options);

// The patterns of the config and the source's database in one.
Result<TableFilter> MakeTableFilter(const TaskConfig& config);

// What forbids to start, as the error that ends a run: kUnreachable if nothing else is wrong than
// that a port of the target doesn't answer, else kCheck. Ok where there are no errors.
Status RequireNoErrors(const std::vector<Finding>& findings);

// Findings with what mends each, errors first. Empty text for no findings. `most`: so many that are
// no errors, then only their number.
std::string RenderFindings(const std::vector<Finding>& findings, size_t most = SIZE_MAX);

}  // namespace starlift::sync

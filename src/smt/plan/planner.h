#pragma once

#include <chrono>

#include "base/result.h"
#include "smt/dialect.h"
#include "smt/model.h"
#include "smt/plan/shards.h"

namespace starlift::smt {

struct PlanOptions {
  Form form = Form::kRight;
  MergeRule merge = MergeRule::kNumbered;
  // Merged tables of databases without schemas are named database__table, as the original does,
  // and not by the table alone, as its documents say.
  bool shard_names_with_database = false;
  std::chrono::sys_seconds now;
};

// What becomes of the tables of the catalog. kUsage if nothing is to be made, or two things would
// have one name; all such errors in one text, a line each. `config` and `catalog` must outlive the
// plan.
Result<Plan> MakePlan(const Config& config, const Dialect& dialect, const Catalog& catalog,
                      const DdlFacts& facts, const PlanOptions& options);

}  // namespace starlift::smt

#pragma once

#include <span>
#include <string>

#include "smt/dialect.h"
#include "smt/model.h"

namespace starlift::smt {

// Files that do what a rule's flink-create file does, in other ways. `tables` are all of one rule.

// A pipeline of Flink CDC 3.x: one job for all tables.
std::string PrintFlinkPipeline(std::span<const PlannedTable> tables, const Config& config,
                               const Dialect& dialect);

// A task of `starlift sync`: no Flink at all. Empty if the rule names no StarRocks.
std::string PrintStarliftTask(std::span<const PlannedTable> tables, const Config& config,
                              const Dialect& dialect);

}  // namespace starlift::smt

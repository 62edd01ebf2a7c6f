#pragma once

#include <span>
#include <string>

#include "smt/dialect.h"
#include "smt/model.h"

namespace starlift::smt {

// What a rule's flink-create file does, as a task of `starlift sync`: no Flink at all. Empty if the
// rule names no StarRocks. `tables` are all of one rule.
std::string PrintStarliftTask(std::span<const PlannedTable> tables, const Config& config,
                              const Dialect& dialect);

}  // namespace starlift::smt

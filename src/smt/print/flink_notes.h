#pragma once

#include <span>
#include <string>
#include <vector>

#include "smt/dialect.h"
#include "smt/model.h"

namespace starlift::smt {

// What the user has to do before the Flink jobs of one rule's tables (not empty) run, a line each.
// `first` is the request for the source of the rule's first table.
std::vector<std::string> FlinkNotes(std::span<const PlannedTable> tables, const Dialect& dialect,
                                    const FlinkSourceRequest& first);

}  // namespace starlift::smt

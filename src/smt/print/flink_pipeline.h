#pragma once

#include <span>
#include <string>

#include "smt/dialect.h"
#include "smt/model.h"

namespace starlift::smt {

struct FlinkPipeline {
  std::string text;     // empty: the pipeline can carry none of the tables
  size_t left_out = 0;  // tables, each named in the text with the reason
};

// What a rule's flink-create file does, as a pipeline of Flink CDC 3.x: one job for all tables.
// `tables` are all of one rule.
FlinkPipeline PrintFlinkPipeline(std::span<const PlannedTable> tables, const Config& config,
                                 const Dialect& dialect, FlinkCdcVersion version);

}  // namespace starlift::smt

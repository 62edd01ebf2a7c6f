#pragma once

#include <string>
#include <string_view>

#include "smt/dialect.h"
#include "smt/model.h"

// What a pipeline of Flink CDC 3.x into StarRocks can't do that the SQL connectors can, as
// its 3.2.0 release showed when it was run (tests/judges/test_pipeline.py) and later ones document
// it.
namespace starlift::smt {

// Whether the pipeline's connectors know an option of flink.cdc.* or flink.starrocks.*; they refuse
// the whole file for one that they don't know.
bool PipelineSourceKnows(std::string_view option);
bool PipelineSinkKnows(std::string_view option);

// Since when TINYINT(1) need not be a BOOLEAN.
inline constexpr FlinkCdcVersion kTinyintOption{3, 3};

// Why the pipeline can't bring a table's rows as they are, naming the column; empty: it can.
std::string PipelineProblem(const PlannedTable& table, const Dialect& dialect);

}  // namespace starlift::smt

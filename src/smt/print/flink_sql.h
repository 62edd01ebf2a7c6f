#pragma once

#include <string>

#include "smt/dialect.h"
#include "smt/model.h"

// Statements for Flink's SQL client, appended to `out` without their final ";". Names and values
// are quoted as Flink's parser reads them.
namespace starlift::smt {

// The tables' options, in the order in which they are printed.
FlinkOptions SourceOptions(const FlinkSourceRequest& request, const Dialect& dialect);
FlinkOptions SinkOptions(const PlannedTable& table, Form form);

// How many source tables fill the sink; none where Flink's own catalog has the tables (Hive).
size_t SourceCount(const PlannedTable& table, const Dialect& dialect, Form form);

void PrintFlinkDatabase(const PlannedTable& table, std::string& out);
void PrintFlinkSource(const FlinkSourceRequest& request, const Dialect& dialect, std::string& out);
void PrintFlinkSink(const PlannedTable& table, Form form, std::string& out);
void PrintFlinkInsert(const PlannedTable& table, const Dialect& dialect, Form form,
                      std::string& out);

}  // namespace starlift::smt

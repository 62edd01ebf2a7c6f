#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/dml.h"
#include "sandbox/query/query_analyzer.h"

// What INSERT, UPDATE and DELETE share: finding the table, and running rows and label in one
// commit.
namespace starlift::sandbox::query {

struct DmlTarget {
  catalog::DatabasePtr database;
  catalog::TablePtr table;
};

// [[catalog.]database.]table. Errors: 5501, 5078, "Table x is not found", and
// for materialized views that they can't be written.
Result<DmlTarget> FindDmlTarget(const QueryEnvironment& environment,
                                const std::vector<std::string>& name, std::string_view verb);

// The privilege on the target and SELECT on all that was read, once the statement is known to be
// right.
Status RequireDml(const AnalysisContext& context, const DmlTarget& target,
                  std::string_view privilege);

AnalysisContext DmlContext(const QueryEnvironment& environment);

// A fresh label such as "insert_<uuid>".
std::string GeneratedLabel(std::string_view prefix);
Status CheckLabel(const std::string& label);

// Does the work on one DuckDB connection inside the transaction; gives the rows that it wrote. May
// be called again after a write conflict.
struct WorkResult {
  int64_t rows = 0;
  int64_t filtered = 0;
};
using DmlWork = std::function<Result<WorkResult>(Connection& connection, int64_t transaction_id)>;

// Begins the label, runs `work` under the table's lock, and commits rows and label together; or, in
// an explicit transaction, adds to it.
Result<DmlOutcome> RunDml(const QueryEnvironment& environment, const DmlTarget& target,
                          std::string label, ExplicitTransaction* open, const DmlWork& work);

// DuckDB texts of generated columns over the physical names of the others: (column, sql).
Result<std::vector<std::pair<const catalog::ColumnDef*, std::string>>> GeneratedColumns(
    const catalog::TableDef& table);

// A name for a temporary table that no other statement of the connection uses.
std::string StageName();

Result<DmlOutcome> ExecuteInsert(const QueryEnvironment& environment, const InsertStatement& insert,
                                 ExplicitTransaction* open, bool analyze_only);
Result<DmlOutcome> ExecuteUpdate(const QueryEnvironment& environment, const UpdateStatement& update,
                                 bool analyze_only);
Result<DmlOutcome> ExecuteDelete(const QueryEnvironment& environment,
                                 const DeleteStatement& statement, bool analyze_only);

}  // namespace starlift::sandbox::query

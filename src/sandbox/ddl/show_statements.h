#pragma once

#include "sandbox/ddl/statement_context.h"

// One function per kind of SHOW; show.cpp chooses.
namespace starlift::sandbox::ddl {

StatementOutcome ShowDatabases(const StatementContext& context, const sql::ShowObjects& show);
StatementOutcome ShowTables(const StatementContext& context, const sql::ShowObjects& show);
StatementOutcome ShowTableStatus(const StatementContext& context, const sql::ShowObjects& show);
StatementOutcome ShowMaterializedViews(const StatementContext& context,
                                       const sql::ShowObjects& show);

StatementOutcome ShowCreateDatabase(const StatementContext& context, const sql::ShowObjects& show);
StatementOutcome ShowCreateTable(const StatementContext& context, const sql::ShowObjects& show);

StatementOutcome ShowColumns(const StatementContext& context, const sql::ShowObjects& show);
StatementOutcome Describe(const StatementContext& context, const sql::ShowObjects& show);
StatementOutcome ShowIndexes(const StatementContext& context, const sql::ShowObjects& show);

StatementOutcome ShowPartitions(const StatementContext& context, const sql::ShowObjects& show);
StatementOutcome ShowDynamicPartitionTables(const StatementContext& context,
                                            const sql::ShowObjects& show);
StatementOutcome ShowData(const StatementContext& context, const sql::ShowObjects& show);
StatementOutcome ShowTablets(const StatementContext& context, const sql::ShowObjects& show);

StatementOutcome ShowAlterJobs(const StatementContext& context, const sql::ShowObjects& show);

// The database that SHOW … FROM db names, or the session's.
Result<std::string> ShownDatabase(const StatementContext& context, const sql::ShowObjects& show);
// The table of SHOW … FROM t [FROM db].
Result<TableName> ShownTable(const StatementContext& context, const sql::ShowObjects& show);

// "2026-01-02 03:04:05" in UTC.
std::string TimeText(int64_t unix_ms);
// "0.000 B", "1.500 KB": sizes as SHOW DATA prints them; and "0B", "1.5KB" of SHOW PARTITIONS.
std::string SizeText(int64_t bytes);
std::string ShortSizeText(int64_t bytes);

}  // namespace starlift::sandbox::ddl

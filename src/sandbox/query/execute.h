#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "sandbox/query/row_encoder.h"
#include "sandbox/query/typed.h"
#include "sandbox/sql/token.h"
#include "sandbox/storage/storage.h"
#include "sandbox/storage/transaction_ledger.h"

namespace starlift::sandbox::query {

// Everything that a statement of a session needs. Pointers outlive the statement.
struct QueryEnvironment {
  catalog::Catalog* catalog = nullptr;
  Storage* storage = nullptr;
  TransactionLedger* ledger = nullptr;
  const ddl::SessionContext* session = nullptr;
  const SessionValues* values = nullptr;
  SystemTables* system_tables = nullptr;
  // The session's own, for reading.
  Connection* connection = nullptr;
  const Parameters* parameters = nullptr;
  // enable_insert_strict: rows that do not fit fail the INSERT; otherwise they are left out or
  // NULL.
  bool strict_insert = true;
  // Sets values of an AUTO_INCREMENT column aside (load/auto_increment.h); null: none at hand.
  Result<int64_t> (*reserve_auto_increment)(Storage& storage, int64_t table_id,
                                            int64_t count) = nullptr;
  // sql_select_limit; negative: none.
  int64_t select_limit = -1;
};

// SELECT, WITH, VALUES or a parenthesis that begins a query.
bool IsQuery(std::span<const sql::Token> tokens);

// Runs a query and gives its rows to `sink`; returns their number.
Result<uint64_t> ExecuteQuery(const QueryEnvironment& environment, std::string_view text,
                              std::span<const sql::Token> tokens, RowSink* sink);

// What PREPARE answers: the number of ? and the columns, without running anything.
struct QueryShape {
  int parameters = 0;
  std::vector<sql::ResultColumn> columns;
};
Result<QueryShape> DescribeQuery(const QueryEnvironment& environment, std::string_view text,
                                 std::span<const sql::Token> tokens);

// EXPLAIN of a query or DML: analyses it, then gives lines that look like a plan.
Result<std::vector<std::string>> ExplainStatement(const QueryEnvironment& environment,
                                                  std::string_view text,
                                                  std::span<const sql::Token> tokens);

// A scalar expression without columns, evaluated: for SET.
Result<SessionValues::Value> EvaluateConstant(const QueryEnvironment& environment,
                                              const Expr& expression);

}  // namespace starlift::sandbox::query

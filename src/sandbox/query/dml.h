#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sandbox/query/execute.h"

namespace starlift::sandbox::query {

// What INSERT, UPDATE and DELETE report.
struct DmlOutcome {
  uint64_t rows = 0;
  uint64_t filtered = 0;
  std::string label;
  int64_t transaction_id = 0;
  std::string status = "VISIBLE";
};

// Rows of an INSERT inside BEGIN … COMMIT wait in the session; see explicit_transaction.h.
class ExplicitTransaction;

// INSERT, UPDATE or DELETE, also WITH … UPDATE.
bool IsDml(std::span<const sql::Token> tokens);

// Runs one, atomically: the rows and the label's VISIBLE are one commit. `open` is the session's
// transaction, or null.
Result<DmlOutcome> ExecuteDml(const QueryEnvironment& environment, std::string_view text,
                              std::span<const sql::Token> tokens, ExplicitTransaction* open);

// Only the checks, for EXPLAIN.
Status AnalyzeDml(const QueryEnvironment& environment, std::string_view text,
                  std::span<const sql::Token> tokens);

// Parses a query or DML statement and nothing more.
Status CheckSyntax(std::string_view text, std::span<const sql::Token> tokens);

}  // namespace starlift::sandbox::query

#pragma once

#include <string_view>

#include "base/result.h"
#include "sandbox/frontend/session.h"
#include "sandbox/query/row_encoder.h"
#include "sandbox/sql/result.h"

namespace starlift::sandbox::frontend {

// Runs one statement of a session. Rows of queries go to `sink` as they come; all other results are
// returned. `streamed` tells which it was.
struct StatementOutcome {
  bool streamed = false;
  sql::StatementResult result;
};
Result<StatementOutcome> ExecuteStatement(Session* session, std::string_view text,
                                          const query::Parameters* parameters,
                                          query::RowSink* sink);

// Whether the statement can be parsed, as far as that can be told without running it.
Status CheckSyntax(std::string_view text);

}  // namespace starlift::sandbox::frontend

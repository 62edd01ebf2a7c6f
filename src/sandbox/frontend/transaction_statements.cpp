#include "sandbox/frontend/statements.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::TokenReader;

StatementResult Describe(const query::ExplicitTransaction& transaction, std::string_view status) {
  StatementResult result = StatementResult::Ok();
  result.info = "{'label':'" + transaction.label() + "', 'status':'" + std::string(status) +
                "', 'txnId':'" + std::to_string(transaction.id()) + "'}";
  return result;
}

}  // namespace

Result<StatementResult> ExecuteTransaction(Session* session, TokenReader* reader) {
  std::unique_ptr<query::ExplicitTransaction>& open = session->transaction();
  if (reader->Accept("COMMIT")) {
    reader->Accept("WORK");
    SL_TRY(reader->ExpectEnd());
    if (!open) return StatementResult::Ok();
    const StatementResult result = Describe(*open, "VISIBLE");
    const Status committed = open->Commit();
    open.reset();
    if (!committed.ok()) return Status(committed).error();
    return result;
  }
  if (reader->Accept("ROLLBACK")) {
    reader->Accept("WORK");
    SL_TRY(reader->ExpectEnd());
    if (!open) return StatementResult::Ok();
    const StatementResult result = Describe(*open, "ABORTED");
    const Status ended = open->Rollback();
    open.reset();
    if (!ended.ok()) return Status(ended).error();
    return result;
  }
  if (reader->Accept("BEGIN")) {
    reader->Accept("WORK");
  } else {
    SL_TRY(reader->Expect("START"));
    SL_TRY(reader->Expect("TRANSACTION"));
    if (reader->Accept("WITH")) SL_TRY(reader->Expect({"CONSISTENT", "SNAPSHOT"}));
  }
  SL_TRY(reader->ExpectEnd());
  if (!open) {  // a second BEGIN goes on with the first
    const ServerEnvironment& environment = session->server().environment;
    open =
        query::ExplicitTransaction::Begin(environment.ledger, environment.storage, session->user());
  }
  return Describe(*open, "PREPARE");
}

}  // namespace starlift::sandbox::frontend

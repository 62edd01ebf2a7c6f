// Statements about things that this endpoint does not have: functions, backups, routine loads,
// nodes. Each is refused in the frontend's words.
#include "sandbox/frontend/statements.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::TokenReader;

Result<StatementResult> DropFunction(Session* session, TokenReader* reader) {
  SL_ASSIGN(const bool if_exists, reader->IfExists());
  SL_ASSIGN(const sql::QualifiedName name, reader->ObjectName());
  std::string arguments;
  SL_TRY(reader->Expect("("));
  while (!reader->AtEnd() && !reader->Sees({")"})) arguments += reader->Take().value;
  SL_TRY(reader->Expect(")"));
  if (if_exists) return StatementResult::Ok();
  const std::string database = name.parts.size() > 1 ? name.parts[0] : session->current_database();
  return sql::AnalyzeError(sql::code::kUnknownFunction, "Unknown function '" + database + "." +
                                                            name.last() + "(" + arguments + ")'");
}

Result<StatementResult> AlterSystem(Session* session, TokenReader* reader) {
  SL_TRY(session->RequireSystem("NODE"));
  const bool add = reader->Accept("ADD");
  const bool drop = !add && reader->Accept("DROP");
  if (!add && !drop && !reader->Accept("DECOMMISSION") && !reader->Accept("MODIFY")) {
    return reader->Unexpected("'ADD', 'DROP', 'DECOMMISSION', 'MODIFY'");
  }
  std::string kind;
  while (reader->Peek().IsWord()) kind = reader->Take().value;
  SL_ASSIGN(const std::string host, reader->Text());
  const size_t colon = host.rfind(':');
  if (colon == std::string::npos) return sql::AnalyzeError("Invalid host port: " + host);
  if (!add) {
    std::string lower = kind;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return sql::SqlError(sql::code::kGeneric, lower + " does not exists[" + host + "]");
  }
  return sql::SqlError(sql::code::kGeneric, "nodes cannot be added to this endpoint");
}

Error UnknownRepository(const std::string& name) {
  return sql::AnalyzeError(sql::code::kCommon, "Repository [" + name + "] does not exist");
}

Result<StatementResult> Snapshot(TokenReader* reader, std::string_view preposition) {
  SL_TRY(reader->Expect("SNAPSHOT"));
  SL_ASSIGN([[maybe_unused]] const sql::QualifiedName name, reader->ObjectName());
  SL_TRY(reader->Expect(preposition));
  SL_ASSIGN(const std::string repository, reader->Name());
  return UnknownRepository(repository);
}

// A table named by a statement; `words` for one that isn't there.
Result<catalog::TablePtr> FindTable(Session* session, TokenReader* reader,
                                    bool unknown_table_code) {
  SL_ASSIGN(const sql::QualifiedName name, reader->ObjectName());
  const std::string database =
      name.parts.size() > 1 ? name.parts[name.parts.size() - 2] : session->current_database();
  catalog::TablePtr table =
      session->server().environment.ddl->catalog->FindTable(database, name.last());
  if (table) return table;
  if (unknown_table_code)
    return sql::SqlError(sql::code::kUnknownTable, "Unknown table '" + name.last() + "'");
  return sql::AnalyzeError("Table " + name.last() + " is not found");
}

Result<StatementResult> RoutineLoad(Session* session, TokenReader* reader) {
  if (reader->Accept({"CREATE", "ROUTINE", "LOAD"})) {
    SL_ASSIGN([[maybe_unused]] const sql::QualifiedName job, reader->ObjectName());
    SL_TRY(reader->Expect("ON"));
    SL_ASSIGN([[maybe_unused]] const catalog::TablePtr table, FindTable(session, reader, true));
    return sql::AnalyzeError("Routine load is not supported by this endpoint");
  }
  reader->Take();
  SL_TRY(reader->Expect({"ROUTINE", "LOAD"}));
  reader->Accept("FOR");
  SL_ASSIGN(const sql::QualifiedName job, reader->ObjectName());
  return sql::AnalyzeError(sql::code::kRoutineLoad, "Routine load job [" + job.last() +
                                                        "] not found when checking privilege");
}

Result<StatementResult> SubmitTask(TokenReader* reader) {
  while (!reader->AtEnd() && !reader->Sees({"AS"})) reader->Take();
  SL_TRY(reader->Expect("AS"));
  if (!reader->Sees({"INSERT"}) && !reader->Sees({"CREATE"})) {
    return reader->Unexpected("'INSERT', 'CREATE', 'DESC', 'EXPLAIN', 'DESCRIBE'");
  }
  return sql::AnalyzeError("Tasks are not supported by this endpoint");
}

}  // namespace

Result<StatementResult> ExecuteRefused(Session* session, TokenReader* reader) {
  const sql::Token begin = reader->Peek();
  if (reader->Sees({"CREATE", "FUNCTION"}) || reader->Sees({"CREATE", "GLOBAL", "FUNCTION"}) ||
      reader->Sees({"CREATE", "AGGREGATE", "FUNCTION"})) {
    return sql::AnalyzeError(
        "UDF is not enabled in FE, please configure enable_udf=true in fe/conf/fe.conf");
  }
  if (reader->Accept({"DROP", "FUNCTION"}) || reader->Accept({"DROP", "GLOBAL", "FUNCTION"})) {
    return DropFunction(session, reader);
  }
  if (reader->Accept({"ALTER", "SYSTEM"})) return AlterSystem(session, reader);
  if (reader->Accept("BACKUP")) return Snapshot(reader, "TO");
  if (reader->Accept("RESTORE")) return Snapshot(reader, "FROM");
  if (reader->Accept({"DROP", "REPOSITORY"})) {
    SL_ASSIGN(const std::string name, reader->Name());
    return UnknownRepository(name);
  }
  if (reader->Accept({"EXPORT", "TABLE"})) {
    SL_ASSIGN([[maybe_unused]] const catalog::TablePtr table, FindTable(session, reader, false));
    return sql::AnalyzeError("Export is not supported by this endpoint");
  }
  if (reader->Sees({"CREATE", "ROUTINE", "LOAD"}) || reader->Peek(1).Is("ROUTINE"))
    return RoutineLoad(session, reader);
  if (reader->Accept({"CANCEL", "LOAD"}))
    return sql::SqlError(sql::code::kGeneric, "Load job does not exist");
  if (reader->Accept({"CANCEL", "EXPORT"}))
    return sql::SqlError(sql::code::kGeneric, "Export job does not exist");
  if (reader->Accept({"CANCEL", "BACKUP"}) || reader->Accept({"CANCEL", "RESTORE"})) {
    return sql::SqlError(sql::code::kGeneric, "No backup or restore job is currently running");
  }
  if (reader->Accept({"SUBMIT"})) return SubmitTask(reader);
  const bool cut = reader->Accept("CREATE") || reader->Accept("ALTER") || reader->Accept("DROP") ||
                   reader->Accept("LOAD") || reader->Accept("CANCEL");
  if (!cut) reader->Take();
  return reader->NoViable(begin);
}

}  // namespace starlift::sandbox::frontend

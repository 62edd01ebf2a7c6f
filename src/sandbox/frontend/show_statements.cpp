// SHOW of variables, sessions and what MySQL clients ask of any server.
#include "sandbox/frontend/statements.h"
#include "sandbox/query/value_text.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::TokenReader;

Result<StatementResult> Finish(TokenReader* reader, size_t like_column, StatementResult result) {
  SL_ASSIGN(const ShowFilter filter, ParseShowFilter(reader));
  SL_TRY(reader->ExpectEnd());
  ApplyShowFilter(filter, like_column, &result);
  return result;
}

Result<StatementResult> Variables(Session* session, TokenReader* reader, std::string_view scope) {
  StatementResult result = ShowResult({"Variable_name", "Value"}, 60);
  for (const VariableDef& variable : VariableDefinitions()) {
    std::string value = session->VariableText(scope, variable.name);
    if (std::string_view(variable.name) == "version_comment") value = kStarRocksVersion;
    result.rows.push_back({variable.name, std::move(value)});
  }
  return Finish(reader, 0, std::move(result));
}

Result<StatementResult> ProcessList(Session* session, TokenReader* reader) {
  reader->Accept("FOR");
  SL_TRY(reader->ExpectEnd());
  StatementResult result =
      ShowResult({"ServerName", "Id", "User", "Host", "Db", "Command", "ConnectionStartTime",
                  "Time", "State", "Info", "IsPending", "Warehouse", "CNGroup"},
                 60);
  const bool all = session->HasSystemPrivilege("OPERATE");
  for (const SessionRegistry::Entry& entry : session->server().sessions.List()) {
    if (!all && entry.user != session->user()) continue;
    const bool busy = entry.command == "Query";
    result.rows.push_back(
        {"fe1", std::to_string(entry.id), entry.user, entry.host, entry.database, entry.command,
         query::DateTimeText(entry.connected_ms / 1000 * 1'000'000), std::to_string(entry.seconds),
         busy ? "RUNNING" : "OK", entry.statement, "false", "default_warehouse", ""});
  }
  return result;
}

Result<StatementResult> Charset(TokenReader* reader) {
  StatementResult result =
      ShowResult({"Charset", "Description", "Default collation", "Maxlen"}, 60);
  result.rows.push_back({"utf8", "UTF-8 Unicode", "utf8_general_ci", "3"});
  return Finish(reader, 0, std::move(result));
}

Result<StatementResult> Collation(TokenReader* reader) {
  StatementResult result =
      ShowResult({"Collation", "Charset", "Id", "Default", "Compiled", "Sortlen"}, 60);
  result.rows.push_back({"utf8_general_ci", "utf8", "33", "Yes", "Yes", "1"});
  return Finish(reader, 0, std::move(result));
}

Result<StatementResult> Engines(TokenReader* reader) {
  SL_TRY(reader->ExpectEnd());
  StatementResult result =
      ShowResult({"Engine", "Support", "Comment", "Transactions", "XA", "Savepoints"}, 192);
  result.rows.push_back({"OLAP", "YES", "Default storage engine of StarRocks", "NO", "NO", "NO"});
  result.rows.push_back({"MySQL", "YES", "MySQL server which data is in it", "NO", "NO", "NO"});
  result.rows.push_back(
      {"ELASTICSEARCH", "YES", "ELASTICSEARCH cluster which data is in it", "NO", "NO", "NO"});
  result.rows.push_back({"HIVE", "YES", "HIVE database which data is in it", "NO", "NO", "NO"});
  result.rows.push_back(
      {"ICEBERG", "YES", "ICEBERG data lake which data is in it", "NO", "NO", "NO"});
  return result;
}

Result<StatementResult> Status(TokenReader* reader) {
  StatementResult result = ShowResult({"Variable_name", "Value"}, 60);
  return Finish(reader, 0, std::move(result));
}

Result<StatementResult> Warnings(TokenReader* reader) {
  if (reader->Accept("LIMIT")) {
    SL_ASSIGN([[maybe_unused]] const int64_t count, reader->Integer());
    if (reader->Accept(",")) {
      SL_ASSIGN([[maybe_unused]] const int64_t more, reader->Integer());
    }
  }
  SL_TRY(reader->ExpectEnd());
  return ShowResult({"Level", "Code", "Message"}, 60);
}

Result<StatementResult> Privileges(TokenReader* reader) {
  SL_TRY(reader->ExpectEnd());
  StatementResult result = ShowResult({"Privilege", "Context", "Comment"}, 192);
  return result;
}

}  // namespace

Result<StatementResult> ExecuteShow(Session* session, TokenReader* reader) {
  const sql::Token begin = reader->Take();
  if (auto cluster = ShowCluster(session, reader)) return std::move(*cluster);
  if (auto loads = ShowLoads(session, reader)) return std::move(*loads);
  if (auto empty = ShowEmpty(session, reader)) return std::move(*empty);
  if (reader->Accept("VARIABLES")) return Variables(session, reader, "");
  if (reader->Accept({"GLOBAL", "VARIABLES"})) return Variables(session, reader, "GLOBAL");
  if (reader->Accept({"SESSION", "VARIABLES"}) || reader->Accept({"LOCAL", "VARIABLES"})) {
    return Variables(session, reader, "");
  }
  if (reader->Accept("PROCESSLIST") || reader->Accept({"FULL", "PROCESSLIST"}))
    return ProcessList(session, reader);
  if (reader->Accept("CHARSET") || reader->Accept({"CHARACTER", "SET"}) ||
      reader->Accept({"CHAR", "SET"})) {
    return Charset(reader);
  }
  if (reader->Accept("COLLATION")) return Collation(reader);
  if (reader->Accept("ENGINES") || reader->Accept({"STORAGE", "ENGINES"})) return Engines(reader);
  if (reader->Accept("STATUS") || reader->Accept({"GLOBAL", "STATUS"}) ||
      reader->Accept({"SESSION", "STATUS"}) || reader->Accept({"LOCAL", "STATUS"})) {
    return Status(reader);
  }
  if (reader->Accept("WARNINGS") || reader->Accept("ERRORS")) return Warnings(reader);
  if (reader->Accept("PRIVILEGES")) return Privileges(reader);
  return reader->NoViable(begin);
}

}  // namespace starlift::sandbox::frontend

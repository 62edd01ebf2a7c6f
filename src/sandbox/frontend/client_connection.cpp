#include "sandbox/frontend/client_connection.h"

#include <openssl/rand.h>

#include "base/log.h"
#include "sandbox/sql/error.h"
#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::frontend {
namespace {

using wire::mysql::PayloadReader;
using wire::mysql::PayloadWriter;

constexpr int kMaxScrambleByte = 93;  // printable, never zero, '!' upwards

std::string RandomScramble() {
  std::string scramble(kScrambleBytes, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(scramble.data()), static_cast<int>(scramble.size()));
  for (char& c : scramble)
    c = static_cast<char>('!' + static_cast<unsigned char>(c) % kMaxScrambleByte);
  return scramble;
}

Error DeniedLogin(const LoginRequest& login) {
  return sql::SqlError(sql::code::kAccessDeniedLogin,
                       "Access denied for user '" + login.user +
                           "' (using password: " + (login.response.empty() ? "NO" : "YES") + ")");
}

// As the frontend names commands that it knows and does not do.
std::string UnsupportedName(Command command) {
  switch (command) {
    case Command::kStatistics:
      return "Statistics";
    case Command::kDebug:
      return "Debug";
    case Command::kProcessKill:
      return "Kill";
    case Command::kStatementSendLongData:
      return "Long Data";
    case Command::kStatementFetch:
      return "Fetch";
    default:
      return "Sleep";
  }
}

}  // namespace

ClientConnection::ClientConnection(ServerState* server, wire::Socket socket)
    : server_(*server),
      id_(server->sessions.NextId()),
      host_(socket.PeerAddress()),
      scramble_(RandomScramble()),
      channel_(std::move(socket)),
      session_(server, id_, host_) {
  session_.set_shutdown([this] { channel_.socket().Shutdown(); });
}

ClientConnection::~ClientConnection() = default;

void ClientConnection::Close() { session_.Kill(true); }

uint16_t ClientConnection::StatusFlags(bool more) const {
  return static_cast<uint16_t>(kServerStatusAutocommit | (more ? kServerMoreResults : 0));
}

Status ClientConnection::SendOk(const sql::StatementResult& result, bool more) {
  SL_TRY(channel_.WritePayload(OkPayload(result, StatusFlags(more))));
  return more ? Status() : channel_.Flush();
}

Status ClientConnection::SendError(const Error& error) {
  SL_TRY(channel_.WritePayload(ErrorPayload(error)));
  return channel_.Flush();
}

void ClientConnection::Run() {
  Status status = session_.Open();
  if (status.ok()) status = LogIn();
  if (!status.ok()) {
    LogDebug("login from {}: {}", host_, status.error().message);
    return;
  }
  server_.sessions.Add(&session_);
  bool goes_on = true;
  while (goes_on && status.ok() && !session_.killed()) status = ReadCommand(&goes_on);
  server_.sessions.Remove(&session_);
}

Status ClientConnection::LogIn() {
  SL_TRY(channel_.WritePayload(HandshakePayload(id_, scramble_)));
  SL_TRY(channel_.Flush());
  SL_ASSIGN(const std::string_view payload, channel_.ReadPayload());
  SL_ASSIGN(LoginRequest login, ParseLogin(payload));
  capabilities_ = login.capabilities;
  return Authenticate(std::move(login));
}

Status ClientConnection::Authenticate(LoginRequest login) {
  const bool other_plugin = !login.plugin.empty() && login.plugin != kNativePassword;
  if (other_plugin) {
    SL_TRY(channel_.WritePayload(AuthSwitchPayload(scramble_)));
    SL_TRY(channel_.Flush());
    SL_ASSIGN(const std::string_view response, channel_.ReadPayload());
    login.response = response;
  }
  if (!server_.environment.users->CheckScramble(login.user, scramble_, login.response)) {
    const Error denied = DeniedLogin(login);
    SL_TRY(SendError(denied));
    return denied;
  }
  session_.Reset(login.user);
  if (!login.database.empty()) {
    Status used = session_.UseDatabase(login.database);
    if (!used.ok()) {
      SL_TRY(SendError(Status(used).error()));
      return used;
    }
  }
  return SendOk();
}

Status ClientConnection::ReadCommand(bool* goes_on) {
  channel_.ResetSequence();
  SL_ASSIGN(const std::string_view payload, channel_.ReadPayload());
  if (payload.empty()) return Error{ErrorKind::kData, "empty command packet"};
  const auto command = static_cast<Command>(payload[0]);
  if (command == Command::kQuit) {
    *goes_on = false;
    return {};
  }
  const std::string argument(payload.substr(1));  // the view dies with the next read
  return HandleCommand(command, argument);
}

Status ClientConnection::HandleCommand(Command command, std::string_view argument) {
  switch (command) {
    case Command::kQuery:
      return HandleQuery(argument);
    case Command::kInitDatabase: {
      Status used = session_.UseDatabase(argument);
      return used.ok() ? SendOk() : SendError(used.error());
    }
    case Command::kPing:
      return SendOk();
    case Command::kFieldList:
      return HandleFieldList(argument);
    case Command::kChangeUser: {
      SL_ASSIGN(LoginRequest login, ParseChangeUser(argument, capabilities_));
      prepared_.Clear();
      return Authenticate(std::move(login));
    }
    case Command::kResetConnection: {
      prepared_.Clear();
      const std::string database = session_.current_database();
      session_.Reset(session_.user());
      session_.set_current_database(database);
      return SendOk();
    }
    case Command::kStatementPrepare:
      return HandlePrepare(argument);
    case Command::kStatementExecute:
      return HandleExecute(argument);
    case Command::kStatementReset:
      return SendOk();
    case Command::kStatementClose: {
      PayloadReader reader(argument);
      prepared_.Remove(reader.U32());
      return {};  // has no answer
    }
    case Command::kStatementSendLongData:
      return {};  // has no answer either; the execution fails for want of the value
    case Command::kStatistics:
    case Command::kDebug:
    case Command::kProcessKill:
    case Command::kStatementFetch:
    case Command::kSleep:
      return SendError(sql::SqlError(sql::code::kGeneric,
                                     "Unsupported command(" + UnsupportedName(command) + ")"));
    default:
      return SendError(sql::SqlError(sql::code::kUnknownCommand, "Unknown command(null)"));
  }
}

Status ClientConnection::RunOne(std::string_view text, const query::Parameters* parameters,
                                bool binary, bool more, bool* failed) {
  ResultSetWriter writer(&channel_, binary);
  session_.BeginStatement(text);
  auto outcome = ExecuteStatement(&session_, text, parameters, &writer);
  session_.EndStatement();
  if (!outcome.ok()) {
    *failed = true;
    return SendError(outcome.error());
  }
  const sql::StatementResult& result = outcome->result;
  if (!outcome->streamed && !result.has_rows) return SendOk(result, more);
  if (!outcome->streamed) {
    SL_TRY(writer.Columns(result.columns));
    for (const sql::ResultRow& row : result.rows) SL_TRY(writer.Row(row));
  }
  SL_TRY(writer.Finish(result.warnings, StatusFlags(more)));
  return more ? Status() : channel_.Flush();
}

// Several statements in one text are executed in order, each with its own result, although the
// capability is not announced; the first error ends them.
Status ClientConnection::HandleQuery(std::string_view text) {
  const std::vector<std::string_view> statements = sql::SplitStatements(text);
  if (statements.size() > 1) {  // the whole text is parsed before anything of it runs
    for (const std::string_view statement : statements) {
      const Status parsed = CheckSyntax(statement);
      if (!parsed.ok()) return SendError(Status(parsed).error());
    }
  }
  bool failed = false;
  for (size_t i = 0; i < statements.size() && !failed; ++i) {
    SL_TRY(RunOne(statements[i], nullptr, false, i + 1 < statements.size(), &failed));
  }
  return {};
}

Status ClientConnection::HandleFieldList(std::string_view argument) {
  const std::string name(argument.substr(0, argument.find('\0')));
  const std::string database = session_.current_database();
  if (database.empty()) {
    return SendError(sql::SqlError(sql::code::kNoDatabaseSelected, "No database selected"));
  }
  catalog::TablePtr table = session_.system_tables()->Find(database, name);
  if (!table) table = server_.environment.ddl->catalog->FindTable(database, name);
  if (!table) return SendError(sql::SqlError(sql::code::kGeneric, "Unknown table(" + name + ")"));
  for (const catalog::ColumnDef& column : table->columns) {
    SL_TRY(
        channel_.WritePayload(ColumnPayload(catalog::WireColumn(column.name, column.type), true)));
  }
  SL_TRY(channel_.WritePayload(EofPayload(0, StatusFlags(false))));
  return channel_.Flush();
}

Status ClientConnection::HandlePrepare(std::string_view text) {
  const std::vector<sql::Token> tokens = sql::Tokenize(text);
  if (!query::IsQuery(tokens)) {
    return SendError(
        sql::SqlError(sql::code::kUnsupportedPrepared,
                      "This command is not supported in the prepared statement protocol yet"));
  }
  auto shape = query::DescribeQuery(session_.QueryEnvironmentFor(nullptr), text, tokens);
  if (!shape.ok()) return SendError(shape.error());
  const PreparedStatement& statement =
      prepared_.Add(std::string(text), shape->parameters, shape->columns.size());
  PayloadWriter writer;
  writer.U8(0).U32(statement.id).U16(static_cast<uint16_t>(shape->columns.size()));
  writer.U16(static_cast<uint16_t>(shape->parameters)).U8(0).U16(0);
  SL_TRY(channel_.WritePayload(writer.payload()));
  sql::ResultColumn parameter;
  parameter.name = "?";
  for (int i = 0; i < shape->parameters; ++i)
    SL_TRY(channel_.WritePayload(ColumnPayload(parameter)));
  if (shape->parameters > 0) SL_TRY(channel_.WritePayload(EofPayload(0, StatusFlags(false))));
  for (const sql::ResultColumn& column : shape->columns)
    SL_TRY(channel_.WritePayload(ColumnPayload(column)));
  if (!shape->columns.empty()) SL_TRY(channel_.WritePayload(EofPayload(0, StatusFlags(false))));
  return channel_.Flush();
}

Status ClientConnection::HandleExecute(std::string_view argument) {
  PayloadReader reader(argument);
  PreparedStatement* statement = prepared_.Find(reader.U32());
  if (statement == nullptr) {
    return SendError(sql::SqlError(1243, "Unknown prepared statement handler given to EXECUTE"));
  }
  auto parameters = ParseExecuteParameters(argument, statement);
  if (!parameters.ok()) return SendError(parameters.error());
  bool failed = false;
  return RunOne(statement->text, &*parameters, true, false, &failed);
}

}  // namespace starlift::sandbox::frontend

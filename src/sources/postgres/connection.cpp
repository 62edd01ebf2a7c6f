#include "sources/postgres/connection.h"

#include <charconv>
#include <optional>
#include <utility>

#include <poll.h>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace starlift::postgres {
namespace {

using Clock = std::chrono::steady_clock;

// search_path makes format_type() and pg_get_expr() qualify all names but the system's own.
constexpr std::string_view kSetup =
    "SET client_encoding = 'UTF8'; SET search_path = ''; SET TimeZone = 'UTC'; "
    "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET statement_timeout = 0; "
    "SET lock_timeout = '60s'; SET standard_conforming_strings = on";

std::string FirstLine(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return std::string(text);
}

// In verbose messages the state stands between two colons, whatever language the rest is in:
// "FATAL:  28P01: password authentication failed for user …".
struct ServerMessage {
  std::string sqlstate;
  std::string text;
};

ServerMessage TakeApart(std::string_view message) {
  constexpr size_t kStateLength = 5;
  constexpr std::string_view kBefore = ":  ";
  for (size_t at = message.find(kBefore); at != std::string_view::npos;
       at = message.find(kBefore, at + 1)) {
    const std::string_view rest = message.substr(at + kBefore.size());
    if (rest.size() < kStateLength + 2 || rest.substr(kStateLength, 2) != ": ") continue;
    return {std::string(rest.substr(0, kStateLength)), FirstLine(rest.substr(kStateLength + 2))};
  }
  return {"", FirstLine(message)};
}

Error ConnectError(const std::string& message, const ConnectOptions& options,
                   const std::string& database) {
  const ServerMessage server = TakeApart(message);
  Error error{.kind = ErrorKind::kUnreachable,
              .message = server.text,
              .where = fmt::format("PostgreSQL at {}:{}", options.host, options.port)};
  if (server.sqlstate.empty()) {
    error.mend = "see that the server runs, and that listen_addresses and the firewall let us in";
    return error;
  }
  error.message += fmt::format(" (SQLSTATE {})", server.sqlstate);
  if (server.sqlstate == "3D000") {
    error.kind = ErrorKind::kNotFound;
    error.mend = "see the names with: SELECT datname FROM pg_database;";
  } else if (server.sqlstate == "28P01") {
    error.kind = ErrorKind::kRefused;
    error.mend = "give the right user and password";
  } else if (server.sqlstate.starts_with("28")) {
    error.kind = ErrorKind::kRefused;
    error.mend = fmt::format(
        "add to pg_hba.conf: host \"{}\" \"{}\" <our address>/32 scram-sha-256; then SELECT "
        "pg_reload_conf();",
        database, options.user);
  } else if (server.sqlstate == "55000") {
    error.kind = ErrorKind::kRefused;
    error.mend =
        fmt::format("ALTER DATABASE {} ALLOW_CONNECTIONS true;", QuoteIdentifier(database));
  } else if (server.sqlstate.starts_with("42")) {
    error.kind = ErrorKind::kRefused;
    error.mend = fmt::format("GRANT CONNECT ON DATABASE {} TO {};", QuoteIdentifier(database),
                             QuoteIdentifier(options.user));
  }
  return error;
}

Error QueryError(const PGresult* result, const PGconn* connection) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* text =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (state == nullptr) {
    return Error{.kind = ErrorKind::kUnreachable,
                 .message = FirstLine(PQerrorMessage(connection)),
                 .where = "PostgreSQL"};
  }
  return Error{.kind = ErrorKind::kRefused,
               .message = fmt::format("{} (SQLSTATE {})", text == nullptr ? "" : text, state),
               .where = "PostgreSQL"};
}

// Follows libpq's own state machine, as only so the verbosity can be set before the login.
Status AwaitLogin(PGconn* connection, Clock::time_point deadline) {
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) return Error{ErrorKind::kRefused, ""};
    pollfd waiting{.fd = PQsocket(connection),
                   .events = static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT),
                   .revents = 0};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) == 0) {
      return Error{ErrorKind::kUnreachable, "the server didn't answer in time"};
    }
    state = PQconnectPoll(connection);
  }
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  return {};
}

}  // namespace

Rows::Rows(pg_result* result) : result_(result), size_(static_cast<size_t>(PQntuples(result))) {}

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

bool Rows::IsNull(size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) == 1;
}

std::string_view Rows::Text(size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column),
          static_cast<size_t>(PQgetlength(result_.get(), at, column))};
}

int64_t Rows::Number(size_t row, int column) const {
  const std::string_view text = Text(row, column);
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void Connection::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Result<Connection> Connection::Open(const ConnectOptions& options, const std::string& database,
                                    ConnectionPurpose purpose) {
  const std::string port = std::to_string(options.port);
  std::vector<std::pair<const char*, const char*>> parameters = {
      {"host", options.host.c_str()},
      {"port", port.c_str()},
      {"user", options.user.c_str()},
      {"password", options.password.c_str()},
      {"dbname", database.c_str()},
      {"sslmode", options.sslmode.c_str()},
      {"sslrootcert", options.sslrootcert.c_str()},
      {"sslcert", options.sslcert.c_str()},
      {"sslkey", options.sslkey.c_str()},
      {"client_encoding", "UTF8"},
      {"application_name", "starlift"},
      {"gssencmode", "disable"},
      {"keepalives_idle", "30"},
  };
  if (purpose == ConnectionPurpose::kReplication) {
    parameters.emplace_back("replication", "database");
  }
  std::vector<const char*> names, values;
  for (const auto& [name, value] : parameters) {
    if (*value == '\0') continue;
    names.push_back(name);
    values.push_back(value);
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  Handle handle(PQconnectStartParams(names.data(), values.data(), 0));
  if (handle == nullptr) return Error{ErrorKind::kInternal, "libpq has no memory"};
  if (PQstatus(handle.get()) == CONNECTION_BAD) {
    return ConnectError(PQerrorMessage(handle.get()), options, database);
  }
  const Status login = AwaitLogin(handle.get(), Clock::now() + options.connect_timeout);
  if (!login.ok()) {
    const std::string message =
        login.error().message.empty() ? PQerrorMessage(handle.get()) : login.error().message;
    return ConnectError(message, options, database);
  }
  Connection connection(std::move(handle));
  if (purpose == ConnectionPurpose::kQueries) {
    SL_TRY(connection.QueryAll(std::string(kSetup)));
  }
  return connection;
}

Result<std::vector<Rows>> Connection::QueryAll(const std::string& statements) {
  PGconn* const connection = connection_.get();
  if (PQsendQuery(connection, statements.c_str()) != 1) return QueryError(nullptr, connection);
  std::vector<Rows> answers;
  std::optional<Error> error;
  // All must be taken, also after an error, or the connection can't be used again.
  while (PGresult* result = PQgetResult(connection)) {
    const ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK) {
      answers.emplace_back(result);
      continue;
    }
    if (status != PGRES_COMMAND_OK && !error) error = QueryError(result, connection);
    PQclear(result);
  }
  if (error) return std::move(*error);
  return answers;
}

Result<Rows> Connection::Query(const std::string& statement) {
  SL_ASSIGN(std::vector<Rows> answers, QueryAll(statement));
  if (answers.size() != 1) {
    return Error{ErrorKind::kInternal, "a statement didn't return one set of rows", "PostgreSQL"};
  }
  return std::move(answers.front());
}

Status Connection::VisitAll(const std::string& statements, std::span<const RowVisitor> visitors) {
  PGconn* const connection = connection_.get();
  if (PQsendQuery(connection, statements.c_str()) != 1 || PQsetSingleRowMode(connection) != 1) {
    return QueryError(nullptr, connection);
  }
  size_t statement = 0;
  std::optional<Error> error;
  while (PGresult* const result = PQgetResult(connection)) {
    const Rows rows(result);
    switch (PQresultStatus(result)) {
      case PGRES_SINGLE_TUPLE:
        if (statement < visitors.size()) visitors[statement](rows, 0);
        break;
      case PGRES_TUPLES_OK:  // the end of a statement's rows
        ++statement;
        break;
      case PGRES_COMMAND_OK:
        break;
      default:
        if (!error) error = QueryError(result, connection);
    }
  }
  if (error) return std::move(*error);
  if (statement == visitors.size()) return {};
  return Error{ErrorKind::kInternal, "the statements returned another number of answers",
               "PostgreSQL"};
}

int Connection::version_number() const { return PQserverVersion(connection_.get()); }

bool Connection::is_tls() const { return PQsslInUse(connection_.get()) == 1; }

std::string QuoteLiteral(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

}  // namespace starlift::postgres

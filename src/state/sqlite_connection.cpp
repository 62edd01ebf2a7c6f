#include "state/sqlite_connection.h"

#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace starlift::state {
namespace {

constexpr int kBusyTimeoutMs = 20'000;

Error DescribeError(int code, std::string_view detail, const std::string& path) {
  Error error{ErrorKind::kIo, fmt::format("state file {}: {}", path, detail)};
  error.native_code = code;
  switch (code & 0xff) {
    case SQLITE_FULL:
      error.mend = "make room on the disk and run the same command again; nothing is lost";
      break;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      error.mend =
          "make the folder and the files in it writable for this user, or give another --home";
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      error.mend =
          "put the file back from a backup, or move it away: the task then starts anew, and the "
          "tables that it made are to be dropped or taken over with --existing truncate";
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      error.kind = ErrorKind::kConflict;
      error.mend = "end the other program that has the file open";
      break;
    case SQLITE_IOERR:
      error.mend = "see the system log for the disk; a full quota looks like this too";
      break;
    default:
      break;
  }
  return error;
}

}  // namespace

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}

SqliteStatement::~SqliteStatement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

SqliteStatement& SqliteStatement::Bind(int index, int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int index, std::string_view text) {
  // A null pointer would bind NULL.
  sqlite3_bind_text64(statement_, index, text.data() == nullptr ? "" : text.data(), text.size(),
                      SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

SqliteStatement& SqliteStatement::BindBlob(int index, std::string_view bytes) {
  sqlite3_bind_blob64(statement_, index, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
  return *this;
}

SqliteStatement& SqliteStatement::BindNull(int index) {
  sqlite3_bind_null(statement_, index);
  return *this;
}

Result<bool> SqliteStatement::Step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_->LastError();
}

Status SqliteStatement::Run() {
  while (true) {
    SL_ASSIGN(const bool row, Step());
    if (!row) return {};
  }
}

int64_t SqliteStatement::Integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view SqliteStatement::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string_view{} : std::string_view(bytes, static_cast<size_t>(size));
}

bool SqliteStatement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path) {
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &database,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  if (code != SQLITE_OK) {
    Error error =
        DescribeError(code, database == nullptr ? "out of memory" : sqlite3_errmsg(database), path);
    sqlite3_close(database);
    return error;
  }
  sqlite3_busy_timeout(database, kBusyTimeoutMs);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(database, path));
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

Result<SqliteStatement> SqliteConnection::Prepare(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr && sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                                 &statement, nullptr) != SQLITE_OK) {
    return LastError();
  }
  return SqliteStatement(*this, statement);
}

Status SqliteConnection::Execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return LastError();
  return {};
}

int64_t SqliteConnection::last_insert_id() const { return sqlite3_last_insert_rowid(database_); }

int64_t SqliteConnection::changes() const { return sqlite3_changes64(database_); }

Error SqliteConnection::LastError() const {
  return DescribeError(sqlite3_extended_errcode(database_), sqlite3_errmsg(database_), path_);
}

}  // namespace starlift::state

#include "sources/sqlserver/connection.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>
#include <utility>

#include <sys/mman.h>
#include <unistd.h>

#include <fmt/format.h>
#include <sybdb.h>

namespace starlift::sqlserver {
namespace {

constexpr int kLoginFailed = 18456;
constexpr int kCannotOpenDatabase = 4060;
constexpr int kErrorSeverity = 11;  // below: notices
constexpr std::string_view kSectionMark = " (starlift)";

// db-lib tells of errors through handlers of the whole process, on the thread that called it.
struct Told {
  int message_number = 0;  // the server's
  std::string message;
  int library_error = 0;
  std::string library_text;
};
thread_local Told told;

int TakeMessage(DBPROCESS*, DBINT number, int, int severity, char* text, char*, char*, int) {
  // The first one tells the cause; what follows are its consequences.
  if (severity >= kErrorSeverity && told.message.empty()) {
    told.message_number = number;
    told.message = text == nullptr ? "" : text;
  }
  return 0;
}

int TakeError(DBPROCESS*, int, int library_error, int, char* text, char* system_text) {
  // "See the server's message", which we have.
  if (library_error != SYBESMSG && told.library_text.empty()) {
    told.library_error = library_error;
    told.library_text = text == nullptr ? "" : text;
    if (system_text != nullptr && *system_text != '\0' &&
        std::string_view(system_text) != "Success") {
      told.library_text += fmt::format(" ({})", system_text);
    }
  }
  return INT_CANCEL;
}

void StartLibrary() {
  static std::once_flag once;
  std::call_once(once, [] {
    dbinit();
    dbmsghandle(TakeMessage);
    dberrhandle(TakeError);
  });
  told = {};
}

Error LastError(std::string where) {
  Error error{.kind = ErrorKind::kRefused, .where = std::move(where)};
  if (told.message.empty()) {
    error.kind = ErrorKind::kUnreachable;
    error.message = told.library_text.empty() ? "the connection broke off" : told.library_text;
    return error;
  }
  error.message = fmt::format("{} (message {})", told.message, told.message_number);
  error.native_code = told.message_number;
  if (told.message_number == kCannotOpenDatabase) {
    error.kind = ErrorKind::kNotFound;
    error.mend = "see the names with: SELECT name FROM sys.databases;";
  } else if (told.message_number == kLoginFailed) {
    error.mend =
        "give the right user and password; the server must allow SQL Server logins, not "
        "only Windows'";
  }
  return error;
}

// Of TLS and of named instances, FreeTDS tells little more than that there is no connection.
Error ConnectError(const ConnectOptions& options) {
  Error error = LastError(Place(options));
  if (error.kind != ErrorKind::kUnreachable) return error;
  // It names the section of our file.
  if (const size_t at = error.message.find(kSectionMark); at != std::string::npos) {
    error.message.erase(at, kSectionMark.size());
  }
  if (!options.instance.empty()) {
    error.mend =
        "see that SQL Server Browser runs at the host, and that UDP port 1434 and the instance's "
        "own are open; or give the instance's port in the URL";
  } else if (options.encryption == Encryption::kRequire) {
    error.mend =
        "see that the server runs and has a certificate; with ssl-ca it must be signed by one "
        "of those authorities and made out to the host's name";
  } else {
    error.mend =
        "see that the server runs, that TCP/IP is enabled in its network configuration, "
        "and that the firewall lets us in";
  }
  return error;
}

std::optional<std::string> Cell(DBPROCESS* process, int column) {
  const BYTE* const bytes = dbdata(process, column);
  const DBINT length = dbdatlen(process, column);
  if (bytes == nullptr) return std::nullopt;
  const int type = dbcoltype(process, column);
  if (type == SYBCHAR || type == SYBTEXT || type == SYBVARCHAR) {
    return std::string(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
  }
  std::array<char, 64> text{};
  const DBINT written = dbconvert(process, type, bytes, length, SYBCHAR,
                                  reinterpret_cast<BYTE*>(text.data()), text.size() - 1);
  return std::string(text.data(), static_cast<size_t>(std::max<DBINT>(written, 0)));
}

// A file in memory that db-lib can open by a name, for as long as this lives.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) : file_(memfd_create("freetds.conf", MFD_CLOEXEC)) {
    written_ =
        file_ >= 0 && write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  ~ConfigFile() {
    if (file_ >= 0) close(file_);
  }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  bool written() const { return written_; }
  std::string path() const { return fmt::format("/proc/self/fd/{}", file_); }

 private:
  int file_ = -1;
  bool written_ = false;
};

// The file that db-lib reads is one for the whole process.
Result<DBPROCESS*> OpenBySection(LOGINREC* login, const ConnectOptions& options) {
  static std::mutex mutex;
  SL_ASSIGN(const std::string config, FreetdsConfig(options));
  const std::lock_guard lock(mutex);
  const ConfigFile file(config);
  if (!file.written()) return Error{ErrorKind::kInternal, "no file in memory for db-lib"};
  std::string path = file.path();
  dbsetifile(path.data());
  DBPROCESS* const process = dbopen(login, "starlift");
  if (process == nullptr) return ConnectError(options);
  return process;
}

}  // namespace

void Connection::Close::operator()(tds_dblib_dbprocess* process) const { dbclose(process); }

Result<Connection> Connection::Open(const ConnectOptions& options) {
  StartLibrary();
  struct FreeLogin {
    void operator()(LOGINREC* login) const { dbloginfree(login); }
  };
  const std::unique_ptr<LOGINREC, FreeLogin> login(dblogin());
  if (login == nullptr) return Error{ErrorKind::kInternal, "db-lib has no memory"};
  DBSETLUSER(login.get(), options.user.c_str());
  DBSETLPWD(login.get(), options.password.c_str());
  DBSETLAPP(login.get(), "starlift");
  if (!options.database.empty()) DBSETLDBNAME(login.get(), options.database.c_str());
  dbsetlogintime(
      static_cast<int>(std::max<int64_t>(1, (options.connect_timeout.count() + 999) / 1000)));
  SL_ASSIGN(DBPROCESS * process, OpenBySection(login.get(), options));
  Connection connection(process);
  SL_TRY(
      connection.Ask("SET NOCOUNT ON; SET LOCK_TIMEOUT 60000; SET TEXTSIZE 2147483647; SET "
                     "QUOTED_IDENTIFIER ON; SET ANSI_NULLS ON"));
  return connection;
}

Result<std::vector<TextRows>> Connection::Ask(const std::string& batch) {
  told = {};
  DBPROCESS* const process = process_.get();
  if (dbcmd(process, batch.c_str()) == FAIL || dbsqlexec(process) == FAIL) {
    dbcancel(process);
    return LastError("SQL Server");
  }
  std::vector<TextRows> answers;
  while (true) {
    const RETCODE more = dbresults(process);
    if (more == NO_MORE_RESULTS) break;
    if (more == FAIL) {
      dbcancel(process);
      return LastError("SQL Server");
    }
    const int columns = dbnumcols(process);
    if (columns == 0) continue;
    TextRows& rows = answers.emplace_back();
    for (STATUS status = dbnextrow(process); status != NO_MORE_ROWS; status = dbnextrow(process)) {
      if (status == FAIL) {
        dbcancel(process);
        return LastError("SQL Server");
      }
      TextRows::Row row;
      for (int column = 1; column <= columns; ++column) row.push_back(Cell(process, column));
      rows.Add(std::move(row));
    }
  }
  if (!told.message.empty()) return LastError("SQL Server");
  return answers;
}

std::string QuoteLiteral(std::string_view text) {
  std::string quoted = "N'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "[";
  for (const char c : name) quoted.append(c == ']' ? 2 : 1, c);
  return quoted + "]";
}

}  // namespace starlift::sqlserver

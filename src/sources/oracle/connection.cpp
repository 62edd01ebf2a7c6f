#include "sources/oracle/connection.h"

#include <mutex>
#include <utility>

#include <dpi.h>
#include <fmt/format.h>

namespace starlift::oracle {
namespace {

constexpr uint32_t kRowsPerRoundTrip = 1000;
constexpr std::string_view kNoClient = "DPI-1047";

std::string MessageOf(const dpiErrorInfo& info) {
  std::string text(info.message, info.messageLength);
  return text.substr(0, text.find('\n'));
}

Error ServerError(const dpiErrorInfo& info, std::string where) {
  Error error{.kind = ErrorKind::kRefused,
              .message = MessageOf(info),
              .where = std::move(where),
              .native_code = info.code};
  switch (info.code) {
    case 1017:  // wrong user or password
      error.mend =
          "give the right user and password; a user of a pluggable database needs its "
          "service name";
      break;
    case 28000:
      error.mend = "ALTER USER … ACCOUNT UNLOCK;";
      break;
    case 942:
      error.mend = "GRANT SELECT_CATALOG_ROLE TO <this user>;";
      break;
    case 12505:  // no such SID
      error.kind = ErrorKind::kNotFound;
      error.mend =
          "see the names with: lsnrctl services; a service name stands behind the / of the URL";
      break;
    case 12514:  // no such service
      error.kind = ErrorKind::kNotFound;
      error.mend = "see the names with: lsnrctl services; a SID is given by ?sid=NAME";
      break;
    case 3113:
    case 3114:
    case 3135:
    case 12154:
    case 12170:
    case 12537:
    case 12541:  // no listener
    case 12543:
    case 12545:
    case 12547:
      error.kind = ErrorKind::kUnreachable;
      break;
    default:
      break;
  }
  return error;
}

Error NoClient(const dpiErrorInfo& info) {
  return Error{
      .kind = ErrorKind::kCheck,
      .message = fmt::format("Oracle's client library (libclntsh.so) can't be loaded: {}",
                             MessageOf(info)),
      .where = "Oracle source",
      .mend =
          "Oracle doesn't let it be shipped with other programs: unpack Instant Client Basic Light "
          "(19 or later, oracle.com/database/technologies/instant-client) and name its folder "
          "in the URL, ?client-dir=/opt/oracle/instantclient_19_24, or in LD_LIBRARY_PATH; it "
          "needs the package libaio1"};
}

// ODPI-C loads the client once per process: the first folder that is named counts.
Result<dpiContext*> LoadClient(const std::string& client_dir) {
  static std::mutex mutex;
  static dpiContext* context = nullptr;
  const std::lock_guard lock(mutex);
  if (context != nullptr) return context;
  dpiContextCreateParams parameters{};
  parameters.defaultEncoding = "UTF-8";
  parameters.defaultDriverName = "starlift";
  if (!client_dir.empty()) parameters.oracleClientLibDir = client_dir.c_str();
  dpiErrorInfo info{};
  if (dpiContext_createWithParams(DPI_MAJOR_VERSION, DPI_MINOR_VERSION, &parameters, &context,
                                  &info) == DPI_SUCCESS) {
    return context;
  }
  context = nullptr;
  if (MessageOf(info).starts_with(kNoClient)) return NoClient(info);
  return ServerError(info, "Oracle's client library");
}

Error LastError(const dpiContext* context, std::string where) {
  dpiErrorInfo info{};
  dpiContext_getError(context, &info);
  return ServerError(info, std::move(where));
}

struct ReleaseStatement {
  void operator()(dpiStmt* statement) const { dpiStmt_release(statement); }
};
using Statement = std::unique_ptr<dpiStmt, ReleaseStatement>;

// Catalog queries turn all numbers and dates into text; LONG columns come as bytes by themselves.
std::optional<std::string> Cell(const dpiData& value, dpiNativeTypeNum type) {
  if (value.isNull != 0) return std::nullopt;
  switch (type) {
    case DPI_NATIVE_TYPE_BYTES:
      return std::string(value.value.asBytes.ptr, value.value.asBytes.length);
    case DPI_NATIVE_TYPE_INT64:
      return std::to_string(value.value.asInt64);
    case DPI_NATIVE_TYPE_DOUBLE:
      return fmt::format("{}", value.value.asDouble);
    default:
      return std::string();
  }
}

}  // namespace

void Connection::Release::operator()(dpiConn* connection) const { dpiConn_release(connection); }

Result<Connection> Connection::Open(const ConnectOptions& options) {
  SL_ASSIGN(dpiContext * context, LoadClient(options.client_dir));
  dpiCommonCreateParams common{};
  dpiContext_initCommonCreateParams(context, &common);
  common.encoding = "UTF-8";
  common.nencoding = "UTF-8";
  const std::string target = ConnectString(options);
  dpiConn* raw = nullptr;
  if (dpiConn_create(context, options.user.data(), static_cast<uint32_t>(options.user.size()),
                     options.password.data(), static_cast<uint32_t>(options.password.size()),
                     target.data(), static_cast<uint32_t>(target.size()), &common, nullptr,
                     &raw) != DPI_SUCCESS) {
    return LastError(context, fmt::format("Oracle at {}:{}", options.host, options.port));
  }
  return Connection(raw);
}

Result<std::vector<TextRows>> Connection::Ask(const std::string& query) {
  SL_ASSIGN(const dpiContext* context, LoadClient(""));
  dpiStmt* raw = nullptr;
  if (dpiConn_prepareStmt(connection_.get(), 0, query.data(), static_cast<uint32_t>(query.size()),
                          nullptr, 0, &raw) != DPI_SUCCESS) {
    return LastError(context, "Oracle");
  }
  const Statement statement(raw);
  dpiStmt_setFetchArraySize(raw, kRowsPerRoundTrip);
  uint32_t columns = 0;
  if (dpiStmt_execute(raw, DPI_MODE_EXEC_DEFAULT, &columns) != DPI_SUCCESS) {
    return LastError(context, "Oracle");
  }
  TextRows rows;
  while (true) {
    int found = 0;
    uint32_t buffer_row = 0;
    if (dpiStmt_fetch(raw, &found, &buffer_row) != DPI_SUCCESS) return LastError(context, "Oracle");
    if (found == 0) break;
    TextRows::Row row;
    for (uint32_t column = 1; column <= columns; ++column) {
      dpiNativeTypeNum type = 0;
      dpiData* value = nullptr;
      if (dpiStmt_getQueryValue(raw, column, &type, &value) != DPI_SUCCESS) {
        return LastError(context, "Oracle");
      }
      row.push_back(Cell(*value, type));
    }
    rows.Add(std::move(row));
  }
  std::vector<TextRows> answers;
  answers.push_back(std::move(rows));
  return answers;
}

}  // namespace starlift::oracle

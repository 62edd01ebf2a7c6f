#include "sources/hive/session.h"

#include <optional>
#include <utility>
#include <vector>

#include <TCLIService.h>
#include <fmt/format.h>
#include <thrift/TApplicationException.h>
#include <thrift/protocol/TBinaryProtocol.h>
#include <thrift/transport/TTransportException.h>

#include "sources/hive/transport.h"
#include "sources/hive/zookeeper.h"

namespace starlift::hive {
namespace {

using apache::thrift::TException;
using apache::thrift::protocol::TBinaryProtocol;
using apache::thrift::transport::TTransport;
using apache::thrift::transport::TTransportException;

constexpr int32_t kWantedProtocol = 9;    // V10
constexpr int32_t kFirstWithColumns = 5;  // V6
constexpr int32_t kFetchNext = 0;
constexpr int64_t kRowsPerFetch = 10'000;
constexpr int32_t kProductName = 17;
constexpr int32_t kProductVersion = 18;

Error ErrorOf(const hs2::TStatus& status) {
  std::string text = status.errorMessage;
  text = text.substr(0, text.find('\n'));
  return Error{.kind = ErrorKind::kRefused,
               .message = text.empty() ? "HiveServer2 refused without a word" : text,
               .where = "HiveServer2",
               .native_code = status.errorCode};
}

bool Succeeded(const hs2::TStatus& status) {
  return status.statusCode == hs2::TStatusCode::SUCCESS_STATUS ||
         status.statusCode == hs2::TStatusCode::SUCCESS_WITH_INFO_STATUS;
}

// The library tells of a broken line by exceptions; they end here.
template <typename Call>
Status Guarded(const Call& call) {
  try {
    return call();
  } catch (const TTransportException& exception) {
    return Error{ErrorKind::kUnreachable, exception.what(), "HiveServer2"};
  } catch (const TException& exception) {
    return Error{
        ErrorKind::kData, fmt::format("what answers speaks another protocol: {}", exception.what()),
        "HiveServer2",
        "see the server's hive.server2.authentication and hive.server2.transport.mode, and "
        "give them as ?authentication=…"};
  }
}

// Bit i of byte i/8; what the bytes don't reach is not NULL.
bool IsNull(const std::string& nulls, size_t row) {
  const size_t byte = row / 8;
  return byte < nulls.size() && (static_cast<unsigned char>(nulls[byte]) >> (row % 8) & 1) != 0;
}

template <typename Values>
void TakeColumn(const Values& column, std::vector<TextRows::Row>& rows) {
  rows.resize(std::max(rows.size(), column.values.size()));
  for (size_t row = 0; row < column.values.size(); ++row) {
    if (IsNull(column.nulls, row)) {
      rows[row].emplace_back(std::nullopt);
    } else {
      rows[row].emplace_back(fmt::format("{}", column.values[row]));
    }
  }
}

std::vector<TextRows::Row> RowsOf(const hs2::TRowSet& set) {
  std::vector<TextRows::Row> rows;
  for (const hs2::TColumn& column : set.columns) {
    if (column.__isset.boolVal) TakeColumn(column.boolVal, rows);
    if (column.__isset.byteVal) TakeColumn(column.byteVal, rows);
    if (column.__isset.i16Val) TakeColumn(column.i16Val, rows);
    if (column.__isset.i32Val) TakeColumn(column.i32Val, rows);
    if (column.__isset.i64Val) TakeColumn(column.i64Val, rows);
    if (column.__isset.doubleVal) TakeColumn(column.doubleVal, rows);
    if (column.__isset.stringVal) TakeColumn(column.stringVal, rows);
  }
  return rows;
}

std::string EscapedPattern(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace

struct Session::State {
  std::shared_ptr<TTransport> transport;
  std::unique_ptr<hs2::TCLIServiceClient> client;
  hs2::TSessionHandle session;
  bool open = false;

  ~State() {
    if (!open) return;
    (void)Guarded([&]() -> Status {
      hs2::TCloseSessionReq request;
      request.sessionHandle = session;
      hs2::TCloseSessionResp response;
      client->CloseSession(response, request);
      return {};
    });
  }

  Status OpenSession(const ConnectOptions& options) {
    return Guarded([&]() -> Status {
      hs2::TOpenSessionReq request;
      request.client_protocol = kWantedProtocol;
      if (options.authentication != Authentication::kKerberos && !options.user.empty()) {
        request.__set_username(options.user);
        request.__set_password(options.password);
      }
      hs2::TOpenSessionResp response;
      client->OpenSession(response, request);
      if (!Succeeded(response.status)) return ErrorOf(response.status);
      session = response.sessionHandle;
      open = true;
      if (response.serverProtocolVersion < kFirstWithColumns) {
        return Error{ErrorKind::kCheck, "the server is older than Hive 0.13", "HiveServer2",
                     "upgrade the server"};
      }
      return {};
    });
  }

  Result<TextRows> FetchAll(const hs2::TOperationHandle& operation) {
    TextRows rows;
    bool more = operation.hasResultSet;
    while (more) {
      SL_TRY(Guarded([&]() -> Status {
        hs2::TFetchResultsReq request;
        request.operationHandle = operation;
        request.orientation = kFetchNext;
        request.maxRows = kRowsPerFetch;
        hs2::TFetchResultsResp response;
        client->FetchResults(response, request);
        if (!Succeeded(response.status)) return ErrorOf(response.status);
        // hasMoreRows is not to be relied on: the end is an empty answer.
        std::vector<TextRows::Row> part = RowsOf(response.results);
        more = !part.empty();
        for (TextRows::Row& row : part) rows.Add(std::move(row));
        return {};
      }));
    }
    SL_TRY(Guarded([&]() -> Status {
      hs2::TCloseOperationReq request;
      request.operationHandle = operation;
      hs2::TCloseOperationResp response;
      client->CloseOperation(response, request);
      return {};
    }));
    return rows;
  }

  Result<std::string> Ask(int32_t what) {
    std::string answer;
    SL_TRY(Guarded([&]() -> Status {
      hs2::TGetInfoReq request;
      request.sessionHandle = session;
      request.infoType = what;
      hs2::TGetInfoResp response;
      client->GetInfo(response, request);
      if (!Succeeded(response.status)) return ErrorOf(response.status);
      answer = response.infoValue.stringValue;
      return {};
    }));
    return answer;
  }
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Result<Session> Session::Open(const ConnectOptions& options) {
  if (options.ensemble.empty()) return OpenAt(options);
  SL_ASSIGN(const std::vector<RegisteredServer> servers,
            ListServers(options.ensemble, options.zookeeper_namespace, options.connect_timeout));
  std::optional<Error> first;
  for (const RegisteredServer& server : servers) {
    SL_ASSIGN(const ConnectOptions found, OptionsFor(server, options));
    auto session = OpenAt(found);
    // One that has died stays registered until its session with ZooKeeper ends.
    if (session.ok() || session.error().kind != ErrorKind::kUnreachable) return session;
    if (!first) first = std::move(session).error();
  }
  return std::move(*first);
}

Result<Session> Session::OpenAt(const ConnectOptions& options) {
  auto state = std::make_unique<State>();
  SL_ASSIGN(state->transport, OpenTransport(options));
  auto protocol = std::make_shared<TBinaryProtocol>(state->transport);
  state->client = std::make_unique<hs2::TCLIServiceClient>(std::move(protocol));
  SL_TRY(state->OpenSession(options));
  return Session(std::move(state));
}

Result<TextRows> Session::Query(const std::string& statement) {
  hs2::TOperationHandle operation;
  SL_TRY(Guarded([&]() -> Status {
    hs2::TExecuteStatementReq request;
    request.sessionHandle = state_->session;
    request.statement = statement;
    hs2::TExecuteStatementResp response;
    state_->client->ExecuteStatement(response, request);
    if (!Succeeded(response.status)) return ErrorOf(response.status);
    operation = response.operationHandle;
    return {};
  }));
  return state_->FetchAll(operation);
}

Result<TextRows> Session::ListTables(const std::string& database) {
  hs2::TOperationHandle operation;
  SL_TRY(Guarded([&]() -> Status {
    hs2::TGetTablesReq request;
    request.sessionHandle = state_->session;
    request.__set_schemaName(database.empty() ? "%" : EscapedPattern(database));
    request.__set_tableName("%");
    hs2::TGetTablesResp response;
    state_->client->GetTables(response, request);
    if (!Succeeded(response.status)) return ErrorOf(response.status);
    operation = response.operationHandle;
    return {};
  }));
  return state_->FetchAll(operation);
}

Result<std::string> Session::Product() {
  SL_ASSIGN(const std::string name, state_->Ask(kProductName));
  SL_ASSIGN(const std::string version, state_->Ask(kProductVersion));
  return name + " " + version;
}

}  // namespace starlift::hive

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "wire/socket.h"

// A client of MySQL 5.6–9.x, MariaDB 10–11 and StarRocks frontends: logins, TLS, text queries.
// Protocol: MySQL "Client/Server Protocol", MariaDB "Clientserver protocol".
namespace starlift::wire::mysql {

struct ClientOptions {
  std::string host;
  uint16_t port = 3306;
  std::string user;
  std::string password;
  std::string database;  // empty: none selected
  TlsOptions tls;
  std::chrono::milliseconds connect_timeout{10'000};  // for connecting and logging in
  std::chrono::milliseconds read_timeout{0};          // between two reads; zero: wait for ever
  std::chrono::milliseconds write_timeout{0};
  bool compress = false;  // zlib, where the server can; worth it only over slow lines
  // Asks the server for its RSA key where a password must go over a line without TLS. Off, such a
  // login is refused, as the key could be an impostor's.
  bool public_key_retrieval = true;
  // Heeded while waiting for the server, see Socket::SetCancellation. Must outlive the client.
  const Cancellation* cancellation = nullptr;
  // Shown in the server's list of sessions (connection attributes), for its administrator.
  std::string program_name = "starlift";
};

// Column type codes of the protocol, as far as they are told apart here.
enum class FieldType : uint8_t {
  kDecimal = 0,
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kNull = 6,
  kTimestamp = 7,
  kLongLong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDateTime = 12,
  kYear = 13,
  kVarchar = 15,
  kBit = 16,
  kJson = 245,
  kNewDecimal = 246,
  kEnum = 247,
  kSet = 248,
  kTinyBlob = 249,
  kMediumBlob = 250,
  kLongBlob = 251,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
  kGeometry = 255,
};

struct Field {
  std::string name;
  uint16_t collation_id = 0;  // 63: binary
  uint32_t length = 0;
  FieldType type = FieldType::kNull;
  uint16_t flags = 0;
  uint8_t decimals = 0;
};

// A result that was read as a whole. Text form, NULL as nullopt.
struct QueryRows {
  using Row = std::vector<std::optional<std::string>>;

  std::vector<Field> fields;
  std::vector<Row> rows;

  // By name, ASCII case ignored (servers differ in the case of SHOW and information_schema
  // columns).
  std::optional<size_t> FindField(std::string_view name) const;
};

struct ExecuteOutcome {
  uint64_t affected_rows = 0;
  uint64_t last_insert_id = 0;
  uint16_t warnings = 0;
  std::string info;
};

class PacketStream;
class RowStream;
struct Session;

// One session. Owned and used by one thread; only Shutdown may be called from another. Movable.
//
// A server's error comes as its number in Error::native_code and its text in the message: kRefused
// (no login, no privilege, bad statement), kNotFound (database, table, column), kConflict (exists
// already, locked), kUnreachable (the connection is gone, the server stops or has no free
// connection: worth a retry). After kUnreachable the session is closed.
class Client {
 public:
  Client();
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  static Result<Client> Connect(const ClientOptions& options);

  bool is_open() const;
  bool is_tls() const;
  bool is_mariadb() const;
  const std::string& server_version() const;  // "10.11.6-MariaDB", without the "5.5.5-" prefix
  uint32_t connection_id() const;

  // Runs one statement and reads all its rows; a statement without rows gives none.
  Result<QueryRows> Query(std::string_view sql);
  // Runs one statement that gives no rows. Rows that come nevertheless are read and dropped.
  Result<ExecuteOutcome> Execute(std::string_view sql);
  // Runs one query whose rows are read as they come. The stream borrows the session: until it has
  // ended nothing else may be asked, and destroying it early closes the session.
  Result<RowStream> Stream(std::string_view sql);

  // Sends a command whose answer is OK or an error; `argument` is what follows the command byte.
  Status Command(uint8_t command, std::string_view argument);
  // Sends a command whose answer is packets until the server ends it (a dump of the log). The
  // stream borrows the session, like a RowStream.
  Result<PacketStream> Packets(uint8_t command, std::string_view argument);

  Status Ping();
  // Wakes a blocked read with kUnreachable; the session can't be used any more. From any thread.
  void Shutdown();
  void Close();

 private:
  explicit Client(std::unique_ptr<Session> session);

  std::unique_ptr<Session> session_;
};

// `name` → `` `name` ``, with inner backticks doubled.
std::string QuoteIdentifier(std::string_view name);
// A string literal that is right whatever sql_mode says: 'it''s', and X'…' with a charset
// introducer where it holds a backslash or a byte outside printable ASCII.
std::string QuoteString(std::string_view text);

}  // namespace starlift::wire::mysql

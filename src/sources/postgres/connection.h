#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sources/postgres/options.h"

struct pg_conn;
struct pg_result;

namespace starlift::postgres {

// The rows of one statement, as text. The views live as long as this.
class Rows {
 public:
  explicit Rows(pg_result* result);

  size_t size() const { return size_; }
  bool IsNull(size_t row, int column) const;
  std::string_view Text(size_t row, int column) const;  // empty for NULL
  int64_t Number(size_t row, int column) const;         // 0 for NULL
  bool Flag(size_t row, int column) const { return Text(row, column) == "t"; }

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
  size_t size_ = 0;
};

// Takes one row of a statement, which is gone when it returns.
using RowVisitor = std::function<void(const Rows& rows, size_t row)>;

enum class ConnectionPurpose {
  kQueries,
  kReplication,  // a walsender that is bound to the database
};

// One connection to one database, used by one thread. The session is set so that catalog texts come
// in one form whatever the server's defaults are: UTF-8, names fully qualified, no time limits.
// Errors: kUnreachable, kRefused (login, privileges, a database that takes no connections; the
// SQLSTATE is in the message), kNotFound (no such database).
class Connection {
 public:
  static Result<Connection> Open(const ConnectOptions& options, const std::string& database,
                                 ConnectionPurpose purpose = ConnectionPurpose::kQueries);

  // Several statements, separated by `;`, in one round trip: the rows of each that returns some.
  Result<std::vector<Rows>> QueryAll(const std::string& statements);
  Result<Rows> Query(const std::string& statement);
  // As QueryAll, but each row is handed over as it comes, so that no answer is ever held whole:
  // visitors[i] takes the rows of the i-th statement that returns some.
  Status VisitAll(const std::string& statements, std::span<const RowVisitor> visitors);

  int version_number() const;  // 150018 for 15.18
  bool is_tls() const;

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  using Handle = std::unique_ptr<pg_conn, Close>;
  explicit Connection(Handle connection) : connection_(std::move(connection)) {}

  Handle connection_;
};

std::string QuoteLiteral(std::string_view text);
// Always in quotes.
std::string QuoteIdentifier(std::string_view name);

}  // namespace starlift::postgres

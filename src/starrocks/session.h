#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/row_batch.h"
#include "starrocks/target_config.h"
#include "wire/mysql/client.h"

namespace starlift::starrocks {

using wire::mysql::QueryRows;

// The cell in the column of this name (case-insensitive); nullopt if NULL or no such column.
std::optional<std::string_view> CellAt(const QueryRows& rows, size_t row, std::string_view column);

// The SQL side of StarRocks: one connection to one frontend. The first statement connects, to the
// first frontend that answers; after a broken connection the next statement connects again, to
// whichever answers then. Used by one thread.
class Session {
 public:
  explicit Session(TargetConfig config);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // Connects if not connected. kUnreachable if no frontend answers, kRefused for a bad login.
  Status Connect();

  // A statement that only reads: run again at another frontend if the connection broke.
  Result<QueryRows> Query(std::string_view sql);

  // A query whose rows are taken as they come, in text form; the batch belongs to the session.
  // Never run twice by us. An error of `take` ends it, at the price of the connection.
  Status Stream(std::string_view sql, const std::function<Status(const RowBatch&)>& take);

  // Any other statement: never run twice by us. kUnreachable means that it may have been done.
  // kRefused carries the server's number in native_code.
  Status Execute(std::string_view sql);

  // The frontend in use.
  std::optional<Endpoint> endpoint() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::starrocks

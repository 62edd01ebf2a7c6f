#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/table.h"

namespace starlift::sync {

// What `add-table` and `drop-table` ask for.
struct TableRequest {
  // As the user wrote them: "shop.orders", "`shop`.`orders`", "orders" where the source is one
  // database.
  std::vector<std::string> names;
  // add-table: what becomes of rows that are at the target: "refuse", "append", "truncate"; empty:
  // as the task's own option says.
  std::string existing;
};

// As the argument of a command of the control channel.
std::string PrintTableRequest(const TableRequest& request);
Result<TableRequest> ParseTableRequest(const std::string& text);

// kUsage for a name without a database where `database`, the source's, is empty, and for one of
// another database.
Result<TableId> ParseTableName(std::string_view name, const std::string& database);

// "`shop`.`a`, `shop`.`b`"
std::string JoinNames(const std::vector<TableId>& tables);

}  // namespace starlift::sync

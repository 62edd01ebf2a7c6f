#include "sandbox/load/auto_increment.h"

#include <fmt/format.h>

namespace starlift::sandbox::load {
namespace {

constexpr std::string_view kKind = "auto_increment";

}  // namespace

Result<int64_t> ReserveAutoIncrement(Storage& storage, int64_t table_id, int64_t count) {
  int64_t base = 0;
  const std::string key = std::to_string(table_id);
  const auto reserve = [&](WriteTransaction& write) -> Status {
    SL_ASSIGN(
        const std::optional<int64_t> last,
        write.connection().QueryInteger(fmt::format(
            "SELECT body FROM starlift_documents WHERE kind = '{}' AND key = '{}'", kKind, key)));
    base = last.value_or(0);
    return write.PutDocument(kKind, key, std::to_string(base + count));
  };
  // Two first reservations of one table would not conflict in DuckDB: both only insert.
  static std::mutex one_at_a_time;
  std::lock_guard guard(one_at_a_time);
  SL_TRY(storage.RunWrite(reserve));
  return base;
}

}  // namespace starlift::sandbox::load

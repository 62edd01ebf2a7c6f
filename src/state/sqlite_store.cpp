#include "state/sqlite_store.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "state/schema.h"
#include "state/sqlite_store_state.h"

namespace starlift::state {
namespace {

// FULL: a commit is on the disk before the call returns, also if the power goes.
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
    "PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY";

}  // namespace

Result<std::unique_ptr<StateStore>> OpenSqliteStore(const std::string& home, Clock& clock,
                                                    Random& random) {
  std::error_code failure;
  std::filesystem::create_directories(home, failure);
  if (failure) {
    return Error{ErrorKind::kIo,
                 fmt::format("can't make the folder {}: {}", home, failure.message())}
        .Mend("give a folder that this user may write to with --home");
  }
  // What is in it tells about the user's tables.
  std::filesystem::permissions(home, std::filesystem::perms::owner_all, failure);

  SL_ASSIGN(auto connection, SqliteConnection::Open(home + "/state.db"));
  SL_TRY(connection->Execute(kSettings));
  SL_TRY(MigrateSchema(*connection));
  return std::unique_ptr<StateStore>(
      std::make_unique<SqliteStore>(std::move(connection), clock, random));
}

}  // namespace starlift::state

#include "sources/mysql/binlog/consistent_snapshot.h"

#include <utility>

#include <fmt/format.h>

#include "sources/mysql/binlog/binlog_log.h"
#include "sources/mysql/session.h"
#include "sources/mysql/snapshot.h"
#include "wire/mysql/client.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;

constexpr int kLockWaitSeconds = 5;
constexpr std::string_view kBegin = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
// MySQL 5.6.5, MariaDB 10.0
constexpr std::string_view kBeginOld = "START TRANSACTION WITH CONSISTENT SNAPSHOT";

Status Begin(SourceSession& session) {
  SL_TRY(session.client.Execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
  if (session.client.Execute(kBegin).ok()) return {};
  SL_TRY(session.client.Execute(kBeginOld));
  return {};
}

// The position is that of the snapshot itself (status variables binlog_snapshot_%).
Result<Position> BeginInMariadb(SourceSession& session) {
  SL_TRY(Begin(session));
  SL_ASSIGN(const QueryRows rows, session.client.Query("SHOW STATUS LIKE 'binlog_snapshot_%'"));
  std::string file;
  std::string offset;
  for (const QueryRows::Row& row : rows.rows) {
    const std::string name = row[0].value_or("");
    if (name.ends_with("file") || name.ends_with("FILE")) file = row[1].value_or("");
    if (name.ends_with("position") || name.ends_with("POSITION")) offset = row[1].value_or("");
  }
  if (file.empty() || offset.empty()) {
    return Error{.kind = ErrorKind::kRefused,
                 .message = "the server does not tell the log's position of a snapshot",
                 .mend = "turn on its binary log (log_bin)"};
  }
  SL_ASSIGN(const QueryRows gtids,
            session.client.Query(fmt::format("SELECT BINLOG_GTID_POS('{}', {})", file, offset)));
  if (!gtids.rows.empty() && gtids.rows[0][0]) return Position("mariadb-gtid:" + *gtids.rows[0][0]);
  return Position(fmt::format("file:{}:{}", file, offset));
}

// No commit passes while the lock is held, in the log as in the engines.
Result<Position> BeginInMysql(SourceSession& session) {
  SL_TRY(
      session.client.Execute(fmt::format("SET SESSION lock_wait_timeout = {}", kLockWaitSeconds)));
  if (auto locked = session.client.Execute("FLUSH TABLES WITH READ LOCK"); !locked.ok()) {
    Error error = std::move(locked).error();
    if (error.kind == ErrorKind::kUnreachable || error.kind == ErrorKind::kCancelled) return error;
    return Error{.kind = ErrorKind::kRefused,
                 .message =
                     "a read of one moment needs a short global read lock, which the server "
                     "did not give: " +
                     error.message,
                 .where = error.where,
                 .mend =
                     "GRANT RELOAD ON *.* TO this user, or end the long statement that holds "
                     "the lock off",
                 .native_code = error.native_code};
  }
  Status begun = Begin(session);
  Result<Position> head = begun.ok() ? ReadLogHead(session) : Result<Position>(begun.error());
  SL_TRY(session.client.Execute("UNLOCK TABLES"));
  return head;
}

}  // namespace

Result<ConsistentSnapshot> OpenMysqlConsistentSnapshot(const wire::mysql::ClientOptions& options,
                                                       const Cancellation& cancellation) {
  wire::mysql::ClientOptions cancelled = options;
  cancelled.cancellation = &cancellation;
  SL_ASSIGN(SourceSession session, OpenSourceSession(cancelled));
  SL_ASSIGN(Position position,
            session.version.is_mariadb ? BeginInMariadb(session) : BeginInMysql(session));
  return ConsistentSnapshot{.reader = PinMysqlSnapshot(options, cancellation, std::move(session)),
                            .position = std::move(position)};
}

}  // namespace starlift::mysql

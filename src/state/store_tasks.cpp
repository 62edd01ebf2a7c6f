// Tasks, their phases and their audit trail.
#include <optional>

#include <fmt/format.h>

#include "base/hash.h"
#include "state/sqlite_store_state.h"

namespace starlift::state {
namespace {

constexpr int kLabelKeyDigits = 8;

Result<std::optional<TaskRecord>> SelectTask(SqliteConnection& connection,
                                             std::string_view identity) {
  SL_ASSIGN(
      auto statement,
      connection.Prepare("SELECT id, label_key, config_digest FROM tasks WHERE identity = ?1"));
  statement.Bind(1, identity);
  SL_ASSIGN(const bool found, statement.Step());
  if (!found) return std::optional<TaskRecord>();
  return std::optional<TaskRecord>(TaskRecord{.id = statement.Integer(0),
                                              .identity = std::string(identity),
                                              .label_key = std::string(statement.Text(1)),
                                              .config_digest = std::string(statement.Text(2))});
}

}  // namespace

Result<TaskRecord> SqliteStore::OpenTask(std::string_view identity,
                                         std::string_view config_digest) {
  return Write([&](SqliteConnection& connection) -> Result<TaskRecord> {
    {
      SL_ASSIGN(
          auto insert,
          connection.Prepare("INSERT INTO tasks (identity, label_key, config_digest, created_ms) "
                             "VALUES (?1, ?2, ?3, ?4) "
                             "ON CONFLICT (identity) DO UPDATE SET config_digest = ?3"));
      const std::string label_key = HexDigits(HashBytes(identity, random_.Next()), kLabelKeyDigits);
      insert.Bind(1, identity).Bind(2, label_key).Bind(3, config_digest);
      insert.Bind(4, int64_t{clock_.WallTime().count()});
      SL_TRY(insert.Run());
    }
    SL_ASSIGN(auto stored, SelectTask(connection, identity));
    return std::move(*stored);
  });
}

Result<std::optional<TaskRecord>> SqliteStore::FindTask(std::string_view identity) {
  return Read([&](SqliteConnection& connection) { return SelectTask(connection, identity); });
}

Status SqliteStore::RemoveTask(int64_t task) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto statement, connection.Prepare("DELETE FROM tasks WHERE id = ?1"));
    return statement.Bind(1, task).Run();
  });
}

Result<PhaseStatus> SqliteStore::GetPhase(int64_t task, Phase phase) {
  return Read([&](SqliteConnection& connection) -> Result<PhaseStatus> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT status FROM phases WHERE task = ?1 AND phase = ?2"));
    statement.Bind(1, task).Bind(2, static_cast<int64_t>(phase));
    SL_ASSIGN(const bool found, statement.Step());
    return found ? static_cast<PhaseStatus>(statement.Integer(0)) : PhaseStatus::kPending;
  });
}

Status SqliteStore::SetPhase(int64_t task, Phase phase, PhaseStatus status) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto statement,
              connection.Prepare("INSERT INTO phases (task, phase, status) VALUES (?1, ?2, ?3) "
                                 "ON CONFLICT (task, phase) DO UPDATE SET status = ?3"));
    statement.Bind(1, task).Bind(2, static_cast<int64_t>(phase));
    return statement.Bind(3, static_cast<int64_t>(status)).Run();
  });
}

Status SqliteStore::AppendAudit(int64_t task, std::string_view action, std::string_view subject,
                                std::string_view detail) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto statement,
              connection.Prepare("INSERT INTO audit (task, unix_ms, action, subject, detail) "
                                 "VALUES (?1, ?2, ?3, ?4, ?5)"));
    statement.Bind(1, task).Bind(2, int64_t{clock_.WallTime().count()}).Bind(3, action);
    return statement.Bind(4, subject).Bind(5, detail).Run();
  });
}

Result<std::vector<AuditRecord>> SqliteStore::ListAudit(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<AuditRecord>> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT unix_ms, action, subject, detail FROM audit "
                                 "WHERE task = ?1 ORDER BY id"));
    statement.Bind(1, task);
    return statement.Collect<AuditRecord>([&]() -> Result<AuditRecord> {
      return AuditRecord{.unix_ms = statement.Integer(0),
                         .action = std::string(statement.Text(1)),
                         .subject = std::string(statement.Text(2)),
                         .detail = std::string(statement.Text(3))};
    });
  });
}

}  // namespace starlift::state

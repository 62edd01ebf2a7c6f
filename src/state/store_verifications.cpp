// What verifications said.
#include "state/sqlite_store_state.h"

namespace starlift::state {

Status SqliteStore::SaveVerification(int64_t task, const VerificationRecord& record) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(
        auto statement,
        connection.Prepare("INSERT OR REPLACE INTO verifications (task, target, unix_ms, method, "
                           "source_rows, target_rows, differing, unsettled, equal) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
    statement.Bind(1, task).Bind(2, record.target).Bind(3, record.unix_ms).Bind(4, record.method);
    statement.Bind(5, static_cast<int64_t>(record.source_rows));
    statement.Bind(6, static_cast<int64_t>(record.target_rows));
    statement.Bind(7, static_cast<int64_t>(record.differing));
    statement.Bind(8, static_cast<int64_t>(record.unsettled));
    return statement.Bind(9, int64_t{record.equal ? 1 : 0}).Run();
  });
}

Result<std::vector<VerificationRecord>> SqliteStore::ListVerifications(int64_t task) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<VerificationRecord>> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT target, unix_ms, method, source_rows, target_rows, "
                                 "differing, unsettled, equal FROM verifications "
                                 "WHERE task = ?1 ORDER BY target"));
    statement.Bind(1, task);
    return statement.Collect<VerificationRecord>([&]() -> Result<VerificationRecord> {
      return VerificationRecord{.target = std::string(statement.Text(0)),
                                .unix_ms = statement.Integer(1),
                                .method = std::string(statement.Text(2)),
                                .source_rows = static_cast<uint64_t>(statement.Integer(3)),
                                .target_rows = static_cast<uint64_t>(statement.Integer(4)),
                                .differing = static_cast<uint64_t>(statement.Integer(5)),
                                .unsettled = static_cast<uint64_t>(statement.Integer(6)),
                                .equal = statement.Integer(7) != 0};
    });
  });
}

}  // namespace starlift::state

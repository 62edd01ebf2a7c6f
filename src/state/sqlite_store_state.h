#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "state/group_commit.h"
#include "state/store.h"

namespace starlift::state {

// A table's id as three parameters, or columns, from `first` on.
inline SqliteStatement& BindId(SqliteStatement& statement, int first, const TableId& id) {
  return statement.Bind(first, id.database).Bind(first + 1, id.schema).Bind(first + 2, id.name);
}
inline TableId ReadId(const SqliteStatement& row, int first) {
  return {std::string(row.Text(first)), std::string(row.Text(first + 1)),
          std::string(row.Text(first + 2))};
}

// StateStore over one SQLite file. The implementation is spread over store_*.cpp by what it keeps.
class SqliteStore final : public StateStore, public AdmissionStore {
 public:
  SqliteStore(std::unique_ptr<SqliteConnection> connection, Clock& clock, Random& random)
      : commits_(std::move(connection)), clock_(clock), random_(random) {}

  Result<TaskRecord> OpenTask(std::string_view identity, std::string_view config_digest) override;
  Result<std::optional<TaskRecord>> FindTask(std::string_view identity) override;
  Status RemoveTask(int64_t task) override;
  Result<PhaseStatus> GetPhase(int64_t task, Phase phase) override;
  Status SetPhase(int64_t task, Phase phase, PhaseStatus status) override;

  Result<TableRecord> OpenTable(int64_t task, const TableId& source,
                                std::string_view target_database,
                                std::string_view target_table) override;
  Result<std::vector<TableRecord>> ListTables(int64_t task) override;
  Result<TableRecord> GetTable(int64_t table) override;
  Status SetTableStatus(int64_t table, TableStatus status) override;
  Status SetSchemaDigest(int64_t table, std::string_view digest) override;
  Status MarkCreated(int64_t table) override;
  Status MarkPrepared(int64_t table) override;
  Status SetLoadAsJson(int64_t table) override;
  Status RestartTable(int64_t table) override;

  Status AddChunks(int64_t table, std::span<const ChunkRecord> chunks, bool last) override;
  Result<std::vector<ChunkRecord>> ListChunks(int64_t table) override;
  Status FinishChunk(int64_t table, uint64_t chunk, const TableCounters& counters,
                     std::optional<uint64_t> dead_letter_bytes) override;

  Result<LoadRecord> AddLoad(int64_t table, const LoadRecord& load) override;
  Status UpdateLoad(const LoadRecord& load) override;
  Status RemoveLoad(int64_t table, uint64_t sequence) override;
  Result<std::vector<LoadRecord>> ListLoads(int64_t table) override;

  Result<std::optional<CheckpointRecord>> GetCheckpoint(int64_t task) override;
  Status SaveCheckpoint(int64_t task, const CheckpointUpdate& update) override;
  Result<std::vector<TableVersion>> ListDefinitions(int64_t task) override;
  Result<std::vector<ShadowTable>> ListShadows(int64_t task) override;
  Result<ChangeLoadRecord> AddChangeLoad(int64_t table, const ChangeLoadRecord& load) override;
  Status SetChangeLoadPrepared(const ChangeLoadRecord& load) override;
  Status FinishChangeLoad(const ChangeLoadRecord& load) override;
  Status RemoveChangeLoad(const ChangeLoadRecord& load) override;
  Result<std::vector<ChangeLoadRecord>> ListChangeLoads(int64_t task) override;
  Status SetApplied(int64_t table, std::string_view mark) override;
  Result<std::string> GetApplied(int64_t table) override;

  Result<std::vector<std::string>> ListMissingRows(int64_t table) override;
  Status SetSkips(int64_t task, uint64_t allowed) override;
  Status CountSkip(int64_t task, bool used) override;
  Result<SkipRecord> GetSkips(int64_t task) override;
  Status SetKeptColumns(int64_t table, const std::vector<std::string>& columns) override;
  Result<std::vector<std::string>> ListKeptColumns(int64_t table) override;
  Status AddDoubtfulRows(int64_t task, const std::vector<DoubtfulRow>& rows) override;
  Result<std::vector<DoubtfulRow>> ListDoubtfulRows(int64_t task) override;
  Status ForgetDoubtfulRows(int64_t task) override;

  Status SaveVerification(int64_t task, const VerificationRecord& record) override;
  Result<std::vector<VerificationRecord>> ListVerifications(int64_t task) override;
  Status AppendAudit(int64_t task, std::string_view action, std::string_view subject,
                     std::string_view detail) override;
  Result<std::vector<AuditRecord>> ListAudit(int64_t task) override;

  AdmissionStore& admissions() override { return *this; }
  Result<AdmissionRecord> AddAdmission(int64_t task, const std::vector<TableId>& tables,
                                       std::string_view existing,
                                       std::optional<TableChoice> choice) override;
  Result<std::vector<AdmissionRecord>> ListAdmissions(int64_t task) override;
  Status EndAdmission(int64_t task, int64_t admission) override;
  Status ForgetTable(int64_t task, const TableId& table,
                     std::optional<TableChoice> choice) override;
  Result<std::vector<ChosenTable>> ListChoices(int64_t task) override;

 private:
  // An UPDATE of one row of `tables` whose last parameter is the table's id.
  Status UpdateTable(const char* sql, int64_t table);

  // Runs `change` (SqliteConnection& → Result<T>) durably, and gives its result.
  template <typename Change>
  auto Write(const Change& change) {
    return Collect([this](const GroupCommit::Change& run) { return commits_.Write(run); }, change);
  }
  // The same for what only reads.
  template <typename Query>
  auto Read(const Query& query) {
    return Collect([this](const GroupCommit::Change& run) { return commits_.Read(run); }, query);
  }

  template <typename Run, typename Action>
  static auto Collect(const Run& run, const Action& action)
      -> decltype(action(std::declval<SqliteConnection&>())) {
    std::optional<decltype(action(std::declval<SqliteConnection&>()))> result;
    Status status = run([&](SqliteConnection& connection) -> Status {
      result.emplace(action(connection));
      return result->ok() ? Status() : Status(result->error());
    });
    if (!status.ok()) return std::move(status).error();
    return std::move(*result);
  }

  GroupCommit commits_;
  Clock& clock_;
  Random& random_;
};

}  // namespace starlift::state

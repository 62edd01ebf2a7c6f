#pragma once

#include <memory>
#include <string>

#include "load/simulated_world.h"
#include "state/store.h"

namespace starlift::load {

// The state store as one life of the process sees it: each call is a step that may be its last.
class MortalStore : public state::StateStore {
 public:
  MortalStore(state::StateStore& store, CrashSwitch& crash) : store_(store), crash_(crash) {}

  Result<state::TaskRecord> OpenTask(std::string_view identity, std::string_view digest) override {
    return Call([&] { return store_.OpenTask(identity, digest); });
  }
  Result<std::optional<state::TaskRecord>> FindTask(std::string_view identity) override {
    return Call([&] { return store_.FindTask(identity); });
  }
  Status RemoveTask(int64_t task) override {
    return Call([&] { return store_.RemoveTask(task); });
  }
  Result<state::PhaseStatus> GetPhase(int64_t task, state::Phase phase) override {
    return Call([&] { return store_.GetPhase(task, phase); });
  }
  Status SetPhase(int64_t task, state::Phase phase, state::PhaseStatus status) override {
    return Call([&] { return store_.SetPhase(task, phase, status); });
  }
  Result<state::TableRecord> OpenTable(int64_t task, const TableId& source,
                                       std::string_view database, std::string_view table) override {
    return Call([&] { return store_.OpenTable(task, source, database, table); });
  }
  Result<std::vector<state::TableRecord>> ListTables(int64_t task) override {
    return Call([&] { return store_.ListTables(task); });
  }
  Result<state::TableRecord> GetTable(int64_t table) override {
    return Call([&] { return store_.GetTable(table); });
  }
  Status SetTableStatus(int64_t table, state::TableStatus status) override {
    return Call([&] { return store_.SetTableStatus(table, status); });
  }
  Status SetSchemaDigest(int64_t table, std::string_view digest) override {
    return Call([&] { return store_.SetSchemaDigest(table, digest); });
  }
  Status MarkCreated(int64_t table) override {
    return Call([&] { return store_.MarkCreated(table); });
  }
  Status MarkPrepared(int64_t table) override {
    return Call([&] { return store_.MarkPrepared(table); });
  }
  Status SetLoadAsJson(int64_t table) override {
    return Call([&] { return store_.SetLoadAsJson(table); });
  }
  Status RestartTable(int64_t table) override {
    return Call([&] { return store_.RestartTable(table); });
  }
  Status AddChunks(int64_t table, std::span<const state::ChunkRecord> chunks, bool last) override {
    return Call([&] { return store_.AddChunks(table, chunks, last); });
  }
  Result<std::vector<state::ChunkRecord>> ListChunks(int64_t table) override {
    return Call([&] { return store_.ListChunks(table); });
  }
  Result<state::LoadRecord> AddLoad(int64_t table, const state::LoadRecord& load) override {
    return Call([&] { return store_.AddLoad(table, load); });
  }
  Status UpdateLoad(const state::LoadRecord& load) override {
    return Call([&] { return store_.UpdateLoad(load); });
  }
  Status RemoveLoad(int64_t table, uint64_t sequence) override {
    return Call([&] { return store_.RemoveLoad(table, sequence); });
  }
  Result<std::vector<state::LoadRecord>> ListLoads(int64_t table) override {
    return Call([&] { return store_.ListLoads(table); });
  }
  Status FinishChunk(int64_t table, uint64_t chunk, const state::TableCounters& counters,
                     std::optional<uint64_t> dead_letter_bytes) override {
    return Call([&] { return store_.FinishChunk(table, chunk, counters, dead_letter_bytes); });
  }
  Result<std::optional<state::CheckpointRecord>> GetCheckpoint(int64_t task) override {
    return Call([&] { return store_.GetCheckpoint(task); });
  }
  Status SaveCheckpoint(int64_t task, const state::CheckpointUpdate& update) override {
    return Call([&] { return store_.SaveCheckpoint(task, update); });
  }
  Result<std::vector<TableVersion>> ListDefinitions(int64_t task) override {
    return Call([&] { return store_.ListDefinitions(task); });
  }
  Result<std::vector<ShadowTable>> ListShadows(int64_t task) override {
    return Call([&] { return store_.ListShadows(task); });
  }
  Result<state::ChangeLoadRecord> AddChangeLoad(int64_t table,
                                                const state::ChangeLoadRecord& load) override {
    return Call([&] { return store_.AddChangeLoad(table, load); });
  }
  Status SetChangeLoadPrepared(const state::ChangeLoadRecord& load) override {
    return Call([&] { return store_.SetChangeLoadPrepared(load); });
  }
  Status FinishChangeLoad(const state::ChangeLoadRecord& load) override {
    return Call([&] { return store_.FinishChangeLoad(load); });
  }
  Status RemoveChangeLoad(const state::ChangeLoadRecord& load) override {
    return Call([&] { return store_.RemoveChangeLoad(load); });
  }
  Result<std::vector<state::ChangeLoadRecord>> ListChangeLoads(int64_t task) override {
    return Call([&] { return store_.ListChangeLoads(task); });
  }
  Status SetApplied(int64_t table, std::string_view mark) override {
    return Call([&] { return store_.SetApplied(table, mark); });
  }
  Result<std::string> GetApplied(int64_t table) override {
    return Call([&] { return store_.GetApplied(table); });
  }
  Result<std::vector<std::string>> ListMissingRows(int64_t table) override {
    return Call([&] { return store_.ListMissingRows(table); });
  }
  Status SetSkips(int64_t task, uint64_t allowed) override {
    return Call([&] { return store_.SetSkips(task, allowed); });
  }
  Status CountSkip(int64_t task, bool used) override {
    return Call([&] { return store_.CountSkip(task, used); });
  }
  Result<state::SkipRecord> GetSkips(int64_t task) override {
    return Call([&] { return store_.GetSkips(task); });
  }
  Status AddDoubtfulRows(int64_t task, const std::vector<state::DoubtfulRow>& rows) override {
    return Call([&] { return store_.AddDoubtfulRows(task, rows); });
  }
  Result<std::vector<state::DoubtfulRow>> ListDoubtfulRows(int64_t task) override {
    return Call([&] { return store_.ListDoubtfulRows(task); });
  }
  Status ForgetDoubtfulRows(int64_t task) override {
    return Call([&] { return store_.ForgetDoubtfulRows(task); });
  }
  Status SetKeptColumns(int64_t table, const std::vector<std::string>& columns) override {
    return Call([&] { return store_.SetKeptColumns(table, columns); });
  }
  Result<std::vector<std::string>> ListKeptColumns(int64_t table) override {
    return Call([&] { return store_.ListKeptColumns(table); });
  }
  Status SaveVerification(int64_t task, const state::VerificationRecord& record) override {
    return Call([&] { return store_.SaveVerification(task, record); });
  }
  Result<std::vector<state::VerificationRecord>> ListVerifications(int64_t task) override {
    return Call([&] { return store_.ListVerifications(task); });
  }
  Status AppendAudit(int64_t task, std::string_view action, std::string_view subject,
                     std::string_view detail) override {
    return Call([&] { return store_.AppendAudit(task, action, subject, detail); });
  }
  Result<std::vector<state::AuditRecord>> ListAudit(int64_t task) override {
    return Call([&] { return store_.ListAudit(task); });
  }
  state::AdmissionStore& admissions() override { return store_.admissions(); }

 private:
  template <typename Action>
  auto Call(const Action& action) -> decltype(action()) {
    std::optional<decltype(action())> result;
    if (crash_.Step([&] { result.emplace(action()); })) return std::move(*result);
    return Error{ErrorKind::kIo, "the process is dead"};
  }

  state::StateStore& store_;
  CrashSwitch& crash_;
};

}  // namespace starlift::load

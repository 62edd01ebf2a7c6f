#include "sync/run/left_out_rows.h"

#include <string>
#include <utility>

#include "load/changes/unknown_rows.h"

namespace starlift::sync {
namespace {

Status Store(state::StateStore& store, int64_t task, std::vector<state::MissingRowUpdate> rows) {
  if (rows.empty()) return {};
  SL_ASSIGN(const auto checkpoint, store.GetCheckpoint(task));
  if (!checkpoint) return {};  // nothing will be followed
  state::CheckpointUpdate update;
  update.position = checkpoint->position;
  update.commit_unix_us = checkpoint->commit_unix_us;
  update.missing_rows = std::move(rows);
  return store.SaveCheckpoint(task, update);
}

}  // namespace

Status SettleLoadedRows(state::StateStore& store, int64_t task, const state::TableRecord& source,
                        const state::TableRecord& load) {
  SL_ASSIGN(const auto missing, store.ListMissingRows(source.id));
  std::vector<state::MissingRowUpdate> rows;
  rows.reserve(missing.size() + 1);
  for (const std::string& key : missing) rows.push_back({source.id, key, false});
  SL_ASSIGN(const state::TableRecord loaded, store.GetTable(load.id));
  if (loaded.done.rows_rejected > 0) {
    rows.push_back({source.id, std::string(load::kUnknownRows), true});
  }
  return Store(store, task, std::move(rows));
}

Status PassOnMissingRows(state::StateStore& store, int64_t task, const state::TableRecord& from,
                         const state::TableRecord& to) {
  SL_ASSIGN(const auto missing, store.ListMissingRows(from.id));
  std::vector<state::MissingRowUpdate> rows;
  rows.reserve(missing.size() + 1);
  for (const std::string& key : missing) rows.push_back({to.id, key, true});
  return Store(store, task, std::move(rows));
}

}  // namespace starlift::sync

#include "sync/run/alteration_mark.h"

#include <string>
#include <vector>

namespace starlift::sync {
namespace {

constexpr const char kMark[] = "altered after ";

}  // namespace

Status MarkAlteration(state::StateStore& store, int64_t task, const state::TableRecord& table) {
  SL_ASSIGN(const auto checkpoint, store.GetCheckpoint(task));
  if (!checkpoint) return {};
  return store.SetSchemaDigest(table.id, kMark + checkpoint->position);
}

Result<std::set<TableId>> FindAlterations(state::StateStore& store, int64_t task) {
  std::set<TableId> altered;
  SL_ASSIGN(const auto checkpoint, store.GetCheckpoint(task));
  if (!checkpoint) return altered;
  SL_ASSIGN(const std::vector<state::TableRecord> tables, store.ListTables(task));
  for (const state::TableRecord& table : tables) {
    if (table.schema_digest == kMark + checkpoint->position) altered.insert(table.source);
  }
  return altered;
}

}  // namespace starlift::sync

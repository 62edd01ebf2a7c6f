#include "sync/run/hand_over.h"

#include <algorithm>

#include "load/changes/applied_mark.h"
#include "sources/change_stream.h"
#include "state/table_text.h"

namespace starlift::sync {
namespace {

// The definition alone.
std::string PrintDefinition(Table table) {
  table.row_estimate = 0;
  table.byte_estimate = 0;
  table.average_row_bytes = 0;
  return state::PrintTable(table);
}

}  // namespace

Result<std::optional<Catalog>> ReadCheckpointCatalog(state::StateStore& store, int64_t task) {
  SL_ASSIGN(const auto checkpoint, store.GetCheckpoint(task));
  if (!checkpoint) return std::optional<Catalog>();
  SL_ASSIGN(const std::vector<TableVersion> definitions, store.ListDefinitions(task));
  Catalog catalog;
  for (const TableVersion& table : definitions) catalog.tables.push_back(*table);
  return std::optional(std::move(catalog));
}

bool SameDefinitions(const Catalog& a, const Catalog& b) {
  return std::equal(a.tables.begin(), a.tables.end(), b.tables.begin(), b.tables.end(),
                    [](const Table& one, const Table& other) {
                      return PrintDefinition(one) == PrintDefinition(other);
                    });
}

Result<std::optional<Position>> FindStart(const Catalog& before, Source& source,
                                          const TableFilter& filter) {
  SL_ASSIGN(Position head, source.log()->Head());
  SL_ASSIGN(const Catalog after, source.ReadCatalog(filter));
  if (!SameDefinitions(before, after)) return std::optional<Position>();
  return std::optional(std::move(head));
}

Status StoreStart(state::StateStore& store, int64_t task, const Position& position,
                  const Plan& plan) {
  state::CheckpointUpdate update;
  update.position = position;
  for (const TablePlan& table : plan.tables) {
    update.definitions.push_back(std::make_shared<const Table>(table.mapping.source));
  }
  return store.SaveCheckpoint(task, update);
}

Status StoreReadEnd(const std::vector<int64_t>& tables, Source& source, state::StateStore& store,
                    const RetryPolicy& retry) {
  if (tables.empty()) return {};
  SL_ASSIGN(Position head, RetryUnreachable(retry, "source", [&] { return source.log()->Head(); }));
  load::AppliedMark mark;
  mark.snapshot = std::move(head);
  for (const int64_t table : tables) SL_TRY(store.SetApplied(table, load::PrintMark(mark)));
  return {};
}

}  // namespace starlift::sync

#include "sync/cascades/cascade_settling.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/log.h"
#include "sync/verify/target_sql.h"

namespace starlift::sync {
namespace {

constexpr size_t kRowsPerRead = 500;
// Of the audit: the keys below which everything was seen to be right, none while it isn't.
constexpr std::string_view kSettled = "foreign-keys-settled";

// Rows of one table as they are at the source, as changes.
class AsChanges final : public BatchSink {
 public:
  // `columns` of the batch's table are read; the others stay as they are.
  AsChanges(const std::vector<ColumnIndex>& columns, ChangeBatch& batch) : batch_(batch) {
    places_.resize(batch.table->columns.size());
    for (size_t i = 0; i < columns.size(); ++i) places_[columns[i]] = i;
    whole_ = columns.size() == places_.size();
    if (whole_) return;
    for (const auto& place : places_) batch_.after_columns.push_back(place.has_value());
    batch_.before_columns = batch_.after_columns;
  }

  Status Consume(const RowBatch& rows) override {
    for (size_t row = 0; row < rows.rows(); ++row) {
      for (const auto& place : places_) {
        const auto value = place ? rows.Value(row, *place) : std::nullopt;
        if (value) {
          batch_.rows.AppendCopy(*value);
        } else {
          batch_.rows.AppendNull();
        }
      }
      RowChange change;
      change.after = static_cast<uint32_t>(batch_.rows.rows() - 1);
      if (!whole_) {
        change.kind = ChangeKind::kUpdate;
        change.before = change.after;
      }
      batch_.changes.push_back(change);
    }
    return {};
  }

 private:
  ChangeBatch& batch_;
  std::vector<std::optional<size_t>> places_;  // in what is read
  bool whole_ = true;
};

void AppendDelete(const std::vector<ColumnIndex>& key, const RowTuple& row, ChangeBatch& batch) {
  for (ColumnIndex column = 0; column < batch.table->columns.size(); ++column) {
    const auto part = std::find(key.begin(), key.end(), column);
    if (part == key.end()) {
      batch.rows.AppendNull();
    } else {
      batch.rows.AppendCopy(row[static_cast<size_t>(part - key.begin())]);
    }
  }
  RowChange change;
  change.kind = ChangeKind::kDelete;
  change.before = static_cast<uint32_t>(batch.rows.rows() - 1);
  batch.changes.push_back(change);
}

}  // namespace

Result<bool> CascadeSettling::AreRowsRead() const {
  const std::string below = keys_.PrintBelowOthers();
  if (below.empty()) return false;
  SL_ASSIGN(const std::vector<state::AuditRecord> audit, world_.store.ListAudit(task_));
  std::string settled;
  for (const state::AuditRecord& record : audit) {
    if (record.action == kSettled) settled = record.detail;
  }
  return settled != below;
}

Status CascadeSettling::SetRowsRead(bool read) {
  const std::string below = keys_.PrintBelowOthers();
  SL_ASSIGN(const bool before, AreRowsRead());
  if (below.empty() || read == before) return {};
  return world_.store.AppendAudit(task_, kSettled, "", read ? "" : below);
}

Status CascadeSettling::FindEarlyChildren(size_t key, const std::set<RowTuple>& parents,
                                          const CascadeWindow::Rows& told,
                                          CascadeWindow& window) const {
  const CascadeKeys::Key& facts = keys_.all()[key];
  const TableId& child = facts.facts.child;
  const auto known = told.find(child);
  const std::vector<RowTuple> all(parents.begin(), parents.end());
  const auto take = [&](size_t, const CascadeEffects::StoredRow& row) -> Status {
    RowTuple tuple;
    for (const auto& value : row) tuple.push_back(value.value_or(""));
    if (known == told.end() || !known->second.contains(tuple)) {
      window.Suspect(child, std::move(tuple));
    }
    return {};
  };
  return effects_.ReadChildren(facts, KeyColumns(*keys_.At(child).mapping), all, {[] {}, take});
}

Status CascadeSettling::FindOrphans(CascadeWindow& window) {
  for (const CascadeKeys::Key& key : keys_.all()) {
    if (!key.below_another || world_.rows == nullptr) continue;
    const mapping::TableMapping& child = *keys_.At(key.facts.child).mapping;
    const mapping::TableMapping& parent = *keys_.At(key.facts.parent).mapping;
    starrocks::EncodePlan plan;
    for (const uint32_t column : KeyColumns(child)) {
      plan.columns.push_back(child.plan.columns[column]);
    }
    starrocks::ColumnReference reference{parent.target.database, parent.target.name, {}, {}};
    for (size_t i = 0; i < key.facts.child_columns.size(); ++i) {
      const auto from = FindPlanColumn(child, key.facts.child_columns[i]);
      const auto to = FindPlanColumn(parent, key.facts.parent_columns[i]);
      if (!from || !to) return CannotFollow(key.facts, "its columns aren't at the target any more");
      reference.columns.push_back(child.plan.columns[*from].name);
      reference.referenced.push_back(parent.plan.columns[*to].name);
    }
    const auto take = [&](starrocks::StoredValues values) -> Status {
      RowTuple row;
      for (const auto& value : values) row.emplace_back(value.value_or(""));
      if (seen_.emplace(key.facts.child, row).second) {
        window.Suspect(key.facts.child, std::move(row));
      }
      return {};
    };
    SL_TRY(RetryUnreachable(retry_, "target", [&] {
      return world_.rows->ReadOrphans(child.target.database, child.target.name, plan, reference,
                                      take);
    }));
  }
  return {};
}

Status CascadeSettling::ReadAgain(const CascadeWindow::Rows& rows) {
  std::unique_ptr<SnapshotReader> reader;
  uint64_t count = 0;
  for (const auto& [id, of_table] : rows) {
    const CascadeKeys::FollowedTable* const table = keys_.Find(id);
    if (table == nullptr) continue;
    SL_ASSIGN(const std::vector<ColumnIndex> columns, RetryUnreachable(retry_, "source", [&] {
                return FindColumnsOfNow(*table->version);
              }));
    std::vector<RowTuple> part;
    const auto read_part = [&]() -> Status {
      SL_TRY(RetryUnreachable(retry_, "source", [&]() -> Status {
        if (reader == nullptr) {
          SL_ASSIGN(reader, world_.source.OpenSnapshot(retry_.cancellation));
        }
        Status read = ReadTable(*reader, *table, columns, part);
        if (!read.ok()) reader.reset();
        return read;
      }));
      count += part.size();
      part.clear();
      return {};
    };
    for (const RowTuple& row : of_table) {
      part.push_back(row);
      if (part.size() >= kRowsPerRead) SL_TRY(read_part());
    }
    if (!part.empty()) SL_TRY(read_part());
  }
  if (count > 0) LogInfo("{} rows below foreign keys were read at the source again", count);
  return applier_.Drain(std::nullopt);
}

Result<std::vector<ColumnIndex>> CascadeSettling::FindColumnsOfNow(const Table& table) const {
  SL_ASSIGN(const Catalog now,
            world_.source.ReadCatalog([&](const TableId& id) { return id == table.id; }));
  std::vector<ColumnIndex> columns;
  if (now.tables.empty()) return columns;
  for (ColumnIndex i = 0; i < table.columns.size(); ++i) {
    if (now.tables.front().FindColumn(table.columns[i].name)) columns.push_back(i);
  }
  return columns;
}

Status CascadeSettling::ReadTable(SnapshotReader& reader, const CascadeKeys::FollowedTable& table,
                                  const std::vector<ColumnIndex>& columns,
                                  const std::vector<RowTuple>& rows) {
  const mapping::TableMapping& mapping = *table.mapping;
  const Table& version = *table.version;
  RowKeys keys;
  std::vector<const starrocks::ColumnPlan*> plans;
  for (const uint32_t number : KeyColumns(mapping)) {
    const starrocks::ColumnPlan& column = mapping.plan.columns[number];
    const auto index = version.FindColumn(SourceName(mapping, column));
    if (!index) {
      return Error{ErrorKind::kConflict,
                   fmt::format("column `{}` of {} is gone", column.name, version.id.ToString())};
    }
    plans.push_back(&column);
    keys.columns.push_back(*index);
  }
  for (const RowTuple& tuple : rows) {
    std::vector<std::string>& row = keys.rows.emplace_back();
    for (size_t k = 0; k < plans.size(); ++k) row.push_back(SourceKeyCell(*plans[k], tuple[k]));
  }
  ChangeBatch there(table.version);
  AsChanges sink(columns, there);
  // A table that is gone by now has no rows.
  if (!columns.empty()) SL_TRY(reader.ReadRows(version, columns, keys, sink));
  std::set<RowTuple> found;
  for (const RowChange& change : there.changes) {
    if (auto row = TupleOf(there.rows, change.after, keys.columns)) found.insert(*std::move(row));
  }
  ChangeBatch gone(table.version);
  for (const RowTuple& row : keys.rows) {
    if (!found.contains(row)) AppendDelete(keys.columns, row, gone);
  }
  if (!gone.changes.empty()) SL_TRY(applier_.ConsumeDerived(gone));
  if (!there.changes.empty()) SL_TRY(applier_.ConsumeDerived(there));
  return {};
}

}  // namespace starlift::sync

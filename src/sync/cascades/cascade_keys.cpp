#include "sync/cascades/cascade_keys.h"

#include <algorithm>

#include <fmt/format.h>

#include "starrocks/row_editor.h"

namespace starlift::sync {
namespace {

// One line that is another where the key is another.
std::string PrintKey(const CascadingKey& key) {
  std::string text = fmt::format("{} {} {} {}", key.ToString(), key.parent.ToString(),
                                 static_cast<int>(key.on_delete), static_cast<int>(key.on_update));
  for (size_t i = 0; i < key.child_columns.size(); ++i) {
    text += fmt::format(" {}={}", key.child_columns[i], key.parent_columns[i]);
  }
  return text + '\n';
}

bool Has(const std::vector<bool>& image, ColumnIndex column) {
  return image.empty() || image[column];
}

// Whether two rows can't have the same values in these columns.
bool AreUnique(const Table& table, const std::vector<ColumnIndex>& columns) {
  const auto among = [&](ColumnIndex column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  };
  if (table.has_key() && std::all_of(table.key.begin(), table.key.end(), among)) return true;
  return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const TableIndex& index) {
    return index.unique &&
           std::all_of(index.parts.begin(), index.parts.end(), [&](const TableIndex::Part& part) {
             return !part.prefix && among(part.column);
           });
  });
}

bool Share(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& name) {
    return std::find(b.begin(), b.end(), name) != b.end();
  });
}

}  // namespace

Error CannotFollow(const CascadingKey& key, std::string_view why) {
  return Error{ErrorKind::kPolicy, fmt::format("what the foreign key {} does to rows by itself "
                                               "can't be followed: {}",
                                               key.ToString(), why)}
      .Mend(fmt::format("ALTER TABLE {} DROP FOREIGN KEY `{}`; and add it again with ON DELETE "
                        "RESTRICT ON UPDATE RESTRICT, the application changing the rows; then "
                        "begin anew: --fresh --existing truncate",
                        key.child.ToString(), key.name));
}

std::optional<RowTuple> TupleOf(const RowBatch& rows, uint32_t row,
                                const std::vector<ColumnIndex>& columns) {
  RowTuple tuple;
  for (const ColumnIndex column : columns) {
    const auto value = rows.Value(row, column);
    if (!value) return std::nullopt;
    tuple.emplace_back(*value);
  }
  return tuple;
}

const std::string& SourceName(const mapping::TableMapping& mapping,
                              const starrocks::ColumnPlan& column) {
  return mapping.source.columns[mapping.columns[column.source_index]].name;
}

std::optional<uint32_t> FindPlanColumn(const mapping::TableMapping& mapping,
                                       std::string_view name) {
  for (uint32_t i = 0; i < mapping.plan.columns.size(); ++i) {
    if (SourceName(mapping, mapping.plan.columns[i]) == name) return i;
  }
  return std::nullopt;
}

void CascadeKeys::AddTable(std::shared_ptr<const mapping::TableMapping> mapping) {
  FollowedTable& table = tables_[mapping->source.id];
  table.version = std::make_shared<const Table>(mapping->source);
  table.mapping = std::move(mapping);
}

Status CascadeKeys::Set(const std::vector<CascadingKey>& keys) {
  keys_.clear();
  for (auto& [id, table] : tables_) {
    table.as_parent.clear();
    table.as_child.clear();
  }
  for (const CascadingKey& facts : keys) {
    const auto child = tables_.find(facts.child);
    if (child == tables_.end()) continue;
    const auto parent = tables_.find(facts.parent);
    if (parent == tables_.end()) return CannotFollow(facts, "its parent is no table of the task");
    const mapping::TableMapping& mapping = *child->second.mapping;
    if (mapping.keyless) return CannotFollow(facts, "the table has no key at the target");
    if (mapping.shared_target) {
      return CannotFollow(facts, "rows of other source tables are in its target table");
    }
    Key& key = keys_.emplace_back();
    key.facts = facts;
    SL_TRY(BindColumns(key));
    parent->second.as_parent.push_back(keys_.size() - 1);
    child->second.as_child.push_back(keys_.size() - 1);
  }
  for (Key& key : keys_) {
    FindTablesBetween(key);
    key.below_another = !tables_.at(key.facts.parent).as_child.empty();
  }
  FindOverlaps();
  return {};
}

void CascadeKeys::FindTablesBetween(Key& key) {
  std::vector<TableId> next = {key.facts.child};
  while (!next.empty()) {
    const TableId id = std::move(next.back());
    next.pop_back();
    const FollowedTable& table = tables_.at(id);
    if (table.as_parent.empty() || !key.between.insert(id).second) continue;
    for (const size_t below : table.as_parent) next.push_back(keys_[below].facts.child);
  }
}

// Columns that two rules may write, or that one writes and others refer to: which comes first would
// decide.
void CascadeKeys::FindOverlaps() {
  for (Key& key : keys_) {
    key.overlaps = std::any_of(keys_.begin(), keys_.end(), [&](const Key& other) {
      return &other != &key && ((other.facts.child == key.facts.child &&
                                 Share(other.facts.child_columns, key.facts.child_columns)) ||
                                (other.facts.parent == key.facts.child &&
                                 Share(other.facts.parent_columns, key.facts.child_columns)));
    });
    key.overlaps = key.overlaps || (key.facts.parent == key.facts.child &&
                                    Share(key.facts.parent_columns, key.facts.child_columns));
  }
}

Status CascadeKeys::BindColumns(Key& key) const {
  const FollowedTable& child = tables_.at(key.facts.child);
  const FollowedTable& parent = tables_.at(key.facts.parent);
  key.child_columns.clear();
  key.parent_columns.clear();
  key.in_child_key = false;
  for (const std::string& name : key.facts.parent_columns) {
    const auto column = parent.version->FindColumn(name);
    if (!column || !FindPlanColumn(*parent.mapping, name)) {
      return CannotFollow(key.facts, fmt::format("its parent's column `{}` isn't there", name));
    }
    key.parent_columns.push_back(*column);
  }
  if (!AreUnique(*parent.version, key.parent_columns)) {
    return CannotFollow(key.facts, "several rows of its parent may have the same values");
  }
  for (const std::string& name : key.facts.child_columns) {
    const auto column = child.version->FindColumn(name);
    const auto planned = FindPlanColumn(*child.mapping, name);
    if (!column || !planned ||
        !starrocks::MayBeInCondition(child.mapping->plan.columns[*planned].type)) {
      return CannotFollow(key.facts, fmt::format("its column `{}` isn't at the target", name));
    }
    key.child_columns.push_back(*column);
    key.in_child_key = key.in_child_key || child.mapping->plan.columns[*planned].key;
  }
  return {};
}

std::vector<TableId> CascadeKeys::TablesInOrder() const {
  std::vector<TableId> ordered;
  for (const auto& [id, table] : tables_) {
    if (table.is_related()) ordered.push_back(id);
  }
  return ordered;
}

std::vector<TableId> CascadeKeys::tables() const {
  std::vector<TableId> all;
  for (const auto& [id, table] : tables_) all.push_back(id);
  return all;
}

const CascadeKeys::FollowedTable* CascadeKeys::Find(const TableId& id) const {
  const auto found = tables_.find(id);
  return found == tables_.end() ? nullptr : &found->second;
}

std::string CascadeKeys::PrintBelowOthers() const {
  std::string text;
  for (const Key& key : keys_) {
    if (key.below_another) text += PrintKey(key.facts);
  }
  return text;
}

Result<std::vector<CascadeEffect>> CascadeKeys::EffectsOf(const FollowedTable& table,
                                                          const ChangeBatch& batch,
                                                          const RowChange& change) const {
  std::vector<CascadeEffect> effects;
  if (change.kind == ChangeKind::kInsert) return effects;
  for (const size_t number : table.as_parent) {
    const Key& key = keys_[number];
    const bool deleted = change.kind == ChangeKind::kDelete;
    const KeyRule rule = deleted ? key.facts.on_delete : key.facts.on_update;
    if (rule == KeyRule::kNothing) continue;
    const auto from = TupleOf(batch.rows, change.before, key.parent_columns);
    if (!from) continue;
    CascadeEffect effect{number, rule, deleted && rule == KeyRule::kCascade, *from, {}};
    if (!deleted) {
      RowTuple to;
      bool has_null = false;
      for (size_t i = 0; i < key.parent_columns.size(); ++i) {
        const ColumnIndex column = key.parent_columns[i];
        if (!Has(batch.after_columns, column)) {
          to.push_back((*from)[i]);
          continue;
        }
        const auto value = batch.rows.Value(change.after, column);
        has_null = has_null || !value;
        to.emplace_back(value.value_or(""));
      }
      if (!has_null && to == *from) continue;
      if (has_null) effect.rule = KeyRule::kSetNull;
      if (effect.rule == KeyRule::kCascade) effect.to = std::move(to);
    }
    if (!effect.deletes && key.overlaps) {
      return CannotFollow(key.facts,
                          "it changes columns that another foreign key changes or refers to");
    }
    effects.push_back(std::move(effect));
  }
  return effects;
}

std::vector<CascadeKeys::Arrival> CascadeKeys::ArrivalsOf(const FollowedTable& table,
                                                          const ChangeBatch& batch,
                                                          const RowChange& change) const {
  std::vector<Arrival> arrivals;
  if (change.kind == ChangeKind::kDelete) return arrivals;
  for (const size_t number : table.as_parent) {
    const Key& key = keys_[number];
    auto after = TupleOf(batch.rows, change.after, key.parent_columns);
    if (!after) continue;
    if (change.kind == ChangeKind::kUpdate &&
        after == TupleOf(batch.rows, change.before, key.parent_columns)) {
      continue;
    }
    arrivals.push_back({number, *std::move(after)});
  }
  return arrivals;
}

Status CascadeKeys::RequireWholeRows(const FollowedTable& table, const ChangeBatch& batch) const {
  if (batch.before_columns.empty() && batch.after_columns.empty()) return {};
  for (ColumnIndex column = 0; column < batch.table->columns.size(); ++column) {
    if (batch.table->columns[column].generated) continue;
    if (Has(batch.before_columns, column) && Has(batch.after_columns, column)) continue;
    const size_t number = table.as_child.empty() ? table.as_parent[0] : table.as_child[0];
    return CannotFollow(keys_[number].facts,
                        fmt::format("the log doesn't hold all columns of {}; binlog_row_image has "
                                    "to be FULL",
                                    batch.table->id.ToString()));
  }
  return {};
}

Result<bool> CascadeKeys::Follow(const SchemaChange& change,
                                 std::shared_ptr<const mapping::TableMapping> mapping) {
  if (change.kind == SchemaChangeKind::kTruncateTable || !change.before) return true;
  const TableId& id = change.before->id;
  const auto found = tables_.find(id);
  if (found == tables_.end()) return true;
  const auto concerned =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& one) { return one.Concerns(id); });
  if (concerned == keys_.end()) return true;
  if (change.kind == SchemaChangeKind::kDropTable) return false;
  if (!change.after || change.after->id != id) {
    return CannotFollow(concerned->facts, fmt::format("{} was renamed", id.ToString()));
  }
  if (mapping == nullptr) {
    return CannotFollow(concerned->facts, fmt::format("{} is followed no more", id.ToString()));
  }
  found->second.mapping = std::move(mapping);
  found->second.version = change.after;
  for (Key& key : keys_) {
    if (!key.Concerns(id)) continue;
    for (const auto& [was, is] : change.renamed_columns) {
      const auto& names =
          key.facts.child == id ? key.facts.child_columns : key.facts.parent_columns;
      if (std::find(names.begin(), names.end(), was) == names.end()) continue;
      return CannotFollow(key.facts, fmt::format("its column `{}` was renamed", was));
    }
    SL_TRY(BindColumns(key));
  }
  return true;
}

}  // namespace starlift::sync

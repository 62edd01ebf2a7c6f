#include "sync/cascades/cascade_effects.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "starrocks/canonical_value.h"
#include "sync/verify/target_sql.h"

namespace starlift::sync {
namespace {

constexpr size_t kTuplesPerRead = 1'000;
constexpr size_t kRowsAtOnce = 10'000;

std::string Canonical(const starrocks::TargetType& type, std::string_view text) {
  std::string bytes;
  if (!starrocks::AppendCanonicalValue(type, text, bytes)) bytes = text;
  return bytes;
}

bool IsNumber(const starrocks::TargetType& type) {
  return type.kind <= starrocks::TargetTypeKind::kLargeInt ||
         type.kind == starrocks::TargetTypeKind::kDecimal;
}

}  // namespace

std::vector<uint32_t> KeyColumns(const mapping::TableMapping& mapping) {
  std::vector<uint32_t> columns;
  for (uint32_t i = 0; i < mapping.plan.columns.size(); ++i) {
    if (mapping.plan.columns[i].key) columns.push_back(i);
  }
  return columns;
}

Status CascadeEffects::Apply(std::vector<CascadeEffect> effects) {
  followed_.clear();
  deleted_.clear();
  has_updates_ = std::any_of(effects.begin(), effects.end(),
                             [](const CascadeEffect& effect) { return !effect.deletes; });
  std::vector<std::vector<Derived>> levels;
  while (!effects.empty()) {
    SL_ASSIGN(Level level, Follow(effects));
    levels.push_back(std::move(level.changes));
    effects = std::move(level.next);
  }
  SL_TRY(doubts_.Note(window_.TakeTouched()));
  while (!levels.empty()) {
    SL_TRY(Tell(std::move(levels.back())));
    levels.pop_back();
  }
  return applier_.Drain(std::nullopt);
}

// Nobody goes by way of such a row, and nothing else happens to it.
bool CascadeEffects::MayTellAtOnce(const CascadeKeys::FollowedTable& child) const {
  return child.as_parent.empty() && !has_updates_ &&
         std::none_of(child.as_child.begin(), child.as_child.end(), [&](size_t number) {
           return keys_.all()[number].facts.on_delete == KeyRule::kSetNull;
         });
}

Status CascadeEffects::TellAtOnce(size_t number, const std::vector<uint32_t>& columns,
                                  std::vector<Found>& found) {
  Level level;
  SL_TRY(Derive(number, columns, found, level));
  found.clear();
  SL_TRY(doubts_.Note(window_.TakeTouched()));
  for (const Derived& derived : level.changes) SL_TRY(applier_.ConsumeDerived(derived.batch));
  return {};
}

Status CascadeEffects::Tell(std::vector<Derived> changes) {
  if (changes.empty()) return {};
  for (Derived& derived : changes) {
    ChangeBatch& batch = derived.batch;
    // A row that goes by one key isn't changed by another.
    std::vector<RowChange> stay;
    for (size_t i = 0; i < batch.changes.size(); ++i) {
      if (batch.changes[i].kind == ChangeKind::kUpdate &&
          deleted_.contains({batch.table->id, derived.keys[i]})) {
        continue;
      }
      stay.push_back(batch.changes[i]);
    }
    batch.changes = std::move(stay);
    if (!batch.changes.empty()) SL_TRY(applier_.ConsumeDerived(batch));
  }
  return applier_.Drain(std::nullopt);
}

Result<CascadeEffects::Level> CascadeEffects::Follow(const std::vector<CascadeEffect>& effects) {
  std::map<size_t, std::vector<const CascadeEffect*>> by_key;
  for (const CascadeEffect& effect : effects) {
    // Rows that refer to each other in a ring.
    if (!followed_.emplace(effect.key, effect.deletes, effect.from).second) continue;
    by_key[effect.key].push_back(&effect);
  }
  Level level;
  for (const auto& [key, some] : by_key) {
    for (size_t begin = 0; begin < some.size(); begin += kTuplesPerRead) {
      const size_t count = std::min(kTuplesPerRead, some.size() - begin);
      SL_TRY(FollowSome(key, {some.data() + begin, count}, level));
    }
  }
  return level;
}

// The plan's columns that tell which row it is, that the key changes, and that other keys refer to.
std::vector<uint32_t> CascadeEffects::ColumnsToRead(const CascadeKeys::FollowedTable& child,
                                                    const CascadeKeys::Key& key) const {
  const mapping::TableMapping& mapping = *child.mapping;
  const std::vector<uint32_t> of_key = KeyColumns(mapping);
  std::set<uint32_t> columns(of_key.begin(), of_key.end());
  const auto add = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (const auto column = FindPlanColumn(mapping, name)) columns.insert(*column);
    }
  };
  add(key.facts.child_columns);
  for (const size_t other : child.as_parent) add(keys_.all()[other].facts.parent_columns);
  return {columns.begin(), columns.end()};
}

Status CascadeEffects::ReadChildren(const CascadeKeys::Key& key,
                                    const std::vector<uint32_t>& columns,
                                    std::span<const RowTuple> parents,
                                    const Visitor& visitor) const {
  const mapping::TableMapping& mapping = *keys_.At(key.facts.child).mapping;
  if (rows_ == nullptr) return CannotFollow(key.facts, "rows at the target can't be read");
  // What is asked for, then the key's own columns.
  starrocks::EncodePlan plan;
  for (const uint32_t column : columns) plan.columns.push_back(mapping.plan.columns[column]);
  starrocks::RowCondition condition;
  for (size_t i = 0; i < key.facts.child_columns.size(); ++i) {
    const auto column = FindPlanColumn(mapping, key.facts.child_columns[i]);
    if (!column) return CannotFollow(key.facts, "its columns aren't at the target any more");
    const starrocks::ColumnPlan& planned = mapping.plan.columns[*column];
    plan.columns.push_back(planned);
    std::set<std::string> values;
    for (const RowTuple& parent : parents) values.insert(parent[i]);
    condition.push_back({planned.name, IsNumber(planned.type), {values.begin(), values.end()}});
  }
  const auto type_of = [&](size_t part) -> const starrocks::TargetType& {
    return plan.columns[columns.size() + part].type;
  };
  std::map<RowTuple, size_t> by_values;
  for (size_t number = 0; number < parents.size(); ++number) {
    RowTuple canonical;
    for (size_t i = 0; i < parents[number].size(); ++i) {
      canonical.push_back(Canonical(type_of(i), parents[number][i]));
    }
    by_values.emplace(std::move(canonical), number);
  }
  const auto take_row = [&](starrocks::StoredValues values) -> Status {
    RowTuple canonical;
    for (size_t i = 0; i < condition.size(); ++i) {
      canonical.push_back(Canonical(type_of(i), values[columns.size() + i].value_or("")));
    }
    const auto found = by_values.find(canonical);
    if (found == by_values.end()) return {};  // another combination of the same values
    StoredRow row;
    for (size_t i = 0; i < columns.size(); ++i) row.emplace_back(values[i]);
    return visitor.take(found->second, std::move(row));
  };
  return RetryUnreachable(retry_, "target", [&] {
    visitor.begin();
    return rows_->Read(mapping.target.database, mapping.target.name, plan, condition, take_row);
  });
}

Status CascadeEffects::FollowSome(size_t number, std::span<const CascadeEffect* const> effects,
                                  Level& level) {
  const CascadeKeys::Key& key = keys_.all()[number];
  const std::vector<uint32_t> columns = ColumnsToRead(keys_.At(key.facts.child), key);
  std::vector<RowTuple> parents;
  for (const CascadeEffect* const effect : effects) parents.push_back(effect->from);
  std::vector<Found> found;
  std::map<size_t, size_t> causes;
  const bool at_once = MayTellAtOnce(keys_.At(key.facts.child));
  const auto take = [&](size_t parent, StoredRow row) -> Status {
    const auto [cause, is_new] = causes.emplace(parent, CascadeEffect::kNoCause);
    if (is_new) cause->second = window_.Begin(*effects[parent]);
    found.push_back({std::move(row), effects[parent], cause->second});
    if (!at_once || found.size() < kRowsAtOnce) return {};
    return TellAtOnce(number, columns, found);
  };
  SL_TRY(ReadChildren(key, columns, parents, {[&] { found.clear(); }, take}));
  if (at_once) return TellAtOnce(number, columns, found);
  return Derive(number, columns, found, level);
}

Status CascadeEffects::Derive(size_t number, const std::vector<uint32_t>& columns,
                              const std::vector<Found>& found, Level& level) {
  const CascadeKeys::Key& key = keys_.all()[number];
  const CascadeKeys::FollowedTable& child = keys_.At(key.facts.child);
  const mapping::TableMapping& mapping = *child.mapping;
  std::vector<bool> known(child.version->columns.size()), told(known.size());
  std::vector<std::optional<size_t>> place(known.size());  // in what was read
  for (size_t i = 0; i < columns.size(); ++i) {
    const starrocks::ColumnPlan& column = mapping.plan.columns[columns[i]];
    const std::string& name = SourceName(mapping, column);
    const auto index = child.version->FindColumn(name);
    if (!index) return CannotFollow(key.facts, fmt::format("column `{}` is gone", name));
    known[*index] = true;
    told[*index] = column.key;
    place[*index] = i;
  }
  for (const ColumnIndex column : key.child_columns) told[column] = true;
  const bool at_once = MayTellAtOnce(child);

  const auto append = [&](const Found& row, bool after, RowBatch& rows) {
    for (ColumnIndex column = 0; column < known.size(); ++column) {
      const auto of_key = std::find(key.child_columns.begin(), key.child_columns.end(), column);
      const auto part = static_cast<size_t>(of_key - key.child_columns.begin());
      const bool changes = after && of_key != key.child_columns.end();
      if (changes && row.effect->rule == KeyRule::kCascade) {
        rows.AppendCopy(row.effect->to[part]);
      } else if (!changes && place[column] && row.row[*place[column]]) {
        rows.AppendCopy(
            SourceKeyCell(mapping.plan.columns[columns[*place[column]]], *row.row[*place[column]]));
      } else {
        rows.AppendNull();
      }
    }
    return static_cast<uint32_t>(rows.rows() - 1);
  };
  for (const bool deletes : {true, false}) {
    Derived derived{ChangeBatch(child.version), {}};
    ChangeBatch& batch = derived.batch;
    batch.before_columns = known;
    if (!deletes) batch.after_columns = told;
    for (const Found& row : found) {
      if (row.effect->deletes != deletes) continue;
      if (!deletes && key.in_child_key) {
        return CannotFollow(key.facts, "a parent's key has changed, and with it would the child's");
      }
      RowChange change;
      change.kind = deletes ? ChangeKind::kDelete : ChangeKind::kUpdate;
      change.before = append(row, false, batch.rows);
      if (!deletes) change.after = append(row, true, batch.rows);
      batch.changes.push_back(change);
      RowTuple& row_key = derived.keys.emplace_back();
      for (size_t i = 0; i < columns.size(); ++i) {
        if (mapping.plan.columns[columns[i]].key) row_key.push_back(row.row[i].value_or(""));
      }
      if (deletes && !at_once) deleted_.emplace(child.version->id, row_key);
      window_.Touch(row.cause, child.version->id, row_key);
      SL_ASSIGN(std::vector<CascadeEffect> next, keys_.EffectsOf(child, batch, change));
      for (CascadeEffect& one : next) {
        one.cause = row.cause;
        level.next.push_back(std::move(one));
      }
    }
    if (!batch.changes.empty()) level.changes.push_back(std::move(derived));
  }
  return {};
}

}  // namespace starlift::sync

#include "load/changes/removed_rows.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

#include "base/log.h"
#include "starrocks/canonical_value.h"

namespace starlift::load {
namespace {

using starrocks::ColumnCondition;
using starrocks::ColumnPlan;
using starrocks::RowCondition;
using starrocks::StoredValues;
using starrocks::TargetTypeKind;

constexpr size_t kLongestPlainValue = 200;
constexpr size_t kMostShownBytes = 200;

// Before each value: what it is, so that no two rows have the same bytes.
constexpr char kNullMark = 'N';
constexpr char kValueMark = 'V';
constexpr char kIllFormedMark = 'X';

// Values that need no second thought in a literal; others are left to the rows' comparison.
bool IsPlain(const ColumnPlan& column, std::string_view value) {
  if (value.size() > kLongestPlainValue) return false;
  // A DATETIME's fraction is not kept by every version's DELETE.
  if (column.type.kind == TargetTypeKind::kDateTime) return value.find('.') == value.npos;
  return std::none_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '\\';
  });
}

bool IsNumber(const ColumnPlan& column) {
  return column.type.kind <= TargetTypeKind::kLargeInt ||
         column.type.kind == TargetTypeKind::kDecimal;
}

}  // namespace

const std::string& RemovedRows::Canonical(StoredValues row) {
  canonical_.clear();
  for (size_t i = 0; i < row.size(); ++i) {
    const size_t mark = canonical_.size();
    uint32_t size = 0;
    canonical_.resize(mark + 1 + sizeof size);
    canonical_[mark] = kNullMark;
    if (row[i]) {
      canonical_[mark] = kValueMark;
      if (!starrocks::AppendCanonicalValue(plan_->columns[i].type, *row[i], canonical_)) {
        canonical_[mark] = kIllFormedMark;
        canonical_ += *row[i];
      }
    }
    size = static_cast<uint32_t>(canonical_.size() - mark - 1 - sizeof size);
    std::memcpy(canonical_.data() + mark + 1, &size, sizeof size);
  }
  return canonical_;
}

void RemovedRows::Add(StoredValues row) {
  const auto [found, is_new] =
      by_value_.try_emplace(Canonical(row), static_cast<uint32_t>(rows_.size()));
  if (is_new) {
    Row& added = rows_.emplace_back();
    for (const auto& value : row) {
      added.values.push_back(value ? std::optional(std::string(*value)) : std::nullopt);
    }
  }
  ++rows_[found->second].left;
  ++left_;
}

std::optional<uint32_t> RemovedRows::Take(StoredValues row) {
  if (left_ == 0) return std::nullopt;
  const auto found = by_value_.find(Canonical(row));
  if (found == by_value_.end() || rows_[found->second].left == 0) return std::nullopt;
  --rows_[found->second].left;
  --left_;
  return found->second;
}

void RemovedRows::Untake(const Group& taken) {
  for (const uint32_t row : taken) ++rows_[row].left;
  left_ += taken.size();
}

std::string RemovedRows::DescribeFirstLeft() const {
  const auto first =
      std::find_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.left > 0; });
  std::string text;
  if (first == rows_.end()) return text;
  for (size_t i = 0; i < first->values.size() && text.size() < kMostShownBytes; ++i) {
    const auto& value = first->values[i];
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", plan_->columns[i].name,
                        value ? value->substr(0, kMostShownBytes) : "NULL");
  }
  return text;
}

// The same columns for all groups: else two of them could take the same row.
void RemovedRows::ChooseColumns() {
  columns_.clear();
  std::optional<uint32_t> first;
  for (uint32_t i = 0; i < plan_->columns.size(); ++i) {
    const ColumnPlan& column = plan_->columns[i];
    if (!starrocks::MayBeInCondition(column.type)) continue;
    if (!first) first = i;
    const bool plain = std::all_of(rows_.begin(), rows_.end(), [&](const Row& row) {
      return row.left == 0 || !row.values[i] || IsPlain(column, *row.values[i]);
    });
    if (plain) columns_.push_back(i);
  }
  if (columns_.empty() && first) columns_.push_back(*first);
}

std::vector<RemovedRows::Group> RemovedRows::MakeGroups() {
  ChooseColumns();
  std::map<std::vector<bool>, Group> by_nulls;
  for (uint32_t number = 0; number < rows_.size(); ++number) {
    if (rows_[number].left == 0) continue;
    std::vector<bool> nulls;
    for (const uint32_t column : columns_) nulls.push_back(!rows_[number].values[column]);
    by_nulls[nulls].push_back(number);
  }
  std::vector<Group> groups;
  for (auto& [nulls, group] : by_nulls) groups.push_back(std::move(group));
  return groups;
}

RowCondition RemovedRows::ConditionOf(const Group& group) const {
  RowCondition condition;
  for (const uint32_t number : columns_) {
    const ColumnPlan& plan = plan_->columns[number];
    ColumnCondition column{plan.name, IsNumber(plan), {}};
    for (const uint32_t row : group) {
      if (const auto& value = rows_[row].values[number]) column.values.push_back(*value);
    }
    std::sort(column.values.begin(), column.values.end());
    column.values.erase(std::unique(column.values.begin(), column.values.end()),
                        column.values.end());
    condition.push_back(std::move(column));
  }
  return condition;
}

// By the column that has the most values: half of them here, half there.
std::optional<std::pair<RemovedRows::Group, RemovedRows::Group>> RemovedRows::Split(
    const Group& group) const {
  std::map<std::string, Group> widest;
  for (const uint32_t number : columns_) {
    std::map<std::string, Group> by_value;
    for (const uint32_t row : group) {
      const auto& value = rows_[row].values[number];
      std::string canonical;
      if (value &&
          !starrocks::AppendCanonicalValue(plan_->columns[number].type, *value, canonical)) {
        canonical = *value;
      }
      by_value[canonical].push_back(row);
    }
    if (by_value.size() > widest.size()) widest = std::move(by_value);
  }
  if (widest.size() < 2) return std::nullopt;
  std::pair<Group, Group> halves;
  size_t at = 0;
  for (const auto& [value, rows] : widest) {
    Group& half = at++ < widest.size() / 2 ? halves.first : halves.second;
    half.insert(half.end(), rows.begin(), rows.end());
  }
  return halves;
}

uint64_t RemovedRows::CountRows(const Group& group) const {
  return std::accumulate(group.begin(), group.end(), uint64_t{0},
                         [&](uint64_t sum, uint32_t row) { return sum + rows_[row].left; });
}

namespace {

// Leaves the rows of which `keep` says so.
template <typename Keep>
void KeepRows(RowBlock& block, const Keep& keep) {
  const size_t columns = block.rows.columns();
  std::vector<Cell>& cells = block.rows.cells();
  size_t kept = 0;
  for (size_t row = 0; row < block.shapes.size(); ++row) {
    if (!keep(row)) continue;
    const auto from = cells.begin() + static_cast<ptrdiff_t>(row * columns);
    if (kept != row) {
      std::copy(from, from + static_cast<ptrdiff_t>(columns),
                cells.begin() + static_cast<ptrdiff_t>(kept * columns));
    }
    block.shapes[kept++] = block.shapes[row];
  }
  cells.resize(kept * columns);
  block.shapes.resize(kept);
}

}  // namespace

Result<RemovedRows> TakeRemovedRows(const ChangePlan& plan, ChangeSet& set) {
  RemovedRows removed(plan.upserts());
  starrocks::StoredRowReader reader(plan.upserts());
  for (const RowBlock& block : set.blocks) {
    SL_TRY(reader.Read(block.rows, {[&](uint32_t row, StoredValues values) -> Status {
                                      if (block.shapes[row] == kDeleteRow) removed.Add(values);
                                      return {};
                                    },
                                    // What no load can carry never was at the target.
                                    [&](uint32_t row, const std::string& why) -> Status {
                                      if (block.shapes[row] == kDeleteRow) {
                                        LogWarning("a row that goes was never loaded: {}", why);
                                      }
                                      return {};
                                    }}));
  }
  set.rows = 0;
  for (RowBlock& block : set.blocks) {
    KeepRows(block, [&](size_t row) { return block.shapes[row] != kDeleteRow; });
    std::vector<bool> comes(block.shapes.size(), true);
    SL_TRY(reader.Read(block.rows, {[&](uint32_t row, StoredValues values) -> Status {
                                      comes[row] = !removed.Take(values);
                                      return {};
                                    },
                                    [](uint32_t, const std::string&) { return Status(); }}));
    KeepRows(block, [&](size_t row) { return comes[row]; });
    set.rows += block.shapes.size();
  }
  set.deletes = 0;
  return removed;
}

}  // namespace starlift::load

#include "sync/cascades/cascade_window.h"

namespace starlift::sync {

void CascadeWindow::Open(Position end, bool rows_were_read) {
  end_ = std::move(end);
  rows_were_read_ = rows_were_read_ || rows_were_read;
}

void CascadeWindow::Close() {
  Take();
  end_.reset();
  rows_were_read_ = false;
}

size_t CascadeWindow::Begin(const CascadeEffect& effect) {
  if (!is_open()) return CascadeEffect::kNoCause;
  const size_t number = nodes_.size();
  nodes_.emplace_back();
  by_values_[{effect.key, effect.from}].push_back(number);
  if (effect.cause != CascadeEffect::kNoCause) nodes_[effect.cause].followed.push_back(number);
  return number;
}

void CascadeWindow::Touch(size_t cause, const TableId& table, RowTuple row) {
  if (cause == CascadeEffect::kNoCause) return;
  touched_.emplace_back(table, row);
  nodes_[cause].rows.emplace_back(table, std::move(row));
  ++rows_;
}

void CascadeWindow::Arrive(const CascadeKeys::Arrival& arrival) {
  if (by_values_.empty()) return;
  const auto found = by_values_.find({arrival.key, arrival.tuple});
  if (found == by_values_.end()) return;
  for (const size_t number : std::exchange(found->second, {})) SuspectNode(number);
}

void CascadeWindow::SuspectAll() {
  for (size_t number = 0; number < nodes_.size(); ++number) SuspectNode(number);
  nodes_.clear();
  by_values_.clear();
}

void CascadeWindow::SuspectNode(size_t number) {
  std::vector<size_t> next = {number};
  while (!next.empty()) {
    Node& node = nodes_[next.back()];
    next.pop_back();
    for (auto& [table, row] : std::exchange(node.rows, {})) {
      --rows_;
      Suspect(table, std::move(row));
    }
    next.insert(next.end(), node.followed.begin(), node.followed.end());
    node.followed.clear();
  }
}

void CascadeWindow::Suspect(const TableId& table, RowTuple row) {
  if (is_open() && suspects_[table].insert(std::move(row)).second) ++rows_;
}

void CascadeWindow::Clear(const TableId& table, const RowTuple& row) {
  const auto found = suspects_.find(table);
  if (found == suspects_.end() || found->second.erase(row) == 0) return;
  --rows_;
  if (found->second.empty()) suspects_.erase(found);
}

CascadeWindow::Rows CascadeWindow::Take() {
  nodes_.clear();
  by_values_.clear();
  rows_ = 0;
  return std::exchange(suspects_, {});
}

}  // namespace starlift::sync

#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "data/change.h"
#include "sync/cascades/cascade_keys.h"

namespace starlift::sync {

// Remembers what may have gone wrong while rows at the target were newer than the stream: after a
// crash, and where rows were read at the source beside it. Up to the window's end, a place in the
// log that none of those rows is newer than,
//
//   T1  parent 7 goes      its children at the target go, too: also one that came to 7 after T2
//   T2  parent 7 comes     now it is known that this may have happened
//
// so that rows that were changed for a parent's values are kept until these values come again. Then
// they are suspects, with all that followed from them. Where they don't come again, no row could
// have had them too early: foreign keys that are in force see to it.
//
// Plain bookkeeping, of the stream's thread.
class CascadeWindow {
 public:
  // Begins, or goes on to a later end.
  void Open(Position end, bool rows_were_read);
  void Close();
  bool is_open() const { return end_.has_value(); }
  const Position& end() const { return *end_; }
  // At the source, by keys or whole tables: rows that are older than the stream may hide, too.
  bool rows_were_read() const { return rows_were_read_; }

  // Rows will be changed for these values of a parent. Gives the cause of what follows from them.
  using Row = std::pair<TableId, RowTuple>;
  size_t Begin(const CascadeEffect& effect);
  void Touch(size_t cause, const TableId& table, RowTuple row);
  // The rows that were touched since the last call.
  std::vector<Row> TakeTouched() { return std::exchange(touched_, {}); }
  // A parent's values come.
  void Arrive(const CascadeKeys::Arrival& arrival);
  void SuspectAll();

  void Suspect(const TableId& table, RowTuple row);
  // The stream tells the row as a whole: it is as the log says.
  void Clear(const TableId& table, const RowTuple& row);

  // Nothing is remembered.
  bool is_empty() const { return nodes_.empty() && suspects_.empty(); }
  bool has_suspects() const { return !suspects_.empty(); }
  size_t size() const { return rows_ + nodes_.size(); }

  // The suspects' keys at the target, per table. Nothing is remembered any more.
  using Rows = std::map<TableId, std::set<RowTuple>>;
  Rows Take();

 private:
  struct Node {
    std::vector<Row> rows;
    std::vector<size_t> followed;  // nodes
  };
  void SuspectNode(size_t number);

  std::optional<Position> end_;
  bool rows_were_read_ = false;
  std::vector<Node> nodes_;
  std::map<std::pair<size_t, RowTuple>, std::vector<size_t>> by_values_;  // key and values
  Rows suspects_;
  std::vector<Row> touched_;
  size_t rows_ = 0;
};

}  // namespace starlift::sync

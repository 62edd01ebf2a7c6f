#pragma once

#include <deque>
#include <map>
#include <string>
#include <tuple>

#include "smt/dialect.h"
#include "smt/model.h"
#include "smt/plan/notes.h"

namespace starlift::smt {

enum class ColumnRole { kValue, kPrimaryKey, kSortKey };

// Decides the type, nullability and default of each column. Tables of one database share few types:
// each is decided once and kept in Plan::types. One thread.
class ColumnPlanner {
 public:
  // All must outlive the planner.
  ColumnPlanner(const Dialect& dialect, TypeRequest request, std::deque<ColumnType>& types,
                Notes& notes)
      : dialect_(dialect), request_(request), types_(types), notes_(notes) {}

  // `place` ("`db`.`table`") goes into notes.
  PlannedColumn Make(const Column& column, ColumnRole role, const std::string& place);

  // Whether StarRocks takes the column into a primary key, perhaps as another type than elsewhere.
  bool MayBePrimaryKey(const Column& column);
  // Whether it takes it into a sort key, as the type that it has elsewhere.
  bool IsSortKeyAsItIs(const Column& column);

  // The type of it there, and nothing noted.
  const ColumnType& TypeAs(const Column& column, ColumnRole role);

 private:
  struct KnownType {
    const ColumnType* type = nullptr;
    std::string difference;  // a note; empty: none
  };
  using TypeKey = std::tuple<std::string, TypeKind, uint64_t, uint8_t, uint8_t, ColumnRole>;

  const KnownType& Find(const Column& column, ColumnRole role);
  std::string DifferenceOf(const Column& column, const ColumnType& type, TypeRequest request) const;
  void CopyDefault(const Column& column, const std::string& place, PlannedColumn& planned);
  void CopyDefaultAsOriginal(const Column& column, PlannedColumn& planned);

  const Dialect& dialect_;
  const TypeRequest request_;
  std::deque<ColumnType>& types_;
  Notes& notes_;
  std::map<TypeKey, KnownType> known_;
};

}  // namespace starlift::smt

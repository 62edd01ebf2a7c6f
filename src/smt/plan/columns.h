#pragma once

#include <deque>
#include <map>
#include <string>
#include <tuple>

#include "smt/dialect.h"
#include "smt/model.h"
#include "smt/plan/notes.h"

namespace starlift::smt {

// Decides the type, nullability and default of each column. Tables of one database share few types:
// each is decided once and kept in Plan::types. One thread.
class ColumnPlanner {
 public:
  // All must outlive the planner.
  ColumnPlanner(const Dialect& dialect, TypeRequest request, std::deque<ColumnType>& types,
                Notes& notes)
      : dialect_(dialect), request_(request), types_(types), notes_(notes) {}

  // `place` ("`db`.`table`") goes into notes. `in_key`: of a primary key or a sort key.
  PlannedColumn Make(const Column& column, bool in_key, const std::string& place);

 private:
  struct KnownType {
    const ColumnType* type = nullptr;
    std::string difference;  // a note; empty: none
  };
  using TypeKey = std::tuple<std::string, TypeKind, uint64_t, uint8_t, uint8_t, bool>;

  const KnownType& TypeOf(const Column& column, bool in_key);
  void CopyDefault(const Column& column, const std::string& place, PlannedColumn& planned);
  void CopyDefaultAsOriginal(const Column& column, PlannedColumn& planned);

  const Dialect& dialect_;
  const TypeRequest request_;
  std::deque<ColumnType>& types_;
  Notes& notes_;
  std::map<TypeKey, KnownType> known_;
};

// Whether StarRocks takes a column of this type into a PRIMARY KEY, or as sort and hash column.
bool MayBePrimaryKey(const ColumnType& type);
bool MayBeSortKey(const ColumnType& type);

}  // namespace starlift::smt

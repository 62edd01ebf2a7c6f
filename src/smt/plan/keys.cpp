#include "smt/plan/keys.h"

#include <algorithm>
#include <optional>

namespace starlift::smt {
namespace {

bool IsPrimary(const Constraint& constraint, const Dialect& dialect) {
  return dialect.compat_is_primary != nullptr ? dialect.compat_is_primary(constraint)
                                              : constraint.kind == ConstraintKind::kPrimary;
}

// Nullopt if a column is not there or may be NULL.
std::optional<std::vector<ColumnIndex>> NotNullColumns(const Table& table,
                                                       const Constraint& constraint) {
  std::vector<ColumnIndex> key;
  for (const std::string& name : constraint.columns) {
    const std::optional<ColumnIndex> column = table.FindColumn(name);
    if (!column || table.columns[*column].nullable) return std::nullopt;
    key.push_back(*column);
  }
  return key;
}

std::vector<ColumnIndex> FirstNotNull(const Table& table, const TableDdlFacts& facts,
                                      const Dialect& dialect, bool primary) {
  for (const Constraint& constraint : facts.constraints) {
    if (IsPrimary(constraint, dialect) != primary) continue;
    if (auto key = NotNullColumns(table, constraint)) return std::move(*key);
  }
  return {};
}

}  // namespace

std::vector<ColumnIndex> ChooseKey(const Table& table, const TableDdlFacts* facts,
                                   const Dialect& dialect, Form form) {
  if (form == Form::kRight || facts == nullptr) return table.key;
  const bool has_primary =
      std::any_of(facts->constraints.begin(), facts->constraints.end(),
                  [&](const Constraint& constraint) { return IsPrimary(constraint, dialect); });
  return FirstNotNull(table, *facts, dialect, has_primary);
}

std::vector<ColumnIndex> CompatExternalKey(const Table& table, const TableDdlFacts* facts,
                                           const Dialect& dialect) {
  if (facts == nullptr) return {};
  return FirstNotNull(table, *facts, dialect, false);
}

std::vector<size_t> KeyFirst(const std::vector<size_t>& order,
                             const std::vector<ColumnIndex>& key) {
  std::vector<size_t> result(key.begin(), key.end());
  for (const size_t column : order) {
    if (std::find(key.begin(), key.end(), column) == key.end()) result.push_back(column);
  }
  return result;
}

}  // namespace starlift::smt

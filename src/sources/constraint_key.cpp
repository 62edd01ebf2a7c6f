#include "sources/constraint_key.h"

#include <optional>
#include <utility>

namespace starlift {
namespace {

bool CanBeKey(TypeKind kind) {
  return kind != TypeKind::kBlob && kind != TypeKind::kJson && kind != TypeKind::kGeometry &&
         kind != TypeKind::kUnsupported;
}

std::optional<std::vector<ColumnIndex>> KeyColumns(const Constraint& constraint,
                                                   const Table& table) {
  std::vector<ColumnIndex> columns;
  for (const std::string& name : constraint.columns) {
    const auto column = table.FindColumn(name);
    if (!column) return std::nullopt;
    const Column& definition = table.columns[*column];
    if (definition.nullable || !CanBeKey(definition.type.kind)) return std::nullopt;
    columns.push_back(*column);
  }
  if (columns.empty()) return std::nullopt;
  return columns;
}

}  // namespace

void ChooseKey(const std::vector<Constraint>& constraints, Table& table) {
  const Constraint* chosen = nullptr;
  for (const Constraint& constraint : constraints) {
    if (constraint.kind == ConstraintKind::kForeign) continue;
    auto columns = KeyColumns(constraint, table);
    if (!columns) continue;
    if (constraint.kind == ConstraintKind::kPrimary) {
      table.key_kind = KeyKind::kPrimary;
      table.key = std::move(*columns);
      return;
    }
    const bool better = chosen == nullptr || columns->size() < table.key.size() ||
                        (columns->size() == table.key.size() && constraint.name < chosen->name);
    if (!better) continue;
    chosen = &constraint;
    table.key_kind = KeyKind::kUnique;
    table.key = std::move(*columns);
  }
}

}  // namespace starlift

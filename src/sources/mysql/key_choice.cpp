#include "sources/mysql/key_choice.h"

#include <optional>
#include <string_view>
#include <utility>

namespace starlift::mysql {
namespace {

constexpr std::string_view kPrimary = "PRIMARY";

bool CanBeKey(TypeKind kind) {
  return kind != TypeKind::kText && kind != TypeKind::kBlob && kind != TypeKind::kJson &&
         kind != TypeKind::kGeometry && kind != TypeKind::kUnsupported;
}

// The index's columns in key order, or nothing if it can't be a key.
std::optional<std::vector<ColumnIndex>> KeyColumns(const TableIndex& index, const Table& table) {
  if (!index.unique) return std::nullopt;
  std::vector<ColumnIndex> columns;
  for (const TableIndex::Part& part : index.parts) {
    if (part.column == TableIndex::Part::kExpression || part.prefix) return std::nullopt;
    const Column& definition = table.columns[part.column];
    if (definition.nullable || !CanBeKey(definition.type.kind)) return std::nullopt;
    columns.push_back(part.column);
  }
  return columns;
}

}  // namespace

void ChooseKey(Table& table) {
  table.key_kind = KeyKind::kNone;
  table.key.clear();
  const TableIndex* chosen = nullptr;
  for (const TableIndex& index : table.indexes) {
    auto columns = KeyColumns(index, table);
    if (!columns) continue;
    const bool primary = index.name == kPrimary;
    const bool better = chosen == nullptr || columns->size() < table.key.size() ||
                        (columns->size() == table.key.size() && index.name < chosen->name);
    if (!primary && !better) continue;
    chosen = &index;
    table.key_kind = primary ? KeyKind::kPrimary : KeyKind::kUnique;
    table.key = std::move(*columns);
    if (primary) return;
  }
}

}  // namespace starlift::mysql

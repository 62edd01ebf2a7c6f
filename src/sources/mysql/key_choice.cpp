#include "sources/mysql/key_choice.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace starlift::mysql {
namespace {

constexpr std::string_view kPrimary = "PRIMARY";

bool CanBeKey(TypeKind kind) {
  return kind != TypeKind::kText && kind != TypeKind::kBlob && kind != TypeKind::kJson &&
         kind != TypeKind::kGeometry && kind != TypeKind::kUnsupported;
}

// The index's columns in key order, or nothing if it can't be a key.
std::optional<std::vector<ColumnIndex>> KeyColumns(std::vector<UniqueIndexPart> parts,
                                                   const Table& table) {
  std::sort(parts.begin(), parts.end(),
            [](const auto& a, const auto& b) { return a.position < b.position; });
  std::vector<ColumnIndex> columns;
  for (const UniqueIndexPart& part : parts) {
    const auto column = table.FindColumn(part.column);
    if (!column || part.prefix) return std::nullopt;
    const Column& definition = table.columns[*column];
    if (definition.nullable || !CanBeKey(definition.type.kind)) return std::nullopt;
    columns.push_back(*column);
  }
  return columns;
}

}  // namespace

void ChooseKey(const std::vector<UniqueIndexPart>& parts, Table& table) {
  std::map<std::string, std::vector<UniqueIndexPart>> indexes;
  for (const UniqueIndexPart& part : parts) indexes[part.index].push_back(part);
  for (const auto& [name, index] : indexes) {
    auto columns = KeyColumns(index, table);
    if (!columns) continue;
    if (name == kPrimary) {
      table.key_kind = KeyKind::kPrimary;
      table.key = std::move(*columns);
      return;
    }
    if (table.key_kind == KeyKind::kNone || columns->size() < table.key.size()) {
      table.key_kind = KeyKind::kUnique;
      table.key = std::move(*columns);
    }
  }
}

}  // namespace starlift::mysql

#include "sources/mysql/ddl/index_draft.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sources/mysql/ddl/token_cursor.h"
#include "sources/mysql/key_choice.h"

namespace starlift::mysql {
namespace {

constexpr std::string_view kPrimary = "PRIMARY";

std::optional<ColumnIndex> FindSameColumn(const Table& table, std::string_view name) {
  for (ColumnIndex i = 0; i < table.columns.size(); ++i) {
    if (SameWord(table.columns[i].name, name)) return i;
  }
  return std::nullopt;
}

}  // namespace

IndexDraft::IndexDraft(const Table& table) {
  for (const TableIndex& index : table.indexes) {
    IndexDefinition draft{.name = index.name, .unique = index.unique};
    for (const TableIndex::Part& part : index.parts) {
      const bool expression = part.column == TableIndex::Part::kExpression;
      draft.parts.push_back(
          {expression ? std::string() : table.columns[part.column].name, part.prefix ? 1U : 0U});
    }
    indexes_.push_back(std::move(draft));
  }
}

void IndexDraft::RenameColumn(std::string_view from, std::string_view to) {
  for (IndexDefinition& index : indexes_) {
    for (IndexDefinition::Part& part : index.parts) {
      if (SameWord(part.column, from)) part.column = to;
    }
  }
}

void IndexDraft::DropColumn(std::string_view name) {
  for (IndexDefinition& index : indexes_) {
    std::erase_if(index.parts, [&](const auto& part) { return SameWord(part.column, name); });
  }
  std::erase_if(indexes_, [](const IndexDefinition& index) { return index.parts.empty(); });
}

void IndexDraft::MakePrefix(std::string_view column) {
  for (IndexDefinition& index : indexes_) {
    for (IndexDefinition::Part& part : index.parts) {
      if (SameWord(part.column, column)) part.prefix = std::max(part.prefix, 1U);
    }
  }
}

bool IndexDraft::Drop(std::string_view name) {
  return std::erase_if(indexes_, [&](const IndexDefinition& index) {
           return SameWord(index.name, name);
         }) > 0;
}

bool IndexDraft::HasUnique() const {
  return std::any_of(indexes_.begin(), indexes_.end(), [](const IndexDefinition& index) {
    return index.unique && index.name != kPrimary;
  });
}

void IndexDraft::Rename(std::string_view from, std::string_view to) {
  for (IndexDefinition& index : indexes_) {
    if (SameWord(index.name, from)) index.name = to;
  }
}

bool IndexDraft::Has(std::string_view name) const {
  return std::any_of(indexes_.begin(), indexes_.end(),
                     [&](const IndexDefinition& index) { return SameWord(index.name, name); });
}

std::string IndexDraft::MakeName(const IndexDefinition& index) const {
  std::string base = "functional_index";
  if (!index.parts.empty() && !index.parts[0].column.empty()) base = index.parts[0].column;
  if (!Has(base) && !SameWord(base, kPrimary)) return base;
  for (int number = 2;; ++number) {
    std::string name = fmt::format("{}_{}", base, number);
    if (!Has(name)) return name;
  }
}

// An index that begins with the foreign key's columns.
bool IndexDraft::IsServed(const IndexDefinition& foreign_key) const {
  return std::any_of(indexes_.begin(), indexes_.end(), [&](const IndexDefinition& index) {
    if (index.parts.size() < foreign_key.parts.size()) return false;
    return std::equal(foreign_key.parts.begin(), foreign_key.parts.end(), index.parts.begin(),
                      [](const auto& a, const auto& b) { return SameWord(a.column, b.column); });
  });
}

void IndexDraft::Add(IndexDefinition index) {
  if (index.foreign_key && IsServed(index)) return;
  if (index.if_not_exists && Has(index.name)) return;
  if (index.name.empty()) index.name = MakeName(index);
  indexes_.push_back(std::move(index));
}

std::vector<std::string> IndexDraft::PrimaryColumns() const {
  std::vector<std::string> columns;
  for (const IndexDefinition& index : indexes_) {
    if (index.name != kPrimary) continue;
    for (const IndexDefinition::Part& part : index.parts) columns.push_back(part.column);
  }
  return columns;
}

Status IndexDraft::Finish(Table& table) const {
  table.indexes.clear();
  for (const IndexDefinition& draft : indexes_) {
    TableIndex index{.name = draft.name, .unique = draft.unique};
    for (const IndexDefinition::Part& part : draft.parts) {
      if (part.column.empty()) {
        index.parts.emplace_back();
        continue;
      }
      const auto column = FindSameColumn(table, part.column);
      if (!column) {
        return Error{ErrorKind::kPolicy,
                     fmt::format("index `{}` names column `{}`, which isn't known", draft.name,
                                 part.column)};
      }
      const Column& definition = table.columns[*column];
      // A prefix as long as the column is none.
      const bool counted =
          definition.type.kind == TypeKind::kChar || definition.type.kind == TypeKind::kVarchar ||
          definition.type.kind == TypeKind::kBinary || definition.type.kind == TypeKind::kVarbinary;
      const bool may_have_prefix = counted || definition.type.kind == TypeKind::kText ||
                                   definition.type.kind == TypeKind::kBlob ||
                                   definition.type.kind == TypeKind::kJson ||
                                   definition.type.kind == TypeKind::kGeometry;
      const bool whole = counted && part.prefix >= definition.type.length;
      index.parts.push_back({*column, part.prefix > 0 && may_have_prefix && !whole});
    }
    table.indexes.push_back(std::move(index));
  }
  std::sort(table.indexes.begin(), table.indexes.end(),
            [](const TableIndex& a, const TableIndex& b) { return a.name < b.name; });
  ChooseKey(table);
  return {};
}

}  // namespace starlift::mysql

#include "sources/mysql/cascading_keys.h"

#include <algorithm>

#include <fmt/format.h>

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;

constexpr std::string_view kQuery =
    "SELECT r.CONSTRAINT_SCHEMA, r.TABLE_NAME, r.CONSTRAINT_NAME, r.DELETE_RULE, r.UPDATE_RULE, "
    "k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME, k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME "
    "FROM information_schema.REFERENTIAL_CONSTRAINTS r JOIN information_schema.KEY_COLUMN_USAGE k "
    "ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA AND k.TABLE_NAME = r.TABLE_NAME "
    "AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME "
    "WHERE r.DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') "
    "OR r.UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') "
    "ORDER BY r.CONSTRAINT_SCHEMA, r.TABLE_NAME, r.CONSTRAINT_NAME, k.ORDINAL_POSITION";

KeyRule RuleOf(std::string_view text) {
  if (text == "CASCADE") return KeyRule::kCascade;
  return text == "SET NULL" ? KeyRule::kSetNull : KeyRule::kNothing;
}

const Table* FindTable(const Catalog& catalog, const TableId& id) {
  const auto found = std::find_if(catalog.tables.begin(), catalog.tables.end(),
                                  [&](const Table& table) { return table.id == id; });
  return found == catalog.tables.end() ? nullptr : &*found;
}

// Whether values that are equal at the source are the same bytes.
bool ComparesByBytes(const Column& column) {
  switch (column.type.kind) {
    case TypeKind::kDecimal:
    case TypeKind::kDate:
    case TypeKind::kYear:
      return true;
    case TypeKind::kChar:  // comes without the spaces that fill it up
      return column.collation.ends_with("_bin");
    case TypeKind::kVarchar:
      return column.collation.ends_with("_0900_bin") || column.collation.ends_with("_nopad_bin");
    default:
      return IsInteger(column.type.kind);
  }
}

}  // namespace

Result<CascadingKeys> ReadCascadingKeys(SourceSession& session) {
  SL_ASSIGN(const QueryRows rows, session.client.Query(kQuery));
  CascadingKeys all;
  std::vector<bool> unknown;
  std::vector<CascadingKey> keys;
  for (const QueryRows::Row& row : rows.rows) {
    const TableId child{.database = row[0].value_or(""), .name = row[1].value_or("")};
    const std::string name = row[2].value_or("");
    if (keys.empty() || keys.back().child != child || keys.back().name != name) {
      CascadingKey& key = keys.emplace_back();
      key.name = name;
      key.child = child;
      key.parent = {.database = row[5].value_or(""), .name = row[6].value_or("")};
      key.on_delete = RuleOf(row[3].value_or(""));
      key.on_update = RuleOf(row[4].value_or(""));
      unknown.push_back(row[3].value_or("") == "SET DEFAULT" ||
                        row[4].value_or("") == "SET DEFAULT");
    }
    keys.back().child_columns.push_back(row[7].value_or(""));
    keys.back().parent_columns.push_back(row[8].value_or(""));
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    (unknown[i] ? all.unknown_rules : all.keys).push_back(std::move(keys[i]));
  }
  return all;
}

std::string WhyCascadeIsHidden(const CascadingKey& key, const Catalog& catalog) {
  const Table* const parent = FindTable(catalog, key.parent);
  const Table* const child = FindTable(catalog, key.child);
  if (parent == nullptr) {
    return fmt::format("its parent {} is not among the tables of the task", key.parent.ToString());
  }
  if (child == nullptr) return "the table can't be seen";
  for (size_t i = 0; i < key.child_columns.size(); ++i) {
    const std::string& name = key.child_columns[i];
    const auto column = child->FindColumn(name);
    const auto parents = parent->FindColumn(key.parent_columns[i]);
    if (!column || !parents) return fmt::format("its column `{}` can't be seen", name);
    const Column& own = child->columns[*column];
    const Column& other = parent->columns[*parents];
    if (ComparesByBytes(own) && ComparesByBytes(other) && own.type.kind == other.type.kind &&
        own.type.scale == other.type.scale) {
      continue;
    }
    return fmt::format("its column `{}` ({}{}{}) compares otherwise than the target does", name,
                       own.native_type, own.collation.empty() ? "" : " COLLATE ", own.collation);
  }
  return "";
}

}  // namespace starlift::mysql

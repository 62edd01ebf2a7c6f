#include "sandbox/storage/catalog_storage.h"

#include <algorithm>

#include <fmt/format.h>

namespace starlift::sandbox {
namespace {

constexpr std::string_view kKind = "catalog";

using catalog::ColumnDef;
using catalog::PartitionDef;
using catalog::PartitionTuple;
using catalog::PartitionValue;
using catalog::TableDef;

// Rows at or above (`lower`) or below a bound of one or several columns, compared as tuples. NULL
// sorts below everything, as StarRocks puts it into the lowest range.
std::string BoundPredicate(const TableDef& table, const PartitionTuple& bound, bool lower) {
  std::string any_of;
  std::string equal_so_far;
  for (size_t i = 0; i < bound.size() && i < table.partitioning.columns.size(); ++i) {
    const ColumnDef* column = table.FindColumn(table.partitioning.columns[i]);
    if (column == nullptr) return "TRUE";
    const bool computed = !table.partitioning.automatic && i < table.partitioning.keys.size();
    const std::string value = computed ? table.partitioning.keys[i].sql : column->physical_name();
    const bool last = i + 1 == bound.size();
    std::string beyond;
    switch (bound[i].kind) {
      case PartitionValue::Kind::kMinimum:
      case PartitionValue::Kind::kNull:
        beyond = lower ? "TRUE" : "FALSE";
        break;
      case PartitionValue::Kind::kMaximum:
        beyond = lower ? "FALSE" : "TRUE";
        break;
      case PartitionValue::Kind::kLiteral: {
        const std::string literal = LiteralSql(table.RangeType(i), bound[i].text);
        beyond = lower ? fmt::format("{} {} {}", value, last ? ">=" : ">", literal)
                       : fmt::format("({0} < {1} OR {0} IS NULL)", value, literal);
      }
    }
    if (!any_of.empty()) any_of += " OR ";
    any_of += equal_so_far.empty() ? beyond : "(" + equal_so_far + " AND " + beyond + ")";
    if (bound[i].kind != PartitionValue::Kind::kLiteral) break;
    const std::string equal = value + " = " + LiteralSql(table.RangeType(i), bound[i].text);
    equal_so_far += (equal_so_far.empty() ? "" : " AND ") + equal;
  }
  return any_of.empty() ? "TRUE" : "(" + any_of + ")";
}

std::string ListPredicate(const TableDef& table, const PartitionDef& partition) {
  const std::vector<catalog::PartitionKey> keys = ListKeysOf(table);
  std::string any_of;
  for (const PartitionTuple& tuple : partition.values) {
    std::string all_of;
    for (size_t i = 0; i < tuple.size() && i < keys.size(); ++i) {
      if (!all_of.empty()) all_of += " AND ";
      all_of += keys[i].sql;
      all_of += tuple[i].kind == PartitionValue::Kind::kNull
                    ? " IS NULL"
                    : " = " + LiteralSql(keys[i].type, tuple[i].text);
    }
    any_of += (any_of.empty() ? "(" : " OR (") + all_of + ")";
  }
  return any_of.empty() ? "FALSE" : "(" + any_of + ")";
}

std::vector<PhysicalColumn> PhysicalColumnsOf(const TableDef& table) {
  std::vector<PhysicalColumn> columns;
  for (const ColumnDef& column : table.columns) columns.push_back(PhysicalColumnOf(column));
  return columns;
}

const ColumnDef* ColumnOfId(const TableDef& table, int32_t id) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const ColumnDef& column) { return column.id == id; });
  return found == table.columns.end() ? nullptr : &*found;
}

Error NoColumn(const TableDef& table, int32_t id) {
  return Error{ErrorKind::kInternal, fmt::format("table {} has no column id {}", table.name, id)};
}

// What old rows get in a new column.
std::string FillSql(const ColumnDef& column) {
  switch (column.default_kind) {
    case catalog::DefaultKind::kLiteral:
      return LiteralSql(column.type, column.default_text);
    case catalog::DefaultKind::kCurrentTimestamp:
      // The moment of the ALTER, the same that DESC shows.
      return column.fixed_default.empty() ? DefaultSql(column)
                                          : LiteralSql(column.type, column.fixed_default);
    default:
      return "";
  }
}

// Numbers become text the way StarRocks prints them, text becomes numbers where it is one.
std::string CastSql(const ColumnDef& before, const ColumnDef& after) {
  const std::string name = before.physical_name();
  using Kind = catalog::TypeKind;
  if (before.type.kind == Kind::kBoolean && IsText(after.type.kind)) {
    return fmt::format("CAST(CAST({} AS TINYINT) AS VARCHAR)", name);
  }
  if (before.type.kind == Kind::kInt && after.type.kind == Kind::kDate) {
    return fmt::format("CAST(strptime(CAST({} AS VARCHAR), '%Y%m%d') AS DATE)", name);
  }
  return "";
}

struct ChangeRows {
  WriteTransaction& write;

  Status operator()(const catalog::CreateStorage& change) const {
    return write.CreateTable(change.table->id, PhysicalColumnsOf(*change.table));
  }
  Status operator()(const catalog::DropStorage& change) const {
    return write.DropTable(change.table_id);
  }
  Status operator()(const catalog::TruncateStorage& change) const {
    return write.TruncateTable(change.table->id);
  }
  Status operator()(const catalog::RemovePartitionRows& change) const {
    for (const PartitionDef& partition : change.table->partitions) {
      const auto& ids = change.partition_ids;
      if (std::find(ids.begin(), ids.end(), partition.id) == ids.end()) continue;
      SL_TRY(write.DeleteRows(change.table->id, PartitionPredicate(*change.table, partition)));
    }
    return {};
  }
  Status operator()(const catalog::AddStorageColumn& change) const {
    const ColumnDef* column = ColumnOfId(*change.table, change.column_id);
    if (column == nullptr) return NoColumn(*change.table, change.column_id);
    return write.AddColumn(change.table->id, PhysicalColumnOf(*column), FillSql(*column));
  }
  Status operator()(const catalog::DropStorageColumn& change) const {
    return write.DropColumn(change.table->id, change.column_id);
  }
  Status operator()(const catalog::ChangeStorageColumn& change) const {
    const ColumnDef* before = ColumnOfId(*change.before, change.column_id);
    const ColumnDef* after = ColumnOfId(*change.after, change.column_id);
    if (before == nullptr || after == nullptr) return NoColumn(*change.after, change.column_id);
    if (PhysicalType(before->type) == PhysicalType(after->type)) return {};
    return write.ChangeColumnType(change.after->id, PhysicalColumnOf(*after),
                                  CastSql(*before, *after));
  }
};

struct TableOfChange {
  int64_t operator()(const catalog::CreateStorage& change) const { return change.table->id; }
  int64_t operator()(const catalog::DropStorage& change) const { return change.table_id; }
  int64_t operator()(const catalog::TruncateStorage& change) const { return change.table->id; }
  int64_t operator()(const catalog::RemovePartitionRows& change) const { return change.table->id; }
  int64_t operator()(const catalog::AddStorageColumn& change) const { return change.table->id; }
  int64_t operator()(const catalog::DropStorageColumn& change) const { return change.table->id; }
  int64_t operator()(const catalog::ChangeStorageColumn& change) const { return change.after->id; }
};

std::string EscapeLike(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '%' || c == '_' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

std::vector<catalog::PartitionKey> ListKeysOf(const TableDef& table) {
  if (!table.partitioning.keys.empty()) return table.partitioning.keys;
  std::vector<catalog::PartitionKey> keys;
  for (const std::string& name : table.partitioning.columns) {
    if (const ColumnDef* column = table.FindColumn(name)) {
      keys.push_back({column->type, column->physical_name(), "", 0});
    }
  }
  return keys;
}

std::string PartitionPredicate(const TableDef& table, const PartitionDef& partition) {
  switch (table.partitioning.kind) {
    case catalog::PartitionKind::kNone:
      return "TRUE";
    case catalog::PartitionKind::kRange:
      return BoundPredicate(table, partition.lower, true) + " AND " +
             BoundPredicate(table, partition.upper, false);
    case catalog::PartitionKind::kList:
      return ListPredicate(table, partition);
  }
  return "TRUE";
}

Result<std::vector<std::pair<std::string, std::string>>> CatalogStorage::ReadMetadata(
    std::string_view prefix) {
  SL_ASSIGN(Connection connection, storage_.Connect());
  SL_ASSIGN(std::vector<Row> rows,
            connection.QueryRows(
                fmt::format("SELECT key, body FROM starlift_documents WHERE kind = {} "
                            "AND key LIKE {} ESCAPE '\\' ORDER BY key",
                            QuoteLiteral(kKind), QuoteLiteral(EscapeLike(prefix) + "%"))));
  std::vector<std::pair<std::string, std::string>> records;
  records.reserve(rows.size());
  for (Row& row : rows) records.emplace_back(std::move(*row[0]), std::move(*row[1]));
  return records;
}

Status CatalogStorage::Commit(std::span<const catalog::MetadataWrite> writes,
                              std::span<const catalog::StorageChange> changes,
                              const std::function<void()>& durable) {
  std::vector<int64_t> tables;
  for (const catalog::StorageChange& change : changes) {
    tables.push_back(std::visit(TableOfChange{}, change));
  }
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  std::vector<TableLock> locks;
  locks.reserve(tables.size());
  for (int64_t table : tables) locks.push_back(storage_.LockTable(table));

  Status kept = storage_.RunWrite([&](WriteTransaction& write) -> Status {
    for (const catalog::StorageChange& change : changes) {
      SL_TRY(std::visit(ChangeRows{write}, change));
    }
    for (const catalog::MetadataWrite& record : writes) {
      if (record.value) {
        SL_TRY(write.PutDocument(kKind, record.key, *record.value));
      } else {
        SL_TRY(write.DeleteDocument(kKind, record.key));
      }
    }
    return {};
  });
  if (kept.ok()) durable();
  return kept;
}

}  // namespace starlift::sandbox

#include "sources/postgres/catalog.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sources/constraint_key.h"
#include "sources/postgres/catalog_queries.h"
#include "sources/postgres/types.h"

namespace starlift::postgres {
namespace {

constexpr std::string_view kBegin = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; ";
constexpr std::string_view kCommit = "COMMIT";

// The queries in one text, each with the tables' clause in its place.
template <typename... Query>
std::string Joined(Query... queries) {
  std::string text;
  ((text += fmt::format(fmt::runtime(queries), fmt::arg("tables", kTablesClause))), ...);
  return text;
}

enum Answer { kMoney, kTables, kPartitions, kTypes, kColumns, kKeys, kAnswers };

std::string Text(const Rows& rows, size_t row, int field) {
  return std::string(rows.Text(row, field));
}

// "1 2 5", an int2vector.
std::vector<int64_t> ReadNumbers(std::string_view text) {
  std::vector<int64_t> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    int64_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) break;
    numbers.push_back(number);
    at = next < end ? next + 1 : end;
  }
  return numbers;
}

// Puts one catalog together from the rows of its queries.
class CatalogReader {
 public:
  CatalogReader(const std::string& database, const TableFilter& filter)
      : database_(database), filter_(filter) {}

  Catalog Read(const std::vector<Rows>& answers) {
    if (answers[kMoney].size() > 0) {
      money_scale_ = static_cast<uint8_t>(answers[kMoney].Number(0, 0));
    }
    ReadTables(answers[kTables]);
    ReadPartitions(answers[kPartitions]);
    ReadTypes(answers[kTypes]);
    ReadColumns(answers[kColumns]);
    ReadKeys(answers[kKeys]);
    Catalog catalog;
    catalog.tables.reserve(tables_.size());
    for (auto& [oid, entry] : tables_) catalog.tables.push_back(std::move(entry.table));
    std::sort(catalog.tables.begin(), catalog.tables.end(),
              [](const Table& a, const Table& b) { return a.id < b.id; });
    return catalog;
  }

 private:
  struct Entry {
    Table table;
    std::map<int64_t, std::string> names;  // of the columns, by attnum: dropped ones leave gaps
  };

  Entry* Find(const Rows& rows, size_t row) {
    const auto found = tables_.find(rows.Number(row, 0));
    return found == tables_.end() ? nullptr : &found->second;
  }

  void ReadTables(const Rows& rows) {
    for (size_t row = 0; row < rows.size(); ++row) {
      Table table;
      table.id = {.database = database_,
                  .schema = Text(rows, row, kTableSchema),
                  .name = Text(rows, row, kTableName)};
      if (!filter_(table.id)) continue;
      table.engine = rows.Text(row, kTablePersistence) == "u" ? "unlogged" : "heap";
      table.row_estimate = static_cast<uint64_t>(rows.Number(row, kTableRows));
      table.byte_estimate = static_cast<uint64_t>(rows.Number(row, kTableBytes));
      table.comment = Text(rows, row, kTableComment);
      tables_[rows.Number(row, kTableOid)].table = std::move(table);
    }
  }

  void ReadPartitions(const Rows& rows) {
    for (size_t row = 0; row < rows.size(); ++row) {
      Entry* const root = Find(rows, row);
      if (root == nullptr) continue;
      root->table.partitions.push_back(Text(rows, row, kPartitionName));
      root->table.row_estimate += static_cast<uint64_t>(rows.Number(row, kPartitionRows));
      root->table.byte_estimate += static_cast<uint64_t>(rows.Number(row, kPartitionBytes));
    }
    for (auto& [oid, entry] : tables_) {
      Table& table = entry.table;
      if (table.row_estimate == 0) continue;
      table.average_row_bytes = static_cast<uint32_t>(
          std::min<uint64_t>(table.byte_estimate / table.row_estimate, UINT32_MAX));
    }
  }

  void ReadTypes(const Rows& rows) {
    for (size_t row = 0; row < rows.size(); ++row) {
      NativeType type;
      type.name = Text(rows, row, kTypeName);
      type.schema = Text(rows, row, kTypeSchema);
      type.type = rows.Text(row, kTypeType).empty() ? 'b' : rows.Text(row, kTypeType).front();
      type.base = static_cast<uint32_t>(rows.Number(row, kTypeBase));
      type.base_modifier = static_cast<int32_t>(rows.Number(row, kTypeBaseModifier));
      type.not_null = rows.Flag(row, kTypeNotNull);
      type.element = static_cast<uint32_t>(rows.Number(row, kTypeElement));
      type.is_array = rows.Flag(row, kTypeIsArray);
      type.longest_label = static_cast<uint64_t>(rows.Number(row, kTypeLongestLabel));
      types_.emplace(static_cast<uint32_t>(rows.Number(row, kTypeOid)), std::move(type));
    }
  }

  void ReadColumns(const Rows& rows) {
    for (size_t row = 0; row < rows.size(); ++row) {
      Entry* const entry = Find(rows, row);
      if (entry == nullptr) continue;
      ColumnRow column;
      column.name = Text(rows, row, kColumnName);
      column.type = static_cast<uint32_t>(rows.Number(row, kColumnType));
      column.modifier = static_cast<int32_t>(rows.Number(row, kColumnModifier));
      column.native_type = Text(rows, row, kColumnNativeType);
      column.not_null = rows.Flag(row, kColumnNotNull);
      if (!rows.IsNull(row, kColumnDefault)) {
        column.default_expression = Text(rows, row, kColumnDefault);
      }
      column.identity = rows.Flag(row, kColumnIdentity);
      column.generated = rows.Flag(row, kColumnGenerated);
      column.collation = Text(rows, row, kColumnCollation);
      column.comment = Text(rows, row, kColumnComment);
      entry->names.emplace(rows.Number(row, kColumnNumber), column.name);
      entry->table.columns.push_back(ColumnOf(column, types_, money_scale_));
    }
  }

  void ReadKeys(const Rows& rows) {
    std::map<Entry*, std::vector<Constraint>> keys;
    for (size_t row = 0; row < rows.size(); ++row) {
      Entry* const entry = Find(rows, row);
      if (entry == nullptr) continue;
      Constraint key{
          .name = Text(rows, row, kKeyName),
          .kind = rows.Flag(row, kKeyPrimary) ? ConstraintKind::kPrimary : ConstraintKind::kUnique};
      const std::vector<int64_t> numbers = ReadNumbers(rows.Text(row, kKeyColumns));
      const auto count = static_cast<size_t>(rows.Number(row, kKeyColumnCount));
      for (size_t i = 0; i < std::min(count, numbers.size()); ++i) {
        const auto name = entry->names.find(numbers[i]);
        // A system column, which is none of ours: no key then.
        key.columns.push_back(name == entry->names.end() ? std::string() : name->second);
      }
      keys[entry].push_back(std::move(key));
    }
    for (auto& [entry, constraints] : keys) ChooseKey(constraints, entry->table);
  }

  const std::string& database_;
  const TableFilter& filter_;
  uint8_t money_scale_ = 2;
  std::map<int64_t, Entry> tables_;  // by OID
  NativeTypes types_;
};

ConstraintKind KindOf(std::string_view contype) {
  if (contype == "p") return ConstraintKind::kPrimary;
  return contype == "u" ? ConstraintKind::kUnique : ConstraintKind::kForeign;
}

}  // namespace

Result<Catalog> ReadPostgresCatalog(Connection& connection, const std::string& database,
                                    const TableFilter& filter) {
  SL_ASSIGN(const std::vector<Rows> answers,
            connection.QueryAll(Joined(kBegin, kMoneyQuery, kTablesQuery, kPartitionsQuery,
                                       kTypesQuery, kColumnsQuery, kKeysQuery, kCommit)));
  if (answers.size() != kAnswers) {
    return Error{ErrorKind::kInternal, "the catalog's queries didn't all answer", "PostgreSQL"};
  }
  return CatalogReader(database, filter).Read(answers);
}

Status ReadPostgresFacts(Connection& connection, const std::string& database, DdlFacts& facts) {
  SL_ASSIGN(const std::vector<Rows> answers,
            connection.QueryAll(Joined(kConstraintsQuery, kSizesQuery)));
  if (answers.size() != 2) {
    return Error{ErrorKind::kInternal, "the catalog's queries didn't all answer", "PostgreSQL"};
  }
  const Rows& constraints = answers[0];
  for (size_t row = 0; row < constraints.size(); ++row) {
    const auto found = facts.tables.find({.database = database,
                                          .schema = Text(constraints, row, kConstraintSchema),
                                          .name = Text(constraints, row, kConstraintTable)});
    if (found == facts.tables.end()) continue;
    Constraint constraint{.name = Text(constraints, row, kConstraintName),
                          .kind = KindOf(constraints.Text(row, kConstraintType))};
    const auto columns =
        nlohmann::json::parse(constraints.Text(row, kConstraintColumns), nullptr, false);
    if (columns.is_array()) constraint.columns = columns.get<std::vector<std::string>>();
    found->second.constraints.push_back(std::move(constraint));
  }
  const Rows& sizes = answers[1];
  for (size_t row = 0; row < sizes.size(); ++row) {
    const auto found = facts.tables.find({.database = database,
                                          .schema = Text(sizes, row, kSizeSchema),
                                          .name = Text(sizes, row, kSizeTable)});
    if (found == facts.tables.end()) continue;
    found->second.total_bytes = static_cast<uint64_t>(sizes.Number(row, kSizeBytes));
  }
  return {};
}

Result<std::vector<std::string>> ListDatabases(Connection& connection) {
  SL_ASSIGN(const Rows rows,
            connection.Query("SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND "
                             "NOT datistemplate AND has_database_privilege(oid, 'CONNECT') "
                             "ORDER BY datname COLLATE \"C\""));
  std::vector<std::string> names;
  for (size_t row = 0; row < rows.size(); ++row) names.push_back(Text(rows, row, 0));
  return names;
}

}  // namespace starlift::postgres

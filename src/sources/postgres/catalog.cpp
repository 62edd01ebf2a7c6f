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

constexpr int kFirstWithPartitions = 100000;  // and with identity columns
constexpr int kFirstWithGenerated = 120000;

// The queries in one text, in the words of the server's version.
template <typename... Query>
std::string Joined(int version, Query... queries) {
  const bool has_partitions = version >= kFirstWithPartitions;
  const std::string_view is_partition = has_partitions ? "c.relispartition" : "false";
  const std::string_view identity = has_partitions ? "a.attidentity <> ''" : "false";
  const std::string_view generated =
      version >= kFirstWithGenerated ? "a.attgenerated <> ''" : "false";
  const std::string tables =
      fmt::format(fmt::runtime(kTablesClause), fmt::arg("is_partition", is_partition));
  std::string text;
  ((text += fmt::format(fmt::runtime(queries), fmt::arg("tables", tables),
                        fmt::arg("is_partition", is_partition), fmt::arg("identity", identity),
                        fmt::arg("generated", generated))),
   ...);
  return text;
}

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

// Puts one catalog together from the rows of its queries, each as it comes: of a database with
// 10,000 tables the answers would be larger than the catalog.
class CatalogReader {
 public:
  CatalogReader(const std::string& database, const TableFilter& filter)
      : database_(database), filter_(filter) {}

  Result<Catalog> Read(Connection& connection) {
    const auto taking = [this](void (CatalogReader::*take)(const Rows&, size_t)) {
      return [this, take](const Rows& rows, size_t row) { (this->*take)(rows, row); };
    };
    // In the order of the queries.
    const RowVisitor visitors[] = {
        taking(&CatalogReader::TakeMoney),     taking(&CatalogReader::TakeTable),
        taking(&CatalogReader::TakePartition), taking(&CatalogReader::TakeType),
        taking(&CatalogReader::TakeColumn),    taking(&CatalogReader::TakeKey)};
    SL_TRY(connection.VisitAll(
        Joined(connection.version_number(), kBegin, kMoneyQuery, kTablesQuery, kPartitionsQuery,
               kTypesQuery, kColumnsQuery, kKeysQuery, kCommit),
        visitors));
    Catalog catalog;
    catalog.tables.reserve(tables_.size());
    for (auto& [oid, entry] : tables_) catalog.tables.push_back(Finished(entry));
    std::sort(catalog.tables.begin(), catalog.tables.end(),
              [](const Table& a, const Table& b) { return a.id < b.id; });
    return catalog;
  }

 private:
  struct Entry {
    Table table;
    std::vector<int64_t> numbers;  // attnum of each column, ascending: dropped ones leave gaps
    std::vector<Constraint> keys;
  };

  Entry* Find(const Rows& rows, size_t row) {
    const auto found = tables_.find(rows.Number(row, 0));
    return found == tables_.end() ? nullptr : &found->second;
  }

  void TakeMoney(const Rows& rows, size_t row) {
    money_scale_ = static_cast<uint8_t>(rows.Number(row, 0));
  }

  void TakeTable(const Rows& rows, size_t row) {
    Table table;
    table.id = {.database = database_,
                .schema = Text(rows, row, kTableSchema),
                .name = Text(rows, row, kTableName)};
    if (!filter_(table.id)) return;
    table.engine = rows.Text(row, kTablePersistence) == "u" ? "unlogged" : "heap";
    table.row_estimate = static_cast<uint64_t>(rows.Number(row, kTableRows));
    table.byte_estimate = static_cast<uint64_t>(rows.Number(row, kTableBytes));
    table.comment = Text(rows, row, kTableComment);
    const auto attributes = static_cast<size_t>(rows.Number(row, kTableAttributes));
    table.columns.reserve(attributes);
    Entry& entry = tables_[rows.Number(row, kTableOid)];
    entry.table = std::move(table);
    entry.numbers.reserve(attributes);
  }

  void TakePartition(const Rows& rows, size_t row) {
    Entry* const root = Find(rows, row);
    if (root == nullptr) return;
    root->table.partitions.push_back(Text(rows, row, kPartitionName));
    root->table.row_estimate += static_cast<uint64_t>(rows.Number(row, kPartitionRows));
    root->table.byte_estimate += static_cast<uint64_t>(rows.Number(row, kPartitionBytes));
  }

  void TakeType(const Rows& rows, size_t row) {
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

  void TakeColumn(const Rows& rows, size_t row) {
    Entry* const entry = Find(rows, row);
    if (entry == nullptr) return;
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
    entry->numbers.push_back(rows.Number(row, kColumnNumber));
    entry->table.columns.push_back(ColumnOf(column, types_, money_scale_));
  }

  void TakeKey(const Rows& rows, size_t row) {
    Entry* const entry = Find(rows, row);
    if (entry == nullptr) return;
    Constraint key{
        .name = Text(rows, row, kKeyName),
        .kind = rows.Flag(row, kKeyPrimary) ? ConstraintKind::kPrimary : ConstraintKind::kUnique};
    const std::vector<int64_t> numbers = ReadNumbers(rows.Text(row, kKeyColumns));
    const auto count = static_cast<size_t>(rows.Number(row, kKeyColumnCount));
    for (size_t i = 0; i < std::min(count, numbers.size()); ++i) {
      const auto place = std::lower_bound(entry->numbers.begin(), entry->numbers.end(), numbers[i]);
      // A system column, which is none of ours: no key then.
      const bool known = place != entry->numbers.end() && *place == numbers[i];
      key.columns.push_back(
          known ? entry->table.columns[static_cast<size_t>(place - entry->numbers.begin())].name
                : std::string());
    }
    entry->keys.push_back(std::move(key));
  }

  static Table Finished(Entry& entry) {
    Table& table = entry.table;
    if (!entry.keys.empty()) ChooseKey(entry.keys, table);
    if (table.row_estimate != 0) {
      table.average_row_bytes = static_cast<uint32_t>(
          std::min<uint64_t>(table.byte_estimate / table.row_estimate, UINT32_MAX));
    }
    return std::move(table);
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
  return CatalogReader(database, filter).Read(connection);
}

Status ReadPostgresFacts(Connection& connection, const std::string& database, DdlFacts& facts) {
  SL_ASSIGN(
      const std::vector<Rows> answers,
      connection.QueryAll(Joined(connection.version_number(), kConstraintsQuery, kSizesQuery)));
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

Result<std::vector<DatabaseEntry>> ListDatabases(Connection& connection) {
  SL_ASSIGN(const Rows rows,
            connection.Query("SELECT datname, datistemplate, datallowconn, "
                             "has_database_privilege(oid, 'CONNECT') FROM pg_catalog.pg_database "
                             "WHERE datname NOT IN ('template0', 'template1') "
                             "ORDER BY datname"));
  std::vector<DatabaseEntry> databases;
  for (size_t row = 0; row < rows.size(); ++row) {
    databases.push_back({.name = Text(rows, row, 0),
                         .is_template = rows.Flag(row, 1),
                         .takes_connections = rows.Flag(row, 2),
                         .may_connect = rows.Flag(row, 3)});
  }
  return databases;
}

}  // namespace starlift::postgres

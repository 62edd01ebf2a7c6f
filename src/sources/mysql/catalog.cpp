#include "sources/mysql/catalog.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/nearest.h"
#include "sources/mysql/key_choice.h"
#include "sources/mysql/types.h"
#include "wire/mysql/row_stream.h"

namespace starlift::mysql {
namespace {

using wire::mysql::QueryRows;
using wire::mysql::QuoteIdentifier;
using wire::mysql::QuoteString;

constexpr std::array<std::string_view, 5> kSystemSchemas = {"information_schema", "mysql",
                                                            "performance_schema", "sys", "ndbinfo"};
constexpr size_t kBatchBytes = size_t{256} << 10;
constexpr uint32_t kMariadbDefaultsAsSql = 100207;
constexpr uint32_t kMariadbCheckConstraints = 100210;
constexpr uint32_t kMariadbConstraintLevel = 100510;

std::string Text(const std::optional<std::string>& cell) { return cell.value_or(std::string()); }

uint64_t Number(const std::optional<std::string>& cell) {
  uint64_t number = 0;
  if (cell) std::from_chars(cell->data(), cell->data() + cell->size(), number);
  return number;
}

using TableName = std::pair<std::string, std::string>;

// Reads a catalog step by step; each step is one query.
class CatalogReader {
 public:
  CatalogReader(SourceSession& session, const std::string& database, const TableFilter& filter)
      : session_(session), database_(database), filter_(filter) {}

  Result<Catalog> Read() {
    SL_TRY(ReadTables());
    if (tables_.empty()) {
      SL_TRY(ExpectDatabase());
      return Catalog{};
    }
    SL_TRY(ReadJsonChecks());
    SL_TRY(ReadColumns());
    SL_TRY(ReadIndexes());
    if (partitioned_) SL_TRY(ReadPartitions());
    Catalog catalog;
    catalog.tables.reserve(tables_.size());
    for (auto& [name, table] : tables_) catalog.tables.push_back(std::move(table));
    return catalog;
  }

 private:
  Result<QueryRows> Ask(std::string_view columns, std::string_view view,
                        std::string_view schema_column, std::string_view condition = {}) {
    return session_.client.Query(Question(columns, view, schema_column, condition));
  }

  std::string Question(std::string_view columns, std::string_view view,
                       std::string_view schema_column, std::string_view condition = {}) const {
    return fmt::format("SELECT {} FROM information_schema.{} WHERE {}{}{}", columns, view,
                       SchemaCondition(database_, schema_column), condition.empty() ? "" : " AND ",
                       condition);
  }

  // Row by row, where there may be hundreds of thousands. `take`: void(const QueryRows::Row&).
  template <typename Take>
  Status ForEachRow(const std::string& question, Take&& take) {
    SL_ASSIGN(wire::mysql::RowStream stream, session_.client.Stream(question));
    RowBatch batch(stream.fields().size());
    QueryRows::Row row(batch.columns());
    while (true) {
      SL_ASSIGN(const bool more, stream.ReadBatch(batch, kBatchBytes));
      if (!more) return {};
      for (size_t i = 0; i < batch.rows(); ++i) {
        for (size_t column = 0; column < row.size(); ++column) {
          const std::optional<std::string_view> value = batch.Value(i, column);
          row[column] = value ? std::optional<std::string>(*value) : std::nullopt;
        }
        take(row);
      }
    }
  }

  Table* Find(const QueryRows::Row& row) {
    const auto found = tables_.find({Text(row[0]), Text(row[1])});
    return found == tables_.end() ? nullptr : &found->second;
  }

  Status ReadTables() {
    SL_ASSIGN(const QueryRows result,
              Ask("TABLE_SCHEMA, TABLE_NAME, ENGINE, TABLE_ROWS, AVG_ROW_LENGTH, DATA_LENGTH, "
                  "TABLE_COMMENT, "
                  "CREATE_OPTIONS, TABLE_COLLATION",
                  "TABLES", "TABLE_SCHEMA", "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')"));
    for (const QueryRows::Row& row : result.rows) {
      Table table;
      table.id = {.database = Text(row[0]), .name = Text(row[1])};
      if (IsSystemSchema(table.id.database) || !filter_(table.id)) continue;
      table.engine = Text(row[2]);
      table.row_estimate = Number(row[3]);
      table.average_row_bytes =
          static_cast<uint32_t>(std::min<uint64_t>(Number(row[4]), UINT32_MAX));
      table.byte_estimate = Number(row[5]);
      table.comment = Text(row[6]);
      table.default_collation = Text(row[8]);
      partitioned_ = partitioned_ || Text(row[7]).find("partitioned") != std::string::npos;
      TableName name{table.id.database, table.id.name};
      tables_.emplace(std::move(name), std::move(table));
    }
    return {};
  }

  // MariaDB's JSON is LONGTEXT with a check that the server adds under the column's name.
  Status ReadJsonChecks() {
    if (!session_.version.is_mariadb || session_.version.number < kMariadbCheckConstraints)
      return {};
    // RENAME COLUMN leaves the constraint its old name: where the server tells which constraints
    // are a column's own, the name doesn't count.
    const bool has_level = session_.version >= kMariadbConstraintLevel;
    SL_ASSIGN(const QueryRows result,
              Ask(fmt::format("CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE, {}",
                              has_level ? "LEVEL" : "''"),
                  "CHECK_CONSTRAINTS", "CONSTRAINT_SCHEMA"));
    constexpr std::string_view kBegin = "json_valid(`";
    for (const QueryRows::Row& row : result.rows) {
      const std::string clause = Text(row[3]);
      std::string column = Text(row[2]);
      if (Text(row[4]) == "Column" && clause.starts_with(kBegin)) {
        column = clause.substr(kBegin.size(),
                               clause.size() - std::min(clause.size(), kBegin.size() + 2));
      }
      if (clause == "json_valid(" + QuoteIdentifier(column) + ")") {
        json_columns_.insert({Text(row[0]), Text(row[1]), column});
      }
    }
    return {};
  }

  Status ReadColumns() {
    const bool mariadb_defaults =
        session_.version.is_mariadb && session_.version.number >= kMariadbDefaultsAsSql;
    std::map<const Table*, std::vector<uint64_t>> positions;
    return ForEachRow(
        Question("TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, DATA_TYPE, "
                 "COLUMN_TYPE, COLUMN_DEFAULT, "
                 "IS_NULLABLE, CHARACTER_MAXIMUM_LENGTH, CHARACTER_OCTET_LENGTH, "
                 "NUMERIC_PRECISION, NUMERIC_SCALE, "
                 "DATETIME_PRECISION, CHARACTER_SET_NAME, COLLATION_NAME, EXTRA, COLUMN_COMMENT",
                 "COLUMNS", "TABLE_SCHEMA"),
        [&](const QueryRows::Row& row) {
          Table* const table = Find(row);
          if (table == nullptr) return;
          // The server gives them in order; a catalog that does not must not mix the columns up.
          std::vector<uint64_t>& order = positions[table];
          const uint64_t position = Number(row[2]);
          const auto place = std::upper_bound(order.begin(), order.end(), position) - order.begin();
          order.insert(order.begin() + place, position);
          table->columns.insert(table->columns.begin() + place,
                                ColumnOf(ColumnRowOf(row), mariadb_defaults));
        });
  }

  ColumnRow ColumnRowOf(const QueryRows::Row& row) const {
    ColumnRow column;
    column.name = Text(row[3]);
    column.data_type = Text(row[4]);
    column.column_type = Text(row[5]);
    column.default_text = row[6];
    column.nullable = Text(row[7]) == "YES";
    column.character_length = Number(row[8]);
    column.octet_length = Number(row[9]);
    column.numeric_precision = Number(row[10]);
    column.numeric_scale = Number(row[11]);
    column.datetime_precision = Number(row[12]);
    column.charset = Text(row[13]);
    column.collation = Text(row[14]);
    column.extra = Text(row[15]);
    column.comment = Text(row[16]);
    column.json_checked = json_columns_.contains({Text(row[0]), Text(row[1]), column.name});
    return column;
  }

  Status ReadIndexes() {
    SL_ASSIGN(const QueryRows result,
              Ask("TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME, "
                  "SUB_PART",
                  "STATISTICS", "TABLE_SCHEMA"));
    std::map<Table*, std::map<std::string, TableIndex>> indexes;
    for (const QueryRows::Row& row : result.rows) {
      Table* const table = Find(row);
      if (table == nullptr) continue;
      TableIndex& index = indexes[table][Text(row[2])];
      index.name = Text(row[2]);
      index.unique = Number(row[3]) == 0;
      const uint64_t position = std::max<uint64_t>(Number(row[4]), 1);
      if (index.parts.size() < position) index.parts.resize(position);
      // No column: an expression.
      const auto column = row[5] ? table->FindColumn(*row[5]) : std::nullopt;
      index.parts[position - 1] = {column.value_or(TableIndex::Part::kExpression),
                                   row[6].has_value()};
    }
    for (auto& [table, by_name] : indexes) {
      for (auto& [name, index] : by_name) table->indexes.push_back(std::move(index));
      ChooseKey(*table);
    }
    return {};
  }

  Status ReadPartitions() {
    SL_ASSIGN(const QueryRows result,
              Ask("TABLE_SCHEMA, TABLE_NAME, PARTITION_NAME, PARTITION_ORDINAL_POSITION",
                  "PARTITIONS", "TABLE_SCHEMA", "PARTITION_NAME IS NOT NULL"));
    std::map<Table*, std::map<uint64_t, std::string>> partitions;
    for (const QueryRows::Row& row : result.rows) {
      // Subpartitions come one row each, under the same ordinal.
      if (Table* const table = Find(row)) partitions[table].emplace(Number(row[3]), Text(row[2]));
    }
    for (auto& [table, names] : partitions) {
      for (auto& [position, name] : names) table->partitions.push_back(std::move(name));
    }
    return {};
  }

  // No table at all: an empty database and one that is not there look alike until asked.
  Status ExpectDatabase() {
    if (database_.empty()) return {};
    SL_ASSIGN(const QueryRows result,
              session_.client.Query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"));
    std::vector<std::string> names;
    for (const QueryRows::Row& row : result.rows) names.push_back(Text(row[0]));
    const std::set<std::string> seen(names.begin(), names.end());
    if (seen.contains(database_)) return {};
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    Error error{.kind = ErrorKind::kNotFound,
                .message = fmt::format("the source has no database {}, or this user may not see it",
                                       QuoteIdentifier(database_)),
                .native_code = 1049};
    if (const auto nearest = NearestName(database_, candidates)) {
      error.mend = fmt::format("did you mean {}?", QuoteIdentifier(*nearest));
    } else {
      error.mend = fmt::format("GRANT SELECT ON {}.* TO <this user>; if it is there",
                               QuoteIdentifier(database_));
    }
    return error;
  }

  SourceSession& session_;
  const std::string& database_;
  const TableFilter& filter_;
  std::map<TableName, Table> tables_;
  std::set<std::tuple<std::string, std::string, std::string>> json_columns_;
  bool partitioned_ = false;
};

}  // namespace

bool IsSystemSchema(std::string_view database) {
  return std::find(kSystemSchemas.begin(), kSystemSchemas.end(), database) != kSystemSchemas.end();
}

std::string SchemaCondition(const std::string& database, std::string_view column) {
  // A plain comparison lets the server open the one database only.
  if (!database.empty()) return fmt::format("{} = {}", column, QuoteString(database));
  std::string names;
  for (const std::string_view name : kSystemSchemas)
    names += (names.empty() ? "" : ", ") + QuoteString(name);
  return fmt::format("{} NOT IN ({})", column, names);
}

Result<Catalog> ReadMysqlCatalog(SourceSession& session, const std::string& database,
                                 const TableFilter& filter) {
  return CatalogReader(session, database, filter).Read();
}

}  // namespace starlift::mysql

// Rows of system tables. They are laid into a temporary DuckDB table of texts, so that any WHERE,
// join or ORDER BY works on them.
#include "sandbox/query/system_tables.h"

#include <algorithm>
#include <functional>
#include <map>

#include <nlohmann/json.hpp>

#include "duckdb.h"
#include "sandbox/ddl/external_tables.h"
#include "sandbox/query/expression_translator.h"
#include "sandbox/query/system_table_definitions.h"
#include "sandbox/query/value_text.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::query {
namespace {

using catalog::ColumnDef;
using catalog::DatabasePtr;
using catalog::TableDef;
using catalog::TableKind;
using catalog::TypeKind;
using Cells = std::map<std::string_view, std::string>;

constexpr std::string_view kCatalogName = "def";

std::string MsText(int64_t ms) { return DateTimeText(ms / 1000 * 1'000'000); }

ddl::ObjectKind KindOf(const TableDef& table) {
  return table.kind == TableKind::kView               ? ddl::ObjectKind::kView
         : table.kind == TableKind::kMaterializedView ? ddl::ObjectKind::kMaterializedView
                                                      : ddl::ObjectKind::kTable;
}

std::string TicksJoined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "`" : ", `") + name + "`";
  return joined;
}

// What the catalog holds, as the session may see it.
class RowMaker {
 public:
  RowMaker(const catalog::Catalog& catalog, const ddl::SessionContext* session,
           Connection* connection, const SystemCatalog::Facts& facts)
      : catalog_(catalog), session_(session), connection_(*connection), facts_(facts) {}

  std::vector<Cells> Rows(std::string_view database, std::string_view table) {
    if (database != "information_schema") return {};
    static const std::map<std::string_view, void (RowMaker::*)()> kMakers = {
        {"tables", &RowMaker::Tables},
        {"columns", &RowMaker::Columns},
        {"schemata", &RowMaker::Schemata},
        {"views", &RowMaker::Views},
        {"tables_config", &RowMaker::TablesConfig},
        {"partitions_meta", &RowMaker::PartitionsMeta},
        {"materialized_views", &RowMaker::MaterializedViews},
        {"loads", &RowMaker::Loads},
        {"load_tracking_logs", &RowMaker::TrackingLogs},
        {"be_tablets", &RowMaker::Tablets},
        {"key_column_usage", &RowMaker::KeyColumns},
        {"table_constraints", &RowMaker::Constraints},
        {"engines", &RowMaker::Engines},
        {"character_sets", &RowMaker::CharacterSets},
        {"collations", &RowMaker::Collations},
    };
    const auto maker = kMakers.find(table);
    if (maker != kMakers.end()) (this->*maker->second)();
    return std::move(rows_);
  }

 private:
  void ForEachDatabase(const std::function<void(const catalog::DatabaseDef&)>& visit) const {
    for (const DatabasePtr& database : catalog_.Databases()) {
      if (session_ == nullptr || session_->CanSeeDatabase(database->name)) visit(*database);
    }
  }

  void ForEachTable(
      const std::function<void(const catalog::DatabaseDef&, const TableDef&)>& visit) const {
    ForEachDatabase([&](const catalog::DatabaseDef& database) {
      for (const catalog::TablePtr& table : catalog_.Tables(database.id)) {
        if (session_ == nullptr ||
            session_->CanSeeTable(database.name, table->name, KindOf(*table))) {
          visit(database, *table);
        }
      }
    });
  }

  int64_t RowCount(const TableDef& table) {
    auto count = connection_.QueryInteger("SELECT count(*) FROM " + PhysicalTableName(table.id));
    return count.ok() ? count->value_or(0) : 0;
  }

  void Tables() {
    ForEachTable([&](const catalog::DatabaseDef& database, const TableDef& table) {
      Cells& row = rows_.emplace_back();
      row["TABLE_CATALOG"] = kCatalogName;
      row["TABLE_SCHEMA"] = database.name;
      row["TABLE_NAME"] = table.name;
      row["TABLE_TYPE"] = table.is_table() || table.is_external() ? "BASE TABLE" : "VIEW";
      row["ENGINE"] = ddl::ShownEngine(table);
      row["ROW_FORMAT"] = "";
      const int64_t count = table.is_stored() ? RowCount(table) : 0;
      row["TABLE_ROWS"] = std::to_string(count);
      row["AVG_ROW_LENGTH"] = "0";
      row["DATA_LENGTH"] = "0";
      row["CREATE_TIME"] = MsText(table.created_ms);
      row["UPDATE_TIME"] = MsText(table.created_ms);
      row["TABLE_COLLATION"] = "utf8_general_ci";
      row["CREATE_OPTIONS"] = "";
      row["TABLE_COMMENT"] = table.comment;
    });
    for (const std::string& name : SystemCatalog::TableNames("information_schema")) {
      Cells& row = rows_.emplace_back();
      row["TABLE_CATALOG"] = kCatalogName;
      row["TABLE_SCHEMA"] = "information_schema";
      row["TABLE_NAME"] = name;
      row["TABLE_TYPE"] = "SYSTEM VIEW";
      row["ENGINE"] = "";
      row["ROW_FORMAT"] = "";
      row["TABLE_COLLATION"] = "utf8_general_ci";
      row["CREATE_OPTIONS"] = "";
      row["TABLE_COMMENT"] = "";
    }
  }

  void Column(const std::string& database, const TableDef& table, size_t position) {
    const ColumnDef& column = table.columns[position];
    const catalog::DataType& type = column.type;
    Cells& row = rows_.emplace_back();
    row["TABLE_CATALOG"] = kCatalogName;
    row["TABLE_SCHEMA"] = database;
    row["TABLE_NAME"] = table.name;
    row["COLUMN_NAME"] = column.name;
    row["ORDINAL_POSITION"] = std::to_string(position + 1);
    if (column.default_kind == catalog::DefaultKind::kLiteral)
      row["COLUMN_DEFAULT"] = column.default_text;
    if (column.default_kind == catalog::DefaultKind::kCurrentTimestamp)
      row["COLUMN_DEFAULT"] = "CURRENT_TIMESTAMP";
    row["IS_NULLABLE"] = column.nullable ? "YES" : "NO";
    row["DATA_TYPE"] = catalog::InformationSchemaDataType(type);
    row["COLUMN_TYPE"] = catalog::InformationSchemaColumnType(type);
    if (catalog::IsText(type.kind) || type.kind == TypeKind::kVarbinary) {
      row["CHARACTER_MAXIMUM_LENGTH"] = row["CHARACTER_OCTET_LENGTH"] = row["COLUMN_SIZE"] =
          std::to_string(type.length < 0 ? catalog::kMaxVarcharLength : type.length);
    }
    static const std::map<TypeKind, int> kDigits = {
        {TypeKind::kTinyInt, 3}, {TypeKind::kSmallInt, 5},  {TypeKind::kInt, 10},
        {TypeKind::kBigInt, 19}, {TypeKind::kLargeInt, 39}, {TypeKind::kFloat, 7},
        {TypeKind::kDouble, 15}};
    if (const auto digits = kDigits.find(type.kind); digits != kDigits.end()) {
      row["NUMERIC_PRECISION"] = row["COLUMN_SIZE"] = std::to_string(digits->second);
      row["NUMERIC_SCALE"] = row["DECIMAL_DIGITS"] = "0";
    } else if (type.kind == TypeKind::kDecimal) {
      row["NUMERIC_PRECISION"] = row["COLUMN_SIZE"] = std::to_string(type.precision);
      row["NUMERIC_SCALE"] = row["DECIMAL_DIGITS"] = std::to_string(type.scale);
    }
    std::string key;
    if (column.is_key) {
      switch (table.model) {
        case catalog::TableModel::kPrimary:
          key = "PRI";
          break;
        case catalog::TableModel::kUnique:
          key = "UNI";
          break;
        case catalog::TableModel::kAggregate:
          key = "AGG";
          break;
        case catalog::TableModel::kDuplicate:
          key = "DUP";
          break;
      }
    }
    row["COLUMN_KEY"] = key;
    row["EXTRA"] = column.auto_increment ? "auto_increment" : "";
    row["PRIVILEGES"] = "";
    row["COLUMN_COMMENT"] = column.comment;
    row["GENERATION_EXPRESSION"] = column.generated_expression;
  }

  void Columns() {
    ForEachTable([&](const catalog::DatabaseDef& database, const TableDef& table) {
      for (size_t i = 0; i < table.columns.size(); ++i) Column(database.name, table, i);
    });
    for (const std::string& name : SystemCatalog::TableNames("information_schema")) {
      const catalog::TablePtr table = FindSystemTable("information_schema", name);
      for (size_t i = 0; i < table->columns.size(); ++i) Column("information_schema", *table, i);
    }
  }

  void Schemata() {
    const auto add = [&](const std::string& name) {
      Cells& row = rows_.emplace_back();
      row["CATALOG_NAME"] = kCatalogName;
      row["SCHEMA_NAME"] = name;
      row["DEFAULT_CHARACTER_SET_NAME"] = "utf8";
      row["DEFAULT_COLLATION_NAME"] = "utf8_general_ci";
    };
    ForEachDatabase([&](const catalog::DatabaseDef& database) { add(database.name); });
    add("information_schema");
    add("sys");
  }

  void Views() {
    ForEachTable([&](const catalog::DatabaseDef& database, const TableDef& table) {
      if (table.is_table() || table.is_external()) return;
      Cells& row = rows_.emplace_back();
      row["TABLE_CATALOG"] = kCatalogName;
      row["TABLE_SCHEMA"] = database.name;
      row["TABLE_NAME"] = table.name;
      row["VIEW_DEFINITION"] = table.query;
      row["CHECK_OPTION"] = "NONE";
      row["IS_UPDATABLE"] = "NO";
      row["DEFINER"] = "";
      row["SECURITY_TYPE"] = table.security_invoker ? "INVOKER" : "";
      row["CHARACTER_SET_CLIENT"] = "utf8";
      row["COLLATION_CONNECTION"] = "utf8_general_ci";
    });
  }

  void TablesConfig() {
    ForEachTable([&](const catalog::DatabaseDef& database, const TableDef& table) {
      if (!table.is_stored()) return;
      Cells& row = rows_.emplace_back();
      row["TABLE_SCHEMA"] = database.name;
      row["TABLE_NAME"] = table.name;
      row["TABLE_ENGINE"] = table.is_table() ? "OLAP" : "MATERIALIZED_VIEW";
      row["TABLE_MODEL"] = catalog::ModelName(table.model);
      const bool keyed = table.model == catalog::TableModel::kPrimary ||
                         table.model == catalog::TableModel::kUnique;
      row["PRIMARY_KEY"] = keyed ? TicksJoined(table.key_columns) : "";
      row["PARTITION_KEY"] = TicksJoined(table.partitioning.columns);
      const bool random = table.distribution.kind == catalog::DistributionKind::kRandom;
      row["DISTRIBUTE_KEY"] = random ? "" : TicksJoined(table.distribution.columns);
      row["DISTRIBUTE_TYPE"] = random ? "RANDOM" : "HASH";
      row["DISTRIBUTE_BUCKET"] = std::to_string(table.distribution.buckets);
      row["SORT_KEY"] =
          TicksJoined(table.sort_columns.empty() ? table.key_columns : table.sort_columns);
      row["PROPERTIES"] = nlohmann::json(table.properties).dump();
      row["TABLE_ID"] = std::to_string(table.id);
    });
  }

  void PartitionsMeta() {
    ForEachTable([&](const catalog::DatabaseDef& database, const TableDef& table) {
      if (!table.is_stored()) return;
      for (const catalog::PartitionDef& partition : table.partitions) {
        Cells& row = rows_.emplace_back();
        row["DB_NAME"] = database.name;
        row["TABLE_NAME"] = table.name;
        row["PARTITION_NAME"] = partition.name;
        row["PARTITION_ID"] = std::to_string(partition.id);
        row["COMPACT_VERSION"] = "0";
        row["VISIBLE_VERSION"] = "1";
        row["VISIBLE_VERSION_TIME"] = MsText(partition.created_ms);
        row["NEXT_VERSION"] = "2";
        row["DATA_VERSION"] = "1";
        row["VERSION_EPOCH"] = std::to_string(partition.id);
        row["VERSION_TXN_TYPE"] = "TXN_NORMAL";
        std::string keys;
        for (const std::string& column : table.partitioning.columns)
          keys += (keys.empty() ? "" : ", ") + column;
        row["PARTITION_KEY"] = keys;
        std::string distribution;
        for (const std::string& column : table.distribution.columns) {
          distribution += (distribution.empty() ? "" : ", ") + column;
        }
        row["DISTRIBUTION_KEY"] = distribution;
        row["BUCKETS"] = std::to_string(partition.buckets);
        row["REPLICATION_NUM"] = std::to_string(partition.replication_num);
        row["STORAGE_MEDIUM"] = "HDD";
        row["IS_IN_MEMORY"] = "0";
        row["IS_TEMP"] = partition.temporary ? "1" : "0";
        row["DATA_SIZE"] = "0";
        auto count =
            connection_.QueryInteger("SELECT count(*) FROM " + PhysicalTableName(table.id));
        row["ROW_COUNT"] =
            std::to_string(count.ok() && table.partitions.size() == 1 ? count->value_or(0) : 0);
        row["ENABLE_DATACACHE"] = "0";
        row["STORAGE_SIZE"] = "0";
        row["METADATA_SWITCH_VERSION"] = "0";
      }
    });
  }

  void MaterializedViews() {
    ForEachTable([&](const catalog::DatabaseDef& database, const TableDef& table) {
      if (table.kind != TableKind::kMaterializedView) return;
      Cells& row = rows_.emplace_back();
      row["MATERIALIZED_VIEW_ID"] = std::to_string(table.id);
      row["TABLE_SCHEMA"] = database.name;
      row["TABLE_NAME"] = table.name;
      row["REFRESH_TYPE"] =
          table.refresh.kind == catalog::RefreshScheme::Kind::kManual ? "MANUAL" : "ASYNC";
      row["IS_ACTIVE"] = table.active ? "true" : "false";
      row["INACTIVE_REASON"] = "";
      row["PARTITION_TYPE"] = table.partitioning.columns.empty() ? "UNPARTITIONED" : "RANGE";
      row["TASK_ID"] = "0";
      row["TASK_NAME"] = "mv-" + std::to_string(table.id);
      row["TABLE_ROWS"] = "0";
      row["MATERIALIZED_VIEW_DEFINITION"] = table.query;
      row["CREATOR"] = "'root'@'%'";
    });
  }

  void Loads() {
    if (facts_.ledger == nullptr) return;
    ForEachDatabase([&](const catalog::DatabaseDef& database) {
      for (const bool running : {true, false}) {
        for (const LoadTransaction& load : facts_.ledger->List(database.id, running))
          AddLoad(database.name, load);
      }
    });
  }

  void AddLoad(const std::string& database, const LoadTransaction& load) {
    Cells& row = rows_.emplace_back();
    row["ID"] = row["JOB_ID"] = std::to_string(load.id);
    row["LABEL"] = load.label;
    row["PROFILE_ID"] = "";
    row["DB_NAME"] = database;
    if (!load.table_ids.empty()) {
      const catalog::TablePtr table = catalog_.FindTable(load.table_ids.front());
      row["TABLE_NAME"] = table ? table->name : "";
    }
    row["USER"] = load.user;
    row["WAREHOUSE"] = "default_warehouse";
    const bool done = load.state == TransactionState::kVisible;
    row["STATE"] = done                                        ? "FINISHED"
                   : load.state == TransactionState::kAborted  ? "CANCELLED"
                   : load.state == TransactionState::kPrepared ? "PREPARED"
                                                               : "LOADING";
    row["PROGRESS"] = done ? "ETL:N/A; LOAD:100%" : "ETL:N/A; LOAD:0%";
    row["TYPE"] = load.source == TransactionSource::kBackendStreaming ? "STREAM_LOAD" : "INSERT";
    row["PRIORITY"] = "NORMAL";
    row["SCAN_ROWS"] = std::to_string(load.rows_total);
    row["SCAN_BYTES"] = std::to_string(load.bytes);
    row["FILTERED_ROWS"] = std::to_string(load.rows_filtered);
    row["UNSELECTED_ROWS"] = std::to_string(load.rows_unselected);
    row["SINK_ROWS"] = std::to_string(load.rows_loaded);
    row["CREATE_TIME"] = row["LOAD_START_TIME"] = MsText(load.begin_ms);
    if (load.commit_ms > 0) row["LOAD_COMMIT_TIME"] = MsText(load.commit_ms);
    if (load.finish_ms > 0) row["LOAD_FINISH_TIME"] = MsText(load.finish_ms);
    if (!load.reason.empty()) row["ERROR_MSG"] = load.reason;
    if (!load.error_url.empty()) {
      row["TRACKING_SQL"] =
          "select tracking_log from information_schema.load_tracking_logs where job_id=" +
          std::to_string(load.id);
    }
  }

  void TrackingLogs() {
    if (facts_.ledger == nullptr) return;
    ForEachDatabase([&](const catalog::DatabaseDef& database) {
      for (const LoadTransaction& load : facts_.ledger->List(database.id, false)) {
        if (load.error_url.empty()) continue;
        Cells& row = rows_.emplace_back();
        row["ID"] = row["JOB_ID"] = std::to_string(load.id);
        row["LABEL"] = load.label;
        row["DATABASE_NAME"] = database.name;
        row["TRACKING_LOG"] = load.error_url;
        row["TYPE"] =
            load.source == TransactionSource::kBackendStreaming ? "STREAM_LOAD" : "INSERT";
      }
    });
  }

  void Tablets() {
    ForEachTable([&](const catalog::DatabaseDef&, const TableDef& table) {
      if (!table.is_stored()) return;
      for (const catalog::PartitionDef& partition : table.partitions) {
        for (int bucket = 0; bucket < partition.buckets; ++bucket) {
          Cells& row = rows_.emplace_back();
          row["BE_ID"] = std::to_string(10001 + bucket % facts_.backends);
          row["TABLE_ID"] = std::to_string(table.id);
          row["PARTITION_ID"] = std::to_string(partition.physical_id);
          row["TABLET_ID"] = std::to_string(partition.id * 1000 + bucket);
          row["NUM_VERSION"] = row["MAX_VERSION"] = row["MIN_VERSION"] = "1";
          for (const char* zero :
               {"NUM_ROWSET", "NUM_ROW", "DATA_SIZE", "INDEX_MEM", "INDEX_DISK", "NUM_SEGMENT"}) {
            row[zero] = "0";
          }
          row["CREATE_TIME"] = std::to_string(partition.created_ms / 1000);
          row["STATE"] = "RUNNING";
          row["TYPE"] = std::string(catalog::ModelName(table.model));
          row["MEDIUM_TYPE"] = "HDD";
        }
      }
    });
  }

  // Keys as constraints are known to SQL tools only for tables with a primary key.
  void KeyColumns() {
    ForEachTable([&](const catalog::DatabaseDef& database, const TableDef& table) {
      if (!table.is_table() || table.model != catalog::TableModel::kPrimary) return;
      for (size_t i = 0; i < table.key_columns.size(); ++i) {
        Cells& row = rows_.emplace_back();
        row["CONSTRAINT_CATALOG"] = row["TABLE_CATALOG"] = kCatalogName;
        row["CONSTRAINT_SCHEMA"] = row["TABLE_SCHEMA"] = database.name;
        row["CONSTRAINT_NAME"] = "PRIMARY";
        row["TABLE_NAME"] = table.name;
        row["COLUMN_NAME"] = table.key_columns[i];
        row["ORDINAL_POSITION"] = std::to_string(i + 1);
      }
    });
  }

  void Constraints() {
    ForEachTable([&](const catalog::DatabaseDef& database, const TableDef& table) {
      if (!table.is_table() || table.model != catalog::TableModel::kPrimary) return;
      Cells& row = rows_.emplace_back();
      row["CONSTRAINT_CATALOG"] = kCatalogName;
      row["CONSTRAINT_SCHEMA"] = row["TABLE_SCHEMA"] = database.name;
      row["CONSTRAINT_NAME"] = "PRIMARY";
      row["TABLE_NAME"] = table.name;
      row["CONSTRAINT_TYPE"] = "PRIMARY KEY";
    });
  }

  void Engines() {
    rows_.push_back({{"ENGINE", "OLAP"},
                     {"SUPPORT", "YES"},
                     {"COMMENT", "Default storage engine of StarRocks"},
                     {"TRANSACTIONS", "NO"},
                     {"XA", "NO"},
                     {"SAVEPOINTS", "NO"}});
  }

  void CharacterSets() {
    rows_.push_back({{"CHARACTER_SET_NAME", "utf8"},
                     {"DEFAULT_COLLATE_NAME", "utf8_general_ci"},
                     {"DESCRIPTION", "UTF-8 Unicode"},
                     {"MAXLEN", "3"}});
  }

  void Collations() {
    rows_.push_back({{"COLLATION_NAME", "utf8_general_ci"},
                     {"CHARACTER_SET_NAME", "utf8"},
                     {"ID", "33"},
                     {"IS_DEFAULT", "Yes"},
                     {"IS_COMPILED", "Yes"},
                     {"SORTLEN", "1"}});
  }

  const catalog::Catalog& catalog_;
  const ddl::SessionContext* session_;
  Connection& connection_;
  const SystemCatalog::Facts& facts_;
  std::vector<Cells> rows_;
};

Status Append(Connection* connection, const std::string& name, const TableDef& table,
              const std::vector<Cells>& rows) {
  duckdb_appender appender = nullptr;
  if (duckdb_appender_create_ext(connection->native(), "temp", "main", name.c_str(), &appender) !=
      DuckDBSuccess) {
    Error error{ErrorKind::kInternal,
                std::string("can't fill ") + name + ": " + duckdb_appender_error(appender)};
    duckdb_appender_destroy(&appender);
    return error;
  }
  for (const Cells& row : rows) {
    for (const ColumnDef& column : table.columns) {
      const auto cell = row.find(column.name);
      if (cell == row.end()) {
        duckdb_append_null(appender);
      } else {
        duckdb_append_varchar_length(appender, cell->second.data(), cell->second.size());
      }
    }
    duckdb_appender_end_row(appender);
  }
  const bool closed = duckdb_appender_close(appender) == DuckDBSuccess;
  duckdb_appender_destroy(&appender);
  if (!closed) return Error{ErrorKind::kInternal, "can't fill " + name};
  return {};
}

}  // namespace

catalog::TablePtr SystemCatalog::Find(std::string_view database, std::string_view table) const {
  return FindSystemTable(database, table);
}

Result<std::string> SystemCatalog::RowsSql(const catalog::TableDef& table) {
  const std::string_view database =
      FindSystemTable("sys", table.name).get() == &table ? "sys" : "information_schema";
  const std::string name = "system_" + std::string(database) + "_" + table.name;
  std::string select;
  std::string columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const std::string key = "k" + std::to_string(i);
    select += (i > 0 ? ", " : "") +
              ("CAST(" + key + " AS " + PhysicalType(table.columns[i].type) + ") AS " + key);
    columns += (i > 0 ? ", " : "") + key + " VARCHAR";
  }
  if (connection_ == nullptr) {
    std::string nulls;
    for (const ColumnDef& column : table.columns) {
      nulls += (nulls.empty() ? "" : ", ") + ("CAST(NULL AS " + PhysicalType(column.type) + ")");
    }
    return "SELECT " + nulls + " WHERE FALSE";
  }
  const std::vector<Cells> rows =
      RowMaker(catalog_, session_, connection_, facts_).Rows(database, table.name);
  SL_ASSIGN([[maybe_unused]] const int64_t ignored,
            connection_->Execute("CREATE OR REPLACE TEMP TABLE " + name + " (" + columns + ")"));
  SL_TRY(Append(connection_, name, table, rows));
  return "SELECT " + select + " FROM temp.main." + name;
}

}  // namespace starlift::sandbox::query

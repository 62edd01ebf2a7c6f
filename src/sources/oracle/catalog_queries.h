#pragma once

#include <string_view>

// The catalog's queries and what stands in each of their columns. They run on Oracle 11.2 and
// later, over the ALL_ views: they show what the user may read. {owners} stands for the condition
// on the owner `o`, {identity} for what 11g lacks.

namespace starlift::oracle {

inline constexpr std::string_view kTablesQuery =
    "SELECT o.owner, o.table_name, TO_CHAR(NVL(o.num_rows, 0)), TO_CHAR(NVL(o.avg_row_len, 0)), "
    "c.comments, TO_CHAR(ROUND((b.created - DATE '1970-01-01') * 86400)), o.iot_type "
    "FROM all_tables o LEFT JOIN all_tab_comments c ON c.owner = o.owner AND c.table_name = "
    "o.table_name LEFT JOIN all_objects b ON b.owner = o.owner AND b.object_name = o.table_name "
    "AND b.object_type = 'TABLE' WHERE {owners} AND o.dropped = 'NO' AND o.nested = 'NO' AND "
    "o.secondary = 'N' AND o.temporary = 'N' AND NVL(o.iot_type, '-') NOT IN ('IOT_OVERFLOW', "
    "'IOT_MAPPING') AND o.table_name NOT LIKE 'MLOG$\\_%' ESCAPE '\\' AND o.table_name NOT LIKE "
    "'RUPD$\\_%' ESCAPE '\\' AND o.table_name <> 'LOG_MINING_FLUSH'";
enum TableField {
  kTableOwner,
  kTableName,
  kTableRows,
  kTableRowBytes,
  kTableComment,
  kTableCreated,
  kTableIot
};

inline constexpr std::string_view kColumnsQuery =
    "SELECT o.owner, o.table_name, o.column_name, o.data_type, TO_CHAR(o.data_length), "
    "TO_CHAR(o.char_length), TO_CHAR(o.data_precision), TO_CHAR(o.data_scale), o.nullable, "
    "o.data_default, c.comments, o.virtual_column, {identity} FROM all_tab_cols o LEFT JOIN "
    "all_col_comments c ON c.owner = o.owner AND c.table_name = o.table_name AND c.column_name = "
    "o.column_name WHERE {owners} AND (o.hidden_column = 'NO' OR o.user_generated = 'YES') ORDER "
    "BY o.owner, o.table_name, o.internal_column_id";
enum ColumnField {
  kColumnOwner,
  kColumnTable,
  kColumnName,
  kColumnType,
  kColumnDataLength,
  kColumnCharLength,
  kColumnPrecision,
  kColumnScale,
  kColumnNullable,
  kColumnDefault,
  kColumnComment,
  kColumnVirtual,
  kColumnIdentity
};

// One row per column of a key: 'P', 'U', 'R' (foreign) constraints, then unique indexes, 'I'.
inline constexpr std::string_view kKeysQuery =
    "SELECT o.owner, o.table_name, o.constraint_name, o.constraint_type, k.column_name, "
    "k.position AS place FROM all_constraints o JOIN all_cons_columns k ON k.owner = o.owner AND "
    "k.constraint_name = o.constraint_name WHERE {owners} AND o.constraint_type IN ('P', 'U', 'R') "
    "AND o.status = 'ENABLED' UNION ALL SELECT o.table_owner, o.table_name, o.index_name, 'I', "
    "k.column_name, k.column_position FROM all_indexes o JOIN all_ind_columns k ON k.index_owner = "
    "o.owner AND k.index_name = o.index_name WHERE {owners} AND o.uniqueness = 'UNIQUE' "
    "ORDER BY 1, 2, 3, 4, 6";
enum KeyField { kKeyOwner, kKeyTable, kKeyName, kKeyType, kKeyColumn };

inline constexpr std::string_view kPartitionsQuery =
    "SELECT o.table_owner, o.table_name, o.partition_name FROM all_tab_partitions o WHERE "
    "{table_owners} ORDER BY o.table_owner, o.table_name, o.partition_position";
enum PartitionField { kPartitionOwner, kPartitionTable, kPartitionName };

// "19.0.0.0.0"; every user may ask.
inline constexpr std::string_view kVersionQuery =
    "SELECT version FROM product_component_version WHERE product LIKE 'Oracle%' AND ROWNUM = 1";

// Needs a grant on V_$DATABASE.
inline constexpr std::string_view kDatabaseQuery =
    "SELECT name, log_mode, supplemental_log_data_min, supplemental_log_data_all, {cdb} FROM "
    "v$database";
enum DatabaseField {
  kDatabaseName,
  kDatabaseLogMode,
  kDatabaseSupplemental,
  kDatabaseSupplementalAll,
  kDatabaseCdb
};

}  // namespace starlift::oracle

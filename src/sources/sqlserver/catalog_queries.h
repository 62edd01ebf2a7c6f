#pragma once

#include <string_view>

// The catalog's queries, run in the database that they ask about, and what stands in each of their
// columns. They run on SQL Server 2012 and later, and on Azure SQL Database.

namespace starlift::sqlserver {

inline constexpr std::string_view kTablesQuery =
    "SELECT t.object_id, s.name, t.name, t.is_tracked_by_cdc, "
    "(SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = t.object_id AND p.index_id IN "
    "(0, 1)), "
    "(SELECT SUM(a.total_pages) * 8192 FROM sys.partitions p JOIN sys.allocation_units a ON "
    "a.container_id = p.partition_id WHERE p.object_id = t.object_id), "
    "DATEDIFF(second, '19700101', t.create_date) + DATEDIFF(second, GETDATE(), GETUTCDATE()), "
    "CAST(e.value AS nvarchar(4000)), HAS_PERMS_BY_NAME(QUOTENAME(s.name) + '.' + "
    "QUOTENAME(t.name), 'OBJECT', 'SELECT') "
    "FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id "
    "LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = t.object_id AND "
    "e.minor_id = 0 AND e.name = 'MS_Description' "
    "WHERE t.is_ms_shipped = 0 AND s.name NOT IN ('cdc', 'sys') ORDER BY s.name, t.name; ";
enum TableField {
  kTableObject,
  kTableSchema,
  kTableName,
  kTableTracked,
  kTableRows,
  kTableBytes,
  kTableCreated,
  kTableComment,
  kTableReadable
};

// A CLR type has no system type of its own; an alias type is read as the type under it.
inline constexpr std::string_view kColumnsQuery =
    "SELECT c.object_id, c.name, CASE WHEN c.system_type_id = 240 THEN ty.name ELSE "
    "TYPE_NAME(c.system_type_id) END, c.max_length, c.precision, c.scale, c.is_nullable, "
    "c.is_identity, c.is_computed, c.collation_name, d.definition, CAST(e.value AS "
    "nvarchar(4000)), c.column_id FROM sys.columns c JOIN sys.tables t ON t.object_id = "
    "c.object_id AND t.is_ms_shipped = 0 JOIN sys.types ty ON ty.user_type_id = c.user_type_id "
    "LEFT JOIN sys.default_constraints d ON d.object_id = c.default_object_id "
    "LEFT JOIN sys.extended_properties e ON e.class = 1 AND e.major_id = c.object_id AND "
    "e.minor_id = c.column_id AND e.name = 'MS_Description' ORDER BY c.object_id, c.column_id; ";
enum ColumnField {
  kColumnObject,
  kColumnName,
  kColumnType,
  kColumnMaxLength,
  kColumnPrecision,
  kColumnScale,
  kColumnNullable,
  kColumnIdentity,
  kColumnComputed,
  kColumnCollation,
  kColumnDefault,
  kColumnComment
};

// Unique indexes over all rows, one row per key column, and foreign keys: 'p', 'u' (a constraint),
// 'i' (an index alone), 'f'.
inline constexpr std::string_view kKeysQuery =
    "SELECT i.object_id, i.name, CASE WHEN i.is_primary_key = 1 THEN 'p' WHEN "
    "i.is_unique_constraint = 1 THEN 'u' ELSE 'i' END, c.name, CAST(k.key_ordinal AS int) AS place "
    "FROM sys.indexes i JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = "
    "i.index_id AND k.key_ordinal > 0 JOIN sys.columns c ON c.object_id = k.object_id AND "
    "c.column_id = k.column_id JOIN sys.tables t ON t.object_id = i.object_id "
    "WHERE i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0 "
    "UNION ALL SELECT f.parent_object_id, f.name, 'f', c.name, k.constraint_column_id "
    "FROM sys.foreign_keys f JOIN sys.foreign_key_columns k ON k.constraint_object_id = "
    "f.object_id JOIN sys.columns c ON c.object_id = k.parent_object_id AND c.column_id = "
    "k.parent_column_id ORDER BY 1, 2, 5; ";
enum KeyField { kKeyObject, kKeyName, kKeyKind, kKeyColumn };

}  // namespace starlift::sqlserver

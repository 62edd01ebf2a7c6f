#pragma once

#include <string_view>

// The catalog's queries, and what stands in each of their columns. They run on versions 9.6 to 18.
// Of what not all of them have, {is_partition}, {identity} and {generated} stand for the version's
// expression; small answers ask through to_jsonb(), which knows no missing column.

namespace starlift::postgres {

// Stands for {tables} in the queries: c is pg_class, n its schema.
inline constexpr std::string_view kTablesClause =
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND NOT {is_partition} AND c.relpersistence <> 't' "
    "AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast' ";

// relpages of a partitioned table is that of its leaves.
inline constexpr std::string_view kTablesQuery =
    "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, "
    "CASE WHEN c.relkind = 'p' THEN 0 ELSE greatest(c.reltuples, 0)::bigint END, "
    "CASE WHEN c.relkind = 'p' THEN 0 ELSE c.relpages::bigint "
    "* current_setting('block_size')::bigint END, "
    "pg_catalog.obj_description(c.oid, 'pg_class'), c.relnatts {tables};";
enum TableField {
  kTableOid,
  kTableSchema,
  kTableName,
  kTableKind,
  kTablePersistence,
  kTableRows,
  kTableBytes,
  kTableComment,
  kTableAttributes  // columns, the dropped ones too
};

// The leaves of each partitioned table, in the order of their names.
inline constexpr std::string_view kPartitionsQuery =
    "WITH RECURSIVE tree(root, oid) AS ("
    "SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'p' "
    "AND NOT {is_partition} "
    "UNION ALL SELECT tree.root, i.inhrelid FROM tree "
    "JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid) "
    "SELECT tree.root, c.relname, greatest(c.reltuples, 0)::bigint, "
    "c.relpages::bigint * current_setting('block_size')::bigint "
    "FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid WHERE c.relkind <> 'p' "
    "ORDER BY tree.root, c.relname;";
enum PartitionField { kPartitionRoot, kPartitionName, kPartitionRows, kPartitionBytes };

// The types of all those columns, and what their domains and arrays are made of.
inline constexpr std::string_view kTypesQuery =
    "WITH RECURSIVE used(oid) AS ("
    "SELECT DISTINCT a.atttypid FROM pg_catalog.pg_attribute a WHERE a.attnum > 0 "
    "AND NOT a.attisdropped AND a.attrelid IN (SELECT c.oid {tables}) "
    "UNION SELECT part.oid FROM used JOIN pg_catalog.pg_type t ON t.oid = used.oid, "
    "LATERAL (VALUES (t.typbasetype), (t.typelem)) AS part(oid) WHERE part.oid <> 0) "
    "SELECT t.oid, t.typname, n.nspname, t.typtype, t.typbasetype, t.typtypmod, t.typnotnull, "
    "t.typelem, (t.typelem <> 0 AND t.typcategory = 'A'), "
    "(SELECT max(length(e.enumlabel)) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) "
    "FROM used JOIN pg_catalog.pg_type t ON t.oid = used.oid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace;";
enum TypeField {
  kTypeOid,
  kTypeName,
  kTypeSchema,
  kTypeType,
  kTypeBase,
  kTypeBaseModifier,
  kTypeNotNull,
  kTypeElement,
  kTypeIsArray,
  kTypeLongestLabel
};

// The text of a domain's type is that of what is under it; domains over domains are rare enough for
// a loop of subqueries, and have no modifier of their own but at the end.
inline constexpr std::string_view kColumnsQuery =
    "WITH RECURSIVE bare(oid, base, modifier) AS ("
    "SELECT t.oid, t.typbasetype, t.typtypmod FROM pg_catalog.pg_type t WHERE t.typtype = 'd' "
    "UNION ALL SELECT bare.oid, t.typbasetype, t.typtypmod FROM bare "
    "JOIN pg_catalog.pg_type t ON t.oid = bare.base WHERE t.typtype = 'd'), "
    "plain AS (SELECT bare.oid, bare.base, bare.modifier FROM bare "
    "JOIN pg_catalog.pg_type t ON t.oid = bare.base WHERE t.typtype <> 'd') "
    "SELECT a.attrelid, a.attname, a.atttypid, a.atttypmod, "
    "pg_catalog.format_type(coalesce(plain.base, a.atttypid), "
    "coalesce(plain.modifier, a.atttypmod)), a.attnotnull, "
    "pg_catalog.pg_get_expr(d.adbin, d.adrelid), {identity}, {generated}, coll.collname, "
    "pg_catalog.col_description(a.attrelid, a.attnum), a.attnum "
    "FROM pg_catalog.pg_attribute a "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "LEFT JOIN pg_catalog.pg_collation coll ON coll.oid = a.attcollation "
    "LEFT JOIN plain ON plain.oid = a.atttypid "
    "WHERE a.attnum > 0 AND NOT a.attisdropped "
    "AND a.attrelid IN (SELECT c.oid {tables}) ORDER BY a.attrelid, a.attnum;";
enum ColumnField {
  kColumnTable,
  kColumnName,
  kColumnType,
  kColumnModifier,
  kColumnNativeType,
  kColumnNotNull,
  kColumnDefault,
  kColumnIdentity,
  kColumnGenerated,
  kColumnCollation,
  kColumnComment,
  kColumnNumber
};

// Unique indexes over whole columns of all rows. INCLUDE columns are behind indnkeyatts.
inline constexpr std::string_view kKeysQuery =
    "SELECT i.indrelid, k.relname, i.indisprimary, i.indkey, "
    "coalesce((to_jsonb(i) ->> 'indnkeyatts')::int, i.indnatts) "
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class k ON k.oid = i.indexrelid "
    "WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL "
    "AND i.indrelid IN (SELECT c.oid {tables}) ORDER BY i.indrelid, k.relname;";
enum KeyField { kKeyTable, kKeyName, kKeyPrimary, kKeyColumns, kKeyColumnCount };

// Declared constraints, which unique indexes alone are not.
inline constexpr std::string_view kConstraintsQuery =
    "SELECT n.nspname, c.relname, k.conname, k.contype, "
    "(SELECT json_agg(a.attname ORDER BY part.place) "
    "FROM unnest(k.conkey) WITH ORDINALITY AS part(number, place) "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.number) "
    "FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE k.contype IN ('p', 'u', 'f') AND NOT {is_partition} "
    "ORDER BY n.nspname, c.relname, k.conname;";
enum ConstraintField {
  kConstraintSchema,
  kConstraintTable,
  kConstraintName,
  kConstraintType,
  kConstraintColumns
};

inline constexpr std::string_view kSizesQuery =
    "WITH RECURSIVE tree(root, oid) AS (SELECT c.oid, c.oid {tables}"
    "UNION ALL SELECT tree.root, i.inhrelid FROM tree "
    "JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid "
    "JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid WHERE {is_partition}) "
    "SELECT n.nspname, c.relname, sum(pg_catalog.pg_total_relation_size(tree.oid)) "
    "FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.root "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace GROUP BY 1, 2;";
enum SizeField { kSizeSchema, kSizeTable, kSizeBytes };

// '1.00' of a server whose lc_monetary has two fraction digits.
inline constexpr std::string_view kMoneyQuery =
    "SELECT length(split_part(1::pg_catalog.money::numeric::text, '.', 2));";

}  // namespace starlift::postgres

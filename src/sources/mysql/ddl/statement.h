#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "data/table.h"

namespace starlift::mysql {

// What a DDL statement says, as far as it bears on tables' definitions; nothing in it depends on
// what tables there are. Plain data, made by ParseStatement.

struct TypeDefinition {
  std::string name;  // lower case, without synonyms: "int" for INTEGER, "decimal" for NUMERIC
  std::optional<uint64_t> length;
  std::optional<uint64_t> decimals;
  bool is_unsigned = false;
  bool zerofill = false;
  bool compressed = false;          // MariaDB
  bool binary_collation = false;    // BINARY after a text type: its charset's _bin collation
  std::string charset;              // empty: the table's
  std::string collation;            // empty: the charset's default
  std::vector<std::string> labels;  // ENUM, SET
  bool json = false;                // declared as JSON
};

struct DefaultDefinition {
  enum class Kind : uint8_t { kNone, kNull, kString, kNumber, kBits, kHex, kNow, kExpression };
  Kind kind = Kind::kNone;
  // The literal without quotes; kNow: its fraction digits or empty; kExpression: as written.
  std::string text;
  // Of a literal or kNow: stood in parentheses. MariaDB doesn't care, MySQL takes it for an
  // expression.
  bool parenthesized = false;
};

struct ColumnDefinition {
  std::string name;
  TypeDefinition type;
  std::optional<bool> nullable;  // as said
  DefaultDefinition default_value;
  bool on_update_now = false;
  bool auto_increment = false;
  bool primary = false;
  bool unique = false;
  bool generated = false;
  bool invisible = false;
  bool json_check = false;  // CHECK (json_valid(`itself`))
  bool references = false;  // a foreign key: MariaDB from 10.5 makes it, others don't
  std::string comment;
};

struct IndexDefinition {
  struct Part {
    std::string column;  // empty: an expression
    uint32_t prefix = 0;
  };
  std::string name;  // empty: the server makes one; "PRIMARY"
  bool unique = false;
  bool foreign_key = false;  // only there if no other index serves it
  bool if_not_exists = false;
  std::vector<Part> parts;
};

struct TableOptions {
  std::string charset;
  std::string collation;
  std::optional<std::string> comment;
  std::optional<std::string> engine;
};

struct TableName {
  std::string database;  // empty: the default database
  std::string name;
};

struct CreateTable {
  TableName table;
  bool temporary = false;
  bool or_replace = false;
  bool if_not_exists = false;
  std::optional<TableName> like;
  std::vector<ColumnDefinition> columns;
  std::vector<IndexDefinition> indexes;
  TableOptions options;
  std::vector<std::string> partitions;
};

// Where a column goes. Neither: at the end, or where it was.
struct ColumnPlace {
  bool first = false;
  std::string after;
};

struct AddColumn {
  ColumnDefinition column;
  ColumnPlace place;
  bool if_not_exists = false;
};
struct ChangeColumn {
  std::string old_name;
  ColumnDefinition column;  // with the new name
  ColumnPlace place;
  bool if_exists = false;
};
struct RenameColumn {
  std::string from;
  std::string to;
  bool if_exists = false;
};
struct DropColumn {
  std::string name;
  bool if_exists = false;
};
struct SetDefault {
  std::string column;
  DefaultDefinition value;  // kNone: DROP DEFAULT
};
struct SetVisibility {
  std::string column;
  bool invisible = false;
};
struct AddIndex {
  IndexDefinition index;
};
struct DropIndex {
  std::string name;
  bool may_be_missing = false;  // IF EXISTS; a constraint, which may be no index
};
struct RenameIndex {
  std::string from;
  std::string to;
};
struct DropForeignKey {
  std::string name;
};
struct RenameTo {
  TableName to;
};
struct ConvertCharset {
  std::string charset;  // empty: the database's default
  std::string collation;
};
struct SetPartitions {
  std::vector<std::string> names;
};
struct AddPartitions {
  std::vector<std::string> names;
  uint64_t count = 0;  // PARTITIONS n: unnamed
};
struct DropPartitions {
  std::vector<std::string> names;
  bool if_exists = false;
};
struct CoalescePartitions {
  uint64_t count = 0;
};
struct ReorganizePartitions {
  std::vector<std::string> from;  // empty: all
  std::vector<std::string> into;
};
// Rows come or go without row events.
struct ReplaceRows {
  std::optional<TableName> other;  // EXCHANGE PARTITION … WITH TABLE other
};

using AlterAction =
    std::variant<AddColumn, ChangeColumn, RenameColumn, DropColumn, SetDefault, SetVisibility,
                 AddIndex, DropIndex, RenameIndex, DropForeignKey, RenameTo, ConvertCharset,
                 SetPartitions, AddPartitions, DropPartitions, CoalescePartitions,
                 ReorganizePartitions, ReplaceRows>;

struct AlterTable {
  TableName table;
  bool ignore = false;  // rows that don't fit go
  std::vector<AlterAction> actions;
  TableOptions options;
};

struct RenameTables {
  std::vector<std::pair<TableName, TableName>> renames;
};
struct DropTables {
  std::vector<TableName> tables;
};
struct TruncateTable {
  TableName table;
};
struct SetDatabase {  // CREATE or ALTER DATABASE
  std::string name;   // empty: the default database
  bool create = false;
  bool if_not_exists = false;
  bool or_replace = false;
  std::string charset;
  std::string collation;
};
struct DropDatabase {
  std::string name;
};
// Rows changed by a statement: only an error if they are a wanted table's.
struct RowStatement {
  std::vector<TableName> names;  // that may be tables
};
// A trigger by which pt-online-schema-change keeps its copy of the table up to date.
struct CopyTrigger {
  TableName table;
};
// Can't change tables.
struct OtherStatement {};

using Statement = std::variant<OtherStatement, CreateTable, AlterTable, RenameTables, DropTables,
                               TruncateTable, SetDatabase, DropDatabase, RowStatement, CopyTrigger>;

}  // namespace starlift::mysql

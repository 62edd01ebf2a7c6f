#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/type.h"

namespace starlift {

// A table at the source. `schema` is empty where the database has no such level (MySQL).
struct TableId {
  std::string database;
  std::string schema;
  std::string name;

  auto operator<=>(const TableId&) const = default;
  // `db`.`table`, for messages.
  std::string ToString() const;
};

using ColumnIndex = uint32_t;

enum class DefaultKind { kNone, kNull, kLiteral, kCurrentTimestamp, kExpression };

struct Column {
  std::string name;  // byte for byte as the source spells it, UTF-8
  Type type;
  std::string native_type;  // as the source prints it: "bigint(20) unsigned"
  bool nullable = true;
  DefaultKind default_kind = DefaultKind::kNone;
  std::string default_text;  // the literal without quotes, or the expression
  std::string comment;
  std::string charset;    // empty for non-text columns
  std::string collation;  // empty for non-text columns
  bool auto_increment = false;
  bool generated = false;
  bool invisible = false;
};

enum class KeyKind {
  kPrimary,
  kUnique,  // a unique key whose columns are all NOT NULL stands in for a missing primary key
  kNone,
};

// An index, as far as keys and schema changes need it.
struct TableIndex {
  struct Part {
    static constexpr ColumnIndex kExpression = UINT32_MAX;

    ColumnIndex column = kExpression;
    bool prefix = false;  // over the column's first characters only

    bool operator==(const Part&) const = default;
  };

  std::string name;  // "PRIMARY" for MySQL's primary key
  bool unique = false;
  std::vector<Part> parts;  // in key order

  bool operator==(const TableIndex&) const = default;
};

// A table's definition at one moment. Plain data.
struct Table {
  TableId id;
  std::vector<Column> columns;
  KeyKind key_kind = KeyKind::kNone;
  std::vector<ColumnIndex> key;  // in key order; empty if kNone
  std::vector<TableIndex> indexes;
  // Of columns that are added without one of their own; empty where the source has no such thing.
  std::string default_collation;
  std::string comment;
  std::string engine;
  uint64_t row_estimate = 0;
  uint64_t byte_estimate = 0;
  uint32_t average_row_bytes = 0;
  std::vector<std::string> partitions;

  bool has_key() const { return key_kind != KeyKind::kNone; }
  std::optional<ColumnIndex> FindColumn(std::string_view name) const;
};

struct Catalog {
  std::vector<Table> tables;  // ordered by id
};

}  // namespace starlift

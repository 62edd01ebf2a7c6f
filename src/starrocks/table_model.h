#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "starrocks/target_type.h"

namespace starlift::starrocks {

enum class TableModel { kPrimaryKey, kDuplicateKey, kUniqueKey, kAggregate };

enum class TargetDefaultKind { kNone, kNull, kLiteral, kCurrentTimestamp };

struct TargetColumn {
  std::string name;
  TargetType type;
  bool nullable = true;
  TargetDefaultKind default_kind = TargetDefaultKind::kNone;
  std::string default_text;  // kLiteral, without quotes
  std::string comment;
  bool generated = false;       // only in tables read from the target
  bool auto_increment = false;  // only in tables read from the target
  std::string aggregation;      // "SUM", "REPLACE", …: only in tables read from the target
};

// A table of the target: to be made, or read from it. Plain data. Key columns come first and in
// key order, as StarRocks demands; key_columns counts them.
struct TargetTable {
  std::string database;
  std::string name;
  TableModel model = TableModel::kPrimaryKey;
  std::vector<TargetColumn> columns;
  size_t key_columns = 0;
  std::vector<std::string> hash_columns;  // empty: RANDOM
  uint32_t buckets = 0;                   // 0: the server decides
  std::string comment;
  std::vector<std::pair<std::string, std::string>> properties;

  // "`db`.`table`".
  std::string QuotedName() const;
  // Case-insensitive, as StarRocks compares column names.
  std::optional<size_t> FindColumn(std::string_view column) const;
};

std::string_view TableModelName(TableModel model);  // "PRIMARY KEY"

}  // namespace starlift::starrocks

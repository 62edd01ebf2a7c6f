#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/catalog/data_type.h"
#include "sandbox/sql/error.h"

// Queries and expressions as parsed: names are not resolved, types not known. Plain data, made once
// and then read only, so nodes are shared.
namespace starlift::sandbox::query {

struct Expr;
struct Query;
using ExprPtr = std::shared_ptr<const Expr>;
using QueryPtr = std::shared_ptr<const Query>;

enum class ExprKind : uint8_t {
  kNull,
  kBoolean,  // text TRUE or FALSE
  kInteger,
  kDecimal,
  kDouble,
  kString,
  kBinary,        // text: hex digits
  kTypedLiteral,  // DATE '…' : text, cast_type
  kColumn,        // name: 1 to 4 parts
  kStar,          // * or t.* (name)
  kUnary,         // text: - + ~ NOT
  kArithmetic,    // text: + - * / DIV % & | ^ and shifts
  kComparison,    // text: = != < <= > >= <=>
  kLogical,       // text: AND OR
  kIsNull,        // negated
  kIn,            // args[0] IN (args[1…]), or IN query
  kBetween,       // 3 args
  kLike,          // text: LIKE or REGEXP
  kCase,          // has_operand, args: [operand] (when, then)… [else]; has_else
  kCast,          // cast_type; text: CAST or TRY_CAST
  kFunction,      // text: lower-case name
  kSubquery,      // query
  kExists,        // query, negated
  kVariable,      // text: name; scope: "", SESSION, GLOBAL
  kUserVariable,  // text: name
  kParameter,     // ?, number says which
  kInterval,      // args[0], text: unit in upper case
  kArray,         // [a, b]; cast_type if typed
  kMap,           // {k: v}: args alternate
  kElement,       // args[0][args[1]]
  kField,         // args[0].text
  kLambda,        // names -> args[0]
  kDefault,       // DEFAULT in VALUES and SET
};

struct OrderItem {
  ExprPtr expression;
  bool descending = false;
  std::optional<bool> nulls_first;
};

// OVER (…)
struct WindowSpec {
  std::vector<ExprPtr> partition_by;
  std::vector<OrderItem> order_by;
  std::string frame;  // "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" or empty
};

struct Expr {
  ExprKind kind = ExprKind::kNull;
  sql::Position begin;
  sql::Position end;
  std::string text;
  std::vector<std::string> name;
  std::vector<ExprPtr> args;
  std::string scope;
  catalog::DataType cast_type;
  bool has_cast_type = false;
  bool distinct = false;
  bool negated = false;
  bool has_operand = false;
  bool has_else = false;
  bool ignore_nulls = false;
  int number = 0;
  QueryPtr query;
  std::vector<OrderItem> order_by;  // inside an aggregate's parentheses
  ExprPtr separator;                // GROUP_CONCAT … SEPARATOR
  std::shared_ptr<const WindowSpec> window;
};

struct SelectItem {
  ExprPtr expression;
  std::string alias;  // empty: none
};

enum class JoinKind : uint8_t {
  kInner,
  kCross,
  kLeft,
  kRight,
  kFull,
  kLeftSemi,
  kLeftAnti,
  kRightSemi,
  kRightAnti
};

// FROM: a table, a subquery, VALUES, a table function, or a join of two.
struct Relation {
  enum class Kind : uint8_t { kTable, kQuery, kJoin, kValues, kTableFunction };
  Kind kind = Kind::kTable;
  sql::Position begin;
  std::vector<std::string> name;  // kTable
  std::vector<std::string> partitions;
  std::string alias;
  std::vector<std::string> column_aliases;
  QueryPtr query;
  std::vector<std::vector<ExprPtr>> rows;  // kValues
  std::string function;                    // kTableFunction
  std::vector<ExprPtr> arguments;
  // kJoin
  JoinKind join = JoinKind::kInner;
  std::shared_ptr<const Relation> left;
  std::shared_ptr<const Relation> right;
  ExprPtr on;
  std::vector<std::string> using_columns;
};
using RelationPtr = std::shared_ptr<const Relation>;

enum class GroupingKind : uint8_t { kPlain, kRollup, kCube, kSets };

struct Select {
  sql::Position begin;
  bool distinct = false;
  std::vector<SelectItem> items;
  RelationPtr from;  // null: none
  ExprPtr where;
  std::vector<ExprPtr> group_by;
  GroupingKind grouping = GroupingKind::kPlain;
  std::vector<std::vector<ExprPtr>> grouping_sets;
  ExprPtr having;
  ExprPtr qualify;
};

enum class SetOperator : uint8_t { kUnionAll, kUnion, kIntersect, kExcept };

struct CommonTable {
  std::string name;
  std::vector<std::string> columns;
  QueryPtr query;
};

// A SELECT, VALUES, a parenthesised query or two of them with a set operator; then ORDER BY and
// LIMIT.
struct Query {
  enum class Kind : uint8_t { kSelect, kValues, kSet, kNested };
  Kind kind = Kind::kSelect;
  std::vector<CommonTable> with;
  Select select;
  std::vector<std::vector<ExprPtr>> rows;  // kValues
  SetOperator set_operator = SetOperator::kUnionAll;
  QueryPtr left;  // kSet; kNested has only this
  QueryPtr right;
  std::vector<OrderItem> order_by;
  std::optional<int64_t> limit;
  int64_t offset = 0;
};

struct Assignment {
  std::string column;
  ExprPtr value;
};

struct InsertStatement {
  bool overwrite = false;
  std::vector<std::string> table;
  sql::Position table_position;
  std::vector<std::string> partitions;
  std::string label;
  bool has_columns = false;
  bool by_name = false;
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::string>> properties;
  QueryPtr source;  // a kValues query for VALUES
};

struct UpdateStatement {
  std::vector<std::string> table;
  std::string alias;
  std::vector<CommonTable> with;
  std::vector<Assignment> assignments;
  RelationPtr from;
  ExprPtr where;
};

struct DeleteStatement {
  std::vector<std::string> table;
  std::string alias;
  std::vector<CommonTable> with;
  std::vector<std::string> partitions;
  RelationPtr using_relation;
  ExprPtr where;
};

}  // namespace starlift::sandbox::query

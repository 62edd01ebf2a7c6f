#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/catalog/catalog.h"
#include "sandbox/catalog/data_type.h"
#include "sandbox/ddl/environment.h"
#include "sandbox/query/ast.h"

// What analysis knows of an expression, and where it looks names up.
namespace starlift::sandbox::query {

// The database of a qualified name stands between these two in Typed::printed, so that it can be
// left out (FinishPrinted).
inline constexpr char kDatabaseBegin = '\x01';
inline constexpr char kDatabaseEnd = '\x02';
std::string FinishPrinted(std::string_view printed, bool with_database);

// An analysed expression.
struct Typed {
  std::string sql;  // DuckDB
  catalog::DataType type;
  bool nullable = true;
  // StarRocks' own text of it, names qualified.
  std::string printed;
  // A column, literal, or call needs no parentheses inside another expression.
  bool atomic = false;
  // Set for literals: their text (nullopt inside: NULL).
  bool literal = false;
  std::optional<std::string> literal_text;
};

struct ScopeColumn {
  std::string relation;  // alias, or table name; empty: none
  std::string database;  // where it is a table without an alias
  std::string name;
  catalog::DataType type;
  bool nullable = true;
  std::string sql;
  std::string printed;
  bool hidden = false;  // the right side of USING: not in *, not ambiguous
};

struct Scope {
  std::vector<ScopeColumn> columns;
  const Scope* outer = nullptr;  // of the query around, for correlated subqueries
};

// What expressions can ask of the session: variables and identity. Implemented by frontend/.
class SessionValues {
 public:
  struct Value {
    catalog::DataType type;
    std::optional<std::string> text;
  };
  virtual ~SessionValues() = default;
  // `scope`: "", SESSION or GLOBAL. Error 1193 if there is none.
  virtual Result<Value> Variable(std::string_view scope, std::string_view name) const = 0;
  virtual Value UserVariable(std::string_view name) const = 0;
  virtual std::string current_user() const = 0;  // 'root'@'%'
  virtual std::string session_user() const = 0;  // 'root'@'127.0.0.1'
  virtual int64_t connection_id() const = 0;
  virtual std::string time_zone() const = 0;
  virtual std::string version() const = 0;  // "3.5.0-…"
  virtual std::string last_query_id() const = 0;
  virtual std::string current_role() const = 0;
};

// One value bound to a ? of a prepared statement.
using Parameters = std::vector<SessionValues::Value>;

// Whence rows of a relation that isn't stored come: information_schema and sys.
class SystemTables {
 public:
  virtual ~SystemTables() = default;
  // A definition of `database`.`table`, null if there is none.
  virtual catalog::TablePtr Find(std::string_view database, std::string_view table) const = 0;
  // DuckDB SQL of a query that gives its rows, columns in the order of the definition.
  virtual Result<std::string> RowsSql(const catalog::TableDef& table) = 0;
};

// One analysis: a statement of a session.
struct AnalysisContext {
  const catalog::Catalog* catalog = nullptr;
  const ddl::SessionContext* session = nullptr;  // null: nothing but expressions
  const SessionValues* values = nullptr;         // null: no variables
  std::string time_zone = "UTC";                 // where there are no `values`
  SystemTables* system_tables = nullptr;
  const Parameters* parameters = nullptr;  // null: ? is NULL
  // Filled by the analysis: tables and views read, each once.
  std::vector<std::pair<std::string, std::string>> sources;
  std::vector<ddl::ObjectKind> source_kinds;  // of each; kSystem: a system table, open to all
  std::set<std::string> databases;
  int relation_count = 0;
  int view_depth = 0;
};

}  // namespace starlift::sandbox::query

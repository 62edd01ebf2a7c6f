#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace starlift::state {

class SqliteConnection;

// One run of a prepared statement; gives the statement back when it goes. Parameters and columns
// count from 1 and 0, as in SQLite. Views of columns end with the next Step.
class SqliteStatement {
 public:
  ~SqliteStatement();
  SqliteStatement(SqliteStatement&& other) noexcept;
  SqliteStatement& operator=(SqliteStatement&&) = delete;

  SqliteStatement& Bind(int index, int64_t value);
  SqliteStatement& Bind(int index, uint64_t value) {
    return Bind(index, static_cast<int64_t>(value));
  }
  SqliteStatement& Bind(int index, bool value) { return Bind(index, int64_t{value}); }
  SqliteStatement& Bind(int index, std::string_view text);  // must live until the last Step
  SqliteStatement& Bind(int index, const char* text) { return Bind(index, std::string_view(text)); }
  SqliteStatement& BindBlob(int index, std::string_view bytes);
  SqliteStatement& BindNull(int index);

  // True: a row is there; false: there are no more.
  Result<bool> Step();
  // Steps to the end, for statements without rows.
  Status Run();

  // Steps to the end; `read` gives what the row of each step is, as Result<Row>.
  template <typename Row, typename Read>
  Result<std::vector<Row>> Collect(const Read& read) {
    std::vector<Row> rows;
    while (true) {
      SL_ASSIGN(const bool found, Step());
      if (!found) return rows;
      SL_ASSIGN(Row row, read());
      rows.push_back(std::move(row));
    }
  }

  int64_t Integer(int column) const;
  uint64_t Unsigned(int column) const { return static_cast<uint64_t>(Integer(column)); }
  std::string_view Text(int column) const;  // also of blobs
  bool IsNull(int column) const;

 private:
  friend class SqliteConnection;
  SqliteStatement(SqliteConnection& connection, sqlite3_stmt* statement)
      : connection_(&connection), statement_(statement) {}
  SqliteConnection* connection_;
  sqlite3_stmt* statement_;
};

// One connection to the state file. Used by one thread at a time. Errors name the file and how to
// mend them.
class SqliteConnection {
 public:
  static Result<std::unique_ptr<SqliteConnection>> Open(const std::string& path);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Prepared once per text, which must be a literal. One run at a time of each.
  Result<SqliteStatement> Prepare(const char* sql);
  // Any number of statements without results.
  Status Execute(const char* sql);

  int64_t last_insert_id() const;
  int64_t changes() const;
  Error LastError() const;

 private:
  SqliteConnection(sqlite3* database, std::string path)
      : database_(database), path_(std::move(path)) {}
  sqlite3* database_;
  std::string path_;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace starlift::state

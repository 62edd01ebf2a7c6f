#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// duckdb.h stays in .cpp files; these are its opaque handles (duckdb_connection, duckdb_data_chunk,
// duckdb_result's owner), which callers that include duckdb.h may use directly.
struct _duckdb_connection;    // NOLINT(bugprone-reserved-identifier): DuckDB's own
struct _duckdb_data_chunk;    // NOLINT(bugprone-reserved-identifier): DuckDB's own
struct _duckdb_logical_type;  // NOLINT(bugprone-reserved-identifier): DuckDB's own

namespace starlift::sandbox {

using Row = std::vector<std::optional<std::string>>;

// The rows of one statement, chunk by chunk (at most 2048 rows each). Streaming: the statement runs
// as chunks are asked for, so a result of any size costs little memory. While a stream is open its
// Connection can run nothing else. Single-threaded; must not outlive its Connection.
class ResultStream {
 public:
  ResultStream();
  ~ResultStream();
  ResultStream(ResultStream&&) noexcept;
  ResultStream& operator=(ResultStream&&) noexcept;

  size_t column_count() const;
  std::string column_name(size_t column) const;
  // Owned by the stream: a duckdb_logical_type. duckdb_get_type_id etc. may be called on it.
  _duckdb_logical_type* column_type(size_t column) const;
  // Rows that an INSERT, UPDATE or DELETE touched; 0 for others.
  int64_t rows_changed() const;

  // The next chunk (a duckdb_data_chunk, valid until the next call), nullptr at the end.
  Result<_duckdb_data_chunk*> Next();

 private:
  friend class Connection;
  struct State;
  std::unique_ptr<State> state_;
};

// One DuckDB connection: one session's, one load's or one transaction's. Not thread-safe, except
// Interrupt, which ends a running statement from another thread (it then fails with kCancelled).
// DuckDB's errors come back with its own text: write conflicts as kConflict, values that don't fit
// a type as kData, a full or broken disk as kIo, the rest as kRefused.
class Connection {
 public:
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  // Runs one or more statements, throws rows away, gives the last one's changed rows.
  Result<int64_t> Execute(const std::string& sql);
  // Runs one statement with `?` or `$n` parameters, all VARCHAR.
  Result<int64_t> Execute(const std::string& sql,
                          std::span<const std::optional<std::string>> parameters);
  // Runs one statement and streams its rows.
  Result<ResultStream> Query(const std::string& sql);
  // Small results as text, as DuckDB casts to VARCHAR. NULL is nullopt. Nested values (lists,
  // structs, maps) must be cast in the statement.
  Result<std::vector<Row>> QueryRows(const std::string& sql);
  // First column of the first row as an integer; nullopt where there is no row or NULL.
  Result<std::optional<int64_t>> QueryInteger(const std::string& sql);

  void Interrupt();

  _duckdb_connection* native() const;

 private:
  friend class Storage;
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace starlift::sandbox

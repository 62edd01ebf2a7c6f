#include "sandbox/storage/connection.h"

#include <cstdlib>

#include "duckdb.h"
#include "sandbox/storage/connection_state.h"

namespace starlift::sandbox {
namespace {

ErrorKind KindOf(duckdb_error_type type, std::string_view text) {
  switch (type) {
    case DUCKDB_ERROR_TRANSACTION:
      return text.find("onflict") != std::string_view::npos ? ErrorKind::kConflict
                                                            : ErrorKind::kRefused;
    case DUCKDB_ERROR_CONVERSION:
    case DUCKDB_ERROR_OUT_OF_RANGE:
    case DUCKDB_ERROR_INVALID_INPUT:
      return ErrorKind::kData;
    case DUCKDB_ERROR_INTERRUPT:
      return ErrorKind::kCancelled;
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return ErrorKind::kIo;
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL:
      return ErrorKind::kInternal;
    default:
      return ErrorKind::kRefused;
  }
}

Error ResultError(duckdb_result* result) {
  const char* text = duckdb_result_error(result);
  std::string message = text == nullptr ? "DuckDB gave no reason" : text;
  const ErrorKind kind = KindOf(duckdb_result_error_type(result), message);
  return Error{kind, std::move(message)};
}

// A duckdb_prepared_statement that is always destroyed.
class Prepared {
 public:
  ~Prepared() { duckdb_destroy_prepare(&statement_); }
  Status Prepare(duckdb_connection connection, const std::string& sql) {
    if (duckdb_prepare(connection, sql.c_str(), &statement_) == DuckDBSuccess) return {};
    const char* text = duckdb_prepare_error(statement_);
    return Error{ErrorKind::kRefused, text == nullptr ? "DuckDB can't prepare it" : text};
  }
  duckdb_prepared_statement get() const { return statement_; }

 private:
  duckdb_prepared_statement statement_ = nullptr;
};

bool ChangesRows(duckdb_statement_type type) {
  return type == DUCKDB_STATEMENT_TYPE_INSERT || type == DUCKDB_STATEMENT_TYPE_UPDATE ||
         type == DUCKDB_STATEMENT_TYPE_DELETE;
}

std::optional<std::string> CellText(duckdb_result* result, idx_t column, idx_t row) {
  if (duckdb_value_is_null(result, column, row)) return std::nullopt;
  duckdb_string text = duckdb_value_string(result, column, row);
  std::string copy(text.data == nullptr ? "" : text.data, text.size);
  duckdb_free(text.data);
  return copy;
}

}  // namespace

struct ResultStream::State {
  Prepared statement;
  duckdb_result result{};
  duckdb_data_chunk chunk = nullptr;
  std::vector<duckdb_logical_type> types;

  ~State() {
    if (chunk != nullptr) duckdb_destroy_data_chunk(&chunk);
    for (duckdb_logical_type& type : types) duckdb_destroy_logical_type(&type);
    duckdb_destroy_result(&result);
  }
};

ResultStream::ResultStream() = default;
ResultStream::~ResultStream() = default;
ResultStream::ResultStream(ResultStream&&) noexcept = default;
ResultStream& ResultStream::operator=(ResultStream&&) noexcept = default;

size_t ResultStream::column_count() const { return state_->types.size(); }

std::string ResultStream::column_name(size_t column) const {
  return duckdb_column_name(&state_->result, column);
}

_duckdb_logical_type* ResultStream::column_type(size_t column) const {
  return state_->types[column];
}

int64_t ResultStream::rows_changed() const {
  return static_cast<int64_t>(duckdb_rows_changed(&state_->result));
}

Result<_duckdb_data_chunk*> ResultStream::Next() {
  if (state_->chunk != nullptr) duckdb_destroy_data_chunk(&state_->chunk);
  while (true) {
    state_->chunk = duckdb_fetch_chunk(state_->result);
    if (state_->chunk == nullptr) {
      if (duckdb_result_error(&state_->result) != nullptr) return ResultError(&state_->result);
      return static_cast<_duckdb_data_chunk*>(nullptr);
    }
    if (duckdb_data_chunk_get_size(state_->chunk) > 0) return state_->chunk;
    duckdb_destroy_data_chunk(&state_->chunk);
  }
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

_duckdb_connection* Connection::native() const { return state_->connection; }

void Connection::Interrupt() { duckdb_interrupt(state_->connection); }

Result<int64_t> Connection::Execute(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(state_->connection, sql.c_str(), &result) != DuckDBSuccess) {
    Error error = ResultError(&result);
    duckdb_destroy_result(&result);
    return error;
  }
  const auto changed = static_cast<int64_t>(duckdb_rows_changed(&result));
  duckdb_destroy_result(&result);
  return changed;
}

Result<int64_t> Connection::Execute(const std::string& sql,
                                    std::span<const std::optional<std::string>> parameters) {
  Prepared statement;
  SL_TRY(statement.Prepare(state_->connection, sql));
  for (size_t i = 0; i < parameters.size(); ++i) {
    const duckdb_state bound =
        parameters[i] ? duckdb_bind_varchar_length(statement.get(), i + 1, parameters[i]->data(),
                                                   parameters[i]->size())
                      : duckdb_bind_null(statement.get(), i + 1);
    if (bound != DuckDBSuccess) {
      return Error{ErrorKind::kInternal, "parameter can't be bound", sql};
    }
  }
  duckdb_result result;
  if (duckdb_execute_prepared(statement.get(), &result) != DuckDBSuccess) {
    Error error = ResultError(&result);
    duckdb_destroy_result(&result);
    return error;
  }
  const auto changed = static_cast<int64_t>(duckdb_rows_changed(&result));
  duckdb_destroy_result(&result);
  return changed;
}

Result<ResultStream> Connection::Query(const std::string& sql) {
  ResultStream stream;
  stream.state_ = std::make_unique<ResultStream::State>();
  ResultStream::State& state = *stream.state_;
  SL_TRY(state.statement.Prepare(state_->connection, sql));
  duckdb_prepared_statement statement = state.statement.get();
  const duckdb_state executed = ChangesRows(duckdb_prepared_statement_type(statement))
                                    ? duckdb_execute_prepared(statement, &state.result)
                                    : duckdb_execute_prepared_streaming(statement, &state.result);
  if (executed != DuckDBSuccess) return ResultError(&state.result);
  const idx_t columns = duckdb_column_count(&state.result);
  for (idx_t i = 0; i < columns; ++i) {
    state.types.push_back(duckdb_column_logical_type(&state.result, i));
  }
  return stream;
}

Result<std::vector<Row>> Connection::QueryRows(const std::string& sql) {
  duckdb_result result;
  if (duckdb_query(state_->connection, sql.c_str(), &result) != DuckDBSuccess) {
    Error error = ResultError(&result);
    duckdb_destroy_result(&result);
    return error;
  }
  std::vector<Row> rows(duckdb_row_count(&result));
  const idx_t columns = duckdb_column_count(&result);
  for (idx_t row = 0; row < rows.size(); ++row) {
    for (idx_t column = 0; column < columns; ++column) {
      rows[row].push_back(CellText(&result, column, row));
    }
  }
  duckdb_destroy_result(&result);
  return rows;
}

Result<std::optional<int64_t>> Connection::QueryInteger(const std::string& sql) {
  SL_ASSIGN(std::vector<Row> rows, QueryRows(sql));
  if (rows.empty() || rows[0].empty() || !rows[0][0]) return std::optional<int64_t>();
  return std::optional<int64_t>(std::strtoll(rows[0][0]->c_str(), nullptr, 10));
}

}  // namespace starlift::sandbox

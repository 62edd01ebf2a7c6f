#include "sandbox/load/row_stage.h"

#include <fmt/format.h>

#include "duckdb.h"
#include "sandbox/load/column_writer.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::load {
namespace {

std::string Printable(std::string_view mark) {
  std::string text;
  for (char c : mark) {
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\t') {
      text += "\\t";
    } else {
      text += c;
    }
  }
  return text;
}

bool IsRequired(const SourceField& field) {
  return field.column != nullptr && !field.column->nullable;
}

}  // namespace

struct RowStage::State {
  std::vector<ColumnWriter> writers;
  duckdb_appender appender = nullptr;
  duckdb_data_chunk chunk = nullptr;
  idx_t rows = 0;
  idx_t capacity = 0;

  ~State() {
    if (chunk != nullptr) duckdb_destroy_data_chunk(&chunk);
    if (appender != nullptr) duckdb_appender_destroy(&appender);
  }

  Error AppenderError() const {
    const char* text = duckdb_appender_error(appender);
    return Error{ErrorKind::kIo, text == nullptr ? "DuckDB's appender failed" : text};
  }

  void AttachChunk() {
    for (size_t i = 0; i < writers.size(); ++i) {
      writers[i].Attach(duckdb_data_chunk_get_vector(chunk, i));
    }
  }
};

RowStage::RowStage(const LoadPlan& plan, const LoadRequest& request, ErrorLog& log)
    : plan_(plan), request_(request), log_(log), state_(std::make_unique<State>()) {
  for (const SourceField& field : plan.fields) state_->writers.emplace_back(field.type);
}

RowStage::~RowStage() = default;

Status RowStage::OpenTemporary(Connection& connection, const std::string& name) {
  std::string sql = "CREATE TEMP TABLE " + name + " (";
  for (size_t i = 0; i < plan_.fields.size(); ++i) {
    if (i > 0) sql += ", ";
    sql += StagedFieldName(i) + " " + state_->writers[i].staged_type();
  }
  SL_TRY(connection.Execute(sql + ")"));
  return OpenAppender(connection, "main", name, false);
}

Status RowStage::OpenDirect(Connection& connection) {
  return OpenAppender(connection, "main", plan_.table->physical_name(), true);
}

Status RowStage::OpenAppender(Connection& connection, const std::string& schema,
                              const std::string& table, bool by_column) {
  State& state = *state_;
  const char* catalog = by_column ? nullptr : "temp";
  if (duckdb_appender_create_ext(connection.native(), catalog, schema.c_str(), table.c_str(),
                                 &state.appender) != DuckDBSuccess) {
    return state.AppenderError();
  }
  if (by_column) {
    // After ALTER the physical order may differ from the schema's.
    for (const SourceField& field : plan_.fields) {
      const std::string name = field.column->physical_name();
      if (duckdb_appender_add_column(state.appender, name.c_str()) != DuckDBSuccess) {
        return state.AppenderError();
      }
    }
  }
  std::vector<duckdb_logical_type> types;
  for (size_t i = 0; i < plan_.fields.size(); ++i) {
    types.push_back(duckdb_appender_column_type(state.appender, i));
  }
  state.chunk = duckdb_create_data_chunk(types.data(), types.size());
  for (duckdb_logical_type& type : types) duckdb_destroy_logical_type(&type);
  state.capacity = duckdb_vector_size();
  state.AttachChunk();
  return {};
}

Status RowStage::Flush() {
  State& state = *state_;
  if (state.rows == 0) return {};
  duckdb_data_chunk_set_size(state.chunk, state.rows);
  if (duckdb_append_data_chunk(state.appender, state.chunk) != DuckDBSuccess) {
    return state.AppenderError();
  }
  duckdb_data_chunk_reset(state.chunk);
  state.AttachChunk();
  state.rows = 0;
  return {};
}

Status RowStage::Finish() {
  SL_TRY(Flush());
  if (duckdb_appender_close(state_->appender) != DuckDBSuccess) return state_->AppenderError();
  return {};
}

Status RowStage::Append(const ParsedRow& row) {
  ++counts_.total;
  if (!WriteRow(row)) {
    ++counts_.filtered;
    return {};
  }
  if (++state_->rows == state_->capacity) return Flush();
  return {};
}

bool RowStage::Reject(std::string_view reason, const ParsedRow& row) {
  log_.Add(reason, row.text);
  return false;
}

bool RowStage::WriteRow(const ParsedRow& row) {
  if (!row.defect.empty()) return Reject(row.defect, row);
  if (row.fields.size() != plan_.fields.size()) {
    return Reject(
        fmt::format("Target column count: {} doesn't match source value column count: {}. "
                    "Column separator: '{}', Row delimiter: '{}'",
                    plan_.fields.size(), row.fields.size(),
                    Printable(request_.csv.column_separator),
                    Printable(request_.csv.row_delimiter)),
        row);
  }
  for (size_t i = 0; i < row.fields.size(); ++i) {
    if (!WriteField(i, row)) return false;
  }
  return true;
}

std::string RowStage::InvalidText(size_t index, std::string_view value) const {
  const SourceField& field = plan_.fields[index];
  return fmt::format(
      "The field (name = {}, pos = {}) is out of range. Type: {}, Value length: {}, Value: {}",
      field.name, index, ErrorName(field.type), value.size(), value);
}

bool RowStage::WriteField(size_t index, const ParsedRow& row) {
  const Field& value = row.fields[index];
  const SourceField& field = plan_.fields[index];
  ColumnWriter& writer = state_->writers[index];
  if (!value.is_null()) {
    const ColumnWriter::Outcome outcome = writer.Write(state_->rows, value);
    if (outcome == ColumnWriter::Outcome::kWritten) return true;
    if (request_.strict_mode) {
      const bool too_long = outcome == ColumnWriter::Outcome::kTooLong;
      if (too_long && request_.format == BodyFormat::kJson) {
        return Reject(fmt::format("Value length is beyond the capacity. column={}, capacity={}",
                                  field.name, field.type.length),
                      row);
      }
      return Reject(InvalidText(index, value.text), row);
    }
  }
  if (IsRequired(field)) {
    const char* kind = field.column->auto_increment ? "auto increment" : "non-nullable";
    return Reject(fmt::format("NULL value in {} column '{}'", kind, field.name), row);
  }
  writer.WriteNull(state_->rows);
  return true;
}

}  // namespace starlift::sandbox::load

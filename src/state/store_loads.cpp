// Chunks of a table and the loads that carry them.
#include <fmt/format.h>

#include "state/bound_codec.h"
#include "state/sqlite_store_state.h"

namespace starlift::state {
namespace {

LoadRecord ReadLoadRecord(const SqliteStatement& row, int64_t table) {
  LoadRecord load;
  load.table = table;
  load.sequence = row.Unsigned(0);
  load.chunk = row.Unsigned(1);
  load.label = row.Text(2);
  load.kind = static_cast<LoadKind>(row.Integer(3));
  load.status = static_cast<LoadStatus>(row.Integer(4));
  load.rows = row.Unsigned(5);
  load.bytes = row.Unsigned(6);
  load.digest = row.Unsigned(7);
  load.whole_chunk = row.Integer(8) != 0;
  load.counters = {row.Unsigned(9), row.Unsigned(10), row.Unsigned(11), row.Unsigned(12)};
  if (!row.IsNull(13)) load.dead_letter_bytes = row.Unsigned(13);
  return load;
}

void BindLength(SqliteStatement& statement, int index, const std::optional<uint64_t>& length) {
  if (length) {
    statement.Bind(index, *length);
  } else {
    statement.BindNull(index);
  }
}

void BindBound(SqliteStatement& statement, int index, const std::optional<std::string>& bound) {
  if (bound) {
    statement.BindBlob(index, *bound);
  } else {
    statement.BindNull(index);
  }
}

std::optional<std::string> EncodeOptionalBound(
    const std::optional<std::vector<std::string>>& bound) {
  if (!bound) return std::nullopt;
  return EncodeBound(*bound);
}

Status InsertChunk(SqliteConnection& connection, int64_t table, const ChunkRecord& chunk) {
  const auto lower = EncodeOptionalBound(chunk.lower);
  const auto upper = EncodeOptionalBound(chunk.upper);
  SL_ASSIGN(auto insert, connection.Prepare("INSERT INTO chunks (table_id, number, lower, upper) "
                                            "VALUES (?1, ?2, ?3, ?4)"));
  insert.Bind(1, table).Bind(2, chunk.number);
  BindBound(insert, 3, lower);
  BindBound(insert, 4, upper);
  return insert.Run();
}

Result<uint64_t> CountChunks(SqliteConnection& connection, int64_t table) {
  SL_ASSIGN(auto statement, connection.Prepare("SELECT count(*) FROM chunks WHERE table_id = ?1"));
  SL_ASSIGN(const bool found, statement.Bind(1, table).Step());
  return found ? statement.Unsigned(0) : 0;
}

// Once all chunks are known and done, so is the table.
Status FinishTableIfDone(SqliteConnection& connection, int64_t table) {
  SL_ASSIGN(
      auto statement,
      connection.Prepare("UPDATE tables SET status = ?2 WHERE id = ?1 AND chunks_complete = 1 "
                         "AND NOT EXISTS (SELECT 1 FROM chunks "
                         "WHERE table_id = ?1 AND status <> ?3)"));
  statement.Bind(1, table).Bind(2, static_cast<int64_t>(TableStatus::kDone));
  return statement.Bind(3, static_cast<int64_t>(ChunkStatus::kDone)).Run();
}

// The next sequence number of the table, and the label made of it.
Status TakeLabel(SqliteConnection& connection, LoadRecord& load) {
  SL_ASSIGN(auto statement,
            connection.Prepare("UPDATE tables SET next_sequence = next_sequence + 1, "
                               "status = max(status, ?2) WHERE id = ?1 "
                               "RETURNING next_sequence - 1, label_key, "
                               "(SELECT label_key FROM tasks WHERE tasks.id = tables.task)"));
  statement.Bind(1, load.table).Bind(2, static_cast<int64_t>(TableStatus::kLoading));
  SL_ASSIGN(const bool found, statement.Step());
  if (!found) return Error{ErrorKind::kNotFound, fmt::format("state: no table {}", load.table)};
  load.sequence = statement.Unsigned(0);
  load.label = MakeLabel(statement.Text(2), statement.Text(1), load.sequence);
  return statement.Run();
}

Status InsertLoad(SqliteConnection& connection, const LoadRecord& load) {
  SL_ASSIGN(auto insert,
            connection.Prepare("INSERT INTO loads (table_id, sequence, chunk, label, kind, status, "
                               "rows, bytes, digest, whole_chunk, chunk_rows_read, "
                               "chunk_rows_loaded, chunk_rows_rejected, chunk_bytes_read, "
                               "dead_letter_bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
                               "?10, ?11, ?12, ?13, ?14, ?15)"));
  insert.Bind(1, load.table).Bind(2, load.sequence).Bind(3, load.chunk).Bind(4, load.label);
  insert.Bind(5, static_cast<int64_t>(load.kind)).Bind(6, static_cast<int64_t>(load.status));
  insert.Bind(7, load.rows).Bind(8, load.bytes).Bind(9, load.digest).Bind(10, load.whole_chunk);
  insert.Bind(11, load.counters.rows_read).Bind(12, load.counters.rows_loaded);
  insert.Bind(13, load.counters.rows_rejected).Bind(14, load.counters.bytes_read);
  BindLength(insert, 15, load.dead_letter_bytes);
  return insert.Run();
}

}  // namespace

Status SqliteStore::AddChunks(int64_t table, std::span<const ChunkRecord> chunks, bool last) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(uint64_t next, CountChunks(connection, table));
    for (const ChunkRecord& chunk : chunks) {
      if (chunk.number != next) {
        return Error{
            ErrorKind::kConflict,
            fmt::format("state: chunk {} of table {} where {} is next", chunk.number, table, next)};
      }
      SL_TRY(InsertChunk(connection, table, chunk));
      ++next;
    }
    if (!last) return {};
    {
      SL_ASSIGN(auto complete,
                connection.Prepare("UPDATE tables SET chunks_complete = 1 WHERE id = ?1"));
      SL_TRY(complete.Bind(1, table).Run());
    }
    return FinishTableIfDone(connection, table);
  });
}

Result<std::vector<ChunkRecord>> SqliteStore::ListChunks(int64_t table) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<ChunkRecord>> {
    SL_ASSIGN(auto statement,
              connection.Prepare("SELECT number, lower, upper, status, rows_read, rows_loaded, "
                                 "rows_rejected, bytes_read FROM chunks "
                                 "WHERE table_id = ?1 ORDER BY number"));
    statement.Bind(1, table);
    return statement.Collect<ChunkRecord>([&]() -> Result<ChunkRecord> {
      ChunkRecord chunk;
      chunk.number = statement.Unsigned(0);
      if (!statement.IsNull(1)) {
        SL_ASSIGN(chunk.lower, DecodeBound(statement.Text(1)));
      }
      if (!statement.IsNull(2)) {
        SL_ASSIGN(chunk.upper, DecodeBound(statement.Text(2)));
      }
      chunk.status = static_cast<ChunkStatus>(statement.Integer(3));
      chunk.done = {statement.Unsigned(4), statement.Unsigned(5), statement.Unsigned(6),
                    statement.Unsigned(7)};
      return chunk;
    });
  });
}

Result<LoadRecord> SqliteStore::AddLoad(int64_t table, const LoadRecord& load) {
  return Write([&](SqliteConnection& connection) -> Result<LoadRecord> {
    LoadRecord added = load;
    added.table = table;
    added.status = LoadStatus::kIntent;
    SL_TRY(TakeLabel(connection, added));
    SL_TRY(InsertLoad(connection, added));
    SL_ASSIGN(auto reading,
              connection.Prepare("UPDATE chunks SET status = ?3 "
                                 "WHERE table_id = ?1 AND number = ?2 AND status = 0"));
    reading.Bind(1, table).Bind(2, load.chunk);
    SL_TRY(reading.Bind(3, static_cast<int64_t>(ChunkStatus::kReading)).Run());
    return added;
  });
}

Status SqliteStore::UpdateLoad(const LoadRecord& load) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto update,
              connection.Prepare(
                  "UPDATE loads SET status = ?3, rows = ?4, bytes = ?5, digest = ?6, "
                  "whole_chunk = ?7, chunk_rows_read = ?8, chunk_rows_loaded = ?9, "
                  "chunk_rows_rejected = ?10, chunk_bytes_read = ?11, dead_letter_bytes = ?12 "
                  "WHERE table_id = ?1 AND sequence = ?2"));
    update.Bind(1, load.table).Bind(2, load.sequence).Bind(3, static_cast<int64_t>(load.status));
    update.Bind(4, load.rows).Bind(5, load.bytes).Bind(6, load.digest).Bind(7, load.whole_chunk);
    update.Bind(8, load.counters.rows_read).Bind(9, load.counters.rows_loaded);
    update.Bind(10, load.counters.rows_rejected).Bind(11, load.counters.bytes_read);
    BindLength(update, 12, load.dead_letter_bytes);
    SL_TRY(update.Run());
    if (connection.changes() == 1) return {};
    return Error{ErrorKind::kNotFound, fmt::format("state: no load {}", load.label)};
  });
}

Status SqliteStore::RemoveLoad(int64_t table, uint64_t sequence) {
  return Write([&](SqliteConnection& connection) -> Status {
    SL_ASSIGN(auto statement,
              connection.Prepare("DELETE FROM loads WHERE table_id = ?1 AND sequence = ?2"));
    return statement.Bind(1, table).Bind(2, sequence).Run();
  });
}

Result<std::vector<LoadRecord>> SqliteStore::ListLoads(int64_t table) {
  return Read([&](SqliteConnection& connection) -> Result<std::vector<LoadRecord>> {
    SL_ASSIGN(
        auto statement,
        connection.Prepare("SELECT sequence, chunk, label, kind, status, rows, bytes, digest, "
                           "whole_chunk, chunk_rows_read, chunk_rows_loaded, "
                           "chunk_rows_rejected, chunk_bytes_read, dead_letter_bytes FROM loads "
                           "WHERE table_id = ?1 ORDER BY sequence"));
    statement.Bind(1, table);
    return statement.Collect<LoadRecord>(
        [&]() -> Result<LoadRecord> { return ReadLoadRecord(statement, table); });
  });
}

Status SqliteStore::FinishChunk(int64_t table, uint64_t chunk, const TableCounters& counters,
                                std::optional<uint64_t> dead_letter_bytes) {
  return Write([&](SqliteConnection& connection) -> Status {
    {
      SL_ASSIGN(auto done, connection.Prepare(
                               "UPDATE chunks SET status = ?3, rows_read = ?4, rows_loaded = ?5, "
                               "rows_rejected = ?6, bytes_read = ?7 "
                               "WHERE table_id = ?1 AND number = ?2 AND status <> ?3"));
      done.Bind(1, table).Bind(2, chunk).Bind(3, static_cast<int64_t>(ChunkStatus::kDone));
      done.Bind(4, counters.rows_read).Bind(5, counters.rows_loaded);
      SL_TRY(done.Bind(6, counters.rows_rejected).Bind(7, counters.bytes_read).Run());
      if (connection.changes() == 0) return {};
    }
    {
      SL_ASSIGN(auto forget,
                connection.Prepare("DELETE FROM loads WHERE table_id = ?1 AND chunk = ?2"));
      SL_TRY(forget.Bind(1, table).Bind(2, chunk).Run());
    }
    {
      SL_ASSIGN(auto add, connection.Prepare("UPDATE tables SET rows_read = rows_read + ?2, "
                                             "rows_loaded = rows_loaded + ?3, "
                                             "rows_rejected = rows_rejected + ?4, "
                                             "bytes_read = bytes_read + ?5, "
                                             "dead_letter_bytes = coalesce(?6, dead_letter_bytes), "
                                             "status = max(status, ?7) WHERE id = ?1"));
      add.Bind(1, table).Bind(2, counters.rows_read).Bind(3, counters.rows_loaded);
      add.Bind(4, counters.rows_rejected).Bind(5, counters.bytes_read);
      BindLength(add, 6, dead_letter_bytes);
      SL_TRY(add.Bind(7, static_cast<int64_t>(TableStatus::kLoading)).Run());
    }
    return FinishTableIfDone(connection, table);
  });
}

}  // namespace starlift::state

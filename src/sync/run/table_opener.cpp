#include "sync/run/table_opener.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "base/log.h"

namespace starlift::sync {
namespace {

constexpr size_t kChunksAtATime = 4;  // stored in one transaction
constexpr int kDigestDigits = 16;

Chunk FromRecord(const state::ChunkRecord& record) {
  return {record.number, record.lower, record.upper};
}

state::ChunkRecord ToRecord(const Chunk& chunk) {
  state::ChunkRecord record;
  record.number = chunk.number;
  record.lower = chunk.lower;
  record.upper = chunk.upper;
  return record;
}

}  // namespace

std::string SchemaDigest(const mapping::TableMapping& mapping) {
  uint64_t hash = HashBytes(mapping.target.QuotedName());
  const auto add = [&](std::string_view part) {
    hash = HashBytes(part, hash);
    hash = HashBytes(std::string_view("\0", 1), hash);
  };
  for (const ColumnIndex index : mapping.columns) {
    const Column& column = mapping.source.columns[index];
    add(column.name);
    add(column.native_type);
    add(column.charset);
  }
  for (const starrocks::ColumnPlan& column : mapping.plan.columns) {
    add(column.name);
    add(starrocks::PrintType(column.type));
  }
  for (const ColumnIndex index : mapping.source.key) add(mapping.source.columns[index].name);
  add(mapping.time_zone);
  return HexDigits(hash, kDigestDigits);
}

TableOpener::TableOpener(load::Loader& loader, World& world, const TaskConfig& config,
                         const RetryPolicy& retry)
    : loader_(loader), world_(world), config_(config), retry_(retry) {}

Result<OpenedTable> TableOpener::Open(size_t table, const mapping::TableMapping& mapping,
                                      const state::TableRecord& record) {
  SL_TRY(CheckSchema(mapping, record));
  SL_ASSIGN(const load::Recovery recovery, loader_.OpenTable(mapping, record));
  if (recovery == load::Recovery::kForgotten) SL_TRY(StartOver(mapping, record));
  SL_ASSIGN(const state::TableRecord now, world_.store.GetTable(record.id));
  SL_ASSIGN(const std::vector<state::ChunkRecord> chunks, world_.store.ListChunks(record.id));
  OpenedTable opened;
  opened.complete = now.chunks_complete;
  for (const state::ChunkRecord& chunk : chunks) {
    if (chunk.status != state::ChunkStatus::kDone) opened.unread.push_back(FromRecord(chunk));
  }
  last_chunk_[table] =
      chunks.empty() ? std::nullopt : std::optional<Chunk>(FromRecord(chunks.back()));
  return opened;
}

Status TableOpener::CheckSchema(const mapping::TableMapping& mapping,
                                const state::TableRecord& record) {
  const std::string digest = SchemaDigest(mapping);
  if (record.status == state::TableStatus::kLoading && !record.schema_digest.empty() &&
      record.schema_digest != digest) {
    return Error{ErrorKind::kConflict,
                 fmt::format("{} or its mapping has changed since its load began",
                             mapping.source.id.ToString()),
                 "", "change it back, or begin anew with --fresh --existing truncate"};
  }
  if (record.schema_digest == digest) return {};
  return world_.store.SetSchemaDigest(record.id, digest);
}

// A keyless table whose only transaction may or may not be in the target. Without a key nothing can
// be loaded over it: only an empty table is known.
Status TableOpener::StartOver(const mapping::TableMapping& mapping,
                              const state::TableRecord& record) {
  const std::string target = mapping.target.QuotedName();
  if (mapping.shared_target ||
      (!record.created_by_us && config_.existing == ExistingTables::kAppend)) {
    return Error{ErrorKind::kPolicy,
                 fmt::format("whether the last load of {} arrived can't be told any more, and the "
                             "table holds others' rows",
                             target),
                 "", "empty the table, then run with --fresh --existing append"};
  }
  LogWarning(
      "whether the last load of {} arrived can't be told any more: it is emptied and loaded again",
      target);
  SL_TRY(RetryUnreachable(retry_, "target", [&] {
    return world_.open_target()->Execute(fmt::format("TRUNCATE TABLE {}", target));
  }));
  return world_.store.RestartTable(record.id);
}

Result<CutChunks> TableOpener::Cut(size_t table, const mapping::TableMapping& mapping,
                                   const state::TableRecord& record, uint64_t chunk_rows) {
  std::optional<Chunk>& last_chunk = last_chunk_[table];
  CutChunks cut;
  while (!cut.last && cut.chunks.size() < kChunksAtATime) {
    if (mapping.keyless || !mapping.source.has_key()) {  // one stream, nothing to ask
      cut.chunks.push_back(Chunk{});
      cut.last = true;
      break;
    }
    SL_ASSIGN(std::optional<Chunk> next,
              NextChunk(mapping.source, last_chunk ? &*last_chunk : nullptr, chunk_rows));
    cut.last = !next || !next->upper;
    if (next) {
      last_chunk = next;
      cut.chunks.push_back(*std::move(next));
    }
  }
  std::vector<state::ChunkRecord> records;
  for (const Chunk& chunk : cut.chunks) records.push_back(ToRecord(chunk));
  SL_TRY(world_.store.AddChunks(record.id, records, cut.last));
  return cut;
}

Result<std::optional<Chunk>> TableOpener::NextChunk(const Table& table, const Chunk* previous,
                                                    uint64_t chunk_rows) {
  return RetryUnreachable(retry_, "source", [&]() -> Result<std::optional<Chunk>> {
    if (!reader_) {
      SL_ASSIGN(reader_, world_.source.OpenSnapshot(retry_.cancellation));
    }
    auto next = reader_->NextChunk(table, previous, chunk_rows);
    if (!next.ok()) reader_.reset();
    return next;
  });
}

}  // namespace starlift::sync

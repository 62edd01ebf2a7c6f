#include "sources/mysql/binlog/group_teller.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/log.h"
#include "sources/mysql/binlog/statement_kind.h"

namespace starlift::mysql {
namespace {

// Fits into the cache's upper levels together with what the sink makes of it.
constexpr size_t kBatchBytes = size_t{1} << 20;
// What the batches of all tables may keep for later transactions.
constexpr size_t kKeptBytes = size_t{32} << 20;
// Tables that come and go (and ids that change with every FLUSH TABLES) must not pile up.
constexpr size_t kMostTables = 20'000;

constexpr uint64_t kRealAsFloat = 1;
constexpr uint64_t kAnsiQuotes = 4;
constexpr uint64_t kNoBackslashEscapes = 0x100000;

// Their rows stay when a transaction is rolled back.
bool IsTransactional(std::string_view engine) {
  constexpr std::array<std::string_view, 8> kOthers = {
      "MyISAM", "Aria", "MEMORY", "ARCHIVE", "CSV", "MRG_MyISAM", "BLACKHOLE", "FEDERATED"};
  return std::find(kOthers.begin(), kOthers.end(), engine) == kOthers.end();
}

// MariaDB's sequences are tables of one row in the log and in no catalog of tables. All have these
// columns (sql_sequence.cc): six numbers, the option CYCLE, the number of cycles.
bool IsSequence(const TableMap& map) {
  constexpr std::array<LogType, 8> kColumns = {
      LogType::kLongLong, LogType::kLongLong, LogType::kLongLong, LogType::kLongLong,
      LogType::kLongLong, LogType::kLongLong, LogType::kTiny,     LogType::kLongLong};
  return std::equal(map.columns.begin(), map.columns.end(), kColumns.begin(), kColumns.end(),
                    [](const LogColumn& column, LogType type) { return column.type == type; });
}

Error UnknownDefinition(const TableId& id) {
  return Error{.kind = ErrorKind::kPolicy,
               .message = fmt::format("rows of {} came, whose definition at this place of the log "
                                      "is not known",
                                      id.ToString()),
               .mend = "redo the table's full load (take it out of the task and add it again)"};
}

}  // namespace

GroupTeller::GroupTeller(SchemaHistory history, const CollationList& collations,
                         CharsetList charsets, TableFilter wanted)
    : history_(std::move(history)),
      collations_(collations),
      charsets_(std::move(charsets)),
      wanted_(std::move(wanted)) {}

Result<GroupTeller::TableEntry*> GroupTeller::Remember(std::string_view table_map, bool short_ids) {
  SL_ASSIGN(const TableMapHead head, ReadTableMapHead(table_map, short_ids));
  TableEntry& entry = tables_[head.table_id];
  if (entry.body == table_map && entry.wanted_epoch == epoch_) return &entry;
  if (entry.batch && !entry.batch->changes.empty()) {
    return Error{.kind = ErrorKind::kData,
                 .message = "a table's id changed its meaning within a transaction"};
  }
  entry = TableEntry{};
  entry.body = table_map;
  entry.wanted_epoch = epoch_;
  entry.id = {.database = std::string(head.database), .name = std::string(head.name)};
  entry.wanted = wanted_(entry.id) && !history_.IsShadowTable(entry.id);
  entry.in_order = in_order_.contains(entry.id);
  return &entry;
}

Result<bool> GroupTeller::IsWanted(std::string_view table_map, bool short_ids) {
  SL_ASSIGN(const TableEntry* const entry, Remember(table_map, short_ids));
  return entry->wanted;
}

void GroupTeller::ForgetTables() { tables_.clear(); }

Status GroupTeller::ExpectNoRows(const QueryEvent& query) {
  SL_ASSIGN(const std::string statement, StatementText(query));
  const StatementMeaning meaning = ReadMeaning(statement);
  for (const auto& [database, name] : meaning.names) {
    const TableId id{.database = database.empty() ? std::string(query.database) : database,
                     .name = name};
    if (!wanted_(id) || history_.Find(id) == nullptr) continue;
    constexpr size_t kShown = 200;
    return Error{
        .kind = ErrorKind::kPolicy,
        .message = fmt::format("{} was changed by a statement that the log has as text, not as "
                               "rows: {}",
                               id.ToString(), statement.substr(0, kShown)),
        .mend =
            "SET GLOBAL binlog_format = 'ROW'; have sessions that are open reconnect, and redo "
            "the table's full load"};
  }
  return {};
}

Result<bool> GroupTeller::Tell(TransactionBuffer& events, const std::vector<TakenBack>& taken_back,
                               bool short_ids, const std::string& file, ChangeSink& sink) {
  told_ = false;
  if (tables_.size() > kMostTables) tables_.clear();
  Status told = events.ForEach([&](const TransactionBuffer::Record& record) -> Status {
    const bool dropped =
        std::any_of(taken_back.begin(), taken_back.end(), [&](const TakenBack& range) {
          return range.begin <= record.number && record.number < range.end;
        });
    Status status = TellRecord(record, dropped, short_ids, sink);
    if (status.ok()) return status;
    return std::move(status).error().At(fmt::format("{}:{}", file, record.offset));
  });
  if (told.ok()) told = FlushAll(sink);
  open_batches_.clear();
  last_in_order_ = nullptr;
  SL_TRY(std::move(told));
  return told_;
}

Status GroupTeller::TellRecord(const TransactionBuffer::Record& record, bool taken_back,
                               bool short_ids, ChangeSink& sink) {
  const auto type = static_cast<EventType>(record.type);
  if (type == EventType::kTableMap) {
    SL_ASSIGN([[maybe_unused]] const TableEntry* const entry, Remember(record.body, short_ids));
    return {};
  }
  if (type == EventType::kQuery || type == EventType::kMariadbQueryCompressed)
    return TellStatement(record.body, type == EventType::kMariadbQueryCompressed, sink);
  SL_ASSIGN(const uint64_t id, ReadRowsTableId(record.body, short_ids));
  const auto found = tables_.find(id);
  if (found == tables_.end()) {
    return Error{.kind = ErrorKind::kData,
                 .message = fmt::format("rows of the table id {} came without its map", id)};
  }
  TableEntry& entry = found->second;
  if (!entry.wanted) return {};
  SL_TRY(Bind(entry, short_ids));
  if (!entry.wanted) return {};
  if (taken_back && entry.transactional) return {};
  SL_ASSIGN(const RowsEvent event, ReadRowsEvent(type, record.body, short_ids, scratch_));
  return TellRows(event, entry, sink);
}

// Makes sure that the entry decodes by today's definition.
Status GroupTeller::Bind(TableEntry& entry, bool short_ids) {
  if (entry.epoch == epoch_) return {};
  const TableVersion version = history_.Find(entry.id);
  if (version == nullptr) {
    SL_ASSIGN(const TableMap map, ReadTableMap(entry.body, short_ids));
    if (!IsSequence(map)) return UnknownDefinition(entry.id);
    LogInfo("{} is a sequence: its changes are left out", entry.id.ToString());
    entry.wanted = false;
    return {};
  }
  if (!entry.batch || entry.batch->table != version) {
    SL_ASSIGN(const TableMap map, ReadTableMap(entry.body, short_ids));
    Result<TableDecoder> decoder = TableDecoder::Make(map, *version, charsets_);
    if (!decoder.ok()) {
      Error error = std::move(decoder).error();
      if (error.mend.empty()) {
        error.mend =
            "the definition was changed in a way that was not followed: redo the table's "
            "full load (take it out of the task and add it again)";
      }
      return std::move(error).At(entry.id.ToString());
    }
    entry.decoder.emplace(std::move(decoder).value());
    entry.batch.emplace(version);
    entry.transactional = IsTransactional(version->engine);
  }
  entry.epoch = epoch_;
  return {};
}

Status GroupTeller::TellRows(const RowsEvent& event, TableEntry& entry, ChangeSink& sink) {
  SL_ASSIGN(std::vector<bool> before, entry.decoder->Columns(event, event.before_columns));
  SL_ASSIGN(std::vector<bool> after, entry.decoder->Columns(event, event.after_columns));
  ChangeBatch* batch = &*entry.batch;
  if (entry.in_order) {
    SL_TRY(TellOthersFirst(event, entry, sink));
    last_in_order_ = &entry;
  }
  if (before != batch->before_columns || after != batch->after_columns) {
    SL_TRY(Flush(entry, sink));
    batch->before_columns = std::move(before);
    batch->after_columns = std::move(after);
  }
  if (batch->changes.empty()) open_batches_.push_back(&entry);
  const size_t capacity = batch->rows.arena().capacity();
  SL_TRY(entry.decoder->Decode(event, *batch));
  kept_bytes_ += batch->rows.arena().capacity() - capacity;
  if (batch->rows.byte_size() >= kBatchBytes) SL_TRY(Flush(entry, sink));
  return {};
}

// What is open of the tables that are told in order.
Status GroupTeller::TellOthersFirst(const RowsEvent& event, const TableEntry& entry,
                                    ChangeSink& sink) {
  const bool changes = event.foreign_keys_off != foreign_keys_off_;
  if (last_in_order_ != nullptr && (changes || last_in_order_ != &entry)) {
    SL_TRY(Flush(*last_in_order_, sink));
  }
  if (!changes) return {};
  foreign_keys_off_ = event.foreign_keys_off;
  return sink.SetForeignKeysInForce(!foreign_keys_off_);
}

Status GroupTeller::Flush(TableEntry& entry, ChangeSink& sink) {
  ChangeBatch& batch = *entry.batch;
  if (batch.changes.empty()) return {};
  told_ = true;
  SL_TRY(sink.Consume(batch));
  batch.changes.clear();
  batch.rows.Clear();
  return {};
}

Status GroupTeller::FlushAll(ChangeSink& sink) {
  // An entry may stand here twice; its second turn has nothing to tell.
  for (TableEntry* const entry : open_batches_) SL_TRY(Flush(*entry, sink));
  open_batches_.clear();
  last_in_order_ = nullptr;
  ReleaseMemory();
  return {};
}

void GroupTeller::ReleaseMemory() {
  if (kept_bytes_ <= kKeptBytes) return;
  for (auto& [id, entry] : tables_) {
    entry.batch.reset();
    entry.decoder.reset();
    entry.epoch = 0;
  }
  kept_bytes_ = 0;
}

Result<std::string> GroupTeller::StatementText(const QueryEvent& query) {
  const Collation* const collation =
      query.client_collation == 0 ? nullptr : collations_.FindId(query.client_collation);
  std::string text;
  // "binary" says nothing of the text; what is not UTF-8 then will not be understood.
  if (collation == nullptr || collation->charset == "binary") {
    text.assign(query.statement);
    return text;
  }
  SL_ASSIGN(const Charset* const charset, charsets_.Find(collation->charset));
  if (Status converted = charset->Convert(query.statement, text); !converted.ok()) {
    if (converted.error().kind != ErrorKind::kData) return std::move(converted).error();
    // Statements may hold bytes that are no text; whether that matters is for their reader to say.
    text.assign(query.statement);
  }
  return text;
}

Status GroupTeller::TellForeignKeys(std::string_view statement, std::string_view database,
                                    ChangeSink& sink) {
  const auto name = FindForeignKeyTable(statement);
  if (!name) return {};
  const TableId id{.database = name->first.empty() ? std::string(database) : name->first,
                   .name = name->second};
  if (!wanted_(id)) return {};
  told_ = true;
  return sink.ForeignKeysMayChange(id, statement);
}

Status GroupTeller::TellStatement(std::string_view body, bool compressed, ChangeSink& sink) {
  SL_ASSIGN(const QueryEvent query, ReadQuery(body, compressed, scratch_));
  SL_ASSIGN(const std::string statement, StatementText(query));
  const StatementMode mode{
      .ansi_quotes = (query.sql_mode & kAnsiQuotes) != 0,
      .no_backslash_escapes = (query.sql_mode & kNoBackslashEscapes) != 0,
      .real_as_float = (query.sql_mode & kRealAsFloat) != 0,
      .explicit_timestamp_defaults = query.explicit_timestamp_defaults,
      .server_collation = query.server_collation,
      .utf8mb4_collation = query.utf8mb4_collation,
  };
  SL_TRY(FlushAll(sink));
  ++epoch_;
  SL_TRY(TellForeignKeys(statement, query.database, sink));
  const std::map<TableId, ShadowTable> shadows = history_.ShadowTables();
  SL_ASSIGN(const std::vector<SchemaChange> changes,
            history_.Apply(statement, query.database, mode));
  for (const SchemaChange& change : changes) {
    told_ = true;
    SL_TRY(sink.Consume(change));
  }
  return TellShadows(shadows, sink);
}

Status GroupTeller::TellShadows(const std::map<TableId, ShadowTable>& before, ChangeSink& sink) {
  const std::map<TableId, ShadowTable> now = history_.ShadowTables();
  for (const auto& [id, shadow] : now) {
    const auto old = before.find(id);
    if (old != before.end() && old->second == shadow) continue;
    if (old == before.end()) {
      LogInfo("{} has the name of a copy that an online schema change makes: its rows are left out",
              id.ToString());
    }
    told_ = true;
    SL_TRY(sink.KeepShadow(id, shadow));
  }
  for (const auto& [id, shadow] : before) {
    if (now.contains(id)) continue;
    told_ = true;
    SL_TRY(sink.KeepShadow(id, std::nullopt));
  }
  return {};
}

}  // namespace starlift::mysql

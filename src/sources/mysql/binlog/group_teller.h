#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "sources/change_stream.h"
#include "sources/mysql/binlog/charset.h"
#include "sources/mysql/binlog/event.h"
#include "sources/mysql/binlog/table_decoder.h"
#include "sources/mysql/binlog/transaction_buffer.h"
#include "sources/mysql/ddl/schema_history.h"

namespace starlift::mysql {

// Rows of transactional tables among these events were taken back (ROLLBACK TO SAVEPOINT,
// ROLLBACK): [begin, end) by their number in the buffer.
struct TakenBack {
  uint64_t begin = 0;
  uint64_t end = 0;
};

// Tells a committed group to a sink: decodes its events into one batch per table, schema changes in
// their place among them. Owns the definitions and what was learned of the log's tables. One
// thread.
class GroupTeller {
 public:
  GroupTeller(SchemaHistory history, const CollationList& collations, CharsetList charsets,
              TableFilter wanted);

  // Their changes are told in the log's order (StreamStart::in_order).
  void KeepInOrder(const std::vector<TableId>& tables) {
    in_order_ = {tables.begin(), tables.end()};
  }

  // Whether rows of this table map's table are to be kept. Remembers the map by its id.
  Result<bool> IsWanted(std::string_view table_map, bool short_ids);
  // Table ids begin anew (another file, another server).
  void ForgetTables();

  // Definitions of a statement-format change's tables: kPolicy where one of them is wanted.
  Status ExpectNoRows(const QueryEvent& query);

  // `file` is for messages. Says whether anything was told. An error leaves the sink with a part of
  // the group: nothing may be told to it any more.
  Result<bool> Tell(TransactionBuffer& events, const std::vector<TakenBack>& taken_back,
                    bool short_ids, const std::string& file, ChangeSink& sink);

 private:
  struct TableEntry {
    std::string body;  // of the table map, to see whether the id stands for the same still
    TableId id;
    bool wanted = false;
    uint64_t wanted_epoch = 0;  // of the definitions that say so
    bool in_order = false;
    bool transactional = true;
    uint64_t epoch = 0;  // of the definitions that the decoder was made for; 0: none
    std::optional<TableDecoder> decoder;
    std::optional<ChangeBatch> batch;
  };

  Status TellRecord(const TransactionBuffer::Record& record, bool taken_back, bool short_ids,
                    ChangeSink& sink);
  Status TellRows(const RowsEvent& event, TableEntry& entry, ChangeSink& sink);
  Status TellStatement(std::string_view body, bool compressed, ChangeSink& sink);
  Status TellOthersFirst(const RowsEvent& event, const TableEntry& entry, ChangeSink& sink);
  Status TellForeignKeys(std::string_view statement, std::string_view database, ChangeSink& sink);
  // What is known of shadow tables now, as far as it was another `before`.
  Status TellShadows(const std::map<TableId, ShadowTable>& before, ChangeSink& sink);
  Status Bind(TableEntry& entry, bool short_ids);
  Status Flush(TableEntry& entry, ChangeSink& sink);
  Status FlushAll(ChangeSink& sink);
  void ReleaseMemory();
  Result<TableEntry*> Remember(std::string_view table_map, bool short_ids);
  Result<std::string> StatementText(const QueryEvent& query);

  SchemaHistory history_;
  const CollationList& collations_;
  CharsetList charsets_;
  TableFilter wanted_;
  uint64_t epoch_ = 1;  // of the definitions: moves on with each schema change
  std::unordered_map<uint64_t, TableEntry> tables_;
  std::vector<TableEntry*> open_batches_;
  std::set<TableId> in_order_;
  TableEntry* last_in_order_ = nullptr;  // whose batch may be open
  bool foreign_keys_off_ = false;        // as the sink was told
  size_t kept_bytes_ = 0;                // by the batches' arenas, at most
  bool told_ = false;
  std::string scratch_;
};

}  // namespace starlift::mysql

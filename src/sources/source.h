#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancellation.h"
#include "base/result.h"
#include "data/change.h"
#include "data/checksum.h"
#include "data/finding.h"
#include "data/row_batch.h"
#include "data/table.h"

namespace starlift {

// What the user gave as the source, already parsed and with secrets resolved.
struct SourceConfig {
  std::string kind;  // the URL's scheme: "mysql", "mariadb", …
  std::string host;
  uint16_t port = 0;
  std::string user;
  std::string password;
  std::string database;  // empty: all
  // What follows `?` in the URL, or stands under `source:` in the task file; a source refuses
  // names that it does not know.
  std::vector<std::pair<std::string, std::string>> options;
};

// Says which tables are wanted; called with database and table name.
using TableFilter = std::function<bool(const TableId&)>;

// One end of a chunk: the key's cells, in key order and cell form. Compared only by the source,
// which knows the collation.
using ChunkBound = std::vector<std::string>;

// A half-open key range (lower, upper] of one table: the unit of full load, of resume and of
// verification. No lower: from the first row. No upper: to the last. A table without a key has
// exactly one chunk, with neither.
struct Chunk {
  uint64_t number = 0;  // dense from 0 within its table
  std::optional<ChunkBound> lower;
  std::optional<ChunkBound> upper;
};

// Rows named one by one by what they hold in some columns, which need not be the table's key.
struct RowKeys {
  std::vector<ColumnIndex> columns;
  std::vector<std::vector<std::string>> rows;  // one cell per column, in the form of data/type.h
};

// Takes rows as they are read. Called from the reader's thread, in reading order. The batch belongs
// to the reader: the sink must be done with it when it returns. An error stops the read.
class BatchSink {
 public:
  virtual ~BatchSink() = default;
  virtual Status Consume(const RowBatch& batch) = 0;
};

// One connection that reads rows as they are. Owned and used by one thread.
class SnapshotReader {
 public:
  virtual ~SnapshotReader() = default;

  // The chunk that follows `previous` (none: the first), about `target_rows` rows long, or nullopt
  // after the last. Bounds come from the server; once stored they must be passed in again as they
  // are.
  virtual Result<std::optional<Chunk>> NextChunk(const Table& table, const Chunk* previous,
                                                 uint64_t target_rows) = 0;

  // Reads the rows of a chunk, these columns in this order, cells in the form of data/type.h.
  // Rows come in key order where that costs nothing; don't rely on it.
  virtual Status ReadChunk(const Table& table, const std::vector<ColumnIndex>& columns,
                           const Chunk& chunk, BatchSink& sink) = 0;

  // Reads the rows of these keys as ReadChunk does. Keys that the source compares as equal ("a" and
  // "A") find the same row; one that is not there finds none. kRefused where the source can't.
  virtual Status ReadRows(const Table& table, const std::vector<ColumnIndex>& columns,
                          const RowKeys& keys, BatchSink& sink);

  // The source's own checksum over a chunk's rows, each form as data/checksum.h says. nullopt where
  // the source can't.
  virtual Result<std::optional<RowChecksum>> Checksum(const Table& table,
                                                      const std::vector<ChecksumColumn>& columns,
                                                      ChecksumMethod method, const Chunk& chunk);

  virtual Result<uint64_t> CountRows(const Table& table, const Chunk& chunk);
};

class ChangeLog;       // sources/change_stream.h
class DdlFactsReader;  // sources/ddl_facts.h

// Reads that all see the same moment, and the log's position at it: for tables without a key.
struct ConsistentSnapshot {
  std::unique_ptr<SnapshotReader> reader;
  Position position;
};

// A database or log that we read. Thread-safe: each call uses a connection of its own.
class Source {
 public:
  virtual ~Source() = default;

  // "MariaDB 10.11.6", for reports.
  virtual Result<std::string> Describe() = 0;

  // Preconditions of a full load (`incremental` adds those of the change stream). An error Result
  // means that the source could not be asked at all.
  virtual Result<std::vector<Finding>> Check(const TableFilter& filter, bool incremental) = 0;

  // Base tables that the filter takes; system schemas never. Ordered by id.
  virtual Result<Catalog> ReadCatalog(const TableFilter& filter) = 0;

  virtual Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(
      const Cancellation& cancellation) = 0;

  // A reader all of whose reads see the rows as they were at one position of the log. kRefused
  // where the source can't.
  virtual Result<ConsistentSnapshot> OpenConsistentSnapshot(const Cancellation& cancellation);

  // The log that changes are read from; null where the source has none that we can read. Lives as
  // long as the source.
  virtual ChangeLog* log() { return nullptr; }

  // What generators of DDL ask beyond the catalog; null where the source tells no more. Lives as
  // long as the source.
  virtual DdlFactsReader* ddl_facts() { return nullptr; }
};

// Makes the source that `config.kind` names; kUsage for an unknown kind or option.
Result<std::unique_ptr<Source>> OpenSource(const SourceConfig& config);

}  // namespace starlift

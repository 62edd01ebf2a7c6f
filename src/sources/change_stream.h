#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "data/shadow_table.h"
#include "sources/cascading_key.h"
#include "sources/source.h"

namespace starlift {

// Takes what a change stream tells, in commit order. Called from the thread that calls
// ChangeStream::Read. What it is given belongs to the stream and may be reused after the return. An
// error ends the Read.
class ChangeSink {
 public:
  virtual ~ChangeSink() = default;

  // Rows of a transaction that is committed at the source; one transaction may come in many calls,
  // its Commit follows.
  virtual Status Consume(const ChangeBatch& batch) = 0;

  // All rows told before are under the old definition, all after it under the new one. Its own
  // Commit follows.
  virtual Status Consume(const SchemaChange& change) = 0;

  // What is known, from here on, of a table that is not told of but may take the place of one that
  // is. A stream that starts behind here needs it (StreamStart::shadows). nullopt: no longer. Its
  // own Commit follows.
  virtual Status KeepShadow(const TableId& table, const std::optional<ShadowTable>& shadow) = 0;

  virtual Status Commit(const CommitPoint& point) = 0;

  // Rows of StreamStart::in_order that are told from now on were changed while foreign keys were in
  // force (the beginning), or by a session for which they weren't: their rules did nothing then.
  virtual Status SetForeignKeysInForce(bool) { return {}; }
  // A statement about a wanted table names foreign keys. Before its SchemaChange, if it has one;
  // its own Commit follows.
  virtual Status ForeignKeysMayChange(const TableId&, std::string_view) { return {}; }
};

// How a stream is to start. A stream tells of every transaction after `position`, each once.
struct StreamStart {
  Position position;
  // Definitions of the wanted tables (and of all others that a rename may bring in, if known) as
  // they were at `position`.
  std::vector<TableVersion> tables;
  // As KeepShadow told them up to `position`.
  std::vector<ShadowTable> shadows;
  // A directory of the task's own, for transactions larger than memory. Emptied at the start.
  std::string spill_directory;
  uint64_t spill_after_bytes = uint64_t{16} << 20;
  // Changes of these tables are told in the order in which they happened, also inside a
  // transaction. Others only table by table.
  std::vector<TableId> in_order;
  // Takes part in the source's topology under this number; 0: one is drawn.
  uint32_t server_id = 0;
  // How long a source that is away is tried again before that is an error.
  std::chrono::milliseconds retry_for{600'000};
};

// What the stream has seen of the log, for lag and status.
struct StreamProgress {
  uint64_t bytes_received = 0;
  uint64_t transactions = 0;
  uint64_t reconnects = 0;
  int64_t last_event_unix_us = 0;  // by the source's clock
};

// One connection that follows the log. Owned and used by one thread. Reconnects by itself, with
// back-off, for as long as StreamStart::retry_for; a transaction is told whole or not at all.
// Errors: kUnreachable after that; kPolicy where going on would lose rows (purged log,
// incident, statement-format changes of a wanted table, an unknown event): the message says what to
// do.
class ChangeStream {
 public:
  virtual ~ChangeStream() = default;

  // Tells what there is, up to about `most_bytes` of log, and returns; waits up to `wait` for the
  // first event. Returns early, with kCancelled, on a request to stop.
  virtual Status Read(ChangeSink& sink, std::chrono::milliseconds wait, uint64_t most_bytes) = 0;

  // A position behind which nothing is left untold: it moves on with heartbeats and with
  // transactions of other tables, too. Valid between Reads.
  virtual Position position() const = 0;

  // How far the log was read: to know that it has caught up with a head, never to start from. Goes
  // ahead of position() while a prepared XA transaction waits for its decision.
  virtual Position reached() const { return position(); }

  virtual StreamProgress progress() const = 0;
};

// The log side of a source. Thread-safe.
class ChangeLog {
 public:
  virtual ~ChangeLog() = default;

  // The log's head now: everything committed before the call is at or before it.
  virtual Result<Position> Head() = 0;

  // The last position before this moment, for `restart-from TIME`. kNotFound if the log doesn't
  // reach back.
  virtual Result<Position> FindTime(int64_t unix_us) = 0;

  // Whether a stream could start there: kPolicy with the mend if the log was purged, kUsage for a
  // text that is no position of this source.
  virtual Status CheckReach(const Position& position) = 0;

  // Whether everything up to `earlier` is also before `later`. Both of this source.
  virtual Result<bool> Covers(const Position& later, const Position& earlier) = 0;

  // Foreign keys whose effects the log doesn't tell, of all tables, as they are now.
  virtual Result<std::vector<CascadingKey>> ReadCascadingKeys() {
    return std::vector<CascadingKey>();
  }

  // `wanted` picks the tables to tell of, by the name at the time of the event.
  virtual Result<std::unique_ptr<ChangeStream>> OpenStream(const StreamStart& start,
                                                           const TableFilter& wanted,
                                                           const Cancellation& cancellation) = 0;
};

}  // namespace starlift

// How the task sees the simulated source: rows as they are, and the log.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "state/table_text.h"
#include "sync/simulation/simulated_source.h"

namespace starlift::sync {
namespace {

constexpr uint64_t kChunks = 3;  // of every table with a key, whatever is in them
constexpr uint64_t kMostReads = 20'000;
constexpr std::chrono::milliseconds kBetweenReads{20};

Error NotThere(const std::string& what) {
  return Error{ErrorKind::kRefused, what + " isn't there"};
}

void AppendRow(RowBatch& batch, const SourceRow& row, const std::vector<bool>& present) {
  for (size_t column = 0; column < row.size(); ++column) {
    if (row[column] && (present.empty() || present[column])) {
      batch.AppendCopy(*row[column]);
    } else {
      batch.AppendNull();
    }
  }
}

// Reads rows as they are, while the source goes on; or as they were when it was opened.
class SimulatedReader : public SnapshotReader {
 public:
  SimulatedReader(SimulatedSource& source, bool consistent) : source_(source) {
    if (consistent) frozen_ = source.tables();
  }

  Result<std::optional<Chunk>> NextChunk(const Table&, const Chunk* previous, uint64_t) override {
    source_.LiveOn();
    constexpr uint64_t kIds = 60;
    Chunk chunk;
    chunk.number = previous == nullptr ? 0 : previous->number + 1;
    if (previous != nullptr) chunk.lower = previous->upper;
    if (chunk.number + 1 < kChunks) {
      chunk.upper = ChunkBound{std::to_string((chunk.number + 1) * kIds / kChunks)};
    }
    return std::optional(chunk);
  }

  // In two batches with the source at work between them.
  Status ReadChunk(const Table& table, const std::vector<ColumnIndex>& columns, const Chunk& chunk,
                   BatchSink& sink) override {
    for (const bool odd : {false, true}) {
      SL_ASSIGN(const RowBatch batch, ReadHalf(table, columns, chunk, odd));
      if (!batch.empty()) SL_TRY(sink.Consume(batch));
      source_.clock().Advance(kBetweenReads);
      source_.LiveOn();
      SL_ASSIGN(const bool cut, source_.CutNow());
      if (cut) return Error{ErrorKind::kUnreachable, "the connection broke"};
    }
    return {};
  }

 private:
  Result<RowBatch> ReadHalf(const Table& table, const std::vector<ColumnIndex>& columns,
                            const Chunk& chunk, bool odd) {
    const auto& tables = frozen_ ? *frozen_ : source_.tables();
    const auto content = tables.find(table.id.name);
    if (content == tables.end()) return NotThere(table.id.ToString());
    std::vector<ColumnIndex> places;
    for (const ColumnIndex column : columns) {
      const auto place = content->second.version->FindColumn(table.columns[column].name);
      if (!place) return NotThere(table.columns[column].name + " of " + table.id.ToString());
      places.push_back(*place);
    }
    RowBatch batch(columns.size());
    for (const SourceRow& row : content->second.rows) {
      const int64_t id = std::stoll(*row[0]);
      if ((id % 2 != 0) != odd) continue;
      if (chunk.lower && id <= std::stoll(chunk.lower->front())) continue;
      if (chunk.upper && id > std::stoll(chunk.upper->front())) continue;
      for (const ColumnIndex place : places) {
        if (row[place]) {
          batch.AppendCopy(*row[place]);
        } else {
          batch.AppendNull();
        }
      }
    }
    return batch;
  }

  SimulatedSource& source_;
  std::optional<std::map<std::string, SourceTable>> frozen_;
};

// Receives events, and tells a transaction once it has it whole. A connection that is cut comes
// back behind the last whole one.
class SimulatedStream : public ChangeStream {
 public:
  SimulatedStream(SimulatedSource& source, uint64_t at, const Cancellation& cancellation)
      : source_(source), at_(at), cancellation_(cancellation) {}

  Status Read(ChangeSink& sink, std::chrono::milliseconds wait, uint64_t) override {
    if (cancellation_.requested()) return Error{ErrorKind::kCancelled, "stopped"};
    source_.LiveOn();
    if (++reads_ > kMostReads) {
      return Error{ErrorKind::kInternal, "the stream doesn't get to its end"};
    }
    if (at_ == source_.entries().size()) {
      source_.clock().Advance(wait);
      return {};
    }
    for (uint64_t most = 1 + source_.dice().Below(6); most > 0 && HasMore(); --most) {
      const LogEntry& entry = source_.entries()[at_];
      SL_ASSIGN(const bool whole, Receive(entry));
      if (!whole) break;
      SL_TRY(Tell(entry, sink));
    }
    source_.clock().Advance(std::chrono::milliseconds(source_.dice().Below(150)));
    return {};
  }

  Position position() const override { return source_.PlaceAfterRotation(at_); }
  StreamProgress progress() const override { return {.reconnects = reconnects_}; }

 private:
  bool HasMore() const { return at_ < source_.entries().size(); }

  // False: the connection was cut.
  Result<bool> Receive(const LogEntry& entry) {
    for (const LoggedChange& change : entry.changes) {
      SL_ASSIGN(const bool cut, source_.CutNow());
      if (cut) return Reconnect();
      if (!IsLost(entry.changes, change)) AddEvent(change);
    }
    SL_ASSIGN(const bool cut, source_.CutNow());
    if (cut) return Reconnect();
    return true;
  }

  bool Reconnect() {
    ++reconnects_;
    if (source_.bug() != PlantedBug::kTornTransaction) batches_.clear();
    if (source_.bug() == PlantedBug::kSkippedTransaction) ++at_;
    return false;
  }

  void AddEvent(const LoggedChange& change) {
    const bool fits = !batches_.empty() && batches_.back().table == change.table &&
                      batches_.back().before_columns == change.before_columns &&
                      batches_.back().after_columns == change.after_columns;
    if (!fits || source_.dice().OneIn(3)) {
      ChangeBatch& batch = batches_.emplace_back(change.table);
      batch.before_columns = change.before_columns;
      batch.after_columns = change.after_columns;
    }
    ChangeBatch& batch = batches_.back();
    RowChange row{.kind = change.kind};
    const auto append = [&](const SourceRow& image, const std::vector<bool>& present) {
      AppendRow(batch.rows, image, present);
      return static_cast<uint32_t>(batch.rows.rows() - 1);
    };
    if (change.kind != ChangeKind::kInsert) {
      row.before = append(change.before, change.before_columns);
    }
    if (change.kind != ChangeKind::kDelete) row.after = append(change.after, change.after_columns);
    batch.changes.push_back(row);
  }

  Status Tell(const LogEntry& entry, ChangeSink& sink) {
    const uint64_t number = at_ + 1;
    for (const ChangeBatch& batch : std::exchange(batches_, {})) SL_TRY(sink.Consume(batch));
    if (entry.schema_change) SL_TRY(sink.Consume(*entry.schema_change));
    at_ = number;
    source_.SetTold(number);
    if (!entry.told) return {};
    return sink.Commit({source_.PlaceOf(number), static_cast<int64_t>(number)});
  }

  bool IsLost(const std::vector<LoggedChange>& changes, const LoggedChange& change) const {
    if (source_.bug() != PlantedBug::kLostDelete || change.kind != ChangeKind::kDelete) {
      return false;
    }
    return std::any_of(changes.data(), &change, [&](const LoggedChange& earlier) {
      return earlier.table == change.table && earlier.kind != ChangeKind::kDelete &&
             earlier.after[0] == change.before[0];
    });
  }

  SimulatedSource& source_;
  uint64_t at_;
  const Cancellation& cancellation_;
  std::vector<ChangeBatch> batches_;  // of the transaction that is being received
  uint64_t reads_ = 0, reconnects_ = 0;
};

}  // namespace

Result<std::unique_ptr<SnapshotReader>> SimulatedSource::OpenSnapshot(const Cancellation&) {
  LiveOn();
  return std::unique_ptr<SnapshotReader>(std::make_unique<SimulatedReader>(*this, false));
}

Result<ConsistentSnapshot> SimulatedSource::OpenConsistentSnapshot(const Cancellation&) {
  LiveOn();
  return ConsistentSnapshot{std::make_unique<SimulatedReader>(*this, true),
                            PlaceAfterRotation(entries_.size())};
}

// A stream needs the definitions as they were where it starts: what the task has stored must be
// just those.
Result<std::unique_ptr<ChangeStream>> SimulatedSource::OpenStream(
    const StreamStart& start, const TableFilter&, const Cancellation& cancellation) {
  LiveOn();
  const uint64_t at = NumberOf(start.position);
  std::map<std::string, TableVersion> given;
  for (const TableVersion& table : start.tables) given.emplace(table->id.name, table);
  const auto& right = DefinitionsAt(at);
  for (const auto& [name, table] : right) {
    const auto found = given.find(name);
    if (found != given.end() && state::PrintTable(*found->second) == state::PrintTable(*table)) {
      given.erase(found);
      continue;
    }
    return Error{ErrorKind::kInternal,
                 fmt::format("the stream starts at {} with {} of {}", start.position,
                             found == given.end() ? "no definition" : "another definition", name)};
  }
  if (!given.empty()) {
    return Error{ErrorKind::kInternal,
                 fmt::format("the stream starts at {} with {}, which isn't there then",
                             start.position, given.begin()->first)};
  }
  return std::unique_ptr<ChangeStream>(std::make_unique<SimulatedStream>(*this, at, cancellation));
}

}  // namespace starlift::sync

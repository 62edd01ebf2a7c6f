#pragma once

// A source database in memory with a log: tables `id`, `v`, transactions by chance while it is
// read, row images cut into batches by chance.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "load/changes/change_world.h"
#include "sources/change_stream.h"
#include "sources/source.h"

namespace starlift::sync {

class SimulatedSource : public Source, public ChangeLog {
 public:
  using Row = std::pair<std::string, std::string>;

  struct Options {
    size_t keyed_tables = 2;
    size_t keyless_tables = 0;
    uint64_t first_rows = 30;
    uint64_t transactions = 100;  // while it is read
    uint64_t ids = 40;
    bool keyless_edits = false;
    // A bug that the simulation must find: a delete that follows a change of its row is dropped.
    bool lose_deletes = false;
  };

  SimulatedSource(const Options& options, load::SimulatedClock& clock, uint64_t seed)
      : options_(options), clock_(clock), dice_(seed) {
    for (size_t i = 0; i < options.keyed_tables + options.keyless_tables; ++i) {
      const bool keyed = i < options.keyed_tables;
      tables_.push_back({MakeTable(fmt::format("{}{}", keyed ? "keyed" : "bag", i), keyed), {}});
      for (uint64_t row = 0; row < dice_.Below(options.first_rows + 1); ++row) {
        if (keyed || dice_.OneIn(2)) Insert(tables_[i], NewRow());
      }
    }
  }

  // ---- Source ----

  Result<std::string> Describe() override { return std::string("simulated"); }
  Result<std::vector<Finding>> Check(const TableFilter&, bool) override {
    return std::vector<Finding>{};
  }
  Result<Catalog> ReadCatalog(const TableFilter&) override {
    Catalog catalog;
    for (const Content& table : tables_) catalog.tables.push_back(*table.version);
    return catalog;
  }
  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation&) override;
  Result<ConsistentSnapshot> OpenConsistentSnapshot(const Cancellation&) override;
  ChangeLog* log() override { return this; }

  // ---- ChangeLog ----

  Result<Position> Head() override { return PlaceOf(log_.size()); }
  Result<Position> FindTime(int64_t) override { return Error{ErrorKind::kNotFound, "no times"}; }
  Status CheckReach(const Position&) override { return {}; }
  Result<bool> Covers(const Position& later, const Position& earlier) override {
    return NumberOf(later) >= NumberOf(earlier);
  }
  Result<std::unique_ptr<ChangeStream>> OpenStream(const StreamStart& start, const TableFilter&,
                                                   const Cancellation& cancellation) override;

  // ---- for the simulation ----

  // The users of the database get some work done.
  void LiveOn() {
    while (log_.size() < options_.transactions && dice_.OneIn(2)) AddTransaction();
  }
  bool quiet() const { return log_.size() >= options_.transactions; }
  void Finish() {
    while (!quiet()) AddTransaction();
  }
  std::vector<std::string> Rows(size_t table) const {
    std::vector<std::string> rows;
    for (const auto& [id, v] : tables_[table].rows) rows.push_back(id + "|" + v);
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  size_t tables() const { return tables_.size(); }
  uint64_t told() const { return told_; }

  static Position PlaceOf(uint64_t transaction) { return fmt::format("sim:{}", transaction); }
  static uint64_t NumberOf(const Position& position) { return std::stoull(position.substr(4)); }

 private:
  friend class SimulatedStream;
  friend class SimulatedReader;

  struct Change {
    size_t table = 0;
    ChangeKind kind = ChangeKind::kInsert;
    Row before, after;
  };
  struct Content {
    TableVersion version;
    std::multimap<std::string, std::string> rows;
  };

  static TableVersion MakeTable(const std::string& name, bool keyed) {
    Table table;
    table.id = {"shop", "", name};
    Column id{.name = "id", .type = {TypeKind::kInt64}, .native_type = "bigint"};
    id.nullable = false;
    Column v{.name = "v", .type = {TypeKind::kVarchar, 40}, .native_type = "varchar(40)"};
    v.charset = "utf8mb4";
    table.columns = {id, v};
    if (keyed) {
      table.key_kind = KeyKind::kPrimary;
      table.key = {0};
    }
    return std::make_shared<const Table>(std::move(table));
  }

  Row NewRow() {
    // Few values, so that tables without a key have equal rows.
    return {std::to_string(dice_.Below(options_.ids)), fmt::format("v{}", dice_.Below(6))};
  }
  bool Insert(Content& table, const Row& row) {
    if (table.version->has_key() && table.rows.contains(row.first)) return false;
    table.rows.insert(row);
    return true;
  }

  void AddTransaction() {
    std::vector<Change> changes;
    for (uint64_t left = 1 + dice_.Below(5); left > 0; --left) AddChange(changes);
    log_.push_back(std::move(changes));
  }

  void AddChange(std::vector<Change>& changes) {
    Change change;
    change.table = dice_.Below(tables_.size());
    Content& table = tables_[change.table];
    const bool keyed = table.version->has_key();
    const uint64_t kind = keyed || options_.keyless_edits ? dice_.Below(4) : 0;
    if (kind == 0 || table.rows.empty()) {
      change.after = NewRow();
      if (Insert(table, change.after)) changes.push_back(change);
      return;
    }
    auto row = table.rows.begin();
    std::advance(row, static_cast<ptrdiff_t>(dice_.Below(table.rows.size())));
    change.before = *row;
    if (kind == 1) {
      change.kind = ChangeKind::kDelete;
      table.rows.erase(row);
      changes.push_back(change);
      return;
    }
    change.kind = ChangeKind::kUpdate;
    change.after = NewRow();
    const bool moves = kind == 3;
    if (!moves || (keyed && table.rows.contains(change.after.first))) {
      change.after.first = change.before.first;
    }
    table.rows.erase(row);
    table.rows.insert(change.after);
    changes.push_back(change);
  }

  const Options options_;
  load::SimulatedClock& clock_;
  load::Dice dice_;
  std::vector<Content> tables_;
  std::vector<std::vector<Change>> log_;
  uint64_t told_ = 0;
};

// Reads rows as they are, while the source goes on; or as they were when it was opened.
class SimulatedReader : public SnapshotReader {
 public:
  SimulatedReader(SimulatedSource& source, bool consistent) : source_(source) {
    if (consistent) frozen_ = source.tables_;
  }

  Result<std::optional<Chunk>> NextChunk(const Table& table, const Chunk* previous,
                                         uint64_t) override {
    Chunk chunk;
    if (!table.has_key()) return std::optional(chunk);
    // Three chunks whatever is in them.
    constexpr uint64_t kChunks = 3;
    chunk.number = previous == nullptr ? 0 : previous->number + 1;
    if (previous != nullptr) chunk.lower = previous->upper;
    if (chunk.number + 1 < kChunks) {
      chunk.upper = ChunkBound{std::to_string((chunk.number + 1) * source_.options_.ids / kChunks)};
    }
    return std::optional(chunk);
  }

  Status ReadChunk(const Table& table, const std::vector<ColumnIndex>&, const Chunk& chunk,
                   BatchSink& sink) override {
    const auto& tables = frozen_.empty() ? source_.tables_ : frozen_;
    const auto content = std::find_if(tables.begin(), tables.end(),
                                      [&](const auto& one) { return one.version->id == table.id; });
    RowBatch batch(2);
    for (const auto& [id, v] : content->rows) {
      const int64_t number = std::stoll(id);
      if (chunk.lower && number <= std::stoll(chunk.lower->front())) continue;
      if (chunk.upper && number > std::stoll(chunk.upper->front())) continue;
      batch.AppendCopy(id);
      batch.AppendCopy(v);
    }
    source_.LiveOn();
    if (batch.empty()) return {};
    return sink.Consume(batch);
  }

 private:
  SimulatedSource& source_;
  std::vector<SimulatedSource::Content> frozen_;
};

class SimulatedStream : public ChangeStream {
 public:
  SimulatedStream(SimulatedSource& source, uint64_t at, const Cancellation& cancellation)
      : source_(source), at_(at), cancellation_(cancellation) {}

  Status Read(ChangeSink& sink, std::chrono::milliseconds wait, uint64_t) override {
    if (cancellation_.requested()) return Error{ErrorKind::kCancelled, "stopped"};
    source_.LiveOn();
    if (at_ == source_.log_.size()) {
      source_.clock_.Advance(wait);
      return {};
    }
    for (uint64_t most = 1 + source_.dice_.Below(6); most > 0 && at_ < source_.log_.size();
         --most) {
      SL_TRY(Tell(source_.log_[at_], sink));
      SL_TRY(sink.Commit({SimulatedSource::PlaceOf(at_ + 1), static_cast<int64_t>(at_ + 1)}));
      source_.told_ = ++at_;
    }
    source_.clock_.Advance(std::chrono::milliseconds(source_.dice_.Below(150)));
    return {};
  }
  Position position() const override { return SimulatedSource::PlaceOf(at_); }
  StreamProgress progress() const override { return {}; }

 private:
  Status Tell(const std::vector<SimulatedSource::Change>& changes, ChangeSink& sink) {
    std::unique_ptr<ChangeBatch> batch;
    size_t of = 0;
    for (const SimulatedSource::Change& change : changes) {
      if (IsLost(changes, change)) continue;
      if (batch && (of != change.table || source_.dice_.OneIn(3))) {
        SL_TRY(sink.Consume(*batch));
        batch.reset();
      }
      if (!batch) {
        of = change.table;
        batch = std::make_unique<ChangeBatch>(source_.tables_[of].version);
      }
      RowChange row{.kind = change.kind};
      if (change.kind != ChangeKind::kInsert) row.before = Append(*batch, change.before);
      if (change.kind != ChangeKind::kDelete) row.after = Append(*batch, change.after);
      batch->changes.push_back(row);
    }
    return batch ? sink.Consume(*batch) : Status();
  }

  bool IsLost(const std::vector<SimulatedSource::Change>& changes,
              const SimulatedSource::Change& change) const {
    if (!source_.options_.lose_deletes || change.kind != ChangeKind::kDelete) return false;
    return std::any_of(changes.data(), &change, [&](const SimulatedSource::Change& earlier) {
      return earlier.table == change.table && earlier.kind != ChangeKind::kDelete &&
             earlier.after.first == change.before.first;
    });
  }

  static uint32_t Append(ChangeBatch& batch, const SimulatedSource::Row& row) {
    batch.rows.AppendCopy(row.first);
    batch.rows.AppendCopy(row.second);
    return static_cast<uint32_t>(batch.rows.rows() - 1);
  }

  SimulatedSource& source_;
  uint64_t at_;
  const Cancellation& cancellation_;
};

inline Result<std::unique_ptr<SnapshotReader>> SimulatedSource::OpenSnapshot(const Cancellation&) {
  return std::unique_ptr<SnapshotReader>(std::make_unique<SimulatedReader>(*this, false));
}
inline Result<ConsistentSnapshot> SimulatedSource::OpenConsistentSnapshot(const Cancellation&) {
  return ConsistentSnapshot{std::make_unique<SimulatedReader>(*this, true), PlaceOf(log_.size())};
}
inline Result<std::unique_ptr<ChangeStream>> SimulatedSource::OpenStream(
    const StreamStart& start, const TableFilter&, const Cancellation& cancellation) {
  return std::unique_ptr<ChangeStream>(
      std::make_unique<SimulatedStream>(*this, NumberOf(start.position), cancellation));
}

}  // namespace starlift::sync

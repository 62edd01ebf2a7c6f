#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "load/changes/change_world.h"
#include "sources/change_stream.h"
#include "sources/source.h"
#include "sync/simulation/planted_bug.h"
#include "sync/simulation/scenario.h"

namespace starlift::sync {

// Cells in the order of the table's columns; nullopt: NULL.
using SourceRow = std::vector<std::optional<std::string>>;

struct SourceTable {
  TableVersion version;
  std::vector<SourceRow> rows;
  // Keys (KeyText) whose row may be missing at the target: it was left out, and wasn't written as a
  // whole since.
  std::set<std::string> left_out;
};

// A row change as the log has it.
struct LoggedChange {
  TableVersion table;
  ChangeKind kind = ChangeKind::kInsert;
  SourceRow before, after;
  std::vector<bool> before_columns, after_columns;  // empty: all
};

// One transaction of the log, or one statement that commits by itself.
struct LogEntry {
  std::vector<LoggedChange> changes;
  std::optional<SchemaChange> schema_change;
  bool told = true;  // an XA transaction that is prepared is told when it is decided
  // Behind so many entries a reader has to look for the XA transaction that is open.
  std::optional<uint64_t> read_from;
  uint64_t file = 1;
  // All definitions behind it.
  std::map<std::string, TableVersion> definitions;
};

// A source database in memory with a log. Its users work while it is asked for something, as the
// scenario says; definitions change, row images hold what they hold under binlog_row_image.
class SimulatedSource : public Source, public ChangeLog {
 public:
  SimulatedSource(const Scenario& scenario, load::SimulatedClock& clock, PlantedBug bug,
                  Trace& trace);

  // ---- Source ----

  Result<std::string> Describe() override { return std::string("simulated"); }
  Result<std::vector<Finding>> Check(const TableFilter&, bool) override {
    return std::vector<Finding>{};
  }
  Result<Catalog> ReadCatalog(const TableFilter& filter) override;
  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation&) override;
  Result<ConsistentSnapshot> OpenConsistentSnapshot(const Cancellation&) override;
  ChangeLog* log() override { return this; }

  // ---- ChangeLog ----

  Result<Position> Head() override;
  Result<Position> FindTime(int64_t) override { return Error{ErrorKind::kNotFound, "no times"}; }
  Status CheckReach(const Position&) override { return {}; }
  Result<bool> Covers(const Position& later, const Position& earlier) override {
    return NumberOf(later) >= NumberOf(earlier);
  }
  Result<std::unique_ptr<ChangeStream>> OpenStream(const StreamStart& start, const TableFilter&,
                                                   const Cancellation& cancellation) override;

  // ---- for readers ----

  // An opportunity for the source's users.
  void LiveOn();
  // Whether the connection is cut before the next event or row: kUnreachable if the source stays
  // away, true if it is there again at once.
  Result<bool> CutNow();
  const std::map<std::string, SourceTable>& tables() const { return tables_; }
  const std::deque<LogEntry>& entries() const { return entries_; }
  load::SimulatedClock& clock() { return clock_; }
  load::Dice& dice() { return dice_; }
  // Behind an entry, spelled as a commit's resume position, or as a reader has it that has read a
  // rotation since.
  Position PlaceOf(uint64_t entry) const;
  Position PlaceAfterRotation(uint64_t entry) const;
  const std::map<std::string, TableVersion>& DefinitionsAt(uint64_t entry) const {
    return entry == 0 ? first_definitions_ : entries_[entry - 1].definitions;
  }
  PlantedBug bug() const { return bug_; }
  // All that a reader has to know to go on there.
  std::string PrintPlace(uint64_t entry, uint64_t file) const;
  static uint64_t NumberOf(const Position& position);
  void SetTold(uint64_t entry) { told_ = entry; }

  // ---- for the simulation ----

  // Behind the last entry that a stream told.
  uint64_t told() const { return told_; }
  // The task's checkpoint; tables may be altered again once it has passed the last time.
  void Passed(const Position& checkpoint) { passed_ = NumberOf(checkpoint); }
  // The rows are loaded: what would break their reading may happen.
  void SetFollowed(bool followed) { followed_ = followed; }
  // All that can happen now happens. True: nothing is left.
  bool Finish();
  bool quiet() const { return actions_.empty() && waiting_.empty() && !prepared_at_; }

 private:
  friend class SourceWork;

  void Perform(const Action& action);
  bool MayAlter(ActionKind kind) const;
  void PerformWaiting();
  std::map<std::string, TableVersion> Definitions() const;

  const WorldOptions options_;
  const PlantedBug bug_;
  load::SimulatedClock& clock_;
  load::Dice dice_;  // of what no action draws
  LaneQueue actions_, cuts_;
  std::deque<Action> waiting_;  // schema changes whose time hasn't come
  std::map<std::string, SourceTable> tables_;
  std::map<std::string, TableVersion> first_definitions_;
  std::deque<LogEntry> entries_;         // readers hold on to single ones while the log grows
  std::optional<uint64_t> prepared_at_;  // entries before the XA transaction that is open
  uint64_t file_ = 1;
  uint64_t told_ = 0, passed_ = 0;
  uint64_t last_alteration_ = 0;  // its entry
  bool followed_ = false;
  uint64_t names_ = 0;
  std::map<std::string, std::vector<Column>> dropped_columns_;  // by table
  std::vector<std::string> dropped_tables_;
  Trace& trace_;
};

}  // namespace starlift::sync

#include "sync/simulation/simulated_source.h"

#include <fmt/format.h>

#include "sync/simulation/source_work.h"

namespace starlift::sync {
namespace {

constexpr std::chrono::hours kLongAway{2};

}  // namespace

SimulatedSource::SimulatedSource(const Scenario& scenario, load::SimulatedClock& clock,
                                 PlantedBug bug, Trace& trace)
    : options_(scenario.options),
      bug_(bug),
      clock_(clock),
      dice_(scenario.seed),
      actions_(scenario, Lane::kSource),
      cuts_(scenario, Lane::kConnection),
      trace_(trace) {
  const uint64_t tables = options_.keyed_tables + options_.keyless_tables;
  for (uint64_t i = 0; i < tables; ++i) {
    const bool keyed = i < options_.keyed_tables;
    SourceWork work(*this, {.seed = scenario.seed + i});
    work.FillTable(fmt::format("{}{}", keyed ? "keyed" : "bag", i), keyed);
  }
  first_definitions_ = Definitions();
}

Result<Catalog> SimulatedSource::ReadCatalog(const TableFilter& filter) {
  LiveOn();
  Catalog catalog;
  for (const auto& [name, table] : tables_) {
    if (filter(table.version->id)) catalog.tables.push_back(*table.version);
  }
  return catalog;
}

Result<Position> SimulatedSource::Head() {
  LiveOn();
  return PlaceOf(entries_.size());
}

void SimulatedSource::LiveOn() {
  PerformWaiting();
  while (const auto action = actions_.Next()) Perform(*action);
}

Result<bool> SimulatedSource::CutNow() {
  const auto action = cuts_.Next();
  if (!action) return false;
  trace_.push_back(fmt::format("source: {}", ActionName(action->kind)));
  if (action->kind == ActionKind::kCutConnection) return true;
  clock_.Advance(kLongAway);
  return Error{ErrorKind::kUnreachable, "the source is away"};
}

bool SimulatedSource::Finish() {
  PerformWaiting();
  while (const auto action = actions_.Take()) Perform(*action);
  if (prepared_at_) SourceWork(*this, {.kind = ActionKind::kXaDecide}).Run();
  PerformWaiting();
  return quiet();
}

void SimulatedSource::Perform(const Action& action) {
  // Schema changes keep their order.
  if (IsSchemaChange(action.kind) && (!waiting_.empty() || !MayAlter(action.kind))) {
    waiting_.push_back(action);
    return;
  }
  SourceWork(*this, action).Run();
}

void SimulatedSource::PerformWaiting() {
  while (!waiting_.empty() && MayAlter(waiting_.front().kind)) {
    const Action action = waiting_.front();
    waiting_.pop_front();
    SourceWork(*this, action).Run();
  }
}

bool SimulatedSource::MayAlter(ActionKind kind) const {
  if (options_.hasty) return true;
  // A load of all rows doesn't break by it.
  if (kind == ActionKind::kSwapColumns && !followed_) return true;
  if (last_alteration_ > passed_) return false;
  const bool breaks_no_read = kind == ActionKind::kAddColumn || kind == ActionKind::kWidenColumn ||
                              kind == ActionKind::kTruncate || kind == ActionKind::kCreateTable;
  return followed_ || breaks_no_read;
}

std::map<std::string, TableVersion> SimulatedSource::Definitions() const {
  std::map<std::string, TableVersion> definitions;
  for (const auto& [name, table] : tables_) definitions.emplace(name, table.version);
  return definitions;
}

Position SimulatedSource::PlaceOf(uint64_t entry) const {
  return PrintPlace(entry, entry == 0 ? 1 : entries_[entry - 1].file);
}

Position SimulatedSource::PlaceAfterRotation(uint64_t entry) const {
  return PrintPlace(entry, entry < entries_.size() ? entries_[entry].file : file_);
}

// By file or GTID of MariaDB, a place beside an XA transaction that is open has a second part.
std::string SimulatedSource::PrintPlace(uint64_t entry, uint64_t file) const {
  Position place = options_.positions_by_gtid ? fmt::format("sim-gtid:{}", entry)
                                              : fmt::format("sim-file:{}:{}", file, entry);
  if (entry > 0 && entries_[entry - 1].read_from) {
    place += fmt::format(";read-from={}", *entries_[entry - 1].read_from);
  }
  return place;
}

uint64_t SimulatedSource::NumberOf(const Position& position) {
  const std::string told = position.substr(0, position.find(';'));
  return std::stoull(told.substr(told.rfind(':') + 1));
}

}  // namespace starlift::sync

#include "load/row_probe.h"

#include <cstddef>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "load/body_rows.h"
#include "load/refused_row_index.h"

namespace starlift::load {
namespace {

using starrocks::LoadFormat;
using starrocks::LoadOutcome;
using starrocks::LoadVerdict;
using starrocks::RefusedRow;

constexpr std::chrono::seconds kProbeTimeout{600};

}  // namespace

Result<std::vector<RefusedRow>> RowProbe::FindRefused(LoadFormat format, Rows rows,
                                                      uint64_t enough) {
  enough_ = enough;
  found_.clear();
  SL_TRY(Search(format, std::move(rows)));
  return std::move(found_);
}

Status RowProbe::Search(LoadFormat format, Rows rows) {
  if (rows.empty() || found_.size() > enough_) return {};
  SL_ASSIGN(const LoadOutcome outcome, Probe(format, rows));
  if (outcome.verdict == LoadVerdict::kLoaded) return {};

  std::vector<RefusedRow> log;
  if (auto fetched = environment_.target.FetchErrorLog(outcome.error_url); fetched.ok()) {
    log = std::move(*fetched);
  }
  const RefusedRowIndex index(log, format);
  const size_t before = found_.size();
  std::erase_if(rows, [&](std::string_view row) {
    const RefusedRow* refused = index.FindExact(row);
    if (refused != nullptr) {
      found_.push_back({refused->reason, std::string(WithoutRowEnd(row, format))});
    }
    return refused != nullptr;
  });
  if (found_.size() > before) return Search(format, std::move(rows));
  if (rows.size() == 1) {
    found_.push_back({log.empty() ? outcome.message : log.front().reason,
                      std::string(WithoutRowEnd(rows.front(), format))});
    return {};
  }
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
  SL_TRY(Search(format, Rows(rows.begin(), middle)));
  return Search(format, Rows(middle, rows.end()));
}

Result<LoadOutcome> RowProbe::Probe(LoadFormat format, const Rows& rows) {
  while (true) {
    state::LoadRecord wanted;
    wanted.chunk = chunk_.number();
    wanted.kind = state::LoadKind::kTransaction;
    SL_ASSIGN(const state::LoadRecord record,
              environment_.store.AddLoad(chunk_.table().record.id, wanted));
    LoadOutcome outcome = ProbeOnce(format, rows, record);
    // Never committed: should this fail, the target's own time-out ends it.
    (void)environment_.target.Rollback(chunk_.table().database(), chunk_.table().table(),
                                       record.label);
    SL_TRY(environment_.store.RemoveLoad(record.table, record.sequence));
    if (outcome.verdict == LoadVerdict::kLoaded || outcome.verdict == LoadVerdict::kRowsRefused) {
      return outcome;
    }
    SL_TRY(patience_.WaitAfterFailure(outcome.back_off,
                                      fmt::format("looking for the refused rows of {}: {}",
                                                  chunk_.table().Name(), outcome.message),
                                      outcome.mend));
  }
}

LoadOutcome RowProbe::ProbeOnce(LoadFormat format, const Rows& rows,
                                const state::LoadRecord& record) {
  const std::string& database = chunk_.table().database();
  const std::string& table = chunk_.table().table();
  LoadOutcome outcome = environment_.target.Begin(database, table, record.label, kProbeTimeout);
  if (outcome.verdict != LoadVerdict::kLoaded) return outcome;
  const std::vector<std::string_view> pieces = JoinRows(rows);
  starrocks::LoadRequest request = chunk_.table().Request(format);
  request.label = record.label;
  request.body = pieces;
  outcome = environment_.target.LoadPart(request);
  if (outcome.verdict != LoadVerdict::kLoaded) return outcome;
  return environment_.target.Prepare(database, table, record.label);
}

}  // namespace starlift::load

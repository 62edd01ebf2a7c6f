#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/environment.h"
#include "load/open_chunk.h"
#include "load/patience.h"
#include "starrocks/load_target.h"
#include "state/records.h"

namespace starlift::load {

// Asks the target which rows it would refuse, without leaving any row there: by transactions that
// are prepared, which checks the rows, and then rolled back. For keyless tables, whose rows can't
// be loaded in halves. Used by one thread.
class RowProbe {
 public:
  RowProbe(const LoadEnvironment& environment, Patience& patience, OpenChunk& chunk)
      : environment_(environment), patience_(patience), chunk_(chunk) {}

  // The refused ones among `rows` with their reasons; no more are looked for beyond `enough`.
  Result<std::vector<starrocks::RefusedRow>> FindRefused(starrocks::LoadFormat format,
                                                         std::vector<std::string_view> rows,
                                                         uint64_t enough);

 private:
  using Rows = std::vector<std::string_view>;

  Status Search(starrocks::LoadFormat format, Rows rows);
  // The outcome of preparing these rows: kLoaded or kRowsRefused.
  Result<starrocks::LoadOutcome> Probe(starrocks::LoadFormat format, const Rows& rows);
  starrocks::LoadOutcome ProbeOnce(starrocks::LoadFormat format, const Rows& rows,
                                   const state::LoadRecord& record);

  const LoadEnvironment& environment_;
  Patience& patience_;
  OpenChunk& chunk_;
  uint64_t enough_ = 0;
  std::vector<starrocks::RefusedRow> found_;
};

}  // namespace starlift::load

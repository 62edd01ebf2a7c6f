#pragma once

#include <cstddef>
#include <string>

#include "sync/progress/progress_board.h"

namespace starlift::sync {

// The live display: one line of totals, then one for each active table, as many as fit. No line is
// wider than `columns` or ends the terminal's. Ends with a newline.
std::string RenderLive(const ProgressSnapshot& snapshot, const RateMeter::Rates& rates,
                       size_t columns, size_t lines);

// {"event":"progress",…}: docs/reference/progress-json.md. No newline.
std::string RenderProgressJson(const ProgressSnapshot& snapshot, const RateMeter::Rates& rates,
                               int64_t wall_time_ms);
// {"event":"table",…} when a table is done.
std::string RenderTableJson(const TableProgress& table, int64_t wall_time_ms);

// The closing table for people, and the same as JSON: {"event":"summary",…}.
std::string RenderSummary(const ProgressSnapshot& snapshot);
std::string RenderSummaryJson(const ProgressSnapshot& snapshot, const std::string& task,
                              const std::string& result, int64_t wall_time_ms);

}  // namespace starlift::sync

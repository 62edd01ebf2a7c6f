#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sync/simulation/scenario.h"

namespace starlift::sync {

// Says whether a run of the scenario fails.
using Fails = std::function<bool(const Scenario&)>;

// The shortest scenario that could be found that still fails: actions are left out in ever smaller
// groups, pauses and options made smaller, until nothing more can go or `most_runs` are spent. The
// scenario given must fail.
Scenario Shrink(Scenario scenario, const Fails& fails, uint64_t most_runs = 5'000);

// What remains of a failure's text without names and numbers: two failures of one shape are taken
// for the same.
std::string ShapeOf(std::string_view failure);

}  // namespace starlift::sync

#pragma once

#include <string_view>

#include "starrocks/load_outcome.h"

namespace starlift::starrocks {

// Which call an answer belongs to: the same words mean different things to different calls.
enum class LoadCall { kStreamLoad, kBegin, kLoadPart, kPrepare, kCommit, kRollback };

// Sets verdict, back-off and mend from status, existing_job_status, message and http_status. The
// rules are a table in load_classification.cpp.
void ClassifyAnswer(LoadCall call, LoadOutcome& outcome);

}  // namespace starlift::starrocks

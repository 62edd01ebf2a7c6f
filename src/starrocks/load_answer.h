#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "starrocks/load_classification.h"
#include "starrocks/load_outcome.h"
#include "starrocks/load_target.h"
#include "wire/http/client.h"

// The JSON (or lack of it) that frontends and backends answer with. The two differ in shape: a load
// action says "Status" and "Message", a REST action "status" and "msg".
namespace starlift::starrocks {

// Reads and classifies. An answer that isn't JSON is in doubt.
LoadOutcome ParseLoadAnswer(LoadCall call, const wire::http::ClientResponse& response);

Result<LabelState> ParseLabelState(const wire::http::ClientResponse& response);

Status ParseCancelAnswer(const wire::http::ClientResponse& response);

// Lines "Error: <reason>. Row: <row>".
std::vector<RefusedRow> ParseErrorLog(std::string_view text);

}  // namespace starlift::starrocks

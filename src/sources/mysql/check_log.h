#pragma once

#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

// Appends what keeps the binary log from being a complete change stream: settings, retention,
// filters, privileges. Only questions that any user may ask; refusals become findings themselves.
Status CheckLog(SourceSession& session, std::vector<Finding>& findings);

}  // namespace starlift::mysql

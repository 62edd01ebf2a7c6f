#pragma once

#include <string_view>

#include "base/result.h"
#include "starrocks/target_config.h"
#include "wire/http/client.h"

namespace starlift::starrocks {

// Small requests that change nothing, for checks.

// GET without a login, one hop.
Result<wire::http::ClientResponse> ProbeGet(const TargetConfig& config, const Endpoint& endpoint,
                                            std::string_view target);

// Where the frontend would send a load: the answer to the headers of a load into a table that
// nobody has. The body is never sent. Status 307 and its Location, or a refusal.
Result<wire::http::ClientResponse> ProbeRedirect(const TargetConfig& config,
                                                 const Endpoint& endpoint);

// The endpoint that `host_mapping` puts in the place of one that a frontend named.
Endpoint MapEndpoint(const TargetConfig& config, const Endpoint& endpoint);

}  // namespace starlift::starrocks

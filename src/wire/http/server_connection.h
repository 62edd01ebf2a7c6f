#pragma once

#include <atomic>

#include "wire/http/server.h"
#include "wire/socket.h"

namespace starlift::wire::http {

// Serves the requests of one connection, one after another, until either side closes it. Runs on
// the connection's thread; `stopping` ends it after the request at hand, `busy` says that one is
// at hand.
void ServeConnection(Socket& socket, const ServerOptions& options, const Handler& handler,
                     const std::atomic<bool>& stopping, std::atomic<bool>& busy);

}  // namespace starlift::wire::http

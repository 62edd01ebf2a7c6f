#pragma once

#include <memory>

#include "base/result.h"
#include "sources/hive/options.h"

namespace apache::thrift::transport {
class TTransport;
}

namespace starlift::hive {

// A logged-in line to HiveServer2 for the thrift library, over our own sockets and HTTP client:
// plain, SASL (PLAIN or GSSAPI, then frames of a length and a payload), or one POST per call. Its
// reads and writes throw TTransportException, as the library wants it.
Result<std::shared_ptr<apache::thrift::transport::TTransport>> OpenTransport(
    const ConnectOptions& options);

}  // namespace starlift::hive

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "starrocks/load_target.h"

namespace starlift::starrocks {

// The value of the header `compression`.
std::string_view CompressionHeader(Compression compression);

// Holds a body in its compressed form for as long as it is being sent. One use, one thread.
class CompressedBody {
 public:
  // The body to send: the request's own if it isn't to be compressed.
  Result<std::span<const std::string_view>> Compress(const LoadRequest& request);

 private:
  std::string bytes_;
  std::string_view view_;
};

}  // namespace starlift::starrocks

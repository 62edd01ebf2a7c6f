#pragma once

#include <cstdint>
#include <string>

namespace starlift::state {

// What the last verification of a target table said. Plain data.
struct VerificationRecord {
  std::string target;   // "`shop`.`orders`"
  int64_t unix_ms = 0;  // when it ended
  std::string method;   // "checksums", "rows" or "counts"
  uint64_t source_rows = 0;
  uint64_t target_rows = 0;
  uint64_t differing = 0;  // rows that are missing, different or too many
  uint64_t unsettled = 0;  // keys that never stood still
  bool equal = false;      // false, too, if the target has no such table

  bool operator==(const VerificationRecord&) const = default;
};

}  // namespace starlift::state

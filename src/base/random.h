#pragma once

#include <cstdint>

namespace starlift {

// Randomness as the engine sees it, so that a simulation can be run again from its seed. For labels
// and back-off, not for secrets. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual uint64_t Next() = 0;
};

// Seeded by the operating system.
Random& SystemRandom();

}  // namespace starlift

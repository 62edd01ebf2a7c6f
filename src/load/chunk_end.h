#pragma once

#include <functional>

#include "base/result.h"

namespace starlift::load {

enum class ChunkEnd {
  kDone,  // every row is durable at the target or in the dead letters, and the state says so
  // A keyless table's load ended without effect (its answer was lost, a value needs JSON, or a row
  // was refused): open the chunk again and read it from the start.
  kReadAgain,
};
using ChunkDone = std::function<void(Result<ChunkEnd>)>;

}  // namespace starlift::load

#include "sources/source.h"

namespace starlift {

Result<ConsistentSnapshot> Source::OpenConsistentSnapshot(const Cancellation&) {
  return Error{ErrorKind::kRefused,
               "this source has no reads that all see the same moment of its log", "", ""};
}

}  // namespace starlift

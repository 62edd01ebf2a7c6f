#include "data/row_batch.h"

#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace starlift {
namespace {

constexpr size_t kHugePageBytes = size_t{2} << 20;

}  // namespace

void FreeArenaBytes::operator()(char* bytes) const { std::free(bytes); }

ArenaBytes AllocateArenaBytes(size_t size) {
  char* bytes = nullptr;
  if (size >= kHugePageBytes && size % kHugePageBytes == 0) {
    bytes = static_cast<char*>(std::aligned_alloc(kHugePageBytes, size));
    // Advice only: where the kernel has no huge pages, ordinary ones do.
    if (bytes != nullptr) madvise(bytes, size, MADV_HUGEPAGE);
  } else {
    bytes = static_cast<char*>(std::malloc(size));
  }
  if (bytes == nullptr) throw std::bad_alloc();
  return ArenaBytes(bytes);
}

}  // namespace starlift

#include "sync/verify/range_walk.h"

#include "base/hash.h"

namespace starlift::sync {

Result<std::optional<Chunk>> RangeWalk::Next() {
  std::lock_guard lock(mutex_);
  while (!ended_) {
    SL_ASSIGN(last_, RetryUnreachable(retry_, "source", [&] {
                return cutter_.NextRange(last_ ? &*last_ : nullptr);
              }));
    ended_ = !last_;
    if (ended_) break;
    ++count_.ranges;
    if (IsSampled(*last_)) return last_;
    ++count_.skipped;
  }
  return std::optional<Chunk>();
}

void RangeWalk::Stop() {
  std::lock_guard lock(mutex_);
  ended_ = true;
}

RangeWalk::Count RangeWalk::count() const {
  std::lock_guard lock(mutex_);
  return count_;
}

bool RangeWalk::IsSampled(const Chunk& range) const {
  if (!range.lower && !range.upper) return true;
  constexpr uint64_t kParts = 1'000'000;
  const uint64_t place =
      HashBytes({reinterpret_cast<const char*>(&range.number), sizeof range.number}) % kParts;
  return static_cast<double>(place) < share_ * static_cast<double>(kParts);
}

}  // namespace starlift::sync

#include "sync/verify/digest_comparison.h"

#include <algorithm>

namespace starlift::sync {
namespace {

// The rows of the key that `at` begins with.
std::vector<uint64_t> TakeRows(const std::vector<RowDigest>& digests, size_t& at, uint64_t key) {
  std::vector<uint64_t> rows;
  for (; at < digests.size() && digests[at].key == key; ++at) rows.push_back(digests[at].row);
  return rows;
}

}  // namespace

bool SameRows(const RowShape& shape, std::vector<uint64_t> source, std::vector<uint64_t> target) {
  if (!shape.keyless && shape.shared && source.size() > 1 && target.size() == 1) {
    return std::find(source.begin(), source.end(), target.front()) != source.end();
  }
  std::sort(source.begin(), source.end());
  std::sort(target.begin(), target.end());
  return source == target;
}

std::vector<uint64_t> FindDifferingKeys(const RowShape& shape, std::vector<RowDigest>& source,
                                        std::vector<RowDigest>& target) {
  std::sort(source.begin(), source.end());
  std::sort(target.begin(), target.end());
  std::vector<uint64_t> differing;
  size_t s = 0, t = 0;
  while (s < source.size() || t < target.size()) {
    // Nearly all rows are alone with their key, and equal.
    if (s < source.size() && t < target.size() && source[s] == target[t]) {
      const uint64_t key = source[s].key;
      const bool alone = (s + 1 == source.size() || source[s + 1].key != key) &&
                         (t + 1 == target.size() || target[t + 1].key != key);
      if (alone) {
        ++s;
        ++t;
        continue;
      }
    }
    const uint64_t key = t == target.size()   ? source[s].key
                         : s == source.size() ? target[t].key
                                              : std::min(source[s].key, target[t].key);
    std::vector<uint64_t> ours = TakeRows(source, s, key);
    std::vector<uint64_t> theirs = TakeRows(target, t, key);
    if (!SameRows(shape, std::move(ours), std::move(theirs))) differing.push_back(key);
  }
  return differing;
}

std::vector<size_t> BucketSums::DifferingBuckets(const BucketSums& other) const {
  std::vector<size_t> differing;
  for (size_t i = 0; i < kBuckets; ++i) {
    if (!(buckets_[i] == other.buckets_[i])) differing.push_back(i);
  }
  return differing;
}

}  // namespace starlift::sync

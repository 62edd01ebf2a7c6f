#pragma once

#include <cstdint>
#include <vector>

#include "sync/verify/row_shape.h"

namespace starlift::sync {

// The keys, by their digest, whose rows are not the same on both sides. Sorts its arguments. Of a
// key that several source tables have, any of their rows is right at the target.
std::vector<uint64_t> FindDifferingKeys(const RowShape& shape, std::vector<RowDigest>& source,
                                        std::vector<RowDigest>& target);

// Whether the rows of one key are the same.
bool SameRows(const RowShape& shape, std::vector<uint64_t> source, std::vector<uint64_t> target);

// Sums of digests by a part of the key's digest: says in little memory where sides of any size
// differ. Plain data.
class BucketSums {
 public:
  static constexpr size_t kBuckets = 4096;
  static size_t BucketOf(const RowDigest& digest) { return digest.key >> 52; }

  BucketSums() : buckets_(kBuckets) {}
  void Add(const RowDigest& digest) {
    Bucket& bucket = buckets_[BucketOf(digest)];
    ++bucket.rows;
    bucket.keys += digest.key;
    bucket.contents += digest.row;
  }
  uint64_t rows(size_t bucket) const { return buckets_[bucket].rows; }
  std::vector<size_t> DifferingBuckets(const BucketSums& other) const;

 private:
  struct Bucket {
    uint64_t rows = 0, keys = 0, contents = 0;
    bool operator==(const Bucket&) const = default;
  };
  std::vector<Bucket> buckets_;
};

}  // namespace starlift::sync

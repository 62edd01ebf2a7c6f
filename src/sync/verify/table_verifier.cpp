#include "sync/verify/table_verifier.h"

#include <algorithm>
#include <future>
#include <iterator>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"
#include "sync/verify/digest_comparison.h"

namespace starlift::sync {
namespace {

// Keys that are judged together: their rows are in memory at once.
constexpr size_t kKeysAtOnce = 100;
// A table without a primary key is read as a whole for each group of keys.
constexpr size_t kKeylessKeysAtOnce = 5'000;
// How often the rows of a key may change between two looks before we give up on it.
constexpr int kLooks = 6;

// Both sides at the same time; the first error of either.
template <typename Source, typename Target>
Status OnBothSides(const Source& source, const Target& target) {
  auto other = std::async(std::launch::async, target);
  Status ours = source();
  Status theirs = other.get();
  if (!ours.ok()) return ours;
  return theirs;
}

size_t BytesOf(const std::vector<std::vector<StoredValue>>& rows) {
  size_t bytes = 0;
  for (const auto& row : rows) {
    for (const StoredValue& value : row) bytes += sizeof value + (value ? value->size() : 0);
  }
  return bytes;
}

}  // namespace

// Reads one side and keeps digests of it.
class TableVerifier::Pass {
 public:
  explicit Pass(const RowShape& shape) : digester_(shape) {}

  RowVisitor Visitor() {
    return {[this](starrocks::StoredValues values) -> Status {
              Take(digester_.Digest(values));
              return {};
            },
            [this](const std::string& why) -> Status {
              ++refused;
              if (refusals.size() < kRefusalsShown) refusals.push_back(why);
              return {};
            }};
  }

  // Digests beyond this are only summed up.
  uint64_t most_digests = 0;
  // Only these buckets count; empty: all.
  std::vector<bool> buckets;

  uint64_t rows = 0;
  uint64_t refused = 0;
  std::vector<std::string> refusals;
  BucketSums sums;
  std::vector<RowDigest> digests;
  bool complete = true;

 private:
  void Take(const RowDigest& digest) {
    ++rows;
    if (!buckets.empty() && !buckets[BucketSums::BucketOf(digest)]) return;
    sums.Add(digest);
    if (digests.size() < most_digests) {
      digests.push_back(digest);
    } else {
      complete = false;
    }
  }

  RowDigester digester_;
};

TableVerifier::TableVerifier(const RowShape& shape, SharedVerification& shared, RowSide& source,
                             RowSide& target, const VerifierOptions& options,
                             const RetryPolicy& retry)
    : shape_(shape),
      shared_(shared),
      source_(source),
      target_(target),
      options_(options),
      retry_(retry) {}

Result<TableResult> TableVerifier::VerifyRows() {
  TableResult result;
  while (true) {
    SL_ASSIGN(const std::optional<Chunk> range, shared_.walk.Next());
    if (!range) return result;
    bool is_equal = false;
    if (options_.checksums) {
      SL_ASSIGN(is_equal, HasEqualSums(*range, result));
    }
    if (!is_equal) SL_TRY(ReadRange(*range, result));
  }
}

Result<TableResult> TableVerifier::VerifyCounts() {
  TableResult result;
  SL_TRY(RetryUnreachable(retry_, "verification", [&] {
    return OnBothSides(
        [&]() -> Status {
          SL_ASSIGN(result.source_rows, source_.CountRows());
          return {};
        },
        [&]() -> Status {
          SL_ASSIGN(result.target_rows, target_.CountRows());
          return {};
        });
  }));
  return result;
}

// False also where a database can't say.
Result<bool> TableVerifier::HasEqualSums(const Chunk& range, TableResult& result) {
  std::optional<RowChecksum> ours, theirs;
  SL_TRY(RetryUnreachable(retry_, "verification", [&] {
    return OnBothSides(
        [&]() -> Status {
          SL_ASSIGN(ours, source_.Checksum(range));
          return {};
        },
        [&]() -> Status {
          SL_ASSIGN(theirs, target_.Checksum(range));
          return {};
        });
  }));
  if (!ours || !theirs || *ours != *theirs) return false;
  result.source_rows += ours->rows;
  result.target_rows += theirs->rows;
  return true;
}

Status TableVerifier::ReadRange(const Chunk& range, TableResult& result) {
  ++result.ranges_read;
  // A range counts once, however often it was begun.
  const TableResult before = result;
  return RetryUnreachable(retry_, "verification", [&]() -> Status {
    result = before;
    SL_ASSIGN(std::vector<uint64_t> candidates, FindCandidates(range, result));
    if (candidates.empty()) return {};
    return JudgeCandidates(range, std::move(candidates), result);
  });
}

// Keys whose digests differ at a first look, in memory that doesn't grow with the table.
Result<std::vector<uint64_t>> TableVerifier::FindCandidates(const Chunk& range,
                                                            TableResult& result) {
  const auto read = [&](Pass& ours, Pass& theirs) {
    return OnBothSides([&] { return source_.ReadRange(range, ours.Visitor()); },
                       [&] { return target_.ReadRange(range, theirs.Visitor()); });
  };
  Pass ours(shape_), theirs(shape_);
  ours.most_digests = theirs.most_digests = options_.rows_at_once;
  SL_TRY(read(ours, theirs));
  result.source_rows += ours.rows + ours.refused;
  result.target_rows += theirs.rows;
  result.refused += ours.refused;
  for (std::string& why : ours.refusals) {
    if (result.refusals.size() < kRefusalsShown) result.refusals.push_back(std::move(why));
  }
  if (ours.complete && theirs.complete) {
    return FindDifferingKeys(shape_, ours.digests, theirs.digests);
  }
  // Too many to be held: only what lies in buckets that differ is read again, as much at a time as
  // fits.
  std::vector<uint64_t> candidates;
  const std::vector<size_t> differing = ours.sums.DifferingBuckets(theirs.sums);
  for (size_t next = 0; next < differing.size();) {
    std::vector<bool> buckets(BucketSums::kBuckets, false);
    uint64_t rows = 0;
    do {
      const size_t bucket = differing[next++];
      buckets[bucket] = true;
      rows += std::max(ours.sums.rows(bucket), theirs.sums.rows(bucket));
    } while (next < differing.size() && rows < options_.rows_at_once);
    Pass our_part(shape_), their_part(shape_);
    // Rows that came since the sums were made have room; what is beyond is found the next time.
    our_part.most_digests = their_part.most_digests = 2 * rows + options_.rows_at_once;
    our_part.buckets = their_part.buckets = std::move(buckets);
    SL_TRY(read(our_part, their_part));
    const std::vector<uint64_t> found =
        FindDifferingKeys(shape_, our_part.digests, their_part.digests);
    candidates.insert(candidates.end(), found.begin(), found.end());
  }
  return candidates;
}

// Reads the candidates' keys themselves, and judges them in groups.
Status TableVerifier::JudgeCandidates(const Chunk& range, std::vector<uint64_t> candidates,
                                      TableResult& result) {
  const size_t group = shape_.keyless ? kKeylessKeysAtOnce : kKeysAtOnce;
  // Keys beyond those that can be kept are counted as they looked at first.
  const size_t judged = std::min<size_t>(candidates.size(), options_.kept_differences);
  const std::unordered_set<uint64_t> wanted(candidates.begin(),
                                            candidates.begin() + static_cast<long>(judged));
  std::unordered_map<uint64_t, RowKey> keys;
  std::mutex mutex;
  const auto collect = [&](RowDigester& digester) {
    return RowVisitor{[&](starrocks::StoredValues values) -> Status {
                        const RowDigest digest = digester.Digest(values);
                        if (!wanted.contains(digest.key)) return {};
                        RowKey key;
                        for (const size_t i : shape_.key) key.emplace_back(values[i]);
                        std::lock_guard lock(mutex);
                        keys.emplace(digest.key, std::move(key));
                        return {};
                      },
                      [](const std::string&) -> Status { return {}; }};
  };
  RowDigester ours(shape_), theirs(shape_);
  SL_TRY(OnBothSides([&] { return source_.ReadRange(range, collect(ours)); },
                     [&] { return target_.ReadRange(range, collect(theirs)); }));
  std::vector<RowKey> some;
  for (auto& [digest, key] : keys) {
    some.push_back(std::move(key));
    if (some.size() < group) continue;
    SL_TRY(JudgeKeys(range, std::move(some), result));
    some.clear();
  }
  if (!some.empty()) SL_TRY(JudgeKeys(range, std::move(some), result));
  if (judged < candidates.size()) {
    result.different += candidates.size() - judged;
    result.differences_complete = false;
  }
  return {};
}

// Looks at the source, lets the target catch up with that, looks at the target, and at the source
// again: a key whose rows stood still at the source meanwhile must be the same at the target.
Status TableVerifier::JudgeKeys(const Chunk& range, std::vector<RowKey> keys, TableResult& result) {
  const bool streaming = static_cast<bool>(options_.wait_until_applied);
  RowDigester digester(shape_);
  for (int look = 1; !keys.empty(); ++look) {
    SL_ASSIGN(Look before, LookAt(source_, range, keys));
    if (streaming) SL_TRY(options_.wait_until_applied());
    SL_ASSIGN(Look there, LookAt(target_, range, keys));
    Look after;
    if (streaming) {
      SL_ASSIGN(after, LookAt(source_, range, keys));
    }
    const bool some_refused = !shape_.keyless && before.refused + after.refused > 0;
    if (some_refused && keys.size() > 1) {  // whose row it is shows only one by one
      for (RowKey& key : keys) SL_TRY(JudgeKeys(range, {std::move(key)}, result));
      return {};
    }
    if (some_refused) return {};  // counted as refused already
    std::vector<RowKey> moving;
    for (RowKey& key : keys) {
      const uint64_t digest = digester.DigestKey(key);
      Image& ours = before.images[digest];
      Image& theirs = there.images[digest];
      if (SameRows(shape_, ours.digests, theirs.digests)) continue;
      if (streaming) {
        const Image& now = after.images[digest];
        if (SameRows(shape_, now.digests, theirs.digests)) continue;
        // Once more at least: what is durable may take a moment to be visible.
        if (look == 1 || ours.digests != now.digests) {
          moving.push_back(std::move(key));
          continue;
        }
      }
      Report(std::move(key), std::move(ours), std::move(theirs), result);
    }
    if (look == kLooks) {
      result.unsettled += moving.size();
      return {};
    }
    keys = std::move(moving);
  }
  return {};
}

Result<TableVerifier::Look> TableVerifier::LookAt(RowSide& side, const Chunk& range,
                                                  const std::vector<RowKey>& keys) {
  Look look;
  RowDigester digester(shape_);
  for (const RowKey& key : keys) look.images.try_emplace(digester.DigestKey(key));
  SL_TRY(side.ReadKeys(range, keys,
                       {[&](starrocks::StoredValues values) -> Status {
                          const RowDigest digest = digester.Digest(values);
                          const auto image = look.images.find(digest.key);
                          if (image == look.images.end()) return {};
                          image->second.digests.push_back(digest.row);
                          image->second.rows.emplace_back(values.begin(), values.end());
                          return {};
                        },
                        [&](const std::string&) -> Status {
                          ++look.refused;
                          return {};
                        }}));
  for (auto& [digest, image] : look.images) {
    if (image.digests.size() < 2) continue;
    std::vector<uint64_t> sorted = image.digests;
    std::sort(sorted.begin(), sorted.end());
    image.digests = std::move(sorted);
  }
  return look;
}

void TableVerifier::Report(RowKey key, Image source, Image target, TableResult& result) {
  // Of the rows of a key that both sides have, nothing is to be said.
  std::vector<uint64_t> only_source, only_target;
  std::set_difference(source.digests.begin(), source.digests.end(), target.digests.begin(),
                      target.digests.end(), std::back_inserter(only_source));
  std::set_difference(target.digests.begin(), target.digests.end(), source.digests.begin(),
                      source.digests.end(), std::back_inserter(only_target));
  const uint64_t different =
      shape_.shared && !shape_.keyless && !target.digests.empty() && !source.digests.empty()
          ? only_target.size()
          : std::min(only_source.size(), only_target.size());
  const bool any_source_will_do = shape_.shared && !shape_.keyless && different > 0;
  result.different += different;
  result.missing += any_source_will_do ? 0 : only_source.size() - different;
  result.extra += only_target.size() - different;
  const size_t bytes = BytesOf(source.rows) + BytesOf(target.rows);
  if (shared_.kept_differences.fetch_add(1) >= options_.kept_differences ||
      shared_.kept_bytes.fetch_add(bytes) + bytes > options_.kept_bytes) {
    result.differences_complete = false;
    return;
  }
  RowDifference difference;
  difference.kind = only_target.empty()   ? DifferenceKind::kMissing
                    : only_source.empty() ? DifferenceKind::kExtra
                                          : DifferenceKind::kDifferent;
  difference.key = std::move(key);
  difference.source = std::move(source.rows);
  difference.target = std::move(target.rows);
  result.differences.push_back(std::move(difference));
}

}  // namespace starlift::sync

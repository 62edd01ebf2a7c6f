#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace starlift::smt {

// How large a table is and how fast it grows: what buckets and partitions are reckoned by.
struct TableSize {
  uint64_t bytes = 0;
  std::chrono::sys_seconds created;

  // Of each day since it was made, the begun one included.
  uint64_t BytesPerDay(std::chrono::sys_seconds now) const;
};

// A table of this size is partitioned unasked if it has no key.
inline constexpr uint64_t kPartitionFromBytes = uint64_t{100} << 30;

// One per GiB of a partition, in multiples of the backends once it is one per backend.
uint32_t BucketsFor(const TableSize& size, uint32_t be_num, std::chrono::sys_seconds now);

// DAY, MONTH or YEAR.
std::string_view PartitionUnit(const TableSize& size, std::chrono::sys_seconds now);

// START ("2021-03-01") END ("2026-12-01") EVERY (INTERVAL 1 month), from the table's making to the
// end of the current unit.
std::string PartitionRanges(const TableSize& size, std::string_view unit,
                            std::chrono::sys_seconds now);

}  // namespace starlift::smt

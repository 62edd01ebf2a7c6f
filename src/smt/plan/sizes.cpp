#include "smt/plan/sizes.h"

#include <algorithm>

#include <fmt/format.h>

namespace starlift::smt {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::January;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;
using std::chrono::years;

constexpr uint64_t kGiB = uint64_t{1} << 30;

year_month_day UnitStart(sys_seconds moment, std::string_view unit) {
  const year_month_day date{floor<days>(moment)};
  if (unit == "DAY") return date;
  if (unit == "MONTH") return {date.year(), date.month(), day{1}};
  return {date.year(), January, day{1}};
}

year_month_day NextUnit(year_month_day start, std::string_view unit) {
  if (unit == "DAY") return sys_days{start} + days{1};
  if (unit == "MONTH") return start + months{1};
  return start + years{1};
}

std::string Text(year_month_day date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

uint64_t CeilDivide(uint64_t dividend, uint64_t divisor) {
  return (dividend + divisor - 1) / divisor;
}

}  // namespace

uint64_t TableSize::BytesPerDay(sys_seconds now) const {
  const int64_t age = std::max<int64_t>((now - created).count(), 1);
  constexpr int64_t kDay = 86400;
  return bytes / static_cast<uint64_t>((age + kDay - 1) / kDay);
}

uint32_t BucketsFor(const TableSize& size, uint32_t be_num, sys_seconds now) {
  const uint64_t per_day = size.BytesPerDay(now);
  const uint64_t backends = std::max<uint32_t>(be_num, 1);
  const uint64_t units = per_day > 10 * kGiB ? 1 : per_day > kGiB ? 30 : 365;
  const uint64_t partition = per_day * units;
  if (partition < kGiB) return 1;
  const uint64_t buckets = CeilDivide(partition, kGiB);
  if (partition < backends * kGiB) return static_cast<uint32_t>(buckets);
  return static_cast<uint32_t>(CeilDivide(buckets, backends) * backends);
}

std::string_view PartitionUnit(const TableSize& size, sys_seconds now) {
  const uint64_t per_day = size.BytesPerDay(now);
  return per_day > 10 * kGiB ? "DAY" : per_day > kGiB ? "MONTH" : "YEAR";
}

std::string PartitionRanges(const TableSize& size, std::string_view unit, sys_seconds now) {
  const std::string_view interval = unit == "DAY" ? "day" : unit == "MONTH" ? "month" : "year";
  return fmt::format("START (\"{}\") END (\"{}\") EVERY (INTERVAL 1 {})",
                     Text(UnitStart(std::min(size.created, now), unit)),
                     Text(NextUnit(UnitStart(now, unit), unit)), interval);
}

}  // namespace starlift::smt

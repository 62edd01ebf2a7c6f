#include "sources/mysql/binlog/temporal_text.h"

#include <charconv>

#include "sources/mysql/binlog/byte_reader.h"

namespace starlift::mysql {
namespace {

constexpr uint64_t kSecondsPerDay = 86400;
constexpr uint64_t kMicroseconds = 1'000'000;
constexpr uint64_t kPowers[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000};

struct Moment {
  uint64_t year = 0;
  uint64_t month = 0;
  uint64_t day = 0;
  uint64_t hour = 0;
  uint64_t minute = 0;
  uint64_t second = 0;
  uint64_t microsecond = 0;
};

char* Write2(uint64_t value, char* out) {
  out[0] = static_cast<char>('0' + value / 10 % 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

char* Write4(uint64_t value, char* out) { return Write2(value % 100, Write2(value / 100, out)); }

char* WriteFraction(uint64_t microsecond, int scale, char* out) {
  if (scale == 0) return out;
  *out++ = '.';
  uint64_t value = microsecond / kPowers[6 - scale];
  for (int i = scale; i-- > 0;) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + scale;
}

char* WriteYmd(const Moment& moment, char* out) {
  out = Write4(moment.year, out);
  *out++ = '-';
  out = Write2(moment.month, out);
  *out++ = '-';
  return Write2(moment.day, out);
}

char* WriteMinutes(const Moment& moment, int scale, char* out) {
  *out++ = ':';
  out = Write2(moment.minute, out);
  *out++ = ':';
  return WriteFraction(moment.microsecond, scale, Write2(moment.second, out));
}

char* WriteMoment(const Moment& moment, int scale, char* out) {
  out = WriteYmd(moment, out);
  *out++ = ' ';
  return WriteMinutes(moment, scale, Write2(moment.hour, out));
}

char* WriteDuration(const Moment& moment, bool negative, int scale, char* out) {
  if (negative) *out++ = '-';
  if (moment.hour < 100) {
    out = Write2(moment.hour, out);
  } else {
    out = std::to_chars(out, out + 8, moment.hour).ptr;
  }
  return WriteMinutes(moment, scale, out);
}

// Days since 1970 to the Gregorian date (H. Hinnant, "chrono-Compatible Low-Level Date
// Algorithms").
Moment FromUnixSeconds(uint64_t seconds) {
  const uint64_t days = seconds / kSecondsPerDay + 719468;
  const uint64_t era = days / 146097;
  const uint64_t day_of_era = days % 146097;
  const uint64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const uint64_t shifted_month = (5 * day_of_year + 2) / 153;
  Moment moment;
  moment.day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  moment.month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  moment.year = year_of_era + era * 400 + (moment.month <= 2 ? 1 : 0);
  const uint64_t in_day = seconds % kSecondsPerDay;
  moment.hour = in_day / 3600;
  moment.minute = in_day / 60 % 60;
  moment.second = in_day % 60;
  return moment;
}

// Zero stands for the zero date.
char* WriteUnix(uint64_t seconds, uint64_t microsecond, int scale, char* out) {
  Moment moment;
  if (seconds != 0 || microsecond != 0) moment = FromUnixSeconds(seconds);
  moment.microsecond = microsecond;
  return WriteMoment(moment, scale, out);
}

// The fraction as stored, in units of two, four or six digits.
uint64_t FractionAsMicroseconds(const char* bytes, int scale) {
  const size_t count = FractionBytes(scale);
  return count == 0 ? 0 : BigEndian(bytes, count) * kPowers[6 - 2 * count];
}

void SplitDate(uint64_t year_month_day, Moment& moment) {
  moment.day = year_month_day % 32;
  moment.month = (year_month_day >> 5) % 13;
  moment.year = (year_month_day >> 5) / 13;
}

void SplitTime(uint64_t hour_minute_second, Moment& moment) {
  moment.second = hour_minute_second % 64;
  moment.minute = (hour_minute_second >> 6) % 64;
  moment.hour = hour_minute_second >> 12;
}

// MariaDB's pack_time(), without the fraction's unit.
Moment UnpackMariadb(uint64_t packed) {
  Moment moment;
  moment.microsecond = packed % kMicroseconds;
  packed /= kMicroseconds;
  moment.second = packed % 60;
  moment.minute = packed / 60 % 60;
  moment.hour = packed / 3600 % 24;
  packed /= kSecondsPerDay;
  moment.day = packed % 32;
  moment.month = packed / 32 % 13;
  moment.year = packed / 32 / 13;
  return moment;
}

}  // namespace

size_t FractionBytes(int scale) { return static_cast<size_t>(scale + 1) / 2; }

char* WriteDate(const char* bytes, char* out) {
  const uint64_t value = LittleEndian(bytes, 3);
  return WriteYmd({.year = value >> 9, .month = value >> 5 & 15, .day = value & 31}, out);
}

char* WriteTimestamp2(const char* bytes, int scale, char* out) {
  return WriteUnix(BigEndian(bytes, 4), FractionAsMicroseconds(bytes + 4, scale), scale, out);
}

char* WriteDateTime2(const char* bytes, int scale, char* out) {
  const uint64_t packed = BigEndian(bytes, 5) & 0x7FFFFFFFFF;  // the sign's bit is always set
  Moment moment;
  SplitDate(packed >> 17, moment);
  SplitTime(packed & 0x1FFFF, moment);
  moment.microsecond = FractionAsMicroseconds(bytes + 5, scale);
  return WriteMoment(moment, scale, out);
}

// Whole seconds and fraction as one number, offset so that it sorts by its bytes.
char* WriteTime2(const char* bytes, int scale, char* out) {
  const size_t fraction_bytes = FractionBytes(scale);
  const size_t all = 3 + fraction_bytes;
  const auto offset = int64_t{1} << (8 * all - 1);
  const int64_t packed = static_cast<int64_t>(BigEndian(bytes, all)) - offset;
  const bool negative = packed < 0;
  const auto size = static_cast<uint64_t>(negative ? -packed : packed);
  Moment moment;
  SplitTime(size >> (8 * fraction_bytes) & 0x3FFFFF, moment);
  const uint64_t fraction = size & ((uint64_t{1} << (8 * fraction_bytes)) - 1);
  if (scale > 0) moment.microsecond = fraction * kPowers[6 - 2 * fraction_bytes];
  return WriteDuration(moment, negative, scale, out);
}

char* WriteOldTimestamp(const char* bytes, char* out) {
  return WriteUnix(LittleEndian(bytes, 4), 0, 0, out);
}

char* WriteOldDateTime(const char* bytes, char* out) {
  const uint64_t digits = LittleEndian(bytes, 8);  // YYYYMMDDHHMMSS
  const uint64_t date = digits / kMicroseconds;
  return WriteMoment({.year = date / 10'000 % 10'000,
                      .month = date / 100 % 100,
                      .day = date % 100,
                      .hour = digits / 10'000 % 100,
                      .minute = digits / 100 % 100,
                      .second = digits % 100},
                     0, out);
}

char* WriteOldTime(const char* bytes, char* out) {
  auto digits = static_cast<int64_t>(LittleEndian(bytes, 3));  // HHHMMSS
  if (digits >= 0x800000) digits -= 0x1000000;
  const auto size = static_cast<uint64_t>(digits < 0 ? -digits : digits);
  return WriteDuration({.hour = size / 10'000, .minute = size / 100 % 100, .second = size % 100},
                       digits < 0, 0, out);
}

size_t HighResolutionTimestampBytes(int scale) { return 4 + FractionBytes(scale); }
size_t HighResolutionDateTimeBytes(int scale) {
  constexpr size_t kBytes[] = {5, 6, 6, 7, 7, 7, 8};
  return kBytes[scale];
}
size_t HighResolutionTimeBytes(int scale) {
  constexpr size_t kBytes[] = {3, 4, 4, 5, 5, 5, 6};
  return kBytes[scale];
}

// The fraction is stored in units of its own last digit here.
char* WriteHighResolutionTimestamp(const char* bytes, int scale, char* out) {
  const uint64_t fraction = BigEndian(bytes + 4, FractionBytes(scale));
  return WriteUnix(BigEndian(bytes, 4), fraction * kPowers[6 - scale], scale, out);
}

char* WriteHighResolutionDateTime(const char* bytes, int scale, char* out) {
  const uint64_t packed = BigEndian(bytes, HighResolutionDateTimeBytes(scale));
  return WriteMoment(UnpackMariadb(packed * kPowers[6 - scale]), scale, out);
}

char* WriteHighResolutionTime(const char* bytes, int scale, char* out) {
  constexpr int64_t kLongestSeconds = 838 * 3600 + 59 * 60 + 59;
  const auto unit = static_cast<int64_t>(kPowers[6 - scale]);
  const int64_t zero = (kLongestSeconds + 1) * static_cast<int64_t>(kMicroseconds) / unit;
  const auto stored = static_cast<int64_t>(BigEndian(bytes, HighResolutionTimeBytes(scale)));
  const int64_t packed = (stored - zero) * unit;
  const auto size = static_cast<uint64_t>(packed < 0 ? -packed : packed);
  const uint64_t seconds = size / kMicroseconds;
  return WriteDuration({.hour = seconds / 3600,
                        .minute = seconds / 60 % 60,
                        .second = seconds % 60,
                        .microsecond = size % kMicroseconds},
                       packed < 0, scale, out);
}

char* WritePackedDateTime(int64_t packed, bool date_only, char* out) {
  const auto size = static_cast<uint64_t>(packed < 0 ? -packed : packed);
  Moment moment;
  SplitDate(size >> 41, moment);
  SplitTime(size >> 24 & 0x1FFFF, moment);
  moment.microsecond = size & 0xFFFFFF;
  return date_only ? WriteYmd(moment, out) : WriteMoment(moment, 6, out);
}

char* WritePackedTime(int64_t packed, char* out) {
  const auto size = static_cast<uint64_t>(packed < 0 ? -packed : packed);
  Moment moment;
  SplitTime(size >> 24 & 0x3FFFFF, moment);
  moment.microsecond = size & 0xFFFFFF;
  return WriteDuration(moment, packed < 0, 6, out);
}

}  // namespace starlift::mysql

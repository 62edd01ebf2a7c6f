#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "starrocks/text_scan.h"

// Most dates, told to be right without a branch. The others (the 31st, 29 February, oddities) are
// for starrocks/calendar.h to judge. Both functions read two vectors at `text`, whatever its size.
namespace starlift::starrocks {

inline constexpr size_t kOrdinaryDateBytes = 10;
inline constexpr size_t kOrdinaryDateTimeBytes = 19;     // without a fraction
inline constexpr size_t kMaxOrdinaryDateTimeBytes = 26;  // with six digits

namespace ordinary_dates {

inline constexpr char kShape[] = "0000-00-00 00:00:00.000000\0\0\0\0\0";
static_assert(sizeof kShape == 2 * kVectorBytes);

// How far a byte may lie above the shape's: nothing for what stands between the digits.
struct Reach {
  uint8_t bytes[2 * kVectorBytes];
};
constexpr Reach ReachOf(size_t size) {
  Reach reach{};
  for (size_t at = 0; at < sizeof reach.bytes; ++at) {
    reach.bytes[at] = at >= size ? 255 : kShape[at] == '0' ? 9 : 0;
  }
  if (size > kOrdinaryDateBytes) reach.bytes[14] = reach.bytes[17] = 5;  // tens of minutes, seconds
  return reach;
}
inline constexpr Reach kDateReach = ReachOf(kOrdinaryDateBytes);
// By the digits of the fraction.
inline constexpr std::array<Reach, 7> kDateTimeReach = [] {
  std::array<Reach, 7> reach{};
  for (size_t digits = 0; digits < reach.size(); ++digits) {
    reach[digits] = ReachOf(kOrdinaryDateTimeBytes + (digits > 0 ? 1 + digits : 0));
  }
  return reach;
}();

inline ByteVector Beyond(const char* text, const Reach& reach, size_t at) {
  ByteVector shape;
  ByteVector most;
  std::memcpy(&shape, kShape + at, kVectorBytes);
  std::memcpy(&most, reach.bytes + at, kVectorBytes);
  return reinterpret_cast<ByteVector>(text_scan::Load(text + at) - shape > most);
}

// Whether months, days and hours of "MM-DD HH", all of them digits, are 1…12, 1…30 (in February 28)
// and 0…23; what `kFields` leaves out isn't looked at.
template <uint64_t kFields>
inline bool InRange(const char* month_text) {
  uint64_t word;
  std::memcpy(&word, month_text, sizeof word);
  word -= 0x30'30'20'30'30'2D'30'30;
  const uint64_t numbers = (word * 10 + (word >> 8)) & kFields;
  // Bit 7 of a byte is set by adding 128 − n once the byte is n or more.
  constexpr uint64_t kTooMuch = 0x00'68'00'00'61'00'00'73 & kFields;
  constexpr uint64_t kEnough = 0x00'80'00'00'7F'00'00'7F & kFields;
  constexpr uint64_t kHighBits = 0x8080808080808080 & kFields;
  const uint64_t wrong = ((numbers + kTooMuch) | ~(numbers + kEnough)) & kHighBits;
  const bool february = (numbers & 0xFF) == 2;
  const bool after_28th = (numbers >> 24 & 0xFF) > 28;
  return (wrong == 0) & !(february & after_28th);
}
inline constexpr uint64_t kMonthAndDay = 0x00'00'00'00'FF'00'00'FF;
inline constexpr uint64_t kMonthDayAndHour = 0x00'FF'00'00'FF'00'00'FF;

}  // namespace ordinary_dates

inline bool IsOrdinaryDate(const char* text, size_t size) {
  using namespace ordinary_dates;
  return size == kOrdinaryDateBytes && !text_scan::Any(Beyond(text, kDateReach, 0)) &&
         InRange<kMonthAndDay>(text + 5);
}

inline bool IsOrdinaryDateTime(const char* text, size_t size) {
  using namespace ordinary_dates;
  const size_t digits = size - kOrdinaryDateTimeBytes;  // and the point
  if (digits > kMaxOrdinaryDateTimeBytes - kOrdinaryDateTimeBytes || digits == 1) return false;
  const Reach& reach = kDateTimeReach[digits == 0 ? 0 : digits - 1];
  return !text_scan::Any(Beyond(text, reach, 0) | Beyond(text, reach, kVectorBytes)) &&
         InRange<kMonthDayAndHour>(text + 5);
}

}  // namespace starlift::starrocks

#include "starrocks/calendar.h"

#include <cstring>

namespace starlift::starrocks {
namespace {

constexpr size_t kDateBytes = 10;      // YYYY-MM-DD
constexpr size_t kDateTimeBytes = 19;  // YYYY-MM-DD HH:MM:SS
constexpr size_t kMaxFractionDigits = 6;
constexpr int64_t kSecondsPerDay = 86'400;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The number of two digits, −1 if they aren't.
int Two(const char* at) {
  if (!IsDigit(at[0]) || !IsDigit(at[1])) return -1;
  return (at[0] - '0') * 10 + (at[1] - '0');
}

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int DaysInMonth(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// Days since 0000-03-01 and back; H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
}

void CivilFromDays(int64_t days, int& year, int& month, int& day) {
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  year = static_cast<int>(year_of_era + era * 400 + (month <= 2));
}

void WriteTwo(int number, char* to) {
  to[0] = static_cast<char>('0' + number / 10);
  to[1] = static_cast<char>('0' + number % 10);
}

}  // namespace

DateCheck CheckDate(std::string_view text) {
  if (text.size() != kDateBytes || text[4] != '-' || text[7] != '-') return DateCheck::kIllFormed;
  const int century = Two(text.data());
  const int year = Two(text.data() + 2);
  const int month = Two(text.data() + 5);
  const int day = Two(text.data() + 8);
  if ((century | year | month | day) < 0) return DateCheck::kIllFormed;
  if (month == 0 || month > 12 || day == 0) return DateCheck::kImpossible;
  if (day > 28 && day > DaysInMonth(century * 100 + year, month)) return DateCheck::kImpossible;
  return DateCheck::kValid;
}

DateCheck CheckDateTime(std::string_view text) {
  if (text.size() < kDateTimeBytes || text[10] != ' ' || text[13] != ':' || text[16] != ':') {
    return DateCheck::kIllFormed;
  }
  const int hour = Two(text.data() + 11);
  const int minute = Two(text.data() + 14);
  const int second = Two(text.data() + 17);
  if ((hour | minute | second) < 0) return DateCheck::kIllFormed;
  if (text.size() > kDateTimeBytes) {
    const std::string_view fraction = text.substr(kDateTimeBytes + 1);
    if (text[kDateTimeBytes] != '.' || fraction.empty() || fraction.size() > kMaxFractionDigits) {
      return DateCheck::kIllFormed;
    }
    for (const char c : fraction) {
      if (!IsDigit(c)) return DateCheck::kIllFormed;
    }
  }
  const DateCheck date = CheckDate(text.substr(0, kDateBytes));
  if (date != DateCheck::kValid) return date;
  return hour > 23 || minute > 59 || second > 59 ? DateCheck::kImpossible : DateCheck::kValid;
}

char* ShiftDateTime(std::string_view text, int32_t seconds, char* to) {
  const char* at = text.data();
  int year = Two(at) * 100 + Two(at + 2);
  int month = Two(at + 5);
  int day = Two(at + 8);
  const int64_t day_seconds =
      Two(at + 11) * int64_t{3600} + Two(at + 14) * int64_t{60} + Two(at + 17) + seconds;
  int64_t days = DaysFromCivil(year, month, day) + day_seconds / kSecondsPerDay;
  int64_t rest = day_seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  CivilFromDays(days, year, month, day);
  if (year < 0 || year > 9999) return nullptr;
  std::memcpy(to, "0000-00-00 00:00:00", kDateTimeBytes);
  WriteTwo(year / 100, to);
  WriteTwo(year % 100, to + 2);
  WriteTwo(month, to + 5);
  WriteTwo(day, to + 8);
  WriteTwo(static_cast<int>(rest / 3600), to + 11);
  WriteTwo(static_cast<int>(rest / 60 % 60), to + 14);
  WriteTwo(static_cast<int>(rest % 60), to + 17);
  const std::string_view fraction = text.substr(kDateTimeBytes);
  if (!fraction.empty()) std::memcpy(to + kDateTimeBytes, fraction.data(), fraction.size());
  return to + kDateTimeBytes + fraction.size();
}

}  // namespace starlift::starrocks

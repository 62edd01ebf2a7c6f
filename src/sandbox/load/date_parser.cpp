#include <array>

#include "sandbox/load/value_parser.h"

namespace starlift::sandbox::load {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr int kFractionDigits = 6;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct Moment {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
};

bool IsLeap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

bool IsReal(const Moment& m) {
  static constexpr std::array<int, 13> kDays = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (m.month < 1 || m.month > 12 || m.day < 1 || m.year > 9999) return false;
  const int days = m.month == 2 && IsLeap(m.year) ? 29 : kDays[static_cast<size_t>(m.month)];
  return m.day <= days && m.hour < 24 && m.minute < 60 && m.second < 60;
}

// Days since 1970-01-01 of a proleptic Gregorian date, counted in 400-year eras that begin in
// March.
int32_t DaysSinceEpoch(int year, int month, int day) {
  const int shifted = month <= 2 ? year - 1 : year;
  const int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int year_of_era = shifted - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int TwoDigits(const char* at) { return (at[0] - '0') * 10 + (at[1] - '0'); }
int FourDigits(const char* at) { return TwoDigits(at) * 100 + TwoDigits(at + 2); }
bool AreDigits(const char* at, int count) {
  for (int i = 0; i < count; ++i) {
    if (!IsDigit(at[i])) return false;
  }
  return true;
}

int FullYear(int year) { return year < 70 ? 2000 + year : 1900 + year; }

// "YYYY-MM-DD" and "YYYY-MM-DD HH:MM:SS", what nearly all values look like.
bool ParseCommonForm(std::string_view text, Moment& m) {
  const char* at = text.data();
  if (text.size() != 10 && text.size() != 19) return false;
  if (!AreDigits(at, 4) || IsDigit(at[4]) || !AreDigits(at + 5, 2) || IsDigit(at[7]) ||
      !AreDigits(at + 8, 2)) {
    return false;
  }
  m.year = FourDigits(at);
  m.month = TwoDigits(at + 5);
  m.day = TwoDigits(at + 8);
  if (text.size() == 10) return true;
  if ((at[10] != ' ' && at[10] != 'T') || !AreDigits(at + 11, 2) || at[13] != ':' ||
      !AreDigits(at + 14, 2) || at[16] != ':' || !AreDigits(at + 17, 2)) {
    return false;
  }
  m.hour = TwoDigits(at + 11);
  m.minute = TwoDigits(at + 14);
  m.second = TwoDigits(at + 17);
  return true;
}

size_t CountDigits(std::string_view text) {
  size_t count = 0;
  while (count < text.size() && IsDigit(text[count])) ++count;
  return count;
}

// Up to six digits of a fraction as microseconds; the rest is dropped, as is a zone behind it.
int ParseFraction(std::string_view text) {
  const size_t digits = CountDigits(text);
  int micros = 0;
  for (size_t i = 0; i < kFractionDigits; ++i) {
    micros = micros * 10 + (i < digits ? text[i] - '0' : 0);
  }
  return micros;
}

// YYMMDD, YYYYMMDD, YYMMDDHHMMSS, YYYYMMDDHHMMSS, YYYYMMDDTHHMMSS.
bool ParsePacked(std::string_view text, Moment& m) {
  size_t digits = CountDigits(text);
  const char* at = text.data();
  const bool long_year = digits == 8 || digits == 14;
  if (!long_year && digits != 6 && digits != 12) return false;
  m.year = long_year ? FourDigits(at) : FullYear(TwoDigits(at));
  at += long_year ? 4 : 2;
  m.month = TwoDigits(at);
  m.day = TwoDigits(at + 2);
  at += 4;
  std::string_view rest = text.substr(digits);
  if (digits <= 8) {
    if (rest.size() < 7 || rest[0] != 'T' || CountDigits(rest.substr(1)) < 6) return rest.empty();
    at = rest.data() + 1;
    rest.remove_prefix(7);
  }
  m.hour = TwoDigits(at);
  m.minute = TwoDigits(at + 2);
  m.second = TwoDigits(at + 4);
  if (!rest.empty() && rest[0] == '.') m.micros = ParseFraction(rest.substr(1));
  return true;
}

// Numbers divided by punctuation; blanks or a T between date and time.
bool ParseDivided(std::string_view text, Moment& m) {
  const std::array<int*, 6> parts = {&m.year, &m.month, &m.day, &m.hour, &m.minute, &m.second};
  size_t part = 0;
  while (part < parts.size()) {
    const size_t digits = CountDigits(text);
    if (digits == 0 || digits > (part == 0 ? 4u : 2u)) return false;
    int value = 0;
    for (size_t i = 0; i < digits; ++i) value = value * 10 + (text[i] - '0');
    *parts[part] = part == 0 && digits == 2 ? FullYear(value) : value;
    ++part;
    text.remove_prefix(digits);
    if (text.empty()) break;
    if (part == 6) {
      if (text[0] == '.') m.micros = ParseFraction(text.substr(1));
      break;
    }
    if (part == 3) {
      if (text[0] != 'T' && !IsBlank(text[0])) return false;
      text.remove_prefix(1);
      while (!text.empty() && IsBlank(text[0])) text.remove_prefix(1);
    } else {
      if (std::ispunct(static_cast<unsigned char>(text[0])) == 0) return false;
      text.remove_prefix(1);
    }
  }
  return part >= 3;
}

std::optional<Moment> ParseMoment(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  Moment moment;
  if (!ParseCommonForm(text, moment)) {
    moment = {};
    const bool divided = CountDigits(text) <= 4;
    if (!(divided ? ParseDivided(text, moment) : ParsePacked(text, moment))) return std::nullopt;
  }
  if (!IsReal(moment)) return std::nullopt;
  return moment;
}

}  // namespace

std::optional<int32_t> ParseDate(std::string_view text) {
  const std::optional<Moment> m = ParseMoment(text);
  if (!m) return std::nullopt;
  return DaysSinceEpoch(m->year, m->month, m->day);
}

std::optional<int64_t> ParseDateTime(std::string_view text) {
  const std::optional<Moment> m = ParseMoment(text);
  if (!m) return std::nullopt;
  const int64_t seconds = (m->hour * 60 + m->minute) * 60 + m->second;
  return DaysSinceEpoch(m->year, m->month, m->day) * kMicrosPerDay + seconds * kMicrosPerSecond +
         m->micros;
}

}  // namespace starlift::sandbox::load

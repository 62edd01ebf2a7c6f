// Dates and times: MySQL's format letters, truncation, Unix time.
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>

#include "sandbox/query/native_function.h"
#include "sandbox/query/value_text.h"

namespace starlift::sandbox::query {
namespace {

using Arguments = std::vector<NativeValue>;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

constexpr std::array<const char*, 12> kMonths = {"January",   "February", "March",    "April",
                                                 "May",       "June",     "July",     "August",
                                                 "September", "October",  "November", "December"};
constexpr std::array<const char*, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                              "Thursday", "Friday", "Saturday"};

struct Moment {
  std::chrono::sys_days date;
  int year, month, day, hour, minute, second, micros, weekday, day_of_year;
};

Moment Split(int64_t micros) {
  int64_t days = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  Moment m{};
  m.date = std::chrono::sys_days(std::chrono::days(days));
  const std::chrono::year_month_day ymd{m.date};
  m.year = static_cast<int>(ymd.year());
  m.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  m.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  m.micros = static_cast<int>(rest % kMicrosPerSecond);
  const auto seconds = static_cast<int>(rest / kMicrosPerSecond);
  m.hour = seconds / 3600;
  m.minute = seconds / 60 % 60;
  m.second = seconds % 60;
  m.weekday = static_cast<int>(std::chrono::weekday(m.date).c_encoding());
  m.day_of_year =
      static_cast<int>((m.date - std::chrono::sys_days(ymd.year() / 1 / 1)).count()) + 1;
  return m;
}

std::string Padded(int value, int width) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "%0*d", width, value);
  return buffer;
}

// Week of the year from 0, weeks begin on `first` (0 Sunday, 1 Monday).
int Week(const Moment& m, int first) {
  return (m.day_of_year + 6 - (m.weekday - first + 7) % 7) / 7;
}

// ISO 8601 week and its year.
std::pair<int, int> IsoWeek(const Moment& m) {
  const int monday_based = (m.weekday + 6) % 7;
  const auto thursday = m.date + std::chrono::days(3 - monday_based);
  const std::chrono::year_month_day ymd{thursday};
  const auto day = (thursday - std::chrono::sys_days(ymd.year() / 1 / 1)).count();
  return {static_cast<int>(day / 7) + 1, static_cast<int>(ymd.year())};
}

std::string Ordinal(int day) {
  const char* suffix = "th";
  if (day / 10 != 1) {
    if (day % 10 == 1) suffix = "st";
    if (day % 10 == 2) suffix = "nd";
    if (day % 10 == 3) suffix = "rd";
  }
  return std::to_string(day) + suffix;
}

std::string FormatLetter(const Moment& m, char letter) {
  const int hour12 = m.hour % 12 == 0 ? 12 : m.hour % 12;
  const std::string clock = ":" + Padded(m.minute, 2) + ":" + Padded(m.second, 2);
  switch (letter) {
    case 'a':
      return std::string(kDays[static_cast<size_t>(m.weekday)]).substr(0, 3);
    case 'b':
      return std::string(kMonths[static_cast<size_t>(m.month - 1)]).substr(0, 3);
    case 'c':
      return std::to_string(m.month);
    case 'D':
      return Ordinal(m.day);
    case 'd':
      return Padded(m.day, 2);
    case 'e':
      return std::to_string(m.day);
    case 'f':
      return Padded(m.micros, 6);
    case 'H':
      return Padded(m.hour, 2);
    case 'h':
    case 'I':
      return Padded(hour12, 2);
    case 'i':
      return Padded(m.minute, 2);
    case 'j':
      return Padded(m.day_of_year, 3);
    case 'k':
      return std::to_string(m.hour);
    case 'l':
      return std::to_string(hour12);
    case 'M':
      return kMonths[static_cast<size_t>(m.month - 1)];
    case 'm':
      return Padded(m.month, 2);
    case 'p':
      return m.hour < 12 ? "AM" : "PM";
    case 'r':
      return Padded(hour12, 2) + clock + (m.hour < 12 ? " AM" : " PM");
    case 'S':
    case 's':
      return Padded(m.second, 2);
    case 'T':
      return Padded(m.hour, 2) + clock;
    case 'U':
      return Padded(Week(m, 0), 2);
    case 'u':
      return Padded(Week(m, 1), 2);
    case 'V':
      return Padded(std::max(1, Week(m, 0)), 2);
    case 'v':
      return Padded(IsoWeek(m).first, 2);
    case 'W':
      return kDays[static_cast<size_t>(m.weekday)];
    case 'w':
      return std::to_string(m.weekday);
    case 'X':
    case 'Y':
      return Padded(m.year, 4);
    case 'x':
      return Padded(IsoWeek(m).second, 4);
    case 'y':
      return Padded(m.year % 100, 2);
    default:
      return std::string(1, letter);
  }
}

// MySQL letters, and the Java patterns that StarRocks takes as well.
bool DateFormat(const Arguments& arguments, NativeValue* out) {
  std::string_view format = arguments[1].text;
  if (format == "yyyyMMdd") format = "%Y%m%d";
  if (format == "yyyy-MM-dd") format = "%Y-%m-%d";
  if (format == "yyyy-MM-dd HH:mm:ss") format = "%Y-%m-%d %H:%i:%s";
  if (format == "yyyy-MM") format = "%Y-%m";
  if (format == "yyyyMM") format = "%Y%m";
  if (format == "yyyy") format = "%Y";
  const Moment m = Split(arguments[0].integer);
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%' && i + 1 < format.size()) {
      out->bytes += FormatLetter(m, format[++i]);
    } else {
      out->bytes += format[i];
    }
  }
  return true;
}

class FormatReader {
 public:
  FormatReader(std::string_view text, std::string_view format) : text_(text), format_(format) {}

  std::optional<int64_t> Run() {
    for (size_t i = 0; i < format_.size(); ++i) {
      const char c = format_[i];
      if (std::isspace(static_cast<unsigned char>(c)) != 0) {
        SkipBlanks();
      } else if (c == '%' && i + 1 < format_.size()) {
        if (!Read(format_[++i])) return std::nullopt;
      } else if (at_ < text_.size() && text_[at_] == c) {
        ++at_;
      } else {
        return std::nullopt;
      }
    }
    SkipBlanks();
    if (at_ != text_.size()) return std::nullopt;
    if (pm_ >= 0) hour_ = hour_ % 12 + 12 * pm_;
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02d %02d:%02d:%02d.%06d", year_, month_, day_,
                  hour_, minute_, second_, micros_);
    return ParseDateTime(buffer);
  }

 private:
  void SkipBlanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  bool Number(size_t width, int* value) {
    const size_t begin = at_;
    *value = 0;
    while (at_ < text_.size() && at_ - begin < width &&
           std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
      *value = *value * 10 + (text_[at_++] - '0');
    }
    return at_ > begin;
  }

  template <size_t N>
  bool Name(const std::array<const char*, N>& names, size_t letters, int* index) {
    for (size_t i = 0; i < N; ++i) {
      const std::string_view name = std::string_view(names[i]).substr(0, letters);
      if (text_.size() - at_ < name.size()) continue;
      const bool same =
          std::equal(name.begin(), name.end(), text_.begin() + static_cast<std::ptrdiff_t>(at_),
                     [](char a, char b) { return std::tolower(a) == std::tolower(b); });
      if (!same) continue;
      at_ += name.size();
      *index = static_cast<int>(i);
      return true;
    }
    return false;
  }

  bool Read(char letter) {
    int index = 0;
    switch (letter) {
      case 'Y':
        return Number(4, &year_);
      case 'y':
        if (!Number(2, &year_)) return false;
        year_ += year_ < 70 ? 2000 : 1900;
        return true;
      case 'm':
      case 'c':
        return Number(2, &month_);
      case 'd':
      case 'e':
        return Number(2, &day_);
      case 'H':
      case 'k':
      case 'h':
      case 'I':
      case 'l':
        return Number(2, &hour_);
      case 'i':
        return Number(2, &minute_);
      case 's':
      case 'S':
        return Number(2, &second_);
      case 'f': {
        const size_t begin = at_;
        if (!Number(6, &micros_)) return false;
        for (size_t i = at_ - begin; i < 6; ++i) micros_ *= 10;
        return true;
      }
      case 'T': {
        return Number(2, &hour_) && Literal(':') && Number(2, &minute_) && Literal(':') &&
               Number(2, &second_);
      }
      case 'p':
        if (!Name(std::array<const char*, 2>{"AM", "PM"}, 2, &pm_)) return false;
        return true;
      case 'M':
        return Name(kMonths, 99, &index) && (month_ = index + 1, true);
      case 'b':
        return Name(kMonths, 3, &index) && (month_ = index + 1, true);
      case 'W':
        return Name(kDays, 99, &index);
      case 'a':
        return Name(kDays, 3, &index);
      case '%':
        return Literal('%');
      default:
        return false;
    }
  }

  bool Literal(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  std::string_view format_;
  size_t at_ = 0;
  int year_ = 0, month_ = 1, day_ = 1, hour_ = 0, minute_ = 0, second_ = 0, micros_ = 0;
  int pm_ = -1;
};

bool DateTrunc(const Arguments& arguments, NativeValue* out) {
  std::string unit(arguments[0].text);
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const int64_t micros = arguments[1].integer;
  const Moment m = Split(micros);
  const auto day = [](std::chrono::sys_days date) {
    return date.time_since_epoch().count() * kMicrosPerDay;
  };
  const auto year = std::chrono::year(m.year);
  const auto floor_to = [&](int64_t step) {
    const int64_t rest = ((micros % step) + step) % step;
    out->integer = micros - rest;
    return true;
  };
  if (unit == "microsecond") return out->integer = micros, true;
  if (unit == "millisecond") return floor_to(1000);
  if (unit == "second") return floor_to(kMicrosPerSecond);
  if (unit == "minute") return floor_to(60 * kMicrosPerSecond);
  if (unit == "hour") return floor_to(3600 * kMicrosPerSecond);
  if (unit == "day") return floor_to(kMicrosPerDay);
  if (unit == "week")
    return out->integer = day(m.date - std::chrono::days((m.weekday + 6) % 7)), true;
  if (unit == "month") return out->integer = day(std::chrono::sys_days(year / m.month / 1)), true;
  if (unit == "quarter")
    return out->integer = day(std::chrono::sys_days(year / ((m.month - 1) / 3 * 3 + 1) / 1)), true;
  if (unit == "year") return out->integer = day(std::chrono::sys_days(year / 1 / 1)), true;
  return false;
}

bool TimeSeconds(const Arguments& arguments, NativeValue* out) {
  const std::string text(arguments[0].text);
  int hour = 0;
  int minute = 0;
  int second = 0;
  if (std::sscanf(text.c_str(), "%d:%d:%d", &hour, &minute, &second) != 3) return false;
  out->integer = hour * 3600 + minute * 60 + second;
  return true;
}

}  // namespace

std::vector<NativeFunction> MomentFunctions() {
  using T = NativeType;
  return {
      {"sr_datetime",
       {T::kText},
       T::kTimestamp,
       [](const Arguments& a, NativeValue* out) {
         const auto micros = ParseDateTime(a[0].text);
         return out->integer = micros.value_or(0), micros.has_value();
       }},
      {"sr_date_format", {T::kTimestamp, T::kText}, T::kText, DateFormat},
      {"sr_str_to_date",
       {T::kText, T::kText},
       T::kTimestamp,
       [](const Arguments& a, NativeValue* out) {
         const auto micros = FormatReader(a[0].text, a[1].text).Run();
         return out->integer = micros.value_or(0), micros.has_value();
       }},
      {"sr_date_trunc", {T::kText, T::kTimestamp}, T::kTimestamp, DateTrunc},
      {"sr_unix_timestamp",
       {T::kTimestamp},
       T::kBigInt,
       [](const Arguments& a, NativeValue* out) {
         return out->integer = a[0].integer / kMicrosPerSecond, true;
       }},
      {"sr_from_unixtime",
       {T::kBigInt},
       T::kTimestamp,
       [](const Arguments& a, NativeValue* out) {
         return out->integer = a[0].integer * kMicrosPerSecond, true;
       }},
      {"sr_time_seconds", {T::kText}, T::kBigInt, TimeSeconds},
  };
}

}  // namespace starlift::sandbox::query

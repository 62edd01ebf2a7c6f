#include "sandbox/ddl/date_steps.h"

#include <chrono>
#include <cstdio>
#include <string>

#include "sandbox/ddl/default_value.h"

namespace starlift::sandbox::ddl {
namespace {

constexpr int64_t kSecondsPerMinute = 60;
constexpr int64_t kSecondsPerHour = 3600;
constexpr int64_t kSecondsPerDay = 86400;
constexpr int kDaysPerWeek = 7;
constexpr int kMonthsPerYear = 12;
constexpr int kMonthsPerQuarter = 3;

struct Moment {
  std::chrono::year_month_day date;
  int64_t second_of_day = 0;
};

Moment Split(int64_t seconds) {
  int64_t day = seconds / kSecondsPerDay;
  int64_t rest = seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --day;
  }
  return {std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(day))), rest};
}

int64_t Join(std::chrono::year_month_day date, int64_t second_of_day) {
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return std::chrono::sys_days(date).time_since_epoch().count() * kSecondsPerDay + second_of_day;
}

template <typename... Numbers>
std::string Format(const char* format, Numbers... numbers) {
  char text[32];
  std::snprintf(text, sizeof text, format, numbers...);
  return text;
}

int Year(const Moment& moment) { return static_cast<int>(moment.date.year()); }
unsigned Month(const Moment& moment) { return static_cast<unsigned>(moment.date.month()); }
unsigned Day(const Moment& moment) { return static_cast<unsigned>(moment.date.day()); }

int MonthsOf(std::string_view unit) {
  if (unit == "YEAR") return kMonthsPerYear;
  if (unit == "QUARTER") return kMonthsPerQuarter;
  return unit == "MONTH" ? 1 : 0;
}

int64_t SecondsOf(std::string_view unit) {
  if (unit == "WEEK") return kDaysPerWeek * kSecondsPerDay;
  if (unit == "DAY") return kSecondsPerDay;
  if (unit == "HOUR") return kSecondsPerHour;
  return unit == "MINUTE" ? kSecondsPerMinute : 1;
}

}  // namespace

std::optional<int64_t> ParseMoment(std::string_view text) {
  if (!IsDateText(text)) return std::nullopt;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::sscanf(std::string(text).c_str(), "%d-%u-%u%*c%d:%d:%d", &year, &month, &day, &hour, &minute,
              &second);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  return Join(date, hour * kSecondsPerHour + minute * kSecondsPerMinute + second);
}

std::string DateText(int64_t seconds) {
  const Moment moment = Split(seconds);
  return Format("%04d-%02u-%02u", Year(moment), Month(moment), Day(moment));
}

std::string DateTimeText(int64_t seconds) {
  const int64_t rest = Split(seconds).second_of_day;
  return DateText(seconds) + Format(" %02d:%02d:%02d", static_cast<int>(rest / kSecondsPerHour),
                                    static_cast<int>(rest / kSecondsPerMinute % 60),
                                    static_cast<int>(rest % kSecondsPerMinute));
}

int64_t AddUnits(int64_t seconds, std::string_view unit, int64_t count) {
  const int months = MonthsOf(unit);
  if (months == 0) return seconds + count * SecondsOf(unit);
  const Moment moment = Split(seconds);
  return Join(moment.date + std::chrono::months(months * count), moment.second_of_day);
}

int64_t TruncateToUnit(int64_t seconds, std::string_view unit) {
  const Moment moment = Split(seconds);
  const int months = MonthsOf(unit);
  if (months > 0) {
    const unsigned first =
        (Month(moment) - 1) / static_cast<unsigned>(months) * static_cast<unsigned>(months) + 1;
    return Join(moment.date.year() / std::chrono::month(first) / 1, 0);
  }
  const int64_t midnight = seconds - moment.second_of_day;
  if (unit == "WEEK") {
    const std::chrono::weekday weekday{std::chrono::sys_days(moment.date)};
    return midnight - static_cast<int64_t>(weekday.iso_encoding() - 1) * kSecondsPerDay;
  }
  if (unit == "DAY") return midnight;
  const int64_t step = SecondsOf(unit);
  return midnight + moment.second_of_day / step * step;
}

std::string UnitLabel(int64_t seconds, std::string_view unit) {
  const Moment moment = Split(seconds);
  if (unit == "YEAR") return Format("%04d", Year(moment));
  if (unit == "MONTH" || unit == "QUARTER") return Format("%04d%02u", Year(moment), Month(moment));
  if (unit == "WEEK") {
    // ISO year and week, by the Thursday of the week.
    const int64_t thursday = TruncateToUnit(seconds, "WEEK") + 3 * kSecondsPerDay;
    const Moment in_week = Split(thursday);
    const int64_t new_year = TruncateToUnit(thursday, "YEAR");
    const int64_t week = (thursday - new_year) / (kDaysPerWeek * kSecondsPerDay) + 1;
    return Format("%04d_%02d", Year(in_week), static_cast<int>(week));
  }
  std::string label = Format("%04d%02u%02u", Year(moment), Month(moment), Day(moment));
  const int64_t rest = moment.second_of_day;
  if (unit == "DAY") return label;
  label += Format("%02d", static_cast<int>(rest / kSecondsPerHour));
  if (unit == "HOUR") return label;
  return label + Format("%02d", static_cast<int>(rest / kSecondsPerMinute % 60));
}

}  // namespace starlift::sandbox::ddl

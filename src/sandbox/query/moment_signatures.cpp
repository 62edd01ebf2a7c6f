#include "sandbox/query/scalar_signatures.h"

namespace starlift::sandbox::query {
namespace {

// Of a zone given as a text: seconds east of Greenwich for "+09:00", 0 for a name.
#define STARLIFT_OFFSET_SECONDS(zone)                                        \
  "CASE WHEN left(" zone ", 1) IN ('+', '-') THEN (CASE WHEN left(" zone     \
  ", 1) = '-' THEN -1 ELSE 1 END) * (coalesce(TRY_CAST(regexp_extract(" zone \
  ", '([0-9]+):', 1) AS INTEGER), 0) * 3600 + coalesce(TRY_CAST(right(" zone \
  ", 2) AS INTEGER), 0) * 60) ELSE 0 END"

// 1 for Monday … 7 for Sunday, by the first two letters.
#define STARLIFT_WEEKDAY(name)                                                      \
  "(CASE left(lower(" name                                                          \
  "), 2) WHEN 'mo' THEN 1 WHEN 'tu' THEN 2 WHEN 'we' THEN 3 WHEN 'th' THEN 4 WHEN " \
  "'fr' THEN 5 WHEN 'sa' THEN 6 WHEN 'su' THEN 7 END)"

constexpr Signature kSignatures[] = {
    // Moments
    {"date", "D", 'D', "$1"},
    {"to_date", "D", 'D', "$1"},
    {"timestamp", "t", 't', "$1"},
    {"year", "t", 'h', "CAST(year($1) AS SMALLINT)"},
    {"quarter", "t", 'y', "CAST(quarter($1) AS TINYINT)"},
    {"month", "t", 'y', "CAST(month($1) AS TINYINT)"},
    {"day", "t", 'y', "CAST(day($1) AS TINYINT)"},
    {"hour", "t", 'y', "CAST(hour($1) AS TINYINT)"},
    {"minute", "t", 'y', "CAST(minute($1) AS TINYINT)"},
    {"second", "t", 'y', "CAST(second($1) AS TINYINT)"},
    {"microsecond", "t", 'i', "CAST(microsecond($1) % 1000000 AS INTEGER)"},
    {"dayofweek", "t", 'i', "CAST(dayofweek($1) + 1 AS INTEGER)"},
    {"dayofweek_iso", "t", 'i', "CAST(isodow($1) AS INTEGER)"},
    {"weekday", "t", 'i', "CAST(isodow($1) - 1 AS INTEGER)"},
    {"dayofyear", "t", 'h', "CAST(dayofyear($1) AS SMALLINT)"},
    {"weekofyear", "t", 'i', "CAST(weekofyear($1) AS INTEGER)"},
    {"week", "t", 'i', "CAST(strftime($1, '%U') AS INTEGER)"},
    {"week_iso", "t", 'i', "CAST(weekofyear($1) AS INTEGER)"},
    {"dayname", "t", 's', "dayname($1)"},
    {"monthname", "t", 's', "monthname($1)"},
    {"last_day", "t", 'D', "last_day($1)"},
    {"date_format", "ts", 's', "sr_date_format($1, $2)"},
    {"str_to_date", "ss", 't', "sr_str_to_date($1, $2)"},
    {"str2date", "ss", 'D', "CAST(sr_str_to_date($1, $2) AS DATE)"},
    {"date_trunc", "st", 't', "sr_date_trunc($1, $2)"},
    {"unix_timestamp", "t", 'l', "sr_unix_timestamp($1)"},
    {"unix_timestamp", "ss", 'l', "sr_unix_timestamp(sr_str_to_date($1, $2))"},
    {"from_unixtime", "l", 's', "sr_datetime_text(sr_from_unixtime($1))"},
    {"from_unixtime", "ls", 's', "sr_date_format(sr_from_unixtime($1), $2)"},
    {"from_unixtime_ms", "l", 's', "sr_datetime_text(sr_from_unixtime($1 // 1000))"},
    {"datediff", "tt", 'i',
     "CAST(date_diff('day', CAST($2 AS DATE), CAST($1 AS DATE)) AS INTEGER)"},
    {"timediff", "tt", 'T', "(epoch($1) - epoch($2))"},
    {"years_diff", "tt", 'l', "date_sub('year', $2, $1)"},
    {"months_diff", "tt", 'l', "date_sub('month', $2, $1)"},
    {"weeks_diff", "tt", 'l', "date_sub('week', $2, $1)"},
    {"days_diff", "tt", 'l', "date_sub('day', $2, $1)"},
    {"hours_diff", "tt", 'l', "date_sub('hour', $2, $1)"},
    {"minutes_diff", "tt", 'l', "date_sub('minute', $2, $1)"},
    {"seconds_diff", "tt", 'l', "date_sub('second', $2, $1)"},
    {"milliseconds_diff", "tt", 'l', "date_sub('millisecond', $2, $1)"},
    {"years_add", "ti", 't', "($1 + to_years($2))"},
    {"months_add", "ti", 't', "($1 + to_months($2))"},
    {"quarters_add", "ti", 't', "($1 + to_months($2 * 3))"},
    {"weeks_add", "ti", 't', "($1 + to_days($2 * 7))"},
    {"days_add", "ti", 't', "($1 + to_days($2))"},
    {"hours_add", "ti", 't', "($1 + to_hours($2))"},
    {"minutes_add", "ti", 't', "($1 + to_minutes($2))"},
    {"seconds_add", "ti", 't', "($1 + to_seconds($2))"},
    {"milliseconds_add", "ti", 't', "($1 + to_milliseconds($2))"},
    {"microseconds_add", "ti", 't', "($1 + to_microseconds($2))"},
    {"years_sub", "ti", 't', "($1 - to_years($2))"},
    {"months_sub", "ti", 't', "($1 - to_months($2))"},
    {"quarters_sub", "ti", 't', "($1 - to_months($2 * 3))"},
    {"weeks_sub", "ti", 't', "($1 - to_days($2 * 7))"},
    {"days_sub", "ti", 't', "($1 - to_days($2))"},
    {"hours_sub", "ti", 't', "($1 - to_hours($2))"},
    {"minutes_sub", "ti", 't', "($1 - to_minutes($2))"},
    {"seconds_sub", "ti", 't', "($1 - to_seconds($2))"},
    {"milliseconds_sub", "ti", 't', "($1 - to_milliseconds($2))"},
    {"microseconds_sub", "ti", 't', "($1 - to_microseconds($2))"},
    {"to_days", "D", 'i', "CAST(date_diff('day', DATE '0001-01-01', $1) + 366 AS INTEGER)"},
    {"from_days", "i", 'D', "CAST(DATE '0001-01-01' + ($1 - 366) AS DATE)"},
    {"makedate", "ii", 'D', "CAST(make_date($1, 1, 1) + ($2 - 1) AS DATE)"},
    {"time_to_sec", "s", 'l', "sr_time_seconds($1)"},
    {"to_iso8601", "t", 's', "strftime($1, '%Y-%m-%dT%H:%M:%S.%f')"},
    // DuckDB knows zones by name only: an offset is UTC, shifted.
    {"convert_tz", "tss", 't',
     "CAST(timezone(CASE WHEN left($3, 1) IN ('+', '-') THEN 'UTC' ELSE $3 END, timezone(CASE WHEN "
     "left($2, 1) IN ('+', '-') THEN 'UTC' ELSE $2 END, $1 - to_seconds(" STARLIFT_OFFSET_SECONDS(
         "$2") "))) + to_seconds(" STARLIFT_OFFSET_SECONDS("$3") ") AS TIMESTAMP)"},
    {"last_day", "ts", 'D',
     "CAST(CASE lower($2) WHEN 'month' THEN last_day($1) WHEN 'quarter' THEN date_trunc('quarter', "
     "$1) + INTERVAL '3 months' - INTERVAL '1 day' WHEN 'year' THEN date_trunc('year', $1) + "
     "INTERVAL '1 year' - INTERVAL '1 day' END AS DATE)"},
    {"next_day", "ts", 'D',
     "CAST($1 + to_days((" STARLIFT_WEEKDAY("$2") " - isodow($1) + 6) % 7 + 1) AS DATE)"},
    {"previous_day", "ts", 'D',
     "CAST($1 - to_days((isodow($1) - " STARLIFT_WEEKDAY("$2") " + 6) % 7 + 1) AS DATE)"},
    {"week", "ti", 'i',
     "CAST(CASE WHEN $2 IN (1, 3) THEN week($1) ELSE CAST(strftime($1, '%U') AS INTEGER) END AS "
     "INTEGER)"},
    {"yearweek", "t", 'i', "CAST(strftime($1, '%Y%U') AS INTEGER)"},
    {"hour_from_unixtime", "l", 'i', "CAST(($1 // 3600) % 24 AS INTEGER)"},
    {"sec_to_time", "l", 'T', "CAST($1 AS DOUBLE)"},
    {"time_format", "ts", 's', "sr_date_format($1, $2)"},
};

}  // namespace

std::span<const Signature> MomentSignatures() { return kSignatures; }

}  // namespace starlift::sandbox::query

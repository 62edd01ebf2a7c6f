#include <algorithm>
#include <array>
#include <cstdlib>

#include "sandbox/query/functions.h"
#include "sandbox/query/types.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

// One signature. Argument letters: s text, y TINYINT, i INT, l BIGINT, L LARGEINT, d DOUBLE,
// t DATETIME, D DATE, b BOOLEAN, j JSON, v VARBINARY; as they are: n number, e exact number, a any,
// A array, M map, B bitmap, H hll; c: all of them as their common type. '*' repeats the letter
// before it once or more. Result letters are the same, and 1, 2 for the type of that argument, E
// for the element of argument 1. In the DuckDB text $1…$6 are arguments, $* all of them, $& all but
// the first, $| all joined by ||.
struct Signature {
  std::string_view name;
  std::string_view arguments;
  char result;
  std::string_view sql;
};

// Of a zone given as a text: seconds east of Greenwich for "+09:00", 0 for a name.
#define STARLIFT_OFFSET_SECONDS(zone)                                        \
  "CASE WHEN left(" zone ", 1) IN ('+', '-') THEN (CASE WHEN left(" zone     \
  ", 1) = '-' THEN -1 ELSE 1 END) * (coalesce(TRY_CAST(regexp_extract(" zone \
  ", '([0-9]+):', 1) AS INTEGER), 0) * 3600 + coalesce(TRY_CAST(right(" zone \
  ", 2) AS INTEGER), 0) * 60) ELSE 0 END"

constexpr Signature kSignatures[] = {
    // Text
    {"concat", "s*", 's', "($|)"},
    {"concat_ws", "ss*", 's', "CASE WHEN $1 IS NOT NULL THEN concat_ws($*) END"},
    {"substr", "si", 's', "CASE WHEN $2 = 0 THEN '' ELSE substr($1, $2) END"},
    {"substr", "sii", 's', "CASE WHEN $2 = 0 OR $3 <= 0 THEN '' ELSE substr($1, $2, $3) END"},
    {"left", "si", 's', "left($1, greatest($2, 0))"},
    {"right", "si", 's', "right($1, greatest($2, 0))"},
    {"length", "s", 'i', "CAST(strlen($1) AS INTEGER)"},
    {"char_length", "s", 'i', "CAST(length($1) AS INTEGER)"},
    {"upper", "s", 's', "upper($1)"},
    {"lower", "s", 's', "lower($1)"},
    {"trim", "s", 's', "trim($1, ' ')"},
    {"trim", "ss", 's', "trim($1, $2)"},
    {"ltrim", "s", 's', "ltrim($1, ' ')"},
    {"ltrim", "ss", 's', "ltrim($1, $2)"},
    {"rtrim", "s", 's', "rtrim($1, ' ')"},
    {"rtrim", "ss", 's', "rtrim($1, $2)"},
    {"replace", "sss", 's', "replace($1, $2, $3)"},
    {"reverse", "s", 's', "reverse($1)"},
    {"repeat", "si", 's', "repeat($1, greatest($2, 0))"},
    {"space", "i", 's', "repeat(' ', greatest($1, 0))"},
    {"lpad", "sis", 's', "lpad($1, $2, $3)"},
    {"lpad", "si", 's', "lpad($1, $2, ' ')"},
    {"rpad", "sis", 's', "rpad($1, $2, $3)"},
    {"rpad", "si", 's', "rpad($1, $2, ' ')"},
    {"instr", "ss", 'i', "CAST(instr($1, $2) AS INTEGER)"},
    {"locate", "ss", 'i', "CAST(instr($2, $1) AS INTEGER)"},
    {"locate", "ssi", 'i',
     "CAST(CASE WHEN instr(substr($2, $3), $1) = 0 THEN 0 ELSE instr(substr($2, $3), $1) + $3 - 1 "
     "END AS INTEGER)"},
    {"ascii", "s", 'i', "CAST(CASE WHEN $1 = '' THEN 0 ELSE ascii($1) END AS INTEGER)"},
    {"char", "i", 's', "chr($1)"},
    {"starts_with", "ss", 'b', "starts_with($1, $2)"},
    {"ends_with", "ss", 'b', "ends_with($1, $2)"},
    {"split_part", "ssi", 's',
     "CASE WHEN abs($3) <= len(string_split($1, $2)) THEN split_part($1, $2, $3) END"},
    {"split", "ss", 'S', "string_split($1, $2)"},
    {"substring_index", "ssi", 's',
     "CASE WHEN $3 >= 0 THEN array_to_string(string_split($1, $2)[1:$3], $2) ELSE "
     "array_to_string(string_split($1, $2)[$3:], $2) END"},
    {"regexp_extract", "ssi", 's', "regexp_extract($1, $2, $3)"},
    {"regexp_replace", "sss", 's', "regexp_replace($1, $2, $3, 'g')"},
    {"regexp", "ss", 'b', "regexp_matches($1, $2)"},
    {"initcap", "s", 's', "sr_initcap($1)"},
    {"null_or_empty", "s", 'b', "($1 IS NULL OR $1 = '')"},
    {"strcmp", "ss", 'y',
     "CAST(CASE WHEN $1 < $2 THEN -1 WHEN $1 > $2 THEN 1 ELSE 0 END AS TINYINT)"},
    {"find_in_set", "ss", 'i',
     "CAST(coalesce(list_position(string_split($2, ','), $1), 0) AS INTEGER)"},
    {"field", "ss*", 'i', "CAST(coalesce(list_position([$&], $1), 0) AS INTEGER)"},
    {"translate", "sss", 's', "translate($1, $2, $3)"},
    {"url_encode", "s", 's', "url_encode($1)"},
    {"url_decode", "s", 's', "url_decode($1)"},
    {"append_trailing_char_if_absent", "ss", 's',
     "CASE WHEN ends_with($1, $2) THEN $1 ELSE $1 || $2 END"},
    // Bytes and hashes
    {"hex", "v", 's', "hex($1)"},
    {"hex", "s", 's', "hex($1)"},
    {"hex", "l", 's', "format('{:X}', $1)"},
    {"unhex", "s", 's', "sr_unhex($1)"},
    {"to_binary", "s", 'v', "sr_to_binary($1, 'hex')"},
    {"to_binary", "ss", 'v', "sr_to_binary($1, $2)"},
    {"from_binary", "v", 's', "hex($1)"},
    {"from_binary", "vs", 's', "sr_from_binary($1, $2)"},
    {"hex_decode_binary", "s", 'v', "sr_to_binary($1, 'hex')"},
    {"hex_decode_string", "s", 's', "sr_unhex($1)"},
    {"to_base64", "s", 's', "to_base64(encode($1))"},
    {"from_base64", "s", 's', "sr_binary_text(sr_to_binary($1, 'encode64'))"},
    {"base64_encode", "s", 's', "to_base64(encode($1))"},
    {"md5", "v", 's', "md5($1)"},
    {"md5", "s", 's', "md5($1)"},
    {"md5sum", "s*", 's', "md5(concat($*))"},
    {"md5sum_numeric", "s*", 'L', "sr_hex_number(md5(concat($*)))"},
    {"sha2", "si", 's', "sr_sha2($1, $2)"},
    {"crc32", "s", 'l', "sr_crc32($1)"},
    {"murmur_hash3_32", "s*", 'i', "sr_murmur_hash3_32($*)"},
    {"xx_hash3_64", "s*", 'l', "sr_xx_hash3_64($*)"},
    {"xx_hash3_128", "s*", 'L', "sr_xx_hash3_128($*)"},
    {"xx_hash32", "s*", 'i', "sr_xx_hash32($*)"},
    {"xx_hash64", "s*", 'l', "sr_xx_hash64($*)"},
    // Numbers
    {"abs", "d", 'd', "abs($1)"},
    {"abs", "e", '1', "abs($1)"},
    {"ceil", "d", 'l', "CAST(ceil($1) AS BIGINT)"},
    {"floor", "d", 'l', "CAST(floor($1) AS BIGINT)"},
    {"round", "d", 'l', "CAST(round($1) AS BIGINT)"},
    {"round", "ei", '1', "round($1, $2)"},
    {"round", "di", 'd', "round($1, $2)"},
    {"truncate", "ei", '1', "trunc($1 * CAST(pow(10, $2) AS DOUBLE)) / pow(10, $2)"},
    {"truncate", "di", 'd', "trunc($1 * pow(10, $2)) / pow(10, $2)"},
    {"mod", "cc", 'c', "CASE WHEN $2 = 0 THEN NULL ELSE $1 % $2 END"},
    {"pmod", "cc", 'c', "CASE WHEN $2 = 0 THEN NULL ELSE (($1 % $2) + $2) % $2 END"},
    {"pow", "dd", 'd', "pow($1, $2)"},
    {"sqrt", "d", 'd', "CASE WHEN $1 >= 0 THEN sqrt($1) END"},
    {"cbrt", "d", 'd', "cbrt($1)"},
    {"exp", "d", 'd', "exp($1)"},
    {"ln", "d", 'd', "CASE WHEN $1 > 0 THEN ln($1) END"},
    {"log", "d", 'd', "CASE WHEN $1 > 0 THEN ln($1) END"},
    {"log", "dd", 'd', "CASE WHEN $1 > 0 AND $2 > 0 THEN ln($2) / ln($1) END"},
    {"log2", "d", 'd', "CASE WHEN $1 > 0 THEN log2($1) END"},
    {"log10", "d", 'd', "CASE WHEN $1 > 0 THEN log10($1) END"},
    {"sign", "d", 'f', "CAST(sign($1) AS FLOAT)"},
    {"rand", "", 'd', "random()"},
    {"rand", "l", 'd', "random()"},
    {"greatest", "c*", 'c', "sr_null_if_any($*, greatest($*))"},
    {"least", "c*", 'c', "sr_null_if_any($*, least($*))"},
    {"sin", "d", 'd', "sin($1)"},
    {"cos", "d", 'd', "cos($1)"},
    {"tan", "d", 'd', "tan($1)"},
    {"cot", "d", 'd', "cot($1)"},
    {"asin", "d", 'd', "CASE WHEN abs($1) <= 1 THEN asin($1) END"},
    {"acos", "d", 'd', "CASE WHEN abs($1) <= 1 THEN acos($1) END"},
    {"atan", "d", 'd', "atan($1)"},
    {"atan2", "dd", 'd', "atan2($1, $2)"},
    {"degrees", "d", 'd', "degrees($1)"},
    {"radians", "d", 'd', "radians($1)"},
    {"square", "d", 'd', "($1 * $1)"},
    {"pi", "", 'd', "pi()"},
    {"e", "", 'd', "exp(1)"},
    {"bitand", "ll", 'l', "($1 & $2)"},
    {"bitor", "ll", 'l', "($1 | $2)"},
    {"bitxor", "ll", 'l', "xor($1, $2)"},
    {"bitnot", "l", 'l', "(~$1)"},
    {"bit_shift_left", "ll", 'l', "sr_shift_left($1, $2)"},
    {"bit_shift_right", "ll", 'l', "($1 >> CAST($2 AS INTEGER))"},
    {"bin", "l", 's', "format('{:b}', $1)"},
    {"divide", "dd", 'd', "CASE WHEN $2 <> 0 THEN $1 / $2 END"},
    // Conditions
    {"if", "bcc", 'c', "CASE WHEN $1 THEN $2 ELSE $3 END"},
    {"ifnull", "cc", 'c', "coalesce($1, $2)"},
    {"nullif", "cc", 'c', "nullif($1, $2)"},
    {"coalesce", "c*", 'c', "coalesce($*)"},
    {"isnull", "a", 'b', "($1 IS NULL)"},
    {"isnotnull", "a", 'b', "($1 IS NOT NULL)"},
    {"assert_true", "b", 'b', "$1"},
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
    // JSON
    {"parse_json", "s", 'j', "CASE WHEN json_valid($1) THEN CAST($1 AS JSON) END"},
    {"json_query", "js", 'j', "json_extract($1, sr_json_path($2))"},
    {"json_exists", "js", 'b', "json_exists($1, sr_json_path($2))"},
    {"json_length", "j", 'i', "sr_json_length(CAST($1 AS VARCHAR))"},
    {"json_length", "js", 'i',
     "sr_json_length(CAST(json_extract($1, sr_json_path($2)) AS VARCHAR))"},
    {"json_keys", "j", 'j', "CAST(to_json(json_keys($1)) AS JSON)"},
    {"json_string", "j", 's', "sr_json_display(CAST($1 AS VARCHAR))"},
    {"get_json_string", "js", 's',
     "sr_json_string(CAST(json_extract($1, sr_json_path($2)) AS VARCHAR))"},
    {"get_json_string", "ss", 's',
     "sr_json_string(CAST(json_extract(CASE WHEN json_valid($1) THEN $1 END, sr_json_path($2)) AS "
     "VARCHAR))"},
    {"get_json_int", "js", 'l', "TRY_CAST(json_extract_string($1, sr_json_path($2)) AS BIGINT)"},
    {"get_json_int", "ss", 'l',
     "TRY_CAST(json_extract_string(CASE WHEN json_valid($1) THEN $1 END, sr_json_path($2)) AS "
     "BIGINT)"},
    {"get_json_double", "js", 'd', "TRY_CAST(json_extract_string($1, sr_json_path($2)) AS DOUBLE)"},
    {"get_json_double", "ss", 'd',
     "TRY_CAST(json_extract_string(CASE WHEN json_valid($1) THEN $1 END, sr_json_path($2)) AS "
     "DOUBLE)"},
    {"get_json_bool", "js", 'b', "TRY_CAST(json_extract_string($1, sr_json_path($2)) AS BOOLEAN)"},
    {"get_json_object", "ss", 's',
     "sr_json_string(CAST(json_extract(CASE WHEN json_valid($1) THEN $1 END, sr_json_path($2)) AS "
     "VARCHAR))"},
    {"json_object", "a*", 'j', "CAST(json_object($*) AS JSON)"},
    {"json_array", "a*", 'j', "CAST(json_array($*) AS JSON)"},
    {"to_json", "a", 'j', "CAST(to_json($1) AS JSON)"},
    // Arrays and maps
    {"array_length", "A", 'i', "CAST(len($1) AS INTEGER)"},
    {"cardinality", "A", 'i', "CAST(len($1) AS INTEGER)"},
    {"cardinality", "M", 'i', "CAST(cardinality($1) AS INTEGER)"},
    {"array_contains", "Aa", 'b', "list_contains($1, $2)"},
    {"array_position", "Aa", 'i', "CAST(coalesce(list_position($1, $2), 0) AS INTEGER)"},
    {"array_join", "As", 's', "array_to_string($1, $2)"},
    {"array_distinct", "A", '1', "list_distinct($1)"},
    {"array_sort", "A", '1', "list_sort($1, 'ASC', 'NULLS FIRST')"},
    {"array_append", "Aa", '1', "list_append($1, $2)"},
    {"array_concat", "AA", '1', "list_concat($1, $2)"},
    {"array_sum", "A", 'd', "CAST(list_sum($1) AS DOUBLE)"},
    {"array_max", "A", 'E', "list_max($1)"},
    {"array_min", "A", 'E', "list_min($1)"},
    {"array_slice", "All", '1', "list_slice($1, $2, $2 + $3 - 1)"},
    {"map_keys", "M", 'K', "map_keys($1)"},
    {"map_values", "M", 'V', "map_values($1)"},
    {"map_size", "M", 'i', "CAST(cardinality($1) AS INTEGER)"},
    // Bitmaps (sorted distinct lists) and HLL (distinct hash texts)
    {"to_bitmap", "s", 'B',
     "CASE WHEN TRY_CAST($1 AS UBIGINT) IS NULL THEN NULL ELSE [CAST($1 AS UBIGINT)] END"},
    {"bitmap_hash", "s", 'B', "[CAST(sr_murmur_hash3_32($1) & 4294967295 AS UBIGINT)]"},
    {"bitmap_empty", "", 'B', "CAST([] AS UBIGINT[])"},
    {"bitmap_count", "B", 'l', "len($1)"},
    {"bitmap_to_string", "B", 's', "array_to_string($1, ',')"},
    {"bitmap_from_string", "s", 'B',
     "list_sort(list_distinct(CAST(string_split($1, ',') AS UBIGINT[])))"},
    {"bitmap_contains", "Bl", 'b', "list_contains($1, CAST($2 AS UBIGINT))"},
    {"hll_hash", "s", 'H', "CASE WHEN $1 IS NULL THEN CAST([] AS VARCHAR[]) ELSE [md5($1)] END"},
    {"hll_empty", "", 'H', "CAST([] AS VARCHAR[])"},
    {"hll_cardinality", "H", 'l', "len(list_distinct($1))"},
    // Identity
    {"uuid", "", 's', "CAST(uuid() AS VARCHAR)"},
    {"uuid_numeric", "", 'L', "CAST(hash(uuid()) AS HUGEINT)"},
    {"sleep", "i", 'b', "sr_sleep($1)"},
    {"typeof", "a", 's', "typeof($1)"},
};

struct Alias {
  std::string_view name;
  std::string_view same_as;
};
constexpr Alias kAliases[] = {
    {"substring", "substr"},
    {"mid", "substr"},
    {"strleft", "left"},
    {"strright", "right"},
    {"character_length", "char_length"},
    {"ucase", "upper"},
    {"lcase", "lower"},
    {"ceiling", "ceil"},
    {"dceil", "ceil"},
    {"dfloor", "floor"},
    {"dround", "round"},
    {"power", "pow"},
    {"fpow", "pow"},
    {"dpow", "pow"},
    {"dexp", "exp"},
    {"dlog1", "ln"},
    {"dlog10", "log10"},
    {"dsqrt", "sqrt"},
    {"random", "rand"},
    {"nvl", "ifnull"},
    {"dayofmonth", "day"},
    {"day_of_week_iso", "dayofweek_iso"},
    {"base64_decode_string", "from_base64"},
    {"rlike", "regexp"},
    {"murmur_hash3", "murmur_hash3_32"},
    {"fmod", "mod"},
    {"get_json", "json_query"},
    {"strpos", "instr"},
    {"url_extract_parameter", ""},
};

bool IsMoment(TypeKind kind) { return kind == TypeKind::kDate || kind == TypeKind::kDateTime; }

std::optional<DataType> TypeOfLetter(char letter) {
  switch (letter) {
    case 's':
      return DataType::Varchar(catalog::kMaxVarcharLength);
    case 'y':
      return DataType::Of(TypeKind::kTinyInt);
    case 'h':
      return DataType::Of(TypeKind::kSmallInt);
    case 'i':
      return DataType::Of(TypeKind::kInt);
    case 'l':
      return DataType::Of(TypeKind::kBigInt);
    case 'L':
      return DataType::Of(TypeKind::kLargeInt);
    case 'f':
      return DataType::Of(TypeKind::kFloat);
    case 'd':
      return DataType::Of(TypeKind::kDouble);
    case 't':
      return DataType::Of(TypeKind::kDateTime);
    case 'T':
      return DataType::Of(TypeKind::kTime);
    case 'D':
      return DataType::Of(TypeKind::kDate);
    case 'b':
      return DataType::Of(TypeKind::kBoolean);
    case 'j':
      return DataType::Of(TypeKind::kJson);
    case 'v':
      return DataType::Of(TypeKind::kVarbinary);
    case 'B':
      return DataType::Of(TypeKind::kBitmap);
    case 'H':
      return DataType::Of(TypeKind::kHll);
    case 'S': {
      DataType list = DataType::Of(TypeKind::kArray);
      list.children.push_back(DataType::Varchar(catalog::kStringLength));
      return list;
    }
    default:
      return std::nullopt;
  }
}

// How far an argument is from a letter: 0 exact, more is worse, negative impossible.
int Distance(const DataType& type, char letter) {
  const TypeKind kind = type.kind;
  switch (letter) {
    case 'a':
    case 'c':
      return 1;
    case 'n':
      return catalog::IsNumeric(kind) ? 0 : kind == TypeKind::kNull ? 1 : -1;
    case 'e':
      return catalog::IsInteger(kind) || kind == TypeKind::kDecimal ? 0 : -1;
    case 'A':
      return kind == TypeKind::kArray ? 0 : -1;
    case 'M':
      return kind == TypeKind::kMap ? 0 : -1;
    case 'B':
    case 'H':
      return kind == TypeOfLetter(letter)->kind ? 0 : -1;
    case 'v':
      return kind == TypeKind::kVarbinary ? 0 : -1;
    default:
      break;
  }
  const DataType wanted = *TypeOfLetter(letter);
  if (kind == TypeKind::kNull) return 1;
  if (kind == wanted.kind || (catalog::IsText(kind) && letter == 's')) return 0;
  if (letter == 'j') return catalog::IsText(kind) || kind == TypeKind::kVarbinary ? -1 : 5;
  if (!CanCast(type, wanted)) return -1;
  if (catalog::IsNumeric(kind) && catalog::IsNumeric(wanted.kind)) {
    return wanted.kind > kind ? 1 : 2;
  }
  if (IsMoment(kind) && IsMoment(wanted.kind)) return 1;
  return letter == 's' ? 4 : 3;
}

// The letter for argument `i` of `count`; 0 if the signature takes no such number of arguments.
char LetterAt(std::string_view letters, size_t i, size_t count) {
  const bool repeats = letters.ends_with('*');
  if (repeats) letters.remove_suffix(1);
  if (repeats ? count < letters.size() : count != letters.size()) return 0;
  return letters[std::min(i, letters.size() - 1)];
}

int Distance(const Signature& signature, const std::vector<Typed>& arguments) {
  if (arguments.empty()) return signature.arguments.empty() ? 0 : -1;
  int total = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const char letter = LetterAt(signature.arguments, i, arguments.size());
    const int distance = letter == 0 ? -1 : Distance(arguments[i].type, letter);
    if (distance < 0) return -1;
    total += distance;
  }
  return total;
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator,
                 size_t from = 0) {
  std::string joined;
  for (size_t i = from; i < parts.size(); ++i) {
    if (i > from) joined += separator;
    joined += parts[i];
  }
  return joined;
}

std::string Expand(std::string_view pattern, const std::vector<std::string>& arguments) {
  std::string sql;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '$' || i + 1 == pattern.size()) {
      sql += pattern[i];
      continue;
    }
    const char which = pattern[++i];
    if (which == '*') {
      sql += Join(arguments, ", ");
    } else if (which == '&') {
      sql += Join(arguments, ", ", 1);
    } else if (which == '|') {
      sql += Join(arguments, " || ");
    } else {
      sql += arguments.at(static_cast<size_t>(which - '1'));
    }
  }
  return sql;
}

DataType ResultType(char letter, const std::vector<Typed>& arguments, const DataType& common) {
  switch (letter) {
    case '1':
      return arguments.at(0).type;
    case 'c':
      return common;
    case 'E':
      return arguments.at(0).type.children.at(0);
    case 'K':
    case 'V': {
      DataType list = DataType::Of(TypeKind::kArray);
      list.children.push_back(arguments.at(0).type.children.at(letter == 'K' ? 0 : 1));
      return list;
    }
    default:
      return *TypeOfLetter(letter);
  }
}

// greatest and least give NULL as soon as one argument is NULL; DuckDB's pass NULLs over.
std::string NullIfAny(const std::string& value, const std::vector<std::string>& arguments) {
  std::string condition;
  for (const std::string& argument : arguments) {
    if (!condition.empty()) condition += " OR ";
    condition += "(" + argument + ") IS NULL";
  }
  return "CASE WHEN " + condition + " THEN NULL ELSE " + value + " END";
}

Typed Apply(const Signature& signature, const std::vector<Typed>& arguments) {
  DataType common = DataType::Of(TypeKind::kNull);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (LetterAt(signature.arguments, i, arguments.size()) == 'c') {
      common = CommonType(common, arguments[i].type);
    }
  }
  if (signature.name == "mod" || signature.name == "pmod") {
    common = ArithmeticType("%", arguments[0].type, arguments[1].type);
  }
  std::vector<std::string> sqls;
  bool nullable = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const char letter = LetterAt(signature.arguments, i, arguments.size());
    const auto wanted = letter == 'c' ? std::optional(common) : TypeOfLetter(letter);
    sqls.push_back(wanted && letter != 'B' && letter != 'H'
                       ? CastSql(arguments[i].sql, arguments[i].type, *wanted)
                       : arguments[i].sql);
    nullable |= arguments[i].nullable;
  }
  Typed result;
  result.type = ResultType(signature.result, arguments, common);
  const bool rounds = signature.name == "round" || signature.name == "truncate";
  if (rounds && arguments.size() == 2 && result.type.kind == TypeKind::kDecimal &&
      arguments[1].literal_text) {
    // The stated number of digits is the scale of the result.
    const int digits = std::atoi(arguments[1].literal_text->c_str());
    result.type =
        DataType::Decimal(catalog::kMaxDecimalPrecision, std::clamp(digits, 0, result.type.scale));
  }
  result.nullable = nullable;
  if (signature.name == "greatest" || signature.name == "least") {
    result.sql = NullIfAny(std::string(signature.name) + "(" + Join(sqls, ", ") + ")", sqls);
  } else if (signature.name == "date_trunc" && arguments[1].type.kind == TypeKind::kDate) {
    result.sql = "CAST(" + Expand(signature.sql, sqls) + " AS DATE)";
    result.type = DataType::Of(TypeKind::kDate);
  } else {
    result.sql = Expand(signature.sql, sqls);
    if (signature.result == '1')
      result.sql = "CAST(" + result.sql + " AS " + PhysicalType(result.type) + ")";
  }
  return result;
}

}  // namespace

Error NoMatchingFunction(std::string_view name, const std::vector<Typed>& arguments,
                         sql::Position begin, sql::Position end) {
  std::string types;
  for (const Typed& argument : arguments) {
    if (!types.empty()) types += ", ";
    types += catalog::ShowCreateName(argument.type);
  }
  return sql::AnalyzeErrorAt(
      begin, end, "No matching function with signature: " + std::string(name) + "(" + types + ")");
}

Result<Typed> ResolveScalar(std::string_view name, const std::vector<Typed>& arguments,
                            sql::Position begin, sql::Position end) {
  std::string_view wanted = name;
  for (const Alias& alias : kAliases) {
    if (alias.name == name) wanted = alias.same_as;
  }
  const Signature* best = nullptr;
  int best_distance = 0;
  for (const Signature& signature : kSignatures) {
    if (signature.name != wanted) continue;
    const int distance = Distance(signature, arguments);
    if (distance < 0 || (best != nullptr && distance >= best_distance)) continue;
    best = &signature;
    best_distance = distance;
  }
  if (best == nullptr) return NoMatchingFunction(name, arguments, begin, end);
  return Apply(*best, arguments);
}

}  // namespace starlift::sandbox::query

#include "sandbox/query/scalar_signatures.h"

namespace starlift::sandbox::query {
namespace {

constexpr Signature kSignatures[] = {
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
    {"array_avg", "A", 'd', "CAST(list_avg($1) AS DOUBLE)"},
    {"array_contains_all", "AA", 'b', "list_has_all($1, $2)"},
    {"array_filter", "AA", '1', "list_where($1, $2)"},
    {"array_flatten", "A", 'E', "flatten($1)"},
    {"array_generate", "l", 'I', "generate_series(1, $1)"},
    {"array_generate", "ll", 'I', "generate_series($1, $2)"},
    {"array_generate", "lll", 'I', "generate_series($1, $2, $3)"},
    {"array_intersect", "AA", '1', "list_intersect($1, $2)"},
    {"array_remove", "Aa", '1', "list_filter($1, lambda x: x IS DISTINCT FROM $2)"},
    {"array_repeat", "al", 'O', "repeat([$1], $2)"},
    {"array_top_n", "Al", '1', "list_slice(list_sort($1, 'DESC', 'NULLS LAST'), 1, $2)"},
    {"arrays_overlap", "AA", 'b', "list_has_any($1, $2)"},
    {"distinct_map_keys", "M", '1', "$1"},
    {"map_concat", "MM", '1', "map_concat($1, $2)"},
    {"bitmap_and", "BB", 'B', "list_sort(list_intersect($1, $2))"},
    {"bitmap_or", "BB", 'B', "list_sort(list_distinct(list_concat($1, $2)))"},
    {"bitmap_andnot", "BB", 'B', "list_filter($1, lambda x: NOT list_contains($2, x))"},
    {"bitmap_xor", "BB", 'B',
     "list_sort(list_concat(list_filter($1, lambda x: NOT list_contains($2, x)), list_filter($2, "
     "lambda x: NOT list_contains($1, x))))"},
    {"bitmap_has_any", "BB", 'b', "list_has_any($1, $2)"},
    {"bitmap_max", "B", 'L', "CAST(list_max($1) AS HUGEINT)"},
    {"bitmap_min", "B", 'L', "CAST(list_min($1) AS HUGEINT)"},
    {"bitmap_remove", "Bl", 'B', "list_filter($1, lambda x: x <> $2)"},
    {"bitmap_subset_in_range", "Bll", 'B', "list_filter($1, lambda x: x >= $2 AND x < $3)"},
    {"bitmap_subset_limit", "Bll", 'B', "list_slice(list_filter($1, lambda x: x >= $2), 1, $3)"},
    {"sub_bitmap", "Bll", 'B', "list_slice($1, $2 + 1, $2 + $3)"},
    {"bitmap_to_array", "B", 'I', "CAST($1 AS BIGINT[])"},
    {"array_to_bitmap", "A", 'B', "list_sort(list_distinct(CAST($1 AS UBIGINT[])))"},
    {"base64_decode_binary", "s", 'v', "from_base64($1)"},
    // Identity
    {"uuid", "", 's', "CAST(uuid() AS VARCHAR)"},
    {"uuid_numeric", "", 'L', "CAST(hash(uuid()) AS HUGEINT)"},
    {"sleep", "i", 'b', "sr_sleep($1)"},
    {"typeof", "a", 's', "typeof($1)"},
};

}  // namespace

std::span<const Signature> CollectionSignatures() { return kSignatures; }

}  // namespace starlift::sandbox::query

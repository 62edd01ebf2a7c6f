#pragma once

#include <string>
#include <string_view>

// Time zones as StarRocks names them, "Asia/Tokyo" or "+09:00", in DuckDB's SQL, which knows only
// the names.
namespace starlift::sandbox {

// The local date and time (TIMESTAMP) in the zone, of a moment (TIMESTAMPTZ).
std::string LocalTimeSql(std::string_view zone, const std::string& moment);
// The other way.
std::string MomentSql(std::string_view zone, const std::string& local_time);

}  // namespace starlift::sandbox

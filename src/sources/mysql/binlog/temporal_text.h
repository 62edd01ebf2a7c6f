#pragma once

#include <cstddef>
#include <cstdint>

// Dates and times of the log as the text that the server itself prints, zero and impossible dates
// as they are. Each reads the bytes that its comment names, writes to `out`, where kLongestTemporal
// bytes must be free, and gives the end. `scale` is the number of fraction digits, 0…6.
namespace starlift::mysql {

inline constexpr size_t kLongestTemporal = 32;

// ⌈scale / 2⌉
size_t FractionBytes(int scale);

char* WriteDate(const char* bytes, char* out);                   // 3
char* WriteTimestamp2(const char* bytes, int scale, char* out);  // 4 + fraction
char* WriteDateTime2(const char* bytes, int scale, char* out);   // 5 + fraction
char* WriteTime2(const char* bytes, int scale, char* out);       // 3 + fraction
// As before MySQL 5.6.4, and in MariaDB with mysql56_temporal_format=OFF.
char* WriteOldTimestamp(const char* bytes, char* out);  // 4
char* WriteOldDateTime(const char* bytes, char* out);   // 8
char* WriteOldTime(const char* bytes, char* out);       // 3
// MariaDB's old form of columns with fraction digits.
size_t HighResolutionTimestampBytes(int scale);
size_t HighResolutionDateTimeBytes(int scale);
size_t HighResolutionTimeBytes(int scale);
char* WriteHighResolutionTimestamp(const char* bytes, int scale, char* out);
char* WriteHighResolutionDateTime(const char* bytes, int scale, char* out);
char* WriteHighResolutionTime(const char* bytes, int scale, char* out);

// MySQL's packed 8-byte forms inside of JSON, always with six fraction digits.
char* WritePackedDateTime(int64_t packed, bool date_only, char* out);
char* WritePackedTime(int64_t packed, char* out);

}  // namespace starlift::mysql

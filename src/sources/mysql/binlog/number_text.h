#pragma once

#include <cstddef>
#include <cstdint>

// Numbers of the log as the text that the server itself prints (data/type.h). Each writes to `out`,
// where kLongestNumber bytes must be free, and gives the end.
namespace starlift::mysql {

inline constexpr size_t kLongestNumber = 80;

// As many bytes as a DECIMAL(precision, scale) has in the log.
size_t DecimalBytes(int precision, int scale);
char* WriteDecimal(const char* bytes, int precision, int scale, char* out);

// The shortest text that reads back, laid out as MySQL does (my_gcvt): no exponent for 1e-15 up to
// below 1e15, nor for what has a fraction.
char* WriteDouble(double value, char* out);
char* WriteFloat(float value, char* out);

char* WriteUnsigned(uint64_t value, char* out);
char* WriteSigned(int64_t value, char* out);

}  // namespace starlift::mysql

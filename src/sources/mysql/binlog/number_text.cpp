#include "sources/mysql/binlog/number_text.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "sources/mysql/binlog/byte_reader.h"

namespace starlift::mysql {
namespace {

constexpr int kGroupDigits = 9;
constexpr int kBytesOfDigits[kGroupDigits + 1] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
constexpr size_t kMostDecimalBytes = 32;

// Below and from here on the server writes an exponent (MAX_DECPT_FOR_F_FORMAT is 15).
constexpr double kSmallestPlain = 1e-15;
constexpr double kSmallestWithExponent = 1e15;

// Exactly `digits` digits, with leading zeros.
char* WriteGroup(uint32_t value, int digits, char* out) {
  for (int i = digits; i-- > 0;) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + digits;
}

// to_chars writes "1e+38" and "1e-05" where MySQL prints "1e38" and "1e-5".
char* TrimExponent(char* begin, char* end) {
  char* const exponent = static_cast<char*>(std::memchr(begin, 'e', end - begin));
  if (exponent == nullptr) return end;
  char* into = exponent + 1;
  const char* from = into;
  if (*from == '-') *into++ = '-';
  ++from;
  while (from + 1 < end && *from == '0') ++from;
  while (from < end) *into++ = *from++;
  return into;
}

template <typename Value>
char* WriteReal(Value value, char* out) {
  const double size = std::fabs(static_cast<double>(value));
  // Beyond that only whole numbers get an exponent.
  const bool plain = size == 0 || (size >= kSmallestPlain &&
                                   (size < kSmallestWithExponent || size != std::trunc(size)));
  const auto written =
      std::to_chars(out, out + kLongestNumber, value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  return plain ? written.ptr : TrimExponent(out, written.ptr);
}

}  // namespace

size_t DecimalBytes(int precision, int scale) {
  const auto bytes_of = [](int digits) -> size_t {
    return static_cast<size_t>(digits / kGroupDigits) * 4 + kBytesOfDigits[digits % kGroupDigits];
  };
  return bytes_of(precision - scale) + bytes_of(scale);
}

// Groups of nine digits in four bytes, big-endian; what is left of the digits stands before the
// first and behind the last in fewer. The first bit is inverted, for negatives all are. MySQL
// "decimal2bin".
char* WriteDecimal(const char* bytes, int precision, int scale, char* out) {
  char plain[kMostDecimalBytes];
  const size_t size = DecimalBytes(precision, scale);
  const bool negative = (static_cast<unsigned char>(bytes[0]) & 0x80) == 0;
  for (size_t i = 0; i < size; ++i) plain[i] = static_cast<char>(negative ? ~bytes[i] : bytes[i]);
  plain[0] = static_cast<char>(plain[0] ^ 0x80);
  const char* at = plain;
  const auto take = [&](int digits) {
    const int count = kBytesOfDigits[digits];
    const auto value = static_cast<uint32_t>(BigEndian(at, static_cast<size_t>(count)));
    at += count;
    return value;
  };
  if (negative) *out++ = '-';
  const int whole = precision - scale;
  char* const first = out;
  if (whole % kGroupDigits > 0) {
    const uint32_t value = take(whole % kGroupDigits);
    if (value > 0) out = WriteUnsigned(value, out);
  }
  for (int groups = whole / kGroupDigits; groups > 0; --groups) {
    const uint32_t value = take(kGroupDigits);
    if (out > first) {
      out = WriteGroup(value, kGroupDigits, out);
    } else if (value > 0) {
      out = WriteUnsigned(value, out);
    }
  }
  if (out == first) *out++ = '0';
  if (scale == 0) return out;
  *out++ = '.';
  for (int groups = scale / kGroupDigits; groups > 0; --groups)
    out = WriteGroup(take(kGroupDigits), kGroupDigits, out);
  if (scale % kGroupDigits > 0)
    out = WriteGroup(take(scale % kGroupDigits), scale % kGroupDigits, out);
  return out;
}

char* WriteDouble(double value, char* out) { return WriteReal(value, out); }
char* WriteFloat(float value, char* out) { return WriteReal(value, out); }

char* WriteUnsigned(uint64_t value, char* out) {
  return std::to_chars(out, out + kLongestNumber, value).ptr;
}
char* WriteSigned(int64_t value, char* out) {
  return std::to_chars(out, out + kLongestNumber, value).ptr;
}

}  // namespace starlift::mysql

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace starlift {

// Source-neutral column types. A source maps its native types to these (sources/X/types), mapping/
// maps these to StarRocks types; neither knows the other.
//
// Cell form: every cell of a RowBatch is bytes in the one form that its kind has here, whatever
// path (snapshot or change stream) it came by, so that both paths can be compared byte for byte:
//
//   kBool                 "0" or "1"
//   kInt*, kUInt*, kYear  decimal digits, "-" for negative, no leading zeros or "+"
//   kBit                  the bits as an unsigned integer in decimal digits
//   kFloat, kDouble       shortest text that reads back to the same value; exponent allowed
//   kDecimal              digits with exactly `scale` fraction digits
//   kDate                 YYYY-MM-DD; what the source has of zero or impossible dates, as it is
//   kDateTime, kTimestamp YYYY-MM-DD HH:MM:SS[.ffffff], fraction digits as declared; kTimestamp in
//   UTC kTime                 [-]H..H:MM:SS[.ffffff], hours at least two digits kChar … kSet UTF-8
//   text (kChar without its padding) kJson                 JSON text as the source prints it
//   kBinary … kBlob       the raw bytes (kBinary padded to its length)
//   kGeometry             4 bytes SRID (little endian), then WKB
//   kUuid, kInet          their usual text
enum class TypeKind : uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt24,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt24,
  kUInt32,
  kUInt64,
  kFloat,
  kDouble,
  kDecimal,
  kDate,
  kDateTime,
  kTimestamp,
  kTime,
  kYear,
  kChar,
  kVarchar,
  kText,
  kEnum,
  kSet,
  kJson,
  kBinary,
  kVarbinary,
  kBlob,
  kBit,
  kGeometry,
  kUuid,
  kInet,
  kUnsupported,
};

struct Type {
  TypeKind kind = TypeKind::kUnsupported;
  // Characters (kChar, kVarchar, kText, kEnum, kSet), bytes (kBinary, kVarbinary, kBlob), bits
  // (kBit).
  uint64_t length = 0;
  // kDecimal: total digits and fraction digits. kDateTime, kTimestamp, kTime: scale = fraction
  // digits.
  uint8_t precision = 0;
  uint8_t scale = 0;

  bool operator==(const Type&) const = default;
};

std::string_view TypeKindName(TypeKind kind);

bool IsInteger(TypeKind kind);
bool IsText(TypeKind kind);    // kChar, kVarchar, kText, kEnum, kSet, kUuid, kInet
bool IsBinary(TypeKind kind);  // kBinary, kVarbinary, kBlob

}  // namespace starlift

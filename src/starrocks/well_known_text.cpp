#include "starrocks/well_known_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace starlift::starrocks {
namespace {

enum GeometryKind : uint32_t {
  kPoint = 1,
  kLineString = 2,
  kPolygon = 3,
  kMultiPoint = 4,
  kMultiLineString = 5,
  kMultiPolygon = 6,
  kCollection = 7,
};

constexpr int kMaxDepth = 64;

static_assert(std::endian::native == std::endian::little);

class WkbReader {
 public:
  WkbReader(std::string_view bytes, std::string& text) : bytes_(bytes), text_(text) {}

  bool ReadDocument() { return ReadGeometry(/*expected=*/0, /*named=*/true, 0) && bytes_.empty(); }

 private:
  template <typename T>
  bool Read(T& value) {
    if (bytes_.size() < sizeof(T)) return false;
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_.remove_prefix(sizeof(T));
    return true;
  }

  bool ReadInteger(uint32_t& value) {
    if (!Read(value)) return false;
    if (big_endian_) value = __builtin_bswap32(value);
    return true;
  }

  bool ReadCoordinate() {
    uint64_t bits = 0;
    if (!Read(bits)) return false;
    if (big_endian_) bits = __builtin_bswap64(bits);
    double number = 0;
    std::memcpy(&number, &bits, sizeof number);
    if (!std::isfinite(number)) return false;
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    text_.append(digits, end);
    return true;
  }

  bool ReadPoint() {
    if (!ReadCoordinate()) return false;
    text_ += ' ';
    return ReadCoordinate();
  }

  // count, then that many of what `read` reads.
  template <typename ReadItem>
  bool ReadList(size_t item_bytes, ReadItem read) {
    uint32_t count = 0;
    if (!ReadInteger(count) || count > bytes_.size() / item_bytes) return false;
    text_ += '(';
    for (uint32_t i = 0; i < count; ++i) {
      if (i > 0) text_ += ',';
      if (!read()) return false;
    }
    text_ += ')';
    return true;
  }

  bool ReadPoints() {
    return ReadList(16, [&] { return ReadPoint(); });
  }

  bool ReadRings() {
    return ReadList(4, [&] { return ReadPoints(); });
  }

  // Members of multi-geometries are whole geometries whose names are left out.
  bool ReadMembers(uint32_t expected, bool named, int depth) {
    return ReadList(5, [&] { return ReadGeometry(expected, named, depth + 1); });
  }

  bool ReadGeometry(uint32_t expected, bool named, int depth) {
    static constexpr std::string_view kNames[] = {
        "",           "POINT",           "LINESTRING",   "POLYGON",
        "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
    uint8_t order = 0;
    uint32_t kind = 0;
    if (depth > kMaxDepth || !Read(order) || order > 1) return false;
    big_endian_ = order == 0;
    if (!ReadInteger(kind) || kind < kPoint || kind > kCollection) return false;
    if (expected != 0 && kind != expected) return false;
    if (named) text_ += kNames[kind];
    switch (kind) {
      case kPoint:
        text_ += '(';
        if (!ReadPoint()) return false;
        text_ += ')';
        return true;
      case kLineString:
        return ReadPoints();
      case kPolygon:
        return ReadRings();
      case kMultiPoint:
        return ReadMembers(kPoint, false, depth);
      case kMultiLineString:
        return ReadMembers(kLineString, false, depth);
      case kMultiPolygon:
        return ReadMembers(kPolygon, false, depth);
      default:
        // The empty collection has no list in its text.
        if (IsEmptyList()) {
          bytes_.remove_prefix(4);
          text_ += " EMPTY";
          return true;
        }
        return ReadMembers(0, true, depth);
    }
  }

  bool IsEmptyList() const {
    return bytes_.size() >= 4 && bytes_.substr(0, 4) == std::string_view("\0\0\0\0", 4);
  }

  std::string_view bytes_;
  std::string& text_;
  bool big_endian_ = false;
};

}  // namespace

bool WriteWellKnownText(std::string_view geometry, std::string& text) {
  text.clear();
  uint32_t srid = 0;
  if (geometry.size() < sizeof srid) return false;
  std::memcpy(&srid, geometry.data(), sizeof srid);
  if (srid != 0) text = "SRID=" + std::to_string(srid) + ";";
  return WkbReader(geometry.substr(sizeof srid), text).ReadDocument();
}

}  // namespace starlift::starrocks

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/table.h"

namespace starlift {

// Checksums that two databases compute by themselves over rows that should be equal, and that are
// equal only if the rows are (docs/reference/canonical-values.md, "Checksums").
//
// A row's text is the texts of its columns, joined by '|'; NULL is '~'. Each form is a text that
// both a source and StarRocks can make exactly, and that no two values of a column share.
enum class ChecksumForm : uint8_t {
  kPlain,  // the value as the server prints it: integers, DECIMAL, DATE, DATETIME without fraction
  kDateTime,  // YYYY-MM-DD HH:MM:SS, with .ffffff unless that is zero
  kHex,       // bytes in upper-case hex
  kLowerHex,  // bytes in lower-case hex: a binary key, which lands so
  kText,      // UTF-8: its length in bytes, ':', the bytes
  kLongHex,   // MD5 of kHex, in lower-case hex
  kLongText,  // MD5 of the UTF-8 bytes, in lower-case hex
};

struct ChecksumColumn {
  ColumnIndex column = 0;
  ChecksumForm form = ChecksumForm::kPlain;
};

enum class ChecksumMethod : uint8_t {
  // h = CRC-32 of the row's text; the sums of h and of h². Cheap.
  kCrc32,
  // The sums of the first and of the last 60 bits of the MD5 of the row's text.
  kMd5,
};

// Of some rows. Sums of disjoint sets of rows add up to that of their union.
struct RowChecksum {
  __extension__ using Sum = unsigned __int128;

  uint64_t rows = 0;
  Sum first = 0;
  Sum second = 0;

  bool operator==(const RowChecksum&) const = default;
  RowChecksum& operator+=(const RowChecksum& other) {
    rows += other.rows;
    first += other.first;
    second += other.second;
    return *this;
  }
};

// Reads what the checksum queries of both sides answer in one row: rows, rows that have a checksum,
// both sums; no rows have sums of NULL. nullopt if the row isn't that, or if some of the rows have
// no checksum: it says nothing of them then.
std::optional<RowChecksum> ParseChecksum(std::span<const std::optional<std::string>> answer);

}  // namespace starlift

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "sources/mysql/binlog/charset.h"
#include "sources/mysql/binlog/table_map.h"

namespace starlift::mysql {

// How one column's values are read: chosen once per table map, by what the definition says and what
// the log says.
enum class CellOp : uint8_t {
  kSigned8,
  kSigned16,
  kSigned24,
  kSigned32,
  kSigned64,
  kUnsigned8,
  kUnsigned16,
  kUnsigned24,
  kUnsigned32,
  kUnsigned64,
  kFloat,
  kDouble,
  kDecimal,
  kYear,
  kBit,
  kDate,
  kTimestamp2,
  kDateTime2,
  kTime2,
  kOldTimestamp,
  kOldDateTime,
  kOldTime,
  kHighResolutionTimestamp,
  kHighResolutionDateTime,
  kHighResolutionTime,
  kEnum,
  kSet,
  kUtf8,       // text that is UTF-8 as it is
  kConverted,  // text of another charset
  kBytes,
  kPaddedBytes,  // BINARY(n): trailing zeros are not in the log
  kJson,         // MySQL's binary form
  kUuid,
  kInet4,
  kInet6,
};

// How many bytes MariaDB's fixed types have.
inline constexpr size_t kUuidBytes = 16;
inline constexpr size_t kInet6Bytes = 16;
inline constexpr size_t kInet4Bytes = 4;

struct ColumnDecoder {
  CellOp op = CellOp::kBytes;
  uint8_t width = 0;        // bytes of the value, or of its length
  bool compressed = false;  // MariaDB's COMPRESSED columns: the value is a packed text
  uint8_t precision = 0;
  uint8_t scale = 0;
  uint32_t padded = 0;  // kPaddedBytes
  const Charset* charset = nullptr;
  std::vector<std::string> labels;  // kEnum, kSet
  // The labels are those of the catalog, which has '?' for characters beyond its charset (utf8mb3).
  bool labels_from_catalog = false;
  std::string name;  // for messages
};

// kPolicy: the log's column can't be the one of the definition.
// `labels`: as the log tells them, or empty.
Result<ColumnDecoder> ChooseDecoder(const Column& column, const LogColumn& logged,
                                    const std::vector<std::string>& labels, CharsetList& charsets);

// A value's bytes within an image: where they begin and how many they are (without the length in
// front). False: the image ends before.
struct CellSpan {
  const char* begin = nullptr;
  uint64_t size = 0;
};
bool TakeCell(const ColumnDecoder& decoder, const char*& at, const char* end, CellSpan& span);

// The value of a fixed-size op as text; kLongestNumber bytes must be free at `out`.
char* WriteFixed(const ColumnDecoder& decoder, const char* bytes, char* out);

// The value of the other ops, into `text`. kData: bytes that can't be what the column holds.
Status AppendVariable(const ColumnDecoder& decoder, std::string_view bytes, std::string& text);

bool IsFixed(CellOp op);

// The labels of "enum('a','it''s')" as the server prints it.
std::vector<std::string> ReadLabels(std::string_view native_type);

}  // namespace starlift::mysql

#include "sources/mysql/binlog/column_decoder.h"

#include <cstring>

#include <fmt/format.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/number_text.h"
#include "sources/mysql/binlog/temporal_text.h"

namespace starlift::mysql {
namespace {

struct IntegerForm {
  TypeKind kind;
  LogType logged;
  CellOp op;
  uint8_t width;
};
constexpr IntegerForm kIntegers[] = {
    {TypeKind::kInt8, LogType::kTiny, CellOp::kSigned8, 1},
    {TypeKind::kInt16, LogType::kShort, CellOp::kSigned16, 2},
    {TypeKind::kInt24, LogType::kInt24, CellOp::kSigned24, 3},
    {TypeKind::kInt32, LogType::kLong, CellOp::kSigned32, 4},
    {TypeKind::kInt64, LogType::kLongLong, CellOp::kSigned64, 8},
    {TypeKind::kUInt8, LogType::kTiny, CellOp::kUnsigned8, 1},
    {TypeKind::kUInt16, LogType::kShort, CellOp::kUnsigned16, 2},
    {TypeKind::kUInt24, LogType::kInt24, CellOp::kUnsigned24, 3},
    {TypeKind::kUInt32, LogType::kLong, CellOp::kUnsigned32, 4},
    {TypeKind::kUInt64, LogType::kLongLong, CellOp::kUnsigned64, 8},
    {TypeKind::kFloat, LogType::kFloat, CellOp::kFloat, 4},
    {TypeKind::kDouble, LogType::kDouble, CellOp::kDouble, 8},
    {TypeKind::kYear, LogType::kYear, CellOp::kYear, 1},
    {TypeKind::kDate, LogType::kDate, CellOp::kDate, 3},
    {TypeKind::kDate, LogType::kNewDate, CellOp::kDate, 3},
};

Error Mismatch(const Column& column, const LogColumn& logged) {
  return Error{.kind = ErrorKind::kPolicy,
               .message = fmt::format(
                   "the log's column {} is of type {}, size {}, digits {}.{}, which can't be {}",
                   column.name, static_cast<int>(logged.type), logged.size, logged.precision,
                   logged.scale, column.native_type)};
}

uint8_t LengthWidth(const LogColumn& logged) { return logged.size > 255 ? 2 : 1; }

bool IsBlob(LogType type) {
  return type == LogType::kTinyBlob || type == LogType::kBlob || type == LogType::kMediumBlob ||
         type == LogType::kLongBlob || type == LogType::kMariadbBlobCompressed;
}

// Temporal columns have two forms, and MariaDB's old one with fraction digits has no mark at all:
// the definition's digits tell it.
struct TemporalForm {
  TypeKind kind;
  LogType logged;
  CellOp op;
  uint8_t whole_bytes;
  LogType old_logged;
  CellOp old_op;
  uint8_t old_bytes;
  CellOp high_resolution_op;
  size_t (*high_resolution_bytes)(int scale);
};
constexpr TemporalForm kTemporals[] = {
    {TypeKind::kTimestamp, LogType::kTimestamp2, CellOp::kTimestamp2, 4, LogType::kTimestamp,
     CellOp::kOldTimestamp, 4, CellOp::kHighResolutionTimestamp, HighResolutionTimestampBytes},
    {TypeKind::kDateTime, LogType::kDateTime2, CellOp::kDateTime2, 5, LogType::kDateTime,
     CellOp::kOldDateTime, 8, CellOp::kHighResolutionDateTime, HighResolutionDateTimeBytes},
    {TypeKind::kTime, LogType::kTime2, CellOp::kTime2, 3, LogType::kTime, CellOp::kOldTime, 3,
     CellOp::kHighResolutionTime, HighResolutionTimeBytes},
};

bool ChooseTemporal(const TemporalForm& form, const Column& column, const LogColumn& logged,
                    ColumnDecoder& decoder) {
  const uint8_t scale = column.type.scale;
  decoder.scale = scale;
  if (logged.type == form.logged && logged.scale == scale) {
    decoder.op = form.op;
    decoder.width = static_cast<uint8_t>(form.whole_bytes + FractionBytes(scale));
    return true;
  }
  if (logged.type != form.old_logged) return false;
  decoder.op = scale == 0 ? form.old_op : form.high_resolution_op;
  decoder.width =
      scale == 0 ? form.old_bytes : static_cast<uint8_t>(form.high_resolution_bytes(scale));
  return true;
}

// Text, bytes, JSON, geometry: everything whose length stands in front of it.
bool ChooseVariable(const Column& column, const LogColumn& logged, ColumnDecoder& decoder) {
  const TypeKind kind = column.type.kind;
  const bool text = kind == TypeKind::kChar || kind == TypeKind::kVarchar ||
                    kind == TypeKind::kText || kind == TypeKind::kJson;
  decoder.op = text ? CellOp::kUtf8 : CellOp::kBytes;
  if (IsBlob(logged.type) || logged.type == LogType::kGeometry || logged.type == LogType::kJson) {
    const bool json = logged.type == LogType::kJson;
    const bool fits = json ? kind == TypeKind::kJson
                           : kind == TypeKind::kText || kind == TypeKind::kBlob ||
                                 kind == TypeKind::kJson || kind == TypeKind::kGeometry;
    if (json) decoder.op = CellOp::kJson;
    decoder.width = static_cast<uint8_t>(logged.size);
    decoder.compressed = logged.type == LogType::kMariadbBlobCompressed;
    return fits && logged.size >= 1 && logged.size <= 4;
  }
  decoder.width = LengthWidth(logged);
  if (logged.type == LogType::kVarchar || logged.type == LogType::kVarString ||
      logged.type == LogType::kMariadbVarcharCompressed) {
    decoder.compressed = logged.type == LogType::kMariadbVarcharCompressed;
    return kind == TypeKind::kVarchar || kind == TypeKind::kVarbinary;
  }
  if (logged.type != LogType::kString) return false;
  switch (kind) {
    case TypeKind::kChar:
      return true;
    case TypeKind::kBinary:
      decoder.op = CellOp::kPaddedBytes;
      decoder.padded = static_cast<uint32_t>(column.type.length);
      return column.type.length == logged.size;
    case TypeKind::kUuid:
      decoder.op = CellOp::kUuid;
      return logged.size == kUuidBytes;
    case TypeKind::kInet:
      decoder.op = logged.size == kInet4Bytes ? CellOp::kInet4 : CellOp::kInet6;
      return logged.size == kInet4Bytes || logged.size == kInet6Bytes;
    default:
      return false;
  }
}

bool ChooseForm(const Column& column, const LogColumn& logged, ColumnDecoder& decoder) {
  const Type& type = column.type;
  for (const IntegerForm& form : kIntegers) {
    if (form.kind != type.kind || form.logged != logged.type) continue;
    decoder.op = form.op;
    decoder.width = form.width;
    return true;
  }
  for (const TemporalForm& form : kTemporals) {
    if (form.kind == type.kind) return ChooseTemporal(form, column, logged, decoder);
  }
  switch (type.kind) {
    case TypeKind::kDecimal:
      decoder.op = CellOp::kDecimal;
      decoder.precision = logged.precision;
      decoder.scale = logged.scale;
      decoder.width = static_cast<uint8_t>(DecimalBytes(logged.precision, logged.scale));
      return logged.type == LogType::kNewDecimal && logged.precision == type.precision &&
             logged.scale == type.scale;
    case TypeKind::kBit:
      decoder.op = CellOp::kBit;
      decoder.width = static_cast<uint8_t>((logged.size + 7) / 8);
      return logged.type == LogType::kBit && logged.size == type.length;
    case TypeKind::kEnum:
    case TypeKind::kSet:
      decoder.op = type.kind == TypeKind::kEnum ? CellOp::kEnum : CellOp::kSet;
      decoder.width = static_cast<uint8_t>(logged.size);
      decoder.labels = ReadLabels(column.native_type);
      decoder.labels_from_catalog = true;
      return logged.type == (type.kind == TypeKind::kEnum ? LogType::kEnum : LogType::kSet);
    default:
      return ChooseVariable(column, logged, decoder);
  }
}

}  // namespace

bool IsFixed(CellOp op) { return op < CellOp::kEnum; }

Result<ColumnDecoder> ChooseDecoder(const Column& column, const LogColumn& logged,
                                    const std::vector<std::string>& labels, CharsetList& charsets) {
  ColumnDecoder decoder;
  decoder.name = column.name;
  if (!ChooseForm(column, logged, decoder)) return Mismatch(column, logged);
  if (!labels.empty() && !decoder.labels.empty()) {
    SL_ASSIGN(const Charset* const charset, charsets.Find(column.charset));
    decoder.labels.clear();
    decoder.labels_from_catalog = false;
    for (const std::string& label : labels)
      SL_TRY(charset->Convert(label, decoder.labels.emplace_back()));
  }
  if (decoder.op == CellOp::kUtf8) {
    // A column without a charset is MySQL's JSON, or text of the server's own.
    SL_ASSIGN(decoder.charset, charsets.Find(column.charset.empty() ? "utf8mb4" : column.charset));
    if (!decoder.charset->is_utf8()) decoder.op = CellOp::kConverted;
  }
  return decoder;
}

bool TakeCell(const ColumnDecoder& decoder, const char*& at, const char* end, CellSpan& span) {
  const auto left = static_cast<uint64_t>(end - at);
  if (decoder.width > left) return false;
  if (IsFixed(decoder.op) || decoder.op == CellOp::kEnum || decoder.op == CellOp::kSet) {
    span = {at, decoder.width};
    at += decoder.width;
    return true;
  }
  const uint64_t size = LittleEndian(at, decoder.width);
  if (size > left - decoder.width) return false;
  span = {at + decoder.width, size};
  at += decoder.width + size;
  return true;
}

char* WriteFixed(const ColumnDecoder& decoder, const char* bytes, char* out) {
  switch (decoder.op) {
    case CellOp::kSigned8:
      return WriteSigned(static_cast<int8_t>(*bytes), out);
    case CellOp::kSigned16:
      return WriteSigned(static_cast<int16_t>(LittleEndian(bytes, 2)), out);
    case CellOp::kSigned24:
      return WriteSigned(static_cast<int32_t>(LittleEndian(bytes, 3) << 8) >> 8, out);
    case CellOp::kSigned32:
      return WriteSigned(static_cast<int32_t>(LittleEndian(bytes, 4)), out);
    case CellOp::kSigned64:
      return WriteSigned(static_cast<int64_t>(LittleEndian(bytes, 8)), out);
    case CellOp::kUnsigned8:
    case CellOp::kUnsigned16:
    case CellOp::kUnsigned24:
    case CellOp::kUnsigned32:
    case CellOp::kUnsigned64:
      return WriteUnsigned(LittleEndian(bytes, decoder.width), out);
    case CellOp::kFloat: {
      float value = 0;
      std::memcpy(&value, bytes, sizeof value);
      return WriteFloat(value, out);
    }
    case CellOp::kDouble: {
      double value = 0;
      std::memcpy(&value, bytes, sizeof value);
      return WriteDouble(value, out);
    }
    case CellOp::kDecimal:
      return WriteDecimal(bytes, decoder.precision, decoder.scale, out);
    case CellOp::kYear: {
      const auto year = static_cast<unsigned char>(*bytes);
      return WriteUnsigned(year == 0 ? 0 : year + 1900U, out);
    }
    case CellOp::kBit:
      return WriteUnsigned(BigEndian(bytes, decoder.width), out);
    case CellOp::kDate:
      return WriteDate(bytes, out);
    case CellOp::kTimestamp2:
      return WriteTimestamp2(bytes, decoder.scale, out);
    case CellOp::kDateTime2:
      return WriteDateTime2(bytes, decoder.scale, out);
    case CellOp::kTime2:
      return WriteTime2(bytes, decoder.scale, out);
    case CellOp::kOldTimestamp:
      return WriteOldTimestamp(bytes, out);
    case CellOp::kOldDateTime:
      return WriteOldDateTime(bytes, out);
    case CellOp::kOldTime:
      return WriteOldTime(bytes, out);
    case CellOp::kHighResolutionTimestamp:
      return WriteHighResolutionTimestamp(bytes, decoder.scale, out);
    case CellOp::kHighResolutionDateTime:
      return WriteHighResolutionDateTime(bytes, decoder.scale, out);
    case CellOp::kHighResolutionTime:
      return WriteHighResolutionTime(bytes, decoder.scale, out);
    default:
      return out;
  }
}

}  // namespace starlift::mysql

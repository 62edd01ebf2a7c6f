#include "sources/mysql/binlog/table_map.h"

#include <fmt/format.h>

#include "sources/mysql/binlog/byte_reader.h"

namespace starlift::mysql {
namespace {

// Tables have at most 4,096 columns.
constexpr uint64_t kMostColumns = 4096;

enum MetadataField : uint8_t {
  kSignedness = 1,
  kColumnNames = 4,
  kSetLabels = 5,
  kEnumLabels = 6,
};

Error Damaged(std::string_view what) {
  return Error{.kind = ErrorKind::kData,
               .message = fmt::format("a table map of the log is damaged: {}", what)};
}

TableMapHead ReadHead(ByteReader& reader, bool short_ids) {
  TableMapHead head;
  head.table_id = short_ids ? reader.U32() : reader.U48();
  reader.Skip(2);  // flags
  head.database = reader.Bytes(reader.U8());
  reader.Skip(1);
  head.name = reader.Bytes(reader.U8());
  reader.Skip(1);
  return head;
}

// The type and the width share two bytes; widths beyond 255 have their upper bits, inverted, in the
// type's byte (Field_string::save_field_metadata).
LogColumn StringColumn(uint8_t first, uint8_t second) {
  LogColumn column{.type = LogType::kString};
  uint8_t type = first;
  column.size = second;
  if ((first & 0x30) != 0x30) {
    column.size |= static_cast<uint32_t>((first & 0x30) ^ 0x30) << 4;
    type |= 0x30;
  }
  if (type == static_cast<uint8_t>(LogType::kEnum)) column.type = LogType::kEnum;
  if (type == static_cast<uint8_t>(LogType::kSet)) column.type = LogType::kSet;
  return column;
}

Result<LogColumn> ReadColumn(LogType type, ByteReader& metadata) {
  LogColumn column{.type = type};
  switch (type) {
    case LogType::kTiny:
    case LogType::kShort:
    case LogType::kInt24:
    case LogType::kLong:
    case LogType::kLongLong:
    case LogType::kDate:
    case LogType::kNewDate:
    case LogType::kYear:
    case LogType::kTime:
    case LogType::kDateTime:
    case LogType::kTimestamp:
      return column;
    case LogType::kFloat:
    case LogType::kDouble:
    case LogType::kTinyBlob:
    case LogType::kBlob:
    case LogType::kMediumBlob:
    case LogType::kLongBlob:
    case LogType::kGeometry:
    case LogType::kJson:
    case LogType::kVector:
    case LogType::kMariadbBlobCompressed:
      column.size = metadata.U8();
      return column;
    case LogType::kTimestamp2:
    case LogType::kDateTime2:
    case LogType::kTime2:
      column.scale = metadata.U8();
      if (column.scale > 6) return Damaged("more than six fraction digits");
      return column;
    case LogType::kVarchar:
    case LogType::kVarString:
    case LogType::kMariadbVarcharCompressed:
      column.size = metadata.U16();
      return column;
    case LogType::kBit: {
      const uint32_t bits = metadata.U8();
      column.size = bits + metadata.U8() * 8U;
      if (column.size > 64) return Damaged("a BIT of more than 64 bits");
      return column;
    }
    case LogType::kNewDecimal:
      column.precision = metadata.U8();
      column.scale = metadata.U8();
      if (column.precision == 0 || column.precision > 65 || column.scale > column.precision)
        return Damaged("an impossible DECIMAL");
      return column;
    case LogType::kEnum:
    case LogType::kSet:
    case LogType::kString: {
      const uint8_t first = metadata.U8();
      column = StringColumn(first, metadata.U8());
      const bool number = column.type != LogType::kString;
      if (number && (column.size == 0 || column.size > 8)) return Damaged("an impossible ENUM");
      return column;
    }
    case LogType::kDecimal:
      break;
  }
  return Error{
      .kind = ErrorKind::kPolicy,
      .message = fmt::format("the log has a column of the unknown type {}", static_cast<int>(type)),
      .mend = "leave the table out, or change the column's type at the source"};
}

bool IsNumeric(LogType type) {
  switch (type) {
    case LogType::kTiny:
    case LogType::kShort:
    case LogType::kInt24:
    case LogType::kLong:
    case LogType::kLongLong:
    case LogType::kNewDecimal:
    case LogType::kFloat:
    case LogType::kDouble:
      return true;
    default:
      return false;
  }
}

// One bit per numeric column, the first in the highest bit. Servers differ in whether YEAR is one:
// the length tells.
void ReadSignedness(std::string_view bits, TableMap& map) {
  size_t numeric = 0;
  size_t years = 0;
  for (const LogColumn& column : map.columns) {
    numeric += IsNumeric(column.type) ? 1 : 0;
    years += column.type == LogType::kYear ? 1 : 0;
  }
  // Where both would fit nothing can be told; the definition decides then.
  const bool without_years = bits.size() == (numeric + 7) / 8;
  const bool with_years = bits.size() == (numeric + years + 7) / 8;
  if (years > 0 && without_years == with_years) return;
  map.is_unsigned.assign(map.columns.size(), false);
  size_t bit = 0;
  for (size_t i = 0; i < map.columns.size(); ++i) {
    const LogType type = map.columns[i].type;
    if (!IsNumeric(type) && !(with_years && type == LogType::kYear)) continue;
    if (bit / 8 >= bits.size()) break;
    map.is_unsigned[i] = (static_cast<uint8_t>(bits[bit / 8]) >> (7 - bit % 8) & 1) != 0;
    ++bit;
  }
}

// For each column of the type: how many labels, then each.
Status ReadLabels(std::string_view bytes, LogType type, TableMap& map) {
  ByteReader reader(bytes);
  map.labels.resize(map.columns.size());
  for (size_t i = 0; i < map.columns.size(); ++i) {
    if (map.columns[i].type != type) continue;
    const uint64_t count = reader.PackedInt();
    for (uint64_t label = 0; label < count && reader.ok(); ++label)
      map.labels[i].emplace_back(reader.PackedString());
  }
  if (!reader.ok() || reader.remaining() != 0) return Damaged("its labels");
  return {};
}

Status ReadOptionalMetadata(ByteReader& reader, TableMap& map) {
  while (reader.ok() && reader.remaining() > 0) {
    const uint8_t field = reader.U8();
    const std::string_view value = reader.PackedString();
    if (!reader.ok()) return Damaged("its optional metadata are cut off");
    if (field == kSignedness) ReadSignedness(value, map);
    if (field == kSetLabels) SL_TRY(ReadLabels(value, LogType::kSet, map));
    if (field == kEnumLabels) SL_TRY(ReadLabels(value, LogType::kEnum, map));
    if (field != kColumnNames) continue;
    ByteReader names(value);
    map.names.clear();
    while (names.ok() && names.remaining() > 0) map.names.emplace_back(names.PackedString());
    if (!names.ok() || map.names.size() != map.columns.size())
      return Damaged("the columns' names don't fit their number");
  }
  return {};
}

}  // namespace

Result<TableMapHead> ReadTableMapHead(std::string_view body, bool short_ids) {
  ByteReader reader(body);
  const TableMapHead head = ReadHead(reader, short_ids);
  if (!reader.ok()) return Damaged("it is too short");
  return head;
}

Result<TableMap> ReadTableMap(std::string_view body, bool short_ids) {
  ByteReader reader(body);
  const TableMapHead head = ReadHead(reader, short_ids);
  TableMap map{.table_id = head.table_id,
               .database = std::string(head.database),
               .name = std::string(head.name)};
  const uint64_t count = reader.PackedInt();
  if (!reader.ok() || count == 0 || count > kMostColumns) return Damaged("its number of columns");
  const std::string_view types = reader.Bytes(count);
  ByteReader metadata(reader.PackedString());
  reader.Skip((count + 7) / 8);  // which may be NULL
  if (!reader.ok()) return Damaged("it is too short");
  map.columns.reserve(count);
  for (const char type : types) {
    SL_ASSIGN(const LogColumn column,
              ReadColumn(static_cast<LogType>(static_cast<uint8_t>(type)), metadata));
    map.columns.push_back(column);
  }
  if (!metadata.ok() || metadata.remaining() != 0) return Damaged("its types' metadata");
  SL_TRY(ReadOptionalMetadata(reader, map));
  return map;
}

}  // namespace starlift::mysql

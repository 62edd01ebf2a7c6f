#include "sandbox/frontend/prepared_statements.h"

#include <bit>
#include <cstdio>

#include "sandbox/query/types.h"
#include "sandbox/query/value_text.h"
#include "sandbox/sql/error.h"
#include "sandbox/sql/result.h"
#include "wire/mysql/packet.h"

namespace starlift::sandbox::frontend {
namespace {

using catalog::DataType;
using catalog::TypeKind;
using query::SessionValues;
using sql::MysqlType;
using wire::mysql::PayloadReader;

Error UnknownType(uint16_t code) {
  return sql::SqlError(sql::code::kGeneric, "unknown mysql type code " + std::to_string(code));
}

SessionValues::Value Moment(PayloadReader* reader, bool date) {
  const uint8_t size = reader->U8();
  unsigned parts[7] = {};
  if (size >= 4) {
    parts[0] = reader->U16();
    parts[1] = reader->U8();
    parts[2] = reader->U8();
  }
  if (size >= 7) {
    for (int i = 3; i < 6; ++i) parts[i] = reader->U8();
  }
  if (size >= 11) parts[6] = reader->U32();
  char buffer[80];
  if (date && size <= 4) {
    std::snprintf(buffer, sizeof buffer, "%04u-%02u-%02u", parts[0], parts[1], parts[2]);
    return {DataType::Of(TypeKind::kDate), buffer};
  }
  std::snprintf(buffer, sizeof buffer, "%04u-%02u-%02u %02u:%02u:%02u", parts[0], parts[1],
                parts[2], parts[3], parts[4], parts[5]);
  std::string text = buffer;
  if (parts[6] != 0) {
    std::snprintf(buffer, sizeof buffer, ".%06u", parts[6]);
    text += buffer;
  }
  return {DataType::Of(TypeKind::kDateTime), text};
}

Result<SessionValues::Value> ReadParameter(PayloadReader* reader, uint16_t code) {
  if (code >= 0x8000) return UnknownType(code);  // the unsigned flag
  const auto integer = [](TypeKind kind, int64_t value) {
    return SessionValues::Value{DataType::Of(kind), std::to_string(value)};
  };
  switch (static_cast<MysqlType>(code)) {
    case MysqlType::kTiny:
      return integer(TypeKind::kTinyInt, static_cast<int8_t>(reader->U8()));
    case MysqlType::kShort:
      return integer(TypeKind::kSmallInt, static_cast<int16_t>(reader->U16()));
    case MysqlType::kLong:
    case MysqlType::kInt24:
      return integer(TypeKind::kInt, static_cast<int32_t>(reader->U32()));
    case MysqlType::kLongLong:
      return integer(TypeKind::kBigInt, static_cast<int64_t>(reader->U64()));
    case MysqlType::kFloat:
      return SessionValues::Value{DataType::Of(TypeKind::kFloat),
                                  query::FloatText(std::bit_cast<float>(reader->U32()))};
    case MysqlType::kDouble:
      return SessionValues::Value{DataType::Of(TypeKind::kDouble),
                                  query::DoubleText(std::bit_cast<double>(reader->U64()))};
    case MysqlType::kDate:
      return Moment(reader, true);
    case MysqlType::kDateTime:
    case MysqlType::kTimestamp:
      return Moment(reader, false);
    case MysqlType::kNull:
      return SessionValues::Value{DataType::Of(TypeKind::kNull), std::nullopt};
    case MysqlType::kDecimal:
    case MysqlType::kNewDecimal: {
      std::string text(reader->LengthString());
      const DataType type = query::DecimalLiteralType(text);
      return SessionValues::Value{type, std::move(text)};
    }
    case MysqlType::kVarchar:
    case MysqlType::kVarString:
    case MysqlType::kString:
    case MysqlType::kBlob: {
      std::string text(reader->LengthString());
      return SessionValues::Value{
          DataType::Varchar(static_cast<int>(std::max<size_t>(1, text.size()))), std::move(text)};
    }
    default:
      return UnknownType(code);
  }
}

}  // namespace

PreparedStatement& PreparedStatements::Add(std::string text, int parameters, size_t columns) {
  const uint32_t id = ++last_id_;
  PreparedStatement& statement = statements_[id];
  statement.id = id;
  statement.text = std::move(text);
  statement.parameters = parameters;
  statement.columns = columns;
  return statement;
}

PreparedStatement* PreparedStatements::Find(uint32_t id) {
  const auto found = statements_.find(id);
  return found == statements_.end() ? nullptr : &found->second;
}

Result<query::Parameters> ParseExecuteParameters(std::string_view payload,
                                                 PreparedStatement* statement) {
  PayloadReader reader(payload);
  reader.Skip(4 + 1 + 4);  // id, cursor flags, iterations
  query::Parameters parameters;
  if (statement->parameters == 0) return parameters;
  const auto count = static_cast<size_t>(statement->parameters);
  const std::string_view nulls = reader.Bytes((count + 7) / 8);
  if (reader.U8() == 1) {
    statement->types.clear();
    for (size_t i = 0; i < count; ++i) statement->types.push_back(reader.U16());
  }
  if (statement->types.size() != count || nulls.size() != (count + 7) / 8) {
    return sql::SqlError(sql::code::kGeneric, "malformed COM_STMT_EXECUTE packet");
  }
  for (size_t i = 0; i < count; ++i) {
    const bool null = (static_cast<unsigned char>(nulls[i / 8]) >> (i % 8) & 1) != 0;
    if (null) {
      parameters.push_back({DataType::Of(TypeKind::kNull), std::nullopt});
      continue;
    }
    SL_ASSIGN(SessionValues::Value value, ReadParameter(&reader, statement->types[i]));
    parameters.push_back(std::move(value));
  }
  if (!reader.ok()) return sql::SqlError(sql::code::kGeneric, "malformed COM_STMT_EXECUTE packet");
  return parameters;
}

}  // namespace starlift::sandbox::frontend

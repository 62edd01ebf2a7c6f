#include "sandbox/frontend/protocol.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::MysqlType;
using wire::mysql::PayloadReader;
using wire::mysql::PayloadWriter;

constexpr uint8_t kProtocolVersion = 10;
constexpr uint32_t kServerCapabilities = capability::kLongFlag | capability::kConnectWithDatabase |
                                         capability::kProtocol41 | capability::kSecureConnection |
                                         capability::kPluginAuth | capability::kConnectAttributes |
                                         capability::kPluginAuthLengthEncoded;

}  // namespace

std::string HandshakePayload(uint32_t connection_id, std::string_view scramble) {
  PayloadWriter writer;
  writer.U8(kProtocolVersion).NullString(kServerVersion).U32(connection_id);
  writer.Bytes(scramble.substr(0, 8)).U8(0);
  writer.U16(static_cast<uint16_t>(kServerCapabilities & 0xFFFF));
  writer.U8(static_cast<uint8_t>(sql::kCharsetUtf8)).U16(kServerStatusAutocommit);
  writer.U16(static_cast<uint16_t>(kServerCapabilities >> 16));
  writer.U8(static_cast<uint8_t>(scramble.size() + 1)).Zeros(10);
  writer.Bytes(scramble.substr(8)).U8(0).NullString(kNativePassword);
  return std::move(writer.payload());
}

Result<LoginRequest> ParseLogin(std::string_view payload) {
  PayloadReader reader(payload);
  LoginRequest login;
  login.capabilities = reader.U32();
  if ((login.capabilities & capability::kProtocol41) == 0) {
    return Error{ErrorKind::kData, "the client does not speak protocol 4.1"};
  }
  reader.Skip(4 + 1 + 23);
  login.user = reader.NullString();
  if ((login.capabilities & capability::kPluginAuthLengthEncoded) != 0) {
    login.response = reader.LengthString();
  } else if ((login.capabilities & capability::kSecureConnection) != 0) {
    login.response = reader.Bytes(reader.U8());
  } else {
    login.response = reader.NullString();
  }
  if ((login.capabilities & capability::kConnectWithDatabase) != 0 && reader.remaining() > 0) {
    login.database = reader.NullString();
  }
  if ((login.capabilities & capability::kPluginAuth) != 0 && reader.remaining() > 0) {
    login.plugin = reader.NullString();
  }
  if (!reader.ok()) return Error{ErrorKind::kData, "malformed login packet"};
  return login;
}

Result<LoginRequest> ParseChangeUser(std::string_view payload, uint32_t capabilities) {
  PayloadReader reader(payload);
  LoginRequest login;
  login.capabilities = capabilities;
  reader.U8();
  login.user = reader.NullString();
  login.response = reader.Bytes(reader.U8());
  login.database = reader.NullString();
  if (reader.remaining() >= 2) reader.U16();
  if (reader.remaining() > 0) login.plugin = reader.NullString();
  if (!reader.ok()) return Error{ErrorKind::kData, "malformed COM_CHANGE_USER packet"};
  return login;
}

std::string AuthSwitchPayload(std::string_view scramble) {
  PayloadWriter writer;
  writer.U8(0xFE).NullString(kNativePassword).Bytes(scramble).U8(0);
  return std::move(writer.payload());
}

std::string OkPayload(const sql::StatementResult& result, uint16_t status) {
  PayloadWriter writer;
  writer.U8(0).LengthInt(result.affected).LengthInt(0).U16(status).U16(result.warnings);
  if (!result.info.empty()) writer.LengthString(result.info);
  return std::move(writer.payload());
}

std::string EofPayload(uint16_t warnings, uint16_t status) {
  PayloadWriter writer;
  writer.U8(0xFE).U16(warnings).U16(status);
  return std::move(writer.payload());
}

std::string ErrorPayload(const Error& error) {
  const int code = error.native_code != 0 ? error.native_code : sql::code::kGeneric;
  PayloadWriter writer;
  writer.U8(0xFF)
      .U16(static_cast<uint16_t>(code))
      .U8('#')
      .Bytes(sql::SqlStateFor(code))
      .Bytes(error.message);
  return std::move(writer.payload());
}

std::string ColumnPayload(const sql::ResultColumn& column, bool with_default) {
  PayloadWriter writer;
  writer.LengthString("def").LengthString("").LengthString("").LengthString("");
  writer.LengthString(column.name).LengthString(column.name).LengthInt(12);
  writer.U16(column.charset).U32(column.length).U8(static_cast<uint8_t>(column.type));
  writer.U16(column.flags).U8(column.decimals).U16(0);
  if (with_default) writer.U8(0xFB);
  return std::move(writer.payload());
}

Status ResultSetWriter::Columns(const std::vector<sql::ResultColumn>& columns) {
  started_ = true;
  columns_ = columns;
  payload_.Clear();
  payload_.LengthInt(columns.size());
  SL_TRY(channel_.WritePayload(payload_.payload()));
  for (const sql::ResultColumn& column : columns)
    SL_TRY(channel_.WritePayload(ColumnPayload(column)));
  return channel_.WritePayload(EofPayload(0, status_));
}

Status ResultSetWriter::Row(const sql::ResultRow& row) {
  payload_.Clear();
  if (!binary_) {
    for (const std::optional<std::string>& cell : row) {
      if (cell) {
        payload_.LengthString(*cell);
      } else {
        payload_.U8(0xFB);
      }
    }
    return channel_.WritePayload(payload_.payload());
  }
  constexpr size_t kReservedBits = 2;  // before the first column's bit
  std::string nulls((row.size() + 7 + kReservedBits) / 8, '\0');
  for (size_t i = 0; i < row.size(); ++i) {
    const size_t bit = i + kReservedBits;
    if (!row[i]) nulls[bit / 8] = static_cast<char>(nulls[bit / 8] | (1 << (bit % 8)));
  }
  payload_.U8(0).Bytes(nulls);
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i]) AppendBinary(i, *row[i]);
  }
  return channel_.WritePayload(payload_.payload());
}

void ResultSetWriter::AppendBinary(size_t column, const std::string& text) {
  const auto integer = [&] {
    int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return static_cast<uint64_t>(value);
  };
  switch (columns_[column].type) {
    case MysqlType::kTiny:
      payload_.U8(static_cast<uint8_t>(integer()));
      return;
    case MysqlType::kShort:
      payload_.U16(static_cast<uint16_t>(integer()));
      return;
    case MysqlType::kLong:
    case MysqlType::kInt24:
      payload_.U32(static_cast<uint32_t>(integer()));
      return;
    case MysqlType::kLongLong:
      payload_.U64(integer());
      return;
    case MysqlType::kFloat: {
      const float value = std::strtof(text.c_str(), nullptr);
      uint32_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      payload_.U32(bits);
      return;
    }
    case MysqlType::kDouble: {
      const double value = std::strtod(text.c_str(), nullptr);
      uint64_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      payload_.U64(bits);
      return;
    }
    case MysqlType::kDate:
    case MysqlType::kDateTime:
    case MysqlType::kTimestamp: {
      unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
      std::sscanf(text.c_str(), "%u-%u-%u %u:%u:%u.%6u", &year, &month, &day, &hour, &minute,
                  &second, &micros);
      const bool date = columns_[column].type == MysqlType::kDate;
      payload_.U8(date ? 4 : micros != 0 ? 11 : 7);
      payload_.U16(static_cast<uint16_t>(year))
          .U8(static_cast<uint8_t>(month))
          .U8(static_cast<uint8_t>(day));
      if (date) return;
      payload_.U8(static_cast<uint8_t>(hour))
          .U8(static_cast<uint8_t>(minute))
          .U8(static_cast<uint8_t>(second));
      if (micros != 0) payload_.U32(micros);
      return;
    }
    case MysqlType::kTime: {
      int hour = 0;
      unsigned minute = 0, second = 0;
      std::sscanf(text.c_str(), "%d:%u:%u", &hour, &minute, &second);
      const bool negative = text.starts_with('-');
      const auto hours = static_cast<unsigned>(std::abs(hour));
      payload_.U8(8).U8(negative ? 1 : 0).U32(hours / 24).U8(static_cast<uint8_t>(hours % 24));
      payload_.U8(static_cast<uint8_t>(minute)).U8(static_cast<uint8_t>(second));
      return;
    }
    default:
      payload_.LengthString(text);
  }
}

Status ResultSetWriter::Finish(uint16_t warnings, uint16_t status) {
  return channel_.WritePayload(EofPayload(warnings, status));
}

}  // namespace starlift::sandbox::frontend

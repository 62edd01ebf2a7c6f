#include "sandbox/frontend/protocol.h"

#include <charconv>
#include <cstring>

#include "sandbox/sql/error.h"

namespace starlift::sandbox::frontend {

using sql::MysqlType;
using sql::ResultColumn;
using sql::StatementResult;
using wire::mysql::PayloadWriter;

namespace {

constexpr uint8_t kOk = 0x00;
constexpr uint8_t kEof = 0xFE;
constexpr uint8_t kError = 0xFF;
constexpr uint8_t kNullText = 0xFB;
constexpr uint8_t kColumnFixedBytes = 0x0C;
constexpr uint16_t kUnsignedFlag = 0x20;
// The null bitmap of a binary row begins at bit 2.
constexpr size_t kBinaryNullOffset = 2;

template <typename Number>
Number ParseNumber(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

int64_t ParseInteger(std::string_view text, bool is_unsigned) {
  return is_unsigned ? static_cast<int64_t>(ParseNumber<uint64_t>(text))
                     : ParseNumber<int64_t>(text);
}

uint32_t DigitsAt(std::string_view text, size_t offset, size_t count) {
  return offset + count <= text.size() ? ParseNumber<uint32_t>(text.substr(offset, count)) : 0;
}

// "YYYY-MM-DD[ HH:MM:SS[.ffffff]]" as ProtocolBinary::MYSQL_TYPE_DATETIME, as short as it can be.
void WriteBinaryDate(std::string_view text, PayloadWriter& to) {
  uint32_t microseconds = 0;
  if (text.size() > 20) {
    std::string fraction(text.substr(20));
    fraction.resize(6, '0');
    microseconds = ParseNumber<uint32_t>(fraction);
  }
  const uint32_t hour = DigitsAt(text, 11, 2);
  const uint32_t minute = DigitsAt(text, 14, 2);
  const uint32_t second = DigitsAt(text, 17, 2);
  const bool has_time = hour + minute + second > 0;
  to.U8(microseconds > 0 ? 11 : has_time ? 7 : 4);
  to.U16(static_cast<uint16_t>(DigitsAt(text, 0, 4)));
  to.U8(static_cast<uint8_t>(DigitsAt(text, 5, 2)));
  to.U8(static_cast<uint8_t>(DigitsAt(text, 8, 2)));
  if (!has_time && microseconds == 0) return;
  to.U8(static_cast<uint8_t>(hour));
  to.U8(static_cast<uint8_t>(minute));
  to.U8(static_cast<uint8_t>(second));
  if (microseconds > 0) to.U32(microseconds);
}

}  // namespace

void WriteBinaryValue(const ResultColumn& column, std::string_view text, PayloadWriter& to) {
  const bool is_unsigned = (column.flags & kUnsignedFlag) != 0;
  switch (column.type) {
    case MysqlType::kTiny:
      to.U8(static_cast<uint8_t>(ParseInteger(text, is_unsigned)));
      return;
    case MysqlType::kShort:
      to.U16(static_cast<uint16_t>(ParseInteger(text, is_unsigned)));
      return;
    case MysqlType::kLong:
    case MysqlType::kInt24:
      to.U32(static_cast<uint32_t>(ParseInteger(text, is_unsigned)));
      return;
    case MysqlType::kLongLong:
      to.U64(static_cast<uint64_t>(ParseInteger(text, is_unsigned)));
      return;
    case MysqlType::kFloat: {
      const auto value = ParseNumber<float>(text);
      uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      to.U32(bits);
      return;
    }
    case MysqlType::kDouble: {
      const auto value = ParseNumber<double>(text);
      uint64_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      to.U64(bits);
      return;
    }
    case MysqlType::kDate:
    case MysqlType::kDateTime:
    case MysqlType::kTimestamp:
      WriteBinaryDate(text, to);
      return;
    default:
      to.LengthString(text);
  }
}

Status AnswerWriter::Ok(const StatementResult& result, uint16_t status) {
  payload_.Clear();
  payload_.U8(kOk).LengthInt(result.affected).LengthInt(0).U16(status).U16(result.warnings);
  if (!result.info.empty()) payload_.LengthString(result.info);
  SL_TRY(channel_.WritePayload(payload_.payload()));
  return channel_.Flush();
}

Status AnswerWriter::Failure(const Error& error) {
  const int code = error.native_code != 0 ? error.native_code : sql::code::kGeneric;
  payload_.Clear();
  payload_.U8(kError).U16(static_cast<uint16_t>(code)).U8('#');
  payload_.Bytes(sql::SqlStateFor(code)).Bytes(error.message);
  SL_TRY(channel_.WritePayload(payload_.payload()));
  return channel_.Flush();
}

Status AnswerWriter::Eof(uint16_t status) {
  payload_.Clear();
  payload_.U8(kEof).U16(0).U16(status);
  return channel_.WritePayload(payload_.payload());
}

Status AnswerWriter::Columns(const std::vector<ResultColumn>& columns, bool with_default) {
  for (const ResultColumn& column : columns) {
    payload_.Clear();
    payload_.LengthString("def").LengthString("").LengthString("").LengthString("");
    payload_.LengthString(column.name).LengthString(column.name).U8(kColumnFixedBytes);
    payload_.U16(column.charset).U32(column.length).U8(static_cast<uint8_t>(column.type));
    payload_.U16(column.flags).U8(column.decimals).Zeros(2);
    if (with_default) payload_.U8(kNullText);
    SL_TRY(channel_.WritePayload(payload_.payload()));
  }
  return {};
}

Status AnswerWriter::Text(const StatementResult& result, uint16_t status) {
  if (!result.has_rows) return Ok(result, status);
  payload_.Clear();
  payload_.LengthInt(result.columns.size());
  SL_TRY(channel_.WritePayload(payload_.payload()));
  SL_TRY(Columns(result.columns, false));
  SL_TRY(Eof(status));
  for (const sql::ResultRow& row : result.rows) {
    payload_.Clear();
    for (const auto& cell : row) {
      if (cell.has_value()) {
        payload_.LengthString(*cell);
      } else {
        payload_.U8(kNullText);
      }
    }
    SL_TRY(channel_.WritePayload(payload_.payload()));
  }
  SL_TRY(Eof(status));
  return channel_.Flush();
}

Status AnswerWriter::Binary(const StatementResult& result, uint16_t status) {
  if (!result.has_rows) return Ok(result, status);
  payload_.Clear();
  payload_.LengthInt(result.columns.size());
  SL_TRY(channel_.WritePayload(payload_.payload()));
  SL_TRY(Columns(result.columns, false));
  SL_TRY(Eof(status));
  std::string nulls;
  for (const sql::ResultRow& row : result.rows) {
    nulls.assign((row.size() + kBinaryNullOffset + 7) / 8, '\0');
    for (size_t i = 0; i < row.size(); ++i) {
      const size_t bit = i + kBinaryNullOffset;
      if (!row[i].has_value()) nulls[bit / 8] |= static_cast<char>(1 << (bit % 8));
    }
    payload_.Clear();
    payload_.U8(kOk).Bytes(nulls);
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i].has_value()) WriteBinaryValue(result.columns[i], *row[i], payload_);
    }
    SL_TRY(channel_.WritePayload(payload_.payload()));
  }
  SL_TRY(Eof(status));
  return channel_.Flush();
}

Status AnswerWriter::FieldList(const std::vector<ResultColumn>& columns, uint16_t status) {
  SL_TRY(Columns(columns, true));
  SL_TRY(Eof(status));
  return channel_.Flush();
}

Status AnswerWriter::Prepared(uint32_t statement_id, uint16_t parameters,
                              const std::vector<ResultColumn>& columns, uint16_t status) {
  payload_.Clear();
  payload_.U8(kOk).U32(statement_id).U16(static_cast<uint16_t>(columns.size()));
  payload_.U16(parameters).U8(0).U16(0);
  SL_TRY(channel_.WritePayload(payload_.payload()));
  if (parameters > 0) {
    const std::vector<ResultColumn> unknown(parameters, ResultColumn{.name = "?"});
    SL_TRY(Columns(unknown, false));
    SL_TRY(Eof(status));
  }
  if (!columns.empty()) {
    SL_TRY(Columns(columns, false));
    SL_TRY(Eof(status));
  }
  return channel_.Flush();
}

}  // namespace starlift::sandbox::frontend

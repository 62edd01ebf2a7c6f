#include "sources/mysql/binlog/json_text.h"

#include <cstring>

#include <fmt/format.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/number_text.h"
#include "sources/mysql/binlog/table_map.h"
#include "sources/mysql/binlog/temporal_text.h"

namespace starlift::mysql {
namespace json {
namespace {

Error Damaged(std::string_view what) {
  return Error{.kind = ErrorKind::kData,
               .message = fmt::format("a JSON value is damaged: {}", what)};
}

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void AppendBase64(std::string_view bytes, std::string& text) {
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t held = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < held ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k)
      text.push_back(k <= held ? kBase64[group >> (18 - 6 * k) & 0x3F] : '=');
  }
}

// Lengths have seven bits per byte, the lowest first.
bool TakeLength(ByteReader& reader, uint64_t& length) {
  length = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const uint8_t byte = reader.U8();
    length |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return reader.ok();
  }
  return false;
}

void AppendNumber(char* (*write)(uint64_t, char*), uint64_t value, std::string& text) {
  char digits[kLongestNumber];
  text.append(digits, write(value, digits));
}

// What whole numbers lack to be told from integers.
void AppendDouble(double value, std::string& text) {
  char digits[kLongestNumber];
  const std::string_view written(digits, static_cast<size_t>(WriteDouble(value, digits) - digits));
  text.append(written);
  if (written.find_first_of(".e") == std::string_view::npos) text.append(".0");
}

Status AppendLiteral(std::string_view bytes, std::string& text) {
  constexpr std::string_view kLiterals[] = {"null", "true", "false"};
  const size_t index = bytes.empty() ? SIZE_MAX : static_cast<unsigned char>(bytes[0]);
  if (index >= std::size(kLiterals)) return Damaged("an unknown literal");
  text.append(kLiterals[index]);
  return {};
}

Status AppendDecimal(std::string_view bytes, std::string& text) {
  ByteReader reader(bytes);
  const int precision = reader.U8();
  const int scale = reader.U8();
  const bool possible = reader.ok() && precision > 0 && precision <= 65 && scale <= precision;
  if (!possible || reader.remaining() != DecimalBytes(precision, scale))
    return Damaged("an impossible DECIMAL");
  char digits[kLongestNumber];
  text.append(digits, WriteDecimal(reader.at(), precision, scale, digits));
  return {};
}

Status AppendOpaque(std::string_view bytes, std::string& text) {
  ByteReader reader(bytes);
  const uint8_t type = reader.U8();
  uint64_t length = 0;
  if (!TakeLength(reader, length)) return Damaged("a value's length");
  const std::string_view value = reader.Bytes(length);
  if (!reader.ok()) return Damaged("a value longer than its document");
  const auto log_type = static_cast<LogType>(type);
  if (log_type == LogType::kNewDecimal) return AppendDecimal(value, text);
  const bool time = log_type == LogType::kTime;
  const bool moment = log_type == LogType::kDate || log_type == LogType::kDateTime ||
                      log_type == LogType::kTimestamp;
  text.push_back('"');
  if ((time || moment) && value.size() == 8) {
    const auto packed = static_cast<int64_t>(LittleEndian(value.data(), 8));
    char digits[kLongestTemporal];
    char* const end = time ? WritePackedTime(packed, digits)
                           : WritePackedDateTime(packed, log_type == LogType::kDate, digits);
    text.append(digits, end);
  } else {
    text.append(fmt::format("base64:type{}:", type));
    AppendBase64(value, text);
  }
  text.push_back('"');
  return {};
}

}  // namespace

void AppendQuoted(std::string_view utf8, std::string& text) {
  text.push_back('"');
  for (const char c : utf8) {
    switch (c) {
      case '"':
        text.append("\\\"");
        break;
      case '\\':
        text.append("\\\\");
        break;
      case '\b':
        text.append("\\b");
        break;
      case '\t':
        text.append("\\t");
        break;
      case '\n':
        text.append("\\n");
        break;
      case '\f':
        text.append("\\f");
        break;
      case '\r':
        text.append("\\r");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          text.append(fmt::format("\\u{:04x}", static_cast<unsigned char>(c)));
        } else {
          text.push_back(c);
        }
    }
  }
  text.push_back('"');
}

bool IsContainer(const Value& value) { return value.type <= kLargeArray; }

Result<Value> ReadDocument(std::string_view binary) {
  if (binary.empty()) return Value{.type = kLiteral, .bytes = std::string_view("\0", 1)};
  return Value{.type = static_cast<uint8_t>(binary[0]), .bytes = binary.substr(1)};
}

uint32_t Container::Offset(size_t at) const {
  return static_cast<uint32_t>(LittleEndian(bytes_.data() + at, large_ ? 4 : 2));
}

Result<Container> Container::Read(const Value& value) {
  Container container;
  container.is_object_ = value.type == kSmallObject || value.type == kLargeObject;
  container.large_ = value.type == kLargeObject || value.type == kLargeArray;
  container.bytes_ = value.bytes;
  const size_t width = container.large_ ? 4 : 2;
  if (value.bytes.size() < 2 * width) return Damaged("a container's head");
  container.size_ = container.Offset(0);
  const uint32_t bytes = container.Offset(width);
  const uint64_t entry = 1 + width + (container.is_object_ ? width + 2 : 0);
  if (bytes > value.bytes.size() || 2 * width + container.size_ * entry > bytes)
    return Damaged("a container longer than its document");
  container.bytes_ = value.bytes.substr(0, bytes);
  return container;
}

Result<std::string_view> Container::Key(uint32_t index) const {
  const size_t width = large_ ? 4 : 2;
  const size_t at = 2 * width + index * (width + 2);
  const uint64_t offset = Offset(at);
  const uint64_t length = LittleEndian(bytes_.data() + at + width, 2);
  if (offset + length > bytes_.size()) return Damaged("a key outside its object");
  return bytes_.substr(offset, length);
}

Result<Value> Container::At(uint32_t index) const {
  const size_t width = large_ ? 4 : 2;
  const size_t keys = is_object_ ? size_ * (width + 2) : 0;
  const size_t at = 2 * width + keys + index * (1 + width);
  const auto type = static_cast<uint8_t>(bytes_[at]);
  // What fits into the offset's place stands there itself.
  const bool inlined = type == kLiteral || type == kInt16 || type == kUint16 ||
                       (large_ && (type == kInt32 || type == kUint32));
  if (inlined) return Value{.type = type, .bytes = bytes_.substr(at + 1, width)};
  const uint64_t offset = Offset(at + 1);
  if (offset >= bytes_.size() || offset == 0) return Damaged("a value outside its container");
  return Value{.type = type, .bytes = bytes_.substr(offset)};
}

Status AppendScalar(const Value& value, std::string& text) {
  ByteReader reader(value.bytes);
  uint64_t number = 0;
  switch (value.type) {
    case kLiteral:
      return AppendLiteral(value.bytes, text);
    case kInt16:
      number = static_cast<uint64_t>(static_cast<int16_t>(reader.U16()));
      break;
    case kUint16:
      number = reader.U16();
      break;
    case kInt32:
      number = static_cast<uint64_t>(static_cast<int32_t>(reader.U32()));
      break;
    case kUint32:
      number = reader.U32();
      break;
    case kInt64:
    case kUint64:
    case kDouble:
      number = reader.U64();
      break;
    case kString: {
      uint64_t length = 0;
      if (!TakeLength(reader, length)) return Damaged("a text's length");
      const std::string_view utf8 = reader.Bytes(length);
      if (!reader.ok()) return Damaged("a text longer than its document");
      AppendQuoted(utf8, text);
      return {};
    }
    case kOpaque:
      return AppendOpaque(value.bytes, text);
    default:
      return Damaged(fmt::format("the unknown type {}", value.type));
  }
  if (!reader.ok()) return Damaged("a number that is cut off");
  if (value.type == kDouble) {
    double real = 0;
    std::memcpy(&real, &number, sizeof real);
    AppendDouble(real, text);
  } else if (value.type == kUint16 || value.type == kUint32 || value.type == kUint64) {
    AppendNumber(WriteUnsigned, number, text);
  } else {
    AppendNumber(
        [](uint64_t bits, char* out) { return WriteSigned(static_cast<int64_t>(bits), out); },
        number, text);
  }
  return {};
}

namespace {

// Documents can share parts by crafted offsets; no honest one prints much longer than it is.
constexpr size_t kMostGrowth = 64;

Status AppendValue(const Value& value, int depth, size_t most_bytes, std::string& text) {
  if (!IsContainer(value)) return AppendScalar(value, text);
  if (depth >= kMostDepth) return Damaged("it is nested too deeply");
  SL_ASSIGN(const Container container, Container::Read(value));
  text.push_back(container.is_object() ? '{' : '[');
  for (uint32_t i = 0; i < container.size(); ++i) {
    if (text.size() > most_bytes) return Damaged("it is longer than its bytes can say");
    if (i > 0) text.append(", ");
    if (container.is_object()) {
      SL_ASSIGN(const std::string_view key, container.Key(i));
      AppendQuoted(key, text);
      text.append(": ");
    }
    SL_ASSIGN(const Value element, container.At(i));
    SL_TRY(AppendValue(element, depth + 1, most_bytes, text));
  }
  text.push_back(container.is_object() ? '}' : ']');
  return {};
}

}  // namespace
}  // namespace json

Status AppendJsonText(std::string_view binary, std::string& text) {
  SL_ASSIGN(const json::Value value, json::ReadDocument(binary));
  return json::AppendValue(value, 0, text.size() + 1024 + binary.size() * json::kMostGrowth, text);
}

}  // namespace starlift::mysql

#include <array>
#include <cstring>

#include <arpa/inet.h>

#include <fmt/format.h>
#include <zlib.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/column_decoder.h"
#include "sources/mysql/binlog/json_text.h"

// Values whose length stands in front of them, and labels: the slower half of column_decoder.h.
namespace starlift::mysql {
namespace {

// A compressed column: nothing for the empty text; else a head (0: as it is; 0x80 | method << 4 |
// width of the plain length), then the length, big-endian, then a raw zlib stream. MariaDB
// "Field_longstr::compress".
Status Uncompress(std::string_view packed, std::string& plain) {
  constexpr uint8_t kZlibMethod = 8;
  constexpr uint64_t kMostBytes = uint64_t{1} << 30;
  plain.clear();
  if (packed.empty()) return {};
  const auto head = static_cast<unsigned char>(packed[0]);
  if (head == 0) {
    plain.assign(packed.substr(1));
    return {};
  }
  const size_t width = head & 0x07;
  const Error damaged{.kind = ErrorKind::kData, .message = "a compressed value is damaged"};
  if ((head >> 4) != kZlibMethod || width == 0 || packed.size() < 1 + width) return damaged;
  const uint64_t size = BigEndian(packed.data() + 1, width);
  const std::string_view deflated = packed.substr(1 + width);
  if (size > kMostBytes || size > deflated.size() * 1100 + 64) return damaged;
  plain.resize(size);
  z_stream stream{};
  const int window = (head & 0x08) != 0 ? -MAX_WBITS : MAX_WBITS;
  if (inflateInit2(&stream, window) != Z_OK) return damaged;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(deflated.data()));
  stream.avail_in = static_cast<uInt>(deflated.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  const int outcome = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (outcome != Z_STREAM_END || stream.avail_out != 0) return damaged;
  return {};
}

Status AppendUuid(std::string_view stored, std::string& text) {
  std::array<unsigned char, kUuidBytes> bytes{};
  if (stored.size() > bytes.size()) {
    return Error{.kind = ErrorKind::kData, .message = "a UUID of more than 16 bytes"};
  }
  std::memcpy(bytes.data(), stored.data(), stored.size());
  // Versions 1 to 5 are stored with their segments in reverse, so that they sort by node and time.
  // Reversed, the variant's bit stands in byte 6 and the version in byte 8.
  constexpr size_t kSwapped[kUuidBytes] = {12, 13, 14, 15, 10, 11, 8, 9, 6, 7, 0, 1, 2, 3, 4, 5};
  constexpr unsigned char kBehindVersion5 = 0x60;
  const bool swapped = (bytes[6] & 0x80) != 0 && bytes[8] != 0 && bytes[8] < kBehindVersion5;
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < kUuidBytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    const unsigned char byte = swapped ? bytes[kSwapped[i]] : bytes[i];
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 0xF]);
  }
  return {};
}

Status AppendInet(int family, size_t bytes, std::string_view stored, std::string& text) {
  char address[kInet6Bytes] = {};
  if (stored.size() > bytes)
    return Error{.kind = ErrorKind::kData, .message = "an address is too long"};
  std::memcpy(address, stored.data(), stored.size());
  char printed[INET6_ADDRSTRLEN];
  text.append(inet_ntop(family, address, printed, sizeof printed));
  return {};
}

Status AppendLabel(const ColumnDecoder& decoder, size_t index, std::string& text) {
  const std::string& label = decoder.labels[index];
  if (decoder.labels_from_catalog && label.find('?') != std::string::npos) {
    return Error{
        .kind = ErrorKind::kPolicy,
        .message = fmt::format("the label '{}' may be one whose characters the server's catalog "
                               "can't show, and the log has only its number",
                               label),
        .mend =
            "SET GLOBAL binlog_row_metadata = 'FULL'; (MySQL 8.0.1, MariaDB 10.5) and redo the "
            "table, or give the label a name without question marks"};
  }
  text.append(label);
  return {};
}

Status AppendLabels(const ColumnDecoder& decoder, std::string_view bytes, std::string& text) {
  const uint64_t value = LittleEndian(bytes.data(), bytes.size());
  const size_t count = decoder.labels.size();
  if (decoder.op == CellOp::kEnum) {
    // Zero is the error value, which reads as the empty text.
    if (value > count) {
      return Error{.kind = ErrorKind::kData,
                   .message = fmt::format("an ENUM has the number {} and {} labels", value, count)};
    }
    return value > 0 ? AppendLabel(decoder, value - 1, text) : Status();
  }
  bool first = true;
  for (size_t i = 0; i < 64; ++i) {
    if ((value >> i & 1) == 0) continue;
    if (i >= count) {
      return Error{.kind = ErrorKind::kData,
                   .message = fmt::format("a SET has the bit {} and {} labels", i, count)};
    }
    if (!first) text.push_back(',');
    SL_TRY(AppendLabel(decoder, i, text));
    first = false;
  }
  return {};
}

}  // namespace

Status AppendVariable(const ColumnDecoder& decoder, std::string_view bytes, std::string& text) {
  std::string plain;
  if (decoder.compressed) {
    SL_TRY(Uncompress(bytes, plain));
    bytes = plain;
  }
  switch (decoder.op) {
    case CellOp::kEnum:
    case CellOp::kSet:
      return AppendLabels(decoder, bytes, text);
    case CellOp::kUtf8:
    case CellOp::kConverted:
      return decoder.charset->Convert(bytes, text);
    case CellOp::kPaddedBytes:
      text.append(bytes);
      if (bytes.size() < decoder.padded) text.append(decoder.padded - bytes.size(), '\0');
      return {};
    case CellOp::kJson:
      return AppendJsonText(bytes, text);
    case CellOp::kUuid:
      return AppendUuid(bytes, text);
    case CellOp::kInet4:
      return AppendInet(AF_INET, kInet4Bytes, bytes, text);
    case CellOp::kInet6:
      return AppendInet(AF_INET6, kInet6Bytes, bytes, text);
    default:
      text.append(bytes);
      return {};
  }
}

// The server doubles quotes and, for what can't be shown, writes \n, \r, \0 and \\.
std::vector<std::string> ReadLabels(std::string_view native_type) {
  std::vector<std::string> labels;
  bool quoted = false;
  for (size_t i = 0; i < native_type.size(); ++i) {
    const char c = native_type[i];
    const char next = i + 1 < native_type.size() ? native_type[i + 1] : '\0';
    if (!quoted) {
      if (c == '\'') {
        quoted = true;
        labels.emplace_back();
      }
    } else if (c == '\'' && next == '\'') {
      labels.back().push_back('\'');
      ++i;
    } else if (c == '\'') {
      quoted = false;
    } else if (c == '\\' && next != '\0') {
      constexpr std::string_view kEscapes = "nr0";
      constexpr std::string_view kMeant("\n\r\0", 3);
      const size_t at = kEscapes.find(next);
      labels.back().push_back(at == std::string_view::npos ? next : kMeant[at]);
      ++i;
    } else {
      labels.back().push_back(c);
    }
  }
  return labels;
}

}  // namespace starlift::mysql

#include <algorithm>
#include <cstring>

#include <simdjson.h>

#include "starrocks/encoder_state.h"
#include "starrocks/json_text.h"
#include "starrocks/text_scan.h"
#include "starrocks/well_known_text.h"

namespace starlift::starrocks {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Two hex digits for every byte.
struct HexTable {
  char digits[512];
  constexpr HexTable() : digits() {
    for (int i = 0; i < 256; ++i) {
      digits[2 * i] = "0123456789abcdef"[i >> 4];
      digits[2 * i + 1] = "0123456789abcdef"[i & 15];
    }
  }
};
constexpr HexTable kHex;

char* WriteHex(std::string_view bytes, char* to) {
  for (const unsigned char byte : bytes) {
    std::memcpy(to, kHex.digits + 2 * byte, 2);
    to += 2;
  }
  return to;
}

// Bytes of a value as stored, cut to `limit` at the end of a character.
std::string_view CutText(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

CellEnd RowEncoder::State::Reject(RejectReason why) {
  reason = why;
  return CellEnd::kRejected;
}

CellEnd RowEncoder::State::Impossible(const ColumnPlan& column, RejectReason why) {
  return column.null_impossible ? CellEnd::kNull : Reject(why);
}

CellEnd RowEncoder::State::ImpossibleDate(DateCheck check, const ColumnPlan& column) {
  if (check != DateCheck::kImpossible) return Reject(RejectReason::kIllFormedValue);
  if (column.null_impossible) ++batch_counts.nulled_dates;
  return Impossible(column, RejectReason::kIllFormedValue);
}

CellEnd RowEncoder::State::WritePlain(std::string_view bytes, const Cell& cell, BodyWriter& out) {
  CopyBytes(bytes.data(), bytes.size(), Readable(cell), out.Reserve(bytes.size()));
  out.Advance(bytes.size());
  return CellEnd::kWritten;
}

CellEnd RowEncoder::State::WriteDate(DateCheck check, const ColumnPlan& column,
                                     std::string_view bytes, const Cell& cell, BodyWriter& out) {
  return check == DateCheck::kValid ? WritePlain(bytes, cell, out) : ImpossibleDate(check, column);
}

CellEnd RowEncoder::State::WriteTimestamp(const ColumnPlan& column, std::string_view bytes,
                                          BodyWriter& out) {
  const DateCheck check = CheckDateTime(bytes);
  if (check != DateCheck::kValid) return ImpossibleDate(check, column);
  char* end = ShiftDateTime(bytes, column.utc_offset_seconds, out.Reserve(kMaxDateTimeBytes));
  if (end == nullptr) return Impossible(column, RejectReason::kIllFormedValue);
  out.EndAt(end);
  return CellEnd::kWritten;
}

template <LoadFormat kFormat>
CellEnd RowEncoder::State::WriteText(const ColumnState& state, std::string_view bytes,
                                     const Cell& cell, BodyWriter& out) {
  const ColumnPlan& column = *state.plan;
  if (bytes.size() > column.limit_bytes) {
    if (!column.truncate || column.key) return Reject(RejectReason::kTooLong);
    if (!simdjson::validate_utf8(bytes.data(), bytes.size())) {
      return Reject(RejectReason::kIllFormedText);
    }
    bytes = CutText(bytes, column.limit_bytes);
    ++batch_counts.truncated_cells;
  }
  if constexpr (kFormat == LoadFormat::kJson) {
    if (!simdjson::validate_utf8(bytes.data(), bytes.size())) {
      return Reject(RejectReason::kIllFormedText);
    }
    out.EndAt(EscapeJson(bytes, out.Reserve(bytes.size() * kJsonEscapeFactor)));
    return CellEnd::kWritten;
  } else {
    const TextSeen seen =
        CopyText(bytes.data(), bytes.size(), Readable(cell), out.Reserve(bytes.size()));
    if (seen.non_ascii && !simdjson::validate_utf8(bytes.data(), bytes.size())) {
      return Reject(RejectReason::kIllFormedText);
    }
    // What plain CSV can't say: its own separators, the text that means NULL, a row of nothing,
    // and a byte order mark at the beginning of the body.
    if (seen.separator || bytes == kCsvNull || (bytes.empty() && columns.size() == 1) ||
        (seen.non_ascii && &state == columns.data() && bytes.starts_with(kByteOrderMark))) {
      return CellEnd::kNeedsJson;
    }
    out.Advance(bytes.size());
    return CellEnd::kWritten;
  }
}

template <LoadFormat kFormat>
CellEnd RowEncoder::State::WriteCell(const ColumnState& state, const Cell& cell, BodyWriter& out) {
  const ColumnPlan& column = *state.plan;
  const std::string_view bytes = batch->Bytes(cell);
  switch (column.rule) {
    case CellRule::kNumber:
    case CellRule::kAscii:
      return WritePlain(bytes, cell, out);
    case CellRule::kFloat:
      if (const size_t at = bytes.starts_with('-') ? 1 : 0;
          at >= bytes.size() || bytes[at] < '0' || bytes[at] > '9') {
        return Impossible(column, RejectReason::kNotFinite);
      }
      return WritePlain(bytes, cell, out);
    case CellRule::kDate:
      return WriteDate(CheckDate(bytes), column, bytes, cell, out);
    case CellRule::kDateTime:
      return WriteDate(CheckDateTime(bytes), column, bytes, cell, out);
    case CellRule::kTimestamp:
      return WriteTimestamp(column, bytes, out);
    case CellRule::kText:
      return WriteText<kFormat>(state, bytes, cell, out);
    case CellRule::kJson:
      if (bytes.size() > column.limit_bytes) return Reject(RejectReason::kTooLong);
      if (!IsJson(bytes)) return Reject(RejectReason::kIllFormedValue);
      return WriteText<kFormat>(state, bytes, cell, out);
    case CellRule::kHex:
    case CellRule::kBinary:
      if (bytes.size() > column.limit_bytes / (column.rule == CellRule::kHex ? 2 : 1)) {
        return Reject(RejectReason::kTooLong);
      }
      // A row of nothing is an empty line, which no load counts.
      if (kFormat == LoadFormat::kCsv && bytes.empty() && columns.size() == 1) {
        return CellEnd::kNeedsJson;
      }
      out.EndAt(WriteHex(bytes, out.Reserve(2 * bytes.size())));
      return CellEnd::kWritten;
    case CellRule::kWkt:
      if (!WriteWellKnownText(bytes, well_known_text)) {
        return Reject(RejectReason::kIllFormedValue);
      }
      if (well_known_text.size() > column.limit_bytes) return Reject(RejectReason::kTooLong);
      out.Put(well_known_text);
      return CellEnd::kWritten;
  }
  return Reject(RejectReason::kIllFormedValue);
}

size_t RowEncoder::State::KeyBytes(const ColumnState& state, const Cell& cell) const {
  const std::string_view bytes = batch->Bytes(cell);
  if (state.plan->rule == CellRule::kHex) return 2 * bytes.size();
  if (state.key_separator == 0) return bytes.size();
  return bytes.size() + static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
}

template <LoadFormat kFormat>
CellEnd RowEncoder::State::WriteField(const ColumnState& state, const Cell& cell, BodyWriter& out) {
  constexpr bool kJson = kFormat == LoadFormat::kJson;
  if constexpr (kJson) out.Put(state.json_name);
  const bool quoted = kJson && !state.json_number;
  const size_t begin = out.size();
  CellEnd end = CellEnd::kNull;
  if (!cell.is_null()) {
    if (quoted) out.Put('"');
    end = WriteCell<kFormat>(state, cell, out);
    if (end == CellEnd::kWritten) {
      if (quoted) out.Put('"');
      if (limit_key && state.key_text) key_bytes += KeyBytes(state, cell);
      return end;
    }
  }
  if (end != CellEnd::kNull) return end;
  if (!state.plan->nullable) return Reject(RejectReason::kNull);
  out.Rewind(begin);
  out.Put(kJson ? std::string_view("null") : kCsvNull);
  if constexpr (!kJson) ++nulls;
  return CellEnd::kWritten;
}

template <LoadFormat kFormat>
EncodeEnd RowEncoder::State::EncodeRow(size_t row, BodyWriter& out,
                                       std::vector<RowReject>& rejects) {
  const Cell* cells = batch->Row(row);
  const size_t row_begin = out.size();
  const EncodeCounts counts_before = batch_counts;
  const uint64_t nulls_before = nulls;
  key_bytes = fixed_key_bytes;
  CellEnd end = CellEnd::kWritten;
  size_t column = 0;
  for (const ColumnState& state : columns) {
    end = WriteField<kFormat>(state, cells[state.plan->source_index], out);
    if (end != CellEnd::kWritten) break;
    if constexpr (kFormat == LoadFormat::kCsv) out.Put(kColumnSeparator);
    ++column;
  }
  if (end == CellEnd::kWritten && limit_key && key_bytes > kMaxPrimaryKeyBytes) {
    end = Reject(RejectReason::kKeyTooLong);
    column = 0;
  }
  if (end == CellEnd::kWritten) {
    if constexpr (kFormat == LoadFormat::kCsv) {
      *out.At(out.size() - 1) = kRowDelimiter;
    } else {
      out.Put("}\n");
    }
    ++batch_counts.rows;
    return EncodeEnd::kDone;
  }
  out.Rewind(row_begin);
  batch_counts = counts_before;
  nulls = nulls_before;
  if (end == CellEnd::kNeedsJson) return EncodeEnd::kNeedsJson;
  rejects.push_back(RowReject{static_cast<uint32_t>(row), static_cast<uint32_t>(column), reason});
  return EncodeEnd::kDone;
}

template <LoadFormat kFormat>
EncodeEnd RowEncoder::State::EncodeCarefully(BodyWriter& out, std::vector<RowReject>& rejects) {
  const size_t rows = batch->rows();
  for (size_t row = 0; row < rows; ++row) {
    if (EncodeRow<kFormat>(row, out, rejects) == EncodeEnd::kNeedsJson) {
      return EncodeEnd::kNeedsJson;
    }
  }
  return EncodeEnd::kDone;
}

using Rejects = std::vector<RowReject>;
template EncodeEnd RowEncoder::State::EncodeCarefully<LoadFormat::kCsv>(BodyWriter&, Rejects&);
template EncodeEnd RowEncoder::State::EncodeCarefully<LoadFormat::kJson>(BodyWriter&, Rejects&);
template EncodeEnd RowEncoder::State::EncodeRow<LoadFormat::kCsv>(size_t, BodyWriter&, Rejects&);
template CellEnd RowEncoder::State::WriteField<LoadFormat::kCsv>(const ColumnState&, const Cell&,
                                                                 BodyWriter&);

}  // namespace starlift::starrocks

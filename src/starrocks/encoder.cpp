#include "starrocks/encoder.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <simdjson.h>

#include "starrocks/calendar.h"
#include "starrocks/json_text.h"
#include "starrocks/text_scan.h"
#include "starrocks/well_known_text.h"

namespace starlift::starrocks {
namespace {

// Room that every write may use beyond the bytes it announced.
constexpr size_t kSlack = 64;
constexpr std::string_view kCsvNull = "\\N";
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

// Appends to an arena through a bare pointer.
class BodyWriter {
 public:
  explicit BodyWriter(ByteArena& arena) : arena_(arena), size_(arena.size()) {}

  size_t size() const { return size_; }
  char* At(size_t offset) { return arena_.data() + offset; }

  // Room for `bytes` and the slack, at the end of what is written.
  char* Reserve(size_t bytes) {
    if (arena_.capacity() - size_ < bytes + kSlack) {
      arena_.Resize(size_);
      arena_.Reserve(size_ + bytes + kSlack);
    }
    return arena_.data() + size_;
  }
  void Advance(size_t bytes) { size_ += bytes; }
  void EndAt(const char* end) { size_ = static_cast<size_t>(end - arena_.data()); }
  void Rewind(size_t size) { size_ = size; }
  void Put(char c) {
    *Reserve(1) = c;
    ++size_;
  }
  void Put(std::string_view text) {
    std::memcpy(Reserve(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void Commit() { arena_.Resize(size_); }

 private:
  ByteArena& arena_;
  size_t size_;
};

enum class CellEnd : uint8_t { kWritten, kNull, kRejected, kNeedsJson };

// Bytes of a value as stored, cut to `limit` at the end of a character.
std::string_view CutText(std::string_view text, size_t limit) {
  if (text.size() <= limit) return text;
  size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// Bytes that a fixed-width key column takes in an encoded primary key; 0 for text.
uint32_t FixedKeyBytes(TargetTypeKind kind) {
  switch (kind) {
    case TargetTypeKind::kBoolean:
    case TargetTypeKind::kTinyInt:
      return 1;
    case TargetTypeKind::kSmallInt:
      return 2;
    case TargetTypeKind::kInt:
    case TargetTypeKind::kDate:
      return 4;
    case TargetTypeKind::kLargeInt:
      return 16;
    case TargetTypeKind::kVarchar:
    case TargetTypeKind::kChar:
      return 0;
    default:
      return 8;
  }
}

// Numbers that JSON parsers would round go as strings.
bool IsJsonNumber(const ColumnPlan& column) {
  if (column.rule != CellRule::kNumber && column.rule != CellRule::kFloat) return false;
  return column.type.kind != TargetTypeKind::kDecimal &&
         column.type.kind != TargetTypeKind::kLargeInt &&
         column.type.kind != TargetTypeKind::kVarchar;
}

// What is known of a column before any row is.
struct ColumnState {
  const ColumnPlan* plan = nullptr;
  std::string json_name;  // `"name":`, with the "," before it but in the first
  bool json_number = false;
  bool key_text = false;       // counts towards the primary key's bytes
  uint32_t key_separator = 0;  // bytes that end a text inside a key
};

}  // namespace

std::string_view RejectReasonText(RejectReason reason) {
  switch (reason) {
    case RejectReason::kNull:
      return "NULL where the target says NOT NULL";
    case RejectReason::kTooLong:
      return "longer than the target's column";
    case RejectReason::kKeyTooLong:
      return "the primary key takes more than 128 bytes";
    case RejectReason::kIllFormedText:
      return "not valid UTF-8";
    case RejectReason::kIllFormedValue:
      return "not a value of its type";
    case RejectReason::kNotFinite:
      return "NaN or infinity";
  }
  return "";
}

struct RowEncoder::State {
  const EncodePlan* plan;
  std::vector<ColumnState> columns;
  bool limit_key = false;
  uint32_t fixed_key_bytes = 0;
  std::string well_known_text;

  // Of the row in hand.
  const RowBatch* batch = nullptr;
  RejectReason reason = RejectReason::kNull;
  size_t key_bytes = 0;

  explicit State(const EncodePlan& of) : plan(&of) {
    uint64_t most_key_bytes = 0;
    size_t keys = 0;
    for (const ColumnPlan& column : plan->columns) keys += column.key ? 1 : 0;
    size_t key_number = 0;
    for (const ColumnPlan& column : plan->columns) {
      ColumnState state{.plan = &column, .json_number = IsJsonNumber(column)};
      std::string name(column.field.size() * kJsonEscapeFactor + kVectorBytes, '\0');
      name.resize(static_cast<size_t>(EscapeJson(column.field, name.data()) - name.data()));
      state.json_name = fmt::format("{}\"{}\":", columns.empty() ? "{" : ",", name);
      if (column.key) {
        ++key_number;
        const uint32_t fixed = FixedKeyBytes(column.type.kind);
        state.key_text = fixed == 0;
        // Inside a composite key a text is ended by two bytes, and its own zeros are escaped.
        state.key_separator = state.key_text && key_number < keys ? 2 : 0;
        fixed_key_bytes += fixed + state.key_separator;
        most_key_bytes += fixed + state.key_separator + (state.key_text ? column.limit_bytes : 0);
      }
      columns.push_back(std::move(state));
    }
    limit_key = plan->limit_primary_key && most_key_bytes > kMaxPrimaryKeyBytes;
  }

  // Bytes that may be read at a cell, whether they belong to it or not.
  size_t Readable(const Cell& cell) const { return batch->arena().capacity() - cell.offset; }

  CellEnd Reject(RejectReason why) {
    reason = why;
    return CellEnd::kRejected;
  }

  CellEnd Impossible(const ColumnPlan& column, RejectReason why) {
    return column.null_impossible ? CellEnd::kNull : Reject(why);
  }

  // Writes the value of a cell that isn't NULL, without what stands around it.
  template <LoadFormat kFormat>
  CellEnd WriteCell(const ColumnState& state, const Cell& cell, BodyWriter& out,
                    EncodeCounts& counts) {
    const ColumnPlan& column = *state.plan;
    const std::string_view bytes = batch->Bytes(cell);
    switch (column.rule) {
      case CellRule::kNumber:
      case CellRule::kAscii:
        return WritePlain(bytes, cell, out);
      case CellRule::kFloat:
        if (const char first = bytes.empty() ? 'x' : bytes[bytes[0] == '-' ? 1 : 0];
            first < '0' || first > '9') {
          return Impossible(column, RejectReason::kNotFinite);
        }
        return WritePlain(bytes, cell, out);
      case CellRule::kDate:
        return WriteDate(CheckDate(bytes), column, bytes, cell, out, counts);
      case CellRule::kDateTime:
        return WriteDate(CheckDateTime(bytes), column, bytes, cell, out, counts);
      case CellRule::kTimestamp:
        return WriteTimestamp(column, bytes, out, counts);
      case CellRule::kText:
        return WriteText<kFormat>(state, bytes, cell, out, counts);
      case CellRule::kJson:
        if (bytes.size() > column.limit_bytes) return Reject(RejectReason::kTooLong);
        if (!IsJson(bytes)) return Reject(RejectReason::kIllFormedValue);
        return WriteText<kFormat>(state, bytes, cell, out, counts);
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

  CellEnd WritePlain(std::string_view bytes, const Cell& cell, BodyWriter& out) {
    CopyBytes(bytes.data(), bytes.size(), Readable(cell), out.Reserve(bytes.size()));
    out.Advance(bytes.size());
    return CellEnd::kWritten;
  }

  CellEnd WriteDate(DateCheck check, const ColumnPlan& column, std::string_view bytes,
                    const Cell& cell, BodyWriter& out, EncodeCounts& counts) {
    if (check == DateCheck::kValid) return WritePlain(bytes, cell, out);
    if (check == DateCheck::kImpossible && column.null_impossible) ++counts.nulled_dates;
    return check == DateCheck::kImpossible ? Impossible(column, RejectReason::kIllFormedValue)
                                           : Reject(RejectReason::kIllFormedValue);
  }

  CellEnd WriteTimestamp(const ColumnPlan& column, std::string_view bytes, BodyWriter& out,
                         EncodeCounts& counts) {
    const DateCheck check = CheckDateTime(bytes);
    if (check == DateCheck::kValid) {
      char* end = ShiftDateTime(bytes, column.utc_offset_seconds, out.Reserve(kMaxDateTimeBytes));
      if (end == nullptr) return Impossible(column, RejectReason::kIllFormedValue);
      out.EndAt(end);
      return CellEnd::kWritten;
    }
    if (check == DateCheck::kImpossible && column.null_impossible) ++counts.nulled_dates;
    return check == DateCheck::kImpossible ? Impossible(column, RejectReason::kIllFormedValue)
                                           : Reject(RejectReason::kIllFormedValue);
  }

  template <LoadFormat kFormat>
  CellEnd WriteText(const ColumnState& state, std::string_view bytes, const Cell& cell,
                    BodyWriter& out, EncodeCounts& counts) {
    const ColumnPlan& column = *state.plan;
    if (bytes.size() > column.limit_bytes) {
      if (!column.truncate || column.key) return Reject(RejectReason::kTooLong);
      if (!simdjson::validate_utf8(bytes.data(), bytes.size())) {
        return Reject(RejectReason::kIllFormedText);
      }
      bytes = CutText(bytes, column.limit_bytes);
      ++counts.truncated_cells;
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

  // Bytes of a text in the primary key as the backend encodes it.
  size_t KeyBytes(const ColumnState& state, const Cell& cell) const {
    const std::string_view bytes = batch->Bytes(cell);
    if (state.plan->rule == CellRule::kHex) return 2 * bytes.size();
    if (state.key_separator == 0) return bytes.size();
    return bytes.size() + static_cast<size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
  }

  // One cell with what stands before it; NULL and quotes included.
  template <LoadFormat kFormat>
  CellEnd WriteField(const ColumnState& state, const Cell& cell, BodyWriter& out,
                     EncodeCounts& counts) {
    constexpr bool kJson = kFormat == LoadFormat::kJson;
    if constexpr (kJson) out.Put(state.json_name);
    const bool quoted = kJson && !state.json_number;
    const size_t begin = out.size();
    CellEnd end = CellEnd::kNull;
    if (!cell.is_null()) {
      if (quoted) out.Put('"');
      end = WriteCell<kFormat>(state, cell, out, counts);
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
    return CellEnd::kWritten;
  }

  template <LoadFormat kFormat>
  EncodeEnd EncodeBatch(ByteArena& body, std::vector<RowReject>& rejects, EncodeCounts& counts) {
    BodyWriter out(body);
    const size_t body_begin = out.size();
    const size_t rejects_before = rejects.size();
    EncodeCounts batch_counts;
    const size_t rows = batch->rows();
    for (size_t row = 0; row < rows; ++row) {
      const Cell* cells = batch->Row(row);
      const size_t row_begin = out.size();
      const EncodeCounts counts_before = batch_counts;
      key_bytes = fixed_key_bytes;
      CellEnd end = CellEnd::kWritten;
      size_t column = 0;
      for (const ColumnState& state : columns) {
        end = WriteField<kFormat>(state, cells[state.plan->source_index], out, batch_counts);
        if (end != CellEnd::kWritten) break;
        if constexpr (kFormat == LoadFormat::kCsv) out.Put(kColumnSeparator);
        ++column;
      }
      if (end == CellEnd::kNeedsJson) {
        rejects.resize(rejects_before);
        out.Rewind(body_begin);
        out.Commit();
        return EncodeEnd::kNeedsJson;
      }
      if (end == CellEnd::kWritten && limit_key && key_bytes > kMaxPrimaryKeyBytes) {
        end = Reject(RejectReason::kKeyTooLong);
        column = 0;
      }
      if (end == CellEnd::kRejected) {
        rejects.push_back(
            RowReject{static_cast<uint32_t>(row), static_cast<uint32_t>(column), reason});
        out.Rewind(row_begin);
        batch_counts = counts_before;
        continue;
      }
      if constexpr (kFormat == LoadFormat::kCsv) {
        *out.At(out.size() - 1) = kRowDelimiter;
      } else {
        out.Put("}\n");
      }
      ++batch_counts.rows;
    }
    out.Commit();
    counts.rows += batch_counts.rows;
    counts.truncated_cells += batch_counts.truncated_cells;
    counts.nulled_dates += batch_counts.nulled_dates;
    return EncodeEnd::kDone;
  }
};

RowEncoder::RowEncoder(const EncodePlan& plan) : state_(std::make_unique<State>(plan)) {}
RowEncoder::~RowEncoder() = default;
RowEncoder::RowEncoder(RowEncoder&&) noexcept = default;
RowEncoder& RowEncoder::operator=(RowEncoder&&) noexcept = default;

EncodeEnd RowEncoder::Encode(LoadFormat format, const RowBatch& batch, ByteArena& body,
                             std::vector<RowReject>& rejects, EncodeCounts& counts) {
  state_->batch = &batch;
  return format == LoadFormat::kCsv ? state_->EncodeBatch<LoadFormat::kCsv>(body, rejects, counts)
                                    : state_->EncodeBatch<LoadFormat::kJson>(body, rejects, counts);
}

std::string RowEncoder::Describe(const RowReject& reject) const {
  const ColumnPlan& column = state_->plan->columns[reject.column];
  if (reject.reason == RejectReason::kKeyTooLong)
    return std::string(RejectReasonText(reject.reason));
  if (reject.reason == RejectReason::kTooLong) {
    return fmt::format("column `{}`: longer than {} bytes", column.name, column.limit_bytes);
  }
  return fmt::format("column `{}`: {}", column.name, RejectReasonText(reject.reason));
}

}  // namespace starlift::starrocks

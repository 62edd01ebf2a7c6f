#include <algorithm>
#include <cstring>

#include <simdjson.h>

#include "starrocks/encoder_state.h"
#include "starrocks/ordinary_dates.h"
#include "starrocks/text_scan.h"

namespace starlift::starrocks {
namespace {

using Form = OrdinaryColumn::Form;

// After a batch that was encoded twice.
constexpr uint32_t kCarefulBatches = 15;
constexpr size_t kCopyStep = 2 * kVectorBytes;
constexpr size_t kReadBeyond = kCopyStep;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr char kNullField[] = {'\\', 'N', kColumnSeparator};

static_assert(BodyWriter::kSlackBytes >= kCopyStep);

Form FormOf(const ColumnState& state) {
  const ColumnPlan& column = *state.plan;
  switch (column.rule) {
    case CellRule::kNumber:
    case CellRule::kAscii:
    case CellRule::kText:
      return state.key_text ? Form::kKeyText : Form::kCopy;
    case CellRule::kFloat:
      return Form::kFloat;
    case CellRule::kDate:
      return Form::kDate;
    case CellRule::kDateTime:
      return Form::kDateTime;
    case CellRule::kTimestamp:
      return column.utc_offset_seconds == 0 ? Form::kDateTime : Form::kOther;
    default:
      return Form::kOther;
  }
}

bool IsNumber(const ColumnState& state) { return state.plan->rule == CellRule::kNumber; }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsFinite(const char* text, size_t size) {
  return size > 0 && IsDigit(text[size > 1 && *text == '-' ? 1 : 0]);
}

// Reads and writes up to kCopyStep bytes beyond.
void CopyCell(const char* from, size_t size, char* to) {
  constexpr size_t kMostSteps = 8;
  if (size > kMostSteps * kCopyStep) {
    std::memcpy(to, from, size);
    return;
  }
  std::memcpy(to, from, kCopyStep);
  for (size_t at = kCopyStep; at < size; at += kCopyStep) {
    std::memcpy(to + at, from + at, kCopyStep);
  }
}

bool IsSeparator(char c) { return c == kColumnSeparator || c == kRowDelimiter; }

// Fields that read as NULL.
size_t CountNullFields(std::string_view body) {
  size_t count = 0;
  for (size_t at = body.find('\\'); at != std::string_view::npos; at = body.find('\\', at + 1)) {
    const bool begins = at == 0 || IsSeparator(body[at - 1]);
    if (begins && body[at + 1] == 'N' && IsSeparator(body[at + 2])) ++count;
  }
  return count;
}

}  // namespace

std::vector<OrdinaryColumn> OrdinaryColumnsOf(const std::vector<ColumnState>& columns,
                                              bool limit_key) {
  std::vector<OrdinaryColumn> ordinary;
  // A row of one empty value is a case of its own.
  if (columns.size() < 2) return ordinary;
  for (const ColumnState& state : columns) {
    OrdinaryColumn column{.source_index = state.plan->source_index,
                          .limit_bytes = Cell::kNull - 1,
                          .form = FormOf(state),
                          .nullable = state.plan->nullable};
    if (state.plan->rule == CellRule::kText) {
      column.limit_bytes = std::min(state.plan->limit_bytes, column.limit_bytes);
    }
    if (column.form == Form::kKeyText && !limit_key) column.form = Form::kCopy;
    ordinary.push_back(column);
  }
  return ordinary;
}

bool RowEncoder::State::HopesForOrdinaryRows() {
  if (careful_batches > 0) {
    --careful_batches;
    return false;
  }
  const ByteArena& arena = batch->arena();
  return !ordinary_columns.empty() && arena.capacity() - arena.size() >= kReadBeyond;
}

bool RowEncoder::State::EncodeOrdinarily(BodyWriter& out, std::vector<RowReject>& rejects,
                                         EncodeEnd& end) {
  const size_t body_begin = out.size();
  const size_t rows = batch->rows();
  for (size_t row = 0; row < rows; ++row) {
    const size_t row_begin = out.size();
    const uint64_t nulls_before = nulls;
    const EncodeCounts counts_before = batch_counts;
    if (WriteOrdinaryRow(batch->Row(row), out)) {
      ++batch_counts.rows;
      continue;
    }
    out.Rewind(row_begin);
    nulls = nulls_before;
    batch_counts = counts_before;
    end = EncodeRow<LoadFormat::kCsv>(row, out, rejects);
    if (end != EncodeEnd::kDone) return true;
  }
  if (MayStandInCsv(out.Since(body_begin))) return true;
  careful_batches = kCarefulBatches;
  return false;
}

bool RowEncoder::State::WriteOrdinaryRow(const Cell* cells, BodyWriter& out) {
  const char* const arena = batch->arena().data();
  char* to = out.Reserve(0);
  const char* room_end = out.room_end();
  const auto make_room = [&](size_t bytes) {
    out.EndAt(to);
    to = out.Reserve(bytes);
    room_end = out.room_end();
  };
  key_bytes = fixed_key_bytes;
  for (const OrdinaryColumn& column : ordinary_columns) {
    const Cell cell = cells[column.source_index];
    if (cell.size > column.limit_bytes) {
      if (!cell.is_null() || !column.nullable) return false;
      if (to > room_end) make_room(0);
      std::memcpy(to, kNullField, sizeof kNullField);
      to += sizeof kNullField;
      ++nulls;
      continue;
    }
    const char* const from = arena + cell.offset;
    const size_t size = cell.size;
    switch (column.form) {
      case Form::kCopy:
        break;
      case Form::kFloat:
        if (!IsFinite(from, size)) return false;
        break;
      case Form::kDate:
        if (!IsOrdinaryDate(from, size) && CheckDate({from, size}) != DateCheck::kValid)
          return false;
        break;
      case Form::kDateTime:
        if (!IsOrdinaryDateTime(from, size) && CheckDateTime({from, size}) != DateCheck::kValid) {
          return false;
        }
        break;
      case Form::kKeyText:
        key_bytes += KeyBytes(columns[&column - ordinary_columns.data()], cell);
        break;
      case Form::kOther: {
        out.EndAt(to);
        const ColumnState& state = columns[&column - ordinary_columns.data()];
        if (WriteField<LoadFormat::kCsv>(state, cell, out) != CellEnd::kWritten) return false;
        out.Put(kColumnSeparator);
        to = out.Reserve(0);
        room_end = out.room_end();
        continue;
      }
    }
    if (static_cast<ptrdiff_t>(size) > room_end - to) make_room(size);
    CopyCell(from, size, to);
    to += size;
    *to++ = kColumnSeparator;
  }
  to[-1] = kRowDelimiter;
  out.EndAt(to);
  return !limit_key || key_bytes <= kMaxPrimaryKeyBytes;
}

// What the fields of ordinary rows must not hold: separators, the text that means NULL, what isn't
// UTF-8, and a byte order mark where it could begin the body.
bool RowEncoder::State::MayStandInCsv(std::string_view body) const {
  const BodySeen seen = ScanBody(body);
  if (seen.separators != batch_counts.rows * columns.size()) return false;
  if (seen.backslashes != nulls && CountNullFields(body) != nulls) return false;
  // Separators are ASCII: all fields together are UTF-8 if each of them is.
  if (!seen.non_ascii) return true;
  if (!simdjson::validate_utf8(body.data(), body.size())) return false;
  const bool begins_with_text = !IsNumber(columns.front());
  return !begins_with_text || body.find(kByteOrderMark) == std::string_view::npos;
}

}  // namespace starlift::starrocks

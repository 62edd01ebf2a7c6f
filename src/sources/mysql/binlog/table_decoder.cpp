#include "sources/mysql/binlog/table_decoder.h"

#include <algorithm>

#include <fmt/format.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/json_document.h"
#include "sources/mysql/binlog/number_text.h"
#include "sources/mysql/cell_form.h"

namespace starlift::mysql {
namespace {

bool IsUnsigned(TypeKind kind) { return kind >= TypeKind::kUInt8 && kind <= TypeKind::kUInt64; }

// The value is in cell form as the log has it.
bool IsAsLogged(const ColumnDecoder& column) {
  return (column.op == CellOp::kUtf8 || column.op == CellOp::kBytes) && !column.compressed;
}

bool Bit(std::string_view bits, size_t index) {
  return (static_cast<unsigned char>(bits[index / 8]) >> (index % 8) & 1) != 0;
}

size_t CountBits(std::string_view bits, size_t count) {
  size_t set = 0;
  for (size_t i = 0; i < count; ++i) set += Bit(bits, i) ? 1 : 0;
  return set;
}

bool AllSet(std::string_view bits, size_t count) {
  for (size_t i = 0; i < count / 8; ++i) {
    if (static_cast<unsigned char>(bits[i]) != 0xFF) return false;
  }
  const unsigned mask = (1U << (count % 8)) - 1;
  return mask == 0 || (static_cast<unsigned char>(bits[count / 8]) & mask) == mask;
}

Error CutOff() {
  return Error{.kind = ErrorKind::kData, .message = "a row is shorter than its columns say"};
}

}  // namespace

Result<TableDecoder> TableDecoder::Make(const TableMap& map, const Table& definition,
                                        CharsetList& charsets) {
  static const std::vector<std::string> kNoLabels;
  TableDecoder decoder;
  decoder.id_ = definition.id;
  if (map.columns.size() != definition.columns.size()) {
    return Error{.kind = ErrorKind::kPolicy,
                 .message = fmt::format("the log has {} columns, the definition {}",
                                        map.columns.size(), definition.columns.size())};
  }
  for (size_t i = 0; i < map.columns.size(); ++i) {
    const Column& column = definition.columns[i];
    if (!map.names.empty() && map.names[i] != column.name) {
      return Error{.kind = ErrorKind::kPolicy,
                   .message = fmt::format("column {} is `{}` in the log and `{}` in the definition",
                                          i + 1, map.names[i], column.name)};
    }
    if (!map.is_unsigned.empty() && IsInteger(column.type.kind) &&
        map.is_unsigned[i] != IsUnsigned(column.type.kind)) {
      return Error{.kind = ErrorKind::kPolicy,
                   .message = fmt::format("column `{}` is {} in the log and {} in the definition",
                                          column.name, map.is_unsigned[i] ? "unsigned" : "signed",
                                          column.native_type)};
    }
    SL_ASSIGN(ColumnDecoder chosen,
              ChooseDecoder(column, map.columns[i], map.labels.empty() ? kNoLabels : map.labels[i],
                            charsets));
    decoder.copies_rows_ = decoder.copies_rows_ || IsAsLogged(chosen);
    if (IsFixed(chosen.op)) decoder.fixed_bytes_ += kLongestNumber;
    decoder.columns_.push_back(std::move(chosen));
  }
  return decoder;
}

Result<std::vector<bool>> TableDecoder::Columns(const RowsEvent& event,
                                                std::string_view bits) const {
  if (event.columns != columns_.size()) {
    return Error{.kind = ErrorKind::kData,
                 .message = fmt::format("a row event has {} columns, its table map {}",
                                        event.columns, columns_.size())};
  }
  std::vector<bool> columns;
  if (bits.empty() || AllSet(bits, columns_.size())) return columns;
  for (size_t i = 0; i < columns_.size(); ++i) columns.push_back(Bit(bits, i));
  return columns;
}

Status TableDecoder::Decode(const RowsEvent& event, ChangeBatch& batch) {
  const size_t count = columns_.size();
  const auto image = [&](std::string_view bits) {
    return Image{
        .present = !bits.empty(), .all = !bits.empty() && AllSet(bits, count), .bits = bits};
  };
  const Image before = image(event.before_columns);
  const Image after = image(event.after_columns);
  RowBatch& rows = batch.rows;
  rows_begin_ = event.rows.data();
  if (copies_rows_) copy_offset_ = rows.arena().Append(event.rows);
  const char* at = event.rows.data();
  const char* const end = at + event.rows.size();
  while (at < end) {
    RowChange change{.kind = event.kind};
    const char* const begin = at;
    if (before.present) {
      change.before = static_cast<uint32_t>(rows.rows());
      SL_TRY(DecodeImage(before, at, end, rows));
    }
    if (after.present) {
      change.after = static_cast<uint32_t>(rows.rows());
      if (event.partial_json) {
        if (!NoteJson(before, begin, end)) return CutOff();
        SL_TRY(DecodePartialImage(after, json_before_, at, end, rows));
      } else {
        SL_TRY(DecodeImage(after, at, end, rows));
      }
    }
    // Images of no columns would be read for ever.
    if (at == begin) return CutOff();
    batch.changes.push_back(change);
  }
  return {};
}

Status TableDecoder::DecodeImage(const Image& image, const char*& at, const char* end,
                                 RowBatch& rows) {
  const size_t count = columns_.size();
  const size_t present = image.all ? count : CountBits(image.bits, count);
  const size_t null_bytes = (present + 7) / 8;
  if (static_cast<size_t>(end - at) < null_bytes) return CutOff();
  const std::string_view nulls(at, null_bytes);
  at += null_bytes;
  const size_t first_cell = rows.cells().size();
  rows.cells().resize(first_cell + count);
  ByteArena& arena = rows.arena();
  arena.Reserve(arena.size() + fixed_bytes_);
  char* out = arena.data() + arena.size();
  size_t bit = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!image.all && !Bit(image.bits, i)) continue;
    if (Bit(nulls, bit++)) continue;
    const ColumnDecoder& column = columns_[i];
    CellSpan span;
    if (!TakeCell(column, at, end, span)) return CutOff();
    Cell& cell = rows.cells()[first_cell + i];
    if (IsFixed(column.op)) {
      char* const begin = out;
      out = WriteFixed(column, span.begin, out);
      cell = {static_cast<uint32_t>(begin - arena.data()), static_cast<uint32_t>(out - begin)};
      continue;
    }
    if (IsAsLogged(column)) {
      if (column.op == CellOp::kUtf8 && !IsWellFormedUtf8({span.begin, span.size})) {
        text_.clear();
        return Fault(i, column.charset->Convert({span.begin, span.size}, text_).error());
      }
      cell = {static_cast<uint32_t>(copy_offset_ + static_cast<size_t>(span.begin - rows_begin_)),
              static_cast<uint32_t>(span.size)};
      continue;
    }
    arena.Resize(static_cast<size_t>(out - arena.data()));
    SL_TRY(AppendCell(i, span, rows, cell));
    arena.Reserve(arena.size() + fixed_bytes_);
    out = arena.data() + arena.size();
  }
  arena.Resize(static_cast<size_t>(out - arena.data()));
  return {};
}

Status TableDecoder::AppendCell(size_t column, const CellSpan& span, RowBatch& rows, Cell& cell) {
  text_.clear();
  if (Status status = AppendVariable(columns_[column], {span.begin, span.size}, text_);
      !status.ok()) {
    return Fault(column, std::move(status).error());
  }
  cell = {static_cast<uint32_t>(rows.arena().Append(text_)), static_cast<uint32_t>(text_.size())};
  return {};
}

// Where the before-image's JSON values lie, which an after-image may only tell the differences to.
bool TableDecoder::NoteJson(const Image& image, const char* at, const char* end) {
  json_before_.assign(columns_.size(), CellSpan{});
  const size_t present = CountBits(image.bits, columns_.size());
  const size_t null_bytes = (present + 7) / 8;
  if (static_cast<size_t>(end - at) < null_bytes) return false;
  const std::string_view nulls(at, null_bytes);
  at += null_bytes;
  size_t bit = 0;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (!Bit(image.bits, i) || Bit(nulls, bit++)) continue;
    CellSpan span;
    if (!TakeCell(columns_[i], at, end, span)) return false;
    if (columns_[i].op == CellOp::kJson) json_before_[i] = span;
  }
  return true;
}

// The image of PARTIAL_UPDATE_ROWS begins with options; where the first is set, a bit per JSON
// column of the table says which values are differences. WL#2955.
Status TableDecoder::DecodePartialImage(const Image& image, const std::vector<CellSpan>& before,
                                        const char*& at, const char* end, RowBatch& rows) {
  constexpr uint64_t kPartialJson = 1;
  const size_t count = columns_.size();
  ByteReader reader({at, static_cast<size_t>(end - at)});
  const uint64_t options = reader.PackedInt();
  const auto is_json = [](const ColumnDecoder& column) { return column.op == CellOp::kJson; };
  const auto json_columns =
      static_cast<size_t>(std::count_if(columns_.begin(), columns_.end(), is_json));
  std::string_view partial;
  if ((options & kPartialJson) != 0) partial = reader.Bytes((json_columns + 7) / 8);
  const size_t present = CountBits(image.bits, count);
  const std::string_view nulls = reader.Bytes((present + 7) / 8);
  if (!reader.ok()) return CutOff();
  at = reader.at();
  const size_t first_cell = rows.cells().size();
  rows.cells().resize(first_cell + count);
  size_t bit = 0;
  size_t json_bit = 0;
  for (size_t i = 0; i < count; ++i) {
    const bool differences = is_json(columns_[i]) && !partial.empty() && Bit(partial, json_bit);
    if (is_json(columns_[i])) ++json_bit;
    if (!Bit(image.bits, i) || Bit(nulls, bit++)) continue;
    CellSpan span;
    if (!TakeCell(columns_[i], at, end, span)) return CutOff();
    Cell& cell = rows.cells()[first_cell + i];
    if (IsFixed(columns_[i].op)) {
      char digits[kLongestNumber];
      const char* const stop = WriteFixed(columns_[i], span.begin, digits);
      const std::string_view text(digits, static_cast<size_t>(stop - digits));
      cell = {static_cast<uint32_t>(rows.arena().Append(text)), static_cast<uint32_t>(text.size())};
    } else if (differences) {
      if (before[i].begin == nullptr) {
        return Fault(
            i, Error{.kind = ErrorKind::kPolicy,
                     .message = "a JSON value's differences came without the value before",
                     .mend = "SET PERSIST binlog_row_value_options = ''; and redo the table"});
      }
      text_.clear();
      Status applied =
          ApplyJsonDifferences({before[i].begin, before[i].size}, {span.begin, span.size}, text_);
      if (!applied.ok()) return Fault(i, std::move(applied).error());
      cell = {static_cast<uint32_t>(rows.arena().Append(text_)),
              static_cast<uint32_t>(text_.size())};
    } else {
      SL_TRY(AppendCell(i, span, rows, cell));
    }
  }
  return {};
}

Error TableDecoder::Fault(size_t column, Error error) const {
  error.message = fmt::format("column `{}`: {}", columns_[column].name, error.message);
  return std::move(error).At(id_.ToString());
}

}  // namespace starlift::mysql

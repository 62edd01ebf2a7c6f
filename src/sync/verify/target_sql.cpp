#include "sync/verify/target_sql.h"

#include <algorithm>

#include <fmt/format.h>

#include "starrocks/calendar.h"
#include "starrocks/canonical_value.h"
#include "starrocks/ddl_printer.h"

namespace starlift::sync {
namespace {

using mapping::TableMapping;
using starrocks::CellRule;
using starrocks::ColumnPlan;
using starrocks::QuoteName;
using starrocks::TargetTypeKind;

// Concatenations beyond this become NULL: StarRocks' longest string, or a server's smallest usual
// max_allowed_packet. Half of it is kept free.
constexpr uint64_t kMaxRowTextBytes = 500'000;
constexpr uint64_t kLongestInlineBytes = 300'000;
constexpr uint64_t kDigestBytes = 33;
constexpr uint64_t kPlainBytes = 72;  // 65 digits, sign, point, separator
constexpr uint64_t kBytesPerCharacter = 4;

bool IsIntegerType(TargetTypeKind kind) {
  return kind >= TargetTypeKind::kTinyInt && kind <= TargetTypeKind::kLargeInt;
}

bool IsWholeNumber(TypeKind kind) {
  return IsInteger(kind) || kind == TypeKind::kBool || kind == TypeKind::kYear ||
         kind == TypeKind::kBit;
}

bool IsUtf8(const Column& column) {
  return column.charset == "utf8mb4" || column.charset == "utf8mb3" || column.charset == "utf8" ||
         column.charset == "ascii";
}

// The column's form and the most bytes that its text takes.
struct Piece {
  ChecksumForm form;
  uint64_t bytes;
};

Piece InlineOrDigest(uint64_t bytes, ChecksumForm in_line, ChecksumForm digest) {
  if (bytes > kLongestInlineBytes) return {digest, kDigestBytes};
  return {in_line, bytes};
}

std::optional<Piece> ChoosePiece(const Column& source, const ColumnPlan& column) {
  const TypeKind kind = source.type.kind;
  const TargetTypeKind target = column.type.kind;
  switch (column.rule) {
    case CellRule::kNumber:
      if (IsWholeNumber(kind) && IsIntegerType(target))
        return Piece{ChecksumForm::kPlain, kPlainBytes};
      if (kind == TypeKind::kDecimal && target == TargetTypeKind::kDecimal &&
          source.type.scale == column.type.scale) {
        return Piece{ChecksumForm::kPlain, kPlainBytes};
      }
      return std::nullopt;
    case CellRule::kAscii:
      if (kind == TypeKind::kDecimal) return Piece{ChecksumForm::kPlain, kPlainBytes};
      return std::nullopt;
    case CellRule::kDate:
      if (target == TargetTypeKind::kDate) return Piece{ChecksumForm::kPlain, kPlainBytes};
      return std::nullopt;
    case CellRule::kDateTime:
      if (target != TargetTypeKind::kDateTime || kind == TypeKind::kDate) return std::nullopt;
      return Piece{source.type.scale == 0 ? ChecksumForm::kPlain : ChecksumForm::kDateTime,
                   kPlainBytes};
    case CellRule::kText: {
      const bool text = kind == TypeKind::kChar || kind == TypeKind::kVarchar ||
                        kind == TypeKind::kText || kind == TypeKind::kEnum ||
                        kind == TypeKind::kSet;
      if (!text || !IsUtf8(source) || column.truncate || target != TargetTypeKind::kVarchar) {
        return std::nullopt;
      }
      const uint64_t bytes =
          kind == TypeKind::kText ? source.type.length : source.type.length * kBytesPerCharacter;
      return InlineOrDigest(bytes + kPlainBytes, ChecksumForm::kText, ChecksumForm::kLongText);
    }
    case CellRule::kHex:
      return InlineOrDigest(source.type.length * 2, ChecksumForm::kLowerHex,
                            ChecksumForm::kLowerHex);
    case CellRule::kBinary:
      if (target != TargetTypeKind::kVarbinary) return std::nullopt;
      return InlineOrDigest(source.type.length * 2, ChecksumForm::kHex, ChecksumForm::kLongHex);
    default:
      return std::nullopt;
  }
}

std::string TargetPiece(const ColumnPlan& column, ChecksumForm form) {
  std::string name = QuoteName(column.name);
  switch (form) {
    case ChecksumForm::kPlain:
    case ChecksumForm::kDateTime:
      return column.type.kind == TargetTypeKind::kVarchar
                 ? name
                 : fmt::format("cast({} as varchar)", name);
    case ChecksumForm::kHex:
      return fmt::format("hex({})", name);
    case ChecksumForm::kLowerHex:
      return name;
    case ChecksumForm::kText:
      return fmt::format("concat(cast(length({0}) as varchar), ':', {0})", name);
    case ChecksumForm::kLongHex:
      return fmt::format("md5(hex({}))", name);
    case ChecksumForm::kLongText:
      return fmt::format("md5({})", name);
  }
  return name;
}

// The plan's column that a source column lands in.
const ColumnPlan* FindPlan(const TableMapping& mapping, ColumnIndex source) {
  for (const ColumnPlan& column : mapping.plan.columns) {
    if (mapping.columns[column.source_index] == source) return &column;
  }
  return nullptr;
}

bool KeepsOrder(const Column& source, const ColumnPlan& column) {
  switch (column.rule) {
    case CellRule::kNumber:
      return IsWholeNumber(source.type.kind) && IsIntegerType(column.type.kind);
    case CellRule::kDate:
      return column.type.kind == TargetTypeKind::kDate;
    case CellRule::kDateTime:
    case CellRule::kTimestamp:
      return column.type.kind == TargetTypeKind::kDateTime;
    case CellRule::kHex:
      return column.type.kind == TargetTypeKind::kVarchar;
    default:
      return false;
  }
}

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

// What a bound is compared with, and its literal.
struct Comparison {
  std::string column;
  std::string literal;
};

Comparison CompareBound(const ColumnPlan& column, const std::string& bound) {
  const std::string name = QuoteName(column.name);
  if (column.rule == CellRule::kNumber) return {name, bound};
  if (column.rule == CellRule::kHex) return {name, starrocks::QuoteString(Hex(bound))};
  const starrocks::DateCheck check = column.rule == CellRule::kDate
                                         ? starrocks::CheckDate(bound)
                                         : starrocks::CheckDateTime(bound);
  // Days that can't be are no literals, but stand among the others as texts do.
  if (check != starrocks::DateCheck::kValid) {
    return {fmt::format("cast({} as varchar)", name), starrocks::QuoteString(bound)};
  }
  if (column.rule != CellRule::kTimestamp) return {name, starrocks::QuoteString(bound)};
  char moved[starrocks::kMaxDateTimeBytes];
  const char* const end = starrocks::ShiftDateTime(bound, column.utc_offset_seconds, moved);
  const std::string_view text =
      end == nullptr ? bound : std::string_view(moved, static_cast<size_t>(end - moved));
  return {name, starrocks::QuoteString(text)};
}

//   a > 1 OR (a = 1 AND (b > 2 OR (b = 2 AND c > 3)))
std::string Compare(const TableMapping& mapping, const ChunkBound& bound, size_t at,
                    std::string_view beyond, std::string_view last) {
  const std::vector<ColumnIndex>& key = mapping.source.key;
  const auto [column, literal] = CompareBound(*FindPlan(mapping, key[at]), bound[at]);
  if (at + 1 == key.size()) return fmt::format("{} {} {}", column, last, literal);
  return fmt::format("({0} {1} {2} OR ({0} = {2} AND {3}))", column, beyond, literal,
                     Compare(mapping, bound, at + 1, beyond, last));
}

// A plain condition on the first column besides, which prunes what is read.
std::string Bounded(const TableMapping& mapping, const ChunkBound& bound, std::string_view beyond,
                    std::string_view last) {
  std::string whole = Compare(mapping, bound, 0, beyond, last);
  if (mapping.source.key.size() == 1) return whole;
  const auto [column, literal] = CompareBound(*FindPlan(mapping, mapping.source.key[0]), bound[0]);
  return fmt::format("{} {}= {} AND {}", column, beyond, literal, whole);
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("-.0123456789") == text.npos;
}

std::string ValueLiteral(const starrocks::TargetType& type, const std::string& value) {
  const bool number =
      type.kind <= TargetTypeKind::kLargeInt || type.kind == TargetTypeKind::kDecimal;
  return number && IsNumber(value) ? value : starrocks::QuoteString(value);
}

}  // namespace

std::optional<std::vector<ChecksumColumn>> PlanChecksum(const TableMapping& mapping) {
  std::vector<ChecksumColumn> columns;
  uint64_t bytes = 0;
  for (const ColumnPlan& column : mapping.plan.columns) {
    const ColumnIndex index = mapping.columns[column.source_index];
    auto piece = ChoosePiece(mapping.source.columns[index], column);
    if (!piece) return std::nullopt;
    if (bytes + piece->bytes > kMaxRowTextBytes) {
      if (piece->form == ChecksumForm::kText) *piece = {ChecksumForm::kLongText, kDigestBytes};
      if (piece->form == ChecksumForm::kHex) *piece = {ChecksumForm::kLongHex, kDigestBytes};
    }
    bytes += piece->bytes;
    if (bytes > kMaxRowTextBytes) return std::nullopt;
    columns.push_back({index, piece->form});
  }
  return columns;
}

bool RangesCarryOver(const TableMapping& mapping) {
  if (!mapping.source.has_key()) return false;
  return std::all_of(mapping.source.key.begin(), mapping.source.key.end(), [&](ColumnIndex index) {
    const ColumnPlan* column = FindPlan(mapping, index);
    return column != nullptr && KeepsOrder(mapping.source.columns[index], *column);
  });
}

std::string TargetRange(const TableMapping& mapping, const Chunk& range) {
  std::string condition;
  if (range.lower) condition = Bounded(mapping, *range.lower, ">", ">");
  if (range.upper) {
    condition += (condition.empty() ? "" : " AND ") + Bounded(mapping, *range.upper, "<", "<=");
  }
  return condition;
}

std::string TargetRowsQuery(const TableMapping& mapping, const std::string& condition) {
  std::string list;
  for (const ColumnPlan& column : mapping.plan.columns) {
    list += (list.empty() ? "" : ", ") +
            starrocks::CanonicalSelectExpression(column.type, QuoteName(column.name));
  }
  return fmt::format("SELECT {} FROM {}{}{}", list, mapping.target.QuotedName(),
                     condition.empty() ? "" : " WHERE ", condition);
}

std::string TargetChecksumQuery(const TableMapping& mapping,
                                const std::vector<ChecksumColumn>& columns, ChecksumMethod method,
                                const std::string& condition) {
  std::string pieces;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string piece = TargetPiece(mapping.plan.columns[i], columns[i].form);
    pieces += fmt::format(", ifnull({}, '~')", piece);
  }
  const bool crc = method == ChecksumMethod::kCrc32;
  const std::string sums =
      crc ? "sum(cast(h as largeint)), sum(cast(h as largeint) * cast(h as largeint))"
          : "sum(cast(conv(left(h, 15), 16, 10) as largeint)), "
            "sum(cast(conv(right(h, 15), 16, 10) as largeint))";
  return fmt::format(
      "SELECT count(*), count(h), {} FROM (SELECT {}(concat_ws('|'{})) AS h FROM {}{}{}) "
      "rows_of_range",
      sums, crc ? "crc32" : "md5", pieces, mapping.target.QuotedName(),
      condition.empty() ? "" : " WHERE ", condition);
}

std::string TargetKeysCondition(const RowShape& shape, const std::vector<RowKey>& keys) {
  std::string condition;
  for (const RowKey& key : keys) {
    std::string one;
    for (size_t i = 0; i < key.size(); ++i) {
      const RowShape::Column& column = shape.columns[shape.key[i]];
      if (i > 0) one += " AND ";
      one += QuoteName(column.name);
      one += key[i] ? " = " + ValueLiteral(column.type, *key[i]) : " IS NULL";
    }
    condition +=
        keys.size() == 1 ? one : fmt::format("{}({})", condition.empty() ? "" : " OR ", one);
  }
  return condition;
}

std::string SourceKeyCell(const ColumnPlan& column, const std::string& value) {
  const bool is_hex =
      value.size() % 2 == 0 && value.find_first_not_of("0123456789abcdef") == value.npos;
  if (column.rule == CellRule::kHex && is_hex) {
    std::string bytes;
    for (size_t i = 0; i + 1 < value.size(); i += 2) {
      bytes += static_cast<char>(std::stoi(value.substr(i, 2), nullptr, 16));
    }
    return bytes;
  }
  if (column.rule == CellRule::kTimestamp &&
      starrocks::CheckDateTime(value) == starrocks::DateCheck::kValid) {
    char moved[starrocks::kMaxDateTimeBytes];
    const char* const end = starrocks::ShiftDateTime(value, -column.utc_offset_seconds, moved);
    if (end != nullptr) return {moved, static_cast<size_t>(end - moved)};
  }
  return value;
}

}  // namespace starlift::sync

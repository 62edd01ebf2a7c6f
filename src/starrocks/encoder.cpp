#include "starrocks/encoder.h"

#include <fmt/format.h>

#include "starrocks/encoder_state.h"
#include "starrocks/json_text.h"
#include "starrocks/text_scan.h"

namespace starlift::starrocks {
namespace {

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

RowEncoder::State::State(const EncodePlan& of) : plan(&of) {
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
  ordinary_columns = OrdinaryColumnsOf(columns, limit_key);
}

template <LoadFormat kFormat>
EncodeEnd RowEncoder::State::EncodeBatch(ByteArena& body, std::vector<RowReject>& rejects,
                                         EncodeCounts& counts) {
  BodyWriter out(body);
  const size_t body_begin = out.size();
  const size_t rejects_before = rejects.size();
  const auto begin_again = [&] {
    out.Rewind(body_begin);
    rejects.resize(rejects_before);
    batch_counts = EncodeCounts{};
    nulls = 0;
  };
  begin_again();
  EncodeEnd end = EncodeEnd::kDone;
  bool ordinary = false;
  if constexpr (kFormat == LoadFormat::kCsv) {
    ordinary = HopesForOrdinaryRows() && EncodeOrdinarily(out, rejects, end);
  }
  if (!ordinary) {
    begin_again();
    end = EncodeCarefully<kFormat>(out, rejects);
  }
  if (end == EncodeEnd::kNeedsJson) begin_again();
  out.Commit();
  counts.rows += batch_counts.rows;
  counts.truncated_cells += batch_counts.truncated_cells;
  counts.nulled_dates += batch_counts.nulled_dates;
  return end;
}

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

#include "smt/plan/columns.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "mapping/default_values.h"
#include "starrocks/calendar.h"
#include "starrocks/ddl_printer.h"

namespace starlift::smt {
namespace {

using starrocks::TargetDefaultKind;

bool IsMoment(const Column& column) {
  return column.type.kind == TypeKind::kDate || column.type.kind == TypeKind::kDateTime ||
         column.type.kind == TypeKind::kTimestamp;
}

// "2000-01-01 12:34:56.789" as the original prints it; empty for what is no such moment.
std::string MomentLiteral(std::string_view text) {
  constexpr size_t kDate = 10;
  constexpr size_t kDateTime = 19;
  text = text.substr(0, kDateTime);
  const bool valid = text.size() == kDate
                         ? starrocks::CheckDate(text) == starrocks::DateCheck::kValid
                         : text.size() == kDateTime &&
                               starrocks::CheckDateTime(text) == starrocks::DateCheck::kValid;
  return valid ? std::string(text) : std::string();
}

// b'101' as the number that it is; empty for what is no such literal.
std::string BitLiteral(std::string_view text) {
  if (!text.starts_with("b'") || !text.ends_with('\'') || text.size() < 4) return {};
  text = text.substr(2, text.size() - 3);
  uint64_t bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits, 2);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole ? std::to_string(bits) : std::string();
}

// The column with its default in the form in which StarRocks takes it.
Column WithPlainDefault(const Column& column) {
  Column plain = column;
  if (column.type.kind != TypeKind::kBit) return plain;
  if (std::string number = BitLiteral(column.default_text); !number.empty()) {
    plain.default_kind = DefaultKind::kLiteral;
    plain.default_text = std::move(number);
  }
  return plain;
}

std::string TypePlace(const Column& column, const std::string& place) {
  return place + "." + starrocks::QuoteName(column.name);
}

}  // namespace

bool ColumnPlanner::MayBePrimaryKey(const Column& column) {
  const ColumnType& type = TypeAs(column, ColumnRole::kPrimaryKey);
  return starrocks::MayBePrimaryKey(starrocks::ParseType(type.starrocks));
}

bool ColumnPlanner::IsSortKeyAsItIs(const Column& column) {
  const std::string& type = TypeAs(column, ColumnRole::kSortKey).starrocks;
  return type == TypeAs(column, ColumnRole::kValue).starrocks &&
         starrocks::MayBeSortKey(starrocks::ParseType(type));
}

const ColumnType& ColumnPlanner::TypeAs(const Column& column, ColumnRole role) {
  return *Find(column, role).type;
}

const ColumnPlanner::KnownType& ColumnPlanner::Find(const Column& column, ColumnRole role) {
  TypeKey key{column.native_type,    column.type.kind,  column.type.length,
              column.type.precision, column.type.scale, role};
  const auto [found, added] = known_.try_emplace(std::move(key));
  KnownType& known = found->second;
  if (!added) return known;
  TypeRequest request = request_;
  request.in_key = role != ColumnRole::kValue;
  request.in_primary_key = role == ColumnRole::kPrimaryKey;
  types_.push_back(dialect_.type_rule(column, request));
  known.type = &types_.back();
  if (request.form == Form::kRight) known.difference = DifferenceOf(column, *known.type, request);
  return known;
}

std::string ColumnPlanner::DifferenceOf(const Column& column, const ColumnType& type,
                                        TypeRequest request) const {
  std::string text;
  request.form = Form::kCompat;
  ColumnType original = dialect_.type_rule(column, request);
  while (original.starrocks.ends_with(' ')) original.starrocks.pop_back();  // of a cut `unsigned`
  if (!type.reason.empty()) {
    text = original.starrocks == type.starrocks
               ? fmt::format("{}, as {}", type.starrocks, type.reason)
               : fmt::format("{} instead of {}, as {}", type.starrocks, original.starrocks,
                             type.reason);
  } else if (!type.lossy.empty()) {
    text = type.starrocks;
  }
  if (!type.lossy.empty()) text += "; " + type.lossy;
  return text;
}

void ColumnPlanner::CopyDefaultAsOriginal(const Column& column, PlannedColumn& planned) {
  const bool literal = column.default_kind == DefaultKind::kLiteral;
  if (column.default_kind == DefaultKind::kNone || column.default_kind == DefaultKind::kNull) {
    return;
  }
  if (IsMoment(column)) {
    planned.default_text = literal ? MomentLiteral(column.default_text) : std::string();
    // A default that is no plain moment goes, and takes NOT NULL with it.
    if (planned.default_text.empty()) planned.nullable = true;
  } else {
    planned.default_text = WithPlainDefault(column).default_text;
  }
  if (!planned.default_text.empty() || !IsMoment(column)) {
    planned.default_kind = TargetDefaultKind::kLiteral;
  }
}

void ColumnPlanner::CopyDefault(const Column& column, const std::string& place,
                                PlannedColumn& planned) {
  starrocks::TargetColumn target;
  target.name = column.name;
  target.type = starrocks::ParseType(planned.type->starrocks);
  const std::string left_out = mapping::MapDefault(WithPlainDefault(column), target);
  planned.default_kind = target.default_kind;
  planned.default_text = std::move(target.default_text);
  if (!left_out.empty()) notes_.Add(left_out, TypePlace(column, place));
}

PlannedColumn ColumnPlanner::Make(const Column& column, ColumnRole role, const std::string& place) {
  const KnownType& known = Find(column, role);
  PlannedColumn planned{.source = &column, .type = known.type, .nullable = column.nullable};
  if (request_.form == Form::kCompat) {
    if (dialect_.defaults) CopyDefaultAsOriginal(column, planned);
    return planned;
  }
  if (!known.difference.empty()) {
    notes_.Add(known.difference,
               fmt::format("{} {}", TypePlace(column, place), column.native_type));
  }
  if (dialect_.defaults) CopyDefault(column, place, planned);
  const bool forced = planned.type->forces_nullable && role != ColumnRole::kPrimaryKey;
  if (forced && !planned.nullable) {
    notes_.Add("nullable, as zero and impossible dates land as NULL", TypePlace(column, place));
    planned.nullable = true;
  }
  return planned;
}

}  // namespace starlift::smt

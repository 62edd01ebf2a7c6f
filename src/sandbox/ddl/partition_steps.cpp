#include "sandbox/ddl/partition_steps.h"

#include <algorithm>
#include <charconv>

#include "sandbox/ddl/date_steps.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {

using catalog::DataType;
using catalog::PartitionDef;
using catalog::PartitionTuple;
using catalog::PartitionValue;
using catalog::TypeKind;
using sql::AnalyzeError;
using sql::PartitionSpec;

namespace {

Error BatchProblem(std::string_view problem) {
  return AnalyzeError("Batch build partition " + std::string(problem));
}

Result<std::vector<PartitionDef>> DateSteps(const PartitionSpec& spec, const DataType& type) {
  const auto start = ParseMoment(spec.start);
  const auto stop = ParseMoment(spec.stop);
  if (!start.has_value() || !stop.has_value() || spec.every_unit.empty()) {
    return BatchProblem("EVERY is date type but START or END does not type match.");
  }
  if (*start >= *stop) return BatchProblem("start value should less then end value.");
  if (spec.every <= 0) return BatchProblem("every interval should greater than 0.");
  const auto text = [&](int64_t moment) {
    return type.kind == TypeKind::kDate ? DateText(moment) : DateTimeText(moment);
  };
  const auto bound = [&](int64_t moment) {
    return PartitionTuple{{PartitionValue::Kind::kLiteral, text(moment)}};
  };
  std::vector<PartitionDef> partitions;
  for (int64_t at = *start; at < *stop;) {
    const int64_t next = std::min(AddUnits(at, spec.every_unit, spec.every), *stop);
    PartitionDef partition;
    partition.name = "p" + UnitLabel(at, spec.every_unit);
    partition.lower = bound(at);
    partition.upper = bound(next);
    partitions.push_back(std::move(partition));
    at = next;
  }
  return partitions;
}

Result<std::vector<PartitionDef>> IntegerSteps(const PartitionSpec& spec) {
  int64_t start = 0;
  int64_t stop = 0;
  const auto parse = [](const std::string& text, int64_t& number) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  };
  if (!parse(spec.start, start) || !parse(spec.stop, stop) || !spec.every_unit.empty()) {
    return BatchProblem("EVERY is number type but START or END does not type match.");
  }
  if (start >= stop) return BatchProblem("start value should less then end value.");
  if (spec.every <= 0) return BatchProblem("every interval should greater than 0.");
  std::vector<PartitionDef> partitions;
  for (int64_t at = start; at < stop; at += spec.every) {
    PartitionDef partition;
    partition.name = "p" + std::to_string(at);
    partition.lower = {{PartitionValue::Kind::kLiteral, std::to_string(at)}};
    partition.upper = {
        {PartitionValue::Kind::kLiteral, std::to_string(std::min(at + spec.every, stop))}};
    partitions.push_back(std::move(partition));
  }
  return partitions;
}

}  // namespace

Result<std::vector<PartitionDef>> PartitionSteps(const PartitionSpec& spec,
                                                 const catalog::TableDef& table) {
  if (table.partitioning.columns.size() != 1) {
    return BatchProblem("only support single range column.");
  }
  const DataType& type = table.RangeType(0);
  const bool dates = type.kind == TypeKind::kDate || type.kind == TypeKind::kDateTime;
  return dates ? DateSteps(spec, type) : IntegerSteps(spec);
}

}  // namespace starlift::sandbox::ddl

#include "load/changes/change_plan.h"

#include <algorithm>

#include <fmt/format.h>

namespace starlift::load {
namespace {

using starrocks::CellRule;
using starrocks::ColumnPlan;
using starrocks::EncodePlan;

constexpr std::string_view kOpColumn = "__op";

// The emptiest cell that the rule can write.
std::string FillerFor(CellRule rule) {
  switch (rule) {
    case CellRule::kNumber:
    case CellRule::kFloat:
      return "0";
    case CellRule::kDate:
      return "1970-01-01";
    case CellRule::kDateTime:
    case CellRule::kTimestamp:
      return "1970-01-01 00:00:00";
    case CellRule::kJson:
      return "{}";
    case CellRule::kWkt: {  // POINT(0 0) without an SRID
      std::string point(4 + 1 + 4 + 16, '\0');
      point[4] = 1;
      point[5] = 1;
      return point;
    }
    case CellRule::kText:
    case CellRule::kAscii:
    case CellRule::kHex:
    case CellRule::kBinary:
      break;
  }
  return "";
}

ColumnPlan OpColumn(size_t place) {
  ColumnPlan op;
  op.name = kOpColumn;
  op.source_index = static_cast<uint32_t>(place);
  op.source_kind = TypeKind::kInt8;
  op.type.kind = starrocks::TargetTypeKind::kTinyInt;
  op.rule = CellRule::kNumber;
  op.nullable = false;
  return op;
}

}  // namespace

ChangePlan::ChangePlan(const mapping::TableMapping& mapping) : upserts_(mapping.plan) {
  for (size_t i = 0; i < upserts_.columns.size(); ++i) {
    ColumnPlan& column = upserts_.columns[i];
    column.source_index = static_cast<uint32_t>(i);
    if (column.key) key_.push_back(static_cast<uint32_t>(i));
    fillers_.push_back(column.nullable || column.key ? std::nullopt
                                                     : std::optional(FillerFor(column.rule)));
  }
  with_op_ = upserts_;
  with_op_.columns.push_back(OpColumn(upserts_.columns.size()));
  starrocks::FinishEncodePlan(with_op_, /*all_columns=*/false);
}

const EncodePlan& ChangePlan::Partial(const ColumnSet& present) const {
  std::lock_guard lock(partial_mutex_);
  std::unique_ptr<EncodePlan>& plan = partial_[present];
  if (plan == nullptr) {
    plan = std::make_unique<EncodePlan>(upserts_);
    plan->columns.clear();
    plan->null_columns.clear();  // they stay as they are
    for (size_t i = 0; i < columns(); ++i) {
      if (present[i]) plan->columns.push_back(upserts_.columns[i]);
    }
    starrocks::FinishEncodePlan(*plan, /*all_columns=*/false);
  }
  return *plan;
}

bool ChangePlan::Matches(const ChangePlan& other) const {
  return std::equal(
      upserts_.columns.begin(), upserts_.columns.end(), other.upserts_.columns.begin(),
      other.upserts_.columns.end(), [](const ColumnPlan& a, const ColumnPlan& b) {
        return a.name == b.name && a.rule == b.rule && a.type == b.type && a.key == b.key;
      });
}

Result<std::vector<uint32_t>> ProjectColumns(const mapping::TableMapping& mapping,
                                             const Table& version) {
  std::vector<uint32_t> projection;
  for (const ColumnPlan& column : mapping.plan.columns) {
    const std::string& name = mapping.source.columns[mapping.columns[column.source_index]].name;
    const std::optional<ColumnIndex> found = version.FindColumn(name);
    if (!found) {
      return Error{ErrorKind::kConflict,
                   fmt::format("the log tells of {} without column `{}`, which its mapping has",
                               version.id.ToString(), name)}
          .Mend("begin the task anew: --fresh --existing truncate");
    }
    projection.push_back(*found);
  }
  return projection;
}

}  // namespace starlift::load

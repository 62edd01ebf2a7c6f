#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "load/changes/change_load.h"
#include "starrocks/encoder.h"

namespace starlift::load {
namespace {

using starrocks::EncodeEnd;
using starrocks::EncodePlan;
using starrocks::LoadFormat;

constexpr size_t kBodyPerBatchPercent = 130;
constexpr size_t kMostShownBytes = 200;

// The bodies that one plan writes.
class BodyEncoder {
 public:
  BodyEncoder(const EncodePlan& plan, bool partial) : plan_(plan), encoder_(plan) {
    csv_.columns = plan.csv_columns_header;
    json_.format = LoadFormat::kJson;
    json_.columns = plan.json_columns_header;
    csv_.partial = json_.partial = partial;
  }

  void Add(const RowBatch& rows, std::vector<RefusedChange>& refused) {
    if (rows.empty()) return;
    if (!AddCsv(rows, refused)) AddJson(rows, refused);
  }
  // False, and nothing added, if CSV can't carry the rows.
  bool AddCsv(const RowBatch& rows, std::vector<RefusedChange>& refused) {
    return AddAs(csv_, rows, refused);
  }
  void AddJson(const RowBatch& rows, std::vector<RefusedChange>& refused) {
    AddAs(json_, rows, refused);
  }

  void MoveTo(std::vector<ChangeBody>& bodies) {
    if (csv_.rows > 0) bodies.push_back(std::move(csv_));
    if (json_.rows > 0) bodies.push_back(std::move(json_));
  }

 private:
  bool AddAs(ChangeBody& body, const RowBatch& rows, std::vector<RefusedChange>& refused) {
    auto segment =
        std::make_unique<ByteArena>(rows.byte_size() * kBodyPerBatchPercent / 100 + 4096);
    rejects_.clear();
    starrocks::EncodeCounts counts;
    if (encoder_.Encode(body.format, rows, *segment, rejects_, counts) == EncodeEnd::kNeedsJson) {
      return false;
    }
    for (const starrocks::RowReject& reject : rejects_) {
      refused.push_back({encoder_.Describe(reject), DescribeRow(rows, reject.row)});
    }
    body.rows += counts.rows;
    body.segments.push_back(std::move(segment));
    return true;
  }

  std::string DescribeRow(const RowBatch& rows, size_t row) const {
    std::string text;
    for (const starrocks::ColumnPlan& column : plan_.columns) {
      const auto value = rows.Value(row, column.source_index);
      text += fmt::format("{}{}={}", text.empty() ? "" : ", ", column.name,
                          value ? value->substr(0, kMostShownBytes) : "NULL");
      if (text.size() > kMostShownBytes && !column.key) break;
    }
    return text;
  }

  const EncodePlan& plan_;
  starrocks::RowEncoder encoder_;
  ChangeBody csv_, json_;
  std::vector<starrocks::RowReject> rejects_;
};

// Leaves the block with the rows of these shapes and gives the cells of the rest, with their
// shapes.
RowBlock KeepWholeRows(RowBlock& block) {
  const size_t columns = block.rows.columns();
  RowBlock rest(columns);
  std::vector<Cell>& cells = block.rows.cells();
  size_t kept = 0;
  for (size_t row = 0; row < block.shapes.size(); ++row) {
    const RowShape shape = block.shapes[row];
    if (shape == kDeadRow) continue;
    const auto from = cells.begin() + static_cast<ptrdiff_t>(row * columns);
    const auto until = from + static_cast<ptrdiff_t>(columns);
    if (shape >= kFirstPartialRow) {
      rest.rows.cells().insert(rest.rows.cells().end(), from, until);
      rest.shapes.push_back(shape);
      continue;
    }
    if (kept != row) std::copy(from, until, cells.begin() + static_cast<ptrdiff_t>(kept * columns));
    ++kept;
  }
  cells.resize(kept * columns);
  return rest;
}

}  // namespace

uint64_t ChangeBody::bytes() const {
  uint64_t sum = 0;
  for (const auto& segment : segments) sum += segment->size();
  return sum;
}

EncodedChanges EncodeChanges(const ChangePlan& plan, ChangeSet set) {
  EncodedChanges encoded;
  BodyEncoder whole(set.deletes > 0 ? plan.with_op() : plan.upserts(), false);
  std::vector<std::unique_ptr<BodyEncoder>> partial;
  for (const ColumnSet& present : set.partial_columns) {
    partial.push_back(std::make_unique<BodyEncoder>(plan.Partial(present), true));
  }
  for (RowBlock& block : set.blocks) {
    RowBlock rest = KeepWholeRows(block);
    whole.Add(block.rows, encoded.refused);
    const size_t columns = block.rows.columns();
    for (size_t shape = 0; shape < partial.size() && !rest.shapes.empty(); ++shape) {
      std::vector<Cell>& cells = block.rows.cells();  // over the same arena
      cells.clear();
      for (size_t row = 0; row < rest.shapes.size(); ++row) {
        if (rest.shapes[row] != kFirstPartialRow + shape) continue;
        const Cell* from = rest.rows.Row(row);
        cells.insert(cells.end(), from, from + columns);
      }
      partial[shape]->Add(block.rows, encoded.refused);
    }
    block.rows = RowBatch(columns);  // its memory goes as its bytes are written
  }
  whole.MoveTo(encoded.bodies);
  for (const auto& encoder : partial) encoder->MoveTo(encoded.bodies);
  return encoded;
}

EncodedChanges EncodeAppends(const ChangePlan& plan, const ChangeSet& set, bool as_json) {
  EncodedChanges encoded;
  BodyEncoder csv(plan.upserts(), false);
  if (!as_json && std::all_of(set.blocks.begin(), set.blocks.end(), [&](const RowBlock& block) {
        return csv.AddCsv(block.rows, encoded.refused);
      })) {
    csv.MoveTo(encoded.bodies);
    return encoded;
  }
  encoded.refused.clear();
  BodyEncoder json(plan.upserts(), false);
  for (const RowBlock& block : set.blocks) json.AddJson(block.rows, encoded.refused);
  json.MoveTo(encoded.bodies);
  return encoded;
}

}  // namespace starlift::load

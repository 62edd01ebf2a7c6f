#include <algorithm>
#include <functional>
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

// What becomes of a row that can't be written.
using Reject = std::function<Status(const starrocks::RowEncoder& encoder, const RowBatch& rows,
                                    const starrocks::RowReject& reject)>;

// The bodies that one plan writes.
class BodyEncoder {
 public:
  // With `keys_of`, bodies know the keys of their rows, which lie by that plan.
  BodyEncoder(const EncodePlan& plan, bool partial, Reject reject,
              const ChangePlan* keys_of = nullptr)
      : encoder_(plan), reject_(std::move(reject)) {
    csv_.columns = plan.csv_columns_header;
    json_.format = LoadFormat::kJson;
    json_.columns = plan.json_columns_header;
    csv_.partial = json_.partial = partial;
    csv_.plan = json_.plan = &plan;
    if (keys_of != nullptr) {
      csv_.keys = std::make_unique<BodyKeys>(*keys_of);
      json_.keys = std::make_unique<BodyKeys>(*keys_of);
    }
  }

  Status Add(const RowBatch& rows) {
    if (rows.empty()) return {};
    SL_ASSIGN(const bool added, AddCsv(rows));
    return added ? Status() : AddJson(rows);
  }
  // False, and nothing added, if CSV can't carry the rows.
  Result<bool> AddCsv(const RowBatch& rows) { return AddAs(csv_, rows); }
  Status AddJson(const RowBatch& rows) {
    SL_TRY(AddAs(json_, rows));
    return {};
  }

  void MoveTo(std::vector<ChangeBody>& bodies) {
    if (csv_.rows > 0) bodies.push_back(std::move(csv_));
    if (json_.rows > 0) bodies.push_back(std::move(json_));
  }

 private:
  Result<bool> AddAs(ChangeBody& body, const RowBatch& rows) {
    auto segment =
        std::make_unique<ByteArena>(rows.byte_size() * kBodyPerBatchPercent / 100 + 4096);
    rejects_.clear();
    starrocks::EncodeCounts counts;
    if (encoder_.Encode(body.format, rows, *segment, rejects_, counts) == EncodeEnd::kNeedsJson) {
      return false;
    }
    for (const starrocks::RowReject& reject : rejects_) SL_TRY(reject_(encoder_, rows, reject));
    if (body.keys) AddKeys(*body.keys, rows);
    body.rows += counts.rows;
    body.segments.push_back(std::move(segment));
    return true;
  }

  // Of all rows but the rejected ones, which are in order.
  void AddKeys(BodyKeys& keys, const RowBatch& rows) const {
    auto reject = rejects_.begin();
    for (size_t row = 0; row < rows.rows(); ++row) {
      if (reject != rejects_.end() && reject->row == row) {
        ++reject;
      } else {
        keys.Add(rows, row);
      }
    }
  }

  starrocks::RowEncoder encoder_;
  const Reject reject_;
  ChangeBody csv_, json_;
  std::vector<starrocks::RowReject> rejects_;
};

std::string DescribeRow(const EncodePlan& plan, const RowBatch& rows, size_t row) {
  std::string text;
  for (const starrocks::ColumnPlan& column : plan.columns) {
    const auto value = rows.Value(row, column.source_index);
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", column.name,
                        value ? value->substr(0, kMostShownBytes) : "NULL");
    if (text.size() > kMostShownBytes && !column.key) break;
  }
  return text;
}

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
  uint64_t sum = keys ? keys->rows().byte_size() : 0;
  for (const auto& segment : segments) sum += segment->size();
  return sum;
}

Result<std::vector<ChangeBody>> EncodeChanges(ChangeSet set, LoadRefusals& refusals) {
  SL_TRY(refusals.SettleMissingRows(set));
  const ChangePlan& plan = refusals.plan();
  const ChangePlan* const keys_of = refusals.allowed() ? &plan : nullptr;
  const auto make_encoder = [&](const EncodePlan& by, bool partial) {
    return std::make_unique<BodyEncoder>(
        by, partial,
        [&refusals, plan_of_rows = &by](const starrocks::RowEncoder& encoder, const RowBatch& rows,
                                        const starrocks::RowReject& reject) {
          const bool key_at_fault = plan_of_rows->columns[reject.column].key ||
                                    reject.reason == starrocks::RejectReason::kKeyTooLong;
          return refusals.RefuseRow(*plan_of_rows, rows, reject.row, key_at_fault,
                                    encoder.Describe(reject));
        },
        keys_of);
  };
  const auto whole = make_encoder(set.deletes > 0 ? plan.with_op() : plan.upserts(), false);
  std::vector<std::unique_ptr<BodyEncoder>> partial;
  for (const ColumnSet& present : set.partial_columns) {
    partial.push_back(make_encoder(plan.Partial(present), true));
  }
  for (RowBlock& block : set.blocks) {
    RowBlock rest = KeepWholeRows(block);
    SL_TRY(whole->Add(block.rows));
    const size_t columns = block.rows.columns();
    for (size_t shape = 0; shape < partial.size() && !rest.shapes.empty(); ++shape) {
      std::vector<Cell>& cells = block.rows.cells();  // over the same arena
      cells.clear();
      for (size_t row = 0; row < rest.shapes.size(); ++row) {
        if (rest.shapes[row] != kFirstPartialRow + shape) continue;
        const Cell* from = rest.rows.Row(row);
        cells.insert(cells.end(), from, from + columns);
      }
      SL_TRY(partial[shape]->Add(block.rows));
    }
    block.rows = RowBatch(columns);  // its memory goes as its bytes are written
  }
  std::vector<ChangeBody> bodies;
  whole->MoveTo(bodies);
  for (const auto& encoder : partial) encoder->MoveTo(bodies);
  return bodies;
}

std::vector<ChangeBody> EncodeDeletes(const ChangePlan& plan, const RowBatch& rows) {
  BodyEncoder encoder(
      plan.with_op(), false,
      [](const starrocks::RowEncoder&, const RowBatch&, const starrocks::RowReject&) {
        return Status();
      },
      &plan);
  (void)encoder.Add(rows);  // rejects are no errors here, and nothing else is one
  std::vector<ChangeBody> bodies;
  encoder.MoveTo(bodies);
  for (ChangeBody& body : bodies) body.takes_away = true;
  return bodies;
}

EncodedChanges EncodeAppends(const ChangePlan& plan, const ChangeSet& set, bool as_json) {
  EncodedChanges encoded;
  const Reject reject = [&](const starrocks::RowEncoder& encoder, const RowBatch& rows,
                            const starrocks::RowReject& row) {
    encoded.refused.push_back({encoder.Describe(row), DescribeRow(plan.upserts(), rows, row.row)});
    return Status();
  };
  BodyEncoder csv(plan.upserts(), false, reject);
  if (!as_json && std::all_of(set.blocks.begin(), set.blocks.end(), [&](const RowBlock& block) {
        const Result<bool> added = csv.AddCsv(block.rows);
        return added.ok() && *added;
      })) {
    csv.MoveTo(encoded.bodies);
    return encoded;
  }
  encoded.refused.clear();
  BodyEncoder json(plan.upserts(), false, reject);
  for (const RowBlock& block : set.blocks) (void)json.AddJson(block.rows);  // `reject` never fails
  json.MoveTo(encoded.bodies);
  return encoded;
}

}  // namespace starlift::load

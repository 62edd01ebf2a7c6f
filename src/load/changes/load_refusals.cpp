#include "load/changes/load_refusals.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace starlift::load {
namespace {

constexpr std::string_view kNoRowToChange =
    "only some of its columns are told, and an earlier state of the row isn't at the target";

// Keys as one text: each part behind its length.
void AppendKeyPart(std::string& key, std::string_view bytes) {
  const auto size = static_cast<uint32_t>(bytes.size());
  key.append(reinterpret_cast<const char*>(&size), sizeof(size));
  key += bytes;
}

std::string KeyOf(const ChangePlan& plan, const RowBatch& rows, size_t row) {
  std::string key;
  for (const uint32_t column : plan.key()) AppendKeyPart(key, rows.Bytes(rows.At(row, column)));
  return key;
}

std::string KeyOf(const RowBatch& body_keys, size_t row) {
  std::string key;
  for (size_t part = 0; part + 2 < body_keys.columns(); ++part) {
    AppendKeyPart(key, body_keys.Bytes(body_keys.At(row, part)));
  }
  return key;
}

bool Deletes(const ChangePlan& plan, const RowBatch& rows, size_t row) {
  return rows.Bytes(rows.At(row, plan.op_column())) == ChangePlan::kDelete;
}

bool IsPartial(const ChangePlan& plan, const starrocks::EncodePlan& rows_by) {
  return &rows_by != &plan.upserts() && &rows_by != &plan.with_op();
}

}  // namespace

struct LoadRefusals::Refusal {
  ChangeOrigin origin;
  bool deletes = false;
  bool partial = false;
  std::string_view stage;
  std::string_view reason;
};

const ChangeSource& LoadRefusals::SourceOf(const ChangeOrigin& origin) const {
  return sources_[origin.source];
}

Status LoadRefusals::Leave(const Refusal& refusal, const std::function<std::string()>& brief,
                           const DescribeLetter& describe) {
  const ChangeSource& source = SourceOf(refusal.origin);
  ChangeLetterOrigin letter;
  letter.mapping = source.mapping.get();
  letter.operation = refusal.deletes ? "delete" : refusal.partial ? "update" : "upsert";
  letter.stage = refusal.stage;
  letter.reason = refusal.reason;
  letter.old_row_may_stay = refusal.deletes;
  SL_ASSIGN(letter.skipped,
            letters_.Take(
                source.record, refusal.reason,
                fmt::format("table {}, row {}", source.mapping->source.id.ToString(), brief())));
  left_out_.letters.push_back(
      {refusal.origin.transaction, source.record, describe(letter), letter.skipped});
  return {};
}

void LoadRefusals::SetMissing(const ChangeOrigin& origin, std::string key, bool missing) {
  if (missing) {
    missing_.insert(key);
  } else if (missing_.erase(key) == 0) {
    return;
  }
  left_out_.missing_rows.push_back({origin.transaction, owner_, std::move(key), missing});
}

Status LoadRefusals::SettleMissingRows(ChangeSet& set) {
  if (missing_.empty() && set.lost == 0) return {};
  for (RowBlock& block : set.blocks) {
    for (size_t row = 0; row < block.shapes.size(); ++row) {
      RowShape& shape = block.shapes[row];
      if (shape == kDeadRow) continue;
      const ChangeOrigin origin = ChangeOrigin::Unpack(block.rows.At(row, plan_.origin_column()));
      std::string key = KeyOf(plan_, block.rows, row);
      if (shape < kFirstPartialRow) {
        if (shape == kDeleteRow && missing_.contains(key)) gone_.insert(key);
        SetMissing(origin, std::move(key), shape == kLostRow);
        continue;
      }
      if (!missing_.contains(key)) continue;
      const auto& columns = set.partial_columns[shape - kFirstPartialRow];
      const starrocks::EncodePlan& plan = plan_.Partial(columns);
      SL_TRY(Leave(
          {origin, false, true, "apply", kNoRowToChange},
          [&] { return BriefChangedRow(*SourceOf(origin).mapping, plan, block.rows, row); },
          [&](const ChangeLetterOrigin& letter) {
            return DescribeChangedRow(letter, plan, block.rows, row);
          }));
      shape = kDeadRow;
      --set.rows;
    }
  }
  return {};
}

Status LoadRefusals::RefuseRow(const starrocks::EncodePlan& plan, const RowBatch& rows, size_t row,
                               bool key_at_fault, std::string_view reason) {
  const bool deletes = Deletes(plan_, rows, row);
  if (deletes && key_at_fault) {
    // A key that the target can't hold isn't there.
    LogDebug("a delete of a key that can't be at the target: {}", reason);
    return {};
  }
  const ChangeOrigin origin = ChangeOrigin::Unpack(rows.At(row, plan_.origin_column()));
  const bool partial = IsPartial(plan_, plan);
  SL_TRY(Leave(
      {origin, deletes, partial, "encode", reason},
      [&] { return BriefChangedRow(*SourceOf(origin).mapping, plan, rows, row); },
      [&](const ChangeLetterOrigin& letter) {
        return DescribeChangedRow(letter, plan, rows, row);
      }));
  if (deletes) return {};
  std::string key = KeyOf(plan_, rows, row);
  letter_of_key_[key] = left_out_.letters.size() - 1;
  SetMissing(origin, std::move(key), true);
  if (key_at_fault) return {};
  TakeAway(origin, [&](size_t part) { return rows.Bytes(rows.At(row, plan_.key()[part])); });
  return {};
}

Status LoadRefusals::RefuseBodyRow(const BodyRow& row, std::string_view reason) {
  const RowBatch& keys = *row.keys;
  const size_t parts = keys.columns() - 2;
  const ChangeOrigin origin = ChangeOrigin::Unpack(keys.At(row.number, parts));
  const bool deletes = keys.At(row.number, parts + 1).offset != 0;
  const bool partial = IsPartial(plan_, *row.plan);
  std::string key = KeyOf(keys, row.number);
  if (deletes && gone_.contains(key)) return {};  // said when its row was refused
  const auto describe = [&](const ChangeLetterOrigin& letter) {
    return DescribeChangedBodyRow(letter, *row.plan, row.format, row.text);
  };
  SL_TRY(Leave(
      {origin, deletes, partial, "target", reason},
      [&] {
        return BriefChangedBodyRow(*SourceOf(origin).mapping, *row.plan, row.format, row.text);
      },
      describe));
  if (deletes) return {};
  letter_of_key_[key] = left_out_.letters.size() - 1;
  SetMissing(origin, std::move(key), true);
  TakeAway(origin, [&](size_t part) { return keys.Bytes(keys.At(row.number, part)); });
  return {};
}

template <typename KeyPart>
void LoadRefusals::TakeAway(const ChangeOrigin& origin, const KeyPart& part) {
  if (!deletes_) deletes_ = std::make_unique<RowBatch>(plan_.row_cells());
  plan_.AppendKeyOnly(*deletes_, part);
  deletes_->AppendCopy(ChangePlan::kDelete);
  deletes_->AppendCell(origin.Pack());
}

void LoadRefusals::RefuseDelete(const RowBatch& keys, uint32_t row) {
  const auto letter = letter_of_key_.find(KeyOf(keys, row));
  if (letter == letter_of_key_.end()) return;
  SayThatOldRowMayStay(left_out_.letters[letter->second].line);
}

RowBatch LoadRefusals::TakeDeletes() {
  if (!deletes_) return RowBatch(plan_.row_cells());
  RowBatch taken = std::move(*deletes_);
  deletes_.reset();
  return taken;
}

void BodyKeys::Add(const RowBatch& from, size_t row) {
  for (const uint32_t column : plan_.key()) rows_.AppendCopy(from.Bytes(from.At(row, column)));
  rows_.AppendCell(from.At(row, plan_.origin_column()));
  rows_.AppendCell({Deletes(plan_, from, row) ? 1U : 0U, 0});
}

}  // namespace starlift::load

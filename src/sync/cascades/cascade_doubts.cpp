#include "sync/cascades/cascade_doubts.h"

#include <nlohmann/json.hpp>

namespace starlift::sync {
namespace {

// CBOR: values may be any bytes.
std::string EncodeKey(const RowTuple& row) {
  auto parts = nlohmann::json::array();
  for (const std::string& part : row) {
    parts.push_back(nlohmann::json::binary({part.begin(), part.end()}));
  }
  const std::vector<uint8_t> bytes = nlohmann::json::to_cbor(parts);
  return {bytes.begin(), bytes.end()};
}

Result<RowTuple> DecodeKey(const std::string& key) {
  const auto parts = nlohmann::json::from_cbor(key, true, false);
  RowTuple row;
  for (const auto& part : parts) {
    if (!part.is_binary()) break;
    row.emplace_back(part.get_binary().begin(), part.get_binary().end());
  }
  if (!parts.is_array() || row.size() != parts.size()) {
    return Error{ErrorKind::kData, "the state holds a row's key that can't be read"};
  }
  return row;
}

}  // namespace

Result<CascadeWindow::Rows> CascadeDoubts::Read() {
  SL_ASSIGN(const std::vector<state::DoubtfulRow> stored, store_.ListDoubtfulRows(task_));
  any_ = !stored.empty();
  CascadeWindow::Rows rows;
  for (const state::DoubtfulRow& row : stored) {
    SL_ASSIGN(RowTuple key, DecodeKey(row.key));
    rows[row.table].insert(std::move(key));
  }
  return rows;
}

Status CascadeDoubts::Note(const std::vector<CascadeWindow::Row>& rows) {
  if (rows.empty()) return {};
  any_ = true;
  std::vector<state::DoubtfulRow> stored;
  stored.reserve(rows.size());
  for (const auto& [table, key] : rows) stored.push_back({table, EncodeKey(key)});
  return store_.AddDoubtfulRows(task_, stored);
}

Status CascadeDoubts::Forget() {
  if (!std::exchange(any_, false)) return {};
  return store_.ForgetDoubtfulRows(task_);
}

}  // namespace starlift::sync

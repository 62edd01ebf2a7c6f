#include "load/buffer_sender.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/log.h"
#include "load/body_rows.h"
#include "load/refused_row_index.h"

namespace starlift::load {
namespace {

using starrocks::LoadFormat;
using starrocks::LoadOutcome;
using starrocks::RefusedRow;

}  // namespace

Status BufferSender::Send(const LoadBuffer& buffer, bool whole_chunk) {
  const std::vector<std::string_view> pieces = buffer.Pieces();
  const LoadBody body{.format = buffer.format,
                      .pieces = pieces,
                      .rows = buffer.rows,
                      .digest = buffer.digest,
                      .whole_chunk = whole_chunk};
  SL_ASSIGN(PlainLoadResult result, SendPlainLoad(environment_, options_, progress_, chunk_, body));
  if (result.end == PlainLoadEnd::kDone) return {};
  return SendParts(buffer.format, SplitRows(buffer), result);
}

Result<PlainLoadResult> BufferSender::SendRows(LoadFormat format, const Rows& rows) {
  const std::vector<std::string_view> pieces = JoinRows(rows);
  uint64_t digest = 0;
  for (const std::string_view piece : pieces) digest = HashBytes(piece, digest);
  const LoadBody body{.format = format, .pieces = pieces, .rows = rows.size(), .digest = digest};
  return SendPlainLoad(environment_, options_, progress_, chunk_, body);
}

Status BufferSender::SendParts(LoadFormat format, Rows rows, const PlainLoadResult& refusal) {
  if (refusal.end == PlainLoadEnd::kRowsRefused) {
    std::string reason = refusal.outcome.message;
    SL_ASSIGN(const bool named, TakeOutLogged(format, refusal.outcome, rows, reason));
    if (rows.empty()) return {};
    if (named) {
      SL_ASSIGN(PlainLoadResult again, SendRows(format, rows));
      if (again.end == PlainLoadEnd::kDone) return {};
      return SendParts(format, std::move(rows), again);
    }
    if (rows.size() == 1) return RejectRow(format, rows.front(), reason);
  } else if (rows.size() == 1) {
    return TooLarge(refusal.outcome);
  }
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
  for (const Rows& half : {Rows(rows.begin(), middle), Rows(middle, rows.end())}) {
    SL_ASSIGN(PlainLoadResult result, SendRows(format, half));
    if (result.end != PlainLoadEnd::kDone) SL_TRY(SendParts(format, half, result));
  }
  return {};
}

Result<bool> BufferSender::TakeOutLogged(LoadFormat format, const LoadOutcome& refusal, Rows& rows,
                                         std::string& reason) {
  if (refusal.error_url.empty()) return false;
  Result<std::vector<RefusedRow>> log = environment_.target.FetchErrorLog(refusal.error_url);
  if (!log.ok()) {
    LogWarning("can't read the target's error log of {}, looking for the rows by halving: {}",
               chunk_.table().Name(), log.error().message);
    return false;
  }
  if (!log->empty()) reason = log->front().reason;
  const RefusedRowIndex index(*log, format);
  std::vector<std::pair<size_t, const RefusedRow*>> named;
  for (size_t row = 0; row < rows.size(); ++row) {
    if (const RefusedRow* refused = index.FindExact(rows[row])) named.emplace_back(row, refused);
  }
  if (named.empty()) named = index.FindCut(rows);
  for (const auto& [row, refused] : named) {
    SL_TRY(RejectRow(format, rows[row], refused->reason));
    rows[row] = {};
  }
  std::erase_if(rows, [](std::string_view row) { return row.empty(); });
  return !named.empty();
}

Status BufferSender::RejectRow(LoadFormat format, std::string_view row, std::string_view reason) {
  const DeadLetterOrigin origin{.mapping = &chunk_.table().mapping,
                                .chunk = chunk_.number(),
                                .stage = "target",
                                .reason = reason};
  row = WithoutRowEnd(row, format);
  return chunk_.Reject([&] { return DescribeBodyRow(origin, format, row); },
                       [&] { return BriefBodyRow(chunk_.table().mapping, format, row); }, reason);
}

Error BufferSender::TooLarge(const LoadOutcome& refusal) const {
  return Error{ErrorKind::kPolicy, fmt::format("one row of {} is too large for the target: {}",
                                               chunk_.table().Name(), refusal.message)}
      .Mend(refusal.mend);
}

}  // namespace starlift::load

#include "load/keyless_load.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/hash.h"
#include "base/log.h"
#include "load/body_rows.h"
#include "load/label_settler.h"
#include "load/plain_load.h"
#include "load/row_probe.h"

namespace starlift::load {
namespace {

using starrocks::LoadOutcome;
using starrocks::LoadVerdict;

// A transaction lives while the whole table is read.
constexpr std::chrono::seconds kTransactionTimeout = std::chrono::hours(48);

bool IsPermanent(LoadVerdict verdict) {
  return verdict == LoadVerdict::kConfigRefused || verdict == LoadVerdict::kSchemaDrift ||
         verdict == LoadVerdict::kTooLarge;
}

// The part was turned away at the door: the transaction stands as it was before.
bool SurelyNotTaken(const LoadOutcome& outcome) {
  return outcome.verdict == LoadVerdict::kRetry &&
         (outcome.status.empty() || outcome.status == "TXN_IN_PROCESSING");
}

}  // namespace

KeylessLoad::KeylessLoad(const LoadEnvironment& environment, const LoaderOptions& options,
                         LoaderProgress& progress, OpenChunk& chunk)
    : environment_(environment),
      options_(options),
      progress_(progress),
      chunk_(chunk),
      patience_(environment, progress, options.retry_for, [&chunk] { return chunk.failed(); }) {}

void KeylessLoad::SendWhole(const LoadBuffer& buffer) {
  if (!chunk_.failed()) Conclude(TrySendWhole(buffer));
}

void KeylessLoad::SendPart(const LoadBuffer& buffer) {
  if (!chunk_.failed()) Conclude(TrySendPart(buffer));
}

void KeylessLoad::Commit() {
  if (!chunk_.failed()) Conclude(TryCommit());
  if (chunk_.failed()) Abandon();
}

void KeylessLoad::Conclude(Result<Step> step) {
  if (!step.ok()) {
    chunk_.Fail(std::move(step).error());
  } else if (*step == Step::kReadAgain) {
    chunk_.FailAndReadAgain();
  }
}

void KeylessLoad::Abandon() {
  // What was sealed may be committed by the next run: it is left for that to settle.
  if (!begun_ || record_.status != state::LoadStatus::kIntent) return;
  begun_ = false;
  const LoadOutcome outcome = environment_.target.Rollback(chunk_.table().database(),
                                                           chunk_.table().table(), record_.label);
  if (outcome.verdict == LoadVerdict::kLoaded) {
    (void)environment_.store.RemoveLoad(record_.table, record_.sequence);
  }
}

Result<KeylessLoad::Step> KeylessLoad::TrySendWhole(const LoadBuffer& buffer) {
  format_ = buffer.format;
  SL_ASSIGN(const KeptRows kept, LeaveOutRefusedRows(buffer));
  if (kept.rows == 0) return Step::kDone;
  const LoadBody body{.format = buffer.format,
                      .pieces = kept.pieces,
                      .rows = kept.rows,
                      .digest = buffer.digest,
                      .whole_chunk = true};
  SL_ASSIGN(PlainLoadResult result, SendPlainLoad(environment_, options_, progress_, chunk_, body));
  if (result.end == PlainLoadEnd::kDone) return Step::kDone;
  if (result.end == PlainLoadEnd::kRowsRefused) {
    if (options_.max_errors == 0) return HandleRefusedRows(result.outcome);
    SL_TRY(ProbeRows(buffer));
    return Step::kReadAgain;
  }
  return Error{ErrorKind::kRefused, Describe("load", result.outcome)}.Mend(result.outcome.mend);
}

Result<KeylessLoad::Step> KeylessLoad::TrySendPart(const LoadBuffer& buffer) {
  format_ = buffer.format;
  if (chunk_.table().probe_parts) SL_TRY(ProbeRows(buffer));
  SL_ASSIGN(const KeptRows kept, LeaveOutRefusedRows(buffer));
  if (kept.rows == 0) return Step::kDone;
  if (!begun_) SL_TRY(Begin());

  starrocks::LoadRequest request = chunk_.table().Request(buffer.format);
  request.label = record_.label;
  request.compression = options_.compression;
  request.timeout = kTransactionTimeout;
  request.body = kept.pieces;
  while (true) {
    progress_.loads_in_flight.fetch_add(1, std::memory_order_relaxed);
    const LoadOutcome outcome = environment_.target.LoadPart(request);
    progress_.loads_in_flight.fetch_sub(1, std::memory_order_relaxed);
    if (outcome.verdict == LoadVerdict::kLoaded) break;
    if (!SurelyNotTaken(outcome)) return GiveUp(outcome);
    SL_TRY(patience_.WaitAfterFailure(outcome.back_off, Describe("load", outcome), outcome.mend));
  }
  patience_.Renew();
  record_.rows += kept.rows;
  for (const std::string_view piece : kept.pieces) record_.bytes += piece.size();
  record_.digest = HashBytes(HexDigits(buffer.digest, 16), record_.digest);
  chunk_.CountLoaded(kept.rows);
  chunk_.table().progress.bytes_sent.fetch_add(buffer.bytes(), std::memory_order_relaxed);
  progress_.loads_done.fetch_add(1, std::memory_order_relaxed);
  return Step::kDone;
}

Status KeylessLoad::AddTransaction() {
  state::LoadRecord wanted;
  wanted.chunk = chunk_.number();
  wanted.kind = state::LoadKind::kTransaction;
  SL_ASSIGN(record_, environment_.store.AddLoad(chunk_.table().record.id, wanted));
  return {};
}

Status KeylessLoad::Begin() {
  SL_TRY(AddTransaction());
  while (true) {
    const LoadOutcome outcome = environment_.target.Begin(
        chunk_.table().database(), chunk_.table().table(), record_.label, kTransactionTimeout);
    if (outcome.verdict == LoadVerdict::kLoaded) {
      begun_ = true;
      patience_.Renew();
      return {};
    }
    if (IsPermanent(outcome.verdict)) {
      return Error{ErrorKind::kRefused, Describe("begin", outcome)}.Mend(outcome.mend);
    }
    if (outcome.verdict != LoadVerdict::kRetry) {
      // Begun or not: nobody will use that label.
      SL_TRY(Bury());
      SL_TRY(AddTransaction());
    }
    SL_TRY(patience_.WaitAfterFailure(outcome.back_off, Describe("begin", outcome), outcome.mend));
  }
}

Status KeylessLoad::Seal() {
  record_.status = state::LoadStatus::kSealed;
  record_.whole_chunk = true;
  record_.counters = chunk_.counters();
  SL_ASSIGN(record_.dead_letter_bytes, chunk_.PrepareDeadLetters());
  return environment_.store.UpdateLoad(record_);
}

Result<KeylessLoad::Step> KeylessLoad::TryCommit() {
  if (!begun_) return Step::kDone;  // every row was rejected
  SL_TRY(Seal());
  SL_ASSIGN(const Step prepared, Prepare());
  if (prepared == Step::kReadAgain) return prepared;
  return CommitPrepared();
}

Result<KeylessLoad::Step> KeylessLoad::Prepare() {
  const std::string& database = chunk_.table().database();
  while (true) {
    const LoadOutcome outcome =
        environment_.target.Prepare(database, chunk_.table().table(), record_.label);
    if (outcome.verdict == LoadVerdict::kLoaded) {
      if (outcome.loaded_rows == 0 || outcome.loaded_rows == static_cast<int64_t>(record_.rows)) {
        return Step::kDone;
      }
      SL_TRY(Bury());
      return Error{
          ErrorKind::kData,
          fmt::format("{} rows were sent to {} as label {}, the target counted {}", record_.rows,
                      chunk_.table().Name(), record_.label, outcome.loaded_rows)}
          .Mend("this must not happen: please report it with the target's version");
    }
    if (outcome.verdict == LoadVerdict::kRowsRefused || IsPermanent(outcome.verdict)) {
      return GiveUp(outcome);
    }
    SL_ASSIGN(const Settled settled, SettleLabel(environment_, patience_, database, record_.label,
                                                 PreparingLabel::kWaitThenCancel));
    if (settled == Settled::kPrepared || settled == Settled::kLoaded) return Step::kDone;
    return GiveUp(outcome);
  }
}

Result<KeylessLoad::Step> KeylessLoad::CommitPrepared() {
  const std::string& database = chunk_.table().database();
  while (true) {
    const LoadOutcome outcome =
        environment_.target.Commit(database, chunk_.table().table(), record_.label);
    if (outcome.verdict == LoadVerdict::kLoaded) return Step::kDone;
    // Only the label knows: a commit that "failed" may have been done.
    SL_ASSIGN(const Settled settled, SettleLabel(environment_, patience_, database, record_.label,
                                                 PreparingLabel::kWaitThenCancel));
    if (settled == Settled::kLoaded) {
      AwaitVisible(environment_, patience_, database, record_.label);
      return Step::kDone;
    }
    if (settled == Settled::kAborted) return GiveUp(outcome);
    if (settled == Settled::kUnknown) {
      return Error{ErrorKind::kConflict,
                   fmt::format("the target doesn't know label {} of {} (any more): its rows may be "
                               "loaded or not",
                               record_.label, chunk_.table().Name())}
          .Mend("run the same command again: it begins this table anew");
    }
    SL_TRY(patience_.WaitAfterFailure(outcome.back_off, Describe("commit", outcome), outcome.mend));
  }
}

// The transaction can't go on. Before the rows are read again it must be sure that none arrives.
Result<KeylessLoad::Step> KeylessLoad::GiveUp(const LoadOutcome& outcome) {
  SL_TRY(Bury());
  if (outcome.verdict == LoadVerdict::kRowsRefused) return HandleRefusedRows(outcome);
  if (IsPermanent(outcome.verdict)) {
    return Error{ErrorKind::kRefused, Describe("load", outcome)}.Mend(outcome.mend);
  }
  SL_TRY(WaitBeforeReadingAgain(Describe("load", outcome)));
  return Step::kReadAgain;
}

Status KeylessLoad::Bury() {
  const std::string& database = chunk_.table().database();
  (void)environment_.target.Rollback(database, chunk_.table().table(), record_.label);
  SL_ASSIGN(const Settled settled,
            BuryLabel(environment_, patience_, database, chunk_.table().table(), record_.label));
  begun_ = false;
  if (settled == Settled::kLoaded) {
    return Error{ErrorKind::kConflict,
                 fmt::format("label {} of {} was committed, but not by this run", record_.label,
                             chunk_.table().Name())}
        .Mend("empty the table at the target and start the task anew with another --home");
  }
  return environment_.store.RemoveLoad(record_.table, record_.sequence);
}

Status KeylessLoad::WaitBeforeReadingAgain(const std::string& why) {
  TableContext& table = chunk_.table();
  std::chrono::milliseconds failing_for{0};
  int restarts = 0;
  {
    std::lock_guard lock(table.restart_mutex);
    const auto now = environment_.clock.Now();
    if (table.restarts == 0) table.failing_since = now;
    restarts = ++table.restarts;
    failing_for = now - table.failing_since;
  }
  if (failing_for >= options_.retry_for && restarts > 1) {
    return Error{ErrorKind::kUnreachable,
                 fmt::format("{} ({} attempts to load the table as a whole)", why, restarts)}
        .Mend(
            "see that the target runs and can be reached from here; run the same command to go on");
  }
  LogWarning("{}; {} has no key and is read again from its start", why, table.Name());
  return patience_.Wait(starrocks::BackOffDelay(starrocks::BackOff::kShort, restarts));
}

Result<KeylessLoad::Step> KeylessLoad::HandleRefusedRows(const LoadOutcome& outcome) {
  TableContext& table = chunk_.table();
  std::vector<starrocks::RefusedRow> log;
  if (!outcome.error_url.empty()) {
    if (auto fetched = environment_.target.FetchErrorLog(outcome.error_url); fetched.ok()) {
      log = std::move(*fetched);
    }
  }
  const size_t added = table.refused_rows.Add(log, format_);
  const std::string reason = log.empty() ? outcome.message : log.front().reason;
  Error error{ErrorKind::kPolicy, fmt::format("{} can't take a row: {}", table.Name(), reason),
              log.empty() ? std::string() : fmt::format("row {}", log.front().row)};
  if (options_.max_errors == 0) {
    return std::move(error).Mend(
        "correct the row at the source, or let such rows go to the dead-letter file with "
        "--max-errors");
  }
  if (added > 0) return Step::kReadAgain;
  // The log doesn't hold rows as they were sent.
  if (!table.probe_parts.exchange(true)) return Step::kReadAgain;
  return std::move(error).Mend("the target doesn't say which row it is: correct it at the source");
}

// Finds the rows of the buffer that the target refuses; they are left out from now on.
Status KeylessLoad::ProbeRows(const LoadBuffer& buffer) {
  RowProbe probe(environment_, patience_, chunk_);
  std::vector<std::string_view> rows = SplitRows(buffer);
  std::erase_if(rows, [&](std::string_view row) {
    return chunk_.table().refused_rows.Find(WithoutRowEnd(row, buffer.format)).has_value();
  });
  SL_ASSIGN(const std::vector<starrocks::RefusedRow> refused,
            probe.FindRefused(buffer.format, std::move(rows), options_.max_errors));
  chunk_.table().refused_rows.Add(refused, buffer.format);
  return {};
}

Result<KeylessLoad::KeptRows> KeylessLoad::LeaveOutRefusedRows(const LoadBuffer& buffer) {
  TableContext& table = chunk_.table();
  if (table.refused_rows.empty()) return KeptRows{buffer.Pieces(), buffer.rows};
  std::vector<std::string_view> kept;
  for (const std::string_view row : SplitRows(buffer)) {
    const std::string_view text = WithoutRowEnd(row, buffer.format);
    const std::optional<std::string> reason = table.refused_rows.Find(text);
    if (!reason) {
      kept.push_back(row);
      continue;
    }
    const DeadLetterOrigin origin{&table.mapping, chunk_.number(), "target", *reason};
    SL_TRY(chunk_.Reject([&] { return DescribeBodyRow(origin, buffer.format, text); },
                         [&] { return BriefBodyRow(table.mapping, buffer.format, text); },
                         *reason));
  }
  return KeptRows{JoinRows(kept), kept.size()};
}

std::string KeylessLoad::Describe(std::string_view call, const LoadOutcome& outcome) const {
  return fmt::format("loading into {} ({}, {}): {}", chunk_.table().Name(), record_.label, call,
                     outcome.message);
}

}  // namespace starlift::load

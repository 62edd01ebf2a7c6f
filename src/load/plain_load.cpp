#include "load/plain_load.h"

#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "load/label_settler.h"

namespace starlift::load {
namespace {

using starrocks::LoadOutcome;
using starrocks::LoadVerdict;

// The target's cleaner, which may forget labels that ended, comes round every 30 s.
constexpr std::chrono::milliseconds kSurelyRemembered{25'000};

// One body under its label. Used by one thread, for one load.
class PlainLoad {
 public:
  PlainLoad(const LoadEnvironment& environment, const LoaderOptions& options,
            LoaderProgress& progress, OpenChunk& chunk, const LoadBody& body)
      : environment_(environment),
        options_(options),
        progress_(progress),
        chunk_(chunk),
        body_(body),
        patience_(environment, progress, options.retry_for, [&chunk] { return chunk.failed(); }) {}

  Result<PlainLoadResult> Run() {
    if (patience_.unwanted()) return StoppedError();
    SL_TRY(TakeLabel());
    while (true) {
      LoadOutcome outcome = SendOnce();
      const bool first = std::exchange(first_attempt_, false);
      if (first && !outcome.existing_job_status.empty()) {
        SL_TRY(GiveUpForeignLabel(outcome));
        continue;
      }
      switch (outcome.verdict) {
        case LoadVerdict::kLoaded:
        case LoadVerdict::kNothingToLoad:
          return Finish(outcome);
        case LoadVerdict::kCommittedNotVisible:
          AwaitVisible(environment_, patience_, chunk_.table().database(), record_.label);
          return PlainLoadResult{};
        case LoadVerdict::kInDoubt: {
          SL_ASSIGN(const bool loaded, Settle());
          if (loaded) return PlainLoadResult{};
          break;
        }
        case LoadVerdict::kRetry:
          break;
        case LoadVerdict::kRowsRefused:
          return Refused(PlainLoadEnd::kRowsRefused, std::move(outcome));
        case LoadVerdict::kTooLarge:
          return Refused(PlainLoadEnd::kTooLarge, std::move(outcome));
        case LoadVerdict::kConfigRefused:
        case LoadVerdict::kSchemaDrift:
          return Refusal(outcome);
      }
      SL_TRY(patience_.WaitAfterFailure(outcome.back_off, Describe(outcome), outcome.mend));
    }
  }

 private:
  Status TakeLabel() {
    state::LoadRecord wanted;
    wanted.chunk = chunk_.number();
    wanted.rows = body_.rows;
    wanted.digest = body_.digest;
    for (const std::string_view piece : body_.pieces) wanted.bytes += piece.size();
    wanted.whole_chunk = body_.whole_chunk;
    if (body_.whole_chunk) {
      wanted.counters = chunk_.counters();
      wanted.counters.rows_loaded += body_.rows;
      SL_ASSIGN(wanted.dead_letter_bytes, chunk_.PrepareDeadLetters());
    }
    SL_ASSIGN(record_, environment_.store.AddLoad(chunk_.table().record.id, wanted));
    return {};
  }

  LoadOutcome SendOnce() {
    starrocks::LoadRequest request = chunk_.table().Request(body_.format);
    request.label = record_.label;
    request.compression = options_.compression;
    request.timeout = options_.load_timeout;
    request.body = body_.pieces;
    sent_at_ = environment_.clock.Now();
    progress_.loads_in_flight.fetch_add(1, std::memory_order_relaxed);
    LoadOutcome outcome = environment_.target.Load(request);
    progress_.loads_in_flight.fetch_sub(1, std::memory_order_relaxed);
    return outcome;
  }

  // The label is in use though we never sent it: the state was put back from a copy, so that its
  // sequence runs again, or the connection broke between headers and body. A table with a key can
  // be loaded under the next label; one without only if nothing came of this one.
  Status GiveUpForeignLabel(const LoadOutcome& outcome) {
    const TableContext& table = chunk_.table();
    bool loaded = false;
    if (table.mapping.keyless) {
      SL_ASSIGN(const Settled settled,
                BuryLabel(environment_, patience_, table.database(), table.table(), record_.label));
      loaded = settled == Settled::kLoaded;
    }
    if (loaded) {
      return Error{ErrorKind::kConflict,
                   fmt::format("label {} of {} is known to the target, but not to this task's "
                               "state: {}",
                               record_.label, chunk_.table().Name(), outcome.message)}
          .Mend(
              "was the state put back from a backup? Empty the table at the target and start the "
              "task anew with another --home");
    }
    LogWarning("label {} was used before; taking the next", record_.label);
    SL_TRY(environment_.store.RemoveLoad(record_.table, record_.sequence));
    first_attempt_ = true;
    return TakeLabel();
  }

  // True: loaded. False: surely not; the same label may be sent again.
  Result<bool> Settle() {
    SL_ASSIGN(const Settled settled, SettleLabel(environment_, patience_, chunk_.table().database(),
                                                 record_.label, PreparingLabel::kWaitThenCancel));
    const bool late = environment_.clock.Now() - sent_at_ > kSurelyRemembered;
    if (settled == Settled::kUnknown && late && chunk_.table().mapping.keyless) {
      return Error{ErrorKind::kConflict,
                   fmt::format("the target doesn't know label {} of {} (any more): its rows may be "
                               "loaded or not",
                               record_.label, chunk_.table().Name())}
          .Mend("run the same command again: it begins this table anew");
    }
    return settled == Settled::kLoaded;
  }

  Result<PlainLoadResult> Finish(const LoadOutcome& outcome) {
    const bool counted = outcome.status == "Success";
    if ((counted && outcome.loaded_rows != static_cast<int64_t>(body_.rows)) ||
        (outcome.verdict == LoadVerdict::kNothingToLoad && body_.rows > 0)) {
      return Error{
          ErrorKind::kData,
          fmt::format("{} rows were sent to {} as label {}, the target counted {}", body_.rows,
                      chunk_.table().Name(), record_.label, outcome.loaded_rows)}
          .Mend("this must not happen: please report it with the target's version");
    }
    return PlainLoadResult{};
  }

  Result<PlainLoadResult> Refused(PlainLoadEnd end, LoadOutcome outcome) {
    SL_TRY(environment_.store.RemoveLoad(record_.table, record_.sequence));
    return PlainLoadResult{end, std::move(outcome)};
  }

  Error Refusal(const LoadOutcome& outcome) const {
    return Error{ErrorKind::kRefused, Describe(outcome)}
        .Mend(outcome.mend)
        .Native(outcome.http_status);
  }

  std::string Describe(const LoadOutcome& outcome) const {
    return fmt::format("loading into {} ({}): {}", chunk_.table().Name(), record_.label,
                       outcome.message);
  }

  const LoadEnvironment& environment_;
  const LoaderOptions& options_;
  LoaderProgress& progress_;
  OpenChunk& chunk_;
  const LoadBody& body_;
  Patience patience_;
  state::LoadRecord record_;
  std::chrono::milliseconds sent_at_{0};
  bool first_attempt_ = true;
};

}  // namespace

Result<PlainLoadResult> SendPlainLoad(const LoadEnvironment& environment,
                                      const LoaderOptions& options, LoaderProgress& progress,
                                      OpenChunk& chunk, const LoadBody& body) {
  SL_ASSIGN(PlainLoadResult result, PlainLoad(environment, options, progress, chunk, body).Run());
  if (result.end != PlainLoadEnd::kDone) return result;
  uint64_t bytes = 0;
  for (const std::string_view piece : body.pieces) bytes += piece.size();
  chunk.CountLoaded(body.rows);
  chunk.table().progress.bytes_sent.fetch_add(bytes, std::memory_order_relaxed);
  progress.loads_done.fetch_add(1, std::memory_order_relaxed);
  return result;
}

}  // namespace starlift::load

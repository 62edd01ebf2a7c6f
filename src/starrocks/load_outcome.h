#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace starlift::starrocks {

// What a load's answer means for who sent it.
enum class LoadVerdict {
  kLoaded,               // committed and readable; or the label had been loaded before
  kCommittedNotVisible,  // committed, will become readable; never send it again
  kNothingToLoad,        // the server found no rows to write: a success of nothing
  kRetry,                // surely not loaded; send again, same label, after `back_off`
  kInDoubt,              // loaded or not: ask the label's state before anything else
  kRowsRefused,          // permanent for these rows: error log, dead letters
  kTooLarge,             // permanent at this size: split
  kConfigRefused,        // permanent until someone changes something; see the mend
  kSchemaDrift,          // the table is not as we think: read it again
};

// How long to wait before a retry, by what is the matter.
enum class BackOff {
  kNone,
  kShort,     // a lost packet, a busy lock: 0.2 s, doubling
  kLong,      // too many versions, memory: 10 s, doubling; send fewer and bigger loads
  kOperator,  // someone has to do something: once a minute, and say so
};

struct LoadOutcome {
  LoadVerdict verdict = LoadVerdict::kInDoubt;
  BackOff back_off = BackOff::kNone;
  std::string message;  // the server's words, or what happened on the wire
  std::string mend;     // what the user can do; empty where there is nothing

  std::string status;               // the answer's own `Status`; empty if there was no answer
  std::string existing_job_status;  // with a label that exists
  std::string label;
  int64_t transaction_id = -1;
  int64_t total_rows = 0;
  int64_t loaded_rows = 0;
  int64_t filtered_rows = 0;
  int64_t unselected_rows = 0;
  int64_t load_bytes = 0;
  int64_t load_ms = 0;
  std::string error_url;
  int http_status = 0;
  std::string backend;  // "host:port" that took the load

  bool done() const {
    return verdict == LoadVerdict::kLoaded || verdict == LoadVerdict::kCommittedNotVisible ||
           verdict == LoadVerdict::kNothingToLoad;
  }
};

std::string_view LoadVerdictName(LoadVerdict verdict);

// The wait before attempt number `attempt` (1: the first retry).
std::chrono::milliseconds BackOffDelay(BackOff back_off, int attempt);

// State of a label's newest transaction.
enum class LabelState { kUnknown, kPreparing, kPrepared, kCommitted, kVisible, kAborted };
std::string_view LabelStateName(LabelState state);

}  // namespace starlift::starrocks

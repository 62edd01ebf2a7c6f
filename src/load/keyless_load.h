#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "load/buffer_pool.h"
#include "load/environment.h"
#include "load/loader_options.h"
#include "load/open_chunk.h"
#include "load/patience.h"
#include "state/records.h"

namespace starlift::load {

// Brings the one chunk of a table without a key into the target, every row exactly once: a small
// table by one plain load, a larger one by one transaction of many parts. Wherever it can't be told
// whether a part arrived, the transaction is rolled back and the chunk read again. Its calls come
// one at a time.
class KeylessLoad {
 public:
  KeylessLoad(const LoadEnvironment& environment, const LoaderOptions& options,
              LoaderProgress& progress, OpenChunk& chunk);

  // Each fails the chunk, or has it read again, if it can't be done; nothing is done for a chunk
  // that has failed.
  void SendWhole(const LoadBuffer& buffer);
  void SendPart(const LoadBuffer& buffer);
  // All parts are sent; rolls back if the chunk has failed.
  void Commit();

 private:
  enum class Step { kDone, kReadAgain };

  void Abandon();
  void Conclude(Result<Step> step);
  Result<Step> TrySendWhole(const LoadBuffer& buffer);
  Result<Step> TrySendPart(const LoadBuffer& buffer);
  Result<Step> TryCommit();
  Status Begin();
  Status AddTransaction();
  Status Seal();
  Result<Step> Prepare();
  Result<Step> CommitPrepared();
  Result<Step> GiveUp(const starrocks::LoadOutcome& outcome);
  Result<Step> HandleRefusedRows(const starrocks::LoadOutcome& outcome);
  Status ProbeRows(const LoadBuffer& buffer);
  Status Bury();
  Status WaitBeforeReadingAgain(const std::string& why);

  // What is to be sent of a buffer.
  struct KeptRows {
    std::vector<std::string_view> pieces;
    uint64_t rows = 0;
  };
  Result<KeptRows> LeaveOutRefusedRows(const LoadBuffer& buffer);
  std::string Describe(std::string_view call, const starrocks::LoadOutcome& outcome) const;

  const LoadEnvironment& environment_;
  const LoaderOptions& options_;
  LoaderProgress& progress_;
  OpenChunk& chunk_;
  Patience patience_;
  state::LoadRecord record_;  // of the transaction, if begun_
  bool begun_ = false;
  starrocks::LoadFormat format_ = starrocks::LoadFormat::kCsv;
};

}  // namespace starlift::load

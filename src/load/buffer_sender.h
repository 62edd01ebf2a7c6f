#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/buffer_pool.h"
#include "load/environment.h"
#include "load/loader_options.h"
#include "load/open_chunk.h"
#include "load/plain_load.h"

namespace starlift::load {

// Brings the rows of one buffer into a table with a key, by plain loads: usually by one. Rows that
// the target refuses are found, by its error log and by halving, and go to the chunk's dead
// letters; the rest is loaded. A body that is too large is halved. Used by one thread.
class BufferSender {
 public:
  BufferSender(const LoadEnvironment& environment, const LoaderOptions& options,
               LoaderProgress& progress, OpenChunk& chunk)
      : environment_(environment), options_(options), progress_(progress), chunk_(chunk) {}

  // `whole_chunk`: the buffer holds all rows of the chunk, none was rejected.
  Status Send(const LoadBuffer& buffer, bool whole_chunk);

 private:
  using Rows = std::vector<std::string_view>;

  Status SendParts(starrocks::LoadFormat format, Rows rows, const PlainLoadResult& refusal);
  Result<PlainLoadResult> SendRows(starrocks::LoadFormat format, const Rows& rows);
  // Moves the rows that the error log names out of `rows`, into dead letters. False: it named none;
  // `reason` is what it says first.
  Result<bool> TakeOutLogged(starrocks::LoadFormat format, const starrocks::LoadOutcome& refusal,
                             Rows& rows, std::string& reason);
  Status RejectRow(starrocks::LoadFormat format, std::string_view row, std::string_view reason);
  Error TooLarge(const starrocks::LoadOutcome& refusal) const;

  const LoadEnvironment& environment_;
  const LoaderOptions& options_;
  LoaderProgress& progress_;
  OpenChunk& chunk_;
};

}  // namespace starlift::load

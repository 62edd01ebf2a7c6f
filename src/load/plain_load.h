#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "load/environment.h"
#include "load/loader_options.h"
#include "load/open_chunk.h"
#include "load/patience.h"
#include "starrocks/load_outcome.h"
#include "state/records.h"

namespace starlift::load {

// A body and what is to be remembered of it.
struct LoadBody {
  starrocks::LoadFormat format = starrocks::LoadFormat::kCsv;
  std::span<const std::string_view> pieces;
  uint64_t rows = 0;
  uint64_t digest = 0;
  bool whole_chunk = false;  // LoadRecord::whole_chunk
};

enum class PlainLoadEnd {
  kDone,         // durable at the target
  kRowsRefused,  // nothing was loaded: some of the rows are at fault
  kTooLarge,     // nothing was loaded: to be sent in smaller parts
};

struct PlainLoadResult {
  PlainLoadEnd end = PlainLoadEnd::kDone;
  starrocks::LoadOutcome outcome;  // the refusal
};

// One Stream Load, sent under a label of its own until it is durable or can't become so. The error
// is one that ends the chunk. The label's intent is stored before the first byte is sent, and a
// retry keeps the label, so that the target takes the body once, whatever gets lost on the way.
Result<PlainLoadResult> SendPlainLoad(const LoadEnvironment& environment,
                                      const LoaderOptions& options, LoaderProgress& progress,
                                      OpenChunk& chunk, const LoadBody& body);

}  // namespace starlift::load

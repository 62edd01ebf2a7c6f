#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "starrocks/load_outcome.h"

namespace starlift::starrocks {

enum class LoadFormat { kCsv, kJson };
enum class Compression { kNone, kLz4, kZstd, kGzip };

std::string_view LoadFormatName(LoadFormat format);
Result<Compression> ParseCompression(std::string_view name);

// One Stream Load, or one part of a transaction. Views: all must live until the call returns.
// Always sent: strict_mode, max_filter_ratio 0, the separators of starrocks/encoder.h, `timezone`.
struct LoadRequest {
  std::string_view database;
  std::string_view table;
  std::string_view label;
  LoadFormat format = LoadFormat::kCsv;
  // Header `columns` of this format, from the EncodePlan.
  std::string_view columns;
  Compression compression = Compression::kNone;
  std::string_view time_zone = "+00:00";
  std::chrono::seconds timeout{600};
  // More headers: partial_update, merge_condition, …
  std::span<const std::pair<std::string, std::string>> headers;
  // Sent one after the other; may be sent again after a redirect or for a retry.
  std::span<const std::string_view> body;
};

// A row that the server refused, from its error log.
struct RefusedRow {
  std::string reason;
  std::string row;  // as it was sent, possibly cut
};

// Where loads go: StarRocks by HTTP (StreamLoadClient) or a simulated one in tests. Thread-safe.
// No call retries by itself beyond choosing another frontend while nothing has been sent.
class LoadTarget {
 public:
  virtual ~LoadTarget() = default;

  // One load, one transaction. Every end is an outcome; there is no other kind of error.
  virtual LoadOutcome Load(const LoadRequest& request) = 0;

  virtual Result<LabelState> GetLabelState(std::string_view database, std::string_view label) = 0;

  // Aborts a label's unprepared transaction. kNotFound if there is none.
  virtual Status Cancel(std::string_view database, std::string_view label) = 0;

  // Reads the error log that an outcome points at. The server keeps some 50 rows of a load.
  virtual Result<std::vector<RefusedRow>> FetchErrorLog(std::string_view error_url) = 0;

  // The transaction interface: begin, load any number of times (one at a time, all with the same
  // format and headers), prepare, commit. For these calls kLoaded means "the call was done".
  virtual LoadOutcome Begin(std::string_view database, std::string_view table,
                            std::string_view label, std::chrono::seconds timeout) = 0;
  virtual LoadOutcome LoadPart(const LoadRequest& request) = 0;
  virtual LoadOutcome Prepare(std::string_view database, std::string_view table,
                              std::string_view label) = 0;
  virtual LoadOutcome Commit(std::string_view database, std::string_view table,
                             std::string_view label) = 0;
  virtual LoadOutcome Rollback(std::string_view database, std::string_view table,
                               std::string_view label) = 0;
};

}  // namespace starlift::starrocks

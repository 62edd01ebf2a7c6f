#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/load/byte_source.h"
#include "sandbox/load/csv_reader.h"
#include "sandbox/load/load_settings.h"

namespace starlift::sandbox::load {

enum class BodyFormat : uint8_t { kCsv, kJson };

// A Stream Load as its headers describe it.
struct LoadRequest {
  std::string database;
  std::string table;
  std::string label;
  BodyFormat format = BodyFormat::kCsv;
  Compression compression = Compression::kNone;
  CsvDialect csv;

  std::optional<std::string> columns;
  std::string where;
  double max_filter_ratio = 0;
  std::vector<std::string> partitions;
  bool temporary_partitions = false;
  bool negative = false;
  bool strict_mode = false;
  int64_t timeout_second = 600;
  // Of now() in expressions and of DEFAULT CURRENT_TIMESTAMP: a name or an offset.
  std::string time_zone = "UTC";

  std::string jsonpaths;
  std::string json_root;
  bool strip_outer_array = false;
  bool ignore_json_size = false;

  bool partial_update = false;
  bool column_mode = false;  // partial_update_mode: column
  std::string merge_condition;
  int64_t log_rejected_record_num = 0;

  std::optional<uint64_t> content_length;
};

// Value of a header by its lower-case name, nullopt where it isn't sent.
using HeaderLookup = std::function<std::optional<std::string_view>(std::string_view)>;

// Reads the headers of a plain Stream Load or, with `in_transaction`, of a transaction's load call,
// which knows fewer of them. kData with the backend's words for a value it refuses.
Result<LoadRequest> ParseLoadRequest(const HeaderLookup& header, const LoadSettings& settings,
                                     bool in_transaction);

// Refuses a body by its Content-Length. `earlier_bytes`: of the same transaction.
Status CheckBodySize(const LoadRequest& request, const LoadSettings& settings,
                     uint64_t earlier_bytes);

}  // namespace starlift::sandbox::load

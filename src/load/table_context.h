#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "load/dead_letters.h"
#include "load/progress.h"
#include "load/refused_rows.h"
#include "mapping/table_mapping.h"
#include "starrocks/load_target.h"
#include "state/records.h"

namespace starlift::load {

// An open table as the loader's parts share it. Lives as long as the loader.
struct TableContext {
  TableContext(const mapping::TableMapping& of, const state::TableRecord& stored,
               const std::string& dead_letter_directory)
      : mapping(of),
        record(stored),
        load_as_json(stored.load_as_json),
        dead_letters(dead_letter_directory, stored.source, stored.dead_letter_bytes) {
    progress.rows_read = stored.done.rows_read;
    progress.rows_loaded = stored.done.rows_loaded;
    progress.rows_rejected = stored.done.rows_rejected;
    progress.bytes_read = stored.done.bytes_read;
  }

  const mapping::TableMapping& mapping;
  const state::TableRecord record;  // as it was when the table was opened
  TableProgress progress;
  std::atomic<bool> load_as_json;
  DeadLetterFile dead_letters;
  // Keyless tables: what was refused, and whether parts are to be probed before they are sent,
  // since the target doesn't name the rows.
  RefusedRows refused_rows;
  std::atomic<bool> probe_parts{false};

  // Keyless tables: how often in a row a transaction had to be given up, and since when.
  std::mutex restart_mutex;
  int restarts = 0;
  std::chrono::milliseconds failing_since{0};

  const std::string& database() const { return mapping.target.database; }
  const std::string& table() const { return mapping.target.name; }
  // "`shop`.`orders`", for messages.
  std::string Name() const { return mapping.target.QuotedName(); }

  // The request for this table; label and body are to be filled in.
  starrocks::LoadRequest Request(starrocks::LoadFormat format) const {
    starrocks::LoadRequest request;
    request.database = database();
    request.table = table();
    request.format = format;
    request.columns = format == starrocks::LoadFormat::kCsv ? mapping.plan.csv_columns_header
                                                            : mapping.plan.json_columns_header;
    request.time_zone = mapping.time_zone;
    return request;
  }
};

}  // namespace starlift::load

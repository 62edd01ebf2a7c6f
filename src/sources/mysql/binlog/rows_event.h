#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "sources/mysql/binlog/event.h"

namespace starlift::mysql {

// A row event, taken apart up to the rows.
struct RowsEvent {
  ChangeKind kind = ChangeKind::kInsert;
  bool partial_json = false;      // PARTIAL_UPDATE_ROWS
  bool foreign_keys_off = false;  // the session had foreign_key_checks = 0
  uint64_t table_id = 0;
  uint64_t columns = 0;
  // One bit per column, the first in the lowest bit of the first byte: which are in the images. An
  // insert has no before-image, a delete no after-image.
  std::string_view before_columns;
  std::string_view after_columns;
  std::string_view rows;
};

bool IsRowsEvent(EventType type);

// The table id only, for events whose rows are not wanted.
Result<uint64_t> ReadRowsTableId(std::string_view body, bool short_ids);

// `scratch` takes the rows where they came compressed (MariaDB).
Result<RowsEvent> ReadRowsEvent(EventType type, std::string_view body, bool short_ids,
                                std::string& scratch);

}  // namespace starlift::mysql

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "data/change.h"
#include "sources/mysql/binlog/gtid.h"

namespace starlift::mysql {

struct FilePosition {
  std::string file;
  uint64_t offset = 0;
};

// A place in the log, typed by what it is counted in. Its text has the prefix "file:",
// "mysql-gtid:" or "mariadb-gtid:" (docs/reference/mysql-changes.md).
using LogPosition = std::variant<FilePosition, GtidSet, GtidList>;

// kUsage for a text that is none.
Result<LogPosition> ParsePosition(std::string_view text);
Position PrintPosition(const LogPosition& position);

// Whether everything up to `earlier` is before `later`, too. kUsage where the two are counted
// differently.
Result<bool> PositionCovers(const LogPosition& later, const LogPosition& earlier);

}  // namespace starlift::mysql

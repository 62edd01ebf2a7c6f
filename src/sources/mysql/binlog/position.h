#pragma once

#include <cstdint>
#include <optional>
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

// kUsage for a text that is none. Of a resume position: what was told.
Result<LogPosition> ParsePosition(std::string_view text);
Position PrintPosition(const LogPosition& position);

// Where a stream starts again. Its text is that of `told`, and ";read-from=" with the other's where
// they are not the same: "mariadb-gtid:0-1-42;read-from=0-1-40".
struct ResumePosition {
  LogPosition told;  // all decided transactions up to here have been told
  // Before the oldest XA transaction that was prepared and undecided at `told`: the log is read
  // from here, for the rows of such transactions alone. A GtidSet needs none, as it can leave out
  // single transactions.
  std::optional<LogPosition> read_from;

  const LogPosition& start() const { return read_from ? *read_from : told; }
};

Result<ResumePosition> ParseResumePosition(std::string_view text);
Position PrintPosition(const ResumePosition& position);

// Whether everything up to `earlier` is before `later`, too. kUsage where the two are counted
// differently.
Result<bool> PositionCovers(const LogPosition& later, const LogPosition& earlier);

}  // namespace starlift::mysql

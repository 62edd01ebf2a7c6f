#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace starlift::mysql {

// What a QUERY event's statement means for the group that it stands in.
enum class StatementKind {
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,   // name
  kRollbackTo,  // name
  kXaStart,
  kXaEnd,
  kXaCommit,          // name: the transaction, as XidKey has it
  kXaRollback,        // name
  kRowChange,         // rows changed by statement; names: what it may change
  kCreateWithSelect,  // begins a group (MySQL from 8.0.21)
  kNothing,           // RELEASE SAVEPOINT, FLUSH, …: neither rows nor definitions
  kOther,             // to be read by the schema history
};

struct StatementMeaning {
  StatementKind kind = StatementKind::kOther;
  std::string name;
  // kRowChange: database (may be empty) and name of each table that the statement could change.
  std::vector<std::pair<std::string, std::string>> names;
};

StatementMeaning ReadMeaning(std::string_view statement);

// Database (may be empty) and name of the table that a CREATE or ALTER TABLE is about, if it says
// anything of foreign keys, or drops a constraint, which may be one.
std::optional<std::pair<std::string, std::string>> FindForeignKeyTable(std::string_view statement);

}  // namespace starlift::mysql

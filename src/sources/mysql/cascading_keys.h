#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/table.h"
#include "sources/cascading_key.h"
#include "sources/mysql/session.h"

namespace starlift::mysql {

// The foreign keys of the server whose rules change rows by themselves. `unknown_rules` takes those
// with a rule that no CascadingKey has (SET DEFAULT), or that the user may not see. Ordered.
struct CascadingKeys {
  std::vector<CascadingKey> keys;
  std::vector<CascadingKey> unknown_rules;
};
Result<CascadingKeys> ReadCascadingKeys(SourceSession& session);

// Why what the key's rules do can't be found out from the log and the target; empty: it can.
// `catalog` has the task's tables.
std::string WhyCascadeIsHidden(const CascadingKey& key, const Catalog& catalog);

}  // namespace starlift::mysql

#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "mapping/table_mapping.h"
#include "starrocks/load_target.h"
#include "starrocks/session.h"
#include "sync/verify/row_shape.h"
#include "sync/verify/row_side.h"
#include "sync/verify/table_result.h"

namespace starlift::sync {

struct Correction {
  const mapping::TableMapping& mapping;
  const RowShape& shape;
  RowSide& source;
  starrocks::Session& session;
  starrocks::LoadTarget& loads;
  Clock& clock;
  std::string task;    // identity
  std::string record;  // file, JSON lines; appended to
};

// Makes the target's rows of these keys what the source's are now, and touches no others. Tables
// with a primary key: upserts and deletes in one load. Others: the rows of the key are deleted, and
// as many as the source has are loaded; a crash between leaves them missing, which the record tells
// and the next verification finds. Gives the rows written and deleted.
Result<uint64_t> CorrectRows(const Correction& correction,
                             const std::vector<RowDifference>& differences);

}  // namespace starlift::sync

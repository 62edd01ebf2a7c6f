#pragma once

#include <string>

#include "base/result.h"
#include "mapping/table_mapping.h"
#include "sync/run/world.h"

// A schema change may ask for a table's rows to be read again. If the source has altered the table
// once more by then, they can't be read as the change left them: a column may be gone, or, worse,
// be another one under the same name. Such a table leaves the task, and comes back into it as it is
// now, by an admission.
namespace starlift::sync {

enum class SourceTableState {
  kSame,     // its rows can be read by this definition
  kAltered,  // the source has altered it since
  kGone,     // or dropped or renamed it
};

Result<SourceTableState> CompareWithSource(const Table& table, Source& source);

Error OvertakenError(const mapping::TableMapping& mapping);

// Takes the table out of the task and its table at the target away, and notes it as on its way into
// the task. The stream is read, and all that it told is durable, up to the change. If this is cut
// short, the task goes on without the table's definition, and stops at its next rows.
Status SendAroundAgain(World& world, int64_t task, const mapping::TableMapping& mapping);

}  // namespace starlift::sync

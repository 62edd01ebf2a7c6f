#pragma once

#include "base/result.h"
#include "sandbox/catalog/table_def.h"

namespace starlift::sandbox::ddl {

// Whether MODIFY COLUMN may turn `before` into `after`; the real one's words if not.
Status CheckColumnChange(const catalog::ColumnDef& before, const catalog::ColumnDef& after);

}  // namespace starlift::sandbox::ddl

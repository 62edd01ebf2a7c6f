#pragma once

#include <vector>

#include "base/result.h"
#include "load/environment.h"
#include "load/loader.h"
#include "load/loader_options.h"
#include "load/table_context.h"
#include "state/records.h"

namespace starlift::load {

// Settles every label of a table that an earlier run left in doubt: see Loader::OpenTable. Used by
// one thread, before anything of the table is loaded.
class LabelRecovery {
 public:
  LabelRecovery(const LoadEnvironment& environment, const LoaderOptions& options,
                LoaderProgress& progress, TableContext& table)
      : environment_(environment), options_(options), progress_(progress), table_(table) {}

  Result<Recovery> Run();

 private:
  Result<Recovery> SettleKeyless(const state::LoadRecord& load);
  Status SettleKeyed(const state::LoadRecord& load);
  Result<Recovery> SettleSealed(const state::LoadRecord& load);
  Status FinishChunk(const state::LoadRecord& load);
  Status Forget(const state::LoadRecord& load);

  const LoadEnvironment& environment_;
  const LoaderOptions& options_;
  LoaderProgress& progress_;
  TableContext& table_;
};

}  // namespace starlift::load

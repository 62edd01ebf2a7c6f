#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "smt/files.h"
#include "smt/places.h"
#include "smt/plan/shards.h"

namespace starlift::smt {

struct RunOptions {
  Places places;
  std::string config_path;  // empty: the default place
  std::string output_path;  // empty: what output_dir says
  FileOptions files;
  MergeRule merge = MergeRule::kNumbered;
  bool shard_names_with_database = false;
  bool print_config = false;
  bool explain = false;
  bool dry_run = false;
  bool apply = false;
};

// Does all that `starlift smt` does: reads and checks the config, reads the source's catalog,
// plans, writes the files, and reports on stdout; notes go to stderr. Nothing is written before all
// is known to be good.
Status Run(const RunOptions& options);

}  // namespace starlift::smt

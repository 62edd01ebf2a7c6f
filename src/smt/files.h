#pragma once

#include <string>
#include <vector>

#include "smt/dialect.h"
#include "smt/model.h"
#include "smt/output_folder.h"

namespace starlift::smt {

struct FileOptions {
  Form form = Form::kRight;
  FlinkCdcVersion flink_cdc;
  // Beside each flink-create file one whose INSERTs are one job.
  bool statement_set = false;
  // CREATE EXTERNAL CATALOG instead of external tables.
  bool external_catalog = false;
};

// Writes every file of the plan, those of each rule and of all of them. Nothing shows in the folder
// before its Commit. Adds to `notes` what some file can't hold. kIo if the disk refuses.
Status WriteFiles(const Config& config, const Dialect& dialect, const DdlFacts& facts,
                  const Plan& plan, const FileOptions& options, OutputFolder& folder,
                  std::vector<std::string>& notes);

}  // namespace starlift::smt

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "starrocks/alter_job.h"
#include "starrocks/cluster.h"
#include "starrocks/table_model.h"
#include "starrocks/target_config.h"

namespace starlift::sync {

// The target's SQL side as the engine sees it: what is there, and the statements that make more of
// it. Used by one thread. Errors are those of starrocks::Session.
class TargetCatalog {
 public:
  virtual ~TargetCatalog() = default;

  virtual std::vector<Finding> Check(const std::vector<std::string>& databases) = 0;
  virtual Result<starrocks::ClusterFacts> ReadFacts() = 0;

  virtual Result<bool> DatabaseExists(std::string_view database) = 0;
  virtual Result<std::vector<std::string>> ListTables(std::string_view database) = 0;
  virtual Result<starrocks::TargetTable> ReadTable(std::string_view database,
                                                   std::string_view table) = 0;
  virtual Result<bool> HoldsRows(const starrocks::TargetTable& table) = 0;

  virtual Status Execute(std::string_view sql) = 0;

  // The latest asynchronous ALTER of a table; nullopt where there was none.
  virtual Result<std::optional<starrocks::AlterJob>> ReadLastAlterJob(std::string_view database,
                                                                      std::string_view table) {
    (void)database, (void)table;
    return std::optional<starrocks::AlterJob>();
  }
};

// Over one SQL session to StarRocks.
std::unique_ptr<TargetCatalog> OpenTargetCatalog(const starrocks::TargetConfig& config);

}  // namespace starlift::sync

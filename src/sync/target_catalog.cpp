#include "sync/target_catalog.h"

#include "starrocks/session.h"
#include "starrocks/table_reader.h"

namespace starlift::sync {
namespace {

class SessionCatalog : public TargetCatalog {
 public:
  explicit SessionCatalog(const starrocks::TargetConfig& config)
      : config_(config), session_(config) {}

  std::vector<Finding> Check(const std::vector<std::string>& databases) override {
    return starrocks::CheckTarget(config_, databases);
  }
  Result<starrocks::ClusterFacts> ReadFacts() override {
    return starrocks::ReadClusterFacts(config_, session_);
  }
  Result<bool> DatabaseExists(std::string_view database) override {
    return starrocks::DatabaseExists(session_, database);
  }
  Result<std::vector<std::string>> ListTables(std::string_view database) override {
    return starrocks::ListTables(session_, database);
  }
  Result<starrocks::TargetTable> ReadTable(std::string_view database,
                                           std::string_view table) override {
    return starrocks::ReadTable(session_, database, table);
  }
  Result<bool> HoldsRows(const starrocks::TargetTable& table) override {
    return starrocks::HoldsRows(session_, table);
  }
  Status Execute(std::string_view sql) override { return session_.Execute(sql); }
  Result<std::optional<starrocks::AlterJob>> ReadLastAlterJob(std::string_view database,
                                                              std::string_view table) override {
    return starrocks::ReadLastAlterJob(session_, database, table);
  }

 private:
  const starrocks::TargetConfig config_;
  starrocks::Session session_;
};

}  // namespace

std::unique_ptr<TargetCatalog> OpenTargetCatalog(const starrocks::TargetConfig& config) {
  return std::make_unique<SessionCatalog>(config);
}

}  // namespace starlift::sync

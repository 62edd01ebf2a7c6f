#include "sources/mysql/mysql_source.h"

#include <utility>

#include "sources/mysql/binlog/binlog_log.h"
#include "sources/mysql/binlog/consistent_snapshot.h"
#include "sources/mysql/catalog.h"
#include "sources/mysql/check.h"
#include "sources/mysql/ddl_facts.h"
#include "sources/mysql/options.h"
#include "sources/mysql/session.h"
#include "sources/mysql/snapshot.h"

namespace starlift::mysql {
namespace {

class MysqlSource final : public Source, public DdlFactsReader {
 public:
  MysqlSource(wire::mysql::ClientOptions options, std::string database)
      : options_(std::move(options)), database_(std::move(database)), log_(options_) {}

  Result<std::string> Describe() override {
    SL_ASSIGN(const SourceSession session, OpenSourceSession(options_));
    return session.version.Describe();
  }

  Result<std::vector<Finding>> Check(const TableFilter& filter, bool incremental) override {
    SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
    SL_ASSIGN(const Catalog catalog, ReadMysqlCatalog(session, database_, filter));
    return CheckMysqlSource(session, catalog, IsRemote(), incremental);
  }

  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
    return ReadMysqlCatalog(session, database_, filter);
  }

  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation& cancellation) override {
    return OpenMysqlSnapshot(options_, cancellation);
  }

  Result<ConsistentSnapshot> OpenConsistentSnapshot(const Cancellation& cancellation) override {
    return OpenMysqlConsistentSnapshot(options_, cancellation);
  }

  ChangeLog* log() override { return &log_; }

  DdlFactsReader* ddl_facts() override { return this; }

  Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) override {
    SL_ASSIGN(SourceSession session, OpenSourceSession(options_));
    return ReadMysqlDdlFacts(session, catalog);
  }

 private:
  bool IsRemote() const {
    return options_.host != "localhost" && options_.host != "::1" &&
           !options_.host.starts_with("127.");
  }

  const wire::mysql::ClientOptions options_;
  const std::string database_;
  BinlogLog log_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenMysqlSource(const SourceConfig& config) {
  SL_ASSIGN(wire::mysql::ClientOptions options, ReadSourceOptions(config));
  return std::unique_ptr<Source>(
      std::make_unique<MysqlSource>(std::move(options), config.database));
}

}  // namespace starlift::mysql

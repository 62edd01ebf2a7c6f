#include "sources/hive/hive_source.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "sources/ddl_facts.h"
#include "sources/hive/catalog.h"
#include "sources/hive/options.h"
#include "sources/hive/session.h"
#include "sources/structure_only.h"

namespace starlift::hive {
namespace {

constexpr std::string_view kTitle = "Hive";
constexpr std::string_view kMetastore = "hive.metastore.uris";

std::vector<Finding> CheckTables(const HiveCatalog& read) {
  std::vector<Finding> findings;
  for (const Table& table : read.catalog.tables) {
    const TableDescription& description = read.descriptions.at(table.id);
    if (!description.primary_key.empty()) {
      findings.push_back({Severity::kInfo, "key-not-enforced", table.id.ToString(),
                          "it declares a primary key, which Hive doesn't enforce: it counts as "
                          "a table without one",
                          "where the key is unique, say so by a table rule"});
    }
    const auto transactional = description.parameters.find("transactional");
    if (transactional != description.parameters.end() && transactional->second == "true") {
      findings.push_back({Severity::kInfo, "table-transactional", table.id.ToString(),
                          "it is transactional (ACID): only Hive can read it, its files alone "
                          "don't tell its rows",
                          ""});
    }
    for (const Column& column : table.columns) {
      if (column.type.kind != TypeKind::kUnsupported) continue;
      findings.push_back({Severity::kError, "column-type-not-supported", table.id.ToString(),
                          fmt::format("the type {} of its column {} cannot be read",
                                      column.native_type, QuoteIdentifier(column.name)),
                          fmt::format("leave the column {} out by a table rule", column.name)});
    }
  }
  return findings;
}

class HiveSource final : public Source, public DdlFactsReader {
 public:
  HiveSource(ConnectOptions options, std::string database)
      : options_(std::move(options)), database_(std::move(database)) {}

  Result<std::string> Describe() override {
    SL_ASSIGN(Session session, Session::Open(options_));
    return session.Product();
  }

  Result<std::vector<Finding>> Check(const TableFilter& filter, bool /*incremental*/) override {
    SL_ASSIGN(Session session, Session::Open(options_));
    SL_ASSIGN(const HiveCatalog read, ReadHiveCatalog(session, database_, filter));
    std::vector<Finding> findings = {RowsNotReadYetFinding(kTitle)};
    const bool told_by_zookeeper = !options_.ensemble.empty();
    if (options_.tls.mode == wire::TlsMode::kDisabled && !told_by_zookeeper &&
        IsRemoteHost(options_.host)) {
      findings.push_back({Severity::kInfo, "line-not-encrypted", "source",
                          "rows and the password go over the network unencrypted",
                          "hive.server2.use.SSL=true at the server, and ssl-mode=required here"});
    }
    AddFindings(CheckTables(read), findings);
    SortFindings(findings);
    return findings;
  }

  Result<Catalog> ReadCatalog(const TableFilter& filter) override {
    SL_ASSIGN(Session session, Session::Open(options_));
    SL_ASSIGN(HiveCatalog read, ReadHiveCatalog(session, database_, filter));
    return std::move(read.catalog);
  }

  DdlFactsReader* ddl_facts() override { return this; }

  Result<DdlFacts> ReadDdlFacts(const Catalog& catalog) override {
    SL_ASSIGN(Session session, Session::Open(options_));
    DdlFacts facts;
    SL_ASSIGN(std::string product, session.Product());
    facts.server.emplace_back("version", std::move(product));
    // "hive.metastore.uris=thrift://…", or "… is undefined".
    const auto setting = session.Query(fmt::format("SET {}", kMetastore));
    if (setting.ok() && setting->size() > 0) {
      const std::string text = setting->Text(0, 0);
      const size_t equals = text.find('=');
      if (equals != std::string::npos && equals + 1 < text.size()) {
        facts.server.emplace_back(kMetastore, text.substr(equals + 1));
      }
    }
    for (const Table& table : catalog.tables) {
      SL_ASSIGN(const TextRows rows, session.Query(fmt::format("DESCRIBE FORMATTED {}.{}",
                                                               QuoteIdentifier(table.id.database),
                                                               QuoteIdentifier(table.id.name))));
      const TableDescription description = ReadDescription(rows);
      facts.tables.emplace(table.id, TableDdlFacts{.created = description.Created(),
                                                   .total_bytes = table.byte_estimate,
                                                   .constraints = {},
                                                   .bucket_columns = description.BucketColumns()});
    }
    return facts;
  }

  Result<std::unique_ptr<SnapshotReader>> OpenSnapshot(const Cancellation&) override {
    return RowsNotReadYet(kTitle);
  }

 private:
  const ConnectOptions options_;
  const std::string database_;
};

}  // namespace

Result<std::unique_ptr<Source>> OpenHiveSource(const SourceConfig& config) {
  SL_ASSIGN(ConnectOptions options, ReadSourceOptions(config));
  return std::unique_ptr<Source>(std::make_unique<HiveSource>(std::move(options), config.database));
}

}  // namespace starlift::hive

#include <charconv>
#include <string>
#include <string_view>

#include "smt/dialect.h"
#include "smt/dialects/oracle_types.h"

namespace starlift::smt {
namespace {

constexpr int kFirstWithContainers = 12;

std::string_view ServerFact(const DdlFacts& facts, std::string_view wanted) {
  for (const auto& [name, value] : facts.server) {
    if (name == wanted) return value;
  }
  return {};
}

void CompleteOracleSource(const FlinkSourceRequest& request, FlinkOptions& options) {
  options.SetDefault("debezium.database.tablename.case.insensitive", "false");
  options.SetDefault("debezium.log.mining.strategy", "online_catalog");
  const std::string_view version = ServerFact(request.facts, "major-version");
  int major = kFirstWithContainers;
  std::from_chars(version.data(), version.data() + version.size(), major);
  if (major < kFirstWithContainers) {
    options.SetDefault("debezium.decimal.handling.mode", "STRING");
  }
  // The log is the container database's, the tables are in the pluggable one.
  const std::string_view container = ServerFact(request.facts, "cdb-name");
  if (container.empty()) return;
  options.SetDefault("debezium.database.pdb.name", request.names().database);
  options.Set("database-name", std::string(container));
}

}  // namespace

const Dialect& OracleDialect() {
  static const Dialect dialect = {
      .type = "oracle",
      .source_kind = "oracle",
      .title = "Oracle",
      .has_schema = true,
      .literal_database = true,
      .compat_table_comments = true,
      .flink_connector = "oracle-cdc",
      .flink_names_are_patterns = true,
      .pipeline_type = "oracle",
      .type_rule = MapOracleType,
      .complete_flink_source = CompleteOracleSource,
  };
  return dialect;
}

}  // namespace starlift::smt

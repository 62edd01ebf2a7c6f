#include <algorithm>
#include <cctype>
#include <string>

#include <fmt/format.h>

#include "base/hash.h"
#include "smt/dialect.h"
#include "smt/dialects/postgres_types.h"

namespace starlift::smt {
namespace {

constexpr size_t kMaxSlotName = 63;

// A name of its own for each job's slot: readable where the table's name allows, and never that of
// another table.
std::string SlotName(const FlinkSourceRequest& request) {
  const PlannedTable& table = request.table;
  std::string name = table.database + "_" + table.name;
  if (table.flink_sources.size() > 1) name += "_" + std::to_string(request.source + 1);
  std::string slot = "smt_";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    slot += std::isalnum(byte) != 0 && byte < 0x80 ? static_cast<char>(std::tolower(byte)) : '_';
  }
  if (slot == "smt_" + name && slot.size() <= kMaxSlotName) return slot;
  const std::string mark = fmt::format("_{:08x}", static_cast<uint32_t>(HashBytes(name)));
  return slot.substr(0, kMaxSlotName - mark.size()) + mark;
}

void CompletePostgresSource(const FlinkSourceRequest& request, FlinkOptions& options) {
  options.SetDefault("decoding.plugin.name", "pgoutput");
  if (request.form == Form::kCompat) return;
  options.SetDefault("slot.name", SlotName(request));
  const auto& sources = request.table.sources;
  const bool partitioned = std::any_of(sources.begin(), sources.end(), [](const Table* source) {
    return !source->partitions.empty();
  });
  if (!partitioned) return;
  // The publication that the connector makes itself tells the changes of partitions under their own
  // names, and the connector drops them. FlinkNotes says which one to make instead.
  options.SetDefault("debezium.publication.name", SlotName(request));
  options.SetDefault("debezium.publication.autocreate.mode", "disabled");
}

// sslmode in [db] is known from a fork; the original never uses TLS.
Pairs PostgresOptions(const DbConfig& db) {
  return db.sslmode.empty() ? Pairs{} : Pairs{{"sslmode", db.sslmode}};
}

}  // namespace

const Dialect& PostgresDialect() {
  static const Dialect dialect = {
      .type = "pgsql",
      .source_kind = "postgres",
      .title = "PostgreSQL",
      .source_options = PostgresOptions,
      .has_schema = true,
      .compat_is_primary =
          [](const Constraint& constraint) { return constraint.name.ends_with("_pkey"); },
      .flink_connector = "postgres-cdc",
      .flink_names_are_patterns = true,
      .pipeline_type = "postgres",
      .jdbc_scheme = "jdbc:postgresql",
      .jdbc_driver_class = "org.postgresql.Driver",
      .jdbc_database_prefix = "/",
      .type_rule = MapPostgresType,
      .complete_flink_source = CompletePostgresSource,
  };
  return dialect;
}

}  // namespace starlift::smt

#include "smt/print/flink_notes.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "smt/print/flink_sql.h"

namespace starlift::smt {
namespace {

// Without these the StarRocks connector refuses the table.
constexpr std::array<std::string_view, 4> kSinkOptions = {"jdbc-url", "load-url", "username",
                                                          "password"};

std::string MissingSinkOptions(const PlannedTable& table, Form form) {
  const FlinkOptions options = SinkOptions(table, form);
  std::string missing;
  for (const std::string_view name : kSinkOptions) {
    if (options.Has(name)) continue;
    missing += fmt::format("{}flink.starrocks.{}", missing.empty() ? "" : ", ", name);
  }
  return missing;
}

std::string Quoted(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

// Of a partitioned table of PostgreSQL the job follows the publication that is named here; empty
// where there is none, or the user's own.
std::string PublicationToMake(const FlinkSourceRequest& request, const Dialect& dialect) {
  constexpr std::string_view kOption = "debezium.publication.name";
  for (const auto& [name, value] : request.table.rule->flink_cdc) {
    if (name == kOption) return {};
  }
  const FlinkOptions options = SourceOptions(request, dialect);
  const std::string_view publication = options.Get(kOption);
  if (publication.empty()) return {};
  std::string tables;
  for (const Table* const source : request.table.sources) {
    const TableId& id = source->id;
    if (id.database != request.names().database) continue;
    tables += (tables.empty() ? "" : ", ") + Quoted(id.schema) + "." + Quoted(id.name);
  }
  return fmt::format(
      "{} is partitioned, and Flink follows it by a publication of the whole: make it in database "
      "{} before its job: CREATE PUBLICATION {} FOR TABLE {} WITH (publish_via_partition_root = "
      "true);",
      request.table.source().id.ToString(), request.names().database, publication, tables);
}

}  // namespace

std::vector<std::string> FlinkNotes(std::span<const PlannedTable> tables, const Dialect& dialect,
                                    const FlinkSourceRequest& first) {
  std::vector<std::string> notes;
  const std::string& rule = tables.front().rule->name;
  const std::string missing = MissingSinkOptions(tables.front(), first.form);
  if (!missing.empty()) {
    notes.push_back(
        fmt::format("[table-rule.{}] has no {}: Flink refuses the sinks of flink-create.{}.sql{}",
                    rule, missing, rule,
                    dialect.sync_reads_rows && first.form == Form::kRight
                        ? fmt::format(", and starlift-task.{}.yaml can't be written", rule)
                        : ""));
  }
  const std::string_view required = dialect.flink_required_option;
  if (!required.empty() && !SourceOptions(first, dialect).Has(required)) {
    notes.push_back(fmt::format(
        "{} doesn't tell its {}, without which the sources of flink-create.{}.sql don't start: "
        "write flink.cdc.{} = {} into [table-rule.{}]",
        dialect.title, required, rule, required, dialect.flink_required_example, rule));
  }
  for (const PlannedTable& table : tables) {
    FlinkSourceRequest request{.form = first.form,
                               .version = first.version,
                               .config = first.config,
                               .table = table,
                               .facts = first.facts};
    for (; request.source < SourceCount(table, dialect, first.form); ++request.source) {
      std::string note = PublicationToMake(request, dialect);
      if (!note.empty()) notes.push_back(std::move(note));
    }
  }
  return notes;
}

}  // namespace starlift::smt

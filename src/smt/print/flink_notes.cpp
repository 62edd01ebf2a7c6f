#include "smt/print/flink_notes.h"

#include <array>
#include <string_view>

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
  return notes;
}

}  // namespace starlift::smt

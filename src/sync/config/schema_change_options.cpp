#include "sync/config/schema_change_options.h"

#include "sync/evolve/evolution_options.h"

namespace starlift::sync {
namespace {

ChangePolicy PolicyOf(std::string_view text) {
  if (text == "stop") return ChangePolicy::kStop;
  return text == "ignore" ? ChangePolicy::kIgnore : ChangePolicy::kApply;
}

TaskOption PolicyOption(std::string_view name, std::string_view default_text, std::string_view help,
                        ChangePolicy SchemaChangeOptions::*field, bool may_ignore = true) {
  std::vector<std::string_view> choices = {"apply", "ignore", "stop"};
  if (!may_ignore) choices = {"apply", "stop"};
  return {{.name = name,
           .section = "schema-changes",
           .type = OptionType::kChoice,
           .default_text = default_text,
           .placeholder = "POLICY",
           .help = help,
           .choices = std::move(choices),
           .places = kTaskFile | kEnvironment},
          [field](TaskConfig& config, const OptionValue& value) -> Status {
            config.schema_changes.*field = PolicyOf(value.text);
            return {};
          }};
}

}  // namespace

std::vector<TaskOption> SchemaChangeTaskOptions() {
  using Options = SchemaChangeOptions;
  std::vector<TaskOption> options = {
      PolicyOption("create-table", "apply",
                   "A table that matches the selection is created at the source: make it here.",
                   &Options::create_table),
      PolicyOption("drop-table", "ignore",
                   "A table is dropped: drop it here. Ignored, it stays with its rows.",
                   &Options::drop_table),
      PolicyOption("truncate-table", "apply", "A table is emptied: empty it here.",
                   &Options::truncate_table),
      PolicyOption("rename-table", "apply",
                   "A table is renamed: rename it here. Ignored, its rows go on into the old name.",
                   &Options::rename_table),
      PolicyOption("add-column", "apply",
                   "A column is added: add it here. Ignored, its values are left out.",
                   &Options::add_column),
      PolicyOption("drop-column", "ignore",
                   "A column is dropped: drop it here. Ignored, it stays, and rows that change "
                   "have NULL in it.",
                   &Options::drop_column),
      PolicyOption("rename-column", "apply",
                   "A column is renamed: rename it here. Ignored, values go on into the old name.",
                   &Options::rename_column),
      PolicyOption("change-type", "apply",
                   "A column's type needs more room: widen it here. Ignored, values that don't fit "
                   "are refused.",
                   &Options::change_type),
      PolicyOption("comment", "apply", "A comment changes: change it here.", &Options::comment),
      PolicyOption("rebuild", "apply",
                   "StarRocks can't alter the table to what it became (key changes, types that "
                   "don't convert): load it anew beside itself and swap the two.",
                   &Options::rebuild, false),
      PolicyOption("drop-rows", "apply",
                   "Rows vanish with a partition (DROP, TRUNCATE, EXCHANGE PARTITION), which the "
                   "log doesn't tell row by row: load the table anew. Ignored, they stay here.",
                   &Options::drop_rows),
  };
  options.push_back({{.name = "alter-timeout",
                      .section = "schema-changes",
                      .type = OptionType::kDuration,
                      .default_text = "1d",
                      .placeholder = "TIME",
                      .help = "The longest that an ALTER may take at the target.",
                      .minimum = 1000,
                      .places = kTaskFile | kEnvironment},
                     [](TaskConfig& config, const OptionValue& value) -> Status {
                       config.schema_changes.alter_timeout = value.duration();
                       return {};
                     }});
  return options;
}

}  // namespace starlift::sync

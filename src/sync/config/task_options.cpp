#include "sync/config/task_options.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sync/config/endpoints.h"
#include "sync/config/limit_options.h"
#include "sync/config/schema_change_options.h"
#include "sync/config/substitution.h"

namespace starlift::sync {
namespace {

std::vector<TaskOption> TopLevelOptions() {
  return {
      {{.name = "name",
        .section = "",
        .placeholder = "NAME",
        .help = "The task's name: which state a run goes on with. Without one it is made from "
                "source and target."},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.name = value.text;
         return {};
       }},
      {{.name = "phases",
        .section = "",
        .type = OptionType::kList,
        .default_text = "structure,full,incremental",
        .placeholder = "LIST",
        .help = "What to do, in this order: create databases and tables, load all rows, follow the "
                "source's changes until stopped, compare both ends once the changes are caught up "
                "with. "
                "By default the first three, without the third where the source writes no log.",
        .choices = {"structure", "full", "incremental", "verification"}},
       ApplyPhases},
      {{.name = "tables",
        .section = "",
        .type = OptionType::kTexts,
        .placeholder = "REGEX",
        .help = "Only tables whose `table` or `database.table` the expression matches as a whole. "
                "May be given several times."},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.tables.insert(config.tables.end(), value.items.begin(), value.items.end());
         return {};
       }},
      {{.name = "exclude-tables",
        .section = "",
        .type = OptionType::kTexts,
        .placeholder = "REGEX",
        .help = "Not these tables. May be given several times."},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.exclude_tables.insert(config.exclude_tables.end(), value.items.begin(),
                                      value.items.end());
         return {};
       }},
      {{.name = "existing",
        .section = "",
        .type = OptionType::kChoice,
        .default_text = "refuse",
        .placeholder = "WHAT",
        .help = "What to do with a target table that this task didn't make and that holds rows: "
                "refuse to start, append to it, or truncate it first.",
        .choices = {"refuse", "append", "truncate"}},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.existing = value.text == "append"     ? ExistingTables::kAppend
                           : value.text == "truncate" ? ExistingTables::kTruncate
                                                      : ExistingTables::kRefuse;
         return {};
       }},
      {{.name = "keyless-changes",
        .section = "",
        .type = OptionType::kChoice,
        .default_text = "apply",
        .placeholder = "WHAT",
        .help =
            "When a row of a table without a key is updated or deleted: find it at the target by "
            "all of its columns, or stop.",
        .choices = {"apply", "stop"}},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.keyless_changes =
             value.text == "stop" ? load::KeylessChanges::kStop : load::KeylessChanges::kApply;
         return {};
       }},
  };
}

TaskOption PasswordFileOption() {
  return {{.name = "password-file",
           .section = "",
           .placeholder = "FILE",
           .help = "A file with the password of source and target, where they have no other."},
          [](TaskConfig& config, const OptionValue& value) -> Status {
            config.password_file = value.text;
            return {};
          }};
}

std::vector<TaskOption> RunOptions() {
  return {
      {{.name = "home",
        .section = "",
        .default_text = "~/.starlift",
        .placeholder = "DIR",
        .help = "Where state, locks and dead letters are kept.",
        .places = kCommandLine | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.home = ExpandHome(value.text);
         return {};
       }},
      {{.name = "fresh",
        .section = "",
        .type = OptionType::kFlag,
        .help = "Forget what earlier runs of this task did and begin anew; --existing says what "
                "becomes of the rows that are there.",
        .places = kCommandLine},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.fresh = value.flag();
         return {};
       }},
      {{.name = "until-caught-up",
        .section = "",
        .type = OptionType::kFlag,
        .help = "End, with exit code 0, once everything is at the target that the source's log "
                "held when the run began.",
        .places = kCommandLine | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.until_caught_up = value.flag();
         return {};
       }},
      {{.name = "dry-run",
        .section = "",
        .type = OptionType::kFlag,
        .help = "Print the plan and the statements, change nothing.",
        .places = kCommandLine},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.dry_run = value.flag();
         return {};
       }},
      {{.name = "ddl-only",
        .section = "",
        .type = OptionType::kFlag,
        .help = "With --dry-run: print nothing but SQL.",
        .places = kCommandLine},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.ddl_only = value.flag();
         return {};
       }},
      {{.name = "progress",
        .section = "",
        .type = OptionType::kChoice,
        .default_text = "auto",
        .placeholder = "STYLE",
        .help = "How progress is shown: live lines, JSON lines, or not at all. auto: live on a "
                "terminal, else JSON.",
        .choices = {"auto", "live", "json", "none"},
        .places = kCommandLine | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.progress = value.text == "live"   ? ProgressStyle::kLive
                           : value.text == "json" ? ProgressStyle::kJson
                           : value.text == "none" ? ProgressStyle::kNone
                                                  : ProgressStyle::kAuto;
         return {};
       }},
      {{.name = "summary-json",
        .section = "",
        .placeholder = "FILE",
        .help = "Write the closing summary to this file as JSON.",
        .places = kCommandLine | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.summary_json = value.text;
         return {};
       }},
  };
}

std::vector<TaskOption> SourceOptions() {
  return {
      {{.name = "url",
        .section = "source",
        .flag = "source-url",
        .placeholder = "URL",
        .help = "The source: mysql://user:password@host:3306/database. Without a database: all.",
        .places = kTaskFile | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) {
         return ApplySourceUrl(value.text, config);
       },
       true},
      {{.name = "kind",
        .section = "source",
        .flag = "source-kind",
        .type = OptionType::kChoice,
        .placeholder = "KIND",
        .help = "Instead of the URL's scheme.",
        .choices = {"mysql", "mariadb"},
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.source.kind = value.text;
         return {};
       }},
      {{.name = "host",
        .section = "source",
        .flag = "source-host",
        .placeholder = "HOST",
        .help = "Name or address.",
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.source.host = value.text;
         return {};
       }},
      {{.name = "port",
        .section = "source",
        .flag = "source-port",
        .type = OptionType::kInteger,
        .placeholder = "PORT",
        .help = "Without one the kind's own: 3306.",
        .minimum = 1,
        .maximum = UINT16_MAX,
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.source.port = static_cast<uint16_t>(value.number);
         return {};
       }},
      {{.name = "user",
        .section = "source",
        .flag = "source-user",
        .placeholder = "USER",
        .help = "Login.",
        .places = kTaskFile | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.source.user = value.text;
         return {};
       }},
      {{.name = "password",
        .section = "source",
        .flag = "source-password",
        .placeholder = "PASSWORD",
        .help = "Password; better as ${env:…} or ${file:…}.",
        .secret = true,
        .places = kTaskFile | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.source.password = value.text;
         return {};
       }},
      {{.name = "password-file",
        .section = "source",
        .flag = "source-password-file",
        .placeholder = "FILE",
        .help = "A file with the source's password."},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         SL_ASSIGN(config.source.password, ReadSecretFile(value.text));
         return {};
       }},
      {{.name = "database",
        .section = "source",
        .flag = "source-database",
        .placeholder = "NAME",
        .help = "Only this database. Without one: all.",
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.source.database = value.text;
         return {};
       }},
  };
}

std::vector<TaskOption> TargetLoginOptions() {
  return {
      {{.name = "url",
        .section = "target",
        .flag = "target-url",
        .placeholder = "URL",
        .help = "The target: starrocks://user:password@host:9030/database?http_port=8030. Several "
                "frontends: host1:9030,host2:9030. Without a database: the source's names.",
        .places = kTaskFile | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) {
         return ApplyTargetUrl(value.text, config);
       },
       true},
      {{.name = "hosts",
        .section = "target",
        .flag = "target-hosts",
        .type = OptionType::kList,
        .placeholder = "LIST",
        .help = "Query ports of the frontends: host:9030, …",
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.target.query_endpoints.clear();
         for (const std::string& item : value.items) {
           SL_ASSIGN(auto endpoints, starrocks::ParseEndpoints(item, starrocks::kDefaultQueryPort));
           config.target.query_endpoints.insert(config.target.query_endpoints.end(),
                                                endpoints.begin(), endpoints.end());
         }
         return {};
       }},
      {{.name = "user",
        .section = "target",
        .flag = "target-user",
        .placeholder = "USER",
        .help = "Login.",
        .places = kTaskFile | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.target.user = value.text;
         return {};
       }},
      {{.name = "password",
        .section = "target",
        .flag = "target-password",
        .placeholder = "PASSWORD",
        .help = "Password; better as ${env:…} or ${file:…}.",
        .secret = true,
        .places = kTaskFile | kEnvironment},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.target.password = value.text;
         return {};
       }},
      {{.name = "password-file",
        .section = "target",
        .flag = "target-password-file",
        .placeholder = "FILE",
        .help = "A file with the target's password."},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         SL_ASSIGN(config.target.password, ReadSecretFile(value.text));
         return {};
       }},
      {{.name = "database",
        .section = "target",
        .flag = "target-database",
        .placeholder = "NAME",
        .help = "Everything goes into this database. Without one: the source's names.",
        .places = kTaskFile},
       [](TaskConfig& config, const OptionValue& value) -> Status {
         config.target.database = value.text;
         return {};
       }},
  };
}

// The lists of other rooms are options like our own.
void AppendForeignOptions(std::vector<TaskOption>& options) {
  for (const OptionDeclaration& each : starrocks::TargetOptions()) {
    options.push_back({each, [name = each.name](TaskConfig& config, const OptionValue& value) {
                         return starrocks::SetTargetOption(name, value.text, config.target);
                       }});
  }
  for (const OptionDeclaration& each : mapping::MappingOptionList()) {
    options.push_back({each, [name = each.name](TaskConfig& config, const OptionValue& value) {
                         return mapping::SetMappingOption(name, value.text, config.mapping);
                       }});
  }
}

constexpr std::array kSections = {
    OptionSection{"", "The task."},
    OptionSection{"source",
                  "Where rows come from. Other keys than these go to the source as its "
                  "own options, like those after `?` in its URL."},
    OptionSection{"target", "Where rows go."},
    OptionSection{"values", "How values land that the target can't hold as they are."},
    OptionSection{"limits", "How much at a time, and how long."},
    OptionSection{"schema-changes",
                  "What happens at the target when the source's schema changes: docs/reference/"
                  "schema-changes.md."},
};

}  // namespace

std::span<const TaskOption> TaskOptions() {
  static const std::vector<TaskOption> options = [] {
    std::vector<TaskOption> all;
    const auto append = [&](std::vector<TaskOption> part) {
      std::move(part.begin(), part.end(), std::back_inserter(all));
    };
    append(TopLevelOptions());
    append(RunOptions());
    append({PasswordFileOption()});
    append(SourceOptions());
    append(TargetLoginOptions());
    append(LimitTaskOptions());
    append(SchemaChangeTaskOptions());
    AppendForeignOptions(all);
    return all;
  }();
  return options;
}

std::span<const OptionSection> TaskOptionSections() { return kSections; }

const TaskOption* FindTaskOption(std::string_view section, std::string_view name) {
  const auto same = [](char given, char declared) {
    return given == declared || (given == '_' && declared == '-') ||
           (given == '-' && declared == '_');
  };
  for (const TaskOption& option : TaskOptions()) {
    const OptionDeclaration& declaration = option.declaration;
    if (declaration.section == section &&
        std::equal(name.begin(), name.end(), declaration.name.begin(), declaration.name.end(),
                   same)) {
      return &option;
    }
  }
  return nullptr;
}

TaskConfig DefaultTaskConfig() {
  TaskConfig config;
  for (const TaskOption& option : TaskOptions()) {
    if (option.declaration.default_text.empty()) continue;
    const auto value = ParseOptionValue(option.declaration, option.declaration.default_text);
    // A default that its own declaration refuses would be a defect; task_options_test looks.
    if (value.ok()) (void)option.apply(config, *value).ok();
  }
  config.default_phases = true;
  return config;
}

}  // namespace starlift::sync

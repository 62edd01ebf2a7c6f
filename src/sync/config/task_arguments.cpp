#include "sync/config/task_arguments.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "sync/config/endpoint_url.h"
#include "sync/config/endpoints.h"
#include "sync/config/task_file.h"
#include "sync/config/task_options.h"

namespace starlift::sync {
namespace {

constexpr std::string_view kUsageLine =
    "starlift sync SOURCE_URL TARGET_URL [options], or starlift sync TASK.yaml [options]";

Status ApplyPositionals(const std::vector<std::string>& positionals, TaskConfig& config) {
  if (positionals.empty()) return {};  // both URLs may come from the environment
  const bool urls = LooksLikeUrl(positionals[0]);
  if (urls && positionals.size() == 2) {
    SL_TRY(ApplySourceUrl(positionals[0], config));
    return ApplyTargetUrl(positionals[1], config);
  }
  if (!urls && positionals.size() == 1) return ReadTaskFile(positionals[0], config);
  if (urls && positionals.size() == 1) {
    return Error{ErrorKind::kUsage, "the target's URL is missing", "", std::string(kUsageLine)};
  }
  return Error{ErrorKind::kUsage, fmt::format("'{}' is too much", positionals[urls ? 2 : 1]), "",
               std::string(kUsageLine)};
}

Status ApplyEnvironment(const EnvironmentLookup& environment, TaskConfig& config) {
  for (const TaskOption& option : TaskOptions()) {
    const OptionDeclaration& declaration = option.declaration;
    if ((declaration.places & kEnvironment) == 0) continue;
    const std::string name = declaration.environment_name();
    const auto text = environment(name);
    if (!text) continue;
    auto value = ParseOptionValue(declaration, *text);
    if (!value.ok()) return std::move(value).error().At(name);
    auto applied = option.apply(config, *value);
    if (!applied.ok()) return std::move(applied).error().At(name);
  }
  return {};
}

Status ApplyFlags(const CommandLine& line, TaskConfig& config) {
  for (const auto& [flag, raw] : line.options) {
    const OptionDeclaration* declaration = flag;
    const auto options = TaskOptions();
    const auto option = std::find_if(options.begin(), options.end(), [&](const TaskOption& each) {
      return &each.declaration == declaration;
    });
    if (option == options.end()) continue;
    SL_ASSIGN(const std::string text, Substitute(raw, ProcessEnvironment));
    SL_ASSIGN(const OptionValue value, ParseOptionValue(*declaration, text));
    auto applied = option->apply(config, value);
    if (!applied.ok()) {
      return std::move(applied).error().At(fmt::format("--{}", declaration->flag_name()));
    }
  }
  return {};
}

// A name becomes part of file names.
Status CheckName(const std::string& name) {
  constexpr size_t kLongest = 64;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (plain && name.size() <= kLongest && !name.starts_with('.')) return {};
  return Error{ErrorKind::kUsage, fmt::format("'{}' can't be a task's name", name), "",
               "use up to 64 letters, digits, '-', '_' and '.'"};
}

// What no single option can see.
Status Complete(TaskConfig& config) {
  SL_TRY(CheckName(config.name));
  if (config.source.kind.empty() || config.source.host.empty()) {
    return Error{ErrorKind::kUsage, "no source is given", "", std::string(kUsageLine)};
  }
  if (config.target.query_endpoints.empty()) {
    return Error{ErrorKind::kUsage, "no target is given", "", std::string(kUsageLine)};
  }
  if (!config.password_file.empty()) {
    SL_ASSIGN(const std::string password, ReadSecretFile(config.password_file));
    if (config.source.password.empty()) config.source.password = password;
    if (config.target.password.empty()) config.target.password = password;
  }
  if (config.ddl_only && !config.dry_run) {
    return Error{ErrorKind::kUsage, "--ddl-only goes with --dry-run", "", "add --dry-run"};
  }
  if (config.source.port == 0) config.source.port = 3306;
  if (config.limits.memory_bytes < 2 * config.limits.load_bytes) {
    return Error{ErrorKind::kUsage, "the memory limit holds less than two loads", "",
                 "raise --memory or lower --load-bytes"};
  }
  // Patterns that don't compile are found before anything is connected.
  SL_TRY(mapping::CompileTableFilter(config.tables, config.exclude_tables));
  return starrocks::CompleteTargetConfig(config.target);
}

}  // namespace

std::vector<const OptionDeclaration*> TaskFlags(std::span<const OptionDeclaration> more) {
  std::vector<const OptionDeclaration*> flags;
  for (const TaskOption& option : TaskOptions()) {
    if (option.declaration.places & kCommandLine) flags.push_back(&option.declaration);
  }
  for (const OptionDeclaration& declaration : more) flags.push_back(&declaration);
  return flags;
}

Result<TaskConfig> BuildTaskConfig(const CommandLine& line, const EnvironmentLookup& environment) {
  TaskConfig config = DefaultTaskConfig();
  SL_TRY(ApplyPositionals(line.positionals, config));
  SL_TRY(ApplyEnvironment(environment, config));
  SL_TRY(ApplyFlags(line, config));
  SL_TRY(Complete(config));
  return config;
}

Result<TaskReference> BuildTaskReference(const CommandLine& line,
                                         const EnvironmentLookup& environment) {
  const bool by_name = line.positionals.size() == 1 && !LooksLikeUrl(line.positionals[0]) &&
                       CheckName(line.positionals[0]).ok() &&
                       (!std::filesystem::exists(line.positionals[0]) ||
                        std::filesystem::is_directory(line.positionals[0]));
  if (!by_name) {
    SL_ASSIGN(const TaskConfig config, BuildTaskConfig(line, environment));
    return TaskReference{config.home, TaskIdentity(config)};
  }
  TaskConfig config = DefaultTaskConfig();
  SL_TRY(ApplyEnvironment(environment, config));
  SL_TRY(ApplyFlags(line, config));
  return TaskReference{config.home, line.positionals[0]};
}

}  // namespace starlift::sync

#include "sync/config/task_file.h"

#include <set>

#include <gtest/gtest.h>

#include "sync/config/task_arguments.h"
#include "sync/config/task_options.h"

namespace starlift::sync {
namespace {

Result<TaskConfig> Parse(const std::string& text) {
  TaskConfig config = DefaultTaskConfig();
  auto parsed = ParseTaskFile(text, "task.yaml", config);
  if (!parsed.ok()) return std::move(parsed).error();
  return config;
}

TEST(TaskFile, ReadsEverySection) {
  const auto config = Parse(R"(
version: 1
name: nightly
source:
  port: 3307
  url: mysql://reader:pw@db/shop?tls=required
  password: other
target:
  hosts: [fe1:9030, fe2]
  user: root
  http_port: 8031
tables: ['orders_\d{1,2}', customers]
phases: [full]
existing: append
limits: {readers: 4, load-bytes: 8MiB, retry_for: 1min}
schema_changes: {drop_table: apply}
rules:
  - match: orders_(.*)
    target_table: orders
    exclude_columns: [secret, other]
    rename_columns: {name: full_name}
)");
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  EXPECT_EQ(config->name, "nightly");
  EXPECT_EQ(config->source.host, "db");
  EXPECT_EQ(config->source.port, 3307);
  EXPECT_EQ(config->source.password, "other");
  EXPECT_EQ(config->source.options.size(), 1u);
  ASSERT_EQ(config->target.query_endpoints.size(), 2u);
  EXPECT_EQ(config->target.query_endpoints[1].port, 9030);
  EXPECT_EQ(config->tables, (std::vector<std::string>{"orders_\\d{1,2}", "customers"}));
  EXPECT_EQ(config->phases, std::vector<Phase>{Phase::kFull});
  EXPECT_EQ(config->existing, ExistingTables::kAppend);
  EXPECT_EQ(config->limits.readers, 4u);
  EXPECT_EQ(config->limits.load_bytes, 8u << 20);
  EXPECT_EQ(config->limits.retry_for, std::chrono::minutes(1));
  EXPECT_EQ(config->schema_changes.drop_table, ChangePolicy::kApply);
  ASSERT_EQ(config->rules.size(), 1u);
  EXPECT_EQ(config->rules[0].exclude_columns.size(), 2u);
  EXPECT_EQ(config->rules[0].rename_columns[0].second, "full_name");
}

TEST(TaskFile, ShortFormIsTheUrl) {
  const auto config = Parse("version: 1\nsource: mysql://u@h/d\ntarget: starrocks://r@t/x\n");
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  EXPECT_EQ(config->source.host, "h");
  EXPECT_EQ(config->target.database, "x");
}

struct Refusal {
  const char* text;
  const char* where;
  const char* word;
};

class TaskFileRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(TaskFileRefuses, WithPlaceAndReason) {
  const auto config = Parse(GetParam().text);
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().kind, ErrorKind::kUsage);
  const std::string said = config.error().ToString();
  EXPECT_NE(said.find(GetParam().where), std::string::npos) << said;
  EXPECT_NE(said.find(GetParam().word), std::string::npos) << said;
}

INSTANTIATE_TEST_SUITE_P(
    All, TaskFileRefuses,
    ::testing::Values(
        Refusal{"name: x\n", "task.yaml:1", "version: 1"},
        Refusal{"version: 2\n", "task.yaml:1", "version 1"},
        Refusal{"version: 1\nlimts:\n  readers: 2\n", "task.yaml:2", "'limits'"},
        Refusal{"version: 1\nlimits:\n  raeders: 2\n", "task.yaml:3", "'readers'"},
        Refusal{"version: 1\nlimits:\n  readers: 0\n", "task.yaml:3", "1 to 64"},
        Refusal{"version: 1\nlimits:\n  readers: [1]\n", "task.yaml:3", "plain value"},
        Refusal{"version: 1\nlimits: 3\n", "task.yaml:2", "map"},
        Refusal{"version: 1\nlimits:\n  load_bytes: 8MiB\n  load-bytes: 9MiB\n", "task.yaml:4",
                "twice"},
        Refusal{"version: 1\nphases: [verification]\n", "task.yaml:2", "starlift verify"},
        Refusal{"version: 1\nphases: [ful]\n", "task.yaml:2", "structure"},
        Refusal{"version: 1\nsource:\n  password: ${env:STARLIFT_TEST_NOT_SET}\n", "task.yaml:3",
                "STARLIFT_TEST_NOT_SET"},
        Refusal{"version: 1\nsource: mysql://u:pw@h:99999/d\n", "task.yaml:2", "99999"},
        Refusal{"version: 1\nrules:\n  - target_table: x\n", "task.yaml:3", "match"},
        Refusal{"version: 1\nrules:\n  - match: x\n    traget_table: x\n", "task.yaml:4",
                "'target-table'"},
        Refusal{"version: 1\nrules:\n  - match: x\n    values: {no-such: 1}\n", "task.yaml:4",
                "no-such"},
        Refusal{"version: 1\nname: [\n", "task.yaml:", "YAML"},
        Refusal{"- a\n", "task.yaml:1", "map"}));

TEST(TaskOptions, DefaultsAreWhatTheirDeclarationsTake) {
  TaskConfig config;
  for (const TaskOption& option : TaskOptions()) {
    const OptionDeclaration& declaration = option.declaration;
    EXPECT_FALSE(declaration.help.empty()) << declaration.path();
    if (declaration.default_text.empty()) continue;
    const auto value = ParseOptionValue(declaration, declaration.default_text);
    ASSERT_TRUE(value.ok()) << declaration.path() << ": " << value.error().ToString();
    EXPECT_TRUE(option.apply(config, *value).ok()) << declaration.path();
  }
}

TEST(TaskOptions, FlagsAndPathsAreUnique) {
  std::set<std::string> flags, paths;
  for (const TaskOption& option : TaskOptions()) {
    EXPECT_TRUE(flags.emplace(option.declaration.flag_name()).second ||
                option.declaration.places == kTaskFile)
        << option.declaration.flag_name();
    EXPECT_TRUE(paths.insert(option.declaration.path()).second) << option.declaration.path();
  }
}

Result<TaskConfig> Build(const std::vector<std::string>& arguments,
                         const EnvironmentLookup& environment) {
  const auto declarations = TaskFlags({});
  auto line = ParseCommandLine(declarations, arguments);
  if (!line.ok()) return std::move(line).error();
  return BuildTaskConfig(*line, environment);
}

std::optional<std::string> Nothing(const std::string&) { return std::nullopt; }

TEST(TaskArguments, FlagsWinOverTheEnvironment) {
  const auto environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "STARLIFT_READERS") return "7";
    if (name == "STARLIFT_LOADS") return "5";
    if (name == "STARLIFT_SOURCE_PASSWORD") return "secret";
    return std::nullopt;
  };
  const auto config = Build(
      {"mysql://u@h/d", "starrocks://r@t/x", "--readers=2", "--tables", "a,b", "--tables", "c"},
      environment);
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  EXPECT_EQ(config->limits.readers, 2u);
  EXPECT_EQ(config->limits.loads, 5u);
  EXPECT_EQ(config->source.password, "secret");
  EXPECT_EQ(config->tables, (std::vector<std::string>{"a,b", "c"}));
  EXPECT_EQ(config->target.http_endpoints.front().port, 8030);
}

TEST(TaskArguments, RefusesWhatCanNotBeMeant) {
  EXPECT_FALSE(Build({}, Nothing).ok());
  EXPECT_FALSE(Build({"mysql://u@h/d"}, Nothing).ok());
  EXPECT_FALSE(Build({"starrocks://r@t/x", "mysql://u@h/d"}, Nothing).ok());
  EXPECT_FALSE(Build({"mysql://u@h/d", "starrocks://r@t/x", "more"}, Nothing).ok());
  EXPECT_FALSE(Build({"mysql://u@h/d", "starrocks://r@t/x", "--tables", "("}, Nothing).ok());
  EXPECT_FALSE(Build({"mysql://u@h/d", "starrocks://r@t/x", "--ddl-only"}, Nothing).ok());
  EXPECT_FALSE(Build({"no-such.yaml"}, Nothing).ok());
}

TEST(TaskArguments, IdentityHasNoSecretsAndKnowsBothEnds) {
  const auto identity = [](const char* source, const char* target) {
    return TaskIdentity(*Build({source, target}, Nothing));
  };
  const std::string one = identity("mysql://u:pw@h/d", "starrocks://r:pw@t/x");
  EXPECT_EQ(one, identity("mysql://u:other@h/d", "starrocks://r:other@t/x"));
  EXPECT_NE(one, identity("mysql://u@h/d2", "starrocks://r@t/x"));
  EXPECT_NE(one, identity("mysql://u@h/d", "starrocks://r@t/x2"));
  EXPECT_NE(one, identity("mysql://u@h:3307/d", "starrocks://r@t/x"));
}

}  // namespace
}  // namespace starlift::sync

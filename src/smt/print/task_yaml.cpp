#include "smt/print/task_yaml.h"

#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "smt/config/pattern.h"
#include "smt/target_endpoint.h"

namespace starlift::smt {
namespace {

// A double-quoted YAML scalar.
std::string Scalar(std::string_view text) {
  std::string scalar = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      scalar += '\\';
      scalar += c;
    } else if (byte < ' ' || byte == 0x7f) {
      scalar += fmt::format("\\x{:02x}", byte);
    } else {
      scalar += c;
    }
  }
  return scalar += '"';
}

// In patterns of Flink CDC a bare dot parts names and `\.` is any character; so a dot inside a name
// can only be met by the latter.
std::string PipelineName(std::string_view name) {
  std::string pattern;
  for (const char c : name) {
    if (std::string_view(".+*?()[]{}|^$\\").find(c) == std::string_view::npos) {
      pattern += c;
    } else {
      pattern += c == '.' ? "\\." : fmt::format("[{}]", c);
    }
  }
  return pattern;
}

// A rule's expression, in which a dot is any character.
std::string PipelinePattern(std::string_view expression) {
  std::string pattern;
  for (size_t i = 0; i < expression.size(); ++i) {
    const bool escaped = i > 0 && expression[i - 1] == '\\';
    pattern +=
        expression[i] == '.' && !escaped ? std::string("\\.") : std::string(1, expression[i]);
  }
  return pattern;
}

std::string PipelineTable(const PlannedTable& table, const Dialect& dialect) {
  const TableId& id = table.source().id;
  std::string name =
      table.merged() ? PipelinePattern(table.flink_database) : PipelineName(id.database);
  name += '.';
  if (dialect.has_schema) {
    name += table.merged() ? PipelinePattern(table.flink_schema) : PipelineName(id.schema);
    name += '.';
  }
  return name + (table.merged() ? PipelinePattern(table.flink_table) : PipelineName(id.name));
}

void Entry(std::string& out, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(out), "  {}: {}\n", name, Scalar(value));
}

bool TargetHasOtherName(const PlannedTable& table, const Dialect& dialect) {
  return table.merged() || dialect.has_schema;
}

// A slot's name has lower-case letters, digits and underscores.
std::string PipelineSlot(std::string_view rule) {
  std::string slot;
  for (const char c : rule) {
    const auto byte = static_cast<unsigned char>(c);
    slot += std::isalnum(byte) != 0 && byte < 0x80 ? static_cast<char>(std::tolower(byte)) : '_';
  }
  constexpr size_t kRoom = 40;
  return slot.substr(0, kRoom);
}

std::string PercentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (std::isalnum(byte) != 0 && byte < 0x80) || c == '-' || c == '_' || c == '.';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return encoded;
}

}  // namespace

std::string PrintFlinkPipeline(std::span<const PlannedTable> tables, const Config& config,
                               const Dialect& dialect) {
  const RuleConfig& rule = *tables.front().rule;
  std::string patterns;
  std::string routes;
  std::string left_out;
  for (const PlannedTable& table : tables) {
    const std::string source = PipelineTable(table, dialect);
    if (table.model != Model::kPrimaryKey) {
      left_out += fmt::format("# without a primary key, which the pipeline needs: {}\n",
                              table.source().id.ToString());
      continue;
    }
    patterns += (patterns.empty() ? "" : ",") + source;
    if (!TargetHasOtherName(table, dialect)) continue;
    routes += fmt::format("  - source-table: {}\n    sink-table: {}\n", Scalar(source),
                          Scalar(table.database + "." + table.name));
  }
  std::string out = "# [table-rule." + rule.name + "] as a pipeline of Flink CDC 3.x\n" + left_out;
  out += "source:\n";
  Entry(out, "type", dialect.pipeline_type);
  Entry(out, "hostname", config.db.host);
  Entry(out, "port", std::to_string(config.db.port));
  Entry(out, "username", config.db.user);
  Entry(out, "password", config.db.password);
  Entry(out, "tables", patterns);
  if (dialect.pipeline_type == "postgres") {
    Entry(out, "slot.name", "smt_pipeline_" + PipelineSlot(rule.name));
    Entry(out, "decoding.plugin.name", "pgoutput");
  }
  if (dialect.pipeline_type == "mysql") {
    // Other values than 0 and 1 are kept, as the tables made here keep them.
    out += "  treat-tinyint1-as-boolean.enabled: false\n";
  }
  for (const auto& [name, value] : rule.flink_cdc) Entry(out, name, value);
  out += "sink:\n";
  Entry(out, "type", "starrocks");
  for (const auto& [name, value] : rule.flink_starrocks) Entry(out, name, value);
  if (!routes.empty()) out += "route:\n" + routes;
  out += fmt::format("pipeline:\n  name: {}\n  parallelism: 1\n",
                     Scalar("starlift smt, table-rule." + rule.name));
  return out;
}

std::string PrintStarliftTask(std::span<const PlannedTable> tables, const Config& config,
                              const Dialect& dialect) {
  const RuleConfig& rule = *tables.front().rule;
  const Result<starrocks::TargetConfig> target = TargetOf(rule);
  if (!target.ok()) return {};
  std::string out =
      fmt::format("# [table-rule.{}] as a task of `starlift sync`\nversion: 1\n", rule.name);
  out += fmt::format("name: {}\nsource:\n", Scalar("smt-" + rule.name));
  const bool v6 = config.db.host.find(':') != std::string::npos;
  Entry(out, "url",
        fmt::format("{}://{}@{}{}{}:{}/", dialect.source_kind, PercentEncoded(config.db.user),
                    v6 ? "[" : "", config.db.host, v6 ? "]" : "", config.db.port));
  if (!config.db.password.empty()) Entry(out, "password", config.db.password);
  std::string hosts;
  for (const starrocks::Endpoint& endpoint : target->query_endpoints) {
    hosts += (hosts.empty() ? "" : ", ") + Scalar(endpoint.ToString());
  }
  out += fmt::format("target:\n  hosts: [{}]\n  http_port: {}\n", hosts,
                     target->http_endpoints.front().port);
  Entry(out, "user", target->user);
  if (!target->password.empty()) Entry(out, "password", target->password);
  out += "tables:\n";
  std::string rules;
  for (const PlannedTable& table : tables) {
    std::string match;
    for (const Table* const source : table.sources) {
      const std::string name = QuotePattern(source->id.database + "." + source->id.name);
      out += "  - " + Scalar(name) + "\n";
      match += (match.empty() ? "" : "|") + name;
    }
    if (!table.merged()) continue;
    rules += fmt::format("  - match: {}\n    target_database: {}\n    target_table: {}\n",
                         Scalar(match), Scalar(table.database), Scalar(table.name));
  }
  if (!rules.empty()) out += "rules:\n" + rules;
  return out;
}

}  // namespace starlift::smt

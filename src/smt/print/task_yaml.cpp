#include "smt/print/task_yaml.h"

#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "smt/config/pattern.h"
#include "smt/print/yaml_text.h"
#include "smt/target_endpoint.h"

namespace starlift::smt {
namespace {

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

std::string PrintStarliftTask(std::span<const PlannedTable> tables, const Config& config,
                              const Dialect& dialect) {
  const RuleConfig& rule = *tables.front().rule;
  const Result<starrocks::TargetConfig> target = TargetOf(rule);
  if (!target.ok()) return {};
  std::string out =
      fmt::format("# [table-rule.{}] as a task of `starlift sync`\nversion: 1\n", rule.name);
  out += fmt::format("name: {}\nsource:\n", YamlScalar("smt-" + rule.name));
  const bool v6 = config.db.host.find(':') != std::string::npos;
  AddYamlEntry(
      out, "url",
      fmt::format("{}://{}@{}{}{}:{}/", dialect.source_kind, PercentEncoded(config.db.user),
                  v6 ? "[" : "", config.db.host, v6 ? "]" : "", config.db.port));
  if (!config.db.password.empty()) AddYamlEntry(out, "password", config.db.password);
  std::string hosts;
  for (const starrocks::Endpoint& endpoint : target->query_endpoints) {
    hosts += (hosts.empty() ? "" : ", ") + YamlScalar(endpoint.ToString());
  }
  out += fmt::format("target:\n  hosts: [{}]\n  http_port: {}\n", hosts,
                     target->http_endpoints.front().port);
  AddYamlEntry(out, "user", target->user);
  if (!target->password.empty()) AddYamlEntry(out, "password", target->password);
  out += "tables:\n";
  std::string rules;
  for (const PlannedTable& table : tables) {
    std::string match;
    for (const Table* const source : table.sources) {
      const std::string name = QuotePattern(source->id.database + "." + source->id.name);
      out += "  - " + YamlScalar(name) + "\n";
      match += (match.empty() ? "" : "|") + name;
    }
    if (!table.merged()) continue;
    rules += fmt::format("  - match: {}\n    target_database: {}\n    target_table: {}\n",
                         YamlScalar(match), YamlScalar(table.database), YamlScalar(table.name));
  }
  if (!rules.empty()) out += "rules:\n" + rules;
  return out;
}

}  // namespace starlift::smt

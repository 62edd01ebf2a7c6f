#include "smt/target_endpoint.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace starlift::smt {
namespace {

constexpr std::string_view kJdbcScheme = "jdbc:mysql://";

const std::string* Find(const RuleConfig& rule, std::string_view name) {
  for (const auto& [key, value] : rule.flink_starrocks) {
    if (key == name) return &value;
  }
  return nullptr;
}

Error Missing(const RuleConfig& rule, std::string_view name, std::string_view example) {
  return Error{.kind = ErrorKind::kUsage,
               .message = fmt::format("[table-rule.{}] has no flink.starrocks.{}", rule.name, name),
               .where = "",
               .mend = fmt::format("add flink.starrocks.{} = {}", name, example)};
}

}  // namespace

Result<starrocks::TargetConfig> TargetOf(const RuleConfig& rule) {
  const std::string* const jdbc = Find(rule, "jdbc-url");
  const std::string* const user = Find(rule, "username");
  if (jdbc == nullptr || !jdbc->starts_with(kJdbcScheme)) {
    return Missing(rule, "jdbc-url", "jdbc:mysql://<fe-host>:9030");
  }
  if (user == nullptr) return Missing(rule, "username", "root");
  starrocks::TargetConfig target;
  const std::string hosts = jdbc->substr(
      kJdbcScheme.size(), jdbc->find_first_of("/?", kJdbcScheme.size()) - kJdbcScheme.size());
  SL_ASSIGN(target.query_endpoints, starrocks::ParseEndpoints(hosts, starrocks::kDefaultQueryPort));
  if (const std::string* const load = Find(rule, "load-url")) {
    std::string list;
    for (std::string_view rest = *load; !rest.empty();) {
      std::string_view one = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      if (one.starts_with("http://")) one.remove_prefix(7);
      if (!one.empty()) list += (list.empty() ? "" : ",") + std::string(one);
    }
    SL_ASSIGN(target.http_endpoints, starrocks::ParseEndpoints(list, starrocks::kDefaultHttpPort));
  }
  target.user = *user;
  if (const std::string* const password = Find(rule, "password")) target.password = *password;
  SL_TRY(starrocks::CompleteTargetConfig(target));
  return target;
}

}  // namespace starlift::smt

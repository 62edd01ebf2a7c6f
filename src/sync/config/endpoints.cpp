#include "sync/config/endpoints.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sync/config/endpoint_url.h"

namespace starlift::sync {
namespace {

// Where a URL names no port. A source that is not here knows its own.
constexpr std::pair<std::string_view, uint16_t> kSourcePorts[] = {
    {"mysql", 3306},      {"mariadb", 3306}, {"postgres", 5432},
    {"postgresql", 5432}, {"tidb", 4000},    {"clickhouse", 8123},
    {"sqlserver", 1433},  {"oracle", 1521},  {"hive", 10000},
};
constexpr std::string_view kTargetScheme = "starrocks";

uint16_t DefaultSourcePort(std::string_view scheme) {
  const auto found = std::find_if(std::begin(kSourcePorts), std::end(kSourcePorts),
                                  [&](const auto& each) { return each.first == scheme; });
  return found == std::end(kSourcePorts) ? 0 : found->second;
}

// "zk1:2181,zk2"
std::string JoinHosts(const std::vector<EndpointUrl::Host>& hosts) {
  std::string joined;
  for (const EndpointUrl::Host& host : hosts) {
    if (!joined.empty()) joined += ',';
    joined += host.name;
    if (host.port != 0) joined += fmt::format(":{}", host.port);
  }
  return joined;
}

}  // namespace

Status ApplySourceUrl(std::string_view text, TaskConfig& config) {
  auto parsed = ParseEndpointUrl(text, ProcessEnvironment);
  if (!parsed.ok()) return std::move(parsed).error().At("source URL");
  EndpointUrl& url = *parsed;
  if (url.scheme == kTargetScheme) {
    return Error{ErrorKind::kUsage, "a starrocks:// URL can't be the source", "source URL",
                 "give the source first, then the target"};
  }
  // Of hive:// they may be those of a ZooKeeper ensemble.
  if (url.hosts.size() > 1 && url.scheme != "hive") {
    return Error{ErrorKind::kUsage, "a source URL names one host", "source URL",
                 "give the server that rows shall be read from"};
  }
  SourceConfig& source = config.source;
  source.kind = url.scheme;
  source.host = url.hosts.size() > 1 ? JoinHosts(url.hosts) : url.hosts.front().name;
  source.port =
      url.hosts.front().port == 0 ? DefaultSourcePort(url.scheme) : url.hosts.front().port;
  source.user = url.user;
  if (url.password) source.password = *url.password;
  source.database = url.database;
  source.options = std::move(url.options);
  return {};
}

Status ApplyTargetUrl(std::string_view text, TaskConfig& config) {
  auto parsed = ParseEndpointUrl(text, ProcessEnvironment);
  if (!parsed.ok()) return std::move(parsed).error().At("target URL");
  EndpointUrl& url = *parsed;
  if (url.scheme != kTargetScheme) {
    return Error{ErrorKind::kUsage, fmt::format("'{}' is no kind of target", url.scheme),
                 "target URL", "use starrocks://user:password@host:9030/database?http_port=8030"};
  }
  starrocks::TargetConfig& target = config.target;
  target.query_endpoints.clear();
  for (const EndpointUrl::Host& host : url.hosts) {
    target.query_endpoints.push_back(
        {host.name, host.port == 0 ? starrocks::kDefaultQueryPort : host.port});
  }
  target.user = url.user;
  if (url.password) target.password = *url.password;
  target.database = url.database;
  for (const auto& [name, value] : url.options) {
    if (auto set = starrocks::SetTargetOption(name, value, target); !set.ok()) {
      return std::move(set).error().At("target URL");
    }
  }
  return {};
}

Status ApplyPhases(TaskConfig& config, const OptionValue& value) {
  const auto wants = [&](std::string_view name) {
    return std::find(value.items.begin(), value.items.end(), name) != value.items.end();
  };
  if (value.items == std::vector<std::string>{"verification"}) {
    return Error{ErrorKind::kUsage, "the phase 'verification' goes with others", "",
                 "to verify alone, run starlift verify with the same task"};
  }
  config.default_phases = false;
  config.phases.clear();
  if (wants("structure")) config.phases.push_back(Phase::kStructure);
  if (wants("full")) config.phases.push_back(Phase::kFull);
  if (wants("incremental")) config.phases.push_back(Phase::kIncremental);
  if (wants("verification")) config.phases.push_back(Phase::kVerification);
  if (config.phases.empty()) {
    return Error{ErrorKind::kUsage, "no phase is given", "", "use --phases structure,full"};
  }
  return {};
}

std::string ExpandHome(std::string_view path) {
  if (path != "~" && !path.starts_with("~/")) return std::string(path);
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + std::string(path.substr(1));
}

}  // namespace starlift::sync

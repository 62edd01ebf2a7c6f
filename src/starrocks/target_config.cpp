#include "starrocks/target_config.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/nearest.h"

namespace starlift::starrocks {
namespace {

using enum OptionType;

constexpr unsigned kUrlAndFile = kTaskFile;

// The option's name, its declaration, and what it sets: one line of truth each.
struct TargetSetting {
  OptionDeclaration declaration;
  Status (*set)(const OptionValue&, TargetConfig&);
};

Status SetTlsMode(const OptionValue& value, wire::TlsOptions& tls) {
  using wire::TlsMode;
  static constexpr std::array<std::pair<std::string_view, TlsMode>, 5> kModes = {{
      {"disabled", TlsMode::kDisabled},
      {"preferred", TlsMode::kPreferred},
      {"required", TlsMode::kRequired},
      {"verify-ca", TlsMode::kVerifyCa},
      {"verify-identity", TlsMode::kVerifyIdentity},
  }};
  for (const auto& [name, mode] : kModes) {
    if (value.text == name) tls.mode = mode;
  }
  return {};
}

// A port by itself goes with every query host; CompleteTargetConfig fills the hosts in.
Status SetHttpPort(const OptionValue& value, TargetConfig& config) {
  config.http_endpoints = {Endpoint{.host = "", .port = static_cast<uint16_t>(value.number)}};
  return {};
}

Status SetHostMapping(const OptionValue& value, TargetConfig& config) {
  config.host_mapping.clear();
  for (const std::string& item : value.items) {
    const size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == item.size()) {
      return Error{.kind = ErrorKind::kUsage,
                   .message = fmt::format("host-mapping `{}` is not of the form from=to", item),
                   .mend = "write it as host-mapping=be1=10.0.0.1,be2:8040=10.0.0.2:18040"};
    }
    config.host_mapping.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  return {};
}

Status SetEndpoints(const OptionValue& value, uint16_t default_port, std::vector<Endpoint>& into) {
  into.clear();
  for (const std::string& item : value.items) {
    SL_ASSIGN(std::vector<Endpoint> endpoints, ParseEndpoints(item, default_port));
    into.insert(into.end(), endpoints.begin(), endpoints.end());
  }
  return {};
}

const std::vector<std::string_view> kTlsModes = {"disabled", "preferred", "required", "verify-ca",
                                                 "verify-identity"};

const std::array kSettings = {
    TargetSetting{{.name = "http-port",
                   .section = "target",
                   .type = kInteger,
                   .default_text = "8030",
                   .placeholder = "PORT",
                   .help = "HTTP port of the frontends, at the hosts of the query port.",
                   .minimum = 1,
                   .maximum = 65535,
                   .places = kUrlAndFile},
                  SetHttpPort},
    TargetSetting{{.name = "http",
                   .section = "target",
                   .type = kList,
                   .placeholder = "HOST:PORT,…",
                   .help = "HTTP ports of the frontends, where their hosts or ports differ.",
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) {
                    return SetEndpoints(value, kDefaultHttpPort, config.http_endpoints);
                  }},
    TargetSetting{{.name = "backends",
                   .section = "target",
                   .type = kList,
                   .placeholder = "HOST:PORT,…",
                   .help = "HTTP ports of backends to load into without asking a frontend first.",
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) {
                    return SetEndpoints(value, kDefaultBackendHttpPort, config.backend_endpoints);
                  }},
    TargetSetting{{.name = "host-mapping",
                   .section = "target",
                   .type = kList,
                   .placeholder = "FROM=TO,…",
                   .help = "Where a backend that a frontend names is really reached, as host=host "
                           "or host:port=host:port.",
                   .places = kUrlAndFile},
                  SetHostMapping},
    TargetSetting{{.name = "replication-num",
                   .section = "target",
                   .type = kInteger,
                   .placeholder = "N",
                   .help = "Replicas of the tables that are made; by default three, or as many as "
                           "there are live backends.",
                   .minimum = 1,
                   .maximum = 64,
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) -> Status {
                    config.replication_num = static_cast<uint32_t>(value.number);
                    return {};
                  }},
    TargetSetting{{.name = "tls",
                   .section = "target",
                   .type = kChoice,
                   .default_text = "preferred",
                   .help = "TLS on the query port.",
                   .choices = kTlsModes,
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) {
                    return SetTlsMode(value, config.query_tls);
                  }},
    TargetSetting{{.name = "tls-ca",
                   .section = "target",
                   .placeholder = "FILE",
                   .help = "CA certificates that the target's are checked with (PEM).",
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) -> Status {
                    config.query_tls.ca_file = config.http_tls.ca_file = value.text;
                    return {};
                  }},
    TargetSetting{{.name = "tls-certificate",
                   .section = "target",
                   .placeholder = "FILE",
                   .help = "Our certificate, where the target asks for one (PEM).",
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) -> Status {
                    config.query_tls.certificate_file = config.http_tls.certificate_file =
                        value.text;
                    return {};
                  }},
    TargetSetting{{.name = "tls-key",
                   .section = "target",
                   .placeholder = "FILE",
                   .help = "The key of tls-certificate (PEM).",
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) -> Status {
                    config.query_tls.key_file = config.http_tls.key_file = value.text;
                    return {};
                  }},
    TargetSetting{{.name = "http-tls",
                   .section = "target",
                   .type = kChoice,
                   .default_text = "disabled",
                   .help = "TLS (https) on the frontends' HTTP port.",
                   .choices = {"disabled", "required", "verify-ca", "verify-identity"},
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) {
                    return SetTlsMode(value, config.http_tls);
                  }},
    TargetSetting{{.name = "connect-timeout",
                   .section = "target",
                   .type = kDuration,
                   .default_text = "10s",
                   .help = "How long to wait for a connection.",
                   .minimum = 1,
                   .maximum = 3'600'000,
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) -> Status {
                    config.connect_timeout = value.duration();
                    return {};
                  }},
    TargetSetting{{.name = "load-timeout",
                   .section = "target",
                   .type = kDuration,
                   .default_text = "10min",
                   .help = "How long one load may take.",
                   .minimum = 1'000,
                   .maximum = 259'200'000,
                   .places = kUrlAndFile},
                  [](const OptionValue& value, TargetConfig& config) -> Status {
                    config.load_timeout =
                        std::chrono::duration_cast<std::chrono::seconds>(value.duration());
                    return {};
                  }},
};

Error BadEndpoint(std::string_view text) {
  return Error{.kind = ErrorKind::kUsage,
               .message = fmt::format("`{}` is not host:port", text),
               .mend = "write host:port, with an IPv6 address in brackets"};
}

Result<Endpoint> ParseEndpoint(std::string_view text, uint16_t default_port) {
  const std::string_view whole = text;
  Endpoint endpoint{.port = default_port};
  std::string_view port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return BadEndpoint(whole);
    endpoint.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') return BadEndpoint(whole);
  } else {
    const size_t colon = text.find(':');
    endpoint.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
  }
  if (endpoint.host.empty()) return BadEndpoint(whole);
  if (port.empty()) return endpoint;
  port.remove_prefix(1);
  const auto [end, failure] =
      std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (failure != std::errc{} || end != port.data() + port.size() || endpoint.port == 0) {
    return BadEndpoint(whole);
  }
  return endpoint;
}

}  // namespace

std::string Endpoint::ToString() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

std::span<const OptionDeclaration> TargetOptions() {
  static const std::vector<OptionDeclaration> declarations = [] {
    std::vector<OptionDeclaration> all;
    all.reserve(std::size(kSettings));
    for (const TargetSetting& setting : kSettings) all.push_back(setting.declaration);
    return all;
  }();
  return declarations;
}

Status SetTargetOption(std::string_view name, std::string_view value, TargetConfig& config) {
  std::string spelled(name);
  std::replace(spelled.begin(), spelled.end(), '_', '-');
  std::vector<std::string_view> names;
  for (const TargetSetting& setting : kSettings) {
    names.push_back(setting.declaration.name);
    if (setting.declaration.name != spelled) continue;
    SL_ASSIGN(const OptionValue parsed, ParseOptionValue(setting.declaration, value));
    return setting.set(parsed, config);
  }
  const std::optional<std::string_view> nearest = NearestName(spelled, names);
  return Error{.kind = ErrorKind::kUsage,
               .message = fmt::format("the target has no option `{}`", name),
               .mend = nearest ? fmt::format("write {}", *nearest) : ""};
}

Result<std::vector<Endpoint>> ParseEndpoints(std::string_view text, uint16_t default_port) {
  std::vector<Endpoint> endpoints;
  while (true) {
    const size_t comma = text.find(',');
    SL_ASSIGN(Endpoint endpoint, ParseEndpoint(text.substr(0, comma), default_port));
    endpoints.push_back(std::move(endpoint));
    if (comma == std::string_view::npos) return endpoints;
    text.remove_prefix(comma + 1);
  }
}

Status CompleteTargetConfig(TargetConfig& config) {
  if (config.query_endpoints.empty()) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = "the target names no host",
                 .mend = "write starrocks://user:password@host:9030/database"};
  }
  if (config.user.empty()) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = "the target names no user",
                 .mend = "write starrocks://user:password@host:9030/database"};
  }
  for (Endpoint& endpoint : config.query_endpoints) {
    if (endpoint.port == 0) endpoint.port = kDefaultQueryPort;
  }
  uint16_t http_port = kDefaultHttpPort;
  std::vector<Endpoint> complete;
  for (const Endpoint& endpoint : config.http_endpoints) {
    if (endpoint.host.empty()) {
      http_port = endpoint.port;
    } else {
      complete.push_back(endpoint);
    }
  }
  if (complete.empty()) {
    for (const Endpoint& endpoint : config.query_endpoints) {
      complete.push_back(Endpoint{.host = endpoint.host, .port = http_port});
    }
  }
  config.http_endpoints = std::move(complete);
  return {};
}

}  // namespace starlift::starrocks

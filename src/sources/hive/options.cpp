#include "sources/hive/options.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sources/source_options.h"

namespace starlift::hive {
namespace {

constexpr uint16_t kHivePort = 10000;
constexpr uint16_t kZookeeperPort = 2181;

wire::TlsMode TlsModeFor(std::string_view name) {
  if (name == "required") return wire::TlsMode::kRequired;
  if (name == "verify-ca") return wire::TlsMode::kVerifyCa;
  if (name == "verify-identity") return wire::TlsMode::kVerifyIdentity;
  return wire::TlsMode::kDisabled;
}

// The host is a connect string then, as the original tool wants it: "zk1,zk2:2182".
std::string EnsembleOf(std::string_view hosts, uint16_t port) {
  const uint16_t usual = port == 0 || port == kHivePort ? kZookeeperPort : port;
  if (hosts.find(',') == std::string_view::npos &&
      std::count(hosts.begin(), hosts.end(), ':') > 1) {
    return fmt::format("[{}]:{}", hosts, usual);  // an IPv6 address
  }
  std::string ensemble;
  while (!hosts.empty()) {
    const std::string_view host = hosts.substr(0, hosts.find(','));
    hosts.remove_prefix(std::min(host.size() + 1, hosts.size()));
    if (host.empty()) continue;
    if (!ensemble.empty()) ensemble += ',';
    ensemble += host;
    if (host.find(':') == std::string_view::npos) ensemble += fmt::format(":{}", usual);
  }
  return ensemble;
}

Status ApplyAuthentication(std::string_view name, ConnectOptions& options) {
  if (name == "zk") {
    options.ensemble = EnsembleOf(options.host, options.port);
    return {};
  }
  if (name.ends_with("-http")) {
    options.transport = Transport::kHttp;
    name.remove_suffix(std::string_view("-http").size());
  }
  if (name == "nosasl") options.authentication = Authentication::kNoSasl;
  if (name == "ldap") options.authentication = Authentication::kLdap;
  if (name == "kerberos") options.authentication = Authentication::kKerberos;
  const bool principal = options.user.find('/') != std::string::npos;
  if (options.authentication == Authentication::kKerberos && !principal) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = fmt::format("'{}' is no principal of a server", options.user),
                 .where = "source URL",
                 .mend =
                     "with Kerberos the user is service/host, as in hive/hs2.example, without "
                     "the realm (write / as %2F in a URL); run kinit before"};
  }
  return {};
}

}  // namespace

std::span<const OptionDeclaration> SourceOptions() {
  static const std::vector<OptionDeclaration> declarations = {
      {.name = "authentication",
       .type = OptionType::kChoice,
       .default_text = "none",
       .help = "The server's hive.server2.authentication; with -http behind it, over HTTP. zk: the "
               "URL names ZooKeeper, which tells of the servers and of their authentication.",
       .choices = {"none", "nosasl", "ldap", "kerberos", "none-http", "ldap-http", "kerberos-http",
                   "zk"}},
      {.name = "http-path",
       .default_text = "cliservice",
       .help = "The server's hive.server2.thrift.http.path."},
      {.name = "zookeeper-namespace",
       .default_text = "hiveserver2",
       .help = "With authentication=zk: the servers' hive.server2.zookeeper.namespace."},
      {.name = "ssl-mode",
       .type = OptionType::kChoice,
       .default_text = "disabled",
       .help = "TLS to the server: verify-ca also checks the certificate, verify-identity also the "
               "host name.",
       .choices = {"disabled", "required", "verify-ca", "verify-identity"}},
      {.name = "ssl-ca",
       .placeholder = "FILE",
       .help = "PEM file with the authorities that are trusted."},
      {.name = "connect-timeout",
       .type = OptionType::kDuration,
       .default_text = "10s",
       .help = "How long connecting may take.",
       .minimum = 1},
  };
  return declarations;
}

Result<ConnectOptions> ReadSourceOptions(const SourceConfig& config) {
  ConnectOptions options;
  options.host = config.host;
  if (config.port != 0) options.port = config.port;
  options.user = config.user;
  options.password = config.password;
  SL_ASSIGN(const SourceOptionValues values,
            ReadSourceOptionValues(config, "Hive", SourceOptions()));
  for (const auto& [name, value] : values) {
    if (name == "authentication") SL_TRY(ApplyAuthentication(value.text, options));
    if (name == "zookeeper-namespace") options.zookeeper_namespace = value.text;
    if (name == "http-path") options.http_path = value.text;
    if (name == "ssl-mode") options.tls.mode = TlsModeFor(value.text);
    if (name == "ssl-ca") options.tls.ca_file = value.text;
    if (name == "connect-timeout") options.connect_timeout = value.duration();
  }
  return options;
}

}  // namespace starlift::hive

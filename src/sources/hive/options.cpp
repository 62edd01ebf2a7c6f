#include "sources/hive/options.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sources/source_options.h"

namespace starlift::hive {
namespace {

wire::TlsMode TlsModeFor(std::string_view name) {
  if (name == "required") return wire::TlsMode::kRequired;
  if (name == "verify-ca") return wire::TlsMode::kVerifyCa;
  if (name == "verify-identity") return wire::TlsMode::kVerifyIdentity;
  return wire::TlsMode::kDisabled;
}

Status ApplyAuthentication(std::string_view name, ConnectOptions& options) {
  if (name == "zk") {
    return Error{.kind = ErrorKind::kRefused,
                 .message = "HiveServer2 can't be found through ZooKeeper yet",
                 .where = "source URL",
                 .mend =
                     "give host and port of one HiveServer2, which stand in ZooKeeper under "
                     "/hiveserver2, and its own authentication"};
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
       .help = "The server's hive.server2.authentication; with -http behind it, over HTTP.",
       .choices = {"none", "nosasl", "ldap", "kerberos", "none-http", "ldap-http", "kerberos-http",
                   "zk"}},
      {.name = "http-path",
       .default_text = "cliservice",
       .help = "The server's hive.server2.thrift.http.path."},
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
    if (name == "http-path") options.http_path = value.text;
    if (name == "ssl-mode") options.tls.mode = TlsModeFor(value.text);
    if (name == "ssl-ca") options.tls.ca_file = value.text;
    if (name == "connect-timeout") options.connect_timeout = value.duration();
  }
  return options;
}

}  // namespace starlift::hive

#include "sources/clickhouse/options.h"

#include <string_view>
#include <vector>

#include "sources/source_options.h"

namespace starlift::clickhouse {
namespace {

constexpr uint16_t kHttpPort = 8123;
constexpr uint16_t kHttpsPort = 8443;

wire::TlsMode TlsModeFor(std::string_view name) {
  if (name == "required") return wire::TlsMode::kRequired;
  if (name == "verify-ca") return wire::TlsMode::kVerifyCa;
  if (name == "verify-identity") return wire::TlsMode::kVerifyIdentity;
  return wire::TlsMode::kDisabled;
}

}  // namespace

std::span<const OptionDeclaration> SourceOptions() {
  static const std::vector<OptionDeclaration> declarations = {
      {.name = "ssl-mode",
       .type = OptionType::kChoice,
       .default_text = "disabled",
       .help = "HTTPS: required uses it, verify-ca also checks the certificate, verify-identity "
               "also the host name. The port is mostly 8443 then.",
       .choices = {"disabled", "required", "verify-ca", "verify-identity"}},
      {.name = "ssl-ca",
       .placeholder = "FILE",
       .help = "PEM file with the authorities that are trusted."},
      {.name = "ssl-cert", .placeholder = "FILE", .help = "PEM file with our own certificate."},
      {.name = "ssl-key", .placeholder = "FILE", .help = "PEM file with the key of ssl-cert."},
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
  options.user = config.user;
  options.password = config.password;
  SL_ASSIGN(const SourceOptionValues values,
            ReadSourceOptionValues(config, "ClickHouse", SourceOptions()));
  for (const auto& [name, value] : values) {
    if (name == "ssl-mode") options.tls.mode = TlsModeFor(value.text);
    if (name == "ssl-ca") options.tls.ca_file = value.text;
    if (name == "ssl-cert") options.tls.certificate_file = value.text;
    if (name == "ssl-key") options.tls.key_file = value.text;
    if (name == "connect-timeout") options.connect_timeout = value.duration();
  }
  const bool secure = options.tls.mode != wire::TlsMode::kDisabled;
  options.port = config.port;
  // The URL's default is that of plain HTTP.
  if (config.port == 0 || (secure && config.port == kHttpPort)) {
    options.port = secure ? kHttpsPort : kHttpPort;
  }
  return options;
}

}  // namespace starlift::clickhouse

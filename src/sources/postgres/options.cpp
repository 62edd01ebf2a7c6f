#include "sources/postgres/options.h"

#include <string_view>
#include <vector>

#include "sources/source_options.h"

namespace starlift::postgres {

std::span<const OptionDeclaration> SourceOptions() {
  static const std::vector<OptionDeclaration> declarations = {
      {.name = "sslmode",
       .type = OptionType::kChoice,
       .default_text = "prefer",
       .help = "TLS to the server: prefer uses it where the server can, verify-ca also checks the "
               "certificate, verify-full also the host name.",
       .choices = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}},
      {.name = "sslrootcert",
       .placeholder = "FILE",
       .help = "PEM file with the authorities that are trusted."},
      {.name = "sslcert", .placeholder = "FILE", .help = "PEM file with our own certificate."},
      {.name = "sslkey", .placeholder = "FILE", .help = "PEM file with the key of sslcert."},
      {.name = "connect-timeout",
       .type = OptionType::kDuration,
       .default_text = "10s",
       .help = "How long connecting and logging in may take.",
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
            ReadSourceOptionValues(config, "PostgreSQL", SourceOptions()));
  for (const auto& [name, value] : values) {
    if (name == "sslmode") options.sslmode = value.text;
    if (name == "sslrootcert") options.sslrootcert = value.text;
    if (name == "sslcert") options.sslcert = value.text;
    if (name == "sslkey") options.sslkey = value.text;
    if (name == "connect-timeout") options.connect_timeout = value.duration();
  }
  return options;
}

}  // namespace starlift::postgres

#include "sources/mysql/options.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/nearest.h"

namespace starlift::mysql {
namespace {

constexpr uint16_t kDefaultPort = 3306;

const std::vector<OptionDeclaration>& Declarations() {
  static const std::vector<OptionDeclaration> declarations = {
      {.name = "ssl-mode",
       .type = OptionType::kChoice,
       .default_text = "preferred",
       .help =
           "TLS to the server: preferred uses it where the server can, verify-ca also checks the "
           "certificate, verify-identity also the host name.",
       .choices = {"disabled", "preferred", "required", "verify-ca", "verify-identity"}},
      {.name = "ssl-ca",
       .placeholder = "FILE",
       .help = "PEM file with the authorities that are trusted."},
      {.name = "ssl-cert", .placeholder = "FILE", .help = "PEM file with our own certificate."},
      {.name = "ssl-key", .placeholder = "FILE", .help = "PEM file with the key of ssl-cert."},
      {.name = "connect-timeout",
       .type = OptionType::kDuration,
       .default_text = "10s",
       .help = "How long connecting and logging in may take.",
       .minimum = 1},
      {.name = "read-timeout",
       .type = OptionType::kDuration,
       .default_text = "0s",
       .help = "How long the server may stay silent in mid-answer; 0 waits for ever."},
      {.name = "compression",
       .type = OptionType::kFlag,
       .default_text = "false",
       .help = "Compresses the line by zlib; worth it only where the line is slow."},
      {.name = "public-key-retrieval",
       .type = OptionType::kFlag,
       .default_text = "true",
       .help = "Asks the server for its RSA key to send a password over a line without TLS."},
  };
  return declarations;
}

// "SSL_MODE" and "VERIFY_CA" as the MySQL tools write them are understood, too.
std::string Normalized(std::string_view text) {
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    if (c == '_') return '-';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

Error UnknownOption(std::string_view name) {
  std::vector<std::string_view> known;
  for (const OptionDeclaration& declaration : Declarations()) known.push_back(declaration.name);
  Error error{.kind = ErrorKind::kUsage,
              .message = fmt::format("a MySQL source has no option '{}'", name),
              .where = "source URL"};
  if (const auto nearest = NearestName(name, known)) {
    error.mend = fmt::format("did you mean '{}'?", *nearest);
  } else {
    error.mend = fmt::format("use one of {}", fmt::join(known, ", "));
  }
  return error;
}

wire::TlsMode TlsModeFor(std::string_view name) {
  if (name == "disabled") return wire::TlsMode::kDisabled;
  if (name == "required") return wire::TlsMode::kRequired;
  if (name == "verify-ca") return wire::TlsMode::kVerifyCa;
  if (name == "verify-identity") return wire::TlsMode::kVerifyIdentity;
  return wire::TlsMode::kPreferred;
}

void Apply(std::string_view name, const OptionValue& value, wire::mysql::ClientOptions& options) {
  if (name == "ssl-mode") options.tls.mode = TlsModeFor(value.text);
  if (name == "ssl-ca") options.tls.ca_file = value.text;
  if (name == "ssl-cert") options.tls.certificate_file = value.text;
  if (name == "ssl-key") options.tls.key_file = value.text;
  if (name == "connect-timeout") options.connect_timeout = value.duration();
  if (name == "read-timeout") options.read_timeout = value.duration();
  if (name == "compression") options.compress = value.flag();
  if (name == "public-key-retrieval") options.public_key_retrieval = value.flag();
}

}  // namespace

std::span<const OptionDeclaration> SourceOptions() { return Declarations(); }

Result<wire::mysql::ClientOptions> ReadSourceOptions(const SourceConfig& config) {
  wire::mysql::ClientOptions options;
  options.host = config.host;
  options.port = config.port == 0 ? kDefaultPort : config.port;
  options.user = config.user;
  options.password = config.password;
  for (const auto& [name, text] : config.options) {
    const std::string wanted = Normalized(name);
    const auto& declarations = Declarations();
    const auto found =
        std::find_if(declarations.begin(), declarations.end(),
                     [&](const OptionDeclaration& each) { return each.name == wanted; });
    if (found == declarations.end()) return UnknownOption(name);
    const std::string value_text = found->type == OptionType::kChoice ? Normalized(text) : text;
    SL_ASSIGN(const OptionValue value, ParseOptionValue(*found, value_text));
    Apply(found->name, value, options);
  }
  if (options.tls.mode == wire::TlsMode::kDisabled && !options.tls.ca_file.empty()) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = "ssl-ca is given, but ssl-mode=disabled",
                 .where = "source URL",
                 .mend = "leave one of them out"};
  }
  return options;
}

}  // namespace starlift::mysql

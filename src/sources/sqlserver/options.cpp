#include "sources/sqlserver/options.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sources/source_options.h"

namespace starlift::sqlserver {
namespace {

constexpr std::string_view kTitle = "SQL Server";

Status ApplyEncryption(std::string_view name, ConnectOptions& options) {
  if (name == "strict") {
    return Error{.kind = ErrorKind::kUsage,
                 .message =
                     "encrypt=strict (TDS 8) is not there yet: FreeTDS, which SQL Server is "
                     "read through, can't speak it",
                 .where = "source URL",
                 .mend =
                     "encrypt=require&ssl-ca=FILE encrypts everything and checks the "
                     "certificate; Force Strict Encryption must be off at the server"};
  }
  if (name == "off") options.encryption = Encryption::kOff;
  if (name == "require" || name == "true") options.encryption = Encryption::kRequire;
  return {};
}

// "SALES" of "db.example\SALES", as connection strings have it.
void SplitInstance(ConnectOptions& options) {
  const size_t backslash = options.host.find('\\');
  if (backslash == std::string::npos) return;
  options.instance = options.host.substr(backslash + 1);
  options.host.resize(backslash);
}

Status RequirePlain(std::string_view text, std::string_view what) {
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == ';' || c == '#' || c == '[' || c == ']';
  });
  if (plain) return {};
  return Error{ErrorKind::kUsage, fmt::format("the {} has a character that none can have", what),
               "source URL", "see the URL: % and two hex digits stand for one character"};
}

std::string_view Word(Encryption encryption) {
  switch (encryption) {
    case Encryption::kOff:
      return "off";
    case Encryption::kRequire:
      return "require";
    case Encryption::kRequest:
      break;
  }
  return "request";
}

}  // namespace

std::span<const OptionDeclaration> SourceOptions() {
  static const std::vector<OptionDeclaration> declarations = {
      {.name = "encrypt",
       .type = OptionType::kChoice,
       .default_text = "request",
       .help = "TLS: request encrypts the login where the server can, and the rest if it wants so; "
               "require (or true) all of it; off nothing. strict (TDS 8) is not there yet.",
       .choices = {"off", "request", "require", "strict", "true", "false"}},
      {.name = "ssl-ca",
       .placeholder = "FILE",
       .help = "PEM file with the authorities that are trusted; with it the server's certificate "
               "and host name are checked."},
      {.name = "instance",
       .placeholder = "NAME",
       .help =
           "A named instance, whose port SQL Server Browser tells (UDP 1434); host\\NAME does as "
           "well. With a port in the URL, the name is not needed."},
      {.name = "connect-timeout",
       .type = OptionType::kDuration,
       .default_text = "10s",
       .help = "How long connecting and logging in may take; whole seconds.",
       .minimum = 1}};
  return declarations;
}

Result<ConnectOptions> ReadSourceOptions(const SourceConfig& config) {
  ConnectOptions options{.host = config.host,
                         .user = config.user,
                         .password = config.password,
                         .database = config.database};
  if (config.port != 0) options.port = config.port;
  SplitInstance(options);
  SL_ASSIGN(const SourceOptionValues values,
            ReadSourceOptionValues(config, kTitle, SourceOptions()));
  for (const auto& [name, value] : values) {
    if (name == "encrypt") SL_TRY(ApplyEncryption(value.text, options));
    if (name == "ssl-ca") options.ca_file = value.text;
    if (name == "instance") options.instance = value.text;
    if (name == "connect-timeout") options.connect_timeout = value.duration();
  }
  if (!options.ca_file.empty() && options.encryption != Encryption::kRequire) {
    return Error{ErrorKind::kUsage, "ssl-ca is of no use where encryption is not required",
                 "source URL", "add encrypt=require"};
  }
  return options;
}

std::string Place(const ConnectOptions& options) {
  if (!options.instance.empty()) {
    return fmt::format("SQL Server at {}\\{}", options.host, options.instance);
  }
  return fmt::format("SQL Server at {}:{}", options.host, options.port);
}

Result<std::string> FreetdsConfig(const ConnectOptions& options) {
  SL_TRY(RequirePlain(options.host, "host"));
  SL_TRY(RequirePlain(options.instance, "instance"));
  SL_TRY(RequirePlain(options.ca_file, "name of the file ssl-ca"));
  std::string config = fmt::format(
      "[starlift]\nhost = {}\ntds version = 7.4\nclient charset = UTF-8\nencryption = {}\n",
      options.host, Word(options.encryption));
  config += options.instance.empty() ? fmt::format("port = {}\n", options.port)
                                     : fmt::format("instance = {}\n", options.instance);
  if (!options.ca_file.empty()) {
    config += fmt::format("ca file = {}\ncheck certificate hostname = yes\n", options.ca_file);
  }
  return config;
}

}  // namespace starlift::sqlserver

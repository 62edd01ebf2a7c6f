#include "sources/oracle/options.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sources/source_options.h"

namespace starlift::oracle {
namespace {

constexpr std::string_view kTitle = "Oracle";
constexpr std::string_view kForms = "oracle://user@host:1521/service, or ?sid=NAME";

Error Unusable(std::string message, std::string mend = std::string(kForms)) {
  return {ErrorKind::kUsage, std::move(message), "source URL", std::move(mend)};
}

// In a descriptor or in Easy Connect they would begin something else.
bool HasStructure(std::string_view name) {
  return name.find_first_of("()=,;?@&\"' \t\r\n") != std::string_view::npos;
}

}  // namespace

std::span<const OptionDeclaration> SourceOptions() {
  static const std::vector<OptionDeclaration> declarations = {
      {.name = "client-dir",
       .placeholder = "DIR",
       .help = "Folder of Oracle's client library (Instant Client), where the system's loader "
               "doesn't find it."},
      {.name = "sid",
       .placeholder = "NAME",
       .help = "The instance's SID, for servers without service names."}};
  return declarations;
}

Result<ConnectOptions> ReadSourceOptions(const SourceConfig& config) {
  ConnectOptions options{.host = config.host,
                         .user = config.user,
                         .password = config.password,
                         .service = config.database};
  if (config.port != 0) options.port = config.port;
  SL_ASSIGN(const SourceOptionValues values,
            ReadSourceOptionValues(config, kTitle, SourceOptions()));
  for (const auto& [name, value] : values) {
    if (name == "client-dir") options.client_dir = value.text;
    if (name == "sid") options.sid = value.text;
  }
  if (options.service.empty() && options.sid.empty()) {
    return Unusable("an Oracle URL names no service");
  }
  if (!options.service.empty() && !options.sid.empty()) {
    return Unusable(fmt::format("an Oracle URL names both the service {} and the SID {}",
                                options.service, options.sid));
  }
  for (const std::string* name : {&options.host, &options.service, &options.sid}) {
    if (HasStructure(*name)) {
      return Unusable(fmt::format("'{}' is no name of a host, a service or a SID", *name),
                      "whole descriptors and tnsnames.ora are not read: give host, port and "
                      "service, " +
                          std::string(kForms));
    }
  }
  return options;
}

std::string ConnectString(const ConnectOptions& options) {
  if (!options.sid.empty()) {
    return fmt::format(
        "(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST={})(PORT={}))(CONNECT_DATA=(SID={})))",
        options.host, options.port, options.sid);
  }
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  return fmt::format("//{}:{}/{}", is_ipv6 ? "[" + options.host + "]" : options.host, options.port,
                     options.service);
}

}  // namespace starlift::oracle

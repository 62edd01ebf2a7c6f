#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "sources/hive/zookeeper.h"

namespace starlift::hive {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "a=b;c=d"
Pairs TakeApart(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    pairs.emplace_back(part.substr(0, equals), part.substr(equals + 1));
  }
  return pairs;
}

std::string_view Find(const Pairs& pairs, std::string_view wanted) {
  for (const auto& [name, value] : pairs) {
    if (name == wanted) return value;
  }
  return {};
}

// Servers may offer several, by commas.
bool Offers(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const std::string_view one = list.substr(0, list.find(','));
    if (one == wanted) return true;
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
  return false;
}

// "hive/_HOST@EXAMPLE.ORG" of the server at that host: "hive/hs2.example".
std::string ServicePrincipal(std::string_view told, const std::string& host) {
  std::string principal(told.substr(0, told.find('@')));
  constexpr std::string_view kHost = "_HOST";
  if (const size_t at = principal.find(kHost); at != std::string::npos) {
    principal.replace(at, kHost.size(), host);
  }
  return principal;
}

Status ApplyAuthentication(const RegisteredServer& server, ConnectOptions& options) {
  const std::string_view told = server.Setting("hive.server2.authentication");
  if (told.empty() || Offers(told, "NONE")) return {};
  if (Offers(told, "NOSASL")) {
    options.authentication = Authentication::kNoSasl;
  } else if (Offers(told, "KERBEROS")) {
    options.authentication = Authentication::kKerberos;
    const std::string_view principal =
        server.Setting("hive.server2.authentication.kerberos.principal");
    options.user =
        principal.empty() ? "hive/" + server.host : ServicePrincipal(principal, server.host);
  } else if (Offers(told, "LDAP") || Offers(told, "PAM") || Offers(told, "CUSTOM")) {
    options.authentication = Authentication::kLdap;
  } else {
    return Error{.kind = ErrorKind::kRefused,
                 .message = fmt::format("the login {} that it wants is not there yet", told),
                 .where = fmt::format("HiveServer2 at {}:{}", server.host, server.port),
                 .mend = "name a HiveServer2 with LDAP, Kerberos or no authentication"};
  }
  return {};
}

}  // namespace

std::string_view RegisteredServer::Setting(std::string_view name) const {
  return Find(settings, name);
}

std::optional<RegisteredServer> ReadRegistration(std::string_view node, std::string_view content) {
  const Pairs name = TakeApart(node);
  const std::string_view uri = Find(name, "serverUri");
  const size_t colon = uri.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  RegisteredServer server{.host = std::string(uri.substr(0, colon)),
                          .settings = TakeApart(content)};
  const char* const end = uri.data() + uri.size();
  const auto [stop, error] = std::from_chars(uri.data() + colon + 1, end, server.port);
  if (error != std::errc() || stop != end || server.port == 0) return std::nullopt;
  return server;
}

Result<ConnectOptions> OptionsFor(const RegisteredServer& server, const ConnectOptions& asked) {
  ConnectOptions options = asked;
  options.ensemble.clear();
  options.host = server.host;
  options.port = server.port;
  SL_TRY(ApplyAuthentication(server, options));
  if (server.Setting("hive.server2.transport.mode") == "http") {
    options.transport = Transport::kHttp;
    const std::string_view path = server.Setting("hive.server2.thrift.http.path");
    if (!path.empty()) options.http_path = path;
  }
  if (server.Setting("hive.server2.use.SSL") == "true" &&
      options.tls.mode == wire::TlsMode::kDisabled) {
    options.tls.mode = wire::TlsMode::kRequired;
  }
  return options;
}

}  // namespace starlift::hive

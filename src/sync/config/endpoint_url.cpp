#include "sync/config/endpoint_url.h"

#include <fmt/format.h>

#include "base/quantity.h"

namespace starlift::sync {
namespace {

constexpr std::string_view kSchemeEnd = "://";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Takes a URL's parts: decodes, then puts the held values in.
class PartDecoder {
 public:
  explicit PartDecoder(const HeldPlaceholders& held) : held_(held) {}

  Result<std::string> Decode(std::string_view part, std::string_view what) const {
    std::string decoded;
    for (size_t i = 0; i < part.size(); ++i) {
      if (part[i] != '%') {
        decoded += part[i];
        continue;
      }
      const int high = i + 2 < part.size() ? HexDigit(part[i + 1]) : -1;
      const int low = i + 2 < part.size() ? HexDigit(part[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return Error{ErrorKind::kUsage,
                     fmt::format("a % in the URL's {} is not followed by two hex digits", what), "",
                     "write a plain % as %25"};
      }
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
    return held_.Restore(decoded);
  }

 private:
  const HeldPlaceholders& held_;
};

Result<EndpointUrl::Host> ParseHost(std::string_view text, const PartDecoder& decoder) {
  EndpointUrl::Host host;
  std::string_view name = text, port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) {
      return Error{ErrorKind::kUsage, "an IPv6 address in the URL has no closing ]"};
    }
    name = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && !port.starts_with(':')) {
      return Error{ErrorKind::kUsage, "only :port may follow the ] of an IPv6 address"};
    }
  } else if (const size_t colon = text.find(':'); colon != std::string_view::npos) {
    if (text.find(':', colon + 1) != std::string_view::npos) {
      return Error{ErrorKind::kUsage, "a host in the URL has more than one colon", "",
                   "put an IPv6 address in brackets: [::1]:3306"};
    }
    name = text.substr(0, colon);
    port = text.substr(colon);
  }
  SL_ASSIGN(host.name, decoder.Decode(name, "host"));
  if (host.name.empty()) {
    return Error{ErrorKind::kUsage, "the URL names no host", "",
                 "write it like mysql://user@host:3306/database or starrocks://user@host:9030/"};
  }
  if (port.size() > 1) {
    SL_ASSIGN(const std::string digits, decoder.Decode(port.substr(1), "port"));
    const auto number = ParseInteger(digits);
    if (!number.ok() || *number < 1 || *number > UINT16_MAX) {
      return Error{ErrorKind::kUsage, fmt::format("'{}' is not a port", digits), "",
                   "a port is a number from 1 to 65535"};
    }
    host.port = static_cast<uint16_t>(*number);
  }
  return host;
}

Status ParseAuthority(std::string_view authority, const PartDecoder& decoder, EndpointUrl& url) {
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = authority.substr(0, at);
    const size_t colon = login.find(':');
    SL_ASSIGN(url.user, decoder.Decode(login.substr(0, colon), "user"));
    if (colon != std::string_view::npos) {
      SL_ASSIGN(url.password, decoder.Decode(login.substr(colon + 1), "password"));
    }
    authority.remove_prefix(at + 1);
  }
  while (true) {
    const size_t comma = authority.find(',');
    SL_ASSIGN(auto host, ParseHost(authority.substr(0, comma), decoder));
    url.hosts.push_back(std::move(host));
    if (comma == std::string_view::npos) return {};
    authority.remove_prefix(comma + 1);
  }
}

Status ParseOptions(std::string_view query, const PartDecoder& decoder, EndpointUrl& url) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
      return Error{ErrorKind::kUsage, "an option in the URL has no value", "",
                   "write options as ?name=value&name=value"};
    }
    SL_ASSIGN(std::string name, decoder.Decode(pair.substr(0, equals), "option"));
    SL_ASSIGN(std::string value, decoder.Decode(pair.substr(equals + 1), "option"));
    url.options.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

bool LooksLikeUrl(std::string_view text) {
  const size_t end = text.find(kSchemeEnd);
  return text.starts_with("${") || (end != std::string_view::npos && end > 0 &&
                                    text.substr(0, end).find('/') == std::string_view::npos);
}

std::pair<size_t, size_t> FindUrlPassword(std::string_view text) {
  const size_t scheme_end = text.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) return {0, 0};
  const size_t begin = scheme_end + kSchemeEnd.size();
  // A password with an unencoded / is an error later, but must be wiped all the same.
  const size_t at = text.substr(0, text.find('?', begin)).rfind('@');
  if (at == std::string_view::npos || at < begin) return {0, 0};
  const size_t colon = text.find(':', begin);
  if (colon == std::string_view::npos || colon > at) return {0, 0};
  return {colon + 1, at - colon - 1};
}

Result<EndpointUrl> ParseEndpointUrl(std::string_view text, const EnvironmentLookup& environment) {
  SL_ASSIGN(HeldPlaceholders held, HeldPlaceholders::Hold(text, environment));
  if (held.text().find(kSchemeEnd) == std::string::npos) {  // ${env:SOURCE_URL}
    held = HeldPlaceholders::Plain(held.Restore(held.text()));
  }
  const PartDecoder decoder(held);
  std::string_view rest = held.text();
  const size_t scheme_end = rest.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) {
    return Error{ErrorKind::kUsage, "this is not a URL", "",
                 "write it like mysql://user@host:3306/database"};
  }
  EndpointUrl url;
  url.scheme = rest.substr(0, scheme_end);
  rest.remove_prefix(scheme_end + kSchemeEnd.size());
  const size_t question = rest.find('?');
  const std::string_view query =
      question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  rest = rest.substr(0, question);
  const size_t slash = rest.find('/');
  if (slash != std::string_view::npos && rest.find('@', slash) != std::string_view::npos) {
    return Error{ErrorKind::kUsage, "the URL has a / before its last @", "",
                 "write / in a user or password as %2F, and @ in a database as %40"};
  }
  SL_TRY(ParseAuthority(rest.substr(0, slash), decoder, url));
  if (slash != std::string_view::npos) {
    std::string_view database = rest.substr(slash + 1);
    if (database.ends_with('/')) database.remove_suffix(1);
    SL_ASSIGN(url.database, decoder.Decode(database, "database"));
  }
  SL_TRY(ParseOptions(query, decoder, url));
  return url;
}

}  // namespace starlift::sync

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sync/config/substitution.h"

namespace starlift::sync {

// scheme://[user[:password]@]host[:port][,host[:port]…][/database][?name=value&…]
// Every part is percent-decoded; hosts may be IPv6 addresses in brackets.
struct EndpointUrl {
  struct Host {
    std::string name;   // without brackets
    uint16_t port = 0;  // 0: not given
  };

  std::string scheme;
  std::string user;
  std::optional<std::string> password;  // nullopt: none given
  std::vector<Host> hosts;
  std::string database;
  std::vector<std::pair<std::string, std::string>> options;
};

// True for what looks like a URL and not like a file name.
bool LooksLikeUrl(std::string_view text);

// Placeholders (substitution.h) may stand for any part or for the whole. kUsage says what is wrong,
// never with the password in it.
Result<EndpointUrl> ParseEndpointUrl(std::string_view text, const EnvironmentLookup& environment);

// The password's place in a URL as it was typed, {0, 0} where there is none: to be wiped from the
// process's arguments.
std::pair<size_t, size_t> FindUrlPassword(std::string_view text);

}  // namespace starlift::sync

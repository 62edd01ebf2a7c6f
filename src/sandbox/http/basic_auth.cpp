#include "sandbox/http/basic_auth.h"

#include <fmt/format.h>

namespace starlift::sandbox::http {
namespace {

Error Refuse(std::string message) { return Error{ErrorKind::kRefused, std::move(message)}; }

Error NoCredentials() { return Refuse("Need auth information."); }

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

Result<std::string> DecodeBase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string decoded;
  uint32_t bits = 0;
  int count = 0;
  for (char c : text) {
    const int digit = Base64Digit(c);
    if (digit < 0) {
      return Refuse(fmt::format("invalid Base64 input character: {} (decimal)",
                                static_cast<int>(static_cast<unsigned char>(c))));
    }
    bits = (bits << 6) | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      decoded.push_back(static_cast<char>(bits >> count));
    }
  }
  return decoded;
}

}  // namespace

Result<Credentials> ReadCredentials(const wire::http::Request& request) {
  constexpr std::string_view kScheme = "Basic ";
  const auto header = request.Header("Authorization");
  if (!header || !header->starts_with(kScheme)) return NoCredentials();
  SL_ASSIGN(const std::string text, DecodeBase64(header->substr(kScheme.size())));
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return NoCredentials();
  Credentials credentials;
  credentials.user = text.substr(0, std::min(text.find('@'), colon));
  credentials.password = text.substr(colon + 1);
  return credentials;
}

Result<Credentials> Authenticate(const wire::http::Request& request,
                                 const frontend::UserStore& users) {
  SL_ASSIGN(Credentials credentials, ReadCredentials(request));
  if (!users.CheckPassword(credentials.user, credentials.password)) {
    return Refuse(fmt::format("Access denied for {}@{}", credentials.user, request.peer_address));
  }
  return credentials;
}

}  // namespace starlift::sandbox::http

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::hive {

// A Kerberos login from the ticket cache (kinit), for SASL's GSSAPI mechanism (RFC 4752, without a
// security layer) and for HTTP's Negotiate (RFC 4559). Errors are kRefused with the library's
// words.
class GssapiLogin {
 public:
  // `principal`: the server's without its realm, "hive/hs2.example".
  static Result<GssapiLogin> Begin(const std::string& principal);
  ~GssapiLogin();
  GssapiLogin(GssapiLogin&&) noexcept;
  GssapiLogin& operator=(GssapiLogin&&) noexcept;

  // The answer to the server's challenge; empty at first.
  Result<std::string> Step(std::string_view challenge);
  // The last answer ended our side.
  bool done() const;

  // "Negotiate …"
  Result<std::string> HttpHeader();

 private:
  struct State;
  explicit GssapiLogin(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace starlift::hive

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// Passwords of the MySQL family: what each authentication plugin puts on the wire.
namespace starlift::wire::mysql {

// SHA1(password) xor SHA1(nonce ‖ SHA1(SHA1(password))); empty for an empty password.
std::string ScrambleNativePassword(std::string_view password, std::string_view nonce);
// SHA256(password) xor SHA256(SHA256(SHA256(password)) ‖ nonce); empty for an empty password.
std::string ScrambleCachingSha2(std::string_view password, std::string_view nonce);
// RSA-OAEP(SHA1) of (password ‖ NUL) xor nonce (repeated), by the server's public key in PEM form.
Result<std::string> EncryptPassword(std::string_view password, std::string_view nonce,
                                    std::string_view public_key_pem);

// One login by one plugin, as a conversation: First's bytes go into the handshake response (or
// answer a switch request), each further message of the server gets one answer.
class Authenticator {
 public:
  struct Line {
    bool tls = false;
    bool public_key_retrieval = true;
  };

  // kRefused for a plugin that is not spoken, or not over this line.
  static Result<Authenticator> Make(std::string_view plugin, std::string password, Line line);
  static bool Knows(std::string_view plugin);

  // `nonce` as the server sent it, with or without its closing NUL.
  Result<std::string> First(std::string_view nonce);
  // Answers "more data" (after its 0x01 byte); nullopt: nothing to send, go on reading.
  Result<std::optional<std::string>> Next(std::string_view data);

  std::string_view plugin() const { return plugin_; }

 private:
  enum class Plugin { kNative, kCachingSha2, kSha256, kEd25519, kClear };

  Authenticator(Plugin kind, std::string_view plugin, std::string password, Line line)
      : kind_(kind), plugin_(plugin), password_(std::move(password)), line_(line) {}
  std::string ClearPassword() const;

  Plugin kind_;
  std::string plugin_;
  std::string password_;
  Line line_;
  std::string nonce_;
  bool awaits_key_ = false;
};

}  // namespace starlift::wire::mysql

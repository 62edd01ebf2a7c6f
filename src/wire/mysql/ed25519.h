#pragma once

#include <string>
#include <string_view>

namespace starlift::wire::mysql {

// MariaDB's client_ed25519 signature (64 bytes) of `message` by `password`: Ed25519 (RFC 8032) with
// one difference, that the secret is SHA-512 of the password of any length rather than of a 32-byte
// seed. OpenSSL signs only by 32-byte seeds, so the curve is computed here on its big numbers; for
// a 32-byte password the outcome is plain Ed25519. A few milliseconds: made for logins.
std::string SignEd25519(std::string_view password, std::string_view message);
// The 32-byte public key that belongs to the password; what the server stores.
std::string Ed25519PublicKey(std::string_view password);

}  // namespace starlift::wire::mysql

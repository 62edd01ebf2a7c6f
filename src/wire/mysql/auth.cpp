#include "wire/mysql/auth.h"

#include <array>
#include <initializer_list>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "wire/mysql/ed25519.h"

namespace starlift::wire::mysql {
namespace {

constexpr size_t kNonceBytes = 20;
constexpr size_t kEd25519NonceBytes = 32;

// caching_sha2_password's and sha256_password's one-byte messages.
constexpr char kFastAuthOk = 3;
constexpr char kFullAuthWanted = 4;
constexpr char kCachingSha2KeyRequest = 2;
constexpr char kSha256KeyRequest = 1;

std::string Digest(const EVP_MD* algorithm, std::initializer_list<std::string_view> parts) {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                  EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), algorithm, nullptr);
  for (const std::string_view part : parts)
    EVP_DigestUpdate(context.get(), part.data(), part.size());
  std::string digest(EVP_MD_get_size(algorithm), '\0');
  EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr);
  return digest;
}

void XorInto(std::string& bytes, std::string_view mask) {
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(bytes[i] ^ mask[i % mask.size()]);
}

Error NoTls(std::string_view plugin, std::string_view mend) {
  return Error{
      .kind = ErrorKind::kRefused,
      .message = fmt::format(
          "the login by {} would send the password readable over a line without TLS", plugin),
      .mend = std::string(mend)};
}

}  // namespace

std::string ScrambleNativePassword(std::string_view password, std::string_view nonce) {
  if (password.empty()) return {};
  std::string answer = Digest(EVP_sha1(), {password});
  XorInto(answer, Digest(EVP_sha1(), {nonce, Digest(EVP_sha1(), {answer})}));
  return answer;
}

std::string ScrambleCachingSha2(std::string_view password, std::string_view nonce) {
  if (password.empty()) return {};
  std::string answer = Digest(EVP_sha256(), {password});
  XorInto(answer, Digest(EVP_sha256(), {Digest(EVP_sha256(), {answer}), nonce}));
  return answer;
}

Result<std::string> EncryptPassword(std::string_view password, std::string_view nonce,
                                    std::string_view public_key_pem) {
  const auto fail = [](std::string_view what) {
    ERR_clear_error();
    return Error{
        .kind = ErrorKind::kRefused,
        .message = fmt::format("the server's RSA key for passwords cannot be used: {}", what),
        .mend = "connect with TLS"};
  };
  if (nonce.empty()) return fail("the server sent no nonce");
  std::unique_ptr<BIO, decltype(&BIO_free)> pem(
      BIO_new_mem_buf(public_key_pem.data(), static_cast<int>(public_key_pem.size())), BIO_free);
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(pem.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  if (key == nullptr) return fail("it is no PEM public key");
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
  if (context == nullptr || EVP_PKEY_encrypt_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0) {
    return fail("it is no RSA key");
  }
  std::string secret(password);
  secret.push_back('\0');
  XorInto(secret, nonce);
  size_t size = EVP_PKEY_get_size(key.get());
  std::string encrypted(size, '\0');
  const int outcome =
      EVP_PKEY_encrypt(context.get(), reinterpret_cast<unsigned char*>(encrypted.data()), &size,
                       reinterpret_cast<const unsigned char*>(secret.data()), secret.size());
  OPENSSL_cleanse(secret.data(), secret.size());
  if (outcome <= 0) return fail("the password is too long for it");
  encrypted.resize(size);
  return encrypted;
}

bool Authenticator::Knows(std::string_view plugin) {
  return plugin == "mysql_native_password" || plugin == "caching_sha2_password" ||
         plugin == "sha256_password" || plugin == "client_ed25519" ||
         plugin == "mysql_clear_password";
}

Result<Authenticator> Authenticator::Make(std::string_view plugin, std::string password,
                                          Line line) {
  constexpr std::pair<std::string_view, Plugin> kPlugins[] = {
      {"mysql_native_password", Plugin::kNative},
      {"caching_sha2_password", Plugin::kCachingSha2},
      {"sha256_password", Plugin::kSha256},
      {"client_ed25519", Plugin::kEd25519},
      {"mysql_clear_password", Plugin::kClear}};
  for (const auto& [name, kind] : kPlugins) {
    if (plugin == name) return Authenticator(kind, name, std::move(password), line);
  }
  return Error{
      .kind = ErrorKind::kRefused,
      .message = fmt::format(
          "the server wants to check this user by the plugin {}, which is not supported", plugin),
      .mend =
          "make a user that logs in by caching_sha2_password, mysql_native_password or ed25519"};
}

std::string Authenticator::ClearPassword() const { return password_ + '\0'; }

Result<std::string> Authenticator::First(std::string_view nonce) {
  const size_t wanted = kind_ == Plugin::kEd25519 ? kEd25519NonceBytes : kNonceBytes;
  if (nonce.size() == wanted + 1 && nonce.back() == '\0') nonce.remove_suffix(1);
  nonce_ = nonce;
  switch (kind_) {
    case Plugin::kNative:
      return ScrambleNativePassword(password_, nonce_);
    case Plugin::kCachingSha2:
      return ScrambleCachingSha2(password_, nonce_);
    case Plugin::kSha256:
      if (password_.empty()) return std::string(1, '\0');
      if (line_.tls) return ClearPassword();
      if (!line_.public_key_retrieval)
        return NoTls(plugin_, "connect with TLS, or allow public key retrieval");
      awaits_key_ = true;
      return std::string(1, kSha256KeyRequest);
    case Plugin::kEd25519:
      return SignEd25519(password_, nonce_);
    case Plugin::kClear:
      if (!line_.tls) return NoTls(plugin_, "connect with TLS");
      return ClearPassword();
  }
  return std::string();
}

Result<std::optional<std::string>> Authenticator::Next(std::string_view data) {
  if (awaits_key_) {
    awaits_key_ = false;
    SL_ASSIGN(std::string encrypted, EncryptPassword(password_, nonce_, data));
    return std::optional(std::move(encrypted));
  }
  if (kind_ == Plugin::kCachingSha2 && data.size() == 1) {
    if (data[0] == kFastAuthOk) return std::optional<std::string>();
    if (data[0] == kFullAuthWanted) {
      if (line_.tls) return std::optional(ClearPassword());
      if (!line_.public_key_retrieval)
        return NoTls(plugin_, "connect with TLS, or allow public key retrieval");
      awaits_key_ = true;
      return std::optional(std::string(1, kCachingSha2KeyRequest));
    }
  }
  return Error{
      .kind = ErrorKind::kRefused,
      .message = fmt::format("the server continued the login by {} in an unknown way", plugin_)};
}

}  // namespace starlift::wire::mysql

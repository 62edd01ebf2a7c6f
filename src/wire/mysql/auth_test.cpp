#include "wire/mysql/auth.h"

#include <memory>

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "wire/mysql/ed25519.h"

namespace starlift::wire::mysql {
namespace {

std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::string ToHex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
    hex += digits;
  }
  return hex;
}

bool Verifies(std::string_view public_key, std::string_view message, std::string_view signature) {
  const auto* key_bytes = reinterpret_cast<const unsigned char*>(public_key.data());
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key_bytes, public_key.size()),
      EVP_PKEY_free);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                  EVP_MD_CTX_free);
  EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get());
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size()) == 1;
}

TEST(Auth, EmptyPasswordGivesAnEmptyAnswer) {
  EXPECT_EQ(ScrambleNativePassword("", "abcdefghijklmnopqrst"), "");
  EXPECT_EQ(ScrambleCachingSha2("", "abcdefghijklmnopqrst"), "");
}

// The server's side of the check: it stores a hash of the hash and gets the hash back by the nonce.
TEST(Auth, NativeAnswerUncoversTheStoredHash) {
  // SELECT PASSWORD('secret') of a MySQL 5.6 server.
  const std::string stored = FromHex("14e65567abdb5135d0cfd9a70b3032c179a49ee7");
  const std::string nonce = "abcdefghijklmnopqrst";
  std::string answer = ScrambleNativePassword("secret", nonce);
  ASSERT_EQ(answer.size(), 20u);
  unsigned char mask[20], hash[20];
  unsigned size = 0;
  const std::string seed = nonce + stored;
  EVP_Digest(seed.data(), seed.size(), mask, &size, EVP_sha1(), nullptr);
  for (size_t i = 0; i < answer.size(); ++i) answer[i] = static_cast<char>(answer[i] ^ mask[i]);
  EVP_Digest(answer.data(), answer.size(), hash, &size, EVP_sha1(), nullptr);
  EXPECT_EQ(std::string(reinterpret_cast<char*>(hash), size), stored);
}

TEST(Auth, CachingSha2AnswerUncoversTheHash) {
  const std::string nonce = "abcdefghijklmnopqrst";
  unsigned char once[32], twice[32], mask[32];
  EVP_Digest("secret", 6, once, nullptr, EVP_sha256(), nullptr);
  EVP_Digest(once, 32, twice, nullptr, EVP_sha256(), nullptr);
  const std::string seed = std::string(reinterpret_cast<char*>(twice), 32) + nonce;
  EVP_Digest(seed.data(), seed.size(), mask, nullptr, EVP_sha256(), nullptr);
  std::string answer = ScrambleCachingSha2("secret", nonce);
  for (size_t i = 0; i < answer.size(); ++i) answer[i] = static_cast<char>(answer[i] ^ mask[i]);
  EXPECT_EQ(answer, std::string(reinterpret_cast<char*>(once), 32));
}

// RFC 8032, section 7.1: for 32-byte secrets MariaDB's scheme is plain Ed25519.
TEST(Ed25519, AgreesWithTheStandardsVectors) {
  const std::string first =
      FromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  EXPECT_EQ(ToHex(Ed25519PublicKey(first)),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(ToHex(SignEd25519(first, "")),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39"
            "701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b");
  const std::string third =
      FromHex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
  EXPECT_EQ(ToHex(Ed25519PublicKey(third)),
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  EXPECT_EQ(ToHex(SignEd25519(third, FromHex("af82"))),
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7"
            "60984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a");
}

// The hash that a MariaDB server printed for IDENTIFIED VIA ed25519 USING PASSWORD('secret').
TEST(Ed25519, PublicKeyIsWhatMariadbStores) {
  const std::string key = Ed25519PublicKey("secret");
  std::string base64(4 * ((key.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                  reinterpret_cast<const unsigned char*>(key.data()), static_cast<int>(key.size()));
  EXPECT_EQ(base64.substr(0, 43), "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY");
}

TEST(Ed25519, SignaturesOfAnyPasswordVerify) {
  for (const std::string password :
       {"", "s", "secret", "a password that is much longer than thirty-two bytes"}) {
    const std::string message = "a nonce of thirty-two bytes.....";
    EXPECT_TRUE(Verifies(Ed25519PublicKey(password), message, SignEd25519(password, message)))
        << password;
    EXPECT_FALSE(
        Verifies(Ed25519PublicKey(password), message, SignEd25519(password + "x", message)))
        << password;
  }
}

TEST(Auth, UnknownPluginIsNamed) {
  const auto made = Authenticator::Make("auth_gssapi_client", "x", {});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.error().kind, ErrorKind::kRefused);
  EXPECT_NE(made.error().message.find("auth_gssapi_client"), std::string::npos);
}

TEST(Auth, BrokenPublicKeyIsRefused) {
  const auto encrypted =
      EncryptPassword("secret", "abcdefghijklmnopqrst", "-----BEGIN NONSENSE-----");
  ASSERT_FALSE(encrypted.ok());
  EXPECT_EQ(encrypted.error().kind, ErrorKind::kRefused);
  EXPECT_EQ(encrypted.error().message.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace starlift::wire::mysql

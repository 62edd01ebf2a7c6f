#include <atomic>
#include <memory>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "wire/mysql/auth.h"
#include "wire/mysql/client.h"
#include "wire/mysql/ed25519.h"
#include "wire/testing/certificate.h"
#include "wire/testing/scripted_server.h"

namespace starlift::wire::mysql {
namespace {

using namespace wire::testing;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kNewNonce = "ABCDEFGHIJKLMNOPQRST";
const std::string kFastAuthOk("\x01\x03", 2);
const std::string kFullAuthWanted("\x01\x04", 2);

void SwitchTo(PacketChannel& channel, std::string_view plugin, std::string_view nonce = kNewNonce) {
  Send(channel, PayloadWriter().U8(0xFE).NullString(plugin).Bytes(nonce).U8(0).payload());
}

// The server's RSA key for passwords.
class RsaKey {
 public:
  RsaKey() : key_(EVP_RSA_gen(2048), EVP_PKEY_free) {}

  std::string PublicPem() const {
    std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PUBKEY(memory.get(), key_.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<size_t>(size)};
  }

  // The password that a client sent, without its closing NUL.
  std::string Decrypt(std::string_view encrypted, std::string_view nonce) const {
    std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
    EVP_PKEY_decrypt_init(context.get());
    EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING);
    std::string plain(512, '\0');
    size_t size = plain.size();
    if (EVP_PKEY_decrypt(context.get(), reinterpret_cast<unsigned char*>(plain.data()), &size,
                         reinterpret_cast<const unsigned char*>(encrypted.data()),
                         encrypted.size()) != 1) {
      return "(not decrypted)";
    }
    plain.resize(size);
    for (size_t i = 0; i < size; ++i)
      plain[i] = static_cast<char>(plain[i] ^ nonce[i % nonce.size()]);
    EXPECT_EQ(plain.back(), '\0');
    plain.pop_back();
    return plain;
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

TEST(Login, NativePassword) {
  ScriptedServer server([](PacketChannel& channel) {
    Greet(channel, "mysql_native_password", "5.5.5-10.11.6-MariaDB-log");
    const LoginRequest request = ReadLogin(channel);
    EXPECT_EQ(request.user, "ann");
    EXPECT_EQ(request.plugin, "mysql_native_password");
    EXPECT_EQ(request.answer, ScrambleNativePassword("secret", kNonce));
    SendOk(channel);
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  ASSERT_TRUE(client.ok()) << client.error().ToString();
  EXPECT_EQ(client->server_version(), "10.11.6-MariaDB-log");
  EXPECT_TRUE(client->is_mariadb());
  EXPECT_EQ(client->connection_id(), 77u);
  EXPECT_FALSE(client->is_tls());
}

TEST(Login, SwitchBringsAnotherPluginAndNonce) {
  ScriptedServer server([](PacketChannel& channel) {
    Greet(channel, "caching_sha2_password");
    EXPECT_EQ(ReadLogin(channel).answer, ScrambleCachingSha2("secret", kNonce));
    SwitchTo(channel, "mysql_native_password");
    EXPECT_EQ(Receive(channel), ScrambleNativePassword("secret", kNewNonce));
    SendOk(channel);
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  EXPECT_TRUE(client.ok()) << client.error().ToString();
}

TEST(Login, UnknownDefaultPluginWaitsForTheSwitch) {
  ScriptedServer server([](PacketChannel& channel) {
    Greet(channel, "auth_of_tomorrow");
    ReadLogin(channel);
    SwitchTo(channel, "caching_sha2_password");
    EXPECT_EQ(Receive(channel), ScrambleCachingSha2("secret", kNewNonce));
    Send(channel, kFastAuthOk);
    SendOk(channel);
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  EXPECT_TRUE(client.ok()) << client.error().ToString();
}

TEST(Login, CachingSha2ByCache) {
  ScriptedServer server([](PacketChannel& channel) {
    Greet(channel, "caching_sha2_password");
    EXPECT_EQ(ReadLogin(channel).answer, ScrambleCachingSha2("secret", kNonce));
    Send(channel, kFastAuthOk);
    SendOk(channel);
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  EXPECT_TRUE(client.ok()) << client.error().ToString();
}

TEST(Login, CachingSha2InFullByRsa) {
  const RsaKey key;
  ScriptedServer server([&](PacketChannel& channel) {
    Greet(channel, "caching_sha2_password");
    ReadLogin(channel);
    Send(channel, kFullAuthWanted);
    EXPECT_EQ(Receive(channel), "\x02");
    Send(channel, "\x01" + key.PublicPem());
    EXPECT_EQ(key.Decrypt(Receive(channel), kNonce), "a secret longer than the nonce is");
    SendOk(channel);
  });
  const Result<Client> client =
      Client::Connect(server.Options("ann", "a secret longer than the nonce is"));
  EXPECT_TRUE(client.ok()) << client.error().ToString();
}

TEST(Login, CachingSha2InFullOverTls) {
  const Certificate certificate;
  ScriptedServer server([&](PacketChannel& channel) {
    Greet(channel, "caching_sha2_password", "8.4.0", kTlsCapability);
    EXPECT_EQ(Receive(channel).size(), 32u);
    ASSERT_TRUE(channel.socket()
                    .StartTlsServer({.certificate_file = certificate.certificate_file(),
                                     .key_file = certificate.key_file()})
                    .ok());
    ReadLogin(channel);
    Send(channel, kFullAuthWanted);
    EXPECT_EQ(Receive(channel), std::string("secret\0", 7));
    SendOk(channel);
  });
  ClientOptions options = server.Options("ann", "secret");
  options.tls.mode = TlsMode::kRequired;
  const Result<Client> client = Client::Connect(options);
  ASSERT_TRUE(client.ok()) << client.error().ToString();
  EXPECT_TRUE(client->is_tls());
}

TEST(Login, Sha256PasswordByRsa) {
  const RsaKey key;
  ScriptedServer server([&](PacketChannel& channel) {
    Greet(channel, "sha256_password");
    EXPECT_EQ(ReadLogin(channel).answer, "\x01");
    Send(channel, "\x01" + key.PublicPem());
    EXPECT_EQ(key.Decrypt(Receive(channel), kNonce), "secret");
    SendOk(channel);
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  EXPECT_TRUE(client.ok()) << client.error().ToString();
}

TEST(Login, Sha256PasswordOverTls) {
  const Certificate certificate;
  ScriptedServer server([&](PacketChannel& channel) {
    Greet(channel, "sha256_password", "5.7.44", kTlsCapability);
    Receive(channel);
    ASSERT_TRUE(channel.socket()
                    .StartTlsServer({.certificate_file = certificate.certificate_file(),
                                     .key_file = certificate.key_file()})
                    .ok());
    EXPECT_EQ(ReadLogin(channel).answer, std::string("secret\0", 7));
    SendOk(channel);
  });
  ClientOptions options = server.Options("ann", "secret");
  options.tls.mode = TlsMode::kPreferred;
  const Result<Client> client = Client::Connect(options);
  EXPECT_TRUE(client.ok()) << client.error().ToString();
}

TEST(Login, Ed25519BySwitch) {
  const std::string nonce = "thirty-two bytes of server nonce";
  ScriptedServer server([&](PacketChannel& channel) {
    Greet(channel, "mysql_native_password", "11.4.2-MariaDB");
    ReadLogin(channel);
    Send(channel, PayloadWriter().U8(0xFE).NullString("client_ed25519").Bytes(nonce).payload());
    EXPECT_EQ(Receive(channel), SignEd25519("secret", nonce));
    SendOk(channel);
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  EXPECT_TRUE(client.ok()) << client.error().ToString();
}

TEST(Login, ClearPasswordNeverWithoutTls) {
  ScriptedServer server([](PacketChannel& channel) {
    Greet(channel, "mysql_native_password");
    ReadLogin(channel);
    SwitchTo(channel, "mysql_clear_password");
    EXPECT_EQ(Receive(channel), "");  // the client hangs up
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind, ErrorKind::kRefused);
  EXPECT_FALSE(client.error().mend.empty());
}

TEST(Login, KeyRetrievalCanBeForbidden) {
  ScriptedServer server([](PacketChannel& channel) {
    Greet(channel, "caching_sha2_password");
    ReadLogin(channel);
    Send(channel, kFullAuthWanted);
    EXPECT_EQ(Receive(channel), "");
  });
  ClientOptions options = server.Options("ann", "secret");
  options.public_key_retrieval = false;
  const Result<Client> client = Client::Connect(options);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind, ErrorKind::kRefused);
}

TEST(Login, RequiredTlsThatTheServerLacks) {
  ScriptedServer server([](PacketChannel& channel) { Greet(channel, "mysql_native_password"); });
  ClientOptions options = server.Options("ann", "secret");
  options.tls.mode = TlsMode::kRequired;
  const Result<Client> client = Client::Connect(options);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind, ErrorKind::kRefused);
  EXPECT_NE(client.error().message.find("TLS"), std::string::npos);
}

TEST(Login, PreferredTlsThatFailsIsDoneWithout) {
  std::atomic<int> connections = 0;
  const ScriptedServer::Script script = [&](PacketChannel& channel) {
    ++connections;
    Greet(channel, "mysql_native_password", "5.6.51", kTlsCapability);
    if (connections == 1) {
      Receive(channel);
      return;  // hangs up instead of shaking hands
    }
    EXPECT_EQ(ReadLogin(channel).capabilities & kTlsCapability, 0u);
    SendOk(channel);
  };
  ScriptedServer server(script, 2);
  ClientOptions options = server.Options("ann", "secret");
  options.tls.mode = TlsMode::kPreferred;
  const Result<Client> client = Client::Connect(options);
  ASSERT_TRUE(client.ok()) << client.error().ToString();
  EXPECT_FALSE(client->is_tls());
}

TEST(Login, RefusalsKeepTheirNumberAndHideThePassword) {
  ScriptedServer server([](PacketChannel& channel) {
    Greet(channel, "mysql_native_password");
    ReadLogin(channel);
    SendError(channel, 1045, "Access denied for user 'ann'@'localhost' (using password: YES)");
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "s3cr3t"));
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind, ErrorKind::kRefused);
  EXPECT_EQ(client.error().native_code, 1045);
  EXPECT_EQ(client.error().ToString().find("s3cr3t"), std::string::npos);
}

TEST(Login, FullServerIsWorthARetry) {
  ScriptedServer server([](PacketChannel& channel) {
    Send(channel, PayloadWriter().U8(0xFF).U16(1040).Bytes("Too many connections").payload());
  });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind, ErrorKind::kUnreachable);
  EXPECT_EQ(client.error().native_code, 1040);
}

TEST(Login, WhatIsNoMysqlServerIsSaid) {
  ScriptedServer server([](PacketChannel& channel) { Send(channel, "SSH-2.0-OpenSSH_9.2"); });
  const Result<Client> client = Client::Connect(server.Options("ann", "secret"));
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind, ErrorKind::kRefused);
  EXPECT_NE(client.error().message.find("no MySQL server"), std::string::npos);
}

TEST(Login, SilentServerTimesOut) {
  ScriptedServer server([](PacketChannel& channel) { Receive(channel); });
  ClientOptions options = server.Options("ann", "secret");
  options.connect_timeout = std::chrono::milliseconds(100);
  const Result<Client> client = Client::Connect(options);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().kind, ErrorKind::kUnreachable);
}

}  // namespace
}  // namespace starlift::wire::mysql

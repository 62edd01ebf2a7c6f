#include "wire/socket.h"

#include <array>
#include <thread>

#include <gtest/gtest.h>

#include "wire/testing/certificate.h"

namespace starlift::wire {
namespace {

using testing::Certificate;

using std::chrono::milliseconds;

struct Connection {
  Listener listener;
  Socket client, server;

  static Connection Make() {
    Connection connection;
    Result<Listener> listener = Listener::Listen("127.0.0.1", 0);
    EXPECT_TRUE(listener.ok());
    connection.listener = std::move(*listener);
    Result<Socket> client =
        Socket::Connect("127.0.0.1", connection.listener.port(), milliseconds(2000));
    EXPECT_TRUE(client.ok());
    connection.client = std::move(*client);
    Result<Socket> server = connection.listener.Accept();
    EXPECT_TRUE(server.ok());
    connection.server = std::move(*server);
    return connection;
  }
};

TEST(Socket, CarriesBytesBothWays) {
  Connection connection = Connection::Make();
  EXPECT_EQ(connection.server.PeerAddress(), "127.0.0.1");
  ASSERT_TRUE(connection.client.WriteAll("ping").ok());
  std::array<char, 4> bytes;
  ASSERT_TRUE(connection.server.ReadExactly(bytes).ok());
  EXPECT_EQ(std::string_view(bytes.data(), bytes.size()), "ping");
  connection.server.Close();
  const Result<size_t> end = connection.client.ReadSome(bytes);
  ASSERT_TRUE(end.ok());
  EXPECT_EQ(*end, 0u);
}

TEST(Socket, NobodyListeningIsUnreachable) {
  uint16_t port = 0;
  {
    Result<Listener> listener = Listener::Listen("127.0.0.1", 0);
    port = listener->port();
  }
  const Result<Socket> refused = Socket::Connect("127.0.0.1", port, milliseconds(2000));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnreachable);
  EXPECT_NE(refused.error().message.find("127.0.0.1:" + std::to_string(port)), std::string::npos);
  const Result<Socket> unknown = Socket::Connect("no-such-host.invalid", 1, milliseconds(2000));
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().kind, ErrorKind::kUnreachable);
}

TEST(Socket, ReadTimeoutEndsTheWait) {
  Connection connection = Connection::Make();
  connection.client.SetReadTimeout(milliseconds(50));
  std::array<char, 1> byte;
  const Result<size_t> read = connection.client.ReadSome(byte);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::kUnreachable);
}

TEST(Socket, CancellationEndsTheWait) {
  Connection connection = Connection::Make();
  Cancellation cancellation;
  connection.client.SetCancellation(&cancellation);
  std::thread reader([&] {
    std::array<char, 1> byte;
    const Result<size_t> read = connection.client.ReadSome(byte);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().kind, ErrorKind::kCancelled);
  });
  std::this_thread::sleep_for(milliseconds(300));
  cancellation.Request();
  reader.join();
}

TEST(Socket, ReadTimeoutHoldsBesideACancellation) {
  Connection connection = Connection::Make();
  Cancellation cancellation;
  connection.client.SetCancellation(&cancellation);
  connection.client.SetReadTimeout(milliseconds(600));
  std::array<char, 1> byte;
  const auto begin = std::chrono::steady_clock::now();
  const Result<size_t> read = connection.client.ReadSome(byte);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind, ErrorKind::kUnreachable);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(400));
}

TEST(Socket, ShutdownWakesAReader) {
  Connection connection = Connection::Make();
  std::thread reader([&] {
    std::array<char, 1> byte;
    const Result<size_t> read = connection.client.ReadSome(byte);
    EXPECT_TRUE(!read.ok() || *read == 0);
  });
  std::this_thread::sleep_for(milliseconds(30));
  connection.client.Shutdown();
  reader.join();
}

TEST(Listener, OccupiedPortIsAConflict) {
  Result<Listener> first = Listener::Listen("127.0.0.1", 0);
  ASSERT_TRUE(first.ok());
  const Result<Listener> second = Listener::Listen("127.0.0.1", first->port());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
}

TEST(Listener, ShutdownWakesAccept) {
  Result<Listener> listener = Listener::Listen("127.0.0.1", 0);
  std::thread accepter([&] { EXPECT_FALSE(listener->Accept().ok()); });
  std::this_thread::sleep_for(milliseconds(30));
  listener->Shutdown();
  accepter.join();
}

Status Handshake(Connection& connection, const Certificate& certificate, const TlsOptions& options,
                 const std::string& host) {
  std::thread server([&] {
    const Status accepted = connection.server.StartTlsServer(
        {.certificate_file = certificate.certificate_file(), .key_file = certificate.key_file()});
    if (accepted.ok()) (void)connection.server.WriteAll("hello");
  });
  Status outcome = connection.client.StartTlsClient(options, host);
  if (!outcome.ok()) connection.client.Close();
  server.join();
  return outcome;
}

TEST(SocketTls, CarriesBytesWithoutVerification) {
  const Certificate certificate;
  Connection connection = Connection::Make();
  const Status outcome =
      Handshake(connection, certificate, {.mode = TlsMode::kRequired}, "127.0.0.1");
  ASSERT_TRUE(outcome.ok()) << outcome.error().ToString();
  EXPECT_TRUE(connection.client.is_tls());
  std::array<char, 5> bytes;
  ASSERT_TRUE(connection.client.ReadExactly(bytes).ok());
  EXPECT_EQ(std::string_view(bytes.data(), bytes.size()), "hello");
  connection.server.Close();
  EXPECT_EQ(*connection.client.ReadSome(bytes), 0u);
}

TEST(SocketTls, VerifiesChainAndName) {
  const Certificate certificate;
  const std::string ca = certificate.certificate_file();
  struct Case {
    TlsOptions options;
    std::string host;
    bool accepted;
  };
  const Case cases[] = {
      {{.mode = TlsMode::kVerifyCa}, "localhost", false},  // signed by nobody that we know
      {{.mode = TlsMode::kVerifyCa, .ca_file = ca}, "elsewhere", true},
      {{.mode = TlsMode::kVerifyIdentity, .ca_file = ca}, "localhost", true},
      {{.mode = TlsMode::kVerifyIdentity, .ca_file = ca}, "elsewhere", false},
  };
  for (const Case& one : cases) {
    Connection connection = Connection::Make();
    const Status outcome = Handshake(connection, certificate, one.options, one.host);
    EXPECT_EQ(outcome.ok(), one.accepted)
        << one.host << " " << (outcome.ok() ? "" : outcome.error().ToString());
    if (!outcome.ok()) {
      EXPECT_EQ(outcome.error().kind, ErrorKind::kRefused);
    }
  }
}

TEST(SocketTls, MissingFilesAreAUsageError) {
  Connection connection = Connection::Make();
  const Status outcome = connection.client.StartTlsClient(
      {.mode = TlsMode::kVerifyCa, .ca_file = "/nowhere/ca.pem"}, "localhost");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().kind, ErrorKind::kUsage);
  EXPECT_NE(outcome.error().message.find("/nowhere/ca.pem"), std::string::npos);
}

}  // namespace
}  // namespace starlift::wire

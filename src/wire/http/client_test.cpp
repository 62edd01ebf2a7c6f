#include "wire/http/client.h"

#include <gtest/gtest.h>

#include "wire/http/scripted_server.h"

namespace starlift::wire::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

ClientConnection Open(const ScriptedServer& server) {
  const TlsOptions plain{.mode = TlsMode::kDisabled};
  const ClientTimeouts timeouts{.connect = std::chrono::seconds(5),
                                .continue_wait = std::chrono::seconds(2),
                                .write = std::chrono::seconds(5),
                                .response = std::chrono::seconds(2)};
  return ClientConnection::Open("127.0.0.1", server.port(), plain, timeouts).value();
}

void Send(Socket& socket, std::string_view bytes) { (void)socket.WriteAll(bytes); }

TEST(HttpClient, GetsAndKeepsTheConnection) {
  std::string heads;
  ScriptedServer server({[&](Socket& socket) {
    for (int i = 0; i < 2; ++i) {
      heads += ScriptedServer::ReadHead(socket);
      Send(socket, ScriptedServer::Answer("200 OK", "hello", "X-Name: Value\r\n"));
    }
  }});
  ClientConnection connection = Open(server);
  for (int i = 0; i < 2; ++i) {
    const auto response = connection.Exchange({.target = "/a?b=c"});
    ASSERT_TRUE(response.ok()) << response.error().ToString();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(response->Find("x-NAME"), "Value");
    EXPECT_EQ(response->Find("absent"), "");
  }
  EXPECT_TRUE(heads.starts_with("GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:"));
  EXPECT_EQ(heads.find("Content-Length"), std::string::npos);
}

TEST(HttpClient, SendsTheBodyOnlyAfterContinue) {
  std::string head;
  std::string body;
  ScriptedServer server({[&](Socket& socket) {
    head = ScriptedServer::ReadHead(socket);
    Send(socket, kContinue);
    body = ScriptedServer::ReadBody(socket, 6);
    Send(socket, ScriptedServer::Answer("200 OK", "{}"));
  }});
  ClientConnection connection = Open(server);
  const std::vector<std::string_view> pieces = {"ab", "", "cdef"};
  ExchangeProgress progress;
  const auto response =
      connection.Exchange({.method = "PUT", .body = pieces, .expect_continue = true}, &progress);
  ASSERT_TRUE(response.ok()) << response.error().ToString();
  EXPECT_EQ(body, "abcdef");
  EXPECT_NE(head.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_NE(head.find("Expect: 100-continue\r\n"), std::string::npos);
  EXPECT_TRUE(progress.continued);
  EXPECT_EQ(progress.body_bytes, 6u);
}

TEST(HttpClient, TakesARedirectInsteadOfContinue) {
  ScriptedServer server({[&](Socket& socket) {
    ScriptedServer::ReadHead(socket);
    Send(socket, ScriptedServer::Answer("307 Temporary Redirect", "",
                                        "Location: http://be:8040/x\r\nConnection: close\r\n"));
  }});
  ClientConnection connection = Open(server);
  const std::vector<std::string_view> pieces = {"abc"};
  ExchangeProgress progress;
  const auto response =
      connection.Exchange({.method = "PUT", .body = pieces, .expect_continue = true}, &progress);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 307);
  EXPECT_EQ(response->Find("location"), "http://be:8040/x");
  EXPECT_FALSE(progress.continued);
  EXPECT_EQ(progress.body_bytes, 0u);
  EXPECT_FALSE(connection.reusable());
}

TEST(HttpClient, ReadsAnAnswerThatComesWhileItSends) {
  ScriptedServer server({[&](Socket& socket) {
    ScriptedServer::ReadHead(socket);
    Send(socket, kContinue);
    ScriptedServer::ReadBody(socket, 1000);
    Send(socket, ScriptedServer::Answer("307 Temporary Redirect", "", "Location: http://x/\r\n"));
    // Reads no more: what the client has under way stays in the sockets' buffers.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }});
  ClientConnection connection = Open(server);
  const std::string piece(64 << 20, 'x');
  const std::vector<std::string_view> pieces = {piece};
  ExchangeProgress progress;
  const auto response =
      connection.Exchange({.method = "PUT", .body = pieces, .expect_continue = true}, &progress);
  ASSERT_TRUE(response.ok()) << response.error().ToString();
  EXPECT_EQ(response->status, 307);
  EXPECT_LT(progress.body_bytes, piece.size());
  EXPECT_FALSE(connection.reusable());
}

TEST(HttpClient, SaysHowFarItGotWhenTheConnectionIsCut) {
  const std::vector<std::string_view> pieces = {"abc"};
  const ClientRequest request{.method = "PUT", .body = pieces, .expect_continue = true};
  const std::vector<ScriptedServer::Script> scripts = {
      [](Socket&) {}, [](Socket& socket) { ScriptedServer::ReadHead(socket); },
      [](Socket& socket) {
        ScriptedServer::ReadHead(socket);
        Send(socket, kContinue);
        ScriptedServer::ReadBody(socket, 3);
      },
      [](Socket& socket) {
        ScriptedServer::ReadHead(socket);
        Send(socket, kContinue);
        ScriptedServer::ReadBody(socket, 3);
        Send(socket, "HTTP/1.1 200 OK\r\nContent-Le");
      },
      [](Socket& socket) {
        ScriptedServer::ReadHead(socket);
        Send(socket, kContinue);
        ScriptedServer::ReadBody(socket, 3);
        Send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
      }};
  const size_t count = scripts.size();
  ScriptedServer server(scripts);
  for (size_t i = 0; i < count; ++i) {
    ClientConnection connection = Open(server);
    ExchangeProgress progress;
    const auto response = connection.Exchange(request, &progress);
    ASSERT_FALSE(response.ok()) << i;
    EXPECT_EQ(response.error().kind, ErrorKind::kUnreachable) << response.error().ToString();
    EXPECT_EQ(progress.continued, i >= 2) << i;
    EXPECT_EQ(progress.body_bytes, i >= 2 ? 3u : 0u) << i;
    EXPECT_FALSE(connection.reusable());
  }
}

TEST(HttpClient, GivesUpOnASilentServer) {
  ScriptedServer server({[](Socket& socket) {
    ScriptedServer::ReadHead(socket);
    std::this_thread::sleep_for(std::chrono::seconds(3));
  }});
  ClientConnection connection = Open(server);
  const auto begin = std::chrono::steady_clock::now();
  const auto response = connection.Exchange({.target = "/"});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::kUnreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(2900));
}

TEST(HttpClient, ReadsChunksAndBodiesThatEndWithTheConnection) {
  ScriptedServer server({[](Socket& socket) {
                           ScriptedServer::ReadHead(socket);
                           Send(socket,
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
                                "2\r\nde\r\n0\r\n\r\n");
                         },
                         [](Socket& socket) {
                           ScriptedServer::ReadHead(socket);
                           Send(socket, "HTTP/1.0 200 OK\r\n\r\nto the end");
                         }});
  for (const char* body : {"abcde", "to the end"}) {
    ClientConnection connection = Open(server);
    const auto response = connection.Exchange({.target = "/"});
    ASSERT_TRUE(response.ok()) << response.error().ToString();
    EXPECT_EQ(response->body, body);
  }
}

TEST(HttpClient, RefusesWhatIsNotHttp) {
  ScriptedServer server({[](Socket& socket) {
    ScriptedServer::ReadHead(socket);
    Send(socket, "8.0.33 hello, this is MySQL\r\n\r\n");
  }});
  ClientConnection connection = Open(server);
  const auto response = connection.Exchange({.target = "/"});
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind, ErrorKind::kData);
}

TEST(HttpClient, ParsesUrls) {
  const auto url = ParseUrl("http://user:pw@host:8040/api/db/t?x=1#frag");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "host");
  EXPECT_EQ(url->port, 8040);
  EXPECT_EQ(url->target, "/api/db/t?x=1");
  EXPECT_EQ(ParseUrl("https://[::1]")->host, "::1");
  EXPECT_EQ(ParseUrl("https://[::1]")->port, 443);
  EXPECT_EQ(ParseUrl("http://h?q")->target, "/?q");
  for (const char* bad :
       {"", "/path", "ftp://h/", "http://", "http://h:port/", "http://h:99999/"}) {
    EXPECT_FALSE(ParseUrl(bad).ok()) << bad;
  }
}

TEST(HttpClient, Encodes) {
  EXPECT_EQ(BasicAuthorization("root", ""), "Basic cm9vdDo=");
  EXPECT_EQ(BasicAuthorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(PercentEncode("a/b c-_.~é"), "a%2Fb%20c-_.~%C3%A9");
}

}  // namespace
}  // namespace starlift::wire::http

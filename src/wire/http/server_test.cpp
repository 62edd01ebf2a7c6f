#include "wire/http/server.h"

#include <gtest/gtest.h>

#include "wire/socket.h"

namespace starlift::wire::http {
namespace {

std::unique_ptr<Server> StartServer(Handler handler) {
  auto server = Server::Start({}, std::move(handler));
  EXPECT_TRUE(server.ok());
  return std::move(*server);
}

Socket ConnectTo(const Server& server) {
  auto socket = Socket::Connect("127.0.0.1", server.port(), std::chrono::seconds(5));
  EXPECT_TRUE(socket.ok());
  socket->SetReadTimeout(std::chrono::seconds(5));
  return std::move(*socket);
}

std::string ReadToEnd(Socket& socket) {
  std::string all;
  char piece[4096];
  while (true) {
    auto bytes = socket.ReadSome(piece);
    if (!bytes.ok() || *bytes == 0) return all;
    all.append(piece, *bytes);
  }
}

std::string ReadUntil(Socket& socket, std::string_view end) {
  std::string all;
  char byte;
  while (!all.ends_with(end)) {
    auto bytes = socket.ReadSome({&byte, 1});
    if (!bytes.ok() || *bytes == 0) break;
    all.push_back(byte);
  }
  return all;
}

void EchoBody(const Request& request, Responder& responder) {
  auto body = request.ReadBody(1 << 20);
  (void)responder.Send(body.ok() ? 200 : 400, {}, body.ok() ? "[" + *body + "]" : "bad");
}

TEST(HttpServer, KeepsTheConnectionForSeveralRequests) {
  auto server = StartServer(EchoBody);
  Socket socket = ConnectTo(*server);
  ASSERT_TRUE(socket.WriteAll("PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc").ok());
  EXPECT_TRUE(ReadUntil(socket, "[abc]").starts_with("HTTP/1.1 200"));
  ASSERT_TRUE(socket
                  .WriteAll("PUT /a HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: "
                            "chunked\r\n\r\n3\r\nxyz\r\n2\r\n12\r\n0\r\n\r\n")
                  .ok());
  const std::string answer = ReadToEnd(socket);
  EXPECT_TRUE(answer.ends_with("[xyz12]")) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

TEST(HttpServer, SendsContinueOnlyWhenTheHandlerReads) {
  auto server = StartServer([](const Request& request, Responder& responder) {
    if (request.path == "/no") {
      responder.ForceClose();
      (void)responder.Send(307, {{"Location", "http://elsewhere/"}}, "");
      return;
    }
    EchoBody(request, responder);
  });
  const std::string head = " HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  Socket refused = ConnectTo(*server);
  ASSERT_TRUE(refused.WriteAll("PUT /no" + head).ok());
  EXPECT_TRUE(ReadToEnd(refused).starts_with("HTTP/1.1 307"));
  Socket taken = ConnectTo(*server);
  ASSERT_TRUE(taken.WriteAll("PUT /yes" + head).ok());
  EXPECT_TRUE(ReadUntil(taken, "\r\n\r\n").starts_with("HTTP/1.1 100"));
  ASSERT_TRUE(taken.WriteAll("ok").ok());
  EXPECT_TRUE(ReadUntil(taken, "[ok]").ends_with("[ok]"));
}

TEST(HttpServer, AnswerReachesAClientThatPushesItsBodyUnasked) {
  auto server = StartServer([](const Request&, Responder& responder) {
    responder.ForceClose();
    (void)responder.Send(200, {}, "early");
  });
  Socket socket = ConnectTo(*server);
  ASSERT_TRUE(socket.WriteAll("PUT / HTTP/1.0\r\nContent-Length: 1000000\r\n\r\n").ok());
  (void)socket.WriteAll(std::string(1000000, 'x'));
  const std::string answer = ReadToEnd(socket);
  EXPECT_TRUE(answer.starts_with("HTTP/1.0 200")) << answer;
  EXPECT_TRUE(answer.ends_with("early"));
}

TEST(HttpServer, HeadHasNoBodyAndHttp10NoChunks) {
  auto server = StartServer([](const Request& request, Responder& responder) {
    if (request.method == "HEAD") {
      (void)responder.Send(405, {}, "text");
      return;
    }
    (void)responder.Begin(200, {});
    (void)responder.Write("one");
    (void)responder.Write("two");
    (void)responder.End();
  });
  Socket head = ConnectTo(*server);
  ASSERT_TRUE(head.WriteAll("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n").ok());
  const std::string head_answer = ReadToEnd(head);
  EXPECT_TRUE(head_answer.ends_with("\r\n\r\n")) << head_answer;
  Socket old = ConnectTo(*server);
  ASSERT_TRUE(old.WriteAll("GET / HTTP/1.0\r\n\r\n").ok());
  EXPECT_TRUE(ReadToEnd(old).ends_with("\r\n\r\nonetwo"));
}

TEST(HttpServer, CutsWhereItIsTold) {
  auto server = StartServer([](const Request& request, Responder& responder) {
    if (request.path == "/request") {
      responder.CutAfterRequestBytes(2);
      auto body = request.ReadBody(100);
      EXPECT_FALSE(body.ok());
      return;
    }
    responder.CutAfterResponseBytes(20);
    (void)responder.Send(200, {}, "never seen in full");
  });
  Socket response = ConnectTo(*server);
  ASSERT_TRUE(response.WriteAll("GET / HTTP/1.1\r\n\r\n").ok());
  EXPECT_EQ(ReadToEnd(response).size(), 20u);
  Socket request = ConnectTo(*server);
  ASSERT_TRUE(request.WriteAll("PUT /request HTTP/1.1\r\nContent-Length: 6\r\n\r\n").ok());
  ASSERT_TRUE(request.WriteAll("ab").ok());
  (void)request.WriteAll("cdef");
  EXPECT_EQ(ReadToEnd(request), "");
}

TEST(HttpServer, MalformedRequestsGet400) {
  auto server = StartServer(EchoBody);
  Socket socket = ConnectTo(*server);
  ASSERT_TRUE(socket.WriteAll("nonsense\r\n\r\n").ok());
  EXPECT_TRUE(ReadToEnd(socket).starts_with("HTTP/1.1 400"));
}

TEST(HttpServer, StopEndsIdleConnections) {
  auto server = StartServer(EchoBody);
  Socket socket = ConnectTo(*server);
  server->Stop(1);
  EXPECT_EQ(ReadToEnd(socket), "");
}

TEST(HttpRequest, DecodesPathAndQuery) {
  std::string seen;
  auto server = StartServer([&](const Request& request, Responder& responder) {
    seen = request.path + "|" + request.QueryParameter("b c").value_or("-") + "|" +
           request.QueryParameter("x").value_or("-");
    (void)responder.Send(200, {}, "");
  });
  Socket socket = ConnectTo(*server);
  ASSERT_TRUE(
      socket.WriteAll("GET /%66o/b?a=1&b%20c=%2B+ HTTP/1.1\r\nConnection: close\r\n\r\n").ok());
  ReadToEnd(socket);
  EXPECT_EQ(seen, "/fo/b|+ |-");
}

}  // namespace
}  // namespace starlift::wire::http

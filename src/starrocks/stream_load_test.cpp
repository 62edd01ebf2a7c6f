#include "starrocks/stream_load.h"

#include <atomic>

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

#include "starrocks/body_compression.h"
#include "wire/http/scripted_server.h"

namespace starlift::starrocks {
namespace {

using wire::Socket;
using wire::http::ScriptedServer;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kSuccess =
    R"({"TxnId":7,"Label":"sl_1","Status":"Success","Message":"OK","NumberTotalRows":2,"NumberLoadedRows":2})";

void Send(Socket& socket, std::string_view bytes) { (void)socket.WriteAll(bytes); }

std::string RedirectTo(uint16_t port, std::string_view host = "127.0.0.1") {
  return ScriptedServer::Answer("307 Temporary Redirect", "",
                                "Location: http://" + std::string(host) + ":" +
                                    std::to_string(port) +
                                    "/api/db/t/_stream_load\r\nConnection: close\r\n");
}

// A backend that takes `bytes` of body and answers.
ScriptedServer::Script Backend(std::string& seen, size_t bytes, std::string_view answer) {
  return [&seen, bytes, answer](Socket& socket) {
    seen += ScriptedServer::ReadHead(socket);
    Send(socket, kContinue);
    seen += ScriptedServer::ReadBody(socket, bytes);
    if (!answer.empty()) Send(socket, ScriptedServer::Answer("200 OK", answer));
  };
}

ScriptedServer::Script Frontend(uint16_t backend_port, const std::string& host = "127.0.0.1") {
  return [backend_port, host](Socket& socket) {
    ScriptedServer::ReadHead(socket);
    Send(socket, RedirectTo(backend_port, host));
  };
}

TargetConfig Config(std::initializer_list<uint16_t> frontends) {
  TargetConfig config;
  config.user = "root";
  config.password = "secret";
  config.connect_timeout = std::chrono::milliseconds(2000);
  config.load_timeout = std::chrono::seconds(5);
  config.query_endpoints = {{"127.0.0.1", 9030}};
  for (const uint16_t port : frontends) config.http_endpoints.push_back({"127.0.0.1", port});
  return config;
}

uint16_t ClosedPort() {
  const auto listener = wire::Listener::Listen("127.0.0.1", 0);
  return listener->port();
}

const std::vector<std::string_view> kBody = {
    "1\x01"
    "a\x02",
    "2\x01"
    "b\x02"};

LoadRequest Request() {
  return LoadRequest{.database = "db",
                     .table = "t",
                     .label = "sl_1",
                     .columns = "`a`,`b`",
                     .timeout = std::chrono::seconds(5),
                     .body = kBody};
}

TEST(StreamLoad, FollowsTheRedirectWithEverything) {
  std::string seen;
  ScriptedServer backend({Backend(seen, 8, kSuccess)});
  ScriptedServer frontend({Frontend(backend.port())});
  StreamLoadClient client(Config({frontend.port()}));
  const LoadOutcome outcome = client.Load(Request());
  EXPECT_EQ(outcome.verdict, LoadVerdict::kLoaded) << outcome.message;
  EXPECT_EQ(outcome.loaded_rows, 2);
  EXPECT_EQ(outcome.transaction_id, 7);
  EXPECT_EQ(outcome.backend, "127.0.0.1:" + std::to_string(backend.port()));
  EXPECT_TRUE(seen.starts_with("PUT /api/db/t/_stream_load HTTP/1.1\r\n"));
  for (const char* header :
       {"label: sl_1\r\n", "strict_mode: true\r\n", "max_filter_ratio: 0\r\n", "format: csv\r\n",
        "column_separator: \\x01\r\n", "row_delimiter: \\x02\r\n", "timezone: +00:00\r\n",
        "columns: `a`,`b`\r\n", "timeout: 5\r\n", "Expect: 100-continue\r\n",
        "Authorization: Basic cm9vdDpzZWNyZXQ=\r\n", "Content-Length: 8\r\n"}) {
    EXPECT_NE(seen.find(header), std::string::npos) << header;
  }
  EXPECT_TRUE(
      seen.ends_with("1\x01"
                     "a\x02"
                     "2\x01"
                     "b\x02"));
}

TEST(StreamLoad, FollowsALeaderAndMapsHosts) {
  std::string seen;
  ScriptedServer backend({Backend(seen, 8, kSuccess)});
  ScriptedServer leader({Frontend(8040, "inside.cluster")});
  ScriptedServer follower({Frontend(leader.port())});
  TargetConfig config = Config({follower.port()});
  config.host_mapping = {{"inside.cluster:8040", "127.0.0.1:" + std::to_string(backend.port())}};
  EXPECT_EQ(StreamLoadClient(config).Load(Request()).verdict, LoadVerdict::kLoaded);
}

TEST(StreamLoad, KeepsOddNamesEncodedThroughARedirect) {
  std::string seen;
  ScriptedServer backend({Backend(seen, 8, kSuccess)});
  ScriptedServer frontend({[&](Socket& socket) {
    ScriptedServer::ReadHead(socket);
    Send(socket,
         ScriptedServer::Answer("307 Temporary Redirect", "",
                                "Location: http://127.0.0.1:" + std::to_string(backend.port()) +
                                    "/api/d b/50%#é?/_stream_load\r\nConnection: close\r\n"));
  }});
  LoadRequest request = Request();
  request.database = "d b";
  request.table = "50%#é?";
  EXPECT_EQ(StreamLoadClient(Config({frontend.port()})).Load(request).verdict,
            LoadVerdict::kLoaded);
  EXPECT_TRUE(seen.starts_with("PUT /api/d%20b/50%25%23%C3%A9%3F/_stream_load HTTP/1.1\r\n"))
      << seen;
}

TEST(StreamLoad, TriesTheNextFrontend) {
  std::string seen;
  ScriptedServer backend({Backend(seen, 8, kSuccess)});
  ScriptedServer frontend({Frontend(backend.port())});
  StreamLoadClient client(Config({ClosedPort(), frontend.port()}));
  EXPECT_EQ(client.Load(Request()).verdict, LoadVerdict::kLoaded);
}

TEST(StreamLoad, LeavesAFrontendThatDoesNotAnswer) {
  std::string seen;
  ScriptedServer backend({Backend(seen, 8, kSuccess), Backend(seen, 8, kSuccess)});
  ScriptedServer silent({[](Socket& socket) { ScriptedServer::ReadHead(socket); }});
  ScriptedServer frontend({Frontend(backend.port()), Frontend(backend.port())});
  StreamLoadClient client(Config({silent.port(), frontend.port()}));
  EXPECT_EQ(client.Load(Request()).verdict, LoadVerdict::kLoaded);
  // Its one script is used up: asked again, it would hang.
  EXPECT_EQ(client.Load(Request()).verdict, LoadVerdict::kLoaded);
}

TEST(StreamLoad, AsksAgainWhenAKeptConnectionHasGone) {
  std::atomic<bool> asked_again{false};
  const std::string visible =
      ScriptedServer::Answer("200 OK", R"({"state":"VISIBLE","status":"OK"})");
  ScriptedServer frontend({[&](Socket& socket) {
                             ScriptedServer::ReadHead(socket);
                             Send(socket, visible);
                             ScriptedServer::ReadHead(socket);  // and closes without an answer
                           },
                           [&](Socket& socket) {
                             ScriptedServer::ReadHead(socket);
                             asked_again = true;
                             Send(socket, visible);
                           }});
  StreamLoadClient client(Config({frontend.port()}));
  EXPECT_TRUE(client.GetLabelState("db", "a").ok());
  EXPECT_TRUE(client.GetLabelState("db", "b").ok());
  EXPECT_TRUE(asked_again);
}

TEST(StreamLoad, GoesStraightToABackendAndUsesItsConnectionAgain) {
  std::string seen;
  ScriptedServer backend({[&](Socket& socket) {
    for (int i = 0; i < 3; ++i) {
      seen += ScriptedServer::ReadHead(socket);
      Send(socket, kContinue);
      seen += ScriptedServer::ReadBody(socket, 8);
      Send(socket, ScriptedServer::Answer("200 OK", kSuccess));
    }
  }});
  TargetConfig config = Config({ClosedPort()});
  config.backend_endpoints = {{"127.0.0.1", backend.port()}};
  StreamLoadClient client(config);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Load(Request()).verdict, LoadVerdict::kLoaded);
}

TEST(StreamLoad, KnowsWhatAnEndOfTheConnectionMeans) {
  // Before the body: surely not loaded. After it: who knows.
  std::string seen;
  ScriptedServer backend({[](Socket&) {}, [](Socket& socket) { ScriptedServer::ReadHead(socket); },
                          Backend(seen, 3, ""), Backend(seen, 8, "")});
  TargetConfig config = Config({1});
  config.backend_endpoints = {{"127.0.0.1", backend.port()}};
  const std::string large(32 << 20, 'x');
  const std::vector<std::string_view> large_body = {large};
  for (const LoadVerdict expected :
       {LoadVerdict::kRetry, LoadVerdict::kRetry, LoadVerdict::kRetry, LoadVerdict::kInDoubt}) {
    LoadRequest request = Request();
    static int number = 0;
    if (number++ == 2) request.body = large_body;
    const LoadOutcome outcome = StreamLoadClient(config).Load(request);
    EXPECT_EQ(outcome.verdict, expected) << number << " " << outcome.message;
  }
}

TEST(StreamLoad, SaysWhatToDoAboutABackendThatIsNotReachable) {
  ScriptedServer frontend({Frontend(ClosedPort())});
  const LoadOutcome outcome = StreamLoadClient(Config({frontend.port()})).Load(Request());
  EXPECT_EQ(outcome.verdict, LoadVerdict::kRetry);
  EXPECT_NE(outcome.mend.find("host-mapping"), std::string::npos) << outcome.mend;
}

TEST(StreamLoad, ReadsARefusalByTheFrontend) {
  ScriptedServer frontend({[](Socket& socket) {
    ScriptedServer::ReadHead(socket);
    Send(socket, ScriptedServer::Answer(
                     "401 Unauthorized",
                     R"({"status":"FAILED","code":"1","msg":"Access denied for root@127.0.0.1"})",
                     "WWW-Authenticate: Basic realm=\"\"\r\n"));
  }});
  const LoadOutcome outcome = StreamLoadClient(Config({frontend.port()})).Load(Request());
  EXPECT_EQ(outcome.verdict, LoadVerdict::kConfigRefused);
  EXPECT_EQ(outcome.message, "Access denied for root@127.0.0.1");
  EXPECT_EQ(outcome.message.find("secret"), std::string::npos);
}

TEST(StreamLoad, AsksForLabelsAndErrorLogs) {
  std::string seen;
  ScriptedServer frontend(
      {[&](Socket& socket) {
         seen = ScriptedServer::ReadHead(socket);
         Send(socket, ScriptedServer::Answer("200 OK", R"({"state":"VISIBLE","status":"OK"})",
                                             "Connection: close\r\n"));
       },
       [&](Socket& socket) {
         ScriptedServer::ReadHead(socket);
         Send(socket, ScriptedServer::Answer("200 OK", "Error: bad. Row: x\n"));
       }});
  StreamLoadClient client(Config({frontend.port()}));
  const auto state = client.GetLabelState("d b", "sl_1");
  ASSERT_TRUE(state.ok()) << state.error().ToString();
  EXPECT_EQ(*state, LabelState::kVisible);
  EXPECT_TRUE(seen.starts_with("GET /api/d%20b/get_load_state?label=sl_1 HTTP/1.1"));
  const auto rows = client.FetchErrorLog("http://127.0.0.1:" + std::to_string(frontend.port()) +
                                         "/api/_load_error_log?file=e");
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().reason, "bad");
}

TEST(StreamLoad, RunsATransaction) {
  std::string seen;
  const auto answer = [&seen](std::string_view body, bool with_body) {
    return [&seen, body, with_body](Socket& socket) {
      seen += ScriptedServer::ReadHead(socket);
      if (with_body) {
        Send(socket, kContinue);
        ScriptedServer::ReadBody(socket, 8);
      }
      Send(socket, ScriptedServer::Answer("200 OK", body, "Connection: close\r\n"));
    };
  };
  ScriptedServer server({answer(R"({"Status":"OK","TxnId":3,"Label":"sl_1"})", false),
                         answer(R"({"Status":"OK","TxnId":3})", true),
                         answer(R"({"Status":"OK"})", false),
                         answer(R"({"Status":"FAILED","Message":"publish timeout: 20000"})", false),
                         answer(R"({"Status":"OK"})", false)});
  StreamLoadClient client(Config({server.port()}));
  EXPECT_EQ(client.Begin("db", "t", "sl_1", std::chrono::seconds(600)).transaction_id, 3);
  EXPECT_EQ(client.LoadPart(Request()).verdict, LoadVerdict::kLoaded);
  EXPECT_EQ(client.Prepare("db", "t", "sl_1").verdict, LoadVerdict::kLoaded);
  EXPECT_EQ(client.Commit("db", "t", "sl_1").verdict, LoadVerdict::kCommittedNotVisible);
  EXPECT_EQ(client.Rollback("db", "t", "sl_1").verdict, LoadVerdict::kLoaded);
  EXPECT_NE(seen.find("POST /api/transaction/begin HTTP/1.1"), std::string::npos);
  EXPECT_NE(seen.find("PUT /api/transaction/load HTTP/1.1"), std::string::npos);
  EXPECT_NE(seen.find("db: db\r\n"), std::string::npos);
}

TEST(StreamLoad, CanBeInterrupted) {
  ScriptedServer backend({[](Socket& socket) {
    ScriptedServer::ReadHead(socket);
    std::this_thread::sleep_for(std::chrono::seconds(2));
  }});
  TargetConfig config = Config({1});
  config.backend_endpoints = {{"127.0.0.1", backend.port()}};
  StreamLoadClient client(config);
  std::thread interrupter([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    client.Interrupt();
  });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.Load(Request()).verdict, LoadVerdict::kRetry);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1500));
  EXPECT_FALSE(client.Load(Request()).done());
  interrupter.join();
}

std::string Repeated() {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i % 977) + "\x01";
  return text;
}

TEST(BodyCompression, GivesFramesThatReadBack) {
  const std::string text = Repeated();
  const std::vector<std::string_view> body = {std::string_view(text).substr(0, 1000), "",
                                              std::string_view(text).substr(1000)};
  for (const Compression compression :
       {Compression::kLz4, Compression::kZstd, Compression::kGzip}) {
    LoadRequest request;
    request.body = body;
    request.compression = compression;
    CompressedBody compressed;
    const auto view = compressed.Compress(request);
    ASSERT_TRUE(view.ok()) << view.error().ToString();
    const std::string_view bytes = view->front();
    EXPECT_LT(bytes.size(), text.size() / 2);
    std::string back(text.size() + 1, '\0');
    size_t size = back.size();
    if (compression == Compression::kZstd) {
      size = ZSTD_decompress(back.data(), back.size(), bytes.data(), bytes.size());
    } else if (compression == Compression::kLz4) {
      LZ4F_dctx* context = nullptr;
      LZ4F_createDecompressionContext(&context, LZ4F_VERSION);
      size_t used = bytes.size();
      EXPECT_EQ(LZ4F_decompress(context, back.data(), &size, bytes.data(), &used, nullptr), 0u);
      LZ4F_freeDecompressionContext(context);
    } else {
      z_stream stream{};
      inflateInit2(&stream, 15 + 16);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream.avail_in = static_cast<uInt>(bytes.size());
      stream.next_out = reinterpret_cast<Bytef*>(back.data());
      stream.avail_out = static_cast<uInt>(back.size());
      EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
      size = stream.total_out;
      inflateEnd(&stream);
    }
    EXPECT_EQ(back.substr(0, size), text);
  }
}

TEST(TargetConfig, FillsInWhatFollows) {
  TargetConfig config;
  EXPECT_FALSE(CompleteTargetConfig(config).ok());
  config.query_endpoints = {{"a", 0}, {"::1", 9031}};
  config.user = "root";
  ASSERT_TRUE(SetTargetOption("http_port", "8031", config).ok());
  ASSERT_TRUE(CompleteTargetConfig(config).ok());
  EXPECT_EQ(config.query_endpoints[0].port, 9030);
  EXPECT_EQ(config.http_endpoints[0].ToString(), "a:8031");
  EXPECT_EQ(config.http_endpoints[1].ToString(), "[::1]:8031");
  const Status unknown = SetTargetOption("http_prt", "1", config);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().mend, "write http-port");
  EXPECT_FALSE(SetTargetOption("http-port", "0", config).ok());
  EXPECT_FALSE(SetTargetOption("host-mapping", "nothing", config).ok());
  EXPECT_TRUE(SetTargetOption("host-mapping", "a=b,c:1=d:2", config).ok());
  EXPECT_EQ(config.host_mapping.size(), 2u);
}

TEST(TargetConfig, ReadsEndpoints) {
  const auto endpoints = ParseEndpoints("a,b:1,[::1]:2,[::1]", 8030);
  ASSERT_TRUE(endpoints.ok());
  EXPECT_EQ((*endpoints)[0], (Endpoint{"a", 8030}));
  EXPECT_EQ((*endpoints)[1], (Endpoint{"b", 1}));
  EXPECT_EQ((*endpoints)[2], (Endpoint{"::1", 2}));
  EXPECT_EQ((*endpoints)[3], (Endpoint{"::1", 8030}));
  for (const char* bad : {"", "a,", ":1", "a:", "a:x", "a:70000", "[::1", "[::1]x"}) {
    EXPECT_FALSE(ParseEndpoints(bad, 1).ok()) << bad;
  }
}

}  // namespace
}  // namespace starlift::starrocks

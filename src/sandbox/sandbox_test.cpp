#include "sandbox/sandbox.h"

#include <gtest/gtest.h>

#include "sandbox/storage/test_home.h"
#include "wire/socket.h"

namespace starlift::sandbox {
namespace {

SandboxOptions OptionsFor(const TestHome& home) {
  SandboxOptions options;
  options.home = home.path();
  options.query_port = options.http_port = options.be_http_port = 0;
  return options;
}

std::string Get(uint16_t port, const std::string& path) {
  auto socket = wire::Socket::Connect("127.0.0.1", port, std::chrono::seconds(5));
  if (!socket.ok()) return socket.error().ToString();
  (void)socket->WriteAll("GET " + path + " HTTP/1.1\r\nConnection: close\r\n\r\n");
  std::string answer;
  char piece[4096];
  while (true) {
    auto bytes = socket->ReadSome(piece);
    if (!bytes.ok() || *bytes == 0) return answer;
    answer.append(piece, *bytes);
  }
}

TEST(Sandbox, StartsOnFreePortsAnswersAndStops) {
  TestHome home;
  for (int round = 0; round < 2; ++round) {
    auto sandbox = Sandbox::Start(OptionsFor(home));
    ASSERT_TRUE(sandbox.ok()) << sandbox.error().ToString();
    EXPECT_NE(Get((*sandbox)->http_port(), "/api/health").find("\"online_backend_num\":1"),
              std::string::npos);
    EXPECT_NE(Get((*sandbox)->be_http_port(), "/api/health").find("200 OK"), std::string::npos);
    EXPECT_NE((*sandbox)->query_port(), 0);
    (*sandbox)->Stop();
    (*sandbox)->Stop();
  }
}

TEST(Sandbox, OneProcessPerHome) {
  TestHome home;
  auto first = Sandbox::Start(OptionsFor(home));
  ASSERT_TRUE(first.ok());
  auto second = Sandbox::Start(OptionsFor(home));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
}

TEST(Sandbox, RefusesUnknownSettingsAndFaults) {
  TestHome home;
  SandboxOptions options = OptionsFor(home);
  options.settings = {"no_such_setting=1"};
  EXPECT_EQ(Sandbox::Start(options).error().kind, ErrorKind::kUsage);
  options.settings = {"label_keep_max_num=5"};
  options.faults = {"no_such_fault"};
  EXPECT_EQ(Sandbox::Start(options).error().kind, ErrorKind::kUsage);
}

}  // namespace
}  // namespace starlift::sandbox

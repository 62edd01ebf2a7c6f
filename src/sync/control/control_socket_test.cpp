#include "sync/control/control_socket.h"

#include <filesystem>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace starlift::sync {
namespace {

// Longer than a socket's address may be.
std::string MakeHome() {
  const auto home = std::filesystem::path(::testing::TempDir()) /
                    ("control-" + std::to_string(getpid())) / std::string(120, 'h');
  std::filesystem::create_directories(home);
  return home.string();
}

class ControlSocketTest : public ::testing::Test {
 protected:
  ~ControlSocketTest() override {
    std::filesystem::remove_all(std::filesystem::path(home_).parent_path());
  }
  std::unique_ptr<ControlServer> Start() {
    auto server = ControlServer::Start(
        home_, "shop", [this] { return status_; }, commands_);
    EXPECT_TRUE(server.ok());
    return std::move(*server);
  }

  // Says the text to the server as it is.
  std::string Say(const std::string& text) {
    const std::filesystem::path path = ControlSocketPath(home_, "shop");
    const int folder = open(path.parent_path().c_str(), O_PATH | O_CLOEXEC);
    const int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string short_path =
        "/proc/self/fd/" + std::to_string(folder) + "/" + path.filename().string();
    short_path.copy(address.sun_path, sizeof address.sun_path - 1);
    std::string answer(4096, '\0');
    ssize_t size = -1;
    if (connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        write(peer, text.data(), text.size()) == static_cast<ssize_t>(text.size())) {
      size = read(peer, answer.data(), answer.size());
    }
    close(peer);
    close(folder);
    answer.resize(size < 0 ? 0 : static_cast<size_t>(size));
    return answer;
  }

  std::string home_ = MakeHome();
  CommandQueue commands_;
  TaskStatus status_;
};

TEST_F(ControlSocketTest, NobodyRunsTheTask) {
  const auto answer = SendCommand(home_, "shop", "status", "");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind, ErrorKind::kNotFound);
}

TEST_F(ControlSocketTest, StatusGoesThereAndBack) {
  status_.task = "shop";
  status_.running = true;
  status_.phase = "incremental";
  status_.checkpoint = "mariadb-gtid:0-1-42";
  status_.lag_ms = 1500;
  status_.tables.push_back({.source = "`shop`.`a \"b\" é`",
                            .state = "streaming",
                            .rows_loaded = 7,
                            .changes_applied = 9});
  const auto server = Start();
  const auto answer = SendCommand(home_, "shop", "status", "");
  ASSERT_TRUE(answer.ok());
  const auto read = ParseStatusJson(*answer);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(RenderStatusJson(*read), RenderStatusJson(status_));
  EXPECT_EQ(read->lag_ms, 1500U);
  EXPECT_FALSE(read->lag_bytes.has_value());
}

TEST_F(ControlSocketTest, TheEngineAnswersCommandsInItsOwnTime) {
  const auto server = Start();
  commands_.Open();
  std::thread engine([this] {
    bool done = false;
    while (!done) {
      commands_.Serve([&](const TaskCommand& command) -> Result<std::string> {
        if (command.kind == TaskCommand::Kind::kPause) {
          done = true;
          return Error{ErrorKind::kUsage, "no: " + command.argument, "here", "a mend"};
        }
        EXPECT_EQ(command.kind, TaskCommand::Kind::kRestartFrom);
        return "goes on from " + command.argument;
      });
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(*SendCommand(home_, "shop", "restart-from", "file:a:4"), "goes on from file:a:4");
  const auto refused = SendCommand(home_, "shop", "pause", "x");
  engine.join();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().ToString(), "no: x (at here)\n  to mend it: a mend");
}

TEST_F(ControlSocketTest, AnEngineThatTakesNoCommandsSaysSo) {
  const auto server = Start();
  EXPECT_EQ(SendCommand(home_, "shop", "pause", "").error().kind, ErrorKind::kConflict);
  commands_.Open();
  commands_.Close();
  const auto refused = SendCommand(home_, "shop", "pause", "");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
}

TEST_F(ControlSocketTest, TheEngineEndsWhileSomeoneWaits) {
  const auto server = Start();
  commands_.Open();
  std::thread closer([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    commands_.Close();
  });
  const auto refused = SendCommand(home_, "shop", "pause", "");
  closer.join();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
}

TEST_F(ControlSocketTest, WhatIsNoCommandIsRefusedAndTheTaskGoesOn) {
  const auto server = Start();
  commands_.Open();
  for (const char* text : {"[]\n", "{}\n", "nonsense\n", "{\"command\":7}\n",
                           "{\"command\":\"pause\",\"argument\":5}\n"}) {
    EXPECT_NE(Say(text).find("not a command of the control channel"), std::string::npos) << text;
  }
  EXPECT_TRUE(SendCommand(home_, "shop", "status", "").ok());
}

TEST_F(ControlSocketTest, OnlyItsUserMayOpenItAndADeadProcessesFileIsReplaced) {
  { const auto unclean = Start(); }
  const auto server = Start();
  struct stat file {};
  ASSERT_EQ(stat(ControlSocketPath(home_, "shop").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600U);
  EXPECT_FALSE(SendCommand(home_, "shop", "dance", "").ok());
}

}  // namespace
}  // namespace starlift::sync

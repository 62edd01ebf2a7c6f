#include "sync/control/control_socket.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/log.h"
#include "wire/socket.h"

namespace starlift::sync {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::seconds;

constexpr mode_t kOwnerOnly = 0600;
constexpr int kNameDigits = 16;
constexpr int kBacklog = 16;
constexpr size_t kLongestRequest = 64 << 10;
constexpr size_t kLongestAnswer = 64 << 20;
constexpr seconds kPatience{5};          // with a peer that doesn't speak
constexpr seconds kAnswerPatience{120};  // a pause waits for the loads in flight

struct CommandName {
  std::string_view name;
  TaskCommand::Kind kind;
};
constexpr std::array kCommandNames = {
    CommandName{"pause", TaskCommand::Kind::kPause},
    CommandName{"resume", TaskCommand::Kind::kResume},
    CommandName{"skip", TaskCommand::Kind::kSkip},
    CommandName{"restart-from", TaskCommand::Kind::kRestartFrom},
    CommandName{"add-table", TaskCommand::Kind::kAddTable},
    CommandName{"drop-table", TaskCommand::Kind::kDropTable},
};

std::filesystem::path ControlFolder(const std::string& home) {
  return std::filesystem::path(home) / "control";
}

// An address has room for some 100 bytes only: the folder is named by its descriptor, so that a
// home may lie anywhere.
class FolderAddress {
 public:
  FolderAddress(const std::filesystem::path& folder, const std::string& name)
      : folder_(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    address_.sun_family = AF_UNIX;
    const std::string path = fmt::format("/proc/self/fd/{}/{}", folder_, name);
    std::memcpy(address_.sun_path, path.c_str(), path.size() + 1);
  }
  ~FolderAddress() {
    if (folder_ >= 0) close(folder_);
  }
  FolderAddress(const FolderAddress&) = delete;
  FolderAddress& operator=(const FolderAddress&) = delete;

  bool ok() const { return folder_ >= 0; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static socklen_t size() { return sizeof(sockaddr_un); }

 private:
  int folder_;
  sockaddr_un address_{};
};

Error Failed(std::string_view what, const std::filesystem::path& path) {
  return Error{ErrorKind::kIo,
               fmt::format("can't {} {}: {}", what, path.string(), std::strerror(errno))}
      .Mend("make the folder writable for this user, or give another one with --home");
}

Result<std::string> ReadLine(wire::Socket& socket, size_t longest) {
  std::string line;
  std::array<char, 4096> piece;
  while (line.empty() || line.back() != '\n') {
    SL_ASSIGN(const size_t size, socket.ReadSome(piece));
    if (size == 0) {
      return Error{ErrorKind::kUnreachable, "the other end of the control channel is gone"};
    }
    line.append(piece.data(), size);
    if (line.size() > longest) return Error{ErrorKind::kData, "the control message is too long"};
  }
  line.pop_back();
  return line;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string ErrorLine(const Error& error) {
  return Dump({{"ok", false},
               {"error",
                {{"kind", static_cast<int>(error.kind)},
                 {"message", error.message},
                 {"where", error.where},
                 {"mend", error.mend}}}});
}

}  // namespace

std::string ControlSocketPath(const std::string& home, std::string_view identity) {
  return (ControlFolder(home) / (HexDigits(HashBytes(identity), kNameDigits) + ".sock")).string();
}

struct ControlServer::State {
  std::string path;
  int listener = -1;
  ReadStatus read_status;
  CommandQueue* commands = nullptr;
  std::atomic<bool> ending{false};
  std::thread thread;

  ~State() {
    ending = true;
    if (listener >= 0) ::shutdown(listener, SHUT_RDWR);
    if (thread.joinable()) thread.join();
    if (listener >= 0) close(listener);
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }

  Status Listen(const std::string& home, std::string_view identity) {
    path = ControlSocketPath(home, identity);
    std::error_code failure;
    std::filesystem::create_directories(ControlFolder(home), failure);
    std::filesystem::remove(path, failure);
    const FolderAddress address(ControlFolder(home), std::filesystem::path(path).filename());
    if (!address.ok()) return Failed("open", ControlFolder(home));
    listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // The mode is taken from the descriptor at bind, so that nobody gets in before a chmod.
    if (listener < 0 || fchmod(listener, kOwnerOnly) != 0 ||
        bind(listener, address.get(), FolderAddress::size()) != 0 ||
        listen(listener, kBacklog) != 0) {
      return Failed("listen at", path);
    }
    return {};
  }

  void Serve() {
    while (!ending) {
      const int accepted = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted < 0) {
        if (ending || (errno != EINTR && errno != ECONNABORTED)) return;
        continue;
      }
      wire::Socket socket = wire::Socket::Adopt(accepted);
      socket.SetReadTimeout(kPatience);
      socket.SetWriteTimeout(kPatience);
      const Result<std::string> request = ReadLine(socket, kLongestRequest);
      if (!request.ok()) continue;  // whoever it was is gone
      const Status sent = socket.WriteAll(Answer(*request));
      if (!sent.ok()) LogDebug("control channel: {}", sent.error().ToString());
    }
  }

  std::string Answer(const std::string& request) {
    const Json json = Json::parse(request, nullptr, false);
    if (!json.is_object() || !json.contains("command") || !json["command"].is_string() ||
        (json.contains("argument") && !json["argument"].is_string())) {
      return ErrorLine(Error{ErrorKind::kUsage, "not a command of the control channel"});
    }
    const auto command = json["command"].get<std::string>();
    if (command == "status") {
      return Dump({{"ok", true}, {"answer", Json::parse(RenderStatusJson(read_status()))}});
    }
    for (const CommandName& known : kCommandNames) {
      if (known.name != command) continue;
      const Result<std::string> answer =
          commands->Submit({known.kind, json.value("argument", std::string())});
      if (!answer.ok()) return ErrorLine(answer.error());
      return Dump({{"ok", true}, {"answer", *answer}});
    }
    return ErrorLine(Error{ErrorKind::kUsage, fmt::format("there is no command '{}'", command)});
  }
};

ControlServer::ControlServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
ControlServer::~ControlServer() = default;

Result<std::unique_ptr<ControlServer>> ControlServer::Start(const std::string& home,
                                                            std::string_view identity,
                                                            ReadStatus read_status,
                                                            CommandQueue& commands) {
  auto state = std::make_unique<State>();
  state->read_status = std::move(read_status);
  state->commands = &commands;
  SL_TRY(state->Listen(home, identity));
  state->thread = std::thread([server = state.get()] { server->Serve(); });
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(state)));
}

Result<std::string> SendCommand(const std::string& home, std::string_view identity,
                                std::string_view command, std::string_view argument) {
  const std::string path = ControlSocketPath(home, identity);
  const FolderAddress address(ControlFolder(home), std::filesystem::path(path).filename());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return Failed("open a socket for", path);
  wire::Socket socket = wire::Socket::Adopt(descriptor);
  if (!address.ok() || connect(descriptor, address.get(), FolderAddress::size()) != 0) {
    return Error{ErrorKind::kNotFound, fmt::format("task {} isn't running", identity),
                 fmt::format("home {}", home)}
        .Mend("start it with `starlift sync`, or give the --home that it runs with");
  }
  socket.SetReadTimeout(kAnswerPatience);
  socket.SetWriteTimeout(kPatience);
  SL_TRY(socket.WriteAll(Dump({{"command", command}, {"argument", argument}})));
  SL_ASSIGN(const std::string line, ReadLine(socket, kLongestAnswer));
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("ok") || !json["ok"].is_boolean()) {
    return Error{ErrorKind::kData, "the task's answer can't be read"};
  }
  if (json["ok"].get<bool>()) {
    const Json& answer = json["answer"];
    return answer.is_string() ? answer.get<std::string>() : answer.dump();
  }
  const Json& error = json["error"];
  return Error{static_cast<ErrorKind>(error.value("kind", 0)), error.value("message", ""),
               error.value("where", ""), error.value("mend", "")};
}

}  // namespace starlift::sync

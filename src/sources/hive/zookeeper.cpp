#define THREADED  // the blocking calls of the client library
#include "sources/hive/zookeeper.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <zookeeper/zookeeper.h>

namespace starlift::hive {
namespace {

constexpr int kMostContentBytes = 1 << 20;  // ZooKeeper's own limit of a node

// The library tells of its connection on a thread of its own.
struct Connected {
  std::mutex mutex;
  std::condition_variable told;
  bool yes = false;
};

void TakeState(zhandle_t*, int type, int state, const char*, void* context) {
  if (type != ZOO_SESSION_EVENT || state != ZOO_CONNECTED_STATE) return;
  auto* const connected = static_cast<Connected*>(context);
  const std::lock_guard lock(connected->mutex);
  connected->yes = true;
  connected->told.notify_all();
}

class Client {
 public:
  Client() = default;
  ~Client() {
    if (handle_ != nullptr) zookeeper_close(handle_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Status Open(const std::string& ensemble, std::chrono::milliseconds timeout) {
    place_ = "ZooKeeper at " + ensemble;
    zoo_set_debug_level(static_cast<ZooLogLevel>(0));  // it would write to stderr
    handle_ = zookeeper_init(ensemble.c_str(), TakeState, static_cast<int>(timeout.count()),
                             nullptr, &connected_, 0);
    if (handle_ == nullptr) {
      return Error{ErrorKind::kUsage, fmt::format("'{}' names no hosts of ZooKeeper", ensemble),
                   "source URL", "write it like zk1:2181,zk2:2181"};
    }
    std::unique_lock lock(connected_.mutex);
    if (connected_.told.wait_for(lock, timeout, [this] { return connected_.yes; })) return {};
    return Error{ErrorKind::kUnreachable, "it doesn't answer", place_,
                 "see that ZooKeeper runs, and that the firewall lets us in"};
  }

  Result<std::vector<std::string>> Children(const std::string& path) {
    String_vector found{};
    if (const int code = zoo_get_children(handle_, path.c_str(), 0, &found); code != ZOK) {
      return ErrorOf(code, path);
    }
    std::vector<std::string> names(found.data, found.data + found.count);
    deallocate_String_vector(&found);
    std::sort(names.begin(), names.end());
    return names;
  }

  // Empty for a node that has gone meanwhile.
  Result<std::string> Content(const std::string& path) {
    std::string content(kMostContentBytes, '\0');
    int length = kMostContentBytes;
    const int code = zoo_get(handle_, path.c_str(), 0, content.data(), &length, nullptr);
    if (code != ZOK && code != ZNONODE) return ErrorOf(code, path);
    content.resize(static_cast<size_t>(std::max(code == ZOK ? length : 0, 0)));
    return content;
  }

 private:
  Error ErrorOf(int code, const std::string& path) const {
    Error error{.kind = ErrorKind::kRefused,
                .message = fmt::format("{}: {}", path, zerror(code)),
                .where = place_,
                .native_code = code};
    if (code == ZNONODE) {
      error.kind = ErrorKind::kNotFound;
      error.mend =
          "give the servers' hive.server2.zookeeper.namespace as ?zookeeper-namespace=NAME";
    } else if (code == ZCONNECTIONLOSS || code == ZOPERATIONTIMEOUT || code == ZSESSIONEXPIRED) {
      error.kind = ErrorKind::kUnreachable;
    }
    return error;
  }

  Connected connected_;
  zhandle_t* handle_ = nullptr;
  std::string place_;
};

}  // namespace

Result<std::vector<RegisteredServer>> ListServers(const std::string& ensemble,
                                                  const std::string& name_space,
                                                  std::chrono::milliseconds timeout) {
  Client client;
  SL_TRY(client.Open(ensemble, timeout));
  const std::string folder = "/" + name_space;
  SL_ASSIGN(const std::vector<std::string> nodes, client.Children(folder));
  std::vector<RegisteredServer> servers;
  for (const std::string& node : nodes) {
    SL_ASSIGN(const std::string content, client.Content(folder + "/" + node));
    if (auto server = ReadRegistration(node, content)) servers.push_back(std::move(*server));
  }
  if (!servers.empty()) return servers;
  return Error{ErrorKind::kNotFound, fmt::format("no HiveServer2 is registered in {}", folder),
               "ZooKeeper at " + ensemble,
               "start one with hive.server2.support.dynamic.service.discovery=true, or give host "
               "and port of one"};
}

}  // namespace starlift::hive

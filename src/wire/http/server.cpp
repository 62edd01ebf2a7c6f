#include "wire/http/server.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "wire/http/server_connection.h"
#include "wire/socket.h"

namespace starlift::wire::http {
namespace {

struct LiveConnection {
  explicit LiveConnection(Socket accepted) : socket(std::move(accepted)) {}
  Socket socket;
  std::atomic<bool> busy{false};
  std::atomic<bool> finished{false};
  std::thread thread;
};

}  // namespace

struct Server::State {
  ServerOptions options;
  Handler handler;
  Listener listener;
  std::atomic<bool> stopping{false};
  std::thread acceptor;
  std::mutex mutex;
  std::list<LiveConnection> connections;

  void AcceptLoop() {
    while (!stopping.load()) {
      Result<Socket> socket = listener.Accept();
      if (stopping.load()) return;
      if (!socket.ok()) {
        // Out of descriptors, or a client that was gone before it was accepted: go on, but slowly.
        LogWarning("HTTP port {}: {}", listener.port(), socket.error().ToString());
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        continue;
      }
      std::lock_guard guard(mutex);
      JoinFinished();
      LiveConnection& connection = connections.emplace_back(std::move(*socket));
      connection.thread = std::thread([this, &connection] {
        ServeConnection(connection.socket, options, handler, stopping, connection.busy);
        connection.socket.Shutdown();
        connection.finished.store(true);
      });
    }
  }

  // With the mutex held.
  void JoinFinished() {
    connections.remove_if([](LiveConnection& connection) {
      if (!connection.finished.load()) return false;
      connection.thread.join();
      return true;
    });
  }
};

Server::Server() : state_(std::make_unique<State>()) {}
Server::~Server() { Stop(); }

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler handler,
                                              const std::function<void(uint16_t)>& before_serving) {
  std::unique_ptr<Server> server(new Server());
  State& state = *server->state_;
  state.options = options;
  state.handler = std::move(handler);
  SL_ASSIGN(state.listener, Listener::Listen(options.bind_address, options.port));
  if (before_serving) before_serving(state.listener.port());
  state.acceptor = std::thread([&state] { state.AcceptLoop(); });
  return server;
}

uint16_t Server::port() const { return state_->listener.port(); }

void Server::Stop(int grace_seconds) {
  State& state = *state_;
  if (state.stopping.exchange(true)) return;
  state.listener.Shutdown();
  if (state.acceptor.joinable()) state.acceptor.join();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(grace_seconds);
  while (true) {
    const bool out_of_patience = std::chrono::steady_clock::now() >= deadline;
    {
      std::lock_guard guard(state.mutex);
      state.JoinFinished();
      if (state.connections.empty()) return;
      for (LiveConnection& connection : state.connections) {
        if (out_of_patience || !connection.busy.load()) connection.socket.Shutdown();
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace starlift::wire::http

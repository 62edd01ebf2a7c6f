#include "sandbox/frontend/query_server.h"

#include <atomic>
#include <chrono>
#include <list>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "sandbox/frontend/client_connection.h"

namespace starlift::sandbox::frontend {

namespace {

constexpr std::chrono::milliseconds kAfterFailure{50};

}  // namespace

struct QueryServer::State {
  ServerState shared;
  wire::Listener listener;
  std::thread acceptor;
  std::atomic<bool> stopping{false};

  struct Client {
    std::unique_ptr<ClientConnection> connection;
    std::thread thread;
    std::atomic<bool> finished{false};
  };
  std::mutex mutex;
  std::list<Client> clients;

  void Accept() {
    while (!stopping) {
      auto socket = listener.Accept();
      if (stopping) return;
      if (!socket.ok()) {
        // Out of descriptors: go on, but slowly.
        LogWarning("query port: {}", socket.error().message);
        std::this_thread::sleep_for(kAfterFailure);
        continue;
      }
      std::lock_guard lock(mutex);
      Reap();
      Client& client = clients.emplace_back();
      client.connection = std::make_unique<ClientConnection>(&shared, std::move(*socket));
      client.thread = std::thread([&client] {
        client.connection->Run();
        client.finished = true;
      });
    }
  }

  // Joins threads whose client has gone. With the mutex.
  void Reap() {
    for (auto client = clients.begin(); client != clients.end();) {
      if (!client->finished) {
        ++client;
        continue;
      }
      client->thread.join();
      client = clients.erase(client);
    }
  }
};

QueryServer::QueryServer() : state_(std::make_unique<State>()) {}
QueryServer::~QueryServer() { Stop(); }

Result<std::unique_ptr<QueryServer>> QueryServer::Start(const ServerEnvironment& environment) {
  std::unique_ptr<QueryServer> server(new QueryServer());
  State& state = *server->state_;
  state.shared.environment = environment;
  state.shared.started_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                                std::chrono::system_clock::now().time_since_epoch())
                                .count();
  SL_ASSIGN(state.listener,
            wire::Listener::Listen(environment.bind_address, environment.endpoints.query_port));
  state.shared.environment.endpoints.query_port = state.listener.port();
  state.acceptor = std::thread([&state] { state.Accept(); });
  return server;
}

uint16_t QueryServer::port() const { return state_->shared.environment.endpoints.query_port; }

void QueryServer::Stop() {
  State& state = *state_;
  if (!state.acceptor.joinable()) return;
  state.stopping = true;
  state.listener.Shutdown();
  state.acceptor.join();
  std::lock_guard lock(state.mutex);
  for (State::Client& client : state.clients) client.connection->Close();
  for (State::Client& client : state.clients) client.thread.join();
  state.clients.clear();
}

}  // namespace starlift::sandbox::frontend

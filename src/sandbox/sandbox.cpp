#include "sandbox/sandbox.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "base/log.h"
#include "sandbox/catalog/catalog.h"
#include "sandbox/ddl/job_runner.h"
#include "sandbox/frontend/query_server.h"
#include "sandbox/frontend/user_store.h"
#include "sandbox/http/backend_http.h"
#include "sandbox/http/frontend_http.h"
#include "sandbox/load/error_log.h"
#include "sandbox/load/two_phase.h"
#include "sandbox/query/analyzer.h"
#include "sandbox/query/expression_translator.h"
#include "sandbox/storage/catalog_storage.h"
#include "sandbox/storage_facts.h"
#include "wire/http/server.h"

namespace starlift::sandbox {
namespace {

constexpr std::chrono::milliseconds kCleanPoll{500};
// Real backends shut idle connections late; loads of slow clients must not be taken for idle.
constexpr int kIdleSeconds = 600;

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The token that the cluster's members know each other by; made once per home folder.
Result<std::string> ClusterToken(Storage& storage) {
  SL_ASSIGN(const std::vector<Document> kept, storage.ReadDocuments("cluster"));
  if (!kept.empty()) return kept.front().body;
  std::random_device random;
  const std::string token =
      fmt::format("{:08x}-{:08x}-{:08x}-{:08x}", random(), random(), random(), random());
  const auto keep = [&](WriteTransaction& write) {
    return write.PutDocument("cluster", "token", token);
  };
  SL_TRY(storage.RunWrite(keep));
  return token;
}

// The address that clients are told: where 0.0.0.0 is bound, the loopback one.
std::string ReachableHost(const std::string& bind_address) {
  return bind_address == "0.0.0.0" || bind_address == "::" ? "127.0.0.1" : bind_address;
}

}  // namespace

// In the order in which things are made; Stop and the destructor take them down the other way.
struct Sandbox::State {
  SandboxOptions options;
  load::Faults faults;
  std::unique_ptr<Storage> storage;
  std::unique_ptr<CatalogStorage> catalog_store;
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<TransactionLedger> ledger;
  std::unique_ptr<frontend::UserStore> users;
  std::unique_ptr<StoredFacts> facts;
  std::unique_ptr<LedgerWatch> watch;
  std::unique_ptr<query::Analyzer> analyzer;
  ddl::Environment ddl;
  std::unique_ptr<ddl::JobRunner> jobs;
  load::LoadEnvironment loads;
  std::unique_ptr<load::TwoPhaseLoads> two_phase;
  std::unique_ptr<http::BackendHttp> backend;
  std::unique_ptr<http::FrontendHttp> frontend;
  std::unique_ptr<wire::http::Server> backend_server;
  std::unique_ptr<wire::http::Server> frontend_server;
  std::unique_ptr<frontend::QueryServer> query_server;
  std::atomic<uint16_t> open_query_port{0};

  std::mutex clean_mutex;
  std::condition_variable clean_wake;
  bool stopping = false;
  std::thread cleaner;
  std::mutex stop_mutex;
  bool stopped = false;

  Status ReadOptions();
  Status OpenStores();
  Status OpenPorts();
  void Clean();
  void Stop();
};

Status Sandbox::State::ReadOptions() {
  for (const std::string& setting : options.settings) {
    SL_TRY(load::ApplySetting(loads.settings, setting));
  }
  for (const std::string& text : options.faults) {
    SL_ASSIGN(load::Fault fault, load::Faults::Parse(text));
    faults.Add(std::move(fault));
  }
  return {};
}

Status Sandbox::State::OpenStores() {
  StorageOptions storage_options;
  storage_options.home = options.home;
  storage_options.memory_limit_bytes = options.memory_limit_bytes;
  SL_ASSIGN(storage, Storage::Open(storage_options));
  SL_TRY(query::RegisterFunctions(*storage));
  catalog_store = std::make_unique<CatalogStorage>(*storage);
  catalog = std::make_unique<catalog::Catalog>(*catalog_store);
  SL_TRY(catalog->Load());
  SL_ASSIGN(ledger, TransactionLedger::Open(storage.get(), loads.settings.ledger));
  SL_ASSIGN(users, frontend::UserStore::Open(storage.get()));
  facts = std::make_unique<StoredFacts>(*storage, *ledger);
  watch = std::make_unique<LedgerWatch>(*storage, *ledger);
  analyzer = std::make_unique<query::Analyzer>(catalog.get(), storage.get(), ledger.get());
  ddl.catalog = catalog.get();
  ddl.storage = facts.get();
  ddl.transactions = watch.get();
  ddl.analyzer = analyzer.get();
  ddl.cluster.live_backends = options.backends;
  loads.storage = storage.get();
  loads.catalog = catalog.get();
  loads.ledger = ledger.get();
  loads.faults = &faults;
  loads.null_mode = options.null_mode;
  loads.error_log_folder = options.home + "/error_logs";
  return {};
}

Status Sandbox::State::OpenPorts() {
  const std::string host = ReachableHost(options.bind_address);
  SL_ASSIGN(const std::string token, ClusterToken(*storage));

  // The backend's address is part of what its own handlers answer, so the port comes first.
  wire::http::ServerOptions backend_options;
  backend_options.bind_address = options.bind_address;
  backend_options.port = options.be_http_port;
  backend_options.idle_timeout_seconds = kIdleSeconds;
  SL_ASSIGN(
      backend_server,
      wire::http::Server::Start(
          backend_options,
          [this](const auto& request, auto& responder) { backend->Handle(request, responder); },
          [&](uint16_t port) {
            const std::string base =
                fmt::format("http://{}:{}/api/_load_error_log?file=", host, port);
            two_phase = std::make_unique<load::TwoPhaseLoads>(loads, base);
            backend = std::make_unique<http::BackendHttp>(
                http::BackendContext{&loads, two_phase.get(), users.get(), base});
          }));

  wire::http::ServerOptions frontend_options = backend_options;
  frontend_options.port = options.http_port;
  http::FrontendContext context;
  context.loads = &loads;
  context.two_phase = two_phase.get();
  context.users = users.get();
  context.ddl = &ddl;
  context.backend_address = fmt::format("{}:{}", host, backend_server->port());
  context.cluster_token = token;
  context.backends = options.backends;
  context.query_port = &open_query_port;
  context.rpc_port = options.rpc_port;
  context.start_ms = NowMs();
  frontend = std::make_unique<http::FrontendHttp>(std::move(context));
  SL_ASSIGN(frontend_server, wire::http::Server::Start(
                                 frontend_options, [this](const auto& request, auto& responder) {
                                   frontend->Handle(request, responder);
                                 }));

  jobs = std::make_unique<ddl::JobRunner>(ddl);
  jobs->Start();
  cleaner = std::thread([this] { Clean(); });

  frontend::ServerEnvironment environment;
  environment.storage = storage.get();
  environment.ledger = ledger.get();
  environment.users = users.get();
  environment.ddl = &ddl;
  environment.bind_address = options.bind_address;
  environment.endpoints = {host,
                           options.query_port,
                           frontend_server->port(),
                           backend_server->port(),
                           options.rpc_port,
                           options.backends};
  SL_ASSIGN(query_server, frontend::QueryServer::Start(environment));
  open_query_port = query_server->port();
  return {};
}

// Time-outs of transactions, forgotten labels, old error logs.
void Sandbox::State::Clean() {
  auto next = std::chrono::steady_clock::now();
  std::unique_lock lock(clean_mutex);
  while (!clean_wake.wait_for(lock, kCleanPoll, [this] { return stopping; })) {
    two_phase->DropTimedOut();
    if (std::chrono::steady_clock::now() < next) continue;
    for (int64_t id : ledger->TimedOut()) {
      if (ledger->Cancel(id, "timeout by txn manager").ok()) two_phase->Forget(id);
    }
    const Status forgotten = ledger->Forget();
    if (!forgotten.ok()) LogWarning("label cleaner: {}", forgotten.error().ToString());
    load::RemoveOldErrorLogs(loads.error_log_folder, loads.settings.load_error_log_reserve_hours);
    next = std::chrono::steady_clock::now() +
           std::chrono::seconds(loads.settings.ledger.transaction_clean_interval_second);
  }
}

void Sandbox::State::Stop() {
  std::lock_guard once(stop_mutex);
  if (stopped) return;
  stopped = true;
  if (query_server) query_server->Stop();
  if (frontend_server) frontend_server->Stop();
  if (backend_server) backend_server->Stop();
  if (jobs) jobs->Stop();
  {
    std::lock_guard lock(clean_mutex);
    stopping = true;
  }
  clean_wake.notify_all();
  if (cleaner.joinable()) cleaner.join();
  query_server.reset();
  frontend_server.reset();
  backend_server.reset();
  two_phase.reset();
}

Sandbox::Sandbox() : state_(std::make_unique<State>()) {}
Sandbox::~Sandbox() { Stop(); }

Result<std::unique_ptr<Sandbox>> Sandbox::Start(const SandboxOptions& options) {
  std::unique_ptr<Sandbox> sandbox(new Sandbox());
  State& state = *sandbox->state_;
  state.options = options;
  SL_TRY(state.ReadOptions());
  SL_TRY(state.OpenStores());
  Status opened = state.OpenPorts();
  if (!opened.ok()) {
    Error error = std::move(opened).error();
    if (error.mend.empty() && error.message.starts_with("cannot listen")) {
      error.mend = "--bind takes an address of this machine, such as 127.0.0.1 or 0.0.0.0";
    }
    return error;
  }
  return sandbox;
}

uint16_t Sandbox::query_port() const { return state_->query_server->port(); }
uint16_t Sandbox::http_port() const { return state_->frontend_server->port(); }
uint16_t Sandbox::be_http_port() const { return state_->backend_server->port(); }
void Sandbox::Stop() { state_->Stop(); }

}  // namespace starlift::sandbox

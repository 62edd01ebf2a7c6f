#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "starrocks/cluster.h"
#include "starrocks/grants.h"
#include "starrocks/http_probe.h"

namespace starlift::starrocks {
namespace {

using wire::http::ClientResponse;

const Version kOldestKnown{.major = 2, .minor = 5, .patch = 0, .text = "2.5"};
const Version kVarbinarySince{.major = 3, .minor = 0, .patch = 0, .text = "3.0"};

class TargetCheck {
 public:
  TargetCheck(const TargetConfig& config, const std::vector<std::string>& databases)
      : config_(config), databases_(databases), session_(config) {}

  std::vector<Finding> Run() {
    CheckQueryPorts();
    CheckHttpPorts();
    if (logged_in_) {
      CheckCluster();
      CheckPrivileges();
    }
    return std::move(findings_);
  }

 private:
  void Add(Severity severity, std::string code, std::string message, std::string mend = "") {
    findings_.push_back(
        Finding{severity, std::move(code), "target", std::move(message), std::move(mend)});
  }

  // One frontend of several that is away is no reason not to start.
  Severity SeverityOfAbsence(size_t endpoints) const {
    return endpoints > 1 ? Severity::kWarning : Severity::kError;
  }

  void CheckQueryPorts() {
    size_t answering = 0;
    for (const Endpoint& endpoint : config_.query_endpoints) {
      TargetConfig alone = config_;
      alone.query_endpoints = {endpoint};
      Session session(alone);
      const Status connected = session.Connect();
      if (connected.ok()) {
        ++answering;
        logged_in_ = true;
        continue;
      }
      const Error& error = connected.error();
      if (error.kind == ErrorKind::kRefused) {
        Add(Severity::kError, "target-login",
            fmt::format("the target refuses user `{}`: {}", config_.user, error.message),
            fmt::format("check the password, or create the user: CREATE USER '{}' IDENTIFIED BY "
                        "'…';",
                        config_.user));
        return;
      }
      Add(SeverityOfAbsence(config_.query_endpoints.size()), "target-query-port",
          fmt::format("the query port {} can't be used: {}", endpoint.ToString(), error.message),
          "check host, port (9030 by default) and firewalls");
    }
    if (answering == 0 && config_.query_endpoints.size() > 1) {
      Add(Severity::kError, "target-query-port", "no frontend's query port answers",
          "check hosts, ports (9030 by default) and firewalls");
    }
  }

  void CheckHttpPorts() {
    size_t answering = 0;
    for (const Endpoint& endpoint : config_.http_endpoints) {
      const auto answer = ProbeRedirect(config_, endpoint);
      if (!answer.ok()) {
        Add(SeverityOfAbsence(config_.http_endpoints.size()), "target-http-port",
            fmt::format("the HTTP port {} can't be used: {}", endpoint.ToString(),
                        answer.error().message),
            "check host, port (8030 by default; option http-port) and firewalls");
        continue;
      }
      ++answering;
      CheckRedirect(endpoint, *answer);
    }
    if (answering == 0 && config_.http_endpoints.size() > 1) {
      Add(Severity::kError, "target-http-port", "no frontend's HTTP port answers",
          "check hosts, ports (8030 by default; option http-port) and firewalls");
    }
    for (const Endpoint& backend : config_.backend_endpoints) CheckBackend(backend);
  }

  void CheckRedirect(const Endpoint& frontend, const ClientResponse& answer) {
    if (answer.status == 401) {
      if (!logged_in_) return;  // said already
      Add(Severity::kError, "target-http-login",
          fmt::format("the HTTP port {} refuses user `{}`", frontend.ToString(), config_.user),
          "check the user's password and host pattern");
      return;
    }
    if (answer.status == 307) {
      const auto location = wire::http::ParseUrl(answer.Find("Location"));
      if (location.ok()) {
        CheckBackend(
            MapEndpoint(config_, Endpoint{.host = location->host, .port = location->port}));
        return;
      }
    }
    const auto body = nlohmann::json::parse(answer.body, nullptr, false);
    std::string said = fmt::format("HTTP {}", answer.status);
    if (body.is_object() && body.contains("Message") && body["Message"].is_string()) {
      said = body["Message"].get<std::string>();
    }
    const bool no_backend = said.find("alive") != std::string::npos;
    Add(Severity::kError, no_backend ? "target-no-backend" : "target-http-port",
        fmt::format("{} doesn't take loads: {}", frontend.ToString(), said),
        no_backend ? "start a backend, or add one: ALTER SYSTEM ADD BACKEND \"host:9050\";"
                   : "is it the frontend's HTTP port (8030 by default; option http-port)?");
  }

  void CheckBackend(const Endpoint& backend) {
    if (!checked_backends_.insert(backend.ToString()).second) return;
    TargetConfig plain = config_;
    plain.http_tls.mode = wire::TlsMode::kDisabled;
    const auto answer = ProbeGet(plain, backend, "/api/health");
    if (answer.ok()) return;
    Add(Severity::kError, "target-backend-port",
        fmt::format("loads are sent to the backend {}, which can't be reached: {}",
                    backend.ToString(), answer.error().message),
        fmt::format("open the port, or say where it is reached: host-mapping={}=<host:port>",
                    backend.ToString()));
  }

  void CheckCluster() {
    const Result<ClusterFacts> facts = ReadClusterFacts(config_, session_);
    if (!facts.ok()) {
      Add(Severity::kError, "target-query-port", facts.error().ToString());
      return;
    }
    CheckVersion(facts->version);
    CheckBackends(*facts);
  }

  void CheckVersion(const Version& version) {
    if (version.text.empty()) {
      Add(Severity::kWarning, "target-version", "the target doesn't say its version",
          "is it StarRocks 2.5 or later?");
    } else if (version < kOldestKnown) {
      Add(Severity::kError, "target-version",
          fmt::format("StarRocks {} is too old: 2.5 is the oldest that works", version.text),
          "upgrade the target");
    } else if (version < kVarbinarySince) {
      Add(Severity::kWarning, "target-version",
          fmt::format("StarRocks {} has no VARBINARY: tables with binary columns fail",
                      version.text),
          "upgrade the target to 3.0, or exclude those columns");
    }
  }

  void CheckBackends(const ClusterFacts& facts) {
    if (!facts.live_backends) {
      if (config_.replication_num > 0) return;
      Add(Severity::kWarning, "target-backends-unknown",
          "the number of live backends isn't known: tables get the server's default of replicas",
          "say it with the target option replication-num");
      return;
    }
    if (*facts.live_backends == 0) {
      Add(Severity::kError, "target-no-backend", "no backend is alive",
          "start the backends, and look at SHOW BACKENDS;");
    } else if (config_.replication_num > *facts.live_backends) {
      Add(Severity::kError, "target-replication-num",
          fmt::format("replication-num is {}, but only {} backends are alive",
                      config_.replication_num, *facts.live_backends),
          fmt::format("set replication-num to {} or less", *facts.live_backends));
    }
  }

  void CheckPrivileges() {
    const Result<QueryRows> rows = session_.Query("SHOW GRANTS");
    if (!rows.ok()) return;  // older servers, or not allowed: the first statement will tell
    std::vector<std::string> lines;
    for (size_t row = 0; row < rows->rows.size(); ++row) {
      if (const auto grant = CellAt(*rows, row, "Grants")) lines.emplace_back(*grant);
    }
    const Grants grants = ParseGrants(lines);
    if (grants.has_roles) return;  // what a role may isn't shown to everyone
    for (const std::string& database : databases_) {
      for (const std::string_view privilege : {"INSERT", "SELECT"}) {
        if (grants.AllowsTables(privilege, database)) continue;
        Add(Severity::kWarning, "target-privilege",
            fmt::format("user `{}` seems to lack {} on the tables of `{}`", config_.user, privilege,
                        database),
            fmt::format("GRANT {} ON ALL TABLES IN DATABASE `{}` TO USER '{}';", privilege,
                        database, config_.user));
      }
    }
  }

  const TargetConfig& config_;
  const std::vector<std::string>& databases_;
  Session session_;
  bool logged_in_ = false;
  std::set<std::string> checked_backends_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> CheckTarget(const TargetConfig& config,
                                 const std::vector<std::string>& databases) {
  return TargetCheck(config, databases).Run();
}

}  // namespace starlift::starrocks

#include "starrocks/cluster.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "starrocks/http_probe.h"

namespace starlift::starrocks {
namespace {

constexpr uint32_t kUsualReplicas = 3;

// Reads digits up to what isn't one; false if there is none.
bool TakeNumber(std::string_view& text, uint32_t& number) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{}) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

std::optional<Version> VersionAt(std::string_view text) {
  Version version;
  std::string_view rest = text;
  if (!TakeNumber(rest, version.major) || !rest.starts_with('.')) return std::nullopt;
  rest.remove_prefix(1);
  if (!TakeNumber(rest, version.minor)) return std::nullopt;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    TakeNumber(rest, version.patch);
  }
  version.text = text;
  return version;
}

Result<Version> ReadVersion(Session& session) {
  // A backend evaluates current_version(): without a live one there is no row.
  for (const std::string_view sql : {"SELECT current_version()", "SELECT @@version_comment"}) {
    Result<QueryRows> rows = session.Query(sql);
    if (!rows.ok()) {
      if (rows.error().kind == ErrorKind::kUnreachable) return std::move(rows).error();
      continue;
    }
    if (rows->rows.empty() || rows->rows[0].empty() || !rows->rows[0][0]) continue;
    if (auto version = ParseVersion(*rows->rows[0][0])) return *version;
  }
  return Version{};
}

std::optional<uint32_t> BackendsFromHealth(const TargetConfig& config) {
  for (const Endpoint& endpoint : config.http_endpoints) {
    const auto answer = ProbeGet(config, endpoint, "/api/health");
    if (!answer.ok() || answer->status != 200) continue;
    const auto health = nlohmann::json::parse(answer->body, nullptr, false);
    if (!health.is_object()) continue;
    const auto online = health.find("online_backend_num");
    if (online != health.end() && online->is_number_unsigned()) return online->get<uint32_t>();
  }
  return std::nullopt;
}

// Needs the system privilege OPERATE or NODE; refused, it tells nothing.
std::optional<uint32_t> BackendsFromSql(Session& session) {
  uint32_t alive = 0;
  bool told = false;
  for (const std::string_view sql : {"SHOW BACKENDS", "SHOW COMPUTE NODES"}) {
    const Result<QueryRows> nodes = session.Query(sql);
    if (!nodes.ok()) continue;
    told = true;
    for (size_t row = 0; row < nodes->rows.size(); ++row) {
      if (CellAt(*nodes, row, "Alive") == "true") ++alive;
    }
  }
  return told ? std::optional(alive) : std::nullopt;
}

}  // namespace

std::optional<Version> ParseVersion(std::string_view text) {
  const size_t digit = text.find_first_of("0123456789");
  if (digit == std::string_view::npos) return std::nullopt;
  return VersionAt(text.substr(digit));
}

Result<ClusterFacts> ReadClusterFacts(const TargetConfig& config, Session& session) {
  ClusterFacts facts;
  SL_ASSIGN(facts.version, ReadVersion(session));
  facts.live_backends = BackendsFromHealth(config);
  if (!facts.live_backends) facts.live_backends = BackendsFromSql(session);
  return facts;
}

std::optional<uint32_t> ChooseReplicationNum(const TargetConfig& config,
                                             const ClusterFacts& facts) {
  if (config.replication_num > 0) return config.replication_num;
  if (!facts.live_backends || *facts.live_backends == 0) return std::nullopt;
  return std::min(kUsualReplicas, *facts.live_backends);
}

bool SupportsRandomDistribution(const ClusterFacts& facts) {
  const Version& version = facts.version;
  return version.text.empty() || version.major > 3 || (version.major == 3 && version.minor >= 1);
}

}  // namespace starlift::starrocks

#include "sync/config/task_config.h"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace starlift::sync {
namespace {

// FNV-1a, 64 bits: an identity must stay the same over builds and machines, not resist attacks.
class IdentityHash {
 public:
  void Add(std::string_view part) {
    for (const char c : part) Mix(static_cast<unsigned char>(c));
    Mix(0xff);  // no text holds it: parts can't run together
  }
  uint64_t value() const { return value_; }

 private:
  void Mix(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3; }
  uint64_t value_ = 0xcbf29ce484222325;
};

}  // namespace

std::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kStructure:
      return "structure";
    case Phase::kFull:
      return "full";
    case Phase::kIncremental:
      return "incremental";
    case Phase::kVerification:
      return "verification";
  }
  return "full";
}

std::string TaskIdentity(const TaskConfig& config) {
  if (!config.name.empty()) return config.name;
  IdentityHash hash;
  hash.Add(config.source.kind);
  hash.Add(config.source.host);
  hash.Add(std::to_string(config.source.port));
  hash.Add(config.source.user);
  hash.Add(config.source.database);
  for (const starrocks::Endpoint& endpoint : config.target.query_endpoints) {
    hash.Add(endpoint.ToString());
  }
  hash.Add(config.target.user);
  hash.Add(config.target.database);
  return fmt::format("{:016x}", hash.value());
}

std::string DescribeSource(const SourceConfig& source) {
  const starrocks::Endpoint endpoint{source.host, source.port};
  return fmt::format("{}://{}@{}/{}", source.kind, source.user, endpoint.ToString(),
                     source.database);
}

std::string DescribeTarget(const starrocks::TargetConfig& target) {
  std::vector<std::string> hosts;
  for (const starrocks::Endpoint& endpoint : target.query_endpoints) {
    hosts.push_back(endpoint.ToString());
  }
  return fmt::format("starrocks://{}@{}/{}", target.user, fmt::join(hosts, ","), target.database);
}

}  // namespace starlift::sync

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/finding.h"
#include "starrocks/session.h"
#include "starrocks/target_config.h"

namespace starlift::starrocks {

struct Version {
  uint32_t major = 0, minor = 0, patch = 0;
  std::string text;  // as the server prints it: "3.5.0-abc1234"

  auto operator<=>(const Version& other) const {
    if (auto order = major <=> other.major; order != 0) return order;
    if (auto order = minor <=> other.minor; order != 0) return order;
    return patch <=> other.patch;
  }
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }
};

// "3.3.2-857dd73" or "StarRocks version 3.3.2"; nullopt if no version is in the text.
std::optional<Version> ParseVersion(std::string_view text);

// What is known of the target as a whole.
struct ClusterFacts {
  Version version;
  // nullopt where the server doesn't tell: neither /api/health nor SHOW BACKENDS allowed.
  std::optional<uint32_t> live_backends;
};

// Asks version and live backends. An error means that the target could not be asked at all.
Result<ClusterFacts> ReadClusterFacts(const TargetConfig& config, Session& session);

// What CREATE TABLE should say: the user's wish, else min(3, live backends), else nullopt (leave it
// to the server's default).
std::optional<uint32_t> ChooseReplicationNum(const TargetConfig& config, const ClusterFacts& facts);

// DISTRIBUTED BY RANDOM, since 3.1. A version that isn't known counts as new.
bool SupportsRandomDistribution(const ClusterFacts& facts);

// The preconditions of loading into `databases` (names at the target): query port, HTTP port and
// the redirected backend port answer, login, privileges, version, live backends. Each finding with
// its mend. Changes nothing at the target. Never fails: what can't be asked becomes a finding.
std::vector<Finding> CheckTarget(const TargetConfig& config,
                                 const std::vector<std::string>& databases);

}  // namespace starlift::starrocks

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "starrocks/session.h"

namespace starlift::starrocks {

enum class AlterState : uint8_t { kRunning, kFinished, kCancelled };

// An asynchronous ALTER TABLE, as SHOW ALTER TABLE COLUMN tells of it.
struct AlterJob {
  uint64_t id = 0;
  AlterState state = AlterState::kRunning;
  std::string state_text;  // "WAITING_TXN"
  std::string message;     // why it was cancelled
  std::string progress;    // "30%", where the server tells
};

// The latest of the table's jobs; nullopt if it never had one. Changes that are only metadata (fast
// schema evolution) leave no job.
Result<std::optional<AlterJob>> ReadLastAlterJob(Session& session, std::string_view database,
                                                 std::string_view table);

}  // namespace starlift::starrocks

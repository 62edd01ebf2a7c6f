#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace starlift::sync {

// What `starlift status` shows. Plain data; times are Unix milliseconds, 0: never.

struct TableStatus {
  std::string source;  // "`shop`.`orders`"
  std::string target;
  std::string state;  // "waiting", "loading", "done", "streaming", "failed"
  uint64_t rows_estimate = 0;
  uint64_t rows_loaded = 0;  // by the full load
  uint64_t changes_applied = 0;
  uint64_t dead_letters = 0;
  int64_t last_load_unix_ms = 0;
  // Now minus the commit time of the oldest change that isn't durable; 0: none waits.
  uint64_t lag_ms = 0;
  // What its last verification said.
  int64_t verified_unix_ms = 0;
  bool verified_equal = false;
  uint64_t differing = 0;  // rows
};

struct TaskStatus {
  std::string task;
  bool running = false;
  bool paused = false;
  std::string phase;       // "structure", "full", "incremental", "done"
  std::string checkpoint;  // position below which all is durable
  // Now minus the commit time of the last change that is durable; nullopt: not known, as when the
  // task doesn't run or isn't incremental yet.
  std::optional<uint64_t> lag_ms;
  std::optional<uint64_t> lag_bytes;  // log received and not durable
  int64_t last_load_unix_ms = 0;
  uint64_t changes_applied = 0;
  uint64_t reconnects = 0;
  uint64_t dead_letters = 0;
  uint64_t skips_left = 0;  // of `starlift skip`
  std::vector<TableStatus> tables;
};

std::string RenderStatus(const TaskStatus& status);  // for people
std::string RenderStatusJson(const TaskStatus& status);
Result<TaskStatus> ParseStatusJson(const std::string& text);

}  // namespace starlift::sync

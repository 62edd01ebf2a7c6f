#pragma once

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "sync/config/task_config.h"
#include "sync/progress/progress_board.h"

namespace starlift::sync {

// Shows a board on stdout until it is destroyed: redrawn lines on a terminal, JSON lines otherwise.
class ProgressReporter {
 public:
  // `style` may be kAuto. The board and the clock must outlive the reporter.
  ProgressReporter(const ProgressBoard& board, Clock& clock, ProgressStyle style);
  ~ProgressReporter();
  ProgressReporter(const ProgressReporter&) = delete;
  ProgressReporter& operator=(const ProgressReporter&) = delete;

 private:
  void Run();
  void Show(const ProgressSnapshot& snapshot);
  void ShowLive(const ProgressSnapshot& snapshot, const RateMeter::Rates& rates);
  void ShowJson(const ProgressSnapshot& snapshot, const RateMeter::Rates& rates, bool periodic);

  const ProgressBoard& board_;
  Clock& clock_;
  const ProgressStyle style_;
  RateMeter meter_;
  size_t lines_drawn_ = 0;
  std::vector<bool> told_done_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

// kAuto by what stdout is.
ProgressStyle ResolveProgressStyle(ProgressStyle style);

}  // namespace starlift::sync

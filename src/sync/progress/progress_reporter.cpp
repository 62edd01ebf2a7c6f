#include "sync/progress/progress_reporter.h"

#include <algorithm>
#include <chrono>
#include <string>

#include <sys/ioctl.h>
#include <unistd.h>

#include "sync/progress/progress_text.h"

namespace starlift::sync {
namespace {

constexpr std::chrono::milliseconds kLiveInterval{250};
constexpr std::chrono::milliseconds kJsonInterval{1000};
constexpr size_t kDefaultColumns = 100, kMostLines = 12;

struct TerminalSize {
  size_t columns = kDefaultColumns, lines = kMostLines;
};

TerminalSize MeasureTerminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {};
  return {size.ws_col, std::min<size_t>(size.ws_row, kMostLines)};
}

void Write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

ProgressStyle ResolveProgressStyle(ProgressStyle style) {
  if (style != ProgressStyle::kAuto) return style;
  return isatty(STDOUT_FILENO) ? ProgressStyle::kLive : ProgressStyle::kJson;
}

ProgressReporter::ProgressReporter(const ProgressBoard& board, Clock& clock, ProgressStyle style)
    : board_(board), clock_(clock), style_(ResolveProgressStyle(style)) {
  if (style_ != ProgressStyle::kNone) thread_ = std::thread([this] { Run(); });
}

ProgressReporter::~ProgressReporter() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ProgressReporter::Run() {
  const auto interval = style_ == ProgressStyle::kLive ? kLiveInterval : kJsonInterval;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, interval, [this] { return ending_; });
    Show(board_.Take());
    if (ending_) return;
  }
}

void ProgressReporter::Show(const ProgressSnapshot& snapshot) {
  const RateMeter::Rates rates = meter_.Measure(snapshot);
  if (style_ == ProgressStyle::kLive) {
    ShowLive(snapshot, rates);
  } else {
    ShowJson(snapshot, rates, !ending_);
  }
}

void ProgressReporter::ShowLive(const ProgressSnapshot& snapshot, const RateMeter::Rates& rates) {
  const TerminalSize terminal = MeasureTerminal();
  const std::string lines = RenderLive(snapshot, rates, terminal.columns - 1, terminal.lines);
  std::string drawing;
  if (lines_drawn_ > 0) drawing = "\033[" + std::to_string(lines_drawn_) + "A";
  drawing += "\r\033[J";  // what is below goes: log lines have pushed the old drawing up
  drawing += lines;
  lines_drawn_ = static_cast<size_t>(std::count(lines.begin(), lines.end(), '\n'));
  Write(drawing);
}

void ProgressReporter::ShowJson(const ProgressSnapshot& snapshot, const RateMeter::Rates& rates,
                                bool periodic) {
  const int64_t now = clock_.WallTime().count();
  std::string text;
  told_done_.resize(snapshot.tables.size());
  for (size_t i = 0; i < snapshot.tables.size(); ++i) {
    const TableProgress& table = snapshot.tables[i];
    if (told_done_[i] || table.state != TableState::kDone) continue;
    told_done_[i] = true;
    text += RenderTableJson(table, now) + '\n';
  }
  if (periodic) text += RenderProgressJson(snapshot, rates, now) + '\n';
  Write(text);
}

}  // namespace starlift::sync

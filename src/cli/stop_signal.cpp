#include "cli/stop_signal.h"

#include <cerrno>
#include <ctime>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace starlift::cli {
namespace {

constexpr int kExitCodeBase = 128;  // what shells report for a death by signal
// A stop in order takes at most 30 s, as is promised. What hangs longer (a name server, a dead
// disk) is left: the state store bears being killed at any moment.
constexpr timespec kLongestStop{.tv_sec = 27, .tv_nsec = 0};

sigset_t StopSet() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

StopSignal::StopSignal() {
  ::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = StopSet();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::thread([this] { WaitForSignals(); });
}

StopSignal::~StopSignal() {
  ending_ = true;
  // Blocked in every thread: it only ends the waiter's sigwait.
  // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread)
  pthread_kill(waiter_.native_handle(), SIGTERM);
  waiter_.join();
}

void StopSignal::WaitForSignals() {
  const sigset_t set = StopSet();
  while (true) {
    const bool stopping = signal_ != 0;
    const int received =
        stopping ? sigtimedwait(&set, nullptr, &kLongestStop) : sigwaitinfo(&set, nullptr);
    if (received < 0 && errno == EINTR) continue;
    if (ending_) return;
    if (stopping) _exit(exit_code());  // a second signal, or the time is over
    signal_ = received;
    cancellation_.Request();
  }
}

int StopSignal::exit_code() const {
  const int received = signal_.load();
  return received == 0 ? 0 : kExitCodeBase + received;
}

}  // namespace starlift::cli

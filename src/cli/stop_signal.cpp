#include "cli/stop_signal.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace starlift::cli {
namespace {

constexpr int kExitCodeBase = 128;  // what shells report for a death by signal

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
  pthread_kill(waiter_.native_handle(), SIGTERM);
  waiter_.join();
}

void StopSignal::WaitForSignals() {
  const sigset_t set = StopSet();
  while (true) {
    int received = 0;
    if (sigwait(&set, &received) != 0) continue;
    if (ending_) return;
    if (int none = 0; signal_.compare_exchange_strong(none, received)) {
      cancellation_.Request();
    } else {
      _exit(kExitCodeBase + signal_.load());
    }
  }
}

int StopSignal::exit_code() const {
  const int received = signal_.load();
  return received == 0 ? 0 : kExitCodeBase + received;
}

}  // namespace starlift::cli

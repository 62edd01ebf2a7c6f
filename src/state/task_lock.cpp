#include "state/task_lock.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/hash.h"

namespace starlift::state {
namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr int kNameDigits = 16;

std::string ReadHolder(int descriptor) {
  char text[32];
  const ssize_t size = pread(descriptor, text, sizeof text, 0);
  if (size <= 0) return "unknown";
  return std::string(text, static_cast<size_t>(size)).substr(0, static_cast<size_t>(size) - 1);
}

}  // namespace

Result<TaskLock> TaskLock::Acquire(const std::string& home, std::string_view identity) {
  const std::string folder = home + "/locks";
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  // An identity is the user's text: it may hold what a file name can't.
  const std::string path =
      fmt::format("{}/{}.lock", folder, HexDigits(HashBytes(identity), kNameDigits));
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) {
    return Error{ErrorKind::kIo, fmt::format("can't open {}: {}", path, std::strerror(errno))}.Mend(
        "make the folder writable for this user, or give another one with --home");
  }
  TaskLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorKind::kConflict, fmt::format("task {} is run by process {} already", identity,
                                                   ReadHolder(descriptor))}
        .Mend("wait for it or stop it; two runs of one task at a time would hurt each other");
  }
  const std::string holder = fmt::format("{}\n", getpid());
  if (ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, holder.data(), holder.size(), 0) != static_cast<ssize_t>(holder.size())) {
    return Error{ErrorKind::kIo, fmt::format("can't write {}: {}", path, std::strerror(errno))}
        .Mend("make room on the disk");
  }
  return lock;
}

TaskLock::~TaskLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

TaskLock::TaskLock(TaskLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

TaskLock& TaskLock::operator=(TaskLock&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

}  // namespace starlift::state

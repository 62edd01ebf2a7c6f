#include "sources/mysql/binlog/transaction_buffer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace starlift::mysql {
namespace {

// Before each body: its size, the event's offset and type.
struct Head {
  uint32_t size = 0;
  uint8_t type = 0;
  uint8_t unused[3] = {};
  uint64_t offset = 0;
};
static_assert(sizeof(Head) == 16);

constexpr size_t kReadBytes = size_t{1} << 20;
// What an emptied buffer keeps for the next transaction.
constexpr size_t kKeptBytes = size_t{4} << 20;

}  // namespace

TransactionBuffer::TransactionBuffer(std::string directory, uint64_t memory_bytes)
    : directory_(std::move(directory)), memory_bytes_(memory_bytes) {}

TransactionBuffer::~TransactionBuffer() {
  if (descriptor_ >= 0) close(descriptor_);
}

TransactionBuffer::TransactionBuffer(TransactionBuffer&& other) noexcept
    // NOLINTNEXTLINE(performance-move-constructor-init): the other goes on, empty, with it.
    : directory_(other.directory_),
      memory_bytes_(other.memory_bytes_),
      memory_(std::exchange(other.memory_, std::string())),
      descriptor_(std::exchange(other.descriptor_, -1)),
      file_bytes_(std::exchange(other.file_bytes_, 0)),
      count_(std::exchange(other.count_, 0)),
      bytes_(std::exchange(other.bytes_, 0)) {}

TransactionBuffer& TransactionBuffer::operator=(TransactionBuffer&& other) noexcept {
  if (descriptor_ >= 0) close(descriptor_);
  directory_ = other.directory_;
  memory_bytes_ = other.memory_bytes_;
  memory_ = std::exchange(other.memory_, std::string());
  descriptor_ = std::exchange(other.descriptor_, -1);
  file_bytes_ = std::exchange(other.file_bytes_, 0);
  count_ = std::exchange(other.count_, 0);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

Status TransactionBuffer::Append(uint8_t type, uint64_t offset, std::string_view body) {
  const Head head{.size = static_cast<uint32_t>(body.size()), .type = type, .offset = offset};
  if (!memory_.empty() && memory_.size() + sizeof head + body.size() > memory_bytes_)
    SL_TRY(Spill());
  memory_.append(reinterpret_cast<const char*>(&head), sizeof head);
  memory_.append(body);
  ++count_;
  bytes_ += sizeof head + body.size();
  return {};
}

Status TransactionBuffer::Spill() {
  const auto failed = [&](std::string_view what) {
    return Error{.kind = ErrorKind::kIo,
                 .message = fmt::format("cannot {} a file for a transaction larger than {} MiB: {}",
                                        what, memory_bytes_ >> 20, std::strerror(errno)),
                 .where = directory_,
                 .mend = "make room there, or allow it"};
  };
  if (descriptor_ < 0) {
    std::string name = directory_ + "/transaction-XXXXXX";
    descriptor_ = mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) return failed("make");
    unlink(name.c_str());
  }
  std::string_view left = memory_;
  while (!left.empty()) {
    const ssize_t written =
        pwrite(descriptor_, left.data(), left.size(), static_cast<off_t>(file_bytes_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("write");
    file_bytes_ += static_cast<uint64_t>(written);
    left.remove_prefix(static_cast<size_t>(written));
  }
  memory_.clear();
  return {};
}

// Visits the whole events in `bytes`; `used` says where the first that is cut off begins.
Status TransactionBuffer::ForEachIn(std::string_view bytes, uint64_t& number,
                                    const std::function<Status(const Record&)>& visit,
                                    size_t& used) const {
  used = 0;
  while (bytes.size() - used >= sizeof(Head)) {
    Head head;
    std::memcpy(&head, bytes.data() + used, sizeof head);
    if (bytes.size() - used - sizeof head < head.size) return {};
    SL_TRY(visit({.number = number++,
                  .type = head.type,
                  .offset = head.offset,
                  .body = bytes.substr(used + sizeof head, head.size)}));
    used += sizeof head + head.size;
  }
  return {};
}

Status TransactionBuffer::ForEach(const std::function<Status(const Record&)>& visit) {
  uint64_t number = 0;
  size_t used = 0;
  if (descriptor_ >= 0) {
    std::string window;
    uint64_t read = 0;
    while (read < file_bytes_ || !window.empty()) {
      // An event that is cut off may be larger than the window was.
      size_t wanted = std::max(kReadBytes, window.size() + kReadBytes);
      if (window.size() >= sizeof(Head)) {
        Head head;
        std::memcpy(&head, window.data(), sizeof head);
        wanted = std::max(wanted, sizeof head + head.size);
      }
      const size_t held = window.size();
      const size_t more = std::min<uint64_t>(wanted - held, file_bytes_ - read);
      if (more == 0) {
        return Error{.kind = ErrorKind::kInternal,
                     .message = "a spilled transaction ends in the midst of an event"};
      }
      window.resize(held + more);
      size_t got = 0;
      while (got < more) {
        const ssize_t part = pread(descriptor_, window.data() + held + got, more - got,
                                   static_cast<off_t>(read + got));
        if (part < 0 && errno == EINTR) continue;
        if (part <= 0) {
          return Error{
              .kind = ErrorKind::kIo,
              .message = fmt::format("cannot read a spilled transaction: {}", std::strerror(errno)),
              .where = directory_};
        }
        got += static_cast<size_t>(part);
      }
      read += more;
      SL_TRY(ForEachIn(window, number, visit, used));
      window.erase(0, used);
    }
  }
  return ForEachIn(memory_, number, visit, used);
}

void TransactionBuffer::Clear() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = -1;
  file_bytes_ = 0;
  count_ = 0;
  bytes_ = 0;
  memory_.clear();
  if (memory_.capacity() > kKeptBytes) memory_.shrink_to_fit();
}

}  // namespace starlift::mysql

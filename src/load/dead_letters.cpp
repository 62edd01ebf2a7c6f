#include "load/dead_letters.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace starlift::load {
namespace {

constexpr size_t kSpoolBytes = size_t{1} << 20;
constexpr size_t kCopyBytes = size_t{64} << 10;
constexpr mode_t kOwnerOnly = 0600;

Error DiskError(const std::string& path) {
  return Error{ErrorKind::kIo, fmt::format("dead letters {}: {}", path, std::strerror(errno))}.Mend(
      "make room and see that the folder is writable, then run the same command again");
}

class File {
 public:
  File(const std::string& path, int flags)
      : descriptor_(open(path.c_str(), flags | O_CLOEXEC, kOwnerOnly)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  bool WriteAll(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return true;
  }

 private:
  int descriptor_;
};

bool CopyInto(const File& to, const File& from) {
  std::string buffer(kCopyBytes, '\0');
  while (true) {
    const ssize_t size = read(from.descriptor(), buffer.data(), buffer.size());
    if (size == 0) return true;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 || !to.WriteAll({buffer.data(), static_cast<size_t>(size)})) return false;
  }
}

// A file's name is on the disk once its folder is.
bool SyncFolderOf(const std::string& path) {
  const File folder(std::filesystem::path(path).parent_path().string(), O_RDONLY | O_DIRECTORY);
  return folder.ok() && fsync(folder.descriptor()) == 0;
}

// A table's name may hold what a file's can't.
std::string FileName(const TableId& table) {
  std::string name;
  for (const char c :
       table.database + "." + (table.schema.empty() ? "" : table.schema + ".") + table.name) {
    if (c == '/' || c == '%' || static_cast<unsigned char>(c) < ' ') {
      name += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      name += c;
    }
  }
  return name + ".jsonl";
}

}  // namespace

DeadLetterSpool::~DeadLetterSpool() {
  if (spooled_) unlink(path_.c_str());
}

Status DeadLetterSpool::Append(std::string_view line) {
  std::lock_guard lock(mutex_);
  memory_ += line;
  memory_ += '\n';
  ++lines_;
  if (memory_.size() < kSpoolBytes) return {};
  std::error_code failure;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failure);
  const File file(path_, O_WRONLY | O_CREAT | (spooled_ ? O_APPEND : O_TRUNC));
  if (!file.ok()) return DiskError(path_);
  spooled_ = true;
  if (!file.WriteAll(memory_)) return DiskError(path_);
  memory_.clear();
  return {};
}

uint64_t DeadLetterSpool::lines() const {
  std::lock_guard lock(mutex_);
  return lines_;
}

DeadLetterFile::DeadLetterFile(const std::string& directory, const TableId& table,
                               uint64_t valid_bytes)
    : path_(directory + "/" + FileName(table)), valid_bytes_(valid_bytes) {}

std::string DeadLetterFile::SpoolPath(uint64_t chunk) const {
  return fmt::format("{}.chunk-{}", path_, chunk);
}

Status DeadLetterFile::Recover() {
  std::lock_guard lock(mutex_);
  std::error_code failure;
  const auto folder = std::filesystem::path(path_).parent_path();
  if (!std::filesystem::exists(folder, failure)) return {};
  const std::string prefix = std::filesystem::path(path_).filename().string() + ".chunk-";
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    if (entry.path().filename().string().starts_with(prefix)) {
      std::filesystem::remove(entry.path(), failure);
    }
  }
  if (!std::filesystem::exists(path_, failure)) return {};
  const uint64_t size = std::filesystem::file_size(path_, failure);
  if (failure || size <= valid_bytes_) return {};
  if (truncate(path_.c_str(), static_cast<off_t>(valid_bytes_)) != 0) return DiskError(path_);
  return {};
}

Result<uint64_t> DeadLetterFile::AppendSpool(const DeadLetterSpool& spool) {
  std::lock_guard lock(spool.mutex_);
  std::error_code failure;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failure);
  const File file(path_, O_RDWR | O_CREAT);
  if (!file.ok()) return DiskError(path_);
  // What lies beyond was written for a chunk that then wasn't recorded as done.
  const int descriptor = file.descriptor();
  if (ftruncate(descriptor, static_cast<off_t>(valid_bytes_)) != 0) return DiskError(path_);
  if (lseek(descriptor, 0, SEEK_END) < 0) return DiskError(path_);
  if (spool.spooled_) {
    const File spooled(spool.path_, O_RDONLY);
    if (!spooled.ok() || !CopyInto(file, spooled)) return DiskError(path_);
  }
  if (!file.WriteAll(spool.memory_)) return DiskError(path_);
  const off_t end = lseek(descriptor, 0, SEEK_END);
  if (end < 0 || fsync(descriptor) != 0 || !SyncFolderOf(path_)) return DiskError(path_);
  return static_cast<uint64_t>(end);
}

}  // namespace starlift::load

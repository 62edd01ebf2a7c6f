#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "data/row_batch.h"

namespace starlift::starrocks {

// Appends to an arena through a bare pointer. Commit tells the arena what was written.
class BodyWriter {
 public:
  // Room that every write may use beyond the bytes it announced.
  static constexpr size_t kSlackBytes = 64;

  explicit BodyWriter(ByteArena& arena) : arena_(arena), size_(arena.size()) {}

  size_t size() const { return size_; }
  char* At(size_t offset) { return arena_.data() + offset; }

  // Room for `bytes` and the slack, at the end of what is written.
  char* Reserve(size_t bytes) {
    if (arena_.capacity() - size_ < bytes + kSlackBytes) {
      arena_.Resize(size_);
      arena_.Reserve(size_ + bytes + kSlackBytes);
    }
    return arena_.data() + size_;
  }
  // Up to here a write may begin and have its slack. Reserve moves it.
  const char* room_end() const { return arena_.data() + arena_.capacity() - kSlackBytes; }

  void Advance(size_t bytes) { size_ += bytes; }
  void EndAt(const char* end) { size_ = static_cast<size_t>(end - arena_.data()); }
  void Rewind(size_t size) { size_ = size; }
  void Put(char c) {
    *Reserve(1) = c;
    ++size_;
  }
  void Put(std::string_view text) {
    std::memcpy(Reserve(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void Commit() { arena_.Resize(size_); }
  std::string_view Since(size_t begin) const { return {arena_.data() + begin, size_ - begin}; }

 private:
  ByteArena& arena_;
  size_t size_;
};

}  // namespace starlift::starrocks

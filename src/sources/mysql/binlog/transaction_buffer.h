#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift::mysql {

// The events of a transaction whose end has not been seen yet, as bytes. What goes beyond a limit
// lies in a file without a name, which is gone with the buffer, however that ends. One thread.
class TransactionBuffer {
 public:
  // `directory` must exist once the limit is passed.
  TransactionBuffer(std::string directory, uint64_t memory_bytes);
  ~TransactionBuffer();
  TransactionBuffer(TransactionBuffer&&) noexcept;
  TransactionBuffer& operator=(TransactionBuffer&&) noexcept;

  // `type` is the event's, `offset` its place in the log file, for messages.
  Status Append(uint8_t type, uint64_t offset, std::string_view body);

  bool empty() const { return count_ == 0; }
  // How many events were appended.
  uint64_t count() const { return count_; }
  uint64_t bytes() const { return bytes_; }
  bool spilled() const { return descriptor_ >= 0; }

  struct Record {
    uint64_t number = 0;  // 0, 1, …
    uint8_t type = 0;
    uint64_t offset = 0;
    std::string_view body;
  };
  // In order of appending; an error of `visit` ends it. The body is valid during the call.
  Status ForEach(const std::function<Status(const Record&)>& visit);

  void Clear();

 private:
  Status Spill();
  Status ForEachIn(std::string_view bytes, uint64_t& number,
                   const std::function<Status(const Record&)>& visit, size_t& used) const;

  std::string directory_;
  uint64_t memory_bytes_;
  std::string memory_;  // the events behind those in the file
  int descriptor_ = -1;
  uint64_t file_bytes_ = 0;
  uint64_t count_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace starlift::mysql

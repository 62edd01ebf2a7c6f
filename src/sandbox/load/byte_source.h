#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

namespace starlift::sandbox::load {

// Bytes that are pulled. 0 is the end. Single-threaded.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual Result<size_t> Read(std::span<char> into) = 0;
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : rest_(bytes) {}
  Result<size_t> Read(std::span<char> into) override {
    const size_t bytes = rest_.copy(into.data(), into.size());
    rest_.remove_prefix(bytes);
    return bytes;
  }

 private:
  std::string_view rest_;
};

enum class Compression : uint8_t { kNone, kGzip, kDeflate, kZstd, kLz4Frame, kBzip2 };

// Decompresses what `compressed` gives; several members or frames one after another are one body.
// kData where the bytes are broken or end early. kNone gives `compressed` back.
Result<std::unique_ptr<ByteSource>> Decompress(std::unique_ptr<ByteSource> compressed,
                                               Compression compression);

}  // namespace starlift::sandbox::load

#include "sandbox/load/byte_source.h"

#include <string>
#include <vector>

#include <bzlib.h>
#include <fmt/format.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

namespace starlift::sandbox::load {
namespace {

constexpr size_t kInputBytes = 256 * 1024;
constexpr int kZlibDetectHeader = 32 + 15;  // zlib or gzip, by the first bytes

Error Broken(const char* what, std::string_view detail) {
  return Error{ErrorKind::kData, fmt::format("broken {} body: {}", what, detail)};
}

// Keeps the input buffer; a subclass turns some of it into output.
class Decompressor : public ByteSource {
 public:
  explicit Decompressor(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), input_(kInputBytes) {}

  Result<size_t> Read(std::span<char> into) override {
    while (true) {
      if (rest_.empty() && !at_end_) {
        SL_ASSIGN(const size_t bytes, source_->Read(input_));
        rest_ = {input_.data(), bytes};
        at_end_ = bytes == 0;
      }
      if (rest_.empty() && at_end_) return AtInputEnd(into);
      SL_ASSIGN(const size_t produced, Step(rest_, into));
      if (produced > 0) return produced;
    }
  }

 protected:
  // Takes from the front of `input`, gives the number of bytes put into `output`.
  virtual Result<size_t> Step(std::string_view& input, std::span<char> output) = 0;
  // True between two members or frames.
  virtual bool Finished() const = 0;
  virtual const char* Name() const = 0;
  // What is still inside once the input is over.
  virtual Result<size_t> Flush(std::span<char>) { return size_t{0}; }

 private:
  Result<size_t> AtInputEnd(std::span<char> into) {
    SL_ASSIGN(const size_t bytes, Flush(into));
    if (bytes > 0) return bytes;
    if (!Finished()) return Broken(Name(), "it ends early");
    return size_t{0};
  }

  std::unique_ptr<ByteSource> source_;
  std::vector<char> input_;
  std::string_view rest_;
  bool at_end_ = false;
};

class ZlibSource : public Decompressor {
 public:
  explicit ZlibSource(std::unique_ptr<ByteSource> source) : Decompressor(std::move(source)) {
    inflateInit2(&stream_, kZlibDetectHeader);
  }
  ~ZlibSource() override { inflateEnd(&stream_); }

 protected:
  Result<size_t> Step(std::string_view& input, std::span<char> output) override {
    if (finished_) {
      inflateReset(&stream_);
      finished_ = false;
    }
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(output.size());
    const int code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
      return Broken(Name(), stream_.msg != nullptr ? stream_.msg : "bad bytes");
    }
    input.remove_prefix(input.size() - stream_.avail_in);
    finished_ = code == Z_STREAM_END;
    return output.size() - stream_.avail_out;
  }
  bool Finished() const override { return finished_; }
  const char* Name() const override { return "gzip"; }

 private:
  z_stream stream_{};
  bool finished_ = true;
};

class ZstdSource : public Decompressor {
 public:
  explicit ZstdSource(std::unique_ptr<ByteSource> source)
      : Decompressor(std::move(source)), stream_(ZSTD_createDStream()) {}
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

 protected:
  Result<size_t> Step(std::string_view& input, std::span<char> output) override {
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{output.data(), output.size(), 0};
    const size_t left = ZSTD_decompressStream(stream_, &out, &in);
    if (ZSTD_isError(left) != 0) return Broken(Name(), ZSTD_getErrorName(left));
    input.remove_prefix(in.pos);
    finished_ = left == 0;
    return out.pos;
  }
  Result<size_t> Flush(std::span<char> output) override {
    std::string_view nothing;
    if (finished_) return size_t{0};
    return Step(nothing, output);
  }
  bool Finished() const override { return finished_; }
  const char* Name() const override { return "zstd"; }

 private:
  ZSTD_DStream* stream_;
  bool finished_ = true;
};

class Lz4Source : public Decompressor {
 public:
  explicit Lz4Source(std::unique_ptr<ByteSource> source) : Decompressor(std::move(source)) {
    LZ4F_createDecompressionContext(&context_, LZ4F_VERSION);
  }
  ~Lz4Source() override { LZ4F_freeDecompressionContext(context_); }

 protected:
  Result<size_t> Step(std::string_view& input, std::span<char> output) override {
    size_t consumed = input.size();
    size_t produced = output.size();
    const size_t left =
        LZ4F_decompress(context_, output.data(), &produced, input.data(), &consumed, nullptr);
    if (LZ4F_isError(left) != 0) return Broken(Name(), LZ4F_getErrorName(left));
    input.remove_prefix(consumed);
    finished_ = left == 0;
    return produced;
  }
  Result<size_t> Flush(std::span<char> output) override {
    std::string_view nothing;
    if (finished_) return size_t{0};
    return Step(nothing, output);
  }
  bool Finished() const override { return finished_; }
  const char* Name() const override { return "lz4 frame"; }

 private:
  LZ4F_dctx* context_ = nullptr;
  bool finished_ = true;
};

class Bzip2Source : public Decompressor {
 public:
  explicit Bzip2Source(std::unique_ptr<ByteSource> source) : Decompressor(std::move(source)) {
    BZ2_bzDecompressInit(&stream_, 0, 0);
  }
  ~Bzip2Source() override { BZ2_bzDecompressEnd(&stream_); }

 protected:
  Result<size_t> Step(std::string_view& input, std::span<char> output) override {
    if (finished_ && started_) {
      BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      BZ2_bzDecompressInit(&stream_, 0, 0);
    }
    started_ = true;
    stream_.next_in = const_cast<char*>(input.data());
    stream_.avail_in = static_cast<unsigned>(input.size());
    stream_.next_out = output.data();
    stream_.avail_out = static_cast<unsigned>(output.size());
    const int code = BZ2_bzDecompress(&stream_);
    if (code != BZ_OK && code != BZ_STREAM_END) {
      return Broken(Name(), fmt::format("code {}", code));
    }
    input.remove_prefix(input.size() - stream_.avail_in);
    finished_ = code == BZ_STREAM_END;
    return output.size() - stream_.avail_out;
  }
  bool Finished() const override { return finished_; }
  const char* Name() const override { return "bzip2"; }

 private:
  bz_stream stream_{};
  bool started_ = false;
  bool finished_ = true;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> Decompress(std::unique_ptr<ByteSource> compressed,
                                               Compression compression) {
  std::unique_ptr<ByteSource> source;
  switch (compression) {
    case Compression::kNone:
      source = std::move(compressed);
      break;
    case Compression::kGzip:
    case Compression::kDeflate:
      source = std::make_unique<ZlibSource>(std::move(compressed));
      break;
    case Compression::kZstd:
      source = std::make_unique<ZstdSource>(std::move(compressed));
      break;
    case Compression::kLz4Frame:
      source = std::make_unique<Lz4Source>(std::move(compressed));
      break;
    case Compression::kBzip2:
      source = std::make_unique<Bzip2Source>(std::move(compressed));
      break;
  }
  return source;
}

}  // namespace starlift::sandbox::load

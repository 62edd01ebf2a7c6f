#include "starrocks/body_compression.h"

#include <fmt/format.h>
#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

namespace starlift::starrocks {
namespace {

// Level 1 of each: the network is what is to be spared, not the disk.
constexpr int kZstdLevel = 1;
constexpr int kGzipWindowBits = 15 + 16;  // zlib: +16 asks for a gzip frame

Error Failed(std::string_view method, std::string_view why) {
  return Error{.kind = ErrorKind::kInternal,
               .message = fmt::format("{} could not compress a load: {}", method, why)};
}

size_t TotalBytes(std::span<const std::string_view> body) {
  size_t bytes = 0;
  for (const std::string_view piece : body) bytes += piece.size();
  return bytes;
}

Status CompressLz4(std::span<const std::string_view> body, std::string& into) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max4MB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.contentSize = TotalBytes(body);
  LZ4F_cctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION))) {
    return Failed("lz4", "no memory");
  }
  size_t used = 0;
  size_t failure = 0;
  const auto step = [&](size_t result) {
    if (LZ4F_isError(result)) {
      failure = result;
    } else {
      used += result;
    }
    return failure == 0;
  };
  into.resize(LZ4F_HEADER_SIZE_MAX);
  step(LZ4F_compressBegin(context, into.data(), into.size(), &preferences));
  for (const std::string_view piece : body) {
    if (failure != 0) break;
    into.resize(used + LZ4F_compressBound(piece.size(), &preferences));
    step(LZ4F_compressUpdate(context, into.data() + used, into.size() - used, piece.data(),
                             piece.size(), nullptr));
  }
  if (failure == 0) {
    into.resize(used + LZ4F_compressBound(0, &preferences));
    step(LZ4F_compressEnd(context, into.data() + used, into.size() - used, nullptr));
  }
  LZ4F_freeCompressionContext(context);
  if (failure != 0) return Failed("lz4", LZ4F_getErrorName(failure));
  into.resize(used);
  return {};
}

Status CompressZstd(std::span<const std::string_view> body, std::string& into) {
  const size_t total = TotalBytes(body);
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (context == nullptr) return Failed("zstd", "no memory");
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kZstdLevel);
  ZSTD_CCtx_setPledgedSrcSize(context, total);
  into.resize(ZSTD_compressBound(total) + ZSTD_CStreamOutSize());
  ZSTD_outBuffer output{into.data(), into.size(), 0};
  size_t left = 0;
  for (const std::string_view piece : body) {
    ZSTD_inBuffer input{piece.data(), piece.size(), 0};
    while (input.pos < input.size && !ZSTD_isError(left)) {
      left = ZSTD_compressStream2(context, &output, &input, ZSTD_e_continue);
    }
  }
  ZSTD_inBuffer none{nullptr, 0, 0};
  if (!ZSTD_isError(left)) left = ZSTD_compressStream2(context, &output, &none, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  if (ZSTD_isError(left)) return Failed("zstd", ZSTD_getErrorName(left));
  if (left != 0) return Failed("zstd", "the output did not fit");
  into.resize(output.pos);
  return {};
}

Status CompressGzip(std::span<const std::string_view> body, std::string& into) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return Failed("gzip", "no memory");
  }
  into.clear();
  size_t used = 0;
  int result = Z_OK;
  const auto run = [&](std::string_view piece, int flush) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream.avail_in = static_cast<uInt>(piece.size());
    do {
      if (into.size() - used < 64 * 1024) into.resize(into.size() * 2 + 256 * 1024);
      stream.next_out = reinterpret_cast<Bytef*>(into.data() + used);
      const size_t room = std::min<size_t>(into.size() - used, UINT32_MAX);
      stream.avail_out = static_cast<uInt>(room);
      result = deflate(&stream, flush);
      used += room - stream.avail_out;
    } while (result == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0));
  };
  for (std::string_view piece : body) {
    while (!piece.empty() && (result == Z_OK || result == Z_BUF_ERROR)) {
      const std::string_view part = piece.substr(0, UINT32_MAX / 2);
      run(part, Z_NO_FLUSH);
      piece.remove_prefix(part.size());
    }
  }
  run({}, Z_FINISH);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return Failed("gzip", zError(result));
  into.resize(used);
  return {};
}

}  // namespace

std::string_view LoadFormatName(LoadFormat format) {
  return format == LoadFormat::kCsv ? "csv" : "json";
}

Result<Compression> ParseCompression(std::string_view name) {
  if (name == "none") return Compression::kNone;
  if (name == "lz4") return Compression::kLz4;
  if (name == "zstd") return Compression::kZstd;
  if (name == "gzip") return Compression::kGzip;
  return Error{.kind = ErrorKind::kUsage,
               .message = fmt::format("`{}` is no compression", name),
               .mend = "choose none, lz4, zstd or gzip"};
}

std::string_view CompressionHeader(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "";
    case Compression::kLz4:
      return "lz4_frame";
    case Compression::kZstd:
      return "zstd";
    case Compression::kGzip:
      return "gzip";
  }
  return "";
}

Result<std::span<const std::string_view>> CompressedBody::Compress(const LoadRequest& request) {
  switch (request.compression) {
    case Compression::kNone:
      return request.body;
    case Compression::kLz4:
      SL_TRY(CompressLz4(request.body, bytes_));
      break;
    case Compression::kZstd:
      SL_TRY(CompressZstd(request.body, bytes_));
      break;
    case Compression::kGzip:
      SL_TRY(CompressGzip(request.body, bytes_));
      break;
  }
  view_ = bytes_;
  return std::span<const std::string_view>(&view_, 1);
}

}  // namespace starlift::starrocks

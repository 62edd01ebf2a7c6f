#include "sources/mysql/binlog/transaction_payload.h"

#include <memory>
#include <string>

#include <fmt/format.h>
#include <zstd.h>

#include "sources/mysql/binlog/byte_reader.h"
#include "sources/mysql/binlog/event.h"

namespace starlift::mysql {
namespace {

enum Field : uint64_t { kEnd = 0, kSize = 1, kCompression = 2, kPlainSize = 3 };
constexpr uint64_t kZstd = 0;
constexpr uint64_t kNone = 255;

// 128 MiB: what zstd takes without being asked, and more than any server's level needs.
constexpr int kLargestWindowLog = 27;
constexpr size_t kChunkBytes = size_t{256} << 10;
constexpr uint32_t kMostEventBytes = uint32_t{1} << 30;

Error Damaged(std::string_view what) {
  return Error{.kind = ErrorKind::kData,
               .message = fmt::format("a compressed transaction is damaged: {}", what)};
}

struct Payload {
  uint64_t compression = kNone;
  uint64_t plain_bytes = 0;
  std::string_view bytes;
};

Result<Payload> ReadFields(std::string_view body) {
  ByteReader reader(body);
  Payload payload;
  uint64_t size = UINT64_MAX;
  while (reader.ok()) {
    const uint64_t field = reader.PackedInt();
    if (field == kEnd) break;
    ByteReader value(reader.PackedString());
    const uint64_t number = value.PackedInt();
    if (field == kSize) size = number;
    if (field == kCompression) payload.compression = number;
    if (field == kPlainSize) payload.plain_bytes = number;
  }
  if (!reader.ok() || size != reader.remaining()) return Damaged("its head");
  payload.bytes = reader.Rest();
  return payload;
}

// Cuts whole events off the front of `held` and hands them on.
Status TakeEvents(std::string& held, const std::function<Status(std::string_view)>& visit) {
  size_t used = 0;
  while (held.size() - used >= kEventHeaderBytes) {
    constexpr size_t kSizeOffset = 9;
    const auto size = static_cast<uint32_t>(LittleEndian(held.data() + used + kSizeOffset, 4));
    if (size < kEventHeaderBytes || size > kMostEventBytes) return Damaged("an event's size");
    if (held.size() - used < size) break;
    SL_TRY(visit(std::string_view(held).substr(used, size)));
    used += size;
  }
  held.erase(0, used);
  return {};
}

Status Unpack(const Payload& payload, const std::function<Status(std::string_view)>& visit) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                   ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
  ZSTD_inBuffer input{payload.bytes.data(), payload.bytes.size(), 0};
  std::string held;
  uint64_t unpacked = 0;
  size_t wanted = 1;
  while (input.pos < input.size || wanted != 0) {
    const size_t before = held.size();
    held.resize(before + kChunkBytes);
    ZSTD_outBuffer output{held.data() + before, kChunkBytes, 0};
    const size_t consumed = input.pos;
    wanted = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(wanted) != 0) return Damaged(ZSTD_getErrorName(wanted));
    held.resize(before + output.pos);
    unpacked += output.pos;
    if (unpacked > payload.plain_bytes) return Damaged("it is longer than it says");
    SL_TRY(TakeEvents(held, visit));
    if (output.pos == 0 && input.pos == consumed && wanted != 0) return Damaged("it is cut off");
  }
  if (!held.empty() || unpacked != payload.plain_bytes) return Damaged("its last event is cut off");
  return {};
}

}  // namespace

Status ForEachInPayload(std::string_view body,
                        const std::function<Status(std::string_view event)>& visit) {
  SL_ASSIGN(const Payload payload, ReadFields(body));
  if (payload.compression == kZstd) return Unpack(payload, visit);
  if (payload.compression != kNone) {
    return Damaged(fmt::format("compression {} is not known", payload.compression));
  }
  std::string held(payload.bytes);
  SL_TRY(TakeEvents(held, visit));
  if (!held.empty()) return Damaged("its last event is cut off");
  return {};
}

}  // namespace starlift::mysql

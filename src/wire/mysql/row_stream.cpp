#include "wire/mysql/row_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "wire/mysql/server_error.h"
#include "wire/mysql/session.h"

namespace starlift::wire::mysql {
namespace {

constexpr size_t kHeaderBytes = 4;
// A batch ends rather than fetch less than this by one system call. The socket takes who asks for
// so much for one that reads in bulk.
constexpr size_t kMinReceiveBytes = size_t{96} << 10;
// Left free at the arena's end, so that readers of cells may look beyond the last one.
constexpr size_t kSpareBytes = 64;
// An arena that one huge row blew up is given back when it is this many times too large.
constexpr size_t kShrinkFactor = 8;

uint32_t PacketLength(const char* header) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(header);
  return bytes[0] | static_cast<uint32_t>(bytes[1]) << 8 | static_cast<uint32_t>(bytes[2]) << 16;
}

uint64_t LittleEndian(const char* at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(at[i]);
  return value;
}

constexpr unsigned char kNullMark = 0xFB;

// Sets the cells of one row whose payload is [at, end); false if the bytes are no such row.
bool ParseRow(const char* base, const char* at, const char* end, Cell* cell, size_t columns) {
  for (const Cell* const last = cell + columns; cell != last; ++cell) {
    if (at >= end) return false;
    const auto first = static_cast<unsigned char>(*at++);
    uint64_t size = first;
    if (first >= kNullMark) {
      if (first == kNullMark) {
        *cell = Cell{};
        continue;
      }
      const size_t width = first == 0xFC ? 2 : first == 0xFD ? 3 : 8;
      if (first == 0xFF || static_cast<size_t>(end - at) < width) return false;
      size = LittleEndian(at, width);
      at += width;
    }
    if (size > static_cast<uint64_t>(end - at)) return false;
    cell->offset = static_cast<uint32_t>(at - base);
    cell->size = static_cast<uint32_t>(size);
    at += size;
  }
  return at == end;
}

// Rows that are parsed side by side: where a cell lies is known only once the length before it is
// read, so that one row at a time leaves the processor waiting.
constexpr size_t kLanes = 4;

struct RowLane {
  const char* at;
  const char* end;
};

// The same for kLanes rows at once, their cells one row after the other; false if one of them is no
// row or has a cell of more than 250 bytes: to be parsed alone.
bool ParseShortRows(const char* base, RowLane* lanes, Cell* cells, size_t columns) {
  const char* at[kLanes];
  for (size_t lane = 0; lane < kLanes; ++lane) at[lane] = lanes[lane].at;
  for (size_t column = 0; column < columns; ++column) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      if (at[lane] >= lanes[lane].end) return false;
      const auto first = static_cast<unsigned char>(*at[lane]++);
      if (first > kNullMark) return false;
      const bool null = first == kNullMark;
      Cell& cell = cells[lane * columns + column];
      cell.offset = static_cast<uint32_t>(at[lane] - base);
      cell.size = null ? Cell::kNull : first;
      at[lane] += null ? 0 : first;
    }
  }
  for (size_t lane = 0; lane < kLanes; ++lane) {
    if (at[lane] != lanes[lane].end) return false;
  }
  return true;
}

}  // namespace

// Takes packets apart inside the batch's arena.
class RowParser {
 public:
  RowParser(RowBatch& batch, size_t columns)
      : batch_(batch), arena_(batch.arena()), columns_(columns) {}

  enum class State { kWantsMore, kEnded, kFailed };

  // Goes on through the packets that are complete.
  State ParseComplete() {
    State state = State::kWantsMore;
    while (state == State::kWantsMore && available() >= kHeaderBytes) {
      if (TakeShortRows()) continue;
      const uint32_t length = PacketLength(arena_.data() + parsed_);
      if (length == kMaxPacketPayload) {
        if (!ParseJoined(state)) break;
        continue;
      }
      if (available() < kHeaderBytes + length) break;
      const char* const payload = arena_.data() + parsed_ + kHeaderBytes;
      state = Take(payload, length);
      sequence_ = static_cast<uint8_t>(payload[-1]);
      parsed_ += kHeaderBytes + length;
    }
    return state;
  }

  // To be called once nothing more is parsed.
  void TrimCells() { batch_.cells().resize(rows_ * columns_); }

  size_t rows() const { return rows_; }
  size_t parsed() const { return parsed_; }
  size_t available() const { return arena_.size() - parsed_; }
  uint8_t sequence() const { return sequence_; }
  Error TakeError() { return std::move(error_); }
  uint16_t status() const { return status_; }

 private:
  static constexpr size_t kRowsAlone = 16;

  State Take(const char* payload, size_t length) {
    if (length > 0) {
      const auto first = static_cast<uint8_t>(*payload);
      if (first == kErrorMark) {
        error_ = ErrorFromPacket({payload, length});
        return State::kFailed;
      }
      if (first == kEofMark && length < kMaxEofBytes) {
        status_ = length >= 5 ? static_cast<uint16_t>(LittleEndian(payload + 3, 2)) : uint16_t{0};
        return State::kEnded;
      }
    }
    if (!ParseRow(arena_.data(), payload, payload + length, NextRows(1), columns_)) {
      --rows_;
      error_ = Error{
          .kind = ErrorKind::kUnreachable,
          .message =
              "the server's answer breaks the MySQL protocol: a row that does not fit its fields"};
      return State::kFailed;
    }
    return State::kWantsMore;
  }

  // Takes kLanes rows if so many are here and short.
  bool TakeShortRows() {
    if (rows_alone_ > 0) {
      --rows_alone_;
      return false;
    }
    RowLane lanes[kLanes];
    size_t end = parsed_;
    for (RowLane& lane : lanes) {
      if (arena_.size() - end < kHeaderBytes) return false;
      const char* const payload = arena_.data() + end + kHeaderBytes;
      const uint32_t length = PacketLength(payload - kHeaderBytes);
      if (arena_.size() - end - kHeaderBytes < length || length == 0) return false;
      // Marks of an end or an error, and of lengths that aren't short.
      if (static_cast<unsigned char>(*payload) > kNullMark) return false;
      lane = RowLane{payload, payload + length};
      end += kHeaderBytes + length;
    }
    if (!ParseShortRows(arena_.data(), lanes, NextRows(kLanes), columns_)) {
      rows_ -= kLanes;
      rows_alone_ = kRowsAlone;
      return false;
    }
    sequence_ = static_cast<uint8_t>(lanes[kLanes - 1].at[-1]);
    parsed_ = end;
    return true;
  }

  // A row of 16 MiB or more comes in several packets: once all are here the headers between them
  // are taken out. False: not all here yet.
  bool ParseJoined(State& state) {
    size_t end = parsed_;
    size_t parts = 0;
    uint32_t length = 0;
    do {
      if (arena_.size() - end < kHeaderBytes) return false;
      length = PacketLength(arena_.data() + end);
      if (arena_.size() - end < kHeaderBytes + length) return false;
      end += kHeaderBytes + length;
      ++parts;
    } while (length == kMaxPacketPayload);
    char* const payload = arena_.data() + parsed_ + kHeaderBytes;
    char* joined = payload + kMaxPacketPayload;
    const char* header = joined;
    for (size_t part = 1; part < parts; ++part) {
      const uint32_t part_length = PacketLength(header);
      sequence_ = static_cast<uint8_t>(header[3]);
      std::memmove(joined, header + kHeaderBytes, part_length);
      joined += part_length;
      header += kHeaderBytes + part_length;
    }
    state = Take(payload, static_cast<size_t>(joined - payload));
    parsed_ = end;
    return true;
  }

  // Cells are made for some rows at once and cut at the end to the rows that came, so that a row
  // costs no bookkeeping of the vector's.
  Cell* NextRows(size_t count) {
    constexpr size_t kRowsAtOnce = 64;
    static_assert(kRowsAtOnce >= kLanes);
    std::vector<Cell>& cells = batch_.cells();
    if ((rows_ + count) * columns_ > cells.size()) cells.resize((rows_ + kRowsAtOnce) * columns_);
    Cell* const first = cells.data() + rows_ * columns_;
    rows_ += count;
    return first;
  }

  RowBatch& batch_;
  ByteArena& arena_;
  const size_t columns_;
  size_t rows_ = 0;
  size_t parsed_ = 0;
  size_t rows_alone_ = 0;  // to come before rows are parsed side by side again
  uint8_t sequence_ = 0;
  uint16_t status_ = 0;
  Error error_;
};

RowStream::RowStream(Session* session, std::vector<Field> fields)
    : session_(session), fields_(std::move(fields)) {}

RowStream::RowStream(RowStream&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)),
      fields_(std::move(other.fields_)),
      tail_(std::move(other.tail_)),
      pending_(std::move(other.pending_)) {}

RowStream& RowStream::operator=(RowStream&& other) noexcept {
  std::swap(session_, other.session_);
  std::swap(fields_, other.fields_);
  std::swap(tail_, other.tail_);
  std::swap(pending_, other.pending_);
  return *this;
}

RowStream::~RowStream() {
  if (session_ != nullptr && session_->streaming) {
    session_->streaming = false;
    session_->Close();
  }
}

Error RowStream::End(Error error) {
  session_->streaming = false;
  return session_->Fail(std::move(error));
}

Result<bool> RowStream::ReadBatch(RowBatch& batch, size_t target_bytes) {
  if (batch.columns() != fields_.size()) {
    return Error{.kind = ErrorKind::kInternal,
                 .message = "a batch of another width than the query's fields"};
  }
  // The cells of the last batch stay until they are overwritten: making new ones costs as much as
  // parsing does.
  batch.arena().Clear();
  if (pending_ || session_ == nullptr || !session_->streaming) batch.Clear();
  if (pending_) return End(*std::exchange(pending_, std::nullopt));
  if (session_ == nullptr || !session_->streaming) return false;
  ByteArena& arena = batch.arena();
  const size_t wanted = std::max(target_bytes, 2 * kMinReceiveBytes) + tail_.size();
  if (arena.capacity() > kShrinkFactor * wanted) arena = ByteArena();
  arena.Reserve(wanted + kSpareBytes);
  arena.Append(tail_);
  tail_.clear();

  RowParser parser(batch, fields_.size());
  Result<bool> outcome = Fill(parser, arena, wanted);
  parser.TrimCells();
  return outcome;
}

Result<bool> RowStream::Fill(RowParser& parser, ByteArena& arena, size_t wanted) {
  while (true) {
    switch (parser.ParseComplete()) {
      case RowParser::State::kEnded:
        session_->streaming = false;
        session_->channel.set_sequence(static_cast<uint8_t>(parser.sequence() + 1));
        if ((parser.status() & kMoreResults) != 0 || parser.available() != 0) session_->Close();
        return parser.rows() > 0;
      case RowParser::State::kFailed:
        if (parser.rows() == 0) return End(parser.TakeError());
        pending_ = parser.TakeError();
        return true;
      case RowParser::State::kWantsMore:
        break;
    }
    const bool holds_rows = parser.rows() > 0;
    if (holds_rows && arena.size() + kMinReceiveBytes > wanted) break;
    if (arena.free() <= kSpareBytes) arena.Reserve(2 * arena.capacity());
    const size_t filled = arena.size();
    const size_t room = (holds_rows ? wanted : arena.capacity() - kSpareBytes) - filled;
    Result<size_t> got = session_->channel.ReadRaw({arena.data() + filled, room});
    if (!got.ok()) return End(std::move(got).error());
    if (*got == 0) {
      return End({.kind = ErrorKind::kUnreachable,
                  .message = "the server closed the connection in mid-query"});
    }
    arena.Resize(filled + *got);
  }
  tail_.assign(arena.data() + parser.parsed(), parser.available());
  return true;
}

}  // namespace starlift::wire::mysql

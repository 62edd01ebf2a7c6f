#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace starlift {

// Memory for arenas: big ones lie on huge pages, as first touching 4 KiB at a time costs more than
// filling them. Never null.
struct FreeArenaBytes {
  void operator()(char* bytes) const;
};
using ArenaBytes = std::unique_ptr<char[], FreeArenaBytes>;
ArenaBytes AllocateArenaBytes(size_t size);

// A growing run of bytes that is never zero-filled. Not thread-safe. Offsets stay valid when it
// grows, pointers do not.
class ByteArena {
 public:
  ByteArena() = default;
  explicit ByteArena(size_t capacity) { Reserve(capacity); }

  char* data() { return bytes_.get(); }
  const char* data() const { return bytes_.get(); }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  size_t free() const { return capacity_ - size_; }

  void Clear() { size_ = 0; }
  void Resize(size_t size) {
    Reserve(size);
    size_ = size;
  }
  void Reserve(size_t capacity) {
    if (capacity <= capacity_) return;
    size_t grown = capacity_ == 0 ? 4096 : capacity_;
    while (grown < capacity) grown *= 2;
    ArenaBytes bytes = AllocateArenaBytes(grown);
    if (size_ > 0) std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = grown;
  }
  // Returns the offset of the copy.
  size_t Append(std::string_view bytes) {
    Reserve(size_ + bytes.size());
    if (!bytes.empty()) std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
    const size_t offset = size_;
    size_ += bytes.size();
    return offset;
  }

 private:
  ArenaBytes bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// Where a cell's bytes lie in its batch's arena.
struct Cell {
  static constexpr uint32_t kNull = UINT32_MAX;

  uint32_t offset = 0;
  uint32_t size = kNull;

  bool is_null() const { return size == kNull; }
};

// Rows of one table under one schema version: cells in row order over one arena. What the bytes of
// a cell mean is said by TypeKind (data/type.h). Reused from batch to batch, so that the data path
// allocates nothing per row. Not thread-safe. A source may read from the network straight into
// arena() and add cells that point there. Arena size is limited to 4 GiB by the cell's offset.
class RowBatch {
 public:
  explicit RowBatch(size_t columns) : columns_(columns) { assert(columns > 0); }

  size_t columns() const { return columns_; }
  size_t rows() const { return cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }
  // Bytes of payload plus cells: what counts against memory budgets.
  size_t byte_size() const { return arena_.size() + cells_.size() * sizeof(Cell); }

  ByteArena& arena() { return arena_; }
  const ByteArena& arena() const { return arena_; }

  // Cells are appended row by row, column by column.
  void AppendNull() { cells_.push_back(Cell{}); }
  void AppendCopy(std::string_view bytes) {
    cells_.push_back(
        Cell{static_cast<uint32_t>(arena_.Append(bytes)), static_cast<uint32_t>(bytes.size())});
  }
  void AppendCell(Cell cell) { cells_.push_back(cell); }
  std::vector<Cell>& cells() { return cells_; }

  // The cells of one row; valid until the batch is changed.
  const Cell* Row(size_t row) const { return cells_.data() + row * columns_; }
  const Cell& At(size_t row, size_t column) const { return cells_[row * columns_ + column]; }
  std::string_view Bytes(const Cell& cell) const {
    return cell.is_null() ? std::string_view{}
                          : std::string_view(arena_.data() + cell.offset, cell.size);
  }
  std::optional<std::string_view> Value(size_t row, size_t column) const {
    const Cell& cell = At(row, column);
    if (cell.is_null()) return std::nullopt;
    return Bytes(cell);
  }

  void Clear() {
    cells_.clear();
    arena_.Clear();
  }

 private:
  size_t columns_;
  std::vector<Cell> cells_;
  ByteArena arena_;
};

}  // namespace starlift

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "sources/mysql/binlog/column_decoder.h"
#include "sources/mysql/binlog/rows_event.h"
#include "sources/mysql/binlog/table_map.h"

namespace starlift::mysql {

// Decodes the row images of one table map under one definition into a ChangeBatch. Values that are
// already in cell form are copied with the whole event, and the cells point there; all others are
// written behind it. Allocates nothing per row. One thread.
class TableDecoder {
 public:
  // kPolicy: the map can't be of this definition (column count, types, names, signs).
  static Result<TableDecoder> Make(const TableMap& map, const Table& definition,
                                   CharsetList& charsets);

  // The columns that an event's images hold, as ChangeBatch has them: empty for all.
  Result<std::vector<bool>> Columns(const RowsEvent& event, std::string_view bits) const;

  // Appends the event's rows. kData: damaged bytes, or text that is none. After an error the batch
  // is of no use.
  Status Decode(const RowsEvent& event, ChangeBatch& batch);

 private:
  struct Image {
    bool present = false;
    bool all = false;  // all columns
    std::string_view bits;
  };

  Status DecodeImage(const Image& image, const char*& at, const char* end, RowBatch& rows);
  Status DecodePartialImage(const Image& image, const std::vector<CellSpan>& before,
                            const char*& at, const char* end, RowBatch& rows);
  Status AppendCell(size_t column, const CellSpan& span, RowBatch& rows, Cell& cell);
  bool NoteJson(const Image& image, const char* at, const char* end);
  Error Fault(size_t column, Error error) const;

  TableId id_;
  std::vector<ColumnDecoder> columns_;
  bool copies_rows_ = false;  // some column's cells point into the copied event
  size_t fixed_bytes_ = 0;    // room that the numbers of one row take at most
  // Of the event being decoded: where its rows lie, and where their copy begins in the arena.
  const char* rows_begin_ = nullptr;
  size_t copy_offset_ = 0;
  std::string text_;  // scratch
  std::vector<CellSpan> json_before_;
};

}  // namespace starlift::mysql

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "starrocks/body_writer.h"
#include "starrocks/calendar.h"
#include "starrocks/encoder.h"

namespace starlift::starrocks {

inline constexpr std::string_view kCsvNull = "\\N";

enum class CellEnd : uint8_t { kWritten, kNull, kRejected, kNeedsJson };

// What is known of a column before any row is.
struct ColumnState {
  const ColumnPlan* plan = nullptr;
  std::string json_name;  // `"name":`, with the "," before it but in the first
  bool json_number = false;
  bool key_text = false;       // counts towards the primary key's bytes
  uint32_t key_separator = 0;  // bytes that end a text inside a key
};

// How an ordinary row writes a column.
struct OrdinaryColumn {
  enum class Form : uint8_t { kCopy, kKeyText, kFloat, kDate, kDateTime, kOther };

  uint32_t source_index = 0;
  uint32_t limit_bytes = 0;  // below Cell::kNull, so that one comparison tells NULL, too
  Form form = Form::kOther;
  bool nullable = true;
};

// Empty: no row of such a plan is ordinary.
std::vector<OrdinaryColumn> OrdinaryColumnsOf(const std::vector<ColumnState>& columns,
                                              bool limit_key);

// Two ways through a batch that write the same bytes. The careful one (careful_rows.cpp) looks at
// each cell for all that may be wrong with it. The ordinary one (ordinary_rows.cpp) only copies,
// and afterwards looks at everything it wrote at once: if that holds what a cell must not, the
// batch is encoded again with care.
struct RowEncoder::State {
  explicit State(const EncodePlan& of);

  template <LoadFormat kFormat>
  EncodeEnd EncodeBatch(ByteArena& body, std::vector<RowReject>& rejects, EncodeCounts& counts);

  const EncodePlan* plan;
  std::vector<ColumnState> columns;
  std::vector<OrdinaryColumn> ordinary_columns;
  bool limit_key = false;
  uint32_t fixed_key_bytes = 0;
  std::string well_known_text;
  uint32_t careful_batches = 0;  // to come before ordinary rows are hoped for again

  // Of the batch in hand.
  const RowBatch* batch = nullptr;
  EncodeCounts batch_counts;
  uint64_t nulls = 0;  // written as CSV

  // Of the row in hand.
  RejectReason reason = RejectReason::kNull;
  size_t key_bytes = 0;

 private:
  // careful_rows.cpp
  template <LoadFormat kFormat>
  EncodeEnd EncodeCarefully(BodyWriter& out, std::vector<RowReject>& rejects);
  // Appends a row, or its reject. kNeedsJson: `out` is as it was.
  template <LoadFormat kFormat>
  EncodeEnd EncodeRow(size_t row, BodyWriter& out, std::vector<RowReject>& rejects);
  // One cell with what stands before it; NULL and quotes included.
  template <LoadFormat kFormat>
  CellEnd WriteField(const ColumnState& state, const Cell& cell, BodyWriter& out);
  // Writes the value of a cell that isn't NULL, without what stands around it.
  template <LoadFormat kFormat>
  CellEnd WriteCell(const ColumnState& state, const Cell& cell, BodyWriter& out);
  template <LoadFormat kFormat>
  CellEnd WriteText(const ColumnState& state, std::string_view bytes, const Cell& cell,
                    BodyWriter& out);
  CellEnd WritePlain(std::string_view bytes, const Cell& cell, BodyWriter& out);
  CellEnd WriteDate(DateCheck check, const ColumnPlan& column, std::string_view bytes,
                    const Cell& cell, BodyWriter& out);
  CellEnd WriteTimestamp(const ColumnPlan& column, std::string_view bytes, BodyWriter& out);
  CellEnd ImpossibleDate(DateCheck check, const ColumnPlan& column);
  CellEnd Impossible(const ColumnPlan& column, RejectReason why);
  CellEnd Reject(RejectReason why);
  // Bytes of a text in the primary key as the backend encodes it.
  size_t KeyBytes(const ColumnState& state, const Cell& cell) const;
  // Bytes that may be read at a cell, whether they belong to it or not.
  size_t Readable(const Cell& cell) const { return batch->arena().capacity() - cell.offset; }

  // ordinary_rows.cpp
  bool HopesForOrdinaryRows();
  // False: what was written holds what it must not.
  bool EncodeOrdinarily(BodyWriter& out, std::vector<RowReject>& rejects, EncodeEnd& end);
  // False: the row isn't ordinary; `out` holds some of it.
  bool WriteOrdinaryRow(const Cell* cells, BodyWriter& out);
  bool MayStandInCsv(std::string_view body) const;
};

}  // namespace starlift::starrocks

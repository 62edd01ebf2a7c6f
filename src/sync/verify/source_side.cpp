#include "sync/verify/source_side.h"

#include <algorithm>
#include <utility>

#include "sync/verify/target_sql.h"

namespace starlift::sync {
namespace {

constexpr size_t kKeysPerQuery = 100;

// Turns batches of one source table into rows as they are stored.
class StoringSink final : public BatchSink {
 public:
  StoringSink(const starrocks::EncodePlan& plan, const RowVisitor& visitor)
      : reader_(plan),
        visitor_{[&](uint32_t, starrocks::StoredValues values) { return visitor.take(values); },
                 [&](uint32_t, const std::string& why) { return visitor.refuse(why); }} {}

  Status Consume(const RowBatch& batch) override { return reader_.Read(batch, visitor_); }

 private:
  starrocks::StoredRowReader reader_;
  const starrocks::StoredRowReader::Visitor visitor_;
};

class DatabaseSide final : public SourceSide {
 public:
  DatabaseSide(Source& source, std::vector<SourceTable> tables, bool ranges_carry_over,
               uint64_t rows_per_range, const Cancellation& cancellation)
      : source_(source),
        tables_(std::move(tables)),
        ranges_carry_over_(ranges_carry_over),
        rows_per_range_(rows_per_range),
        cancellation_(cancellation) {}

  // By the largest table: ranges of its rows are the most even.
  Result<std::optional<Chunk>> NextRange(const Chunk* previous) override {
    if (!ranges_carry_over_) {
      return previous == nullptr ? std::optional<Chunk>(Chunk{}) : std::nullopt;
    }
    const auto largest =
        std::max_element(tables_.begin(), tables_.end(), [](const auto& a, const auto& b) {
          return a.mapping->source.row_estimate < b.mapping->source.row_estimate;
        });
    SL_TRY(Connect());
    return Kept(reader_->NextChunk(largest->mapping->source, previous, rows_per_range_));
  }

  Status ReadRange(const Chunk& range, const RowVisitor& visitor) override {
    return ForEachPiece(range, [&](const SourceTable& table, const Chunk& piece) -> Status {
      StoringSink sink(table.mapping->plan, visitor);
      return Kept(reader_->ReadChunk(table.mapping->source, table.mapping->columns, piece, sink));
    });
  }

  Status ReadKeys(const Chunk& range, const std::vector<RowKey>& keys,
                  const RowVisitor& visitor) override {
    if (tables_.front().mapping->keyless || !tables_.front().mapping->source.has_key()) {
      return ReadRange(range, visitor);
    }
    SL_TRY(Connect());
    for (const SourceTable& table : tables_) {
      StoringSink sink(table.mapping->plan, visitor);
      for (size_t begin = 0; begin < keys.size(); begin += kKeysPerQuery) {
        const size_t end = std::min(keys.size(), begin + kKeysPerQuery);
        SL_TRY(Kept(reader_->ReadRows(table.mapping->source, table.mapping->columns,
                                      SourceKeys(*table.mapping, keys, begin, end), sink)));
      }
    }
    return {};
  }

  Result<std::optional<RowChecksum>> Checksum(const Chunk& range) override {
    std::optional<RowChecksum> sum = RowChecksum{};
    SL_TRY(ForEachPiece(range, [&](const SourceTable& table, const Chunk& piece) -> Status {
      if (!sum) return {};
      if (!table.checksum) {
        sum.reset();
        return {};
      }
      SL_ASSIGN(const std::optional<RowChecksum> part,
                Kept(reader_->Checksum(table.mapping->source, table.checksum->columns,
                                       table.checksum->method, piece)));
      if (part) {
        *sum += *part;
      } else {
        sum.reset();
      }
      return {};
    }));
    return sum;
  }

  Result<uint64_t> CountRows() override {
    SL_TRY(Connect());
    uint64_t rows = 0;
    for (const SourceTable& table : tables_) {
      SL_ASSIGN(const uint64_t part, Kept(reader_->CountRows(table.mapping->source, Chunk{})));
      rows += part;
    }
    return rows;
  }

 private:
  Status Connect() {
    if (reader_) return {};
    SL_ASSIGN(reader_, source_.OpenSnapshot(cancellation_));
    return {};
  }

  // After an error the next call connects anew.
  template <typename T>
  Result<T> Kept(Result<T> result) {
    if (!result.ok()) reader_.reset();
    return result;
  }

  // A range of all rows is read in pieces: the source shouldn't have to keep one view of its rows
  // for hours.
  template <typename Visit>
  Status ForEachPiece(const Chunk& range, const Visit& visit) {
    for (const SourceTable& table : tables_) {
      SL_TRY(Connect());
      if (range.lower || range.upper || !table.mapping->source.has_key()) {
        SL_TRY(visit(table, range));
        continue;
      }
      std::optional<Chunk> piece;
      while (true) {
        SL_TRY(Connect());
        SL_ASSIGN(piece, Kept(reader_->NextChunk(table.mapping->source, piece ? &*piece : nullptr,
                                                 rows_per_range_)));
        if (!piece) break;
        SL_TRY(visit(table, *piece));
      }
    }
    return {};
  }

  static RowKeys SourceKeys(const mapping::TableMapping& mapping, const std::vector<RowKey>& keys,
                            size_t begin, size_t end) {
    RowKeys cells;
    std::vector<const starrocks::ColumnPlan*> columns;
    for (const starrocks::ColumnPlan& column : mapping.plan.columns) {
      if (!column.key) continue;
      columns.push_back(&column);
      cells.columns.push_back(mapping.columns[column.source_index]);
    }
    for (size_t i = begin; i < end; ++i) {
      std::vector<std::string> row;
      for (size_t k = 0; k < columns.size(); ++k) {
        row.push_back(SourceKeyCell(*columns[k], keys[i][k].value_or("")));
      }
      cells.rows.push_back(std::move(row));
    }
    return cells;
  }

  Source& source_;
  const std::vector<SourceTable> tables_;
  const bool ranges_carry_over_;
  const uint64_t rows_per_range_;
  const Cancellation& cancellation_;
  std::unique_ptr<SnapshotReader> reader_;
};

}  // namespace

std::unique_ptr<SourceSide> MakeSourceSide(Source& source, std::vector<SourceTable> tables,
                                           bool ranges_carry_over, uint64_t rows_per_range,
                                           const Cancellation& cancellation) {
  return std::make_unique<DatabaseSide>(source, std::move(tables), ranges_carry_over,
                                        rows_per_range, cancellation);
}

}  // namespace starlift::sync

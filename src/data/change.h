#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/row_batch.h"
#include "data/table.h"

namespace starlift {

// What a change stream tells. Every path into the target, snapshot or stream, carries cells in the
// one form of data/type.h, so that the same row arrives byte-equal by both.

enum class ChangeKind : uint8_t { kInsert, kUpdate, kDelete };

// One row's change. Row numbers are into the ChangeBatch's rows.
struct RowChange {
  static constexpr uint32_t kNoRow = UINT32_MAX;

  ChangeKind kind = ChangeKind::kInsert;
  uint32_t before = kNoRow;  // kUpdate, kDelete
  uint32_t after = kNoRow;   // kInsert, kUpdate
};

// A table's definition between two schema changes. Shared and immutable: two batches of one version
// hold the same pointer.
using TableVersion = std::shared_ptr<const Table>;

// Row changes of one table under one schema version, in log order, committed at the source. The
// cells of a row are those of all columns of the version, in its order. Reused from call to call.
struct ChangeBatch {
  explicit ChangeBatch(TableVersion version)
      : table(std::move(version)), rows(table->columns.size()) {}

  TableVersion table;
  RowBatch rows;
  std::vector<RowChange> changes;
  // Columns that the log's before-images and after-images hold; empty: all (full row images). A
  // cell whose column is missing is NULL here and says nothing of the row.
  std::vector<bool> before_columns;
  std::vector<bool> after_columns;
};

enum class SchemaChangeKind : uint8_t {
  kCreateTable,    // after
  kAlterTable,     // before, after: columns added, dropped, renamed, of another type; key; comment
  kRenameTable,    // before, after: another id, same columns
  kTruncateTable,  // before
  kDropTable,      // before
  // Rows vanished without row changes (DROP or TRUNCATE PARTITION). before, after.
  kDropRows,
};

// One table's change of definition. A statement that changes several tables is several of these, in
// the order in which they take effect.
struct SchemaChange {
  SchemaChangeKind kind = SchemaChangeKind::kAlterTable;
  TableVersion before;
  TableVersion after;
  // Old and new name of each column that was renamed (RENAME or CHANGE): no add plus drop.
  std::vector<std::pair<std::string, std::string>> renamed_columns;
  // Added columns whose value in rows that exist can't be told from the definition (DEFAULT
  // (uuid()), CURRENT_TIMESTAMP, generated): to be read again from the source.
  std::vector<std::string> columns_to_refill;
  std::string statement;  // as the log has it, for messages and the audit
};

// A place in the source's log, as text that only the source reads: "mariadb-gtid:0-1-42",
// "mysql-gtid:…", "file:mysql-bin.000007:1234". Typed by its prefix, never compared as text.
using Position = std::string;

// The end of a committed transaction (or of a statement that commits by itself).
struct CommitPoint {
  // Where to start again so that nothing after this point is missed. May lie before transactions
  // that were told already (an XA transaction that is prepared and undecided).
  Position resume;
  int64_t commit_unix_us = 0;  // by the source's clock; 0: not known
};

}  // namespace starlift

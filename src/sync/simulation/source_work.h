#pragma once

#include <string>
#include <vector>

#include "sync/simulation/simulated_source.h"

namespace starlift::sync {

// One action of the source's users: changes the tables and writes the log. Nothing happens where
// the tables don't allow it, as when a key would not be unique.
class SourceWork {
 public:
  SourceWork(SimulatedSource& source, const Action& action)
      : source_(source), action_(action), dice_(action.seed) {}

  void Run();

  // Tables of the beginning, with rows.
  void FillTable(const std::string& name, bool keyed);

 private:
  using Tables = std::map<std::string, SourceTable>;

  // ---- rows ----
  void ChangeRows(uint64_t changes, LogEntry& entry);
  void ChangeRow(LogEntry& entry);
  void UpdateRow(SourceTable& table, SourceRow& row, bool moves, LoggedChange& change);
  SourceRow NewRow(const Table& table);
  std::optional<std::string> NewValue(const Table& table, const Column& column);
  // The log tells the row, with all of its columns or not.
  void NoteWritten(SourceTable& table, const SourceRow& row, bool whole) const;
  void SetImages(LoggedChange& change) const;

  // ---- definitions ----
  void AddColumn(SourceTable& table, bool unknown);
  Column DrawColumn(const Table& table, bool unknown);
  void DropColumn(SourceTable& table);
  void RenameColumn(SourceTable& table);
  void SwapColumns(SourceTable& table);
  void WidenColumn(SourceTable& table);
  void ChangeKey(SourceTable& table);
  void Truncate(SourceTable& table);
  void DropRows(SourceTable& table);
  void RenameTable(Tables::iterator place);
  void CreateTable();
  void DropTable(Tables::iterator place);

  Tables::iterator PickTable();
  // A column that is in no key; nullopt if there is none.
  std::optional<ColumnIndex> PickColumn(const Table& table);
  // The table is defined so from now on; its rows are changed already.
  void Alter(SourceTable& table, Table after, SchemaChange change, const std::string& what);
  void Append(LogEntry entry, const std::string& what);
  std::string NewName(std::string_view prefix);

  SimulatedSource& source_;
  const Action action_;
  load::Dice dice_;
};

// Whether rows of the table are told apart by these columns.
bool AreUnique(const SourceTable& table, const std::vector<ColumnIndex>& key);

// What tells the row apart: a name for its key.
std::string KeyText(const Table& table, const SourceRow& row);
// Whether the target can't take it.
bool IsUnloadable(const SourceRow& row);

std::string PrintRow(const SourceRow& row);

}  // namespace starlift::sync

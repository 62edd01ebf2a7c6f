#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "sources/mysql/ddl/parser.h"
#include "sources/mysql/ddl/schema_history.h"
#include "sources/mysql/ddl/table_editor.h"

namespace starlift::mysql {

// One statement's step of a SchemaHistory: on copies, which take the originals' place only if all
// of it is understood.
class HistoryStep {
 public:
  HistoryStep(SchemaHistory& history, std::string_view statement, std::string_view default_database,
              const StatementMode& mode);

  Result<std::vector<SchemaChange>> Run(const ParsedStatement& parsed);

 private:
  using Renames = std::vector<std::pair<std::string, std::string>>;

  // One overload per kind of statement.
  Status Take(const OtherStatement& statement);
  Status Take(const CreateTable& create);
  Status Take(const AlterTable& alter);
  Status Take(const RenameTables& rename);
  Status Take(const DropTables& drop);
  Status Take(const TruncateTable& truncate);
  Status Take(const SetDatabase& database);
  Status Take(const DropDatabase& drop);
  Status Take(const CopyTrigger& trigger);
  Status Take(const RowStatement& rows);

  Status TakeUnreadable(const ParsedStatement& parsed);
  Result<TableVersion> MakeNew(const TableId& id, const CreateTable& create);
  Status TakeAltered(const TableVersion& before, AlteredTable altered, bool announce);
  Status ReplaceRowsOf(const AlterTable& alter);
  void Drop(const TableId& id);
  void Forget(const TableId& id);
  Status Move(const TableId& from, const TableId& to);
  // `renamed`: null if not known.
  void TellSwap(const TableVersion& before, const TableVersion& after, const Renames* renamed);

  TableId IdOf(const TableName& name) const;
  TableVersion Find(const TableId& id) const;
  bool IsWanted(const TableId& id) const;
  // Its definition must be followed, whether told or not.
  bool Matters(const TableId& id) const;
  DefinitionContext Context(const std::string& database) const;
  Error NotFollowed(const TableId& id, std::string_view why) const;
  SchemaChange& Tell(SchemaChangeKind kind, TableVersion before, TableVersion after);

  SchemaHistory& history_;
  const std::string_view statement_;
  const std::string_view default_database_;
  const StatementMode& mode_;
  std::map<TableId, TableVersion> tables_;
  std::map<TableId, SchemaHistory::ShadowNotes> shadows_;
  std::set<TableId> told_;
  std::map<std::string, std::string> database_collations_;
  std::vector<SchemaChange> changes_;
};

}  // namespace starlift::mysql

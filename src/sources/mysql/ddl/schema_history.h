#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/change.h"
#include "data/shadow_table.h"
#include "sources/mysql/ddl/server_facts.h"
#include "sources/source.h"

namespace starlift::mysql {

// The session in which the source ran a statement, as the event's status variables tell it. A field
// that the event does not tell stays empty: the server's own setting is taken.
struct StatementMode {
  bool ansi_quotes = false;           // sql_mode ANSI_QUOTES: "x" is a name
  bool no_backslash_escapes = false;  // sql_mode NO_BACKSLASH_ESCAPES
  bool real_as_float = false;         // sql_mode REAL_AS_FLOAT
  // sql_mode STRICT_TRANS_TABLES or STRICT_ALL_TABLES: an ALTER that would change values failed.
  bool strict = false;
  std::optional<bool> explicit_timestamp_defaults;
  // Collation ids. collation_server is the default of a database that is created without one.
  uint32_t server_collation = 0;
  // MySQL 8: default_collation_for_utf8mb4, for "CHARSET utf8mb4" without a collation.
  uint32_t utf8mb4_collation = 0;
};

// The definitions of tables as they were at a place of the log, moved on by the log's statements.
// What it tells of a table is what information_schema would have told at that moment (ddl/README.md
// lists the few fields that can't be known). Owned and used by one thread.
class SchemaHistory {
 public:
  // `wanted` picks the tables that matter: a statement about one of them that can't be understood
  // is an error; all others are followed as far as they are known, and left alone where not.
  SchemaHistory(ServerFacts facts, TableFilter wanted);

  // Sets a definition, at the start of the log or after it was read anew from the catalog. If it is
  // wanted it is told of, even where its name is a shadow table's.
  void Put(TableVersion table);
  // One of ShadowTables(), at the start of the log.
  void PutShadow(ShadowTable shadow);
  // Null: not known.
  TableVersion Find(const TableId& table) const;
  // All that are known, shadow tables too: what has to be given to Put when the log is read again
  // from here. Ordered by id.
  std::vector<TableVersion> Tables() const;

  // Whether the name is one that gh-ost or pt-online-schema-change gives to the copy it makes of a
  // table (`_x_gho`, `_x_ghc`, `_x_del`, `_x_new`, `_x_old`), that table is known, and this one
  // wasn't told of before. Its rows and statements are not told; that it takes `x`'s place is told
  // as kAlterTable of `x`.
  bool IsShadowTable(const TableId& table) const;
  // The table that it is a shadow of.
  std::optional<TableId> ShadowedTable(const TableId& table) const;
  // What has to be given to PutShadow when the log is read again from here.
  std::map<TableId, ShadowTable> ShadowTables() const;

  // Reads one statement of the log and moves the definitions on. Gives what becomes of wanted
  // tables, in order; nothing for statements that change no table. `statement` is UTF-8: the caller
  // converts it from the event's client charset. A rename is told if either name is wanted.
  // kPolicy: a wanted table's statement that isn't understood, or a change of a table whose
  // definition isn't known. Nothing has changed then; `where` is left to the caller for the
  // position.
  Result<std::vector<SchemaChange>> Apply(std::string_view statement,
                                          std::string_view default_database,
                                          const StatementMode& mode);

 private:
  friend class HistoryStep;

  ServerFacts facts_;
  TableFilter wanted_;
  std::map<TableId, TableVersion> tables_;
  // Shadow tables whose making was seen; the definitions are in tables_.
  struct ShadowNotes {
    std::vector<std::pair<std::string, std::string>> renamed_columns;
    bool copied = false;
  };
  std::map<TableId, ShadowNotes> shadows_;
  // Tables that are told of though their names may be a shadow table's.
  std::set<TableId> told_;
};

}  // namespace starlift::mysql

#include "sources/mysql/ddl/parser.h"

#include <string>
#include <utility>

#include "sources/mysql/ddl/alter_parser.h"
#include "sources/mysql/ddl/column_parser.h"
#include "sources/mysql/ddl/table_parser.h"
#include "sources/mysql/ddl/token_cursor.h"

namespace starlift::mysql {
namespace {

class Parser {
 public:
  Parser(TokenCursor& cursor, const ParserMode& mode, std::vector<TableName>& named)
      : cursor_(cursor), mode_(mode), named_(named) {}

  Result<Statement> Run() {
    if (cursor_.AtEnd()) return Statement(OtherStatement{});
    if (cursor_.TakeWord("CREATE")) return ReadCreate();
    if (cursor_.TakeWord("ALTER")) return ReadAlter();
    if (cursor_.TakeWord("DROP")) return ReadDrop();
    if (cursor_.TakeWord("RENAME")) return ReadRename();
    if (cursor_.TakeWord("TRUNCATE")) return ReadTruncate();
    if (AtRowStatement()) return ReadRowStatement();
    for (const std::string_view word :
         {"GRANT",  "REVOKE",  "SET",       "FLUSH",   "ANALYZE",  "OPTIMIZE",  "REPAIR",
          "CHECK",  "BEGIN",   "START",     "COMMIT",  "ROLLBACK", "SAVEPOINT", "RELEASE",
          "XA",     "INSTALL", "UNINSTALL", "DO",      "KILL",     "RESET",     "LOCK",
          "UNLOCK", "USE",     "SHOW",      "SELECT",  "CHECKSUM", "CACHE",     "PURGE",
          "CHANGE", "STOP",    "SHUTDOWN",  "RESTART", "CLONE",    "IMPORT",    "HANDLER",
          "SIGNAL", "EXPLAIN", "DESCRIBE",  "HELP",    "PREPARE",  "DEALLOCATE"}) {
      if (cursor_.AtWord(word)) return Statement(OtherStatement{});
    }
    return cursor_.Unexpected("a statement that is known here");
  }

 private:
  Result<TableName> TakeTable() {
    SL_ASSIGN(TableName table, cursor_.TakeTableName());
    named_.push_back(table);
    return table;
  }

  Result<Statement> End(Statement statement) {
    cursor_.TakeSymbol(';');
    if (!cursor_.AtEnd()) return cursor_.Unexpected("the statement's end");
    return statement;
  }

  // DEFINER = user@host | CURRENT_USER, ALGORITHM = x, SQL SECURITY x: before views and routines.
  bool SkipDefiner() {
    bool any = false;
    while (true) {
      if (cursor_.TakeWord("DEFINER") || cursor_.TakeWord("ALGORITHM")) {
        cursor_.TakeSymbol('=');
        cursor_.Take();
        if (cursor_.TakeSymbol('@')) cursor_.Take();
        if (cursor_.TakeSymbol('(')) cursor_.TakeSymbol(')');
      } else if (cursor_.TakeWords({"SQL", "SECURITY"})) {
        cursor_.Take();
      } else {
        return any;
      }
      any = true;
    }
  }

  bool AtObjectWithoutRows() const {
    for (const std::string_view word :
         {"VIEW",    "TRIGGER", "PROCEDURE", "FUNCTION", "AGGREGATE",  "EVENT",   "USER",
          "ROLE",    "SERVER",  "SEQUENCE",  "LOGFILE",  "TABLESPACE", "UNDO",    "RESOURCE",
          "SPATIAL", "PACKAGE", "PREPARE",   "INSTANCE", "CATALOG",    "LIBRARY", "MASKING"}) {
      if (cursor_.AtWord(word)) return !(word == "SPATIAL" && cursor_.AtWord("INDEX", 1));
    }
    return false;
  }

  Result<Statement> ReadCreate() {
    const bool or_replace = cursor_.TakeWords({"OR", "REPLACE"});
    const bool has_definer = SkipDefiner();
    if (cursor_.TakeWord("TRIGGER")) return ReadTrigger();
    if (has_definer || AtObjectWithoutRows()) return Statement(OtherStatement{});
    if (cursor_.TakeWord("DATABASE") || cursor_.TakeWord("SCHEMA")) {
      return ReadDatabase(true, or_replace);
    }
    const bool temporary = cursor_.TakeWord("TEMPORARY");
    if (temporary && cursor_.AtWord("SEQUENCE")) return Statement(OtherStatement{});
    if (cursor_.TakeWord("TABLE")) return ReadCreateTable(temporary, or_replace);
    return ReadCreateIndex();
  }

  // Triggers matter as a sign only: what isn't read here is no error.
  Result<Statement> ReadTrigger() {
    cursor_.TakeWords({"IF", "NOT", "EXISTS"});
    const Result<TableName> trigger = cursor_.TakeTableName();
    if (!trigger.ok() || !trigger->name.starts_with("pt_osc_")) return Statement(OtherStatement{});
    while (!cursor_.AtEnd() && !cursor_.AtWord("ON")) cursor_.Take();
    if (!cursor_.TakeWord("ON")) return Statement(OtherStatement{});
    Result<TableName> table = cursor_.TakeTableName();
    if (!table.ok()) return Statement(OtherStatement{});
    return Statement(CopyTrigger{*std::move(table)});
  }

  Result<Statement> ReadDatabase(bool create, bool or_replace) {
    SetDatabase database;
    database.create = create;
    database.or_replace = or_replace;
    database.if_not_exists = cursor_.TakeWords({"IF", "NOT", "EXISTS"});
    if (cursor_.AtWord("UPGRADE")) return Statement(OtherStatement{});
    TableOptions options;
    // ALTER DATABASE CHARACTER SET …: the default database.
    const bool unnamed = !create && (cursor_.AtWord("CHARACTER") || cursor_.AtWord("CHARSET") ||
                                     cursor_.AtWord("COLLATE") || cursor_.AtWord("DEFAULT") ||
                                     cursor_.AtWord("COMMENT"));
    if (!unnamed) {
      SL_ASSIGN(database.name, cursor_.TakeName());
    }
    while (!cursor_.AtEnd() && !cursor_.AtSymbol(';')) {
      if (cursor_.TakeWords({"UPGRADE", "DATA"})) return Statement(OtherStatement{});
      if (cursor_.TakeWord("READ")) {  // READ ONLY = 1
        SL_TRY(cursor_.ExpectWord("ONLY"));
        cursor_.TakeSymbol('=');
        cursor_.Take();
        continue;
      }
      if (cursor_.AtWord("DEFAULT") && cursor_.AtWord("ENCRYPTION", 1)) cursor_.Take();
      SL_ASSIGN(const bool option, ParseTableOption(cursor_, options));
      if (!option) return cursor_.Unexpected("a database option");
    }
    database.charset = options.charset;
    database.collation = options.collation;
    return End(database);
  }

  Result<Statement> ReadCreateTable(bool temporary, bool or_replace) {
    CreateTable create;
    create.temporary = temporary;
    create.or_replace = or_replace;
    create.if_not_exists = cursor_.TakeWords({"IF", "NOT", "EXISTS"});
    SL_ASSIGN(create.table, TakeTable());
    if (temporary) return Statement(std::move(create));
    const bool like_in_parentheses = cursor_.AtSymbol('(') && cursor_.AtWord("LIKE", 1);
    if (cursor_.AtWord("LIKE") || like_in_parentheses) {
      cursor_.TakeSymbol('(');
      cursor_.TakeWord("LIKE");
      SL_ASSIGN(create.like, cursor_.TakeTableName());
      if (like_in_parentheses) SL_TRY(cursor_.ExpectSymbol(')'));
      return End(std::move(create));
    }
    SL_TRY(cursor_.ExpectSymbol('('));
    SL_TRY(ReadTableElements(create));
    while (!cursor_.AtEnd() && !cursor_.AtSymbol(';')) {
      if (cursor_.TakeWord("PARTITION")) {
        SL_ASSIGN(create.partitions, ParsePartitionBy(cursor_));
        continue;
      }
      SL_ASSIGN(const bool option, ParseTableOption(cursor_, create.options));
      // CREATE … SELECT comes as the definition that it made and as row events; else it isn't
      // followed. WITH SYSTEM VERSIONING adds columns that aren't named.
      if (!option) return cursor_.Unexpected("a table option");
      cursor_.TakeSymbol(',');
    }
    return End(std::move(create));
  }

  Status ReadTableElements(CreateTable& create) {
    do {
      if (cursor_.AtWord("PERIOD") && cursor_.AtWord("FOR", 1)) {
        return cursor_.Unexpected("a column or an index");
      }
      std::optional<IndexDefinition> index;
      SL_ASSIGN(const bool is_index, ParseIndex(cursor_, index));
      if (is_index) {
        if (index) create.indexes.push_back(*std::move(index));
        continue;
      }
      SL_ASSIGN(ColumnDefinition column, ParseColumn(cursor_, mode_.real_as_float));
      create.columns.push_back(std::move(column));
    } while (cursor_.TakeSymbol(','));
    return cursor_.ExpectSymbol(')');
  }

  // CREATE [ONLINE] [UNIQUE] INDEX name ON t (…): an ALTER TABLE by another name.
  Result<Statement> ReadCreateIndex() {
    IndexDefinition index;
    if (!cursor_.TakeWord("ONLINE")) cursor_.TakeWord("OFFLINE");
    index.unique = cursor_.TakeWord("UNIQUE");
    if (!cursor_.TakeWord("FULLTEXT") && !cursor_.TakeWord("SPATIAL")) cursor_.TakeWord("VECTOR");
    SL_TRY(cursor_.ExpectWord("INDEX"));
    index.if_not_exists = cursor_.TakeWords({"IF", "NOT", "EXISTS"});
    SL_ASSIGN(index.name, cursor_.TakeName());
    if (cursor_.TakeWord("USING") || cursor_.TakeWord("TYPE")) cursor_.Take();
    SL_TRY(cursor_.ExpectWord("ON"));
    AlterTable alter;
    SL_ASSIGN(alter.table, TakeTable());
    SL_ASSIGN(index.parts, ParseIndexParts(cursor_));
    SL_TRY(SkipIndexOptions(cursor_));
    SkipIndexStatementEnd();
    alter.actions.emplace_back(AddIndex{std::move(index)});
    return End(std::move(alter));
  }

  void SkipIndexStatementEnd() {
    while (true) {
      if (cursor_.TakeWord("ALGORITHM") || cursor_.TakeWord("LOCK")) {
        cursor_.TakeSymbol('=');
        cursor_.Take();
      } else if (cursor_.AtWord("WAIT") || cursor_.AtWord("NOWAIT")) {
        SkipWait(cursor_);
      } else {
        return;
      }
    }
  }

  Result<Statement> ReadAlter() {
    if (SkipDefiner() || AtObjectWithoutRows()) return Statement(OtherStatement{});
    if (cursor_.TakeWord("DATABASE") || cursor_.TakeWord("SCHEMA")) {
      return ReadDatabase(false, false);
    }
    if (!cursor_.TakeWord("ONLINE")) cursor_.TakeWord("OFFLINE");
    AlterTable alter;
    alter.ignore = cursor_.TakeWord("IGNORE");
    SL_TRY(cursor_.ExpectWord("TABLE"));
    cursor_.TakeWords({"IF", "EXISTS"});
    SL_ASSIGN(alter.table, TakeTable());
    SL_TRY(ParseAlterActions(cursor_, mode_.real_as_float, alter));
    return Statement(std::move(alter));
  }

  Result<Statement> ReadDrop() {
    if (AtObjectWithoutRows()) return Statement(OtherStatement{});
    if (cursor_.TakeWord("DATABASE") || cursor_.TakeWord("SCHEMA")) {
      cursor_.TakeWords({"IF", "EXISTS"});
      DropDatabase drop;
      SL_ASSIGN(drop.name, cursor_.TakeName());
      return End(std::move(drop));
    }
    if (!cursor_.TakeWord("ONLINE")) cursor_.TakeWord("OFFLINE");
    if (cursor_.TakeWord("INDEX")) return ReadDropIndex();
    if (cursor_.TakeWord("TEMPORARY")) return Statement(OtherStatement{});
    if (!cursor_.TakeWord("TABLES")) SL_TRY(cursor_.ExpectWord("TABLE"));
    cursor_.TakeWords({"IF", "EXISTS"});
    DropTables drop;
    do {
      SL_ASSIGN(TableName table, TakeTable());
      drop.tables.push_back(std::move(table));
    } while (cursor_.TakeSymbol(','));
    SkipWait(cursor_);
    if (!cursor_.TakeWord("RESTRICT")) cursor_.TakeWord("CASCADE");
    return End(std::move(drop));
  }

  Result<Statement> ReadDropIndex() {
    DropIndex drop;
    drop.may_be_missing = cursor_.TakeWords({"IF", "EXISTS"});
    SL_ASSIGN(drop.name, cursor_.TakeName());
    SL_TRY(cursor_.ExpectWord("ON"));
    AlterTable alter;
    SL_ASSIGN(alter.table, TakeTable());
    SkipIndexStatementEnd();
    alter.actions.emplace_back(std::move(drop));
    return End(std::move(alter));
  }

  Result<Statement> ReadRename() {
    if (cursor_.AtWord("USER")) return Statement(OtherStatement{});
    if (!cursor_.TakeWord("TABLES")) SL_TRY(cursor_.ExpectWord("TABLE"));
    cursor_.TakeWords({"IF", "EXISTS"});
    RenameTables rename;
    do {
      SL_ASSIGN(TableName from, TakeTable());
      SkipWait(cursor_);
      SL_TRY(cursor_.ExpectWord("TO"));
      SL_ASSIGN(TableName to, TakeTable());
      rename.renames.emplace_back(std::move(from), std::move(to));
    } while (cursor_.TakeSymbol(','));
    return End(std::move(rename));
  }

  Result<Statement> ReadTruncate() {
    cursor_.TakeWord("TABLE");
    TruncateTable truncate;
    SL_ASSIGN(truncate.table, TakeTable());
    SkipWait(cursor_);
    return End(std::move(truncate));
  }

  bool AtRowStatement() const {
    for (const std::string_view word :
         {"INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "CALL", "WITH", "EXECUTE"}) {
      if (cursor_.AtWord(word)) return true;
    }
    return false;
  }

  Result<Statement> ReadRowStatement() {
    // A MEMORY table that lost its rows in a restart is told as "DELETE FROM t".
    if (cursor_.AtWord("DELETE") && cursor_.AtWord("FROM", 1)) {
      cursor_.TakeWords({"DELETE", "FROM"});
      SL_ASSIGN(TableName table, TakeTable());
      if (cursor_.AtEnd()) return Statement(TruncateTable{std::move(table)});
    }
    RowStatement statement{named_};
    while (!cursor_.AtEnd()) {
      const TokenKind kind = cursor_.Peek().kind;
      if (kind == TokenKind::kWord || kind == TokenKind::kQuotedName) {
        SL_ASSIGN(TableName name, cursor_.TakeTableName());
        statement.names.push_back(std::move(name));
      } else {
        cursor_.Take();
      }
    }
    return Statement(std::move(statement));
  }

  TokenCursor& cursor_;
  const ParserMode& mode_;
  std::vector<TableName>& named_;
};

}  // namespace

ParsedStatement ParseStatement(std::string_view statement, const ParserMode& mode) {
  ParsedStatement parsed;
  auto tokens = Tokenize(statement, mode.lexer);
  if (!tokens.ok()) {
    parsed.failure = std::move(tokens).error();
    return parsed;
  }
  TokenCursor cursor(statement, *std::move(tokens));
  auto read = Parser(cursor, mode, parsed.named).Run();
  if (read.ok()) {
    parsed.statement = *std::move(read);
  } else {
    parsed.failure = std::move(read).error();
  }
  return parsed;
}

}  // namespace starlift::mysql

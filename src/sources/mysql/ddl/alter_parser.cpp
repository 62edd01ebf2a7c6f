#include "sources/mysql/ddl/alter_parser.h"

#include <optional>
#include <string>
#include <utility>

#include "sources/mysql/ddl/column_parser.h"
#include "sources/mysql/ddl/table_parser.h"

namespace starlift::mysql {
namespace {

class AlterParser {
 public:
  AlterParser(TokenCursor& cursor, bool real_as_float, AlterTable& alter)
      : cursor_(cursor), real_as_float_(real_as_float), alter_(alter) {}

  Status Run() {
    SkipWait(cursor_);
    while (!cursor_.AtEnd()) {
      SL_TRY(ReadAction());
      // Table options may follow each other without a comma; so may PARTITION BY.
      cursor_.TakeSymbol(',');
    }
    return {};
  }

 private:
  template <typename Action>
  void Add(Action action) {
    alter_.actions.emplace_back(std::move(action));
  }

  Status ReadAction() {
    if (cursor_.TakeWord("ADD")) return ReadAdd();
    if (cursor_.TakeWord("DROP")) return ReadDrop();
    if (cursor_.TakeWord("CHANGE")) return ReadChange();
    if (cursor_.TakeWord("MODIFY")) return ReadModify();
    if (cursor_.TakeWord("RENAME")) return ReadRename();
    if (cursor_.TakeWord("ALTER")) return ReadAlter();
    if (cursor_.TakeWords({"CONVERT", "TO"})) return ReadConvert();
    if (cursor_.TakeWord("PARTITION")) {
      SL_ASSIGN(std::vector<std::string> names, ParsePartitionBy(cursor_));
      Add(SetPartitions{std::move(names)});
      return {};
    }
    SL_ASSIGN(const bool partitions, ReadPartitionAction());
    if (partitions) return {};
    return ReadOther();
  }

  Result<ColumnPlace> ReadPlace() {
    ColumnPlace place;
    if (cursor_.TakeWord("FIRST")) {
      place.first = true;
    } else if (cursor_.TakeWord("AFTER")) {
      SL_ASSIGN(place.after, cursor_.TakeName());
    }
    return place;
  }

  Status ReadAdd() {
    if (cursor_.TakeWord("PARTITION")) return ReadAddPartition();
    if (cursor_.AtWord("PERIOD") && cursor_.AtWord("FOR", 1)) {
      return cursor_.Unexpected("a column or an index");
    }
    if (cursor_.AtWord("SYSTEM") && cursor_.AtWord("VERSIONING", 1)) {
      return cursor_.Unexpected("a column or an index");
    }
    std::optional<IndexDefinition> index;
    SL_ASSIGN(const bool is_index, ParseIndex(cursor_, index));
    if (is_index) {
      if (index) Add(AddIndex{*std::move(index)});
      return {};
    }
    cursor_.TakeWord("COLUMN");
    const bool if_not_exists = cursor_.TakeWords({"IF", "NOT", "EXISTS"});
    if (cursor_.TakeSymbol('(')) return ReadColumnList(if_not_exists);
    AddColumn add;
    add.if_not_exists = if_not_exists;
    SL_ASSIGN(add.column, ParseColumn(cursor_, real_as_float_));
    SL_ASSIGN(add.place, ReadPlace());
    Add(std::move(add));
    return {};
  }

  Status ReadColumnList(bool if_not_exists) {
    do {
      std::optional<IndexDefinition> index;
      SL_ASSIGN(const bool is_index, ParseIndex(cursor_, index));
      if (is_index) {
        if (index) Add(AddIndex{*std::move(index)});
        continue;
      }
      AddColumn add;
      add.if_not_exists = if_not_exists;
      SL_ASSIGN(add.column, ParseColumn(cursor_, real_as_float_));
      Add(std::move(add));
    } while (cursor_.TakeSymbol(','));
    return cursor_.ExpectSymbol(')');
  }

  Status ReadAddPartition() {
    cursor_.TakeWords({"IF", "NOT", "EXISTS"});
    if (!cursor_.TakeWord("NO_WRITE_TO_BINLOG")) cursor_.TakeWord("LOCAL");
    AddPartitions add;
    if (cursor_.TakeWord("PARTITIONS")) {
      SL_ASSIGN(add.count, cursor_.TakeInteger());
    } else {
      SL_ASSIGN(add.names, ParsePartitionDefinitions(cursor_));
    }
    Add(std::move(add));
    return {};
  }

  Status ReadDrop() {
    if (cursor_.TakeWords({"PRIMARY", "KEY"})) {
      Add(DropIndex{"PRIMARY", true});
      return {};
    }
    if (cursor_.TakeWord("INDEX") || cursor_.TakeWord("KEY")) {
      const bool if_exists = cursor_.TakeWords({"IF", "EXISTS"});
      SL_ASSIGN(std::string name, cursor_.TakeName());
      Add(DropIndex{std::move(name), if_exists});
      return {};
    }
    if (cursor_.TakeWords({"FOREIGN", "KEY"})) {
      cursor_.TakeWords({"IF", "EXISTS"});
      SL_ASSIGN(std::string name, cursor_.TakeName());
      Add(DropForeignKey{std::move(name)});
      return {};
    }
    if (cursor_.TakeWord("CHECK")) return cursor_.TakeName().ok() ? Status() : Expect("a name");
    if (cursor_.TakeWord("CONSTRAINT")) {
      // May be a unique key, a foreign key or a check: what is no index is none of ours.
      cursor_.TakeWords({"IF", "EXISTS"});
      SL_ASSIGN(std::string name, cursor_.TakeName());
      Add(DropIndex{std::move(name), true});
      return {};
    }
    if (cursor_.TakeWord("PARTITION")) {
      DropPartitions drop;
      drop.if_exists = cursor_.TakeWords({"IF", "EXISTS"});
      SL_ASSIGN(drop.names, ReadNames());
      Add(std::move(drop));
      return {};
    }
    if (cursor_.AtWord("SYSTEM") && cursor_.AtWord("VERSIONING", 1)) return Expect("a column");
    if (cursor_.AtWord("PERIOD") && cursor_.AtWord("FOR", 1)) return Expect("a column");
    cursor_.TakeWord("COLUMN");
    DropColumn drop;
    drop.if_exists = cursor_.TakeWords({"IF", "EXISTS"});
    SL_ASSIGN(drop.name, cursor_.TakeName());
    if (!cursor_.TakeWord("RESTRICT")) cursor_.TakeWord("CASCADE");
    Add(std::move(drop));
    return {};
  }

  Error Expect(std::string_view wanted) const { return cursor_.Unexpected(wanted); }

  Status ReadChange() {
    cursor_.TakeWord("COLUMN");
    ChangeColumn change;
    change.if_exists = cursor_.TakeWords({"IF", "EXISTS"});
    SL_ASSIGN(change.old_name, cursor_.TakeName());
    SL_ASSIGN(change.column, ParseColumn(cursor_, real_as_float_));
    SL_ASSIGN(change.place, ReadPlace());
    Add(std::move(change));
    return {};
  }

  Status ReadModify() {
    cursor_.TakeWord("COLUMN");
    ChangeColumn change;
    change.if_exists = cursor_.TakeWords({"IF", "EXISTS"});
    SL_ASSIGN(change.column, ParseColumn(cursor_, real_as_float_));
    change.old_name = change.column.name;
    SL_ASSIGN(change.place, ReadPlace());
    Add(std::move(change));
    return {};
  }

  Status ReadRename() {
    if (cursor_.TakeWord("COLUMN")) {
      RenameColumn rename;
      rename.if_exists = cursor_.TakeWords({"IF", "EXISTS"});
      SL_ASSIGN(rename.from, cursor_.TakeName());
      SL_TRY(cursor_.ExpectWord("TO"));
      SL_ASSIGN(rename.to, cursor_.TakeName());
      Add(std::move(rename));
      return {};
    }
    if (cursor_.TakeWord("INDEX") || cursor_.TakeWord("KEY")) {
      cursor_.TakeWords({"IF", "EXISTS"});
      RenameIndex rename;
      SL_ASSIGN(rename.from, cursor_.TakeName());
      SL_TRY(cursor_.ExpectWord("TO"));
      SL_ASSIGN(rename.to, cursor_.TakeName());
      Add(std::move(rename));
      return {};
    }
    if (!cursor_.TakeWord("TO") && !cursor_.TakeWord("AS")) cursor_.TakeSymbol('=');
    RenameTo rename;
    SL_ASSIGN(rename.to, cursor_.TakeTableName());
    Add(std::move(rename));
    return {};
  }

  Status ReadAlter() {
    if (cursor_.TakeWord("INDEX") || cursor_.TakeWord("KEY")) {
      cursor_.TakeWords({"IF", "EXISTS"});
      SL_TRY(cursor_.TakeName());
      return SkipIndexOptions(cursor_);
    }
    if (cursor_.TakeWord("CHECK") || cursor_.TakeWord("CONSTRAINT")) {
      SL_TRY(cursor_.TakeName());
      cursor_.TakeWord("NOT");
      return cursor_.ExpectWord("ENFORCED");
    }
    cursor_.TakeWord("COLUMN");
    cursor_.TakeWords({"IF", "EXISTS"});
    SL_ASSIGN(std::string column, cursor_.TakeName());
    if (cursor_.TakeWords({"SET", "DEFAULT"})) {
      SL_ASSIGN(DefaultDefinition value, ParseDefault(cursor_));
      Add(SetDefault{std::move(column), std::move(value)});
    } else if (cursor_.TakeWords({"DROP", "DEFAULT"})) {
      Add(SetDefault{std::move(column), {}});
    } else if (cursor_.TakeWords({"SET", "INVISIBLE"})) {
      Add(SetVisibility{std::move(column), true});
    } else if (cursor_.TakeWords({"SET", "VISIBLE"})) {
      Add(SetVisibility{std::move(column), false});
    } else {
      return Expect("SET or DROP");
    }
    return {};
  }

  Status ReadConvert() {
    if (!cursor_.TakeWords({"CHARACTER", "SET"}) && !cursor_.TakeWords({"CHAR", "SET"})) {
      SL_TRY(cursor_.ExpectWord("CHARSET"));
    }
    ConvertCharset convert;
    if (!cursor_.TakeWord("DEFAULT")) {
      SL_ASSIGN(convert.charset, ParseCharsetName(cursor_));
    }
    if (cursor_.TakeWord("COLLATE")) {
      SL_ASSIGN(convert.collation, ParseCharsetName(cursor_));
    }
    Add(std::move(convert));
    return {};
  }

  Result<std::vector<std::string>> ReadNames() {
    std::vector<std::string> names;
    do {
      SL_ASSIGN(std::string name, cursor_.TakeName());
      names.push_back(std::move(name));
    } while (cursor_.TakeSymbol(','));
    return names;
  }

  Result<bool> ReadPartitionAction() {
    if (cursor_.TakeWords({"TRUNCATE", "PARTITION"})) {
      SL_TRY(ReadNames());
      Add(ReplaceRows{});
    } else if (cursor_.TakeWords({"COALESCE", "PARTITION"})) {
      if (!cursor_.TakeWord("NO_WRITE_TO_BINLOG")) cursor_.TakeWord("LOCAL");
      CoalescePartitions coalesce;
      SL_ASSIGN(coalesce.count, cursor_.TakeInteger());
      Add(coalesce);
    } else if (cursor_.TakeWords({"REORGANIZE", "PARTITION"})) {
      SL_TRY(ReadReorganize());
    } else if (cursor_.TakeWords({"EXCHANGE", "PARTITION"})) {
      SL_TRY(ReadExchange());
    } else if (cursor_.TakeWords({"REMOVE", "PARTITIONING"})) {
      Add(SetPartitions{});
    } else if (cursor_.TakeWords({"IMPORT", "PARTITION"}) ||
               cursor_.TakeWords({"DISCARD", "PARTITION"})) {
      SL_TRY(ReadNames());
      SL_TRY(cursor_.ExpectWord("TABLESPACE"));
      Add(ReplaceRows{});
    } else if (cursor_.TakeWords({"IMPORT", "TABLESPACE"}) ||
               cursor_.TakeWords({"DISCARD", "TABLESPACE"})) {
      Add(ReplaceRows{});
    } else if (cursor_.TakeWords({"ANALYZE", "PARTITION"}) ||
               cursor_.TakeWords({"CHECK", "PARTITION"}) ||
               cursor_.TakeWords({"OPTIMIZE", "PARTITION"}) ||
               cursor_.TakeWords({"REBUILD", "PARTITION"}) ||
               cursor_.TakeWords({"REPAIR", "PARTITION"})) {
      SL_TRY(ReadNames());
      while (cursor_.Peek().kind == TokenKind::kWord) cursor_.Take();
    } else {
      return false;
    }
    return true;
  }

  Status ReadReorganize() {
    if (!cursor_.TakeWord("NO_WRITE_TO_BINLOG")) cursor_.TakeWord("LOCAL");
    ReorganizePartitions reorganize;
    if (!cursor_.AtEnd()) {
      SL_ASSIGN(reorganize.from, ReadNames());
      SL_TRY(cursor_.ExpectWord("INTO"));
      SL_ASSIGN(reorganize.into, ParsePartitionDefinitions(cursor_));
    }
    Add(std::move(reorganize));
    return {};
  }

  Status ReadExchange() {
    SL_TRY(cursor_.TakeName());
    SL_TRY(cursor_.ExpectWord("WITH"));
    SL_TRY(cursor_.ExpectWord("TABLE"));
    ReplaceRows exchange;
    SL_ASSIGN(exchange.other, cursor_.TakeTableName());
    Add(std::move(exchange));
    if (cursor_.TakeWords({"WITH", "VALIDATION"})) return {};
    cursor_.TakeWords({"WITHOUT", "VALIDATION"});
    return {};
  }

  // What changes no definition, and table options.
  Status ReadOther() {
    if (cursor_.TakeWord("FORCE") || cursor_.TakeWords({"ENABLE", "KEYS"}) ||
        cursor_.TakeWords({"DISABLE", "KEYS"}) || cursor_.TakeWords({"WITH", "VALIDATION"}) ||
        cursor_.TakeWords({"WITHOUT", "VALIDATION"})) {
      return {};
    }
    if (cursor_.TakeWord("ALGORITHM") || cursor_.TakeWord("LOCK")) {
      cursor_.TakeSymbol('=');
      cursor_.Take();
      return {};
    }
    if (cursor_.TakeWords({"ORDER", "BY"})) {
      do {
        SL_TRY(cursor_.TakeTableName());
        if (!cursor_.TakeWord("ASC")) cursor_.TakeWord("DESC");
      } while (cursor_.TakeSymbol(','));
      return {};
    }
    SL_ASSIGN(const bool option, ParseTableOption(cursor_, alter_.options));
    if (!option) return Expect("an ALTER TABLE action");
    return {};
  }

  TokenCursor& cursor_;
  const bool real_as_float_;
  AlterTable& alter_;
};

}  // namespace

void SkipWait(TokenCursor& cursor) {
  if (cursor.TakeWord("WAIT")) {
    cursor.Take();
  } else {
    cursor.TakeWord("NOWAIT");
  }
}

Status ParseAlterActions(TokenCursor& cursor, bool real_as_float, AlterTable& alter) {
  return AlterParser(cursor, real_as_float, alter).Run();
}

}  // namespace starlift::mysql

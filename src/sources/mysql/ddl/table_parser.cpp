#include "sources/mysql/ddl/table_parser.h"

#include <string>
#include <utility>

#include "sources/mysql/ddl/column_parser.h"

namespace starlift::mysql {
namespace {

Result<std::vector<IndexDefinition::Part>> PlainParts(TokenCursor& cursor) {
  std::vector<IndexDefinition::Part> parts;
  SL_TRY(cursor.ExpectSymbol('('));
  do {
    IndexDefinition::Part part;
    SL_ASSIGN(part.column, cursor.TakeName());
    parts.push_back(std::move(part));
  } while (cursor.TakeSymbol(','));
  SL_TRY(cursor.ExpectSymbol(')'));
  return parts;
}

// [IF NOT EXISTS] [name] [USING type]
Status ReadIndexName(TokenCursor& cursor, IndexDefinition& index) {
  if (cursor.TakeWords({"IF", "NOT", "EXISTS"})) index.if_not_exists = true;
  if (!cursor.AtSymbol('(') && !cursor.AtWord("USING") && !cursor.AtWord("TYPE")) {
    SL_ASSIGN(index.name, cursor.TakeName());
  }
  if (cursor.TakeWord("USING") || cursor.TakeWord("TYPE")) cursor.Take();
  return {};
}

Status ReadForeignKey(TokenCursor& cursor, const std::string& constraint,
                      std::optional<IndexDefinition>& index) {
  IndexDefinition key;
  key.foreign_key = true;
  if (cursor.TakeWords({"IF", "NOT", "EXISTS"})) key.if_not_exists = true;
  if (!cursor.AtSymbol('(')) {
    SL_ASSIGN(key.name, cursor.TakeName());
  }
  if (!constraint.empty()) key.name = constraint;
  SL_ASSIGN(key.parts, PlainParts(cursor));
  SL_TRY(SkipReferences(cursor));
  index = std::move(key);
  return {};
}

}  // namespace

Result<bool> ParseIndex(TokenCursor& cursor, std::optional<IndexDefinition>& index) {
  index.reset();
  std::string constraint;
  const bool constrained = cursor.TakeWord("CONSTRAINT");
  if (constrained && !cursor.AtWord("PRIMARY") && !cursor.AtWord("UNIQUE") &&
      !cursor.AtWord("FOREIGN") && !cursor.AtWord("CHECK")) {
    cursor.TakeWords({"IF", "NOT", "EXISTS"});
    SL_ASSIGN(constraint, cursor.TakeName());
  }
  if (cursor.TakeWord("CHECK")) {
    SL_TRY(cursor.TakeParenthesized());
    if (!cursor.TakeWords({"NOT", "ENFORCED"})) cursor.TakeWord("ENFORCED");
    return true;
  }
  if (cursor.TakeWords({"FOREIGN", "KEY"})) {
    SL_TRY(ReadForeignKey(cursor, constraint, index));
    return true;
  }
  IndexDefinition key;
  if (cursor.TakeWords({"PRIMARY", "KEY"})) {
    SL_TRY(ReadIndexName(cursor, key));
    key.name = "PRIMARY";
    key.unique = true;
  } else if (cursor.TakeWord("UNIQUE")) {
    if (!cursor.TakeWord("INDEX")) cursor.TakeWord("KEY");
    SL_TRY(ReadIndexName(cursor, key));
    if (key.name.empty()) key.name = constraint;
    key.unique = true;
  } else if (cursor.TakeWord("FULLTEXT") || cursor.TakeWord("SPATIAL") || cursor.AtWord("INDEX") ||
             cursor.AtWord("KEY")) {
    if (!cursor.TakeWord("INDEX")) cursor.TakeWord("KEY");
    SL_TRY(ReadIndexName(cursor, key));
  } else {
    if (constrained) return cursor.Unexpected("a constraint");
    return false;
  }
  SL_ASSIGN(key.parts, ParseIndexParts(cursor));
  SL_TRY(SkipIndexOptions(cursor));
  index = std::move(key);
  return true;
}

Result<std::vector<IndexDefinition::Part>> ParseIndexParts(TokenCursor& cursor) {
  std::vector<IndexDefinition::Part> parts;
  SL_TRY(cursor.ExpectSymbol('('));
  do {
    IndexDefinition::Part part;
    if (cursor.AtSymbol('(')) {
      SL_TRY(cursor.TakeParenthesized());
    } else {
      SL_ASSIGN(part.column, cursor.TakeName());
      if (cursor.TakeWords({"WITHOUT", "OVERLAPS"})) return cursor.Unexpected("a key part");
      if (cursor.TakeSymbol('(')) {
        SL_ASSIGN(const uint64_t prefix, cursor.TakeInteger());
        part.prefix = static_cast<uint32_t>(prefix);
        SL_TRY(cursor.ExpectSymbol(')'));
      }
    }
    if (!cursor.TakeWord("ASC")) cursor.TakeWord("DESC");
    parts.push_back(std::move(part));
  } while (cursor.TakeSymbol(','));
  SL_TRY(cursor.ExpectSymbol(')'));
  return parts;
}

Status SkipIndexOptions(TokenCursor& cursor) {
  while (true) {
    if (cursor.TakeWord("USING") || cursor.TakeWord("TYPE") || cursor.TakeWord("COMMENT") ||
        cursor.TakeWord("KEY_BLOCK_SIZE") || cursor.TakeWord("CLUSTERING") ||
        cursor.TakeWord("ENGINE_ATTRIBUTE") || cursor.TakeWord("SECONDARY_ENGINE_ATTRIBUTE") ||
        cursor.TakeWords({"WITH", "PARSER"})) {
      cursor.TakeSymbol('=');
      cursor.Take();
    } else if (!cursor.TakeWord("VISIBLE") && !cursor.TakeWord("INVISIBLE") &&
               !cursor.TakeWords({"NOT", "IGNORED"}) && !cursor.TakeWord("IGNORED")) {
      return {};
    }
  }
}

Result<bool> ParseTableOption(TokenCursor& cursor, TableOptions& options) {
  const bool is_default = cursor.TakeWord("DEFAULT");
  if (cursor.TakeWords({"CHARACTER", "SET"}) || cursor.TakeWords({"CHAR", "SET"}) ||
      cursor.TakeWord("CHARSET")) {
    SL_ASSIGN(options.charset, ParseCharsetName(cursor));
    return true;
  }
  if (cursor.TakeWord("COLLATE")) {
    SL_ASSIGN(options.collation, ParseCharsetName(cursor));
    return true;
  }
  if (is_default) return cursor.Unexpected("CHARACTER SET");
  if (cursor.TakeWord("COMMENT")) {
    cursor.TakeSymbol('=');
    SL_ASSIGN(options.comment, cursor.TakeString());
    return true;
  }
  if (cursor.TakeWord("ENGINE") || cursor.TakeWord("TYPE")) {
    cursor.TakeSymbol('=');
    options.engine = cursor.Take().text;
    return true;
  }
  if (cursor.TakeWords({"DATA", "DIRECTORY"}) || cursor.TakeWords({"INDEX", "DIRECTORY"})) {
    cursor.TakeSymbol('=');
    cursor.Take();
    return true;
  }
  if (cursor.TakeWords({"START", "TRANSACTION"})) return true;
  if (cursor.TakeWords({"STORAGE", "DISK"}) || cursor.TakeWords({"STORAGE", "MEMORY"})) return true;
  if (cursor.TakeWord("TABLESPACE")) {
    cursor.TakeSymbol('=');
    cursor.Take();
    return true;
  }
  // ROW_FORMAT=DYNAMIC, PAGE_COMPRESSED = 1, UNION=(a,b), …: name = value.
  const TokenKind kind = cursor.Peek().kind;
  const bool named = kind == TokenKind::kWord || kind == TokenKind::kQuotedName;
  if (named && cursor.AtSymbol('=', 1)) {
    cursor.Take();
    cursor.Take();
    if (cursor.AtSymbol('(')) {
      SL_TRY(cursor.TakeParenthesized());
    } else {
      cursor.Take();
    }
    return true;
  }
  // The same without the "=".
  for (const std::string_view word :
       {"AUTO_INCREMENT",  "ROW_FORMAT",       "AVG_ROW_LENGTH",    "CHECKSUM",
        "KEY_BLOCK_SIZE",  "MAX_ROWS",         "MIN_ROWS",          "PACK_KEYS",
        "DELAY_KEY_WRITE", "STATS_PERSISTENT", "STATS_AUTO_RECALC", "STATS_SAMPLE_PAGES",
        "COMPRESSION",     "ENCRYPTION",       "INSERT_METHOD",     "PASSWORD",
        "CONNECTION",      "TRANSACTIONAL",    "PAGE_CHECKSUM",     "AUTOEXTEND_SIZE"}) {
    if (!cursor.TakeWord(word)) continue;
    cursor.Take();
    return true;
  }
  return false;
}

std::vector<std::string> UnnamedPartitions(uint64_t first, uint64_t count) {
  std::vector<std::string> names;
  for (uint64_t i = 0; i < count; ++i) names.push_back("p" + std::to_string(first + i));
  return names;
}

Result<std::vector<std::string>> ParsePartitionBy(TokenCursor& cursor) {
  SL_TRY(cursor.ExpectWord("BY"));
  if (cursor.AtWord("SYSTEM_TIME")) return cursor.Unexpected("RANGE, LIST, HASH or KEY");
  uint64_t count = 1;
  while (!cursor.AtEnd()) {
    if (cursor.AtSymbol('(')) {
      // The partitions themselves, or the partitioning expression.
      if (cursor.AtWord("PARTITION", 1)) return ParsePartitionDefinitions(cursor);
      SL_TRY(cursor.TakeParenthesized());
    } else if (cursor.TakeWords({"SUBPARTITION", "BY"})) {
      while (!cursor.AtEnd() && !(cursor.AtSymbol('(') && cursor.AtWord("PARTITION", 1))) {
        if (cursor.AtSymbol('(')) {
          SL_TRY(cursor.TakeParenthesized());
        } else {
          cursor.Take();
        }
      }
    } else if (cursor.TakeWord("PARTITIONS")) {
      SL_ASSIGN(count, cursor.TakeInteger());
    } else if (cursor.TakeWord("ALGORITHM")) {
      cursor.TakeSymbol('=');
      cursor.Take();
    } else if (!cursor.TakeWord("RANGE") && !cursor.TakeWord("LIST") && !cursor.TakeWord("HASH") &&
               !cursor.TakeWord("KEY") && !cursor.TakeWord("LINEAR") &&
               !cursor.TakeWord("COLUMNS") && !cursor.TakeWord("AUTO")) {
      return cursor.Unexpected("a partition clause");
    }
  }
  return UnnamedPartitions(0, count);
}

Result<std::vector<std::string>> ParsePartitionDefinitions(TokenCursor& cursor) {
  std::vector<std::string> names;
  SL_TRY(cursor.ExpectSymbol('('));
  do {
    SL_TRY(cursor.ExpectWord("PARTITION"));
    SL_ASSIGN(std::string name, cursor.TakeName());
    names.push_back(std::move(name));
    // VALUES …, its options, its subpartitions.
    while (!cursor.AtEnd() && !cursor.AtSymbol(',') && !cursor.AtSymbol(')')) {
      if (cursor.AtSymbol('(')) {
        SL_TRY(cursor.TakeParenthesized());
      } else {
        cursor.Take();
      }
    }
  } while (cursor.TakeSymbol(','));
  SL_TRY(cursor.ExpectSymbol(')'));
  return names;
}

}  // namespace starlift::mysql

#include "sources/mysql/ddl/column_parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace starlift::mysql {
namespace {

// Several words that are one type's name, then the name that the server prints. Longest first.
struct TypeName {
  std::initializer_list<std::string_view> words;
  std::string_view name;
};
constexpr std::string_view kUtf8 = "utf8";

const TypeName kTypeNames[] = {
    {{"double", "precision"}, "double"},
    {{"national", "character", "varying"}, "nvarchar"},
    {{"national", "char", "varying"}, "nvarchar"},
    {{"nchar", "varying"}, "nvarchar"},
    {{"nchar", "varchar"}, "nvarchar"},
    {{"nchar", "varcharacter"}, "nvarchar"},
    {{"national", "varchar"}, "nvarchar"},
    {{"national", "varcharacter"}, "nvarchar"},
    {{"national", "character"}, "nchar"},
    {{"national", "char"}, "nchar"},
    {{"character", "varying"}, "varchar"},
    {{"char", "varying"}, "varchar"},
    {{"long", "varbinary"}, "mediumblob"},
    {{"long", "varchar"}, "mediumtext"},
    {{"long", "char", "varying"}, "mediumtext"},
    {{"long", "character", "varying"}, "mediumtext"},
    {{"long"}, "mediumtext"},
    {{"integer"}, "int"},
    {{"int1"}, "tinyint"},
    {{"int2"}, "smallint"},
    {{"int3"}, "mediumint"},
    {{"middleint"}, "mediumint"},
    {{"int4"}, "int"},
    {{"int8"}, "bigint"},
    {{"dec"}, "decimal"},
    {{"numeric"}, "decimal"},
    {{"fixed"}, "decimal"},
    {{"number"}, "decimal"},
    {{"float4"}, "float"},
    {{"float8"}, "double"},
    {{"character"}, "char"},
    {{"varcharacter"}, "varchar"},
    {{"varchar2"}, "varchar"},
    {{"clob"}, "longtext"},
    {{"geomcollection"}, "geometrycollection"},
};

constexpr std::array<std::string_view, 48> kKnownTypes = {
    "tinyint",
    "smallint",
    "mediumint",
    "int",
    "bigint",
    "decimal",
    "float",
    "double",
    "bit",
    "date",
    "time",
    "datetime",
    "timestamp",
    "year",
    "char",
    "varchar",
    "nchar",
    "nvarchar",
    "binary",
    "varbinary",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "enum",
    "set",
    "json",
    "geometry",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "uuid",
    "inet4",
    "inet6",
    "bool",
    "boolean",
    "serial",
    "real",
    "vector",
    "xmltype",
};

class ColumnParser {
 public:
  ColumnParser(TokenCursor& cursor, bool real_as_float)
      : cursor_(cursor), real_as_float_(real_as_float) {}

  Result<ColumnDefinition> Run() {
    SL_ASSIGN(column_.name, cursor_.TakeName());
    SL_TRY(ReadType());
    while (!AtColumnEnd()) SL_TRY(ReadAttribute());
    return std::move(column_);
  }

 private:
  bool AtColumnEnd() const {
    return cursor_.AtEnd() || cursor_.AtSymbol(',') || cursor_.AtSymbol(')') ||
           cursor_.AtWord("FIRST") || cursor_.AtWord("AFTER") || cursor_.AtWord("PARTITION");
  }

  Status ReadType() {
    TypeDefinition& type = column_.type;
    SL_TRY(ReadTypeName());
    if (type.name == "enum" || type.name == "set") {
      SL_TRY(ReadLabels());
    } else if (cursor_.TakeSymbol('(')) {
      SL_ASSIGN(type.length, cursor_.TakeInteger());
      if (cursor_.TakeSymbol(',')) {
        SL_ASSIGN(type.decimals, cursor_.TakeInteger());
      }
      // VARCHAR2(10 CHAR) and the like.
      if (cursor_.AtWord("CHAR") || cursor_.AtWord("BYTE")) return cursor_.Unexpected(")");
      SL_TRY(cursor_.ExpectSymbol(')'));
    }
    return {};
  }

  Status ReadTypeName() {
    TypeDefinition& type = column_.type;
    for (const TypeName& synonym : kTypeNames) {
      if (!cursor_.TakeWords(synonym.words)) continue;
      type.name = synonym.name;
      break;
    }
    if (type.name.empty()) {
      const std::string word = LowerCase(cursor_.Peek().text);
      const bool known =
          cursor_.Peek().kind == TokenKind::kWord &&
          std::find(kKnownTypes.begin(), kKnownTypes.end(), word) != kKnownTypes.end();
      if (!known) return cursor_.Unexpected("a column type");
      cursor_.Take();
      type.name = word;
    }
    ExpandTypeName();
    return {};
  }

  // Names that stand for a type with attributes.
  void ExpandTypeName() {
    TypeDefinition& type = column_.type;
    if (type.name == "bool" || type.name == "boolean") {
      type.name = "tinyint";
      type.length = 1;
    } else if (type.name == "serial") {
      type.name = "bigint";
      type.is_unsigned = true;
      column_.nullable = false;
      column_.auto_increment = true;
      column_.unique = true;
    } else if (type.name == "real") {
      type.name = real_as_float_ ? "float" : "double";
    } else if (type.name == "nchar" || type.name == "nvarchar") {
      type.name.erase(0, 1);
      if (type.name == "varchar" || type.name == "char") type.charset = kUtf8;
    } else if (type.name == "json") {
      type.json = true;
    }
  }

  Status ReadLabels() {
    SL_TRY(cursor_.ExpectSymbol('('));
    do {
      if (cursor_.Peek().kind == TokenKind::kHex || cursor_.Peek().kind == TokenKind::kBits) {
        return cursor_.Unexpected("a label in quotes");
      }
      SL_ASSIGN(std::string label, cursor_.TakeString());
      column_.type.labels.push_back(std::move(label));
    } while (cursor_.TakeSymbol(','));
    return cursor_.ExpectSymbol(')');
  }

  Status ReadAttribute() {
    SL_ASSIGN(bool done, ReadTypeAttribute());
    if (done) return {};
    SL_ASSIGN(done, ReadValueAttribute());
    if (done) return {};
    SL_ASSIGN(done, ReadKeyAttribute());
    if (done) return {};
    SL_ASSIGN(done, SkipAttribute());
    if (done) return {};
    return cursor_.Unexpected("a column attribute");
  }

  // Of the type: UNSIGNED, CHARACTER SET, …
  Result<bool> ReadTypeAttribute() {
    TypeDefinition& type = column_.type;
    if (cursor_.TakeWord("UNSIGNED")) {
      type.is_unsigned = true;
    } else if (cursor_.TakeWord("SIGNED")) {
    } else if (cursor_.TakeWord("ZEROFILL")) {
      type.is_unsigned = type.zerofill = true;
    } else if (cursor_.TakeWords({"CHARACTER", "SET"}) || cursor_.TakeWords({"CHAR", "SET"}) ||
               cursor_.TakeWord("CHARSET")) {
      SL_ASSIGN(type.charset, ParseCharsetName(cursor_));
    } else if (cursor_.TakeWord("COLLATE")) {
      SL_ASSIGN(type.collation, ParseCharsetName(cursor_));
    } else if (cursor_.TakeWord("ASCII")) {
      type.charset = "latin1";
    } else if (cursor_.TakeWord("UNICODE")) {
      type.charset = "ucs2";
    } else if (cursor_.TakeWord("BYTE")) {
      type.charset = "binary";
    } else if (cursor_.TakeWord("BINARY")) {
      type.binary_collation = true;
    } else if (cursor_.TakeWord("COMPRESSED")) {
      type.compressed = true;
      if (cursor_.TakeSymbol('=')) cursor_.Take();
    } else {
      return false;
    }
    return true;
  }

  Result<bool> ReadValueAttribute() {
    if (cursor_.TakeWords({"NOT", "NULL"})) {
      column_.nullable = false;
    } else if (cursor_.TakeWord("NULL")) {
      column_.nullable = true;
    } else if (cursor_.TakeWord("DEFAULT")) {
      SL_ASSIGN(column_.default_value, ParseDefault(cursor_));
    } else if (cursor_.TakeWords({"ON", "UPDATE"})) {
      SL_ASSIGN(const DefaultDefinition now, ParseDefault(cursor_));
      if (now.kind != DefaultDefinition::Kind::kNow) {
        return cursor_.Unexpected("CURRENT_TIMESTAMP");
      }
      column_.on_update_now = true;
    } else if (cursor_.TakeWord("AUTO_INCREMENT")) {
      column_.auto_increment = true;
    } else if (cursor_.TakeWord("COMMENT")) {
      cursor_.TakeSymbol('=');
      SL_ASSIGN(column_.comment, cursor_.TakeString());
    } else if (cursor_.TakeWord("INVISIBLE")) {
      column_.invisible = true;
    } else if (cursor_.TakeWord("VISIBLE")) {
      column_.invisible = false;
    } else if (cursor_.TakeWords({"SERIAL", "DEFAULT", "VALUE"})) {
      column_.nullable = false;
      column_.auto_increment = true;
      column_.unique = true;
    } else if (cursor_.AtWord("AS") || cursor_.AtWord("GENERATED")) {
      SL_TRY(ReadGenerated());
    } else {
      return false;
    }
    return true;
  }

  // GENERATED ALWAYS AS ROW START (system versioning) is no expression: an error.
  Status ReadGenerated() {
    cursor_.TakeWords({"GENERATED", "ALWAYS"});
    SL_TRY(cursor_.ExpectWord("AS"));
    SL_TRY(cursor_.TakeParenthesized());
    column_.generated = true;
    if (!cursor_.TakeWord("VIRTUAL") && !cursor_.TakeWord("STORED")) {
      cursor_.TakeWord("PERSISTENT");
    }
    return {};
  }

  Result<bool> ReadKeyAttribute() {
    if (cursor_.TakeWord("UNIQUE")) {
      cursor_.TakeWord("KEY");
      column_.unique = true;
    } else if (cursor_.TakeWords({"PRIMARY", "KEY"}) || cursor_.TakeWord("KEY")) {
      column_.primary = true;
    } else if (cursor_.AtWord("CHECK") || cursor_.AtWord("CONSTRAINT")) {
      SL_TRY(ReadCheck());
    } else if (cursor_.AtWord("REFERENCES")) {
      column_.references = true;
      SL_TRY(SkipReferences(cursor_));
    } else {
      return false;
    }
    return true;
  }

  Status ReadCheck() {
    if (cursor_.TakeWord("CONSTRAINT") && !cursor_.AtWord("CHECK")) SL_TRY(cursor_.TakeName());
    SL_TRY(cursor_.ExpectWord("CHECK"));
    const bool valid_json = cursor_.AtSymbol('(') && cursor_.AtWord("json_valid", 1) &&
                            cursor_.AtSymbol('(', 2) &&
                            SameWord(cursor_.Peek(3).text, column_.name) &&
                            cursor_.AtSymbol(')', 4) && cursor_.AtSymbol(')', 5);
    column_.json_check |= valid_json;
    SL_TRY(cursor_.TakeParenthesized());
    if (!cursor_.TakeWords({"NOT", "ENFORCED"})) cursor_.TakeWord("ENFORCED");
    return {};
  }

  // What says nothing of values.
  Result<bool> SkipAttribute() {
    for (const std::string_view word : {"COLUMN_FORMAT", "STORAGE", "SRID", "ENGINE_ATTRIBUTE",
                                        "SECONDARY_ENGINE_ATTRIBUTE", "REF_SYSTEM_ID"}) {
      if (!cursor_.TakeWord(word)) continue;
      cursor_.TakeSymbol('=');
      cursor_.Take();
      return true;
    }
    if (cursor_.TakeWords({"NOT", "SECONDARY"})) return true;
    if (cursor_.TakeWords({"WITHOUT", "SYSTEM", "VERSIONING"})) return true;
    if (cursor_.TakeWords({"WITH", "SYSTEM", "VERSIONING"})) return true;
    return false;
  }

  TokenCursor& cursor_;
  const bool real_as_float_;
  ColumnDefinition column_;
};

bool TakeNow(TokenCursor& cursor) {
  for (const std::string_view word : {"CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"}) {
    if (cursor.TakeWord(word)) return true;
  }
  return false;
}

Result<DefaultDefinition> ParseLiteral(TokenCursor& cursor) {
  using Kind = DefaultDefinition::Kind;
  const bool temporal =
      (cursor.AtWord("DATE") || cursor.AtWord("TIME") || cursor.AtWord("TIMESTAMP")) &&
      cursor.Peek(1).kind == TokenKind::kString;
  if (temporal) cursor.Take();
  const Token token = cursor.Peek();
  const bool introduced =
      token.kind == TokenKind::kWord && token.text.starts_with('_') && token.text.size() > 1;
  if (introduced && cursor.Peek(1).kind != TokenKind::kString) cursor.Take();
  if (introduced || token.kind == TokenKind::kString) {
    if (cursor.Peek().kind == TokenKind::kHex) {
      return DefaultDefinition{Kind::kHex, cursor.Take().text};
    }
    SL_ASSIGN(std::string text, cursor.TakeString());
    return DefaultDefinition{Kind::kString, std::move(text)};
  }
  if (token.kind == TokenKind::kHex) return DefaultDefinition{Kind::kHex, cursor.Take().text};
  if (token.kind == TokenKind::kBits) return DefaultDefinition{Kind::kBits, cursor.Take().text};
  if (cursor.TakeWord("NULL")) return DefaultDefinition{Kind::kNull, ""};
  if (cursor.TakeWord("TRUE")) return DefaultDefinition{Kind::kNumber, "1"};
  if (cursor.TakeWord("FALSE")) return DefaultDefinition{Kind::kNumber, "0"};
  const bool negative = cursor.TakeSymbol('-');
  if (!negative) cursor.TakeSymbol('+');
  if (cursor.Peek().kind != TokenKind::kNumber) return cursor.Unexpected("a default");
  return DefaultDefinition{Kind::kNumber, (negative ? "-" : "") + cursor.Take().text};
}

}  // namespace

Result<ColumnDefinition> ParseColumn(TokenCursor& cursor, bool real_as_float) {
  return ColumnParser(cursor, real_as_float).Run();
}

Result<DefaultDefinition> ParseDefault(TokenCursor& cursor) {
  using Kind = DefaultDefinition::Kind;
  if (TakeNow(cursor)) {
    DefaultDefinition now{Kind::kNow, ""};
    if (cursor.AtSymbol('(')) {
      SL_ASSIGN(now.text, cursor.TakeParenthesized());
    }
    return now;
  }
  if (cursor.AtSymbol('(')) {
    TokenCursor inside = cursor;
    inside.TakeSymbol('(');
    auto literal = ParseDefault(inside);
    SL_ASSIGN(std::string text, cursor.TakeParenthesized());
    if (!literal.ok() || !inside.AtSymbol(')') || literal->kind == Kind::kExpression) {
      return DefaultDefinition{Kind::kExpression, "(" + text + ")"};
    }
    literal->parenthesized = true;
    return literal;
  }
  const Token first = cursor.Peek();
  const bool function = first.kind == TokenKind::kWord && cursor.AtSymbol('(', 1);
  const bool sequence = cursor.AtWord("NEXT") && cursor.AtWord("VALUE", 1);
  if (sequence) {
    for (int words = 0; words < 3; ++words) cursor.Take();
    SL_TRY(cursor.TakeTableName());
    return DefaultDefinition{Kind::kExpression, std::string(cursor.TextFrom(first))};
  }
  if (function) {
    cursor.Take();
    SL_TRY(cursor.TakeParenthesized());
    return DefaultDefinition{Kind::kExpression, std::string(cursor.TextFrom(first))};
  }
  for (const std::string_view word : {"CURRENT_USER", "CURRENT_ROLE", "CURRENT_DATE", "CURDATE",
                                      "CURRENT_TIME", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP"}) {
    if (cursor.TakeWord(word)) return DefaultDefinition{Kind::kExpression, first.text};
  }
  return ParseLiteral(cursor);
}

Result<std::string> ParseCharsetName(TokenCursor& cursor) {
  cursor.TakeSymbol('=');
  if (cursor.Peek().kind == TokenKind::kString) return LowerCase(cursor.Take().text);
  SL_ASSIGN(const std::string name, cursor.TakeName());
  return LowerCase(name);
}

Status SkipReferences(TokenCursor& cursor) {
  SL_TRY(cursor.ExpectWord("REFERENCES"));
  SL_TRY(cursor.TakeTableName());
  if (cursor.AtSymbol('(')) SL_TRY(cursor.TakeParenthesized());
  while (true) {
    if (cursor.TakeWord("MATCH")) {
      cursor.Take();
    } else if (cursor.TakeWords({"ON", "DELETE"}) || cursor.TakeWords({"ON", "UPDATE"})) {
      if (cursor.TakeWords({"SET", "NULL"}) || cursor.TakeWords({"SET", "DEFAULT"}) ||
          cursor.TakeWords({"NO", "ACTION"}) || cursor.TakeWord("RESTRICT") ||
          cursor.TakeWord("CASCADE")) {
        continue;
      }
      return cursor.Unexpected("what the foreign key does");
    } else {
      return {};
    }
  }
}

}  // namespace starlift::mysql

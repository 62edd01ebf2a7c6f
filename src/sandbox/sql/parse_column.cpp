#include <algorithm>
#include <array>

#include "sandbox/sql/parser.h"

// Column and index definitions, as CREATE TABLE and ALTER TABLE write them.
namespace starlift::sandbox::sql {
namespace {

constexpr auto kAggregates = std::to_array<std::string_view>({
    "SUM",
    "MIN",
    "MAX",
    "REPLACE",
    "REPLACE_IF_NOT_NULL",
    "HLL_UNION",
    "BITMAP_UNION",
    "PERCENTILE_UNION",
});
constexpr std::string_view kDefaultExpected =
    "'CURRENT_TIMESTAMP', 'NULL', SINGLE_QUOTED_TEXT, DOUBLE_QUOTED_TEXT, '('";

bool TakesNumber(std::string_view type) {
  return type == "NUMERIC" || type == "NUMBER" || type == "BINARY" || type == "VARBINARY";
}

bool BeginsColumnClause(const Token& token) {
  return token.Is("KEY") || token.Is("NOT") || token.Is("NULL") || token.Is("DEFAULT") ||
         token.Is("AS") || token.Is("REPLACE");
}

// CHARACTER SET utf8, after the type.
Status SkipCharset(TokenReader& reader) {
  if (!reader.Accept("CHARSET") && !reader.Accept({"CHARACTER", "SET"}) &&
      !reader.Accept({"CHAR", "SET"})) {
    return {};
  }
  reader.Accept("=");
  if (reader.Peek().kind == TokenKind::kString) {
    reader.Take();
    return {};
  }
  SL_TRY(reader.Name());
  return {};
}

// SUM, or a function over types such as avg(INT), which keeps its intermediate state.
Status ParseAggregate(TokenReader& reader, ColumnSpec& column) {
  for (const std::string_view word : kAggregates) {
    if (reader.Accept(word)) {
      column.aggregate = word;
      return {};
    }
  }
  const Token& token = reader.Peek();
  const bool other_clause = token.Is("AUTO_INCREMENT") || token.Is("COMMENT") ||
                            token.Is("FIRST") || token.Is("AFTER") || token.Is("PROPERTIES");
  if (token.kind != TokenKind::kIdentifier || (other_clause && !reader.Peek(1).Is("("))) {
    return {};
  }
  column.aggregate = reader.Take().value;
  column.aggregate_state = true;
  SL_TRY(reader.Expect("("));
  do {
    SL_TRY(ParseType(reader));
    reader.Accept("NULL") || reader.Accept({"NOT", "NULL"});
  } while (reader.Accept(","));
  return reader.Expect(")");
}

Status ParseDefault(TokenReader& reader, DefaultSpec& spec) {
  if (reader.Accept("NULL")) {
    spec.kind = DefaultSpec::Kind::kNull;
  } else if (reader.Peek().kind == TokenKind::kString) {
    spec.kind = DefaultSpec::Kind::kText;
    spec.text = reader.Take().value;
  } else if (reader.Accept("CURRENT_TIMESTAMP")) {
    spec.kind = DefaultSpec::Kind::kCurrentTimestamp;
    if (!reader.Accept("(")) return {};
    if (reader.Peek().kind == TokenKind::kInteger) spec.text = reader.Take().value;
    return reader.Expect(")");
  } else if (reader.Accept("(")) {
    spec.kind = DefaultSpec::Kind::kFunction;
    SL_ASSIGN(QualifiedName function, reader.ObjectName());
    spec.text = function.ToString() + "()";
    SL_TRY(reader.Expect({"(", ")", ")"}));
  } else {
    return reader.Unexpected(kDefaultExpected);
  }
  return {};
}

Status ParseGenerated(TokenReader& reader, ColumnSpec& column) {
  if (column.nullable == false) return SyntaxError("Generated Column must be nullable column");
  if (reader.AtEnd() || reader.Peek().Is(")") || reader.Peek().Is(",")) {
    return reader.Unexpected("a legal identifier");
  }
  column.generated = reader.ExpressionText({"COMMENT"});
  return {};
}

}  // namespace

Result<ColumnSpec> ParseColumn(TokenReader& reader) {
  ColumnSpec column;
  column.begin = reader.Peek().position;
  SL_ASSIGN(column.name, reader.Name());
  // DATETIME(6) reads as a function over types: DATETIME takes no number.
  const bool calls = reader.Peek().kind == TokenKind::kIdentifier && reader.Peek(1).Is("(") &&
                     !TakesNumber(reader.Peek().value);
  if (SeesType(reader) && !calls) {
    SL_ASSIGN(column.type, ParseType(reader));
    SL_TRY(SkipCharset(reader));
  }
  if (!column.type.has_value() && reader.Peek().kind == TokenKind::kKeyword &&
      !BeginsColumnClause(reader.Peek())) {
    return reader.NoViable();
  }
  column.key = reader.Accept("KEY");
  SL_TRY(ParseAggregate(reader, column));
  if (reader.Accept({"NOT", "NULL"})) {
    column.nullable = false;
  } else if (reader.Accept("NULL")) {
    column.nullable = true;
  }
  if (reader.Accept("AUTO_INCREMENT")) {
    column.auto_increment = true;
  } else if (reader.Accept("DEFAULT")) {
    SL_TRY(ParseDefault(reader, column.default_value));
  } else if (reader.Accept("AS")) {
    SL_TRY(ParseGenerated(reader, column));
  }
  if (reader.Accept("COMMENT")) {
    SL_ASSIGN(column.comment, reader.Text());
  }
  column.end = reader.Previous().position;
  if (!column.type.has_value() && column.aggregate.empty()) {
    return SyntaxErrorAt(column.begin,
                         "Unsupported type specification: 'Column's type is null and it's not agg "
                         "state column" +
                             column.name + "'");
  }
  return column;
}

Result<IndexSpec> ParseIndex(TokenReader& reader, const Token& begin) {
  IndexSpec index;
  index.begin = begin.position;
  SL_ASSIGN(index.name, reader.Name());
  SL_ASSIGN(index.columns, reader.NameList());
  if (reader.Accept("USING")) {
    const Token& kind = reader.Peek();
    if (!kind.IsWord() ||
        !(kind.Is("BITMAP") || kind.Is("GIN") || kind.Is("NGRAMBF") || kind.Is("VECTOR"))) {
      return reader.Unexpected("'BITMAP', 'GIN', 'NGRAMBF', 'VECTOR'");
    }
    index.kind = reader.Take().value;
    if (reader.Peek().Is("(")) {
      SL_ASSIGN(index.properties, reader.PropertyList());
    }
  }
  if (reader.Accept("COMMENT")) {
    SL_ASSIGN(index.comment, reader.Text());
  }
  index.end = reader.Previous().position;
  return index;
}

}  // namespace starlift::sandbox::sql

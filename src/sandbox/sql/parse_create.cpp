#include "sandbox/sql/parser.h"

// CREATE TABLE in its three forms (columns, LIKE, AS SELECT).
namespace starlift::sandbox::sql {
namespace {

// Whether the parenthesis that comes holds only names, as in CREATE TABLE t (a, b) AS SELECT ….
bool SeesNameListBeforeAs(TokenReader& reader) {
  const size_t before = reader.position();
  const bool names = reader.NameList().ok() && !reader.AtEnd() && !reader.Peek().Is(";");
  bool found_as = false;
  while (names && !reader.AtEnd() && !found_as) found_as = reader.Take().Is("AS");
  reader.Rewind(before);
  return found_as;
}

Status ParseColumnsAndIndexes(TokenReader& reader, CreateTable& table) {
  SL_TRY(reader.Expect("("));
  if (!reader.Peek().IsName()) return reader.NoViable();
  do {
    const Token comma = reader.Previous();
    if (reader.Peek().Is("INDEX")) {
      const Token begin = reader.Take();
      SL_ASSIGN(IndexSpec index, ParseIndex(reader, begin));
      table.indexes.push_back(std::move(index));
      continue;
    }
    if (!reader.Peek().IsName() || !table.indexes.empty()) return reader.NoViable(comma);
    SL_ASSIGN(ColumnSpec column, ParseColumn(reader));
    table.columns.push_back(std::move(column));
  } while (reader.Accept(","));
  if (!reader.Accept(")")) return reader.Unexpected("',', ')'");
  return {};
}

// DEFAULT CHARSET = utf8 and COLLATE, read and forgotten.
Status SkipCharsetAndCollation(TokenReader& reader) {
  const size_t before = reader.position();
  reader.Accept("DEFAULT");
  if (reader.Accept("CHARSET") || reader.Accept({"CHARACTER", "SET"}) ||
      reader.Accept({"CHAR", "SET"})) {
    reader.Accept("=");
    if (reader.Peek().kind == TokenKind::kString) {
      reader.Take();
    } else {
      SL_TRY(reader.Name());
    }
    return SkipCharsetAndCollation(reader);
  }
  if (reader.Accept("COLLATE")) {
    reader.Accept("=");
    if (reader.Peek().kind == TokenKind::kString) {
      reader.Take();
      return {};
    }
    SL_TRY(reader.Name());
    return {};
  }
  reader.Rewind(before);
  return {};
}

Status ParseRollups(TokenReader& reader, CreateTable& table) {
  SL_TRY(reader.Expect("("));
  do {
    SL_ASSIGN(RollupSpec rollup, ParseRollup(reader));
    table.rollups.push_back(std::move(rollup));
  } while (reader.Accept(","));
  return reader.Expect(")");
}

Status ParseTableClauses(TokenReader& reader, CreateTable& table) {
  if (reader.Accept("ENGINE")) {
    SL_TRY(reader.Expect("="));
    SL_ASSIGN(table.engine, reader.Name());
  }
  SL_TRY(SkipCharsetAndCollation(reader));
  SL_ASSIGN(table.key, ParseKey(reader));
  if (reader.Accept("COMMENT")) {
    SL_ASSIGN(table.comment, reader.Text());
  }
  if (reader.Accept({"PARTITION", "BY"})) {
    SL_ASSIGN(table.partition_by, ParsePartitionBy(reader));
  }
  if (reader.Peek().Is("DISTRIBUTED")) {
    SL_ASSIGN(table.distribution, ParseDistribution(reader));
  }
  if (reader.Accept({"ORDER", "BY"})) {
    SL_ASSIGN(table.order_by, reader.NameList());
  }
  if (reader.Accept("ROLLUP")) SL_TRY(ParseRollups(reader, table));
  if (reader.Accept("PROPERTIES")) {
    SL_ASSIGN(table.properties, reader.PropertyList());
  }
  return {};
}

}  // namespace

Result<Statement> ParseCreateTable(TokenReader& reader) {
  CreateTable table;
  SL_TRY(reader.Expect("CREATE"));
  table.temporary = reader.Accept("TEMPORARY");
  table.external = !table.temporary && reader.Accept("EXTERNAL");
  SL_TRY(reader.Expect("TABLE"));
  SL_ASSIGN(table.if_not_exists, reader.IfNotExists());
  if (reader.AtEnd()) return reader.Unexpected("a legal identifier");
  if (!reader.Peek().IsName()) return reader.NoViable();
  SL_ASSIGN(table.name, reader.ObjectName());

  if (reader.Peek().Is("(") && !SeesNameListBeforeAs(reader)) {
    SL_TRY(ParseColumnsAndIndexes(reader, table));
    SL_TRY(ParseTableClauses(reader, table));
    SL_TRY(reader.ExpectEnd());
    return Statement(std::move(table));
  }
  if (reader.Peek().Is("(")) {
    SL_ASSIGN(table.query_columns, reader.NameList());
  }
  const size_t before = reader.position();
  SL_TRY(ParseTableClauses(reader, table));
  if (reader.Accept("LIKE")) {
    SL_ASSIGN(table.like, reader.ObjectName());
    SL_TRY(reader.ExpectEnd());
    return Statement(std::move(table));
  }
  if (reader.Accept("AS")) {
    table.query = reader.RestAsText();
    return Statement(std::move(table));
  }
  if (reader.position() == before) return reader.NoViable();
  return reader.Unexpected("'AS'");
}

}  // namespace starlift::sandbox::sql

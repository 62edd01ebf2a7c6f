#include "sandbox/query/parser.h"

namespace starlift::sandbox::query {

using sql::Token;

Result<InsertStatement> Parser::ParseInsert() {
  reader_.Take();
  InsertStatement insert;
  if (reader_.Accept("OVERWRITE")) {
    insert.overwrite = true;
  } else if (!reader_.Accept("INTO")) {
    return reader_.Unexpected("'INTO', 'OVERWRITE'");
  }
  reader_.Accept("TABLE");
  SL_ASSIGN(sql::QualifiedName table, reader_.ObjectName());
  insert.table = std::move(table.parts);
  insert.table_position = table.position;
  SL_ASSIGN(insert.partitions, ParsePartitionNames());
  while (true) {
    if (reader_.Accept({"WITH", "LABEL"})) {
      const Token& label = reader_.Peek();
      if (!label.IsName()) return reader_.Unexpected(kName);
      insert.label = reader_.Take().Name();
    } else if (reader_.Accept({"BY", "NAME"})) {
      insert.by_name = true;
    } else if (!insert.has_columns && reader_.Sees({"("}) && reader_.Peek(1).IsName()) {
      insert.has_columns = true;
      SL_ASSIGN(insert.columns, reader_.NameList());
    } else if (reader_.Accept("PROPERTIES")) {
      SL_ASSIGN(insert.properties, reader_.PropertyList());
    } else {
      break;
    }
  }
  if (reader_.Accept("VALUES")) {
    auto values = std::make_shared<Query>();
    values->kind = Query::Kind::kValues;
    SL_ASSIGN(values->rows, ParseValueRows(true));
    insert.source = values;
    return insert;
  }
  if (!reader_.Sees({"SELECT"}) && !reader_.Sees({"WITH"}) && !reader_.Sees({"("})) {
    return reader_.Unexpected("'SELECT', 'PROPERTIES', 'DESC', 'WITH', 'TRACE', '('");
  }
  SL_ASSIGN(insert.source, ParseQuery());
  return insert;
}

Result<std::vector<Assignment>> Parser::ParseAssignments() {
  std::vector<Assignment> assignments;
  do {
    Assignment assignment;
    SL_ASSIGN(assignment.column, reader_.Name());
    if (reader_.Accept(".")) {  // t.v = …
      SL_ASSIGN(assignment.column, reader_.Name());
    }
    SL_TRY(reader_.Expect("="));
    SL_ASSIGN(assignment.value, ParseExpression());
    assignments.push_back(std::move(assignment));
  } while (reader_.Accept(","));
  return assignments;
}

Result<UpdateStatement> Parser::ParseUpdate() {
  UpdateStatement update;
  if (reader_.Sees({"WITH"})) {
    SL_ASSIGN(update.with, ParseWith());
  }
  SL_TRY(reader_.Expect("UPDATE"));
  SL_ASSIGN(sql::QualifiedName table, reader_.ObjectName());
  update.table = std::move(table.parts);
  if (reader_.Accept("AS")) {
    SL_ASSIGN(update.alias, reader_.Name());
  }
  if (!reader_.Accept("SET")) return reader_.Unexpected("'SET'");
  SL_ASSIGN(update.assignments, ParseAssignments());
  if (reader_.Accept("FROM")) {
    SL_ASSIGN(update.from, ParseRelation());
  }
  if (reader_.Accept("WHERE")) {
    SL_ASSIGN(update.where, ParseExpression());
  }
  return update;
}

Result<DeleteStatement> Parser::ParseDelete() {
  DeleteStatement statement;
  if (reader_.Sees({"WITH"})) {
    SL_ASSIGN(statement.with, ParseWith());
  }
  const Token begin = reader_.Peek();
  SL_TRY(reader_.Expect("DELETE"));
  if (!reader_.Accept("FROM")) return reader_.NoViable(begin);
  SL_ASSIGN(sql::QualifiedName table, reader_.ObjectName());
  statement.table = std::move(table.parts);
  if (reader_.Accept("AS")) {
    SL_ASSIGN(statement.alias, reader_.Name());
  }
  SL_ASSIGN(statement.partitions, ParsePartitionNames());
  if (reader_.Accept("USING")) {
    SL_ASSIGN(statement.using_relation, ParseRelation());
  }
  if (reader_.Accept("WHERE")) {
    SL_ASSIGN(statement.where, ParseExpression());
  }
  return statement;
}

}  // namespace starlift::sandbox::query

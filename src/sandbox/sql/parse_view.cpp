#include "sandbox/sql/parser.h"

// Views and materialized views.
namespace starlift::sandbox::sql {
namespace {

Result<TextRange> ParseQuery(TokenReader& reader) {
  if (reader.AtEnd()) return reader.Unexpected("'SELECT', 'WITH', 'VALUES', '('");
  if (!reader.Peek().Is("SELECT") && !reader.Peek().Is("WITH") && !reader.Peek().Is("(") &&
      !reader.Peek().Is("VALUES")) {
    return reader.Unexpected("'SELECT', 'WITH', '('");
  }
  return reader.RestAsText();
}

Result<RefreshSpec> ParseRefresh(TokenReader& reader) {
  RefreshSpec refresh;
  refresh.deferred = reader.Accept("DEFERRED");
  if (!refresh.deferred) reader.Accept("IMMEDIATE");
  if (reader.Accept("MANUAL")) {
    refresh.kind = "MANUAL";
    return refresh;
  }
  if (reader.Accept("INCREMENTAL")) {
    refresh.kind = "INCREMENTAL";
    return refresh;
  }
  if (!reader.Accept("ASYNC")) return reader.Unexpected("'ASYNC', 'MANUAL', 'INCREMENTAL'");
  if (reader.Accept("START")) {
    SL_TRY(reader.Expect("("));
    SL_ASSIGN(refresh.start, reader.Text());
    SL_TRY(reader.Expect(")"));
  }
  if (reader.Accept("EVERY")) {
    SL_TRY(reader.Expect({"(", "INTERVAL"}));
    SL_ASSIGN(const auto interval, ParseInterval(reader));
    refresh.every = interval.first;
    refresh.every_unit = interval.second;
    SL_TRY(reader.Expect(")"));
  }
  return refresh;
}

Status ParsePartitionExpressions(TokenReader& reader, CreateMaterializedView& view) {
  SL_ASSIGN(const PartitionBySpec by, ParsePartitionBy(reader));
  view.partition_by = by.expressions;
  return {};
}

Status ParseViewClauses(TokenReader& reader, CreateMaterializedView& view) {
  while (!reader.Peek().Is("AS")) {
    if (reader.Accept({"PARTITION", "BY"})) {
      SL_TRY(ParsePartitionExpressions(reader, view));
    } else if (reader.Peek().Is("DISTRIBUTED")) {
      SL_ASSIGN(view.distribution, ParseDistribution(reader));
    } else if (reader.Accept({"ORDER", "BY"})) {
      SL_ASSIGN(view.order_by, reader.NameList());
    } else if (reader.Accept("REFRESH")) {
      SL_ASSIGN(view.refresh, ParseRefresh(reader));
    } else if (reader.Accept("PROPERTIES")) {
      SL_ASSIGN(view.properties, reader.PropertyList());
    } else {
      return reader.Unexpected(
          "'AS', 'PARTITION', 'DISTRIBUTED', 'ORDER', 'REFRESH', 'PROPERTIES'");
    }
  }
  return {};
}

}  // namespace

Result<std::vector<ViewColumn>> ParseViewColumns(TokenReader& reader) {
  std::vector<ViewColumn> columns;
  if (!reader.Accept("(")) return columns;
  do {
    ViewColumn column;
    SL_ASSIGN(column.name, reader.Name());
    if (reader.Accept("COMMENT")) {
      SL_ASSIGN(column.comment, reader.Text());
    }
    columns.push_back(std::move(column));
  } while (reader.Accept(","));
  if (!reader.Accept(")")) return reader.Unexpected("',', ')'");
  return columns;
}

Result<Statement> ParseCreateView(TokenReader& reader) {
  CreateView view;
  SL_TRY(reader.Expect("CREATE"));
  view.or_replace = reader.Accept({"OR", "REPLACE"});
  SL_TRY(reader.Expect("VIEW"));
  SL_ASSIGN(view.if_not_exists, reader.IfNotExists());
  SL_ASSIGN(view.name, reader.ObjectName());
  SL_ASSIGN(view.columns, ParseViewColumns(reader));
  if (reader.Accept("COMMENT")) {
    SL_ASSIGN(view.comment, reader.Text());
  }
  if (reader.Accept("SECURITY")) {
    view.security_invoker = reader.Accept("INVOKER");
    if (!view.security_invoker) SL_TRY(reader.Expect("NONE"));
  }
  SL_TRY(reader.Expect("AS"));
  SL_ASSIGN(view.query, ParseQuery(reader));
  return Statement(std::move(view));
}

Result<Statement> ParseCreateMaterializedView(TokenReader& reader) {
  CreateMaterializedView view;
  SL_TRY(reader.Expect({"CREATE", "MATERIALIZED", "VIEW"}));
  SL_ASSIGN(view.if_not_exists, reader.IfNotExists());
  SL_ASSIGN(view.name, reader.ObjectName());
  SL_ASSIGN(view.columns, ParseViewColumns(reader));
  if (reader.Accept("COMMENT")) {
    SL_ASSIGN(view.comment, reader.Text());
  }
  SL_TRY(ParseViewClauses(reader, view));
  SL_TRY(reader.Expect("AS"));
  SL_ASSIGN(view.query, ParseQuery(reader));
  return Statement(std::move(view));
}

Result<Statement> ParseAlterMaterializedView(TokenReader& reader) {
  using Kind = AlterMaterializedView::Kind;
  AlterMaterializedView alter;
  SL_TRY(reader.Expect({"ALTER", "MATERIALIZED", "VIEW"}));
  SL_ASSIGN(alter.name, reader.ObjectName());
  if (reader.Accept("RENAME")) {
    alter.kind = Kind::kRename;
    SL_ASSIGN(alter.new_name, reader.Name());
  } else if (reader.Accept({"SWAP", "WITH"})) {
    alter.kind = Kind::kSwap;
    SL_ASSIGN(alter.new_name, reader.Name());
  } else if (reader.Accept("REFRESH")) {
    alter.kind = Kind::kRefresh;
    SL_ASSIGN(alter.refresh, ParseRefresh(reader));
  } else if (reader.Accept("SET")) {
    alter.kind = Kind::kSet;
    SL_ASSIGN(alter.properties, reader.PropertyList());
  } else if (reader.Accept("ACTIVE")) {
    alter.kind = Kind::kActive;
  } else if (reader.Accept("INACTIVE")) {
    alter.kind = Kind::kInactive;
  } else {
    return reader.NoViable();
  }
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(alter));
}

}  // namespace starlift::sandbox::sql

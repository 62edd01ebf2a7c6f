#include "sandbox/sql/parser.h"

// SHOW and DESC of schema objects.
namespace starlift::sandbox::sql {
namespace {

using Kind = ShowObjects::Kind;

bool AcceptFrom(TokenReader& reader) { return reader.Accept("FROM") || reader.Accept("IN"); }

Status ParseLike(TokenReader& reader, ShowFilter& filter) {
  if (reader.Accept("LIKE")) {
    SL_ASSIGN(filter.like, reader.Text());
  } else if (reader.Accept("WHERE")) {
    if (reader.AtEnd()) return reader.Unexpected("a legal identifier");
    filter.where = reader.ExpressionText({"ORDER", "LIMIT"});
  }
  return {};
}

// WHERE, ORDER BY and LIMIT n [OFFSET m] | LIMIT m, n.
Status ParseTail(TokenReader& reader, ShowFilter& filter) {
  SL_TRY(ParseLike(reader, filter));
  if (reader.Accept("ORDER")) {
    SL_TRY(reader.Expect("BY"));
    const Token first = reader.Peek();
    TextRange range;
    do {
      range = reader.ExpressionText({"LIMIT"});
    } while (reader.Accept(","));
    range.text = reader.text().substr(
        first.offset, static_cast<size_t>(range.text.data() - reader.text().data()) +
                          range.text.size() - first.offset);
    range.begin = first.position;
    filter.order_by = range;
  }
  if (reader.Accept("LIMIT")) {
    SL_ASSIGN(filter.limit, reader.Integer());
    if (reader.Accept("OFFSET")) {
      SL_ASSIGN(filter.offset, reader.Integer());
    } else if (reader.Accept(",")) {
      filter.offset = *filter.limit;
      SL_ASSIGN(filter.limit, reader.Integer());
    }
  }
  return {};
}

Status ParseFromDatabase(TokenReader& reader, ShowObjects& show) {
  if (!AcceptFrom(reader)) return {};
  SL_ASSIGN(show.database, reader.ObjectName());
  return {};
}

// FROM t [FROM db]
Status ParseFromTable(TokenReader& reader, ShowObjects& show) {
  if (!AcceptFrom(reader)) return reader.Unexpected("'FROM', 'IN'");
  SL_ASSIGN(show.table, reader.ObjectName());
  return ParseFromDatabase(reader, show);
}

Status ParseShowCreate(TokenReader& reader, ShowObjects& show) {
  if (reader.Accept("DATABASE") || reader.Accept("SCHEMA")) {
    show.kind = Kind::kCreateDatabase;
    SL_ASSIGN(show.database, reader.ObjectName());
    return {};
  }
  if (reader.Accept("TABLE")) {
    show.kind = Kind::kCreateTable;
  } else if (reader.Accept("VIEW")) {
    show.kind = Kind::kCreateView;
  } else if (reader.Accept({"MATERIALIZED", "VIEW"})) {
    show.kind = Kind::kCreateMaterializedView;
  } else {
    return reader.NoViable();
  }
  SL_ASSIGN(show.table, reader.ObjectName());
  return {};
}

Status ParseShowAlter(TokenReader& reader, ShowObjects& show) {
  if (reader.Accept({"MATERIALIZED", "VIEW"})) {
    show.kind = Kind::kAlterMaterializedView;
  } else {
    SL_TRY(reader.Expect("TABLE"));
    if (reader.Accept("COLUMN")) {
      show.kind = Kind::kAlterColumn;
    } else if (reader.Accept("ROLLUP")) {
      show.kind = Kind::kAlterRollup;
    } else if (reader.Accept("OPTIMIZE")) {
      show.kind = Kind::kAlterOptimize;
    } else {
      return reader.Unexpected("'ROLLUP', 'COLUMN', 'OPTIMIZE'");
    }
  }
  SL_TRY(ParseFromDatabase(reader, show));
  return ParseTail(reader, show.filter);
}

Status ParseShowColumns(TokenReader& reader, ShowObjects& show) {
  show.kind = Kind::kColumns;
  SL_TRY(ParseFromTable(reader, show));
  return ParseLike(reader, show.filter);
}

Status ParseShowPartitions(TokenReader& reader, ShowObjects& show, bool temporary) {
  show.kind = temporary ? Kind::kTemporaryPartitions : Kind::kPartitions;
  SL_TRY(reader.Expect("FROM"));
  SL_ASSIGN(show.table, reader.ObjectName());
  return ParseTail(reader, show.filter);
}

// Lists that take [FROM db] [LIKE … | WHERE …].
Status ParseShowList(TokenReader& reader, ShowObjects& show, Kind kind) {
  show.kind = kind;
  SL_TRY(ParseFromDatabase(reader, show));
  return ParseLike(reader, show.filter);
}

Status ParseShowRest(TokenReader& reader, ShowObjects& show) {
  if (reader.Accept("DATABASES") || reader.Accept("SCHEMAS")) {
    return ParseShowList(reader, show, Kind::kDatabases);
  }
  if (reader.Accept("CREATE")) return ParseShowCreate(reader, show);
  if (reader.Accept("ALTER")) return ParseShowAlter(reader, show);
  if (reader.Accept("TABLE")) {
    SL_TRY(reader.Expect("STATUS"));
    return ParseShowList(reader, show, Kind::kTableStatus);
  }
  if (reader.Accept({"DYNAMIC", "PARTITION", "TABLES"})) {
    show.kind = Kind::kDynamicPartitionTables;
    return ParseFromDatabase(reader, show);
  }
  if (reader.Accept("PARTITIONS")) return ParseShowPartitions(reader, show, false);
  if (reader.Accept({"TEMPORARY", "PARTITIONS"})) return ParseShowPartitions(reader, show, true);
  if (reader.Accept("INDEX") || reader.Accept("INDEXES") || reader.Accept("KEY") ||
      reader.Accept("KEYS")) {
    show.kind = Kind::kIndexes;
    return ParseFromTable(reader, show);
  }
  if (reader.Accept("DATA")) {
    show.kind = Kind::kData;
    if (reader.Accept("FROM")) {
      SL_ASSIGN(show.table, reader.ObjectName());
    }
    return {};
  }
  if (reader.Accept("TABLET") || reader.Accept("TABLETS")) {
    show.kind = Kind::kTablets;
    if (reader.Peek().kind == TokenKind::kInteger) {
      SL_ASSIGN(show.tablet, reader.Integer());
      return {};
    }
    if (!reader.Accept("FROM")) return reader.Unexpected("'FROM', INTEGER_VALUE");
    SL_ASSIGN(show.table, reader.ObjectName());
    if (reader.Accept("PARTITION") || reader.Accept("PARTITIONS")) SL_TRY(reader.NameList());
    return ParseTail(reader, show.filter);
  }
  if (reader.Accept({"MATERIALIZED", "VIEWS"}) || reader.Accept({"MATERIALIZED", "VIEW"})) {
    return ParseShowList(reader, show, Kind::kMaterializedViews);
  }
  show.full = reader.Accept("FULL");
  if (reader.Accept("TABLES")) return ParseShowList(reader, show, Kind::kTables);
  if (reader.Accept("COLUMNS") || reader.Accept("FIELDS")) return ParseShowColumns(reader, show);
  return reader.NoViable();
}

}  // namespace

Result<Statement> ParseShow(TokenReader& reader) {
  ShowObjects show;
  SL_TRY(reader.Expect("SHOW"));
  SL_TRY(ParseShowRest(reader, show));
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(show));
}

Result<Statement> ParseDescribe(TokenReader& reader) {
  ShowObjects show;
  show.kind = Kind::kDescribe;
  reader.Take();
  SL_ASSIGN(show.table, reader.ObjectName());
  show.all = reader.Accept("ALL");
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(show));
}

}  // namespace starlift::sandbox::sql

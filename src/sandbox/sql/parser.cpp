#include "sandbox/sql/parser.h"

#include <algorithm>

namespace starlift::sandbox::sql {
namespace {

Result<Statement> ParseCreateDatabase(TokenReader& reader) {
  CreateDatabase create;
  SL_TRY(reader.Expect("CREATE"));
  reader.Take();  // DATABASE or SCHEMA
  SL_ASSIGN(create.if_not_exists, reader.IfNotExists());
  SL_ASSIGN(create.name, reader.ObjectName());
  while (true) {
    reader.Accept("DEFAULT");
    const bool charset = reader.Accept("CHARSET") || reader.Accept({"CHARACTER", "SET"}) ||
                         reader.Accept({"CHAR", "SET"});
    if (!charset && !reader.Accept("COLLATE")) break;
    reader.Accept("=");
    if (!reader.Peek().IsName() && reader.Peek().kind != TokenKind::kString) {
      return reader.Unexpected("a legal identifier");
    }
    reader.Take();
  }
  if (reader.Accept("PROPERTIES")) {
    SL_ASSIGN(create.properties, reader.PropertyList());
  }
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(create));
}

Result<Statement> ParseAlterDatabase(TokenReader& reader) {
  AlterDatabase alter;
  SL_TRY(reader.Expect({"ALTER", "DATABASE"}));
  if (!reader.Peek().IsName()) return reader.NoViable();
  SL_ASSIGN(alter.name, reader.ObjectName());
  if (reader.Accept("RENAME")) {
    SL_ASSIGN(alter.rename_to, reader.Name());
  } else if (reader.Accept("SET")) {
    alter.quota_kind = reader.Accept("DATA") ? "DATA" : "REPLICA";
    if (alter.quota_kind == "REPLICA") SL_TRY(reader.Expect("REPLICA"));
    SL_TRY(reader.Expect("QUOTA"));
    const Token& quota = reader.Peek();
    if (quota.kind != TokenKind::kInteger && quota.kind != TokenKind::kIdentifier) {
      return reader.Unexpected("a legal identifier, INTEGER_VALUE");
    }
    alter.quota = reader.Take().text;
  } else {
    return reader.NoViable();
  }
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(alter));
}

Result<Statement> ParseAlterView(TokenReader& reader) {
  AlterView alter;
  SL_TRY(reader.Expect({"ALTER", "VIEW"}));
  SL_ASSIGN(alter.name, reader.ObjectName());
  if (reader.Accept({"SET", "SECURITY"})) {
    alter.security_invoker = reader.Accept("INVOKER");
    if (!*alter.security_invoker) SL_TRY(reader.Expect("NONE"));
    SL_TRY(reader.ExpectEnd());
    return Statement(std::move(alter));
  }
  SL_ASSIGN(alter.columns, ParseViewColumns(reader));
  SL_TRY(reader.Expect("AS"));
  if (reader.AtEnd()) return reader.Unexpected("'SELECT', 'WITH', '('");
  alter.query = reader.RestAsText();
  return Statement(std::move(alter));
}

Result<Statement> ParseDrop(TokenReader& reader) {
  SL_TRY(reader.Expect("DROP"));
  if (reader.Accept("DATABASE") || reader.Accept("SCHEMA")) {
    DropDatabase drop;
    SL_ASSIGN(drop.if_exists, reader.IfExists());
    SL_ASSIGN(drop.name, reader.ObjectName());
    drop.force = reader.Accept("FORCE");
    SL_TRY(reader.ExpectEnd());
    return Statement(std::move(drop));
  }
  reader.Accept("TEMPORARY");
  if (reader.Accept("TABLE")) {
    DropTable drop;
    SL_ASSIGN(drop.if_exists, reader.IfExists());
    SL_ASSIGN(drop.name, reader.ObjectName());
    drop.force = reader.Accept("FORCE");
    SL_TRY(reader.ExpectEnd());
    return Statement(std::move(drop));
  }
  if (reader.Accept("INDEX")) {
    AlterTable alter;
    AlterClause clause;
    clause.kind = AlterClause::Kind::kDropIndex;
    SL_ASSIGN(clause.name, reader.Name());
    SL_TRY(reader.Expect("ON"));
    SL_ASSIGN(alter.name, reader.ObjectName());
    SL_TRY(reader.ExpectEnd());
    alter.clauses.push_back(std::move(clause));
    return Statement(std::move(alter));
  }
  DropView drop;
  drop.materialized = reader.Accept("MATERIALIZED");
  SL_TRY(reader.Expect("VIEW"));
  SL_ASSIGN(drop.if_exists, reader.IfExists());
  SL_ASSIGN(drop.name, reader.ObjectName());
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(drop));
}

Result<Statement> ParseCreateIndex(TokenReader& reader) {
  AlterTable alter;
  AlterClause clause;
  clause.kind = AlterClause::Kind::kAddIndex;
  SL_TRY(reader.Expect("CREATE"));
  const Token begin = reader.Take();  // INDEX
  IndexSpec index;
  SL_ASSIGN(index.name, reader.Name());
  SL_TRY(reader.Expect("ON"));
  SL_ASSIGN(alter.name, reader.ObjectName());
  // The rest is as in a table: (columns) USING … COMMENT ….
  SL_ASSIGN(index.columns, reader.NameList());
  if (reader.Accept("USING")) {
    index.kind = reader.Take().value;
    if (reader.Peek().Is("(")) {
      SL_ASSIGN(index.properties, reader.PropertyList());
    }
  }
  if (reader.Accept("COMMENT")) {
    SL_ASSIGN(index.comment, reader.Text());
  }
  index.begin = begin.position;
  index.end = reader.Previous().position;
  SL_TRY(reader.ExpectEnd());
  clause.indexes.push_back(std::move(index));
  alter.clauses.push_back(std::move(clause));
  return Statement(std::move(alter));
}

Result<Statement> ParseTruncate(TokenReader& reader) {
  TruncateTable truncate;
  SL_TRY(reader.Expect("TRUNCATE"));
  if (!reader.Accept("TABLE")) return reader.NoViable();
  SL_ASSIGN(truncate.name, reader.ObjectName());
  if (reader.Accept("PARTITION") || reader.Accept("PARTITIONS")) {
    SL_ASSIGN(truncate.partitions, reader.NameList());
  }
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(truncate));
}

Result<Statement> ParseRecover(TokenReader& reader) {
  RecoverObject recover;
  SL_TRY(reader.Expect("RECOVER"));
  if (reader.Accept("DATABASE") || reader.Accept("SCHEMA")) {
    recover.kind = RecoverObject::Kind::kDatabase;
  } else if (reader.Accept("PARTITION")) {
    recover.kind = RecoverObject::Kind::kPartition;
    SL_ASSIGN(recover.partition, reader.Name());
    SL_TRY(reader.Expect("FROM"));
  } else if (!reader.Accept("TABLE")) {
    return reader.NoViable();
  }
  SL_ASSIGN(recover.name, reader.ObjectName());
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(recover));
}

Result<Statement> ParseCancel(TokenReader& reader) {
  SL_TRY(reader.Expect("CANCEL"));
  if (reader.Accept("REFRESH")) {
    RefreshMaterializedView refresh;
    refresh.cancel = true;
    SL_TRY(reader.Expect({"MATERIALIZED", "VIEW"}));
    SL_ASSIGN(refresh.name, reader.ObjectName());
    reader.Accept("FORCE");
    SL_TRY(reader.ExpectEnd());
    return Statement(std::move(refresh));
  }
  CancelAlter cancel;
  SL_TRY(reader.Expect("ALTER"));
  if (reader.Accept({"MATERIALIZED", "VIEW"})) {
    cancel.kind = CancelAlter::Kind::kMaterializedView;
  } else {
    SL_TRY(reader.Expect("TABLE"));
    if (reader.Accept("ROLLUP")) {
      cancel.kind = CancelAlter::Kind::kRollup;
    } else if (reader.Accept("OPTIMIZE")) {
      cancel.kind = CancelAlter::Kind::kOptimize;
    } else if (!reader.Accept("COLUMN")) {
      return reader.Unexpected("'ROLLUP', 'COLUMN', 'OPTIMIZE'");
    }
  }
  SL_TRY(reader.Expect("FROM"));
  SL_ASSIGN(cancel.name, reader.ObjectName());
  if (reader.Accept("(")) {
    do {
      SL_TRY(reader.Integer());
    } while (reader.Accept(","));
    SL_TRY(reader.Expect(")"));
  }
  SL_TRY(reader.ExpectEnd());
  return Statement(std::move(cancel));
}

Result<Statement> ParseRefresh(TokenReader& reader) {
  RefreshMaterializedView refresh;
  SL_TRY(reader.Expect({"REFRESH", "MATERIALIZED", "VIEW"}));
  SL_ASSIGN(refresh.name, reader.ObjectName());
  // PARTITION START … END …, FORCE, WITH SYNC MODE: no rows are refreshed in a way that they
  // change.
  reader.RestAsText();
  return Statement(std::move(refresh));
}

struct Opening {
  std::initializer_list<std::string_view> words;
  Result<Statement> (*parse)(TokenReader&);
};

// What a statement about schema objects begins with.
const Opening kOpenings[] = {
    {{"CREATE", "DATABASE"}, ParseCreateDatabase},
    {{"CREATE", "SCHEMA"}, ParseCreateDatabase},
    {{"CREATE", "TABLE"}, ParseCreateTable},
    {{"CREATE", "EXTERNAL", "TABLE"}, ParseCreateTable},
    {{"CREATE", "TEMPORARY", "TABLE"}, ParseCreateTable},
    {{"CREATE", "VIEW"}, ParseCreateView},
    {{"CREATE", "OR", "REPLACE", "VIEW"}, ParseCreateView},
    {{"CREATE", "MATERIALIZED", "VIEW"}, ParseCreateMaterializedView},
    {{"CREATE", "INDEX"}, ParseCreateIndex},
    {{"ALTER", "DATABASE"}, ParseAlterDatabase},
    {{"ALTER", "TABLE"}, ParseAlterTable},
    {{"ALTER", "VIEW"}, ParseAlterView},
    {{"ALTER", "MATERIALIZED", "VIEW"}, ParseAlterMaterializedView},
    {{"DROP", "DATABASE"}, ParseDrop},
    {{"DROP", "SCHEMA"}, ParseDrop},
    {{"DROP", "TABLE"}, ParseDrop},
    {{"DROP", "TEMPORARY", "TABLE"}, ParseDrop},
    {{"DROP", "VIEW"}, ParseDrop},
    {{"DROP", "MATERIALIZED", "VIEW"}, ParseDrop},
    {{"DROP", "INDEX"}, ParseDrop},
    {{"TRUNCATE"}, ParseTruncate},
    {{"RECOVER"}, ParseRecover},
    {{"CANCEL", "ALTER"}, ParseCancel},
    {{"CANCEL", "REFRESH"}, ParseCancel},
    {{"REFRESH", "MATERIALIZED"}, ParseRefresh},
    {{"DESC"}, ParseDescribe},
    {{"DESCRIBE"}, ParseDescribe},
    {{"SHOW", "DATABASES"}, ParseShow},
    {{"SHOW", "SCHEMAS"}, ParseShow},
    {{"SHOW", "TABLES"}, ParseShow},
    {{"SHOW", "FULL", "TABLES"}, ParseShow},
    {{"SHOW", "TABLE"}, ParseShow},
    {{"SHOW", "COLUMNS"}, ParseShow},
    {{"SHOW", "FIELDS"}, ParseShow},
    {{"SHOW", "FULL", "COLUMNS"}, ParseShow},
    {{"SHOW", "FULL", "FIELDS"}, ParseShow},
    {{"SHOW", "CREATE", "DATABASE"}, ParseShow},
    {{"SHOW", "CREATE", "SCHEMA"}, ParseShow},
    {{"SHOW", "CREATE", "TABLE"}, ParseShow},
    {{"SHOW", "CREATE", "VIEW"}, ParseShow},
    {{"SHOW", "CREATE", "MATERIALIZED"}, ParseShow},
    {{"SHOW", "INDEX"}, ParseShow},
    {{"SHOW", "INDEXES"}, ParseShow},
    {{"SHOW", "KEY"}, ParseShow},
    {{"SHOW", "KEYS"}, ParseShow},
    {{"SHOW", "PARTITIONS"}, ParseShow},
    {{"SHOW", "TEMPORARY", "PARTITIONS"}, ParseShow},
    {{"SHOW", "ALTER"}, ParseShow},
    {{"SHOW", "DATA"}, ParseShow},
    {{"SHOW", "TABLET"}, ParseShow},
    {{"SHOW", "TABLETS"}, ParseShow},
    {{"SHOW", "DYNAMIC"}, ParseShow},
    {{"SHOW", "MATERIALIZED"}, ParseShow},
};

// DESC FUNCTION, DESC FILES(…) and SHOW CREATE of other things are not ours.
bool IsExcluded(const TokenReader& reader) {
  const bool describe = reader.Sees({"DESC"}) || reader.Sees({"DESCRIBE"});
  return (describe && (reader.Peek(1).Is("STORAGE") || reader.Peek(2).Is("VOLUME"))) ||
         (describe && reader.Peek(2).Is("(")) || (describe && reader.Peek(1).Is("SELECT"));
}

const Opening* FindOpening(const TokenReader& reader) {
  if (IsExcluded(reader)) return nullptr;
  const auto* found = std::find_if(std::begin(kOpenings), std::end(kOpenings),
                                   [&](const Opening& o) { return reader.Sees(o.words); });
  return found == std::end(kOpenings) ? nullptr : found;
}

}  // namespace

bool IsSchemaStatement(std::span<const Token> tokens) {
  return FindOpening(TokenReader({}, tokens)) != nullptr;
}

Result<Statement> ParseSchemaStatement(std::string_view text, std::span<const Token> tokens) {
  TokenReader reader(text, tokens);
  const Opening* opening = FindOpening(reader);
  if (opening == nullptr) return reader.NoViable();
  return opening->parse(reader);
}

}  // namespace starlift::sandbox::sql

// FROM clauses: tables, views, subqueries, joins.
#include <algorithm>
#include <cctype>

#include "sandbox/ddl/external_tables.h"
#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/parser.h"
#include "sandbox/query/query_analyzer.h"
#include "sandbox/query/types.h"
#include "sandbox/sql/lexer.h"
#include "sandbox/storage/catalog_storage.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

constexpr int kMaxViewDepth = 64;

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string Key(size_t i) { return "k" + std::to_string(i); }
std::string Tick(std::string_view name) { return "`" + std::string(name) + "`"; }

std::string KeyList(size_t count) {
  std::string list;
  for (size_t i = 0; i < count; ++i) list += (i > 0 ? ", " : "") + Key(i);
  return list;
}

std::string DatabasePart(std::string_view database) {
  return kDatabaseBegin + Tick(database) + "." + kDatabaseEnd;
}

ddl::ObjectKind ObjectKindOf(const catalog::TableDef& table) {
  switch (table.kind) {
    case catalog::TableKind::kView:
      return ddl::ObjectKind::kView;
    case catalog::TableKind::kMaterializedView:
      return ddl::ObjectKind::kMaterializedView;
    default:
      return ddl::ObjectKind::kTable;
  }
}

}  // namespace

Result<ResolvedTable> ResolveTable(const AnalysisContext& context,
                                   const std::vector<std::string>& name) {
  ResolvedTable resolved;
  resolved.name = name.back();
  if (name.size() == 3 && name[0] != "default_catalog") {
    return ddl::CannotUseCatalog(*context.catalog, name[0]);
  }
  resolved.database = name.size() > 1              ? name[name.size() - 2]
                      : context.session != nullptr ? context.session->current_database()
                                                   : "";
  if (resolved.database.empty()) {
    return sql::AnalyzeError(sql::code::kNoDatabaseSelected, "No database selected");
  }
  if (context.system_tables != nullptr) {
    resolved.table = context.system_tables->Find(resolved.database, resolved.name);
    if (resolved.table) return resolved;
  }
  resolved.table = context.catalog->FindTable(resolved.database, resolved.name);
  if (resolved.table) return resolved;
  const bool system = SameName(resolved.database, "information_schema") ||
                      SameName(resolved.database, "sys") ||
                      SameName(resolved.database, "_statistics_");
  if (!system && !context.catalog->FindDatabase(resolved.database)) {
    return sql::AnalyzeError(sql::code::kUnknownDatabase,
                             "Unknown database '" + resolved.database + "'");
  }
  return sql::AnalyzeError(sql::code::kUnknownTable,
                           "Unknown table '" + resolved.database + "." + resolved.name + "'");
}

Status RequireSelect(const AnalysisContext& context) {
  if (context.session == nullptr) return {};
  for (size_t i = 0; i < context.sources.size(); ++i) {
    if (context.source_kinds[i] == ddl::ObjectKind::kSystem) continue;
    SL_TRY(context.session->RequirePrivilege("SELECT", context.source_kinds[i],
                                             context.sources[i].first, context.sources[i].second));
  }
  return {};
}

Result<QueryAnalyzer::From> QueryAnalyzer::AnalyzeRelation(const Relation& relation, Scope* scope) {
  switch (relation.kind) {
    case Relation::Kind::kTable:
      return TableRelation(relation, scope);
    case Relation::Kind::kQuery:
      return QueryRelation(relation, scope);
    case Relation::Kind::kValues:
      return ValuesRelation(relation, scope);
    case Relation::Kind::kJoin:
      return JoinRelation(relation, scope);
    case Relation::Kind::kTableFunction:
      return FunctionRelation(relation, scope);
  }
  return sql::AnalyzeError("unknown kind of relation");
}

void QueryAnalyzer::AddSubqueryColumns(const std::vector<OutputColumn>& columns,
                                       const Relation& relation, const std::string& alias,
                                       Scope* scope) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    ScopeColumn column;
    column.relation = relation.alias;
    column.name = i < relation.column_aliases.size() ? relation.column_aliases[i] : columns[i].name;
    column.type = columns[i].type;
    column.nullable = columns[i].nullable;
    column.sql = alias + "." + Key(i);
    column.printed = Tick(relation.alias) + "." + Tick(column.name);
    scope->columns.push_back(std::move(column));
  }
}

Result<QueryAnalyzer::From> QueryAnalyzer::TableRelation(const Relation& relation, Scope* scope) {
  if (relation.name.size() == 1) {
    for (auto level = common_tables_.rbegin(); level != common_tables_.rend(); ++level) {
      const auto entry = level->find(relation.name[0]);
      if (entry == level->end()) continue;
      Relation named = relation;
      if (named.alias.empty()) named.alias = relation.name[0];
      const std::string alias = NextAlias();
      AddSubqueryColumns(entry->second.columns, named, alias, scope);
      From from;
      from.sql = entry->second.sql_name + " AS " + alias;
      from.printed = Tick(relation.name[0]);
      if (!relation.alias.empty()) from.printed += " AS " + Tick(relation.alias);
      return from;
    }
  }
  SL_ASSIGN(const ResolvedTable resolved, ResolveTable(context_, relation.name));
  const catalog::TableDef& table = *resolved.table;
  const std::pair<std::string, std::string> source(resolved.database, table.name);
  const bool stored = table.id > 0;
  if (context_.view_depth == 0) {
    if (std::find(context_.sources.begin(), context_.sources.end(), source) ==
        context_.sources.end()) {
      context_.sources.push_back(source);
      context_.source_kinds.push_back(stored ? ObjectKindOf(table) : ddl::ObjectKind::kSystem);
      context_.databases.insert(resolved.database);
    }
  }
  if (!relation.partitions.empty()) {
    for (const std::string& partition : relation.partitions) {
      if (table.FindPartition(partition) == nullptr) {
        return sql::AnalyzeError("Unknown partition '" + partition + "' in table '" + table.name +
                                 "'");
      }
    }
  }
  if (table.is_external()) return ddl::CannotRead(table);
  if (stored && !table.is_table()) return ViewRelation(relation, resolved, scope);
  const std::string alias = NextAlias();
  From from;
  if (stored && !relation.partitions.empty()) {
    std::string inside;
    for (const std::string& partition : relation.partitions) {
      inside += (inside.empty() ? "(" : " OR (") +
                PartitionPredicate(table, *table.FindPartition(partition)) + ")";
    }
    from.sql =
        "(SELECT * FROM " + PhysicalTableName(table.id) + " WHERE " + inside + ") AS " + alias;
  } else if (stored) {
    from.sql = PhysicalTableName(table.id) + " AS " + alias;
  } else {
    SL_ASSIGN(const std::string rows, context_.system_tables->RowsSql(table));
    from.sql = "(" + rows + ") AS " + alias + "(" + KeyList(table.columns.size()) + ")";
  }
  const std::string shown = relation.alias.empty() ? table.name : relation.alias;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const catalog::ColumnDef& definition = table.columns[i];
    ScopeColumn column;
    column.relation = shown;
    if (relation.alias.empty()) column.database = resolved.database;
    column.name = definition.name;
    column.type = definition.type;
    column.nullable = definition.nullable;
    column.sql = alias + "." + (stored ? definition.physical_name() : Key(i));
    column.printed = (relation.alias.empty() ? DatabasePart(resolved.database) : std::string()) +
                     Tick(shown) + "." + Tick(definition.name);
    scope->columns.push_back(std::move(column));
  }
  from.printed = Tick(resolved.database) + "." + Tick(table.name);
  if (!relation.alias.empty()) from.printed += " AS " + Tick(relation.alias);
  return from;
}

Result<QueryAnalyzer::From> QueryAnalyzer::ViewRelation(const Relation& relation,
                                                        const ResolvedTable& view, Scope* scope) {
  if (context_.view_depth >= kMaxViewDepth) return sql::AnalyzeError("views are nested too deeply");
  const std::vector<sql::Token> tokens = sql::Tokenize(view.table->query);
  sql::TokenReader reader(view.table->query, tokens);
  Parser parser(&reader);
  SL_ASSIGN(const QueryPtr body, parser.ParseQuery());
  ++context_.view_depth;
  std::vector<std::map<std::string, CommonTableEntry>> hidden;
  hidden.swap(common_tables_);
  auto inner = Analyze(*body, nullptr);
  hidden.swap(common_tables_);
  --context_.view_depth;
  if (!inner.ok()) return inner.error();
  Relation named = relation;
  if (named.alias.empty()) named.alias = view.table->name;
  for (const catalog::ColumnDef& column : view.table->columns)
    named.column_aliases.push_back(column.name);
  const std::string alias = NextAlias();
  const size_t first = scope->columns.size();
  AddSubqueryColumns(inner->columns, named, alias, scope);
  if (relation.alias.empty()) {
    for (size_t i = first; i < scope->columns.size(); ++i) {
      scope->columns[i].database = view.database;
      scope->columns[i].printed = DatabasePart(view.database) + scope->columns[i].printed;
    }
  }
  From from;
  from.sql = "(" + inner->sql + ") AS " + alias;
  from.printed = Tick(view.database) + "." + Tick(view.table->name);
  if (!relation.alias.empty()) from.printed += " AS " + Tick(relation.alias);
  return from;
}

Result<QueryAnalyzer::From> QueryAnalyzer::QueryRelation(const Relation& relation, Scope* scope) {
  if (relation.alias.empty()) {
    return sql::AnalyzeErrorAt(relation.begin, "Every derived table must have its own alias");
  }
  SL_ASSIGN(const TranslatedQuery inner, Analyze(*relation.query, scope->outer));
  const std::string alias = NextAlias();
  AddSubqueryColumns(inner.columns, relation, alias, scope);
  return From{"(" + inner.sql + ") AS " + alias, "(" + inner.printed + ") " + Tick(relation.alias)};
}

Result<QueryAnalyzer::From> QueryAnalyzer::ValuesRelation(const Relation& relation, Scope* scope) {
  Query values;
  values.kind = Query::Kind::kValues;
  values.rows = relation.rows;
  SL_ASSIGN(const TranslatedQuery inner, AnalyzeValues(values, scope->outer));
  const std::string alias = NextAlias();
  AddSubqueryColumns(inner.columns, relation, alias, scope);
  return From{"(" + inner.sql + ") AS " + alias, "(" + inner.printed + ") " + Tick(relation.alias)};
}

Result<QueryAnalyzer::From> QueryAnalyzer::FunctionRelation(const Relation& relation,
                                                            Scope* scope) {
  ExpressionAnalyzer analyzer(&context_, scope, AggregateUse::kForbidden, this);
  std::vector<Typed> arguments;
  for (const ExprPtr& argument : relation.arguments) {
    SL_ASSIGN(Typed typed, analyzer.Analyze(*argument));
    arguments.push_back(std::move(typed));
  }
  std::vector<OutputColumn> columns;
  std::string list;
  Relation named = relation;
  std::string function = relation.function;
  for (char& c : function) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (named.alias.empty()) named.alias = function;
  if (function == "unnest") {
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i].type.kind != TypeKind::kArray) {
        return sql::AnalyzeErrorAt(relation.begin, "No matching function with signature: unnest(" +
                                                       catalog::ShowCreateName(arguments[i].type) +
                                                       ")");
      }
      columns.push_back({"unnest", arguments[i].type.children[0], true});
      list += (i > 0 ? ", " : "") + ("unnest(" + arguments[i].sql + ") AS ") + Key(i);
    }
  } else if (function == "generate_series" && arguments.size() >= 2) {
    const DataType bigint = DataType::Of(TypeKind::kBigInt);
    list = "unnest(generate_series(" + ConvertSql(arguments[0], bigint) + ", " +
           ConvertSql(arguments[1], bigint);
    if (arguments.size() > 2) list += ", " + ConvertSql(arguments[2], bigint);
    list += ")) AS k0";
    columns.push_back({"generate_series", bigint, true});
  } else {
    return sql::AnalyzeErrorAt(relation.begin, "Unknown table function '" + function + "'");
  }
  const std::string alias = NextAlias();
  AddSubqueryColumns(columns, named, alias, scope);
  return From{"(SELECT " + list + ") AS " + alias, function + "() " + Tick(named.alias)};
}

Result<QueryAnalyzer::From> QueryAnalyzer::JoinRelation(const Relation& relation, Scope* scope) {
  const size_t first = scope->columns.size();
  SL_ASSIGN(const From left, AnalyzeRelation(*relation.left, scope));
  const size_t middle = scope->columns.size();
  SL_ASSIGN(const From right, AnalyzeRelation(*relation.right, scope));
  const std::set<std::string> left_names = [&] {
    std::set<std::string> names;
    for (size_t i = first; i < middle; ++i) names.insert(scope->columns[i].relation);
    return names;
  }();
  for (size_t i = middle; i < scope->columns.size(); ++i) {
    const ScopeColumn& column = scope->columns[i];
    const bool clash = std::any_of(scope->columns.begin() + static_cast<std::ptrdiff_t>(first),
                                   scope->columns.begin() + static_cast<std::ptrdiff_t>(middle),
                                   [&](const ScopeColumn& other) {
                                     return other.relation == column.relation &&
                                            other.database == column.database &&
                                            !column.relation.empty();
                                   });
    if (clash) return sql::AnalyzeError("Not unique table/alias: '" + column.relation + "'");
  }
  std::string condition;
  std::string printed_condition;
  if (relation.on) {
    ExpressionAnalyzer analyzer(&context_, scope, AggregateUse::kForbidden, this);
    analyzer.set_clause("JOIN clause");
    SL_ASSIGN(const Typed on, analyzer.Analyze(*relation.on));
    condition = ConvertSql(on, DataType::Of(TypeKind::kBoolean));
    printed_condition = on.printed;
  }
  for (const std::string& name : relation.using_columns) {
    ScopeColumn* l = nullptr;
    ScopeColumn* r = nullptr;
    for (size_t i = first; i < scope->columns.size(); ++i) {
      if (!SameName(scope->columns[i].name, name) || scope->columns[i].hidden) continue;
      (i < middle ? l : r) = &scope->columns[i];
    }
    if (l == nullptr || r == nullptr) {
      return sql::AnalyzeError("Column '" + name + "' cannot be resolved");
    }
    condition += (condition.empty() ? "" : " AND ") + ("(" + l->sql + " = " + r->sql + ")");
    r->hidden = true;
  }
  std::string_view word = " JOIN ";
  std::string_view printed_word = " INNER JOIN ";
  bool swap = false;
  switch (relation.join) {
    case JoinKind::kInner:
      break;
    case JoinKind::kCross:
      printed_word = condition.empty() ? " , " : " CROSS JOIN ";
      break;
    case JoinKind::kLeft:
      word = printed_word = " LEFT OUTER JOIN ";
      break;
    case JoinKind::kRight:
      word = printed_word = " RIGHT OUTER JOIN ";
      break;
    case JoinKind::kFull:
      word = printed_word = " FULL OUTER JOIN ";
      break;
    case JoinKind::kLeftSemi:
    case JoinKind::kRightSemi:
      word = " SEMI JOIN ";
      swap = relation.join == JoinKind::kRightSemi;
      printed_word = swap ? " RIGHT SEMI JOIN " : " LEFT SEMI JOIN ";
      break;
    case JoinKind::kLeftAnti:
    case JoinKind::kRightAnti:
      word = " ANTI JOIN ";
      swap = relation.join == JoinKind::kRightAnti;
      printed_word = swap ? " RIGHT ANTI JOIN " : " LEFT ANTI JOIN ";
      break;
  }
  const bool half = word == " SEMI JOIN " || word == " ANTI JOIN ";
  const bool outer = word.find("OUTER") != std::string_view::npos;
  if (condition.empty() && (half || outer)) {
    return sql::AnalyzeErrorAt(relation.begin,
                               std::string(printed_word.substr(1, printed_word.size() - 2)) +
                                   " requires an ON or USING clause");
  }
  if (half) {  // only one side is visible afterwards
    auto begin = scope->columns.begin();
    if (swap) {
      scope->columns.erase(begin + static_cast<std::ptrdiff_t>(first),
                           begin + static_cast<std::ptrdiff_t>(middle));
    } else {
      scope->columns.erase(begin + static_cast<std::ptrdiff_t>(middle), scope->columns.end());
    }
  }
  if (outer) {
    for (size_t i = first; i < scope->columns.size(); ++i) scope->columns[i].nullable = true;
  }
  From from;
  const std::string on = condition.empty() ? "TRUE" : condition;
  from.sql = "(" + (swap ? right.sql : left.sql) + std::string(word) +
             (swap ? left.sql : right.sql) + " ON " + on + ")";
  from.printed = left.printed + std::string(printed_word) + right.printed;
  if (!printed_condition.empty()) from.printed += " ON " + printed_condition;
  return from;
}

}  // namespace starlift::sandbox::query

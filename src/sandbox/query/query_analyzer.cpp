#include "sandbox/query/query_analyzer.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/functions.h"
#include "sandbox/query/types.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool HoldsAggregate(const Expr& e) {
  if (e.kind == ExprKind::kFunction && !e.window && IsAggregate(e.text)) return true;
  const auto holds = [](const ExprPtr& child) { return child && HoldsAggregate(*child); };
  if (std::any_of(e.args.begin(), e.args.end(), holds)) return true;
  if (!e.window) return false;
  return std::any_of(e.window->partition_by.begin(), e.window->partition_by.end(), holds) ||
         std::any_of(e.window->order_by.begin(), e.window->order_by.end(),
                     [](const OrderItem& item) { return HoldsAggregate(*item.expression); });
}

std::string Key(size_t i) { return "k" + std::to_string(i); }

std::string LimitClause(const Query& query) {
  if (!query.limit) return "";
  std::string clause = " LIMIT " + std::to_string(*query.limit);
  if (query.offset > 0) clause += " OFFSET " + std::to_string(query.offset);
  return clause;
}

std::string PrintedLimit(const Query& query) {
  if (!query.limit) return "";
  return " LIMIT " + (query.offset > 0 ? std::to_string(query.offset) + ", " : std::string()) +
         std::to_string(*query.limit);
}

// The number in ORDER BY 2; 0 if it is none.
size_t Ordinal(const Expr& e) {
  size_t number = 0;
  if (e.kind == ExprKind::kInteger)
    std::from_chars(e.text.data(), e.text.data() + e.text.size(), number);
  return number;
}

std::string QuoteTick(std::string_view name) { return "`" + std::string(name) + "`"; }

}  // namespace

std::string FinishPrinted(std::string_view printed, bool with_database) {
  std::string text;
  bool inside = false;
  for (const char c : printed) {
    if (c == kDatabaseBegin || c == kDatabaseEnd) {
      inside = c == kDatabaseBegin;
    } else if (!inside || with_database) {
      text += c;
    }
  }
  return text;
}

struct QueryAnalyzer::SelectState {
  struct Item {
    Typed typed;
    std::string name;
    bool column = false;   // a plain column, printed without AS unless renamed
    std::string declared;  // its name in the table
    std::string alias;
  };
  Scope scope;
  From from;
  std::vector<Item> items;
  std::vector<std::string> group_keys;
  std::vector<std::string> group_printed;
  bool grouped = false;
};

Result<TranslatedQuery> QueryAnalyzer::Analyze(const Query& query, const Scope* outer) {
  if (query.with.empty()) return AnalyzeBody(query, outer);
  std::string printed;
  auto with = DefineCommonTables(query.with, outer, &printed);
  auto body = with.ok() ? AnalyzeBody(query, outer) : Result<TranslatedQuery>(with.error());
  common_tables_.pop_back();
  if (!body.ok()) return body;
  body->sql = *with + body->sql;
  body->printed = printed + body->printed;
  return body;
}

Result<std::string> QueryAnalyzer::DefineCommonTables(const std::vector<CommonTable>& tables,
                                                      const Scope* outer, std::string* printed) {
  common_tables_.emplace_back();
  std::string sql = "WITH ";
  *printed = "WITH ";
  for (size_t i = 0; i < tables.size(); ++i) {
    SL_ASSIGN(TranslatedQuery inner, Analyze(*tables[i].query, outer));
    for (size_t c = 0; c < tables[i].columns.size() && c < inner.columns.size(); ++c) {
      inner.columns[c].name = tables[i].columns[c];
    }
    CommonTableEntry entry;
    entry.sql_name = "cte" + NextAlias();
    entry.columns = inner.columns;
    if (i > 0) {
      sql += ", ";
      *printed += ", ";
    }
    sql += entry.sql_name + " AS (" + inner.sql + ")";
    std::string names;
    for (const OutputColumn& column : inner.columns) {
      names += (names.empty() ? "" : ", ") + QuoteTick(column.name);
    }
    *printed += QuoteTick(tables[i].name) + " (" + names + ") AS (" + inner.printed + ")";
    common_tables_.back()[tables[i].name] = std::move(entry);
  }
  *printed += " ";
  return sql + " ";
}

Result<TranslatedQuery> QueryAnalyzer::AnalyzeBody(const Query& query, const Scope* outer) {
  switch (query.kind) {
    case Query::Kind::kSelect:
      return AnalyzeSelect(query, outer);
    case Query::Kind::kValues: {
      SL_ASSIGN(TranslatedQuery values, AnalyzeValues(query, outer));
      return OrderWhole(query, std::move(values));
    }
    case Query::Kind::kSet: {
      SL_ASSIGN(TranslatedQuery both, AnalyzeSet(query, outer));
      return OrderWhole(query, std::move(both));
    }
    case Query::Kind::kNested: {
      SL_ASSIGN(TranslatedQuery inner, Analyze(*query.left, outer));
      return OrderWhole(query, std::move(inner));
    }
  }
  return sql::AnalyzeError("unknown kind of query");
}

Status QueryAnalyzer::AddStar(const Expr& star, SelectState* state) {
  bool any = false;
  for (const ScopeColumn& column : state->scope.columns) {
    if (column.hidden && star.name.empty()) continue;
    if (!star.name.empty()) {
      const size_t last = star.name.size() - 1;
      if (column.relation != star.name[last]) continue;
      if (last >= 1 && column.database != star.name[last - 1]) continue;
    }
    any = true;
    if (state->grouped && std::find(state->group_keys.begin(), state->group_keys.end(),
                                    column.sql) == state->group_keys.end()) {
      return sql::AnalyzeErrorAt(
          star.begin, "'" + FinishPrinted(column.printed, true) +
                          "' must be an aggregate expression or appear in GROUP BY clause");
    }
    SelectState::Item item;
    item.typed.sql = column.sql;
    item.typed.type = column.type;
    item.typed.nullable = column.nullable;
    item.typed.printed = column.printed;
    item.name = column.name;
    item.declared = column.name;
    item.column = true;
    state->items.push_back(std::move(item));
  }
  if (any) return {};
  if (!star.name.empty()) return sql::AnalyzeError("Unknown table '" + star.name.back() + "'");
  return sql::AnalyzeError("No tables used");
}

Status QueryAnalyzer::CheckGrouped(const Expr& e, const Typed& typed, bool ungrouped) const {
  if (!ungrouped) return {};
  const std::string detail = "'" + FinishPrinted(typed.printed, true) +
                             "' must be an aggregate expression or appear in GROUP BY clause";
  if (e.begin.line == e.end.line && e.begin.column == e.end.column) {
    return sql::AnalyzeErrorAt(e.begin, detail);
  }
  return sql::AnalyzeErrorAt(e.begin, e.end, detail);
}

Status QueryAnalyzer::AnalyzeItems(const Select& select, SelectState* state) {
  for (const SelectItem& item : select.items) {
    const Expr& e = *item.expression;
    if (e.kind == ExprKind::kStar) {
      SL_TRY(AddStar(e, state));
      continue;
    }
    ExpressionAnalyzer analyzer(&context_, &state->scope, AggregateUse::kAllowed, this);
    if (state->grouped) analyzer.set_group_keys(&state->group_keys);
    SelectState::Item output;
    SL_ASSIGN(output.typed, analyzer.Analyze(e));
    SL_TRY(CheckGrouped(e, output.typed, analyzer.ungrouped()));
    output.column = e.kind == ExprKind::kColumn && output.typed.atomic;
    output.declared = e.kind == ExprKind::kColumn ? e.name.back() : "";
    output.alias = item.alias;
    output.name = !item.alias.empty() ? item.alias : output.column ? e.name.back() : ColumnLabel(e);
    state->items.push_back(std::move(output));
  }
  return {};
}

// The grouping expressions: names of the source first, then aliases of the SELECT list, or
// ordinals.
Status QueryAnalyzer::AnalyzeGrouping(const Select& select, SelectState* state) {
  std::vector<ExprPtr> keys = select.group_by;
  for (const std::vector<ExprPtr>& set : select.grouping_sets)
    keys.insert(keys.end(), set.begin(), set.end());
  for (const ExprPtr& key : keys) {
    const Expr* e = key.get();
    if (const size_t ordinal = Ordinal(*e); ordinal > 0) {
      if (ordinal > select.items.size() ||
          select.items[ordinal - 1].expression->kind == ExprKind::kStar) {
        return sql::AnalyzeErrorAt(
            e->begin, "Group by position " + std::to_string(ordinal) + " is not in select list");
      }
      e = select.items[ordinal - 1].expression.get();
    }
    ExpressionAnalyzer analyzer(&context_, &state->scope, AggregateUse::kForbidden, this);
    analyzer.set_clause("GROUP BY clause");
    auto typed = analyzer.Analyze(*e);
    if (!typed.ok() && e->kind == ExprKind::kColumn && e->name.size() == 1) {
      const auto item = std::find_if(
          select.items.begin(), select.items.end(),
          [&](const SelectItem& candidate) { return SameName(candidate.alias, e->name[0]); });
      if (item != select.items.end()) typed = analyzer.Analyze(*item->expression);
    }
    if (!typed.ok()) return std::move(typed).error();
    const TypeKind kind = typed->type.kind;
    if (kind == TypeKind::kJson || catalog::IsAggregateState(kind)) {
      return sql::AnalyzeErrorAt(
          e->begin, "Type (" + catalog::ShowCreateName(typed->type) + ") not support group-by");
    }
    if (std::find(state->group_keys.begin(), state->group_keys.end(), typed->sql) ==
        state->group_keys.end()) {
      state->group_keys.push_back(typed->sql);
      state->group_printed.push_back(typed->printed);
    }
  }
  return {};
}

Result<Typed> QueryAnalyzer::OrderExpression(const Expr& e, SelectState* state) {
  // Aliases of the output stand beside the columns of the source; a source column wins inside an
  // expression, the caller has looked for a bare alias already.
  Scope scope = state->scope;
  std::vector<std::string> keys = state->group_keys;
  for (const SelectState::Item& item : state->items) {
    const bool shadowed =
        std::any_of(scope.columns.begin(), scope.columns.end(),
                    [&](const ScopeColumn& c) { return SameName(c.name, item.name); });
    if (shadowed) continue;
    ScopeColumn column;
    column.name = item.name;
    column.sql = item.typed.sql;
    column.type = item.typed.type;
    column.printed = QuoteTick(item.name);
    scope.columns.push_back(std::move(column));
    keys.push_back(item.typed.sql);
  }
  ExpressionAnalyzer analyzer(&context_, &scope, AggregateUse::kAllowed, this);
  if (state->grouped) analyzer.set_group_keys(&keys);
  SL_ASSIGN(Typed typed, analyzer.Analyze(e));
  SL_TRY(CheckGrouped(e, typed, analyzer.ungrouped()));
  return typed;
}

Result<std::string> QueryAnalyzer::OrderClause(const Query& query, SelectState* state) {
  std::string clause;
  for (const OrderItem& item : query.order_by) {
    const Expr& e = *item.expression;
    std::string key;
    if (const size_t ordinal = Ordinal(e); ordinal > 0) {
      if (ordinal > state->items.size()) {
        return sql::AnalyzeErrorAt(
            e.begin, "ORDER BY position " + std::to_string(ordinal) + " is not in select list");
      }
      key = std::to_string(ordinal);
    } else if (e.kind == ExprKind::kColumn && e.name.size() == 1) {
      for (size_t i = 0; i < state->items.size() && key.empty(); ++i) {
        if (SameName(state->items[i].name, e.name[0])) key = std::to_string(i + 1);
      }
    }
    if (key.empty()) {
      SL_ASSIGN(const Typed typed, OrderExpression(e, state));
      // A constant would be taken for an ordinal.
      key = typed.literal ? "(SELECT " + typed.sql + ")" : typed.sql;
    }
    clause += (clause.empty() ? " ORDER BY " : ", ") + key + OrderSuffix(item);
  }
  return clause;
}

Result<TranslatedQuery> QueryAnalyzer::AnalyzeSelect(const Query& query, const Scope* outer) {
  const Select& select = query.select;
  SelectState state;
  state.scope.outer = outer;
  if (select.from) {
    SL_ASSIGN(state.from, AnalyzeRelation(*select.from, &state.scope));
  }
  TranslatedQuery result;
  std::string tail;
  std::string printed_tail;
  if (select.where) {
    ExpressionAnalyzer where(&context_, &state.scope, AggregateUse::kForbidden, this);
    SL_ASSIGN(const Typed condition, where.Analyze(*select.where));
    tail += " WHERE " + ConvertSql(condition, DataType::Of(TypeKind::kBoolean));
    printed_tail += "\nWHERE " + condition.printed;
  }
  const auto item_aggregates = [](const SelectItem& item) {
    return HoldsAggregate(*item.expression);
  };
  state.grouped =
      !select.group_by.empty() || select.grouping != GroupingKind::kPlain ||
      std::any_of(select.items.begin(), select.items.end(), item_aggregates) ||
      (select.having && HoldsAggregate(*select.having)) ||
      std::any_of(query.order_by.begin(), query.order_by.end(),
                  [](const OrderItem& item) { return HoldsAggregate(*item.expression); });
  if (state.grouped) SL_TRY(AnalyzeGrouping(select, &state));
  SL_TRY(AnalyzeItems(select, &state));
  if (!state.group_keys.empty()) {
    std::string keys;
    std::string printed;
    for (size_t i = 0; i < state.group_keys.size(); ++i) {
      keys += (i > 0 ? ", " : "") + state.group_keys[i];
      printed += (i > 0 ? ", " : "") + state.group_printed[i];
    }
    if (select.grouping == GroupingKind::kSets) {
      std::string sets;
      for (const std::vector<ExprPtr>& set : select.grouping_sets) {
        ExpressionAnalyzer analyzer(&context_, &state.scope, AggregateUse::kForbidden, this);
        std::string members;
        for (const ExprPtr& member : set) {
          SL_ASSIGN(const Typed typed, analyzer.Analyze(*member));
          members += (members.empty() ? "" : ", ") + typed.sql;
        }
        sets += (sets.empty() ? "(" : ", (") + members + ")";
      }
      tail += " GROUP BY GROUPING SETS (" + sets + ")";
      printed_tail += "\nGROUP BY GROUPING SETS ((" + printed + "))";
    } else if (select.grouping == GroupingKind::kPlain) {
      tail += " GROUP BY " + keys;
      printed_tail += "\nGROUP BY " + printed;
    } else {
      const std::string word = select.grouping == GroupingKind::kRollup ? "ROLLUP" : "CUBE";
      tail += " GROUP BY " + word + "(" + keys + ")";
      printed_tail += "\nGROUP BY " + word + " (" + printed + ")";
    }
  }
  if (select.having) {
    SL_ASSIGN(const Typed condition, OrderExpression(*select.having, &state));
    const std::string sql = ConvertSql(condition, DataType::Of(TypeKind::kBoolean));
    // Without any grouping HAVING filters rows.
    tail += (state.grouped ? " HAVING " : select.where ? " AND " : " WHERE ") + sql;
    printed_tail += "\nHAVING " + condition.printed;
  }
  if (select.qualify) {
    SL_ASSIGN(const Typed condition, OrderExpression(*select.qualify, &state));
    tail += " QUALIFY " + condition.sql;
  }
  SL_ASSIGN(const std::string order, OrderClause(query, &state));
  result.sql = select.distinct ? "SELECT DISTINCT " : "SELECT ";
  result.printed = select.distinct ? "SELECT DISTINCT " : "SELECT ";
  for (size_t i = 0; i < state.items.size(); ++i) {
    const SelectState::Item& item = state.items[i];
    if (i > 0) {
      result.sql += ", ";
      result.printed += ", ";
    }
    result.sql += item.typed.sql + " AS " + Key(i);
    result.printed += item.typed.printed;
    if (!item.column || (!item.alias.empty() && !SameName(item.alias, item.declared))) {
      result.printed += " AS " + QuoteTick(item.name);
    }
    result.columns.push_back({item.name, item.typed.type, item.typed.nullable});
  }
  if (!state.from.sql.empty()) {
    result.sql += " FROM " + state.from.sql;
    result.printed += "\nFROM " + state.from.printed;
  }
  result.sql += tail + order + LimitClause(query);
  result.printed += printed_tail;
  if (!query.order_by.empty()) {
    std::string printed;
    for (const OrderItem& item : query.order_by) {
      printed += printed.empty() ? "" : ", ";
      std::string text = ColumnLabel(*item.expression);
      if (item.expression->kind == ExprKind::kColumn) {
        auto typed = OrderExpression(*item.expression, &state);
        if (typed.ok()) text = typed->printed;
      }
      printed += text + (item.descending ? " DESC " : " ASC ");
    }
    result.printed += " ORDER BY " + printed;
  }
  result.printed += PrintedLimit(query);
  return result;
}

Result<TranslatedQuery> QueryAnalyzer::AnalyzeValues(const Query& query, const Scope* outer) {
  Scope empty;
  empty.outer = outer;
  std::vector<std::vector<Typed>> rows;
  for (const std::vector<ExprPtr>& row : query.rows) {
    ExpressionAnalyzer analyzer(&context_, &empty, AggregateUse::kForbidden, this);
    std::vector<Typed> cells;
    for (const ExprPtr& cell : row) {
      SL_ASSIGN(Typed typed, analyzer.Analyze(*cell));
      cells.push_back(std::move(typed));
    }
    if (!rows.empty() && rows.front().size() != cells.size()) {
      return sql::AnalyzeError("Values have unequal number of columns");
    }
    rows.push_back(std::move(cells));
  }
  TranslatedQuery result;
  for (size_t i = 0; i < rows.front().size(); ++i) {
    OutputColumn column;
    column.name = "column_" + std::to_string(i);
    for (const std::vector<Typed>& row : rows) column.type = CommonType(column.type, row[i].type);
    result.columns.push_back(std::move(column));
  }
  std::string list;
  std::string names;
  result.printed = "VALUES";
  for (const std::vector<Typed>& row : rows) {
    list += list.empty() ? "(" : ", (";
    result.printed += &row == &rows.front() ? "(" : ", (";
    for (size_t i = 0; i < row.size(); ++i) {
      list += (i > 0 ? ", " : "") + ConvertSql(row[i], result.columns[i].type);
      result.printed += (i > 0 ? ", " : "") + row[i].printed;
    }
    list += ")";
    result.printed += ")";
  }
  for (size_t i = 0; i < result.columns.size(); ++i) names += (i > 0 ? ", " : "") + Key(i);
  result.sql = "SELECT * FROM (VALUES " + list + ") AS v(" + names + ")";
  return result;
}

Result<TranslatedQuery> QueryAnalyzer::AnalyzeSet(const Query& query, const Scope* outer) {
  SL_ASSIGN(const TranslatedQuery left, Analyze(*query.left, outer));
  SL_ASSIGN(const TranslatedQuery right, Analyze(*query.right, outer));
  if (left.columns.size() != right.columns.size()) {
    return sql::AnalyzeError("Operands have unequal number of columns");
  }
  TranslatedQuery result;
  result.columns = left.columns;
  for (size_t i = 0; i < result.columns.size(); ++i) {
    result.columns[i].type = CommonType(left.columns[i].type, right.columns[i].type);
    result.columns[i].nullable = left.columns[i].nullable || right.columns[i].nullable;
  }
  const auto side = [&](const TranslatedQuery& operand) {
    std::string sql = "SELECT ";
    for (size_t i = 0; i < result.columns.size(); ++i) {
      sql += (i > 0 ? ", " : "") +
             CastSql("q." + Key(i), operand.columns[i].type, result.columns[i].type) + " AS " +
             Key(i);
    }
    return sql + " FROM (" + operand.sql + ") AS q";
  };
  std::string_view word;
  switch (query.set_operator) {
    case SetOperator::kUnionAll:
      word = " UNION ALL ";
      break;
    case SetOperator::kUnion:
      word = " UNION ";
      break;
    case SetOperator::kIntersect:
      word = " INTERSECT ";
      break;
    case SetOperator::kExcept:
      word = " EXCEPT ";
      break;
  }
  result.sql = "(" + side(left) + ")" + std::string(word) + "(" + side(right) + ")";
  result.printed = left.printed + std::string(word) + right.printed;
  return result;
}

Result<TranslatedQuery> QueryAnalyzer::OrderWhole(const Query& query, TranslatedQuery inner) {
  if (query.order_by.empty() && !query.limit) return inner;
  SelectState state;
  for (size_t i = 0; i < inner.columns.size(); ++i) {
    ScopeColumn column;
    column.name = inner.columns[i].name;
    column.type = inner.columns[i].type;
    column.sql = "q." + Key(i);
    column.printed = QuoteTick(column.name);
    SelectState::Item item;
    item.name = column.name;
    item.typed.sql = column.sql;
    item.typed.type = column.type;
    state.scope.columns.push_back(std::move(column));
    state.items.push_back(std::move(item));
  }
  SL_ASSIGN(const std::string order, OrderClause(query, &state));
  inner.sql = "SELECT * FROM (" + inner.sql + ") AS q" + order + LimitClause(query);
  std::string printed;
  for (const OrderItem& item : query.order_by) {
    printed += (printed.empty() ? " ORDER BY " : ", ") + ColumnLabel(*item.expression) +
               (item.descending ? " DESC " : " ASC ");
  }
  inner.printed += printed + PrintedLimit(query);
  return inner;
}

}  // namespace starlift::sandbox::query

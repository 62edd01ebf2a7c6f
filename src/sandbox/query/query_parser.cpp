#include <algorithm>
#include <array>

#include "sandbox/query/parser.h"

namespace starlift::sandbox::query {
namespace {

using sql::Token;
using sql::TokenKind;

// Words that are not reserved but begin a clause, so they can't be an alias here.
constexpr auto kClauseWords = std::to_array<std::string_view>(
    {"SEMI", "ANTI", "OFFSET", "TABLET", "TABLETS", "PIVOT", "SET"});

}  // namespace

bool Parser::AtAlias() const {
  const Token& token = reader_.Peek();
  if (token.kind == TokenKind::kQuotedIdentifier || token.kind == TokenKind::kString) return true;
  return token.kind == TokenKind::kIdentifier &&
         std::find(kClauseWords.begin(), kClauseWords.end(), token.value) == kClauseWords.end();
}

Result<QueryPtr> Parser::ParseQuery() {
  std::vector<CommonTable> with;
  if (reader_.Sees({"WITH"})) {
    SL_ASSIGN(with, ParseWith());
  }
  SL_ASSIGN(QueryPtr body, ParseQueryBody());
  if (with.empty()) return body;
  auto query = std::make_shared<Query>(*body);
  with.insert(with.end(), query->with.begin(), query->with.end());
  query->with = std::move(with);
  return QueryPtr(query);
}

Result<std::vector<CommonTable>> Parser::ParseWith() {
  reader_.Take();
  std::vector<CommonTable> tables;
  do {
    CommonTable table;
    SL_ASSIGN(table.name, reader_.Name());
    if (reader_.Sees({"("})) {
      SL_ASSIGN(table.columns, reader_.NameList());
    }
    SL_TRY(reader_.Expect("AS"));
    SL_TRY(reader_.Expect("("));
    SL_ASSIGN(table.query, ParseQuery());
    SL_TRY(reader_.Expect(")"));
    tables.push_back(std::move(table));
  } while (reader_.Accept(","));
  return tables;
}

Result<QueryPtr> Parser::ParseQueryBody() {
  SL_ASSIGN(QueryPtr body, ParseSetOperation(false));
  Query tail;
  SL_TRY(ParseOrderAndLimit(&tail));
  if (tail.order_by.empty() && !tail.limit) return body;
  const bool own_clauses = !body->order_by.empty() || body->limit.has_value();
  auto query = std::make_shared<Query>(*body);
  if (own_clauses) {
    query = std::make_shared<Query>();
    query->kind = Query::Kind::kNested;
    query->left = body;
  }
  query->order_by = std::move(tail.order_by);
  query->limit = tail.limit;
  query->offset = tail.offset;
  return QueryPtr(query);
}

// UNION and EXCEPT, below them INTERSECT.
Result<QueryPtr> Parser::ParseSetOperation(bool intersect_only) {
  const auto next = [&] { return intersect_only ? ParseQueryTerm() : ParseSetOperation(true); };
  SL_ASSIGN(QueryPtr left, next());
  while (true) {
    SetOperator op = SetOperator::kUnion;
    if (intersect_only && reader_.Accept("INTERSECT")) {
      op = SetOperator::kIntersect;
      reader_.Accept("DISTINCT");
    } else if (!intersect_only && reader_.Accept("UNION")) {
      if (reader_.Accept("ALL")) {
        op = SetOperator::kUnionAll;
      } else {
        reader_.Accept("DISTINCT");
      }
    } else if (!intersect_only && (reader_.Accept("EXCEPT") || reader_.Accept("MINUS"))) {
      op = SetOperator::kExcept;
      reader_.Accept("DISTINCT");
    } else {
      return left;
    }
    SL_ASSIGN(QueryPtr right, next());
    auto query = std::make_shared<Query>();
    query->kind = Query::Kind::kSet;
    query->set_operator = op;
    query->left = left;
    query->right = right;
    left = query;
  }
}

Result<QueryPtr> Parser::ParseQueryTerm() {
  if (reader_.Accept("(")) {
    SL_ASSIGN(QueryPtr inner, ParseQuery());
    SL_TRY(reader_.Expect(")"));
    return inner;
  }
  auto query = std::make_shared<Query>();
  if (reader_.Accept("VALUES")) {
    query->kind = Query::Kind::kValues;
    SL_ASSIGN(query->rows, ParseValueRows(false));
    return QueryPtr(query);
  }
  if (!reader_.Sees({"SELECT"})) return reader_.Unexpected("'SELECT', 'WITH', 'VALUES', '('");
  SL_ASSIGN(query->select, ParseSelect());
  return QueryPtr(query);
}

Result<std::vector<std::vector<ExprPtr>>> Parser::ParseValueRows(bool /*allow_default*/) {
  std::vector<std::vector<ExprPtr>> rows;
  do {
    SL_TRY(reader_.Expect("("));
    SL_ASSIGN(std::vector<ExprPtr> row, ParseExpressionList());
    if (!reader_.Accept(")")) return reader_.Unexpected("',', ')'");
    rows.push_back(std::move(row));
  } while (reader_.Accept(","));
  return rows;
}

Status Parser::ParseOrderAndLimit(Query* query) {
  if (reader_.Accept({"ORDER", "BY"})) {
    SL_ASSIGN(query->order_by, ParseOrderItems());
  }
  if (!reader_.Sees({"LIMIT"})) return {};
  const Token limit = reader_.Take();
  const auto count = [&]() -> Result<int64_t> {
    if (reader_.Peek().Is("?")) {  // a bound LIMIT is replaced before the text is parsed
      reader_.Take();
      ++parameter_count_;
      return int64_t{0};
    }
    if (reader_.Peek().kind != TokenKind::kInteger) return reader_.NoViable(limit);
    return reader_.Integer();
  };
  SL_ASSIGN(int64_t first, count());
  if (reader_.Accept(",")) {
    query->offset = first;
    SL_ASSIGN(query->limit, count());
    return {};
  }
  query->limit = first;
  if (reader_.Accept("OFFSET")) {
    SL_ASSIGN(query->offset, count());
  }
  return {};
}

Result<Select> Parser::ParseSelect() {
  Select select;
  select.begin = reader_.Take().position;
  if (reader_.Accept("DISTINCT")) {
    select.distinct = true;
  } else {
    reader_.Accept("ALL");
  }
  do {
    SL_ASSIGN(SelectItem item, ParseSelectItem());
    select.items.push_back(std::move(item));
  } while (reader_.Accept(","));
  if (reader_.Sees({"FROM"})) {
    const Token from = reader_.Take();
    if (reader_.AtEnd()) return reader_.NoViable(from);
    if (!reader_.Accept("DUAL")) {
      SL_ASSIGN(select.from, ParseRelation());
    }
  }
  if (reader_.Sees({"FOR", "UPDATE"})) {
    const Token begin = reader_.Take();
    return reader_.NoViable(begin);
  }
  if (reader_.Accept("WHERE")) {
    SL_ASSIGN(select.where, ParseExpression());
  }
  if (reader_.Accept({"GROUP", "BY"})) SL_TRY(ParseGroupBy(&select));
  if (reader_.Accept("HAVING")) {
    SL_ASSIGN(select.having, ParseExpression());
  }
  if (reader_.Accept("QUALIFY")) {
    SL_ASSIGN(select.qualify, ParseExpression());
  }
  if (reader_.Sees({"FOR", "UPDATE"})) {
    const Token begin = reader_.Take();
    return reader_.NoViable(begin);
  }
  return select;
}

Result<SelectItem> Parser::ParseSelectItem() {
  SelectItem item;
  if (reader_.Sees({"*"})) {
    auto star = Make(ExprKind::kStar, reader_.Take());
    item.expression = Finish(star);
    return item;
  }
  SL_ASSIGN(item.expression, ParseExpression());
  if (reader_.Accept("AS")) {
    const Token& name = reader_.Peek();
    if (!name.IsName() && name.kind != TokenKind::kString) return reader_.Unexpected(kName);
    item.alias = name.kind == TokenKind::kString ? name.value : name.Name();
    reader_.Take();
  } else if (AtAlias() && item.expression->kind != ExprKind::kStar) {
    const Token name = reader_.Take();
    item.alias = name.kind == TokenKind::kString ? name.value : name.Name();
  }
  return item;
}

Status Parser::ParseGroupBy(Select* select) {
  if (reader_.Accept({"GROUPING", "SETS"})) {
    select->grouping = GroupingKind::kSets;
    SL_TRY(reader_.Expect("("));
    do {
      SL_TRY(reader_.Expect("("));
      std::vector<ExprPtr> set;
      if (!reader_.Sees({")"})) {
        SL_ASSIGN(set, ParseExpressionList());
      }
      SL_TRY(reader_.Expect(")"));
      select->grouping_sets.push_back(std::move(set));
    } while (reader_.Accept(","));
    return reader_.Expect(")");
  }
  for (const auto& [word, kind] :
       {std::pair<std::string_view, GroupingKind>{"ROLLUP", GroupingKind::kRollup},
        {"CUBE", GroupingKind::kCube}}) {
    if (!reader_.Sees({word, "("})) continue;
    reader_.Take();
    reader_.Take();
    select->grouping = kind;
    SL_ASSIGN(select->group_by, ParseExpressionList());
    return reader_.Expect(")");
  }
  SL_ASSIGN(select->group_by, ParseExpressionList());
  return {};
}

Result<RelationPtr> Parser::ParseRelation() {
  SL_ASSIGN(RelationPtr left, ParseJoined());
  while (reader_.Accept(",")) {
    auto join = std::make_shared<Relation>();
    join->kind = Relation::Kind::kJoin;
    join->join = JoinKind::kCross;
    join->begin = left->begin;
    reader_.Accept("LATERAL");
    SL_ASSIGN(join->right, ParseJoined());
    join->left = left;
    left = join;
  }
  return left;
}

Result<RelationPtr> Parser::ParseJoined() {
  SL_ASSIGN(RelationPtr left, ParseRelationPrimary());
  while (true) {
    JoinKind kind = JoinKind::kInner;
    if (reader_.Accept("JOIN") || reader_.Accept({"INNER", "JOIN"})) {
    } else if (reader_.Accept({"CROSS", "JOIN"})) {
      kind = JoinKind::kCross;
    } else if (reader_.Accept({"LEFT", "SEMI", "JOIN"})) {
      kind = JoinKind::kLeftSemi;
    } else if (reader_.Accept({"LEFT", "ANTI", "JOIN"})) {
      kind = JoinKind::kLeftAnti;
    } else if (reader_.Accept({"RIGHT", "SEMI", "JOIN"})) {
      kind = JoinKind::kRightSemi;
    } else if (reader_.Accept({"RIGHT", "ANTI", "JOIN"})) {
      kind = JoinKind::kRightAnti;
    } else if (reader_.Accept({"LEFT", "OUTER", "JOIN"}) || reader_.Accept({"LEFT", "JOIN"})) {
      kind = JoinKind::kLeft;
    } else if (reader_.Accept({"RIGHT", "OUTER", "JOIN"}) || reader_.Accept({"RIGHT", "JOIN"})) {
      kind = JoinKind::kRight;
    } else if (reader_.Accept({"FULL", "OUTER", "JOIN"}) || reader_.Accept({"FULL", "JOIN"})) {
      kind = JoinKind::kFull;
    } else {
      return left;
    }
    auto join = std::make_shared<Relation>();
    join->kind = Relation::Kind::kJoin;
    join->join = kind;
    join->begin = left->begin;
    join->left = left;
    if (reader_.Accept("[")) {  // [BROADCAST], [SHUFFLE]
      while (!reader_.AtEnd() && !reader_.Accept("]")) reader_.Take();
    }
    reader_.Accept("LATERAL");
    SL_ASSIGN(join->right, ParseRelationPrimary());
    if (reader_.Accept("ON")) {
      SL_ASSIGN(join->on, ParseExpression());
    } else if (reader_.Accept("USING")) {
      SL_ASSIGN(join->using_columns, reader_.NameList());
    }
    left = join;
  }
}

Result<std::vector<std::string>> Parser::ParsePartitionNames() {
  reader_.Accept("TEMPORARY");
  if (!reader_.Accept("PARTITION") && !reader_.Accept("PARTITIONS")) {
    return std::vector<std::string>{};
  }
  if (reader_.Sees({"("})) return reader_.NameList();
  SL_ASSIGN(std::string name, reader_.Name());
  return std::vector<std::string>{std::move(name)};
}

Status Parser::ParseAlias(Relation* relation, bool with_columns) {
  const bool spelled = reader_.Accept("AS");
  if (spelled && !reader_.Peek().IsName() && reader_.Peek().kind != TokenKind::kString) {
    return reader_.Unexpected(kName);
  }
  if (!spelled && !AtAlias()) return {};
  const Token name = reader_.Take();
  relation->alias = name.kind == TokenKind::kString ? name.value : name.Name();
  if (with_columns && reader_.Sees({"("})) {
    SL_ASSIGN(relation->column_aliases, reader_.NameList());
  }
  return {};
}

Result<RelationPtr> Parser::ParseRelationPrimary() {
  auto relation = std::make_shared<Relation>();
  const Token begin = reader_.Peek();
  relation->begin = begin.position;
  if (begin.Is("(")) {
    reader_.Take();
    if (reader_.Accept("VALUES")) {
      relation->kind = Relation::Kind::kValues;
      SL_ASSIGN(relation->rows, ParseValueRows(false));
    } else if (reader_.Sees({"SELECT"}) || reader_.Sees({"WITH"}) || reader_.Sees({"("})) {
      relation->kind = Relation::Kind::kQuery;
      SL_ASSIGN(relation->query, ParseQuery());
    } else {
      SL_ASSIGN(RelationPtr inner, ParseRelation());
      SL_TRY(reader_.Expect(")"));
      return inner;
    }
    SL_TRY(reader_.Expect(")"));
    SL_TRY(ParseAlias(relation.get(), true));
    return RelationPtr(relation);
  }
  if (reader_.Accept({"TABLE", "("})) {
    relation->kind = Relation::Kind::kTableFunction;
    relation->function = reader_.Take().value;
    SL_TRY(reader_.Expect("("));
    SL_ASSIGN(relation->arguments, ParseExpressionList());
    SL_TRY(reader_.Expect(")"));
    SL_TRY(reader_.Expect(")"));
    SL_TRY(ParseAlias(relation.get(), true));
    return RelationPtr(relation);
  }
  if (reader_.Sees({"UNNEST", "("})) {
    relation->kind = Relation::Kind::kTableFunction;
    relation->function = "UNNEST";
    reader_.Take();
    reader_.Take();
    SL_ASSIGN(relation->arguments, ParseExpressionList());
    SL_TRY(reader_.Expect(")"));
    SL_TRY(ParseAlias(relation.get(), true));
    return RelationPtr(relation);
  }
  if (!begin.IsName()) return reader_.Unexpected(kName);
  SL_ASSIGN(sql::QualifiedName name, reader_.ObjectName());
  relation->name = std::move(name.parts);
  SL_ASSIGN(relation->partitions, ParsePartitionNames());
  SL_TRY(ParseAlias(relation.get(), false));
  if (reader_.Accept("[")) {  // [_META_] and other table hints
    while (!reader_.AtEnd() && !reader_.Accept("]")) reader_.Take();
  }
  return RelationPtr(relation);
}

}  // namespace starlift::sandbox::query

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/ast.h"
#include "sandbox/sql/token_reader.h"

// Recursive descent over sql::TokenReader. Each function takes what belongs to its piece of grammar
// and leaves the rest; errors are the syntax errors of the real parser. `expression_parser.cpp`
// holds expressions and types, `query_parser.cpp` queries, `statement_parser.cpp` INSERT and its
// kind.
namespace starlift::sandbox::query {

class Parser {
 public:
  explicit Parser(sql::TokenReader* reader) : reader_(*reader) {}

  Result<ExprPtr> ParseExpression();
  Result<std::vector<ExprPtr>> ParseExpressionList();
  Result<catalog::DataType> ParseType();

  // With WITH, set operators, ORDER BY and LIMIT.
  Result<QueryPtr> ParseQuery();
  Result<RelationPtr> ParseRelation();

  // The keyword that begins them is still there.
  Result<InsertStatement> ParseInsert();
  Result<UpdateStatement> ParseUpdate();
  Result<DeleteStatement> ParseDelete();

  // Number of ? seen so far.
  int parameter_count() const { return parameter_count_; }

 private:
  Result<ExprPtr> ParseOr();
  Result<ExprPtr> ParseAnd();
  Result<ExprPtr> ParseNot();
  Result<ExprPtr> ParsePredicate();
  Result<ExprPtr> ParsePredicateTail(ExprPtr left);
  Result<ExprPtr> ParseBinary(int level);
  Result<ExprPtr> ParseUnary();
  Result<ExprPtr> ParsePostfix();
  Result<ExprPtr> ParsePrimary();
  Result<ExprPtr> ParseParenthesised();
  Result<ExprPtr> ParseWord();
  Result<ExprPtr> ParseSpecialFunction(std::string_view word, bool* handled);
  Result<ExprPtr> ParseCase();
  Result<ExprPtr> ParseCast();
  Result<ExprPtr> ParseInterval();
  Result<ExprPtr> ParseVariable();
  Result<ExprPtr> ParseNameOrCall();
  Result<ExprPtr> ParseCall(std::string name, const sql::Token& begin);
  Result<std::shared_ptr<const WindowSpec>> ParseWindow();
  std::string ParseFrame();

  Result<QueryPtr> ParseQueryBody();
  Result<QueryPtr> ParseSetOperation(bool intersect_only);
  Result<QueryPtr> ParseQueryTerm();
  Status ParseOrderAndLimit(Query* query);
  Result<Select> ParseSelect();
  Result<SelectItem> ParseSelectItem();
  Status ParseGroupBy(Select* select);
  Result<std::vector<std::vector<ExprPtr>>> ParseValueRows(bool allow_default);
  Result<std::vector<OrderItem>> ParseOrderItems();
  Result<RelationPtr> ParseJoined();
  Result<RelationPtr> ParseRelationPrimary();
  Status ParseAlias(Relation* relation, bool with_columns);
  Result<std::vector<CommonTable>> ParseWith();
  Result<std::vector<std::string>> ParsePartitionNames();
  Result<std::vector<Assignment>> ParseAssignments();

  Error TooDeep() const;
  // Does a word that could begin a clause stand here, so that it is no alias?
  bool AtAlias() const;
  std::shared_ptr<Expr> Make(ExprKind kind, const sql::Token& begin) const;
  ExprPtr Finish(std::shared_ptr<Expr> node) const;
  static constexpr std::string_view kName = "a legal identifier";

  sql::TokenReader& reader_;
  int parameter_count_ = 0;
  int depth_ = 0;
};

}  // namespace starlift::sandbox::query

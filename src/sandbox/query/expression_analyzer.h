#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/ast.h"
#include "sandbox/query/typed.h"

namespace starlift::sandbox::query {

class QueryAnalyzer;

// Which constructs an expression may hold where it stands.
enum class AggregateUse : uint8_t {
  kForbidden,  // WHERE, ON, GROUP BY, column expressions
  kAllowed,    // SELECT list, HAVING, ORDER BY
};

// Resolves names, checks types and translates to DuckDB. One per clause; single-threaded. Errors
// are StarRocks' own.
class ExpressionAnalyzer {
 public:
  ExpressionAnalyzer(AnalysisContext* context, const Scope* scope, AggregateUse use,
                     QueryAnalyzer* queries = nullptr)
      : context_(*context), scope_(*scope), use_(use), queries_(queries) {}

  // The clause for "WHERE clause cannot contain aggregations".
  void set_clause(std::string_view clause) { clause_ = clause; }
  // In a grouped query: DuckDB texts of the grouping expressions. Columns outside of aggregates
  // must be among them; ungrouped() tells afterwards.
  void set_group_keys(const std::vector<std::string>* keys) { group_keys_ = keys; }
  bool ungrouped() const { return ungrouped_; }
  bool saw_aggregate() const { return saw_aggregate_; }
  bool saw_window() const { return saw_window_; }

  Result<Typed> Analyze(const Expr& expression);
  // And converted to BOOLEAN, as WHERE, HAVING and ON want it.
  Result<std::string> Condition(const Expr& expression);

  // Names of columns that were used, as declared.
  const std::vector<std::string>& used_columns() const { return used_columns_; }

 private:
  Result<Typed> AnalyzeNode(const Expr& e);
  Result<Typed> Literal(const Expr& e);
  Result<Typed> Column(const Expr& e);
  Result<Typed> Unary(const Expr& e);
  Result<Typed> Arithmetic(const Expr& e);
  Result<Typed> Comparison(const Expr& e);
  Result<Typed> Logical(const Expr& e);
  Result<Typed> In(const Expr& e);
  Result<Typed> Between(const Expr& e);
  Result<Typed> Like(const Expr& e);
  Result<Typed> Case(const Expr& e);
  Result<Typed> Cast(const Expr& e);
  Result<Typed> Function(const Expr& e);
  Result<Typed> Aggregate(const Expr& e);
  Result<Typed> Session(const Expr& e, bool* handled);
  Result<Typed> WithInterval(const Expr& e, bool* handled);
  Result<Typed> Slice(const Expr& e);
  Result<Typed> Difference(const Expr& e);
  Result<Typed> Variable(const Expr& e);
  Result<Typed> Collection(const Expr& e);
  Result<Typed> Element(const Expr& e);
  Result<Typed> Subquery(const Expr& e);
  Result<std::vector<Typed>> AnalyzeAll(const std::vector<ExprPtr>& list);
  Result<std::string> OrderSql(const std::vector<OrderItem>& items, std::string* printed);
  Result<std::string> OverSql(const WindowSpec& window, std::string* printed);
  const ScopeColumn* Find(const Expr& e, Status* problem) const;
  Result<Typed> AddInterval(const Typed& base, const Expr& interval, bool subtract);

  AnalysisContext& context_;
  const Scope& scope_;
  AggregateUse use_;
  QueryAnalyzer* queries_;
  std::string clause_ = "WHERE clause";
  const std::vector<std::string>* group_keys_ = nullptr;
  bool inside_aggregate_ = false;
  bool ungrouped_ = false;
  bool saw_aggregate_ = false;
  bool saw_window_ = false;
  std::vector<std::string> used_columns_;
};

// A value as a DuckDB literal of the type.
std::string LiteralSql(const SessionValues::Value& value);
// Converts for comparison or assignment; literals are converted at once where that is exact.
std::string ConvertSql(const Typed& value, const catalog::DataType& to);

// The name that a result column gets when it has no alias: the expression as StarRocks prints it.
std::string ColumnLabel(const Expr& expression);

// "NULLS FIRST" or "NULLS LAST" after ASC or DESC, as StarRocks sorts.
std::string OrderSuffix(const OrderItem& item);

}  // namespace starlift::sandbox::query

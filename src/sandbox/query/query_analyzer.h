#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/query/ast.h"
#include "sandbox/query/typed.h"

namespace starlift::sandbox::query {

struct OutputColumn {
  std::string name;
  catalog::DataType type;
  bool nullable = true;
};

// A query in DuckDB. Its columns are called k0, k1, …
struct TranslatedQuery {
  std::string sql;
  std::vector<OutputColumn> columns;
  std::string printed;  // see FinishPrinted
};

// Where a FROM item's name leads.
struct ResolvedTable {
  std::string database;
  std::string name;
  catalog::TablePtr table;
};
// Finds [[catalog.]database.]table for the session. Errors 1046, 5501, 5502, 5078.
Result<ResolvedTable> ResolveTable(const AnalysisContext& context,
                                   const std::vector<std::string>& name);

// SELECT on all that the analysis has read. Asked afterwards: what is wrong with a statement is
// said before who may run it.
Status RequireSelect(const AnalysisContext& context);

// Resolves and translates queries. One per statement; single-threaded.
class QueryAnalyzer {
 public:
  explicit QueryAnalyzer(AnalysisContext* context) : context_(*context) {}

  // `outer`: scope of the query around, or null.
  Result<TranslatedQuery> Analyze(const Query& query, const Scope* outer);

  // A FROM clause: DuckDB text and, in `scope`, its columns. For UPDATE and DELETE too.
  struct From {
    std::string sql;
    std::string printed;
  };
  Result<From> AnalyzeRelation(const Relation& relation, Scope* scope);

  // For statements with a WITH of their own (UPDATE, DELETE).
  Result<std::string> DefineCommonTables(const std::vector<CommonTable>& tables, const Scope* outer,
                                         std::string* printed);

 private:
  struct CommonTableEntry {
    std::string sql_name;
    std::vector<OutputColumn> columns;
  };
  // One SELECT under way.
  struct SelectState;

  Result<TranslatedQuery> AnalyzeBody(const Query& query, const Scope* outer);
  Result<TranslatedQuery> AnalyzeSelect(const Query& query, const Scope* outer);
  Result<TranslatedQuery> AnalyzeValues(const Query& query, const Scope* outer);
  Result<TranslatedQuery> AnalyzeSet(const Query& query, const Scope* outer);
  Result<TranslatedQuery> OrderWhole(const Query& query, TranslatedQuery inner);

  Status AnalyzeItems(const Select& select, SelectState* state);
  Status AddStar(const Expr& star, SelectState* state);
  Status AnalyzeGrouping(const Select& select, SelectState* state);
  Result<std::string> OrderClause(const Query& query, SelectState* state);
  Result<Typed> OrderExpression(const Expr& e, SelectState* state);
  Status CheckGrouped(const Expr& e, const Typed& typed, bool ungrouped) const;

  Result<From> TableRelation(const Relation& relation, Scope* scope);
  Result<From> ViewRelation(const Relation& relation, const ResolvedTable& view, Scope* scope);
  Result<From> QueryRelation(const Relation& relation, Scope* scope);
  Result<From> ValuesRelation(const Relation& relation, Scope* scope);
  Result<From> JoinRelation(const Relation& relation, Scope* scope);
  Result<From> FunctionRelation(const Relation& relation, Scope* scope);
  std::string NextAlias() { return "r" + std::to_string(++context_.relation_count); }
  void AddSubqueryColumns(const std::vector<OutputColumn>& columns, const Relation& relation,
                          const std::string& alias, Scope* scope) const;

  AnalysisContext& context_;
  std::vector<std::map<std::string, CommonTableEntry>> common_tables_;
};

}  // namespace starlift::sandbox::query

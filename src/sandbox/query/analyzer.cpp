#include "sandbox/query/analyzer.h"

#include "sandbox/query/dml.h"
#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/parser.h"
#include "sandbox/query/query_analyzer.h"
#include "sandbox/query/system_tables.h"
#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::query {
namespace {

// Tokens of a piece of a statement, with positions as in the whole.
std::vector<sql::Token> TokenizeAt(std::string_view text, sql::Position start) {
  std::vector<sql::Token> tokens = sql::Tokenize(text);
  for (sql::Token& token : tokens) {
    if (token.position.line == 1) token.position.column += start.column;
    token.position.line += start.line - 1;
  }
  return tokens;
}

}  // namespace

Result<ddl::AnalyzedQuery> Analyzer::AnalyzeQuery(const ddl::SessionContext& session,
                                                  std::string_view query,
                                                  sql::Position start) const {
  const std::vector<sql::Token> tokens = TokenizeAt(query, start);
  sql::TokenReader reader(query, tokens);
  Parser parser(&reader);
  SL_ASSIGN(const QueryPtr parsed, parser.ParseQuery());
  SL_TRY(reader.ExpectEnd());
  SystemCatalog system(catalog_, &session);
  AnalysisContext context;
  context.catalog = catalog_;
  context.session = &session;
  context.system_tables = &system;
  query::QueryAnalyzer analyzer(&context);
  SL_ASSIGN(const TranslatedQuery translated, analyzer.Analyze(*parsed, nullptr));
  SL_TRY(RequireSelect(context));
  ddl::AnalyzedQuery result;
  for (const OutputColumn& column : translated.columns) {
    result.columns.push_back({column.name, column.type, column.nullable});
  }
  result.printed = FinishPrinted(translated.printed, true);
  result.printed_simple = FinishPrinted(translated.printed, context.databases.size() > 1);
  result.sources = context.sources;
  return result;
}

Result<ddl::AnalyzedExpression> Analyzer::AnalyzeExpression(
    const std::vector<catalog::ColumnDef>& columns, std::string_view expression,
    sql::Position start) const {
  const std::vector<sql::Token> tokens = TokenizeAt(expression, start);
  sql::TokenReader reader(expression, tokens);
  Parser parser(&reader);
  SL_ASSIGN(const ExprPtr parsed, parser.ParseExpression());
  SL_TRY(reader.ExpectEnd());
  Scope scope;
  for (const catalog::ColumnDef& definition : columns) {
    ScopeColumn column;
    column.name = definition.name;
    column.type = definition.type;
    column.nullable = definition.nullable;
    column.sql = definition.physical_name();
    column.printed = sql::QuoteName(definition.name);
    scope.columns.push_back(std::move(column));
  }
  AnalysisContext context;
  ExpressionAnalyzer analyzer(&context, &scope, AggregateUse::kAllowed);
  SL_ASSIGN(const Typed typed, analyzer.Analyze(*parsed));
  ddl::AnalyzedExpression result;
  result.type = typed.type;
  result.printed = FinishPrinted(typed.printed, true);
  result.sql = typed.sql;
  result.columns = analyzer.used_columns();
  result.has_aggregate = analyzer.saw_aggregate();
  return result;
}

Result<uint64_t> Analyzer::InsertFromQuery(const ddl::SessionContext& session,
                                           std::string_view database, std::string_view table,
                                           std::string_view query) const {
  QueryEnvironment environment;
  environment.catalog = catalog_;
  environment.storage = storage_;
  environment.ledger = ledger_;
  environment.session = &session;
  const std::string text = "INSERT INTO " + sql::QuoteName(database) + "." + sql::QuoteName(table) +
                           " " + std::string(query);
  SL_ASSIGN(const DmlOutcome outcome, ExecuteDml(environment, text, sql::Tokenize(text), nullptr));
  return outcome.rows;
}

}  // namespace starlift::sandbox::query

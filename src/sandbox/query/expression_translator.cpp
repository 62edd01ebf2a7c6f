#include "sandbox/query/expression_translator.h"

#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/parser.h"
#include "sandbox/sql/lexer.h"

namespace starlift::sandbox::query {

Result<TranslatedExpression> TranslateExpression(std::string_view text,
                                                 const std::vector<SourceColumn>& columns,
                                                 std::string_view time_zone) {
  const std::vector<sql::Token> tokens = sql::Tokenize(text);
  sql::TokenReader reader(text, tokens);
  Parser parser(&reader);
  SL_ASSIGN(const ExprPtr expression, parser.ParseExpression());
  SL_TRY(reader.ExpectEnd());
  Scope scope;
  for (const SourceColumn& source : columns) {
    ScopeColumn column;
    column.name = source.name;
    column.type = source.type;
    column.sql = source.sql;
    column.printed = sql::QuoteName(source.name);
    scope.columns.push_back(std::move(column));
  }
  AnalysisContext context;
  context.time_zone = time_zone;
  ExpressionAnalyzer analyzer(&context, &scope, AggregateUse::kForbidden);
  analyzer.set_clause("expression");
  SL_ASSIGN(const Typed typed, analyzer.Analyze(*expression));
  TranslatedExpression translated;
  translated.sql = typed.sql;
  translated.type = typed.type;
  translated.columns = analyzer.used_columns();
  return translated;
}

Result<std::vector<ColumnAssignment>> ParseColumnList(std::string_view text) {
  const std::vector<sql::Token> tokens = sql::Tokenize(text);
  sql::TokenReader reader(text, tokens);
  Parser parser(&reader);
  std::vector<ColumnAssignment> list;
  do {
    ColumnAssignment assignment;
    // Keywords are taken as names here, as the backends' own parser does.
    if (!reader.Peek().IsName() && !reader.Peek().IsWord())
      return reader.Unexpected("a legal identifier");
    assignment.name = reader.Take().Name();
    if (reader.Accept("=")) {
      const size_t begin = reader.Peek().offset;
      SL_TRY([&]() -> Status {
        SL_ASSIGN(const ExprPtr parsed, parser.ParseExpression());
        return {};
      }());
      const size_t end = reader.Previous().end_offset();
      assignment.expression = std::string(text.substr(begin, end - begin));
    }
    list.push_back(std::move(assignment));
  } while (reader.Accept(","));
  SL_TRY(reader.ExpectEnd());
  return list;
}

}  // namespace starlift::sandbox::query

#include "sandbox/query/execute.h"

#include <algorithm>

#include "sandbox/query/dml.h"
#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/parser.h"
#include "sandbox/query/query_analyzer.h"
#include "sandbox/query/types.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

AnalysisContext ContextOf(const QueryEnvironment& environment) {
  AnalysisContext context;
  context.catalog = environment.catalog;
  context.session = environment.session;
  context.values = environment.values;
  context.system_tables = environment.system_tables;
  context.parameters = environment.parameters;
  return context;
}

// DuckDB's complaints at run time, in the frontend's frame. An interrupted statement was killed.
Error RunError(Error error) {
  if (error.kind == ErrorKind::kCancelled)
    return sql::SqlError(1317, "Query execution was interrupted");
  if (error.native_code != 0) return error;
  return sql::SqlError(sql::code::kGeneric, error.message);
}

struct Parsed {
  QueryPtr query;
  int parameters = 0;
};

Result<Parsed> Parse(std::string_view text, std::span<const sql::Token> tokens) {
  sql::TokenReader reader(text, tokens);
  Parser parser(&reader);
  Parsed parsed;
  SL_ASSIGN(parsed.query, parser.ParseQuery());
  if (reader.Accept({"INTO", "OUTFILE"})) {
    return sql::AnalyzeError("SELECT INTO OUTFILE is not supported by this endpoint");
  }
  SL_TRY(reader.ExpectEnd());
  parsed.parameters = parser.parameter_count();
  return parsed;
}

// In one SELECT list, DATABASE() and USER() give the value of the first of the two: so the real
// frontend answers.
QueryPtr MergeIdentityFunctions(const QueryPtr& query) {
  if (query->kind != Query::Kind::kSelect || query->select.from) return query;
  static constexpr std::string_view kNames[] = {"database", "schema", "user", "session_user",
                                                "current_user"};
  const Expr* first = nullptr;
  bool differs = false;
  for (const SelectItem& item : query->select.items) {
    const Expr& e = *item.expression;
    if (e.kind != ExprKind::kFunction || !e.args.empty() ||
        std::find(std::begin(kNames), std::end(kNames), e.text) == std::end(kNames)) {
      continue;
    }
    if (first == nullptr) first = &e;
    differs |= first->text != e.text;
  }
  if (!differs) return query;
  auto merged = std::make_shared<Query>(*query);
  for (SelectItem& item : merged->select.items) {
    const Expr& e = *item.expression;
    if (e.kind != ExprKind::kFunction || !e.args.empty() ||
        std::find(std::begin(kNames), std::end(kNames), e.text) == std::end(kNames)) {
      continue;
    }
    if (item.alias.empty()) item.alias = ColumnLabel(e);
    auto same = std::make_shared<Expr>(e);
    same->text = first->text;
    item.expression = same;
  }
  return merged;
}

std::vector<sql::ResultColumn> WireColumns(const TranslatedQuery& query) {
  std::vector<sql::ResultColumn> columns;
  for (const OutputColumn& column : query.columns) {
    columns.push_back(catalog::WireColumn(column.name, column.type));
  }
  return columns;
}

}  // namespace

bool IsQuery(std::span<const sql::Token> tokens) {
  size_t i = 0;
  while (i < tokens.size() && (tokens[i].Is("(") || tokens[i].kind == sql::TokenKind::kHint)) ++i;
  if (i >= tokens.size()) return false;
  if (tokens[i].Is("SELECT") || (tokens[i].Is("VALUES") && i > 0)) return true;
  if (!tokens[i].Is("WITH")) return false;
  // WITH … UPDATE and WITH … DELETE are no queries.
  int depth = 0;
  for (; i < tokens.size(); ++i) {
    if (tokens[i].Is("(")) ++depth;
    if (tokens[i].Is(")")) --depth;
    if (depth == 0 && (tokens[i].Is("UPDATE") || tokens[i].Is("DELETE") || tokens[i].Is("INSERT")))
      return false;
    if (depth == 0 && tokens[i].Is("SELECT")) return true;
  }
  return true;
}

Result<uint64_t> ExecuteQuery(const QueryEnvironment& environment, std::string_view text,
                              std::span<const sql::Token> tokens, RowSink* sink) {
  SL_ASSIGN(const Parsed parsed, Parse(text, tokens));
  AnalysisContext context = ContextOf(environment);
  QueryAnalyzer analyzer(&context);
  SL_ASSIGN(TranslatedQuery translated,
            analyzer.Analyze(*MergeIdentityFunctions(parsed.query), nullptr));
  SL_TRY(RequireSelect(context));
  if (environment.select_limit >= 0 && !parsed.query->limit) {
    translated.sql = "SELECT * FROM (" + translated.sql + ") AS q LIMIT " +
                     std::to_string(environment.select_limit);
  }
  std::vector<DataType> types;
  for (const OutputColumn& column : translated.columns) types.push_back(column.type);
  auto stream = environment.connection->Query(translated.sql);
  if (!stream.ok()) return RunError(std::move(stream).error());
  SL_TRY(sink->Columns(WireColumns(translated)));
  auto rows = EncodeRows(&*stream, types, sink);
  if (!rows.ok()) return RunError(std::move(rows).error());
  return rows;
}

Result<QueryShape> DescribeQuery(const QueryEnvironment& environment, std::string_view text,
                                 std::span<const sql::Token> tokens) {
  SL_ASSIGN(const Parsed parsed, Parse(text, tokens));
  AnalysisContext context = ContextOf(environment);
  QueryAnalyzer analyzer(&context);
  SL_ASSIGN(const TranslatedQuery translated, analyzer.Analyze(*parsed.query, nullptr));
  SL_TRY(RequireSelect(context));
  QueryShape shape;
  shape.parameters = parsed.parameters;
  shape.columns = WireColumns(translated);
  return shape;
}

Result<std::vector<std::string>> ExplainStatement(const QueryEnvironment& environment,
                                                  std::string_view text,
                                                  std::span<const sql::Token> tokens) {
  if (!IsQuery(tokens)) {
    SL_TRY(AnalyzeDml(environment, text, tokens));
    return std::vector<std::string>{"PLAN FRAGMENT 0", "  PARTITION: UNPARTITIONED", "",
                                    "  OLAP TABLE SINK"};
  }
  SL_ASSIGN(const Parsed parsed, Parse(text, tokens));
  AnalysisContext context = ContextOf(environment);
  QueryAnalyzer analyzer(&context);
  SL_ASSIGN(const TranslatedQuery translated, analyzer.Analyze(*parsed.query, nullptr));
  SL_TRY(RequireSelect(context));
  std::string outputs;
  for (size_t i = 0; i < translated.columns.size(); ++i) {
    outputs += (i > 0 ? " | " : "") + std::to_string(i + 1) + ": " + translated.columns[i].name;
  }
  std::vector<std::string> lines = {"PLAN FRAGMENT 0",
                                    " OUTPUT EXPRS:" + outputs,
                                    "  PARTITION: UNPARTITIONED",
                                    "",
                                    "  RESULT SINK",
                                    ""};
  size_t node = 0;
  for (const auto& [database, table] : context.sources) {
    lines.push_back("  " + std::to_string(node++) + ":OlapScanNode");
    lines.push_back("     TABLE: " + table);
  }
  if (context.sources.empty()) lines.emplace_back("  0:UNION");
  return lines;
}

Result<SessionValues::Value> EvaluateConstant(const QueryEnvironment& environment,
                                              const Expr& expression) {
  AnalysisContext context = ContextOf(environment);
  QueryAnalyzer queries(&context);
  const Scope scope;
  ExpressionAnalyzer analyzer(&context, &scope, AggregateUse::kForbidden, &queries);
  SL_ASSIGN(const Typed typed, analyzer.Analyze(expression));
  SessionValues::Value value;
  value.type = typed.type;
  if (typed.literal) {
    value.text = typed.literal_text;
    return value;
  }
  auto rows = environment.connection->QueryRows(
      "SELECT " + CastSql(typed.sql, typed.type, DataType::Varchar(catalog::kStringLength)));
  if (!rows.ok()) return RunError(std::move(rows).error());
  if (!rows->empty()) value.text = rows->front().front();
  return value;
}

}  // namespace starlift::sandbox::query

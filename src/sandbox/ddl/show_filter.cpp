#include "sandbox/ddl/show_filter.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/error.h"
#include "sandbox/sql/lexer.h"
#include "sandbox/sql/token_reader.h"

namespace starlift::sandbox::ddl {

using sql::ResultRow;
using sql::StatementResult;

namespace {

char Fold(char c, bool any_case) {
  return any_case ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : c;
}

Error Unsupported(std::string_view text) { return sql::AnalyzeError(sql::code::kCommon, text); }

std::optional<size_t> FindResultColumn(const StatementResult& result, std::string_view name) {
  for (size_t i = 0; i < result.columns.size(); ++i) {
    if (SameName(result.columns[i].name, name)) return i;
  }
  return std::nullopt;
}

std::optional<double> AsNumber(std::string_view text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// Numbers by value, all else by text; NULL first.
int CompareCells(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  if (!a.has_value() || !b.has_value()) return a.has_value() - b.has_value();
  const auto left = AsNumber(*a);
  const auto right = AsNumber(*b);
  if (left.has_value() && right.has_value()) return *left < *right ? -1 : *left > *right;
  return a->compare(*b);
}

bool Fits(const FilterTerm& term, const std::optional<std::string>& cell) {
  if (!cell.has_value()) return false;
  if (term.op == "LIKE") return Like(*cell, term.value);
  if (term.op == "NOT LIKE") return !Like(*cell, term.value);
  // Job states and the like are compared without case.
  const int order = SameName(*cell, term.value) ? 0 : CompareCells(cell, term.value);
  if (term.op == "=") return order == 0;
  if (term.op == "!=" || term.op == "<>") return order != 0;
  if (term.op == "<") return order < 0;
  if (term.op == "<=") return order <= 0;
  if (term.op == ">") return order > 0;
  return order >= 0;
}

Result<FilterTerm> ParseTerm(sql::TokenReader& reader, std::string_view unsupported) {
  FilterTerm term;
  const bool wrapped = reader.Accept("(");
  SL_ASSIGN(sql::QualifiedName name, reader.ObjectName());
  term.column = name.last();
  if (reader.Accept({"NOT", "LIKE"})) {
    term.op = "NOT LIKE";
  } else {
    static constexpr std::string_view kOperators[] = {
        "=", "!=", "<>", "<=", ">=", "<", ">", "LIKE"};
    const sql::Token op = reader.Take();
    const bool known = std::any_of(std::begin(kOperators), std::end(kOperators),
                                   [&](std::string_view o) { return op.Is(o); });
    if (!known) return Unsupported(unsupported);
    term.op = op.value;
  }
  const bool negative = reader.Accept("-");
  const sql::Token value = reader.Take();
  if (value.kind == sql::TokenKind::kEnd) return reader.Unexpected("a legal identifier");
  const bool is_literal =
      value.kind == sql::TokenKind::kString || value.kind == sql::TokenKind::kInteger ||
      value.kind == sql::TokenKind::kDecimal || value.Is("TRUE") || value.Is("FALSE");
  if (!is_literal) return Unsupported(unsupported);
  term.value = (negative ? "-" : "") + (value.IsWord() ? ToLower(value.value) : value.value);
  if (wrapped) SL_TRY(reader.Expect(")"));
  return term;
}

Status SortRows(const sql::TextRange& order_by, std::string_view unsupported,
                StatementResult& result) {
  const auto tokens = sql::Tokenize(order_by.text);
  sql::TokenReader reader(order_by.text, tokens);
  std::vector<std::pair<size_t, bool>> keys;  // column, descending
  do {
    SL_ASSIGN(const sql::QualifiedName name, reader.ObjectName());
    const auto column = FindResultColumn(result, name.last());
    if (!column.has_value()) return Unsupported(unsupported);
    const bool descending = reader.Accept("DESC");
    if (!descending) reader.Accept("ASC");
    keys.emplace_back(*column, descending);
  } while (reader.Accept(","));
  SL_TRY(reader.ExpectEnd());
  std::stable_sort(result.rows.begin(), result.rows.end(),
                   [&](const ResultRow& a, const ResultRow& b) {
                     for (const auto& [column, descending] : keys) {
                       const int order = CompareCells(a[column], b[column]);
                       if (order != 0) return descending ? order > 0 : order < 0;
                     }
                     return false;
                   });
  return {};
}

}  // namespace

bool Like(std::string_view text, std::string_view pattern, bool any_case) {
  while (!pattern.empty()) {
    if (pattern.front() == '%') {
      pattern.remove_prefix(1);
      if (pattern.empty()) return true;
      for (size_t i = 0; i <= text.size(); ++i) {
        if (Like(text.substr(i), pattern, any_case)) return true;
      }
      return false;
    }
    if (text.empty()) return false;
    size_t width = 1;
    if (pattern.front() == '_') {
      // One character, not one byte.
      while (width < text.size() && (static_cast<unsigned char>(text[width]) & 0xC0) == 0x80)
        ++width;
    } else {
      if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
      if (Fold(text.front(), any_case) != Fold(pattern.front(), any_case)) return false;
    }
    text.remove_prefix(width);
    pattern.remove_prefix(1);
  }
  return text.empty();
}

Result<std::vector<FilterTerm>> ParseFilterTerms(const sql::TextRange& where,
                                                 std::string_view unsupported) {
  const auto tokens = sql::Tokenize(where.text);
  sql::TokenReader reader(where.text, tokens);
  std::vector<FilterTerm> terms;
  do {
    SL_ASSIGN(FilterTerm term, ParseTerm(reader, unsupported));
    terms.push_back(std::move(term));
  } while (reader.Accept("AND"));
  if (!reader.AtEnd()) return Unsupported(unsupported);
  return terms;
}

Status ApplyFilter(const sql::ShowFilter& filter, std::string_view unsupported,
                   StatementResult& result) {
  if (filter.where.has_value()) {
    SL_ASSIGN(const auto terms, ParseFilterTerms(*filter.where, unsupported));
    for (const FilterTerm& term : terms) {
      const auto column = FindResultColumn(result, term.column);
      if (!column.has_value()) return Unsupported(unsupported);
      std::erase_if(result.rows, [&](const ResultRow& row) { return !Fits(term, row[*column]); });
    }
  }
  if (filter.order_by.has_value()) {
    SL_TRY(SortRows(*filter.order_by, unsupported, result));
  }
  if (filter.limit.has_value()) {
    const size_t size = result.rows.size();
    const size_t first = std::min(static_cast<size_t>(filter.offset), size);
    const size_t last = std::min(first + static_cast<size_t>(*filter.limit), size);
    result.rows.erase(result.rows.begin() + static_cast<ptrdiff_t>(last), result.rows.end());
    result.rows.erase(result.rows.begin(), result.rows.begin() + static_cast<ptrdiff_t>(first));
  }
  return {};
}

}  // namespace starlift::sandbox::ddl

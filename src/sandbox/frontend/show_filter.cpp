#include <algorithm>
#include <cctype>

#include "sandbox/frontend/statements.h"
#include "sandbox/query/parser.h"

namespace starlift::sandbox::frontend {
namespace {

using query::Expr;
using query::ExprKind;

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// The few operators that people put behind SHOW … WHERE, on texts.
class RowCondition {
 public:
  RowCondition(const std::vector<sql::ResultColumn>& columns, const sql::ResultRow& row)
      : columns_(columns), row_(row) {}

  bool Holds(const Expr& e) const {
    switch (e.kind) {
      case ExprKind::kLogical:
        return e.text == "AND" ? Holds(*e.args[0]) && Holds(*e.args[1])
                               : Holds(*e.args[0]) || Holds(*e.args[1]);
      case ExprKind::kUnary:
        return e.text == "NOT" && !Holds(*e.args[0]);
      case ExprKind::kComparison:
        return Compare(e);
      case ExprKind::kLike: {
        const auto value = Text(*e.args[0]);
        const auto pattern = Text(*e.args[1]);
        return value && pattern && MatchesLike(*value, *pattern, true) != e.negated;
      }
      case ExprKind::kIn: {
        const auto value = Text(*e.args[0]);
        const bool found =
            std::any_of(e.args.begin() + 1, e.args.end(),
                        [&](const query::ExprPtr& item) { return value && Text(*item) == value; });
        return value && found != e.negated;
      }
      case ExprKind::kIsNull:
        return Text(*e.args[0]).has_value() == e.negated;
      default:
        return true;
    }
  }

 private:
  std::optional<std::string> Text(const Expr& e) const {
    if (e.kind != ExprKind::kColumn) return e.text;
    for (size_t i = 0; i < columns_.size() && i < row_.size(); ++i) {
      if (SameName(columns_[i].name, e.name.back())) return row_[i];
    }
    return std::nullopt;
  }

  bool Compare(const Expr& e) const {
    const auto a = Text(*e.args[0]);
    const auto b = Text(*e.args[1]);
    if (!a || !b) return false;
    if (e.text == "=") return SameName(*a, *b);
    if (e.text == "!=") return !SameName(*a, *b);
    if (e.text == "<") return *a < *b;
    if (e.text == ">") return *a > *b;
    return e.text == "<=" ? *a <= *b : *a >= *b;
  }

  const std::vector<sql::ResultColumn>& columns_;
  const sql::ResultRow& row_;
};

}  // namespace

Result<ShowFilter> ParseShowFilter(sql::TokenReader* reader) {
  ShowFilter filter;
  if (reader->Accept("LIKE")) {
    SL_ASSIGN(filter.like, reader->Text());
  } else if (reader->Accept("WHERE")) {
    query::Parser parser(reader);
    SL_ASSIGN(filter.where, parser.ParseExpression());
  }
  return filter;
}

void ApplyShowFilter(const ShowFilter& filter, size_t like_column, sql::StatementResult* result) {
  std::erase_if(result->rows, [&](const sql::ResultRow& row) {
    if (filter.like && !MatchesLike(row[like_column].value_or(""), *filter.like, true)) return true;
    return filter.where && !RowCondition(result->columns, row).Holds(*filter.where);
  });
}

}  // namespace starlift::sandbox::frontend

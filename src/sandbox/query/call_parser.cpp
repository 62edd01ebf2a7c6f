// Pieces of expressions with a grammar of their own: CASE, CAST, INTERVAL, calls and windows.
#include <algorithm>
#include <array>

#include "sandbox/query/parser.h"

namespace starlift::sandbox::query {
namespace {

using sql::Token;
using sql::TokenKind;

constexpr auto kUnits =
    std::to_array<std::string_view>({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE",
                                     "SECOND", "MILLISECOND", "MICROSECOND"});

template <size_t N>
bool Among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Result<ExprPtr> Parser::ParseCase() {
  auto node = Make(ExprKind::kCase, reader_.Take());
  if (!reader_.Sees({"WHEN"})) {
    node->has_operand = true;
    SL_ASSIGN(ExprPtr operand, ParseExpression());
    node->args.push_back(operand);
  }
  while (reader_.Accept("WHEN")) {
    SL_ASSIGN(ExprPtr when, ParseExpression());
    SL_TRY(reader_.Expect("THEN"));
    SL_ASSIGN(ExprPtr then, ParseExpression());
    node->args.push_back(when);
    node->args.push_back(then);
  }
  if (reader_.Accept("ELSE")) {
    node->has_else = true;
    SL_ASSIGN(ExprPtr otherwise, ParseExpression());
    node->args.push_back(otherwise);
  }
  SL_TRY(reader_.Expect("END"));
  return Finish(node);
}

Result<ExprPtr> Parser::ParseCast() {
  auto node = Make(ExprKind::kCast, reader_.Peek());
  const bool convert = reader_.Peek().value == "CONVERT";
  node->text = reader_.Take().value == "TRY_CAST" ? "TRY_CAST" : "CAST";
  SL_TRY(reader_.Expect("("));
  SL_ASSIGN(ExprPtr value, ParseExpression());
  node->args = {value};
  SL_TRY(reader_.Expect(convert ? "," : "AS"));
  SL_ASSIGN(node->cast_type, ParseType());
  if (!reader_.Accept(")")) return reader_.Unexpected("')'");
  return Finish(node);
}

Result<ExprPtr> Parser::ParseInterval() {
  auto node = Make(ExprKind::kInterval, reader_.Take());
  SL_ASSIGN(ExprPtr count, ParseBinary(0));
  node->args = {count};
  if (!Among(kUnits, reader_.Peek().value)) {
    return reader_.Unexpected("'MONTH', 'HOUR', 'SECOND', 'QUARTER', 'MINUTE'");
  }
  node->text = reader_.Take().value;
  return Finish(node);
}

Result<ExprPtr> Parser::ParseCall(std::string name, const Token& begin) {
  auto node = Make(ExprKind::kFunction, begin);
  node->text = std::move(name);
  SL_TRY(reader_.Expect("("));
  if (reader_.Accept("DISTINCT")) {
    node->distinct = true;
  } else {
    reader_.Accept("ALL");
  }
  const bool unit_first = node->text == "timestampdiff" || node->text == "timestampadd";
  if (node->text == "trim" && (reader_.Sees({"BOTH"}))) reader_.Take();
  if (unit_first && Among(kUnits, reader_.Peek().value)) {
    auto unit = Make(ExprKind::kString, reader_.Peek());
    unit->text = reader_.Take().value;
    node->args.push_back(Finish(unit));
    SL_TRY(reader_.Expect(","));
  }
  if (reader_.Sees({"*", ")"})) {
    auto star = Make(ExprKind::kStar, reader_.Take());
    node->args.push_back(Finish(star));
  } else if (!reader_.Sees({")"}) && !reader_.Sees({"ORDER"})) {
    SL_ASSIGN(std::vector<ExprPtr> args, ParseExpressionList());
    node->args.insert(node->args.end(), args.begin(), args.end());
  }
  if (reader_.Accept({"ORDER", "BY"})) {
    SL_ASSIGN(node->order_by, ParseOrderItems());
  }
  if (reader_.Accept("SEPARATOR")) {
    SL_ASSIGN(node->separator, ParsePrimary());
  }
  if (reader_.Accept({"IGNORE", "NULLS"})) node->ignore_nulls = true;
  if (!reader_.Accept(")")) return reader_.Unexpected("',', ')'");
  if (reader_.Accept({"IGNORE", "NULLS"})) node->ignore_nulls = true;
  if (reader_.Accept("OVER")) {
    SL_ASSIGN(node->window, ParseWindow());
  }
  return Finish(node);
}

Result<std::vector<OrderItem>> Parser::ParseOrderItems() {
  std::vector<OrderItem> items;
  do {
    OrderItem item;
    SL_ASSIGN(item.expression, ParseExpression());
    if (reader_.Accept("DESC")) {
      item.descending = true;
    } else {
      reader_.Accept("ASC");
    }
    if (reader_.Accept({"NULLS", "FIRST"})) item.nulls_first = true;
    if (reader_.Accept({"NULLS", "LAST"})) item.nulls_first = false;
    items.push_back(std::move(item));
  } while (reader_.Accept(","));
  return items;
}

Result<std::shared_ptr<const WindowSpec>> Parser::ParseWindow() {
  auto window = std::make_shared<WindowSpec>();
  SL_TRY(reader_.Expect("("));
  if (reader_.Accept({"PARTITION", "BY"})) {
    SL_ASSIGN(window->partition_by, ParseExpressionList());
  }
  if (reader_.Accept({"ORDER", "BY"})) {
    SL_ASSIGN(window->order_by, ParseOrderItems());
  }
  if (reader_.Sees({"ROWS"}) || reader_.Sees({"RANGE"})) window->frame = ParseFrame();
  SL_TRY(reader_.Expect(")"));
  return std::shared_ptr<const WindowSpec>(window);
}

// Frames are the same words in DuckDB; only words and numbers pass.
std::string Parser::ParseFrame() {
  std::string frame;
  while (reader_.Peek().IsWord() || reader_.Peek().kind == TokenKind::kInteger) {
    if (!frame.empty()) frame += ' ';
    frame += reader_.Take().value;
  }
  return frame;
}

}  // namespace starlift::sandbox::query

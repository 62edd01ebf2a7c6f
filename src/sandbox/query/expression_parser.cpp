#include <algorithm>
#include <array>
#include <cctype>

#include "sandbox/query/parser.h"

namespace starlift::sandbox::query {
namespace {

using sql::Token;
using sql::TokenKind;

// Beyond these the recursion over the tree could exhaust a thread's stack.
constexpr int kMaxDepth = 200;
constexpr int kMaxChain = 3000;  // a OR b OR c …

// Reserved words that are functions when a parenthesis follows.
constexpr auto kFunctionWords = std::to_array<std::string_view>({"IF",
                                                                 "LEFT",
                                                                 "RIGHT",
                                                                 "MOD",
                                                                 "REPLACE",
                                                                 "CHAR",
                                                                 "DATABASE",
                                                                 "SCHEMA",
                                                                 "ROW_NUMBER",
                                                                 "RANK",
                                                                 "DENSE_RANK",
                                                                 "NTILE",
                                                                 "LAG",
                                                                 "LEAD",
                                                                 "FIRST_VALUE",
                                                                 "LAST_VALUE",
                                                                 "GROUPING",
                                                                 "GROUPING_ID",
                                                                 "CURRENT_TIMESTAMP",
                                                                 "CURRENT_DATE",
                                                                 "CURRENT_TIME",
                                                                 "CURRENT_USER",
                                                                 "CURRENT_ROLE",
                                                                 "LOCALTIME",
                                                                 "LOCALTIMESTAMP",
                                                                 "BITMAP",
                                                                 "HLL",
                                                                 "PERCENTILE",
                                                                 "REGEXP",
                                                                 "LIKE",
                                                                 "DATE",
                                                                 "USER"});

// Functions that may stand without parentheses.
constexpr auto kBareFunctions = std::to_array<std::string_view>(
    {"CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_USER", "CURRENT_ROLE",
     "LOCALTIME", "LOCALTIMESTAMP"});

template <size_t N>
bool Among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

struct BinaryLevel {
  ExprKind kind;
  std::array<std::string_view, 4> operators;
};

// From the loosest to the tightest, below comparisons.
constexpr auto kLevels = std::to_array<BinaryLevel>({
    {ExprKind::kArithmetic, {"|", "", "", ""}},
    {ExprKind::kArithmetic, {"&", "", "", ""}},
    {ExprKind::kArithmetic, {"BITSHIFTLEFT", "BITSHIFTRIGHT", "BITSHIFTRIGHTLOGICAL", ""}},
    {ExprKind::kArithmetic, {"+", "-", "", ""}},
    {ExprKind::kArithmetic, {"*", "/", "DIV", "%"}},
    {ExprKind::kArithmetic, {"^", "", "", ""}},
});

}  // namespace

std::shared_ptr<Expr> Parser::Make(ExprKind kind, const Token& begin) const {
  auto node = std::make_shared<Expr>();
  node->kind = kind;
  node->begin = begin.position;
  return node;
}

ExprPtr Parser::Finish(std::shared_ptr<Expr> node) const {
  node->end = reader_.Previous().position;
  return node;
}

Result<std::vector<ExprPtr>> Parser::ParseExpressionList() {
  std::vector<ExprPtr> list;
  do {
    SL_ASSIGN(ExprPtr item, ParseExpression());
    list.push_back(std::move(item));
  } while (reader_.Accept(","));
  return list;
}

Error Parser::TooDeep() const {
  return sql::SyntaxErrorAt(reader_.Peek().position, "Expression nests too deeply");
}

Result<ExprPtr> Parser::ParseExpression() {
  if (depth_ >= kMaxDepth) {
    return TooDeep();
  }
  ++depth_;
  auto result = ParseOr();
  --depth_;
  return result;
}

Result<ExprPtr> Parser::ParseOr() {
  const Token begin = reader_.Peek();
  SL_ASSIGN(ExprPtr left, ParseAnd());
  int links = 0;
  while (reader_.Sees({"OR"}) || reader_.Sees({"||"})) {
    reader_.Take();
    if (++links > kMaxChain) return TooDeep();
    SL_ASSIGN(ExprPtr right, ParseAnd());
    auto node = Make(ExprKind::kLogical, begin);
    node->text = "OR";
    node->args = {left, right};
    left = Finish(node);
  }
  return left;
}

Result<ExprPtr> Parser::ParseAnd() {
  const Token begin = reader_.Peek();
  SL_ASSIGN(ExprPtr left, ParseNot());
  int links = 0;
  while (reader_.Sees({"AND"}) || reader_.Sees({"&&"})) {
    reader_.Take();
    if (++links > kMaxChain) return TooDeep();
    SL_ASSIGN(ExprPtr right, ParseNot());
    auto node = Make(ExprKind::kLogical, begin);
    node->text = "AND";
    node->args = {left, right};
    left = Finish(node);
  }
  return left;
}

Result<ExprPtr> Parser::ParseNot() {
  if (!reader_.Sees({"NOT"})) return ParsePredicate();
  const Token begin = reader_.Take();
  SL_ASSIGN(ExprPtr operand, ParseNot());
  auto node = Make(ExprKind::kUnary, begin);
  node->text = "NOT";
  node->args = {operand};
  return Finish(node);
}

Result<ExprPtr> Parser::ParsePredicate() {
  const Token begin = reader_.Peek();
  SL_ASSIGN(ExprPtr left, ParseBinary(0));
  SL_ASSIGN(left, ParsePredicateTail(left));
  while (true) {
    if (reader_.Sees({"IS"})) {
      reader_.Take();
      auto node = Make(ExprKind::kIsNull, begin);
      node->negated = reader_.Accept("NOT");
      SL_TRY(reader_.Expect("NULL"));
      node->args = {left};
      left = Finish(node);
      continue;
    }
    static constexpr auto kComparisons =
        std::to_array<std::string_view>({"=", "!=", "<>", "<", "<=", ">", ">=", "<=>"});
    const Token& op = reader_.Peek();
    if (op.kind != TokenKind::kOperator || !Among(kComparisons, op.value)) return left;
    auto node = Make(ExprKind::kComparison, begin);
    node->text = op.value == "<>" ? "!=" : op.value;
    reader_.Take();
    const Token right_begin = reader_.Peek();
    SL_ASSIGN(ExprPtr right, ParseBinary(0));
    SL_ASSIGN(right, ParsePredicateTail(right));
    node->args = {left, right};
    left = Finish(node);
  }
}

Result<ExprPtr> Parser::ParsePredicateTail(ExprPtr left) {
  const bool negated =
      reader_.Sees({"NOT"}) &&
      (reader_.Peek(1).Is("IN") || reader_.Peek(1).Is("BETWEEN") || reader_.Peek(1).Is("LIKE") ||
       reader_.Peek(1).Is("REGEXP") || reader_.Peek(1).Is("RLIKE"));
  if (negated) reader_.Take();
  std::shared_ptr<Expr> node;
  if (reader_.Accept("IN")) {
    node = std::make_shared<Expr>();
    node->kind = ExprKind::kIn;
    node->args = {left};
    SL_TRY(reader_.Expect("("));
    if (reader_.Sees({"SELECT"}) || reader_.Sees({"WITH"})) {
      SL_ASSIGN(node->query, ParseQuery());
    } else {
      SL_ASSIGN(std::vector<ExprPtr> items, ParseExpressionList());
      node->args.insert(node->args.end(), items.begin(), items.end());
    }
    if (!reader_.Accept(")")) return reader_.Unexpected("',', ')'");
  } else if (reader_.Accept("BETWEEN")) {
    node = std::make_shared<Expr>();
    node->kind = ExprKind::kBetween;
    SL_ASSIGN(ExprPtr low, ParseBinary(0));
    SL_TRY(reader_.Expect("AND"));
    SL_ASSIGN(ExprPtr high, ParseBinary(0));
    node->args = {left, low, high};
  } else if (reader_.Sees({"LIKE"}) || reader_.Sees({"REGEXP"}) || reader_.Sees({"RLIKE"})) {
    node = std::make_shared<Expr>();
    node->kind = ExprKind::kLike;
    node->text = reader_.Take().value == "LIKE" ? "LIKE" : "REGEXP";
    SL_ASSIGN(ExprPtr pattern, ParseBinary(0));
    node->args = {left, pattern};
  } else {
    return left;
  }
  node->negated = negated;
  node->begin = left->begin;
  return Finish(node);
}

Result<ExprPtr> Parser::ParseBinary(int level) {
  if (static_cast<size_t>(level) == kLevels.size()) return ParseUnary();
  const Token begin = reader_.Peek();
  SL_ASSIGN(ExprPtr left, ParseBinary(level + 1));
  int links = 0;
  while (true) {
    const Token& op = reader_.Peek();
    std::string text = op.value == "MOD" && op.kind == TokenKind::kKeyword ? "%" : op.value;
    if (!(op.IsWord() || op.kind == TokenKind::kOperator) || text.empty()) return left;
    if (!Among(kLevels[level].operators, text)) return left;
    reader_.Take();
    if (++links > kMaxChain) return TooDeep();
    SL_ASSIGN(ExprPtr right, ParseBinary(level + 1));
    auto node = Make(kLevels[level].kind, begin);
    node->text = std::move(text);
    node->args = {left, right};
    left = Finish(node);
  }
}

Result<ExprPtr> Parser::ParseUnary() {
  const Token begin = reader_.Peek();
  static constexpr auto kSigns = std::to_array<std::string_view>({"-", "+", "~", "!"});
  if (begin.kind != TokenKind::kOperator || !Among(kSigns, begin.value)) return ParsePostfix();
  reader_.Take();
  SL_ASSIGN(ExprPtr operand, ParseUnary());
  const bool number = operand->kind == ExprKind::kInteger || operand->kind == ExprKind::kDecimal ||
                      operand->kind == ExprKind::kDouble;
  if (begin.value == "-" && number && operand->text.front() != '-') {
    auto literal = std::make_shared<Expr>(*operand);
    literal->text = "-" + literal->text;
    literal->begin = begin.position;
    return ExprPtr(literal);
  }
  auto node = Make(ExprKind::kUnary, begin);
  node->text = begin.value == "!" ? "NOT" : begin.value;
  node->args = {operand};
  return Finish(node);
}

Result<ExprPtr> Parser::ParsePostfix() {
  const Token begin = reader_.Peek();
  SL_ASSIGN(ExprPtr value, ParsePrimary());
  while (true) {
    if (reader_.Accept("[")) {
      auto node = Make(ExprKind::kElement, begin);
      SL_ASSIGN(ExprPtr index, ParseExpression());
      node->args = {value, index};
      SL_TRY(reader_.Expect("]"));
      value = Finish(node);
    } else if (reader_.Accept("->")) {
      auto node = Make(ExprKind::kFunction, begin);
      node->text = "json_query";
      node->scope = "->";  // as it was written, for the label
      SL_ASSIGN(ExprPtr path, ParsePrimary());
      node->args = {value, path};
      value = Finish(node);
    } else if (value->kind != ExprKind::kColumn && reader_.Sees({"."}) &&
               reader_.Peek(1).IsName()) {
      reader_.Take();
      auto node = Make(ExprKind::kField, begin);
      node->text = reader_.Take().Name();
      node->args = {value};
      value = Finish(node);
    } else if (reader_.Sees({"COLLATE"})) {
      reader_.Take();
      reader_.Take();
    } else {
      return value;
    }
  }
}

Result<ExprPtr> Parser::ParseParenthesised() {
  const Token begin = reader_.Take();
  if (reader_.Sees({"SELECT"}) || reader_.Sees({"WITH"})) {
    auto node = Make(ExprKind::kSubquery, begin);
    SL_ASSIGN(node->query, ParseQuery());
    SL_TRY(reader_.Expect(")"));
    return Finish(node);
  }
  SL_ASSIGN(ExprPtr inner, ParseExpression());
  if (!reader_.Accept(")")) return reader_.NoViable(begin);
  return inner;
}

Result<ExprPtr> Parser::ParsePrimary() {
  const Token token = reader_.Peek();
  const auto literal = [&](ExprKind kind) -> Result<ExprPtr> {
    auto node = Make(kind, token);
    node->text = reader_.Take().value;
    return Finish(node);
  };
  switch (token.kind) {
    case TokenKind::kInteger:
      return literal(ExprKind::kInteger);
    case TokenKind::kDecimal:
      return literal(ExprKind::kDecimal);
    case TokenKind::kDouble:
      return literal(ExprKind::kDouble);
    case TokenKind::kString:
      return literal(ExprKind::kString);
    case TokenKind::kBinary:
      return literal(ExprKind::kBinary);
    case TokenKind::kQuotedIdentifier:
      return ParseNameOrCall();
    case TokenKind::kKeyword:
    case TokenKind::kIdentifier:
      return ParseWord();
    case TokenKind::kOperator:
      break;
    default:
      return reader_.Unexpected(kName);
  }
  if (token.Is("(")) return ParseParenthesised();
  if (token.Is("?")) {
    auto node = Make(ExprKind::kParameter, token);
    node->number = parameter_count_++;
    reader_.Take();
    return Finish(node);
  }
  if (token.Is("@")) return ParseVariable();
  if (token.Is("[")) {
    reader_.Take();
    auto node = Make(ExprKind::kArray, token);
    if (!reader_.Sees({"]"})) {
      SL_ASSIGN(node->args, ParseExpressionList());
    }
    SL_TRY(reader_.Expect("]"));
    return Finish(node);
  }
  return reader_.Unexpected(kName);
}

Result<ExprPtr> Parser::ParseVariable() {
  const Token begin = reader_.Take();
  if (!reader_.Accept("@")) {
    const Token& name = reader_.Peek();
    if (!name.IsName() && name.kind != TokenKind::kString) return reader_.NoViable(begin);
    auto node = Make(ExprKind::kUserVariable, begin);
    node->text = name.kind == TokenKind::kString ? name.value : name.Name();
    reader_.Take();
    return Finish(node);
  }
  auto node = Make(ExprKind::kVariable, begin);
  for (const std::string_view scope : {"SESSION", "GLOBAL", "LOCAL", "VERBOSE"}) {
    if (reader_.Accept({scope, "."})) node->scope = scope == "LOCAL" ? "SESSION" : scope;
  }
  const Token& name = reader_.Peek();
  if (!name.IsName() && !name.IsWord()) return reader_.NoViable(begin);
  node->text = name.Name();
  reader_.Take();
  return Finish(node);
}

Result<ExprPtr> Parser::ParseWord() {
  const Token word = reader_.Peek();
  bool handled = false;
  auto special = ParseSpecialFunction(word.value, &handled);
  if (handled || !special.ok()) return special;
  if (word.kind == TokenKind::kIdentifier) return ParseNameOrCall();
  if (Among(kFunctionWords, word.value) && reader_.Peek(1).Is("(")) {
    reader_.Take();
    return ParseCall(Lower(word.value), word);
  }
  if (Among(kBareFunctions, word.value)) {
    reader_.Take();
    auto node = Make(ExprKind::kFunction, word);
    node->text = Lower(word.value);
    return Finish(node);
  }
  return reader_.Unexpected(kName);
}

// Words with a grammar of their own. `handled` stays false where the word is a plain name.
Result<ExprPtr> Parser::ParseSpecialFunction(std::string_view word, bool* handled) {
  const Token begin = reader_.Peek();
  const bool call = reader_.Peek(1).Is("(");
  *handled = true;
  const auto word_literal = [&](ExprKind kind) -> Result<ExprPtr> {
    auto node = Make(kind, begin);
    node->text = reader_.Take().value;
    return Finish(node);
  };
  if (word == "NULL") return word_literal(ExprKind::kNull);
  if (word == "TRUE" || word == "FALSE") return word_literal(ExprKind::kBoolean);
  if (word == "DEFAULT") return word_literal(ExprKind::kDefault);
  if (word == "CASE") return ParseCase();
  if (call && (word == "CAST" || word == "TRY_CAST" || word == "CONVERT")) return ParseCast();
  if (word == "INTERVAL") return ParseInterval();
  if (word == "EXISTS" && call) {
    reader_.Take();
    reader_.Take();
    auto node = Make(ExprKind::kExists, begin);
    SL_ASSIGN(node->query, ParseQuery());
    SL_TRY(reader_.Expect(")"));
    return Finish(node);
  }
  if ((word == "DATE" || word == "DATETIME" || word == "TIMESTAMP") &&
      reader_.Peek(1).kind == TokenKind::kString) {
    reader_.Take();
    auto node = Make(ExprKind::kTypedLiteral, begin);
    node->text = reader_.Take().value;
    node->cast_type = catalog::DataType::Of(word == "DATE" ? catalog::TypeKind::kDate
                                                           : catalog::TypeKind::kDateTime);
    return Finish(node);
  }
  if (word == "EXTRACT" && call) {
    reader_.Take();
    reader_.Take();
    auto node = Make(ExprKind::kFunction, begin);
    node->text = Lower(reader_.Take().value);
    SL_TRY(reader_.Expect("FROM"));
    SL_ASSIGN(ExprPtr argument, ParseExpression());
    node->args = {argument};
    SL_TRY(reader_.Expect(")"));
    return Finish(node);
  }
  if ((word == "ARRAY" || word == "MAP") &&
      (reader_.Peek(1).Is("<") || reader_.Peek(1).Is("[") || reader_.Peek(1).Is("{"))) {
    const bool map = word == "MAP";
    auto node = Make(map ? ExprKind::kMap : ExprKind::kArray, begin);
    if (reader_.Peek(1).Is("<")) {
      SL_ASSIGN(node->cast_type, ParseType());
      node->has_cast_type = true;
    } else {
      reader_.Take();
    }
    SL_TRY(reader_.Expect(map ? "{" : "["));
    while (!reader_.Sees({map ? "}" : "]"})) {
      SL_ASSIGN(ExprPtr item, ParseExpression());
      node->args.push_back(item);
      if (map && node->args.size() % 2 == 1) {
        SL_TRY(reader_.Expect(":"));
        continue;
      }
      if (!reader_.Accept(",")) break;
    }
    SL_TRY(reader_.Expect(map ? "}" : "]"));
    return Finish(node);
  }
  if (word == "BINARY" && !call && reader_.Peek(1).kind == TokenKind::kString) {
    reader_.Take();
    auto node = Make(ExprKind::kString, begin);
    node->text = reader_.Take().value;
    return Finish(node);
  }
  *handled = false;
  return ExprPtr();
}

Result<ExprPtr> Parser::ParseNameOrCall() {
  const Token begin = reader_.Take();
  if (begin.kind != TokenKind::kQuotedIdentifier && reader_.Sees({"("})) {
    return ParseCall(Lower(begin.text), begin);
  }
  if (begin.kind == TokenKind::kQuotedIdentifier && reader_.Sees({"("})) {
    return ParseCall(Lower(begin.value), begin);
  }
  auto node = Make(ExprKind::kColumn, begin);
  node->name.push_back(begin.Name());
  while (reader_.Sees({"."})) {
    if (reader_.Peek(1).Is("*")) {
      reader_.Take();
      reader_.Take();
      node->kind = ExprKind::kStar;
      return Finish(node);
    }
    if (!reader_.Peek(1).IsName() && !reader_.Peek(1).IsWord()) {
      reader_.Take();
      return reader_.Unexpected(kName);
    }
    reader_.Take();
    const Token part = reader_.Take();
    node->name.push_back(part.Name());
    if (reader_.Sees({"("}) && node->name.size() == 2) {  // db.function(…)
      return ParseCall(Lower(node->name[0] + "." + node->name[1]), begin);
    }
  }
  // x -> expression: a lambda as an argument. A JSON path is a string or the like.
  if (node->name.size() == 1 && reader_.Sees({"->"}) &&
      reader_.Peek(1).kind != TokenKind::kString) {
    reader_.Take();
    auto lambda = Make(ExprKind::kLambda, begin);
    lambda->name = node->name;
    SL_ASSIGN(ExprPtr body, ParseExpression());
    lambda->args = {body};
    return Finish(lambda);
  }
  return Finish(node);
}

}  // namespace starlift::sandbox::query

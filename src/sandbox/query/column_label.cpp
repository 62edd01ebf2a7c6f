#include <algorithm>
#include <cctype>

#include "sandbox/query/expression_analyzer.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::query {
namespace {

std::string Wrapped(const Expr& e) {
  switch (e.kind) {
    case ExprKind::kArithmetic:
    case ExprKind::kComparison:
    case ExprKind::kLogical:
    case ExprKind::kBetween:
    case ExprKind::kLike:
    case ExprKind::kIn:
    case ExprKind::kIsNull:
    case ExprKind::kUnary:
    case ExprKind::kCase:
    case ExprKind::kCast:
    case ExprKind::kFunction:
    case ExprKind::kSubquery:
      return "(" + ColumnLabel(e) + ")";
    default:
      return ColumnLabel(e);
  }
}

std::string Joined(const std::vector<ExprPtr>& list, size_t from = 0) {
  std::string joined;
  for (size_t i = from; i < list.size(); ++i) {
    if (i > from) joined += ", ";
    joined += ColumnLabel(*list[i]);
  }
  return joined;
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string FunctionLabel(const Expr& e) {
  const std::string& name = e.text;
  if (e.scope == "->") return ColumnLabel(*e.args[0]) + "->" + ColumnLabel(*e.args[1]);
  static constexpr std::string_view kIdentity[] = {
      "database",      "schema",       "user",    "session_user",   "current_user",
      "connection_id", "current_role", "catalog", "current_catalog"};
  const bool identity =
      std::find(std::begin(kIdentity), std::end(kIdentity), name) != std::end(kIdentity);
  if (identity && e.args.empty()) return Upper(name) + "()";
  if (!e.args.empty() && (name == "timestampdiff" || name == "timestampadd")) {
    return name + "(" + e.args[0]->text + ", " + Joined(e.args, 1) + ")";
  }
  std::string label = name + "(";
  if (e.distinct) label += "DISTINCT ";
  label += Joined(e.args) + ")";
  if (e.window) label += " OVER ()";
  return label;
}

std::string CaseLabel(const Expr& e) {
  std::string label = "CASE";
  size_t i = 0;
  if (e.has_operand) label += " " + ColumnLabel(*e.args[i++]);
  const size_t end = e.args.size() - (e.has_else ? 1 : 0);
  for (; i + 1 < end; i += 2) {
    label += " WHEN " + ColumnLabel(*e.args[i]) + " THEN " + ColumnLabel(*e.args[i + 1]);
  }
  if (e.has_else) label += " ELSE " + ColumnLabel(*e.args.back());
  return label + " END";
}

}  // namespace

std::string ColumnLabel(const Expr& e) {
  switch (e.kind) {
    case ExprKind::kNull:
      return "NULL";
    case ExprKind::kBoolean:
    case ExprKind::kInteger:
    case ExprKind::kDecimal:
    case ExprKind::kDouble:
      return e.text;
    case ExprKind::kString:
    case ExprKind::kTypedLiteral:
      return QuoteLiteral(e.text);
    case ExprKind::kBinary:
      return "'" + Upper(e.text) + "'";
    case ExprKind::kColumn: {
      std::string label;
      for (const std::string& part : e.name) {
        if (!label.empty()) label += '.';
        label += part;
      }
      return label;
    }
    case ExprKind::kStar:
      return "*";
    case ExprKind::kUnary:
      return e.text == "NOT" ? "NOT " + Wrapped(*e.args[0]) : e.text + Wrapped(*e.args[0]);
    case ExprKind::kArithmetic:
    case ExprKind::kComparison:
    case ExprKind::kLogical:
    case ExprKind::kLike:
      if (e.negated) return Wrapped(*e.args[0]) + " NOT " + e.text + " " + Wrapped(*e.args[1]);
      return Wrapped(*e.args[0]) + " " + e.text + " " + Wrapped(*e.args[1]);
    case ExprKind::kIsNull:
      return Wrapped(*e.args[0]) + (e.negated ? " IS NOT NULL" : " IS NULL");
    case ExprKind::kIn:
      return Wrapped(*e.args[0]) + (e.negated ? " NOT IN (" : " IN (") +
             (e.query ? std::string("SELECT") : Joined(e.args, 1)) + ")";
    case ExprKind::kBetween:
      return Wrapped(*e.args[0]) + (e.negated ? " NOT BETWEEN " : " BETWEEN ") +
             Wrapped(*e.args[1]) + " AND " + Wrapped(*e.args[2]);
    case ExprKind::kCase:
      return CaseLabel(e);
    case ExprKind::kCast:
      return e.text + "(" + ColumnLabel(*e.args[0]) + " AS " + catalog::ErrorName(e.cast_type) +
             ")";
    case ExprKind::kFunction:
      return FunctionLabel(e);
    case ExprKind::kSubquery:
      return "(SELECT)";
    case ExprKind::kExists:
      return "EXISTS (SELECT)";
    case ExprKind::kVariable:
      return "@@" + (e.scope.empty() ? "" : e.scope + ".") + e.text;
    case ExprKind::kUserVariable:
      return "@" + e.text;
    case ExprKind::kParameter:
      return "?";
    case ExprKind::kInterval:
      return "INTERVAL " + ColumnLabel(*e.args[0]) + " " + e.text;
    case ExprKind::kArray:
      return "[" + Joined(e.args) + "]";
    case ExprKind::kMap:
      return "map{" + Joined(e.args) + "}";
    case ExprKind::kElement:
      return ColumnLabel(*e.args[0]) + "[" + ColumnLabel(*e.args[1]) + "]";
    case ExprKind::kField:
      return ColumnLabel(*e.args[0]) + "." + e.text;
    case ExprKind::kLambda:
      return e.name[0] + " -> " + ColumnLabel(*e.args[0]);
    case ExprKind::kDefault:
      return "DEFAULT";
  }
  return "";
}

}  // namespace starlift::sandbox::query

#include "sandbox/ddl/generated_column.h"

#include "sandbox/ddl/statement_context.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {

using catalog::ColumnDef;
using catalog::DataType;
using catalog::TypeKind;
using sql::AnalyzeError;

namespace {

// Lengths of texts don't matter; all else must be the same.
bool SameType(const DataType& column, const DataType& expression) {
  if (catalog::IsText(column.kind) && catalog::IsText(expression.kind)) {
    return column.kind == expression.kind || expression.kind == TypeKind::kVarchar;
  }
  if (column.kind == TypeKind::kVarbinary && expression.kind == TypeKind::kVarbinary) return true;
  if (column.kind == expression.kind && catalog::IsComplex(column.kind)) {
    if (column.children.size() != expression.children.size()) return false;
    for (size_t i = 0; i < column.children.size(); ++i) {
      if (!SameType(column.children[i], expression.children[i])) return false;
    }
    return true;
  }
  return column == expression;
}

// "Column 'x' cannot be resolved" reads otherwise inside a table's definition.
Error Reworded(const Error& error) {
  constexpr std::string_view kBefore = "Column '";
  constexpr std::string_view kAfter = "' cannot be resolved";
  const size_t after = error.message.find(kAfter);
  const size_t before = error.message.find(kBefore);
  if (after == std::string::npos || before == std::string::npos || before > after) return error;
  const size_t begin = before + kBefore.size();
  return AnalyzeError("can not get column by column id: " +
                      error.message.substr(begin, after - begin));
}

// An expression as wide as the sum in `INT + INT` prints without the parentheses it was given in.
std::string WithoutOuterParentheses(std::string_view text) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return std::string(text);
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (depth == 0 && i + 1 < text.size()) return std::string(text);
  }
  return std::string(text.substr(1, text.size() - 2));
}

}  // namespace

Status AnalyzeGeneratedColumn(const Environment& environment, const sql::TextRange& expression,
                              const catalog::TableDef& table, ColumnDef& column) {
  if (table.model == catalog::TableModel::kAggregate) {
    return AnalyzeError("Generated Column does not support AGG table");
  }
  if (column.auto_increment) {
    return AnalyzeError("Generated Column " + column.name + " can not be AUTO_INCREMENT column");
  }
  const auto analyzed =
      environment.analyzer->AnalyzeExpression(table.columns, expression.text, expression.begin);
  if (!analyzed.ok()) return Reworded(analyzed.error());
  if (analyzed->has_aggregate) {
    return AnalyzeError("Generated Column don't support aggregation function");
  }
  for (const std::string& name : analyzed->columns) {
    const ColumnDef* used = table.FindColumn(name);
    if (used == nullptr) continue;
    if (SameName(used->name, column.name) || used->generated()) {
      return AnalyzeError("Expression can not refers to other generated columns");
    }
    if (used->auto_increment) {
      return AnalyzeError("Expression can not refers to AUTO_INCREMENT columns");
    }
  }
  if (!SameType(column.type, analyzed->type)) {
    return AnalyzeError("Illegal expression type for Generated Column Column Type: " +
                        catalog::ErrorName(column.type) +
                        ", Expression Type: " + catalog::ErrorName(analyzed->type));
  }
  column.generated_expression = WithoutOuterParentheses(analyzed->printed);
  return {};
}

Status CheckGeneratedColumnsLast(const catalog::TableDef& table) {
  bool seen = false;
  for (const ColumnDef& column : table.columns) {
    if (seen && !column.generated()) {
      return AnalyzeError("All generated columns must be defined after ordinary columns");
    }
    seen = seen || column.generated();
  }
  return {};
}

}  // namespace starlift::sandbox::ddl

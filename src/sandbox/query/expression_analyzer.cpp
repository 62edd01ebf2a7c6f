#include "sandbox/query/expression_analyzer.h"

#include <algorithm>
#include <cctype>

#include "sandbox/query/functions.h"
#include "sandbox/query/query_analyzer.h"
#include "sandbox/query/typed_pieces.h"
#include "sandbox/query/types.h"
#include "sandbox/storage/physical_table.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

std::string LiteralSql(const SessionValues::Value& value) {
  if (!value.text) return "NULL";
  if (catalog::IsText(value.type.kind)) return QuoteLiteral(*value.text);
  return "CAST(" + QuoteLiteral(*value.text) + " AS " + PhysicalType(value.type) + ")";
}

std::string ConvertSql(const Typed& value, const DataType& to) {
  return CastSql(value.sql, value.type, to);
}

std::string OrderSuffix(const OrderItem& item) {
  const bool nulls_first = item.nulls_first.value_or(!item.descending);
  return std::string(item.descending ? " DESC" : " ASC") +
         (nulls_first ? " NULLS FIRST" : " NULLS LAST");
}

Result<Typed> ExpressionAnalyzer::Analyze(const Expr& e) {
  if (group_keys_ != nullptr && !inside_aggregate_) {
    // The whole node may be a grouping expression.
    ExpressionAnalyzer plain(&context_, &scope_, AggregateUse::kForbidden, queries_);
    const bool simple = e.kind != ExprKind::kSubquery && e.kind != ExprKind::kExists;
    if (simple) {
      auto whole = plain.Analyze(e);
      if (whole.ok() &&
          std::find(group_keys_->begin(), group_keys_->end(), whole->sql) != group_keys_->end()) {
        return whole;
      }
    }
  }
  return AnalyzeNode(e);
}

Result<std::string> ExpressionAnalyzer::Condition(const Expr& expression) {
  SL_ASSIGN(const Typed value, Analyze(expression));
  return ConvertSql(value, DataType::Of(TypeKind::kBoolean));
}

Result<std::vector<Typed>> ExpressionAnalyzer::AnalyzeAll(const std::vector<ExprPtr>& list) {
  std::vector<Typed> all;
  all.reserve(list.size());
  for (const ExprPtr& item : list) {
    SL_ASSIGN(Typed value, Analyze(*item));
    all.push_back(std::move(value));
  }
  return all;
}

Result<Typed> ExpressionAnalyzer::AnalyzeNode(const Expr& e) {
  switch (e.kind) {
    case ExprKind::kNull:
    case ExprKind::kBoolean:
    case ExprKind::kInteger:
    case ExprKind::kDecimal:
    case ExprKind::kDouble:
    case ExprKind::kString:
    case ExprKind::kBinary:
    case ExprKind::kTypedLiteral:
    case ExprKind::kParameter:
      return Literal(e);
    case ExprKind::kColumn:
      return Column(e);
    case ExprKind::kUnary:
      return Unary(e);
    case ExprKind::kArithmetic:
      return Arithmetic(e);
    case ExprKind::kComparison:
      return Comparison(e);
    case ExprKind::kLogical:
      return Logical(e);
    case ExprKind::kIsNull: {
      SL_ASSIGN(const Typed value, Analyze(*e.args[0]));
      const std::string suffix = e.negated ? " IS NOT NULL" : " IS NULL";
      return MakeTyped("((" + value.sql + ")" + suffix + ")", DataType::Of(TypeKind::kBoolean),
                       false, Wrapped(value) + suffix);
    }
    case ExprKind::kIn:
      return In(e);
    case ExprKind::kBetween:
      return Between(e);
    case ExprKind::kLike:
      return Like(e);
    case ExprKind::kCase:
      return Case(e);
    case ExprKind::kCast:
      return Cast(e);
    case ExprKind::kFunction:
      return Function(e);
    case ExprKind::kSubquery:
    case ExprKind::kExists:
      return Subquery(e);
    case ExprKind::kVariable:
    case ExprKind::kUserVariable:
      return Variable(e);
    case ExprKind::kArray:
    case ExprKind::kMap:
      return Collection(e);
    case ExprKind::kElement:
    case ExprKind::kField:
      return Element(e);
    case ExprKind::kStar:
    case ExprKind::kInterval:
    case ExprKind::kLambda:
    case ExprKind::kDefault:
      break;
  }
  return sql::AnalyzeErrorAt(e.begin, e.end, "Unsupported expression: " + ColumnLabel(e));
}

Result<Typed> ExpressionAnalyzer::Literal(const Expr& e) {
  Typed typed;
  typed.nullable = false;
  typed.literal = true;
  typed.atomic = true;
  typed.printed = ColumnLabel(e);
  typed.literal_text = e.text;
  switch (e.kind) {
    case ExprKind::kNull:
      typed.nullable = true;
      typed.literal_text.reset();
      typed.sql = "NULL";
      return typed;
    case ExprKind::kBoolean:
      typed.type = DataType::Of(TypeKind::kBoolean);
      typed.sql = e.text;
      return typed;
    case ExprKind::kInteger:
      typed.type = IntegerLiteralType(e.text);
      typed.sql = "CAST(" + QuoteLiteral(e.text) + " AS " + PhysicalType(typed.type) + ")";
      return typed;
    case ExprKind::kDecimal:
      typed.type = DecimalLiteralType(e.text);
      typed.sql = "CAST(" + QuoteLiteral(e.text) + " AS " + PhysicalType(typed.type) + ")";
      return typed;
    case ExprKind::kDouble:
      typed.type = DataType::Of(TypeKind::kDouble);
      typed.sql = "CAST(" + QuoteLiteral(e.text) + " AS DOUBLE)";
      return typed;
    case ExprKind::kBinary:
      typed.type = DataType::Of(TypeKind::kVarbinary);
      typed.type.length = -1;
      typed.sql = "unhex(" + QuoteLiteral(e.text) + ")";
      return typed;
    case ExprKind::kTypedLiteral:
      typed.type = e.cast_type;
      typed.sql =
          CastSql(QuoteLiteral(e.text), DataType::Varchar(catalog::kStringLength), e.cast_type);
      return typed;
    case ExprKind::kParameter: {
      const size_t index = static_cast<size_t>(e.number);
      if (context_.parameters == nullptr || index >= context_.parameters->size()) {
        typed.literal = false;
        typed.nullable = true;
        typed.sql = "NULL";
        return typed;
      }
      const SessionValues::Value& value = (*context_.parameters)[index];
      typed.type = value.text ? value.type : DataType::Of(TypeKind::kNull);
      typed.literal_text = value.text;
      typed.nullable = !value.text;
      typed.sql = LiteralSql(value);
      return typed;
    }
    default:
      break;
  }
  typed.type = DataType::Varchar(static_cast<int>(std::max<size_t>(1, e.text.size())));
  typed.sql = QuoteLiteral(e.text);
  return typed;
}

const ScopeColumn* ExpressionAnalyzer::Find(const Expr& e, Status* problem) const {
  const std::string& column = e.name.back();
  const size_t qualifiers = e.name.size() - 1;
  for (const Scope* scope = &scope_; scope != nullptr; scope = scope->outer) {
    const ScopeColumn* found = nullptr;
    for (const ScopeColumn& candidate : scope->columns) {
      if (!SameName(candidate.name, column)) continue;
      if (qualifiers >= 1 && candidate.relation != e.name[qualifiers - 1]) continue;
      if (qualifiers >= 2 && candidate.database != e.name[qualifiers - 2]) continue;
      if (qualifiers == 0 && candidate.hidden) continue;
      if (found != nullptr) {
        *problem = sql::AnalyzeError("Column '" + ColumnLabel(e) + "' is ambiguous");
        return nullptr;
      }
      found = &candidate;
    }
    if (found != nullptr) return found;
  }
  *problem = sql::AnalyzeError("Column '" + ColumnLabel(e) + "' cannot be resolved");
  return nullptr;
}

Result<Typed> ExpressionAnalyzer::Column(const Expr& e) {
  Status problem;
  const ScopeColumn* column = Find(e, &problem);
  if (column == nullptr) {
    // s.f where s is a struct column.
    if (e.name.size() >= 2) {
      Expr base = e;
      base.name.pop_back();
      Status ignored;
      const ScopeColumn* holder = Find(base, &ignored);
      if (holder != nullptr && holder->type.kind == TypeKind::kStruct) {
        auto field = std::make_shared<Expr>();
        field->kind = ExprKind::kField;
        field->text = e.name.back();
        field->begin = e.begin;
        field->end = e.end;
        field->args = {std::make_shared<Expr>(base)};
        return Element(*field);
      }
    }
    return std::move(problem).error();
  }
  const bool local =
      column >= scope_.columns.data() && column < scope_.columns.data() + scope_.columns.size();
  if (group_keys_ != nullptr && !inside_aggregate_ && local &&
      std::find(group_keys_->begin(), group_keys_->end(), column->sql) == group_keys_->end()) {
    ungrouped_ = true;
  }
  if (std::find(used_columns_.begin(), used_columns_.end(), column->name) == used_columns_.end()) {
    used_columns_.push_back(column->name);
  }
  Typed typed = MakeTyped(column->sql, column->type, column->nullable, column->printed);
  typed.atomic = true;
  return typed;
}

Result<Typed> ExpressionAnalyzer::Case(const Expr& e) {
  SL_ASSIGN(const std::vector<Typed> args, AnalyzeAll(e.args));
  const size_t first = e.has_operand ? 1 : 0;
  const size_t end = args.size() - (e.has_else ? 1 : 0);
  DataType result = DataType::Of(TypeKind::kNull);
  DataType condition = e.has_operand ? args[0].type : DataType::Of(TypeKind::kBoolean);
  for (size_t i = first; i + 1 < end; i += 2) {
    result = CommonType(result, args[i + 1].type);
    if (e.has_operand) condition = ComparisonType(condition, args[i].type);
  }
  if (e.has_else) result = CommonType(result, args.back().type);
  std::string sql = "CASE";
  std::string printed = "CASE";
  if (e.has_operand) {
    sql += " " + ConvertSql(args[0], condition);
    printed += " " + args[0].printed;
  }
  for (size_t i = first; i + 1 < end; i += 2) {
    sql += " WHEN " + ConvertSql(args[i], condition) + " THEN " + ConvertSql(args[i + 1], result);
    printed += " WHEN " + args[i].printed + " THEN " + args[i + 1].printed;
  }
  if (e.has_else) {
    sql += " ELSE " + ConvertSql(args.back(), result);
    printed += " ELSE " + args.back().printed;
  }
  return MakeTyped("(" + sql + " END)", result, true, printed + " END");
}

Result<Typed> ExpressionAnalyzer::Cast(const Expr& e) {
  SL_ASSIGN(const Typed value, Analyze(*e.args[0]));
  if (!CanCast(value.type, e.cast_type)) {
    return sql::AnalyzeErrorAt(e.begin, e.end,
                               "Invalid type cast from " + catalog::ShowCreateName(value.type) +
                                   " to " + catalog::ShowCreateName(e.cast_type) + " in sql `" +
                                   ColumnLabel(*e.args[0]) + "`");
  }
  std::string type = catalog::ShowCreateName(e.cast_type);
  for (char& c : type) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  Typed typed = MakeTyped(ConvertSql(value, e.cast_type), e.cast_type, true,
                          "CAST(" + value.printed + " AS " + type + ")");
  if (catalog::IsText(e.cast_type.kind) && e.cast_type.length > 0 &&
      e.cast_type.length < catalog::kStringLength) {
    typed.sql = "substr(" + typed.sql + ", 1, " + std::to_string(e.cast_type.length) + ")";
  }
  return typed;
}

Result<Typed> ExpressionAnalyzer::Variable(const Expr& e) {
  if (context_.values == nullptr) {
    return sql::AnalyzeErrorAt(e.begin, e.end, "Unsupported expression: " + ColumnLabel(e));
  }
  SessionValues::Value value;
  if (e.kind == ExprKind::kVariable) {
    SL_ASSIGN(value, context_.values->Variable(e.scope, e.text));
  } else {
    value = context_.values->UserVariable(e.text);
  }
  Typed typed = MakeTyped(LiteralSql(value), value.type, !value.text, ColumnLabel(e));
  typed.atomic = true;
  typed.literal = true;
  typed.literal_text = value.text;
  return typed;
}

Result<Typed> ExpressionAnalyzer::Collection(const Expr& e) {
  SL_ASSIGN(const std::vector<Typed> items, AnalyzeAll(e.args));
  const bool map = e.kind == ExprKind::kMap;
  DataType type = DataType::Of(map ? TypeKind::kMap : TypeKind::kArray);
  if (e.has_cast_type) {
    type = e.cast_type;
  } else {
    const size_t stride = map ? 2 : 1;
    type.children.assign(stride, DataType::Of(TypeKind::kNull));
    for (size_t i = 0; i < items.size(); ++i) {
      type.children[i % stride] = CommonType(type.children[i % stride], items[i].type);
    }
    for (DataType& child : type.children) {
      if (child.kind == TypeKind::kNull) child = DataType::Of(TypeKind::kTinyInt);
    }
  }
  std::string keys;
  std::string values;
  std::string printed;
  for (size_t i = 0; i < items.size(); ++i) {
    const bool key = map && i % 2 == 0;
    std::string& list = key ? keys : values;
    if (!list.empty()) list += ", ";
    list += ConvertSql(items[i], type.children[map ? i % 2 : 0]);
    if (i > 0) printed += key || !map ? "," : ":";
    printed += items[i].printed;
  }
  const std::string sql = map ? "map([" + keys + "], [" + values + "])" : "[" + values + "]";
  return MakeTyped("CAST(" + sql + " AS " + PhysicalType(type) + ")", type, false,
                   map ? "map{" + printed + "}" : "[" + printed + "]");
}

Result<Typed> ExpressionAnalyzer::Element(const Expr& e) {
  SL_ASSIGN(const Typed base, Analyze(*e.args[0]));
  if (e.kind == ExprKind::kField) {
    if (base.type.kind == TypeKind::kStruct) {
      for (size_t i = 0; i < base.type.field_names.size(); ++i) {
        if (!SameName(base.type.field_names[i], e.text)) continue;
        return MakeTyped(
            "struct_extract(" + base.sql + ", " + QuoteLiteral(base.type.field_names[i]) + ")",
            base.type.children[i], true, base.printed + "." + e.text);
      }
    }
    return sql::AnalyzeError("Column '" + ColumnLabel(e) + "' cannot be resolved");
  }
  SL_ASSIGN(const Typed index, Analyze(*e.args[1]));
  const std::string printed = base.printed + "[" + index.printed + "]";
  if (base.type.kind == TypeKind::kArray) {
    return MakeTyped("list_extract(" + base.sql + ", " +
                         ConvertSql(index, DataType::Of(TypeKind::kBigInt)) + ")",
                     base.type.children[0], true, printed);
  }
  if (base.type.kind == TypeKind::kMap) {
    return MakeTyped(
        "element_at(" + base.sql + ", " + ConvertSql(index, base.type.children[0]) + ")[1]",
        base.type.children[1], true, printed);
  }
  return sql::AnalyzeErrorAt(e.begin, e.end,
                             "cannot subscript type " + catalog::ShowCreateName(base.type) +
                                 " because it is not an array or a map");
}

Result<Typed> ExpressionAnalyzer::Subquery(const Expr& e) {
  if (queries_ == nullptr) return sql::AnalyzeErrorAt(e.begin, e.end, "Unsupported subquery");
  SL_ASSIGN(const TranslatedQuery inner, queries_->Analyze(*e.query, &scope_));
  if (e.kind == ExprKind::kExists) {
    return MakeTyped("EXISTS (" + inner.sql + ")", DataType::Of(TypeKind::kBoolean), false,
                     "EXISTS (" + inner.printed + ")");
  }
  if (inner.columns.size() != 1) {
    return sql::AnalyzeErrorAt(e.begin, e.end, "Scalar subquery should output one column");
  }
  Typed typed =
      MakeTyped("(" + inner.sql + ")", inner.columns[0].type, true, "(" + inner.printed + ")");
  typed.atomic = true;
  return typed;
}

}  // namespace starlift::sandbox::query

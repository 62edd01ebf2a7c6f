#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/functions.h"
#include "sandbox/query/query_analyzer.h"
#include "sandbox/query/typed_pieces.h"
#include "sandbox/query/types.h"
#include "sandbox/storage/physical_table.h"

// Operators: arithmetic, comparisons, IN, BETWEEN, LIKE.
namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

bool IsMoment(TypeKind kind) { return kind == TypeKind::kDate || kind == TypeKind::kDateTime; }

bool Computable(const DataType& type) {
  return catalog::IsNumeric(type.kind) || catalog::IsText(type.kind) || IsMoment(type.kind) ||
         type.kind == TypeKind::kNull || type.kind == TypeKind::kJson;
}

}  // namespace

Result<Typed> ExpressionAnalyzer::Unary(const Expr& e) {
  SL_ASSIGN(const Typed value, Analyze(*e.args[0]));
  if (e.text == "NOT") {
    return MakeTyped("(NOT " + ConvertSql(value, DataType::Of(TypeKind::kBoolean)) + ")",
                     DataType::Of(TypeKind::kBoolean), value.nullable, "NOT " + Wrapped(value));
  }
  const std::string printed = e.text + Wrapped(value);
  if (e.text == "~") {
    return MakeTyped("(~" + ConvertSql(value, DataType::Of(TypeKind::kBigInt)) + ")",
                     DataType::Of(TypeKind::kBigInt), value.nullable, printed);
  }
  const DataType type =
      catalog::IsNumeric(value.type.kind) ? value.type : DataType::Of(TypeKind::kDouble);
  const std::string sql = ConvertSql(value, type);
  return MakeTyped(e.text == "-" ? "CAST(-(" + sql + ") AS " + PhysicalType(type) + ")" : sql, type,
                   value.nullable, printed);
}

Result<Typed> ExpressionAnalyzer::Arithmetic(const Expr& e) {
  if (e.text == "+" || e.text == "-") {
    const bool right = e.args[1]->kind == ExprKind::kInterval;
    const bool left = e.args[0]->kind == ExprKind::kInterval && e.text == "+";
    if (right || left) {
      SL_ASSIGN(const Typed base, Analyze(*e.args[right ? 0 : 1]));
      SL_ASSIGN(Typed moved, AddInterval(base, *e.args[right ? 1 : 0], e.text == "-"));
      moved.printed = base.printed + " " + e.text + " " + ColumnLabel(*e.args[right ? 1 : 0]);
      return moved;
    }
  }
  SL_ASSIGN(const Typed a, Analyze(*e.args[0]));
  SL_ASSIGN(const Typed b, Analyze(*e.args[1]));
  if (!Computable(a.type) || !Computable(b.type)) {
    return NoMatchingFunction(e.text, {a, b}, e.begin, e.end);
  }
  const DataType type = ArithmeticType(e.text, a.type, b.type);
  const std::string printed = Wrapped(a) + " " + e.text + " " + Wrapped(b);
  const std::string target = PhysicalType(type);
  const bool zero_is_null = e.text == "/" || e.text == "%" || e.text == "DIV";
  std::string sql;
  if (type.kind == TypeKind::kBigInt && (e.text == "+" || e.text == "-" || e.text == "*")) {
    const std::string x = ConvertSql(a, DataType::Of(TypeKind::kBigInt));
    const std::string y = ConvertSql(b, DataType::Of(TypeKind::kBigInt));
    const bool wide = a.type.kind >= TypeKind::kBigInt || b.type.kind >= TypeKind::kBigInt;
    sql = wide ? "sr_wrap_bigint(CAST(" + x + " AS HUGEINT) " + e.text + " CAST(" + y +
                     " AS HUGEINT))"
               : "(" + x + " " + e.text + " " + y + ")";
    return MakeTyped(std::move(sql), type, true, printed);
  }
  std::string x;
  std::string y;
  if (type.kind == TypeKind::kDecimal) {
    // Each side keeps its own scale; the result is brought to the declared one.
    const auto side = [](const Typed& value) {
      return value.type.kind == TypeKind::kDecimal ? value.sql
                                                   : ConvertSql(value, DataType::Decimal(38, 0));
    };
    x = side(a);
    y = side(b);
    const bool narrow = e.text != "/" && a.type.precision + b.type.precision <= 38;
    if (narrow && a.type.kind == TypeKind::kDecimal && b.type.kind == TypeKind::kDecimal) {
      sql = "(" + x + " " + e.text + " " + y + ")";
    } else if (e.text == "/") {
      sql = "(CAST(" + x + " AS DOUBLE) / nullif(CAST(" + y + " AS DOUBLE), 0))";
    } else {
      sql = "(CAST(" + x + " AS " + target + ") " + e.text + " CAST(" + y + " AS " +
            (e.text == "*" ? "DECIMAL(18,0)" : target) + "))";
      if (e.text == "*") sql = "(" + x + " * " + y + ")";
    }
    return MakeTyped("TRY_CAST(" + sql + " AS " + target + ")", type, true, printed);
  }
  x = ConvertSql(a, type);
  y = ConvertSql(b, type);
  if (zero_is_null) y = "nullif(" + y + ", 0)";
  if (e.text == "DIV") {
    sql = "(" + x + " // " + y + ")";
  } else if (e.text == "^") {
    sql = "xor(" + x + ", " + y + ")";
  } else if (e.text == "BITSHIFTLEFT") {
    sql = "sr_shift_left(" + x + ", " + y + ")";
  } else if (e.text.starts_with("BITSHIFTRIGHT")) {
    sql = "(" + x + " >> CAST(" + y + " AS INTEGER))";
  } else {
    sql = "(" + x + " " + e.text + " " + y + ")";
  }
  return MakeTyped(std::move(sql), type, zero_is_null || a.nullable || b.nullable, printed);
}

Result<Typed> ExpressionAnalyzer::Comparison(const Expr& e) {
  SL_ASSIGN(const Typed a, Analyze(*e.args[0]));
  SL_ASSIGN(const Typed b, Analyze(*e.args[1]));
  if (catalog::IsAggregateState(a.type.kind) || catalog::IsAggregateState(b.type.kind)) {
    return sql::AnalyzeErrorAt(e.begin, e.end,
                               "Column type " + catalog::ShowCreateName(a.type) +
                                   " does not support binary predicate operation");
  }
  const DataType common = ComparisonType(a.type, b.type);
  const std::string printed = Wrapped(a) + " " + e.text + " " + Wrapped(b);
  const std::string x = ConvertSql(a, common);
  const std::string y = ConvertSql(b, common);
  const bool null_safe = e.text == "<=>";
  const std::string op = null_safe ? "IS NOT DISTINCT FROM" : e.text == "!=" ? "<>" : e.text;
  return MakeTyped("(" + x + " " + op + " " + y + ")", DataType::Of(TypeKind::kBoolean),
                   !null_safe && (a.nullable || b.nullable), printed);
}

Result<Typed> ExpressionAnalyzer::Logical(const Expr& e) {
  SL_ASSIGN(const Typed a, Analyze(*e.args[0]));
  SL_ASSIGN(const Typed b, Analyze(*e.args[1]));
  const DataType boolean = DataType::Of(TypeKind::kBoolean);
  return MakeTyped("(" + ConvertSql(a, boolean) + " " + e.text + " " + ConvertSql(b, boolean) + ")",
                   boolean, a.nullable || b.nullable, Wrapped(a) + " " + e.text + " " + Wrapped(b));
}

Result<Typed> ExpressionAnalyzer::In(const Expr& e) {
  SL_ASSIGN(const Typed value, Analyze(*e.args[0]));
  const std::string_view word = e.negated ? " NOT IN (" : " IN (";
  if (e.query) {
    if (queries_ == nullptr) return sql::AnalyzeErrorAt(e.begin, e.end, "Unsupported subquery");
    SL_ASSIGN(const TranslatedQuery inner, queries_->Analyze(*e.query, &scope_));
    if (inner.columns.size() != 1) {
      return sql::AnalyzeErrorAt(e.begin, e.end, "Subquery must output only one column");
    }
    const DataType common = ComparisonType(value.type, inner.columns[0].type);
    return MakeTyped("(" + ConvertSql(value, common) + std::string(word) + "SELECT " +
                         CastSql("q.k0", inner.columns[0].type, common) + " FROM (" + inner.sql +
                         ") AS q))",
                     DataType::Of(TypeKind::kBoolean), true,
                     Wrapped(value) + std::string(word) + inner.printed + ")");
  }
  SL_ASSIGN(const std::vector<Typed> items,
            AnalyzeAll(std::vector<ExprPtr>(e.args.begin() + 1, e.args.end())));
  DataType common = value.type;
  for (const Typed& item : items) common = ComparisonType(common, item.type);
  std::string list;
  std::string printed;
  for (const Typed& item : items) {
    if (!list.empty()) {
      list += ", ";
      printed += ", ";
    }
    list += ConvertSql(item, common);
    printed += item.printed;
  }
  return MakeTyped("(" + ConvertSql(value, common) + std::string(word) + list + "))",
                   DataType::Of(TypeKind::kBoolean), true,
                   Wrapped(value) + std::string(word) + printed + ")");
}

Result<Typed> ExpressionAnalyzer::Between(const Expr& e) {
  SL_ASSIGN(const std::vector<Typed> args, AnalyzeAll(e.args));
  const DataType common = ComparisonType(ComparisonType(args[0].type, args[1].type), args[2].type);
  const std::string word = e.negated ? " NOT BETWEEN " : " BETWEEN ";
  return MakeTyped("(" + ConvertSql(args[0], common) + word + ConvertSql(args[1], common) +
                       " AND " + ConvertSql(args[2], common) + ")",
                   DataType::Of(TypeKind::kBoolean), true,
                   Wrapped(args[0]) + word + Wrapped(args[1]) + " AND " + Wrapped(args[2]));
}

Result<Typed> ExpressionAnalyzer::Like(const Expr& e) {
  SL_ASSIGN(const std::vector<Typed> args, AnalyzeAll(e.args));
  const DataType text = DataType::Varchar(catalog::kStringLength);
  const std::string a = ConvertSql(args[0], text);
  const std::string b = ConvertSql(args[1], text);
  std::string sql = e.text == "LIKE" ? "(" + a + " LIKE " + b + " ESCAPE '\\')"
                                     : "regexp_matches(" + a + ", " + b + ")";
  if (e.negated) sql = "(NOT " + sql + ")";
  return MakeTyped(
      std::move(sql), DataType::Of(TypeKind::kBoolean), true,
      Wrapped(args[0]) + (e.negated ? " NOT " : " ") + e.text + " " + Wrapped(args[1]));
}

}  // namespace starlift::sandbox::query

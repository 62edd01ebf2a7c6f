#include <algorithm>
#include <array>

#include "sandbox/query/functions.h"
#include "sandbox/query/types.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

constexpr auto kAggregates = std::to_array<std::string_view>({"count",
                                                              "sum",
                                                              "avg",
                                                              "min",
                                                              "max",
                                                              "any_value",
                                                              "group_concat",
                                                              "string_agg",
                                                              "approx_count_distinct",
                                                              "ndv",
                                                              "stddev",
                                                              "stddev_pop",
                                                              "std",
                                                              "stddev_samp",
                                                              "variance",
                                                              "var_pop",
                                                              "variance_pop",
                                                              "var_samp",
                                                              "variance_samp",
                                                              "array_agg",
                                                              "count_if",
                                                              "max_by",
                                                              "min_by",
                                                              "multi_distinct_count",
                                                              "multi_distinct_sum",
                                                              "bitmap_union",
                                                              "bitmap_union_count",
                                                              "bitmap_agg",
                                                              "hll_union",
                                                              "hll_union_agg",
                                                              "hll_raw_agg",
                                                              "percentile_approx",
                                                              "percentile_cont",
                                                              "bool_and",
                                                              "every",
                                                              "bool_or",
                                                              "boolor_agg",
                                                              "corr",
                                                              "covar_pop",
                                                              "covar_samp",
                                                              "array_unique_agg"});

constexpr auto kWindowOnly =
    std::to_array<std::string_view>({"row_number", "rank", "dense_rank", "ntile", "lag", "lead",
                                     "first_value", "last_value", "percent_rank", "cume_dist"});

template <size_t N>
bool Among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct Resolved {
  std::string sql;  // without OVER
  DataType type;
  std::string wrap_begin;  // around the call with its OVER
  std::string wrap_end;
};

DataType ListOf(const DataType& element) {
  DataType list = DataType::Of(TypeKind::kArray);
  list.children.push_back(element);
  return list;
}

class Resolver {
 public:
  explicit Resolver(const AggregateCall& call) : call_(call) {
    if (!call.order_by.empty()) order_ = " ORDER BY " + call.order_by;
  }

  std::optional<Resolved> Run() const {
    const std::string_view name = call_.name;
    if (name == "count") return Count();
    const size_t given = call_.arguments.size();
    if (name == "row_number" || name == "rank" || name == "dense_rank") {
      if (given != 0) return std::nullopt;
      return Resolved{std::string(name) + "()", DataType::Of(TypeKind::kBigInt), "", ""};
    }
    if (name == "percent_rank" || name == "cume_dist") {
      return Resolved{std::string(name) + "()", DataType::Of(TypeKind::kDouble), "", ""};
    }
    if (given == 0) return std::nullopt;
    if (name == "sum" || name == "multi_distinct_sum") return Sum();
    if (name == "avg") return Average();
    if (name == "min" || name == "max") return Extreme();
    if (name == "any_value") return Resolved{"any_value(" + Argument() + ")", Type(), "", ""};
    if (name == "approx_count_distinct" || name == "ndv" || name == "multi_distinct_count") {
      return Resolved{"count(DISTINCT " + Argument() + ")", DataType::Of(TypeKind::kBigInt), "",
                      ""};
    }
    if (name == "group_concat" || name == "string_agg") return GroupConcat();
    if (name == "count_if") {
      return Resolved{"count(CASE WHEN " + As(0, TypeKind::kBoolean) + " THEN 1 END)",
                      DataType::Of(TypeKind::kBigInt), "", ""};
    }
    if (name == "array_agg" || name == "array_unique_agg") {
      return Resolved{"list(" + Distinct() + Argument() + order_ + ")", ListOf(Type()), "", ""};
    }
    if (name == "max_by" || name == "min_by") {
      if (given != 2) return std::nullopt;
      return Resolved{(name == "max_by" ? "arg_max(" : "arg_min(") + call_.arguments[0].sql + ", " +
                          call_.arguments[1].sql + ")",
                      Type(), "", ""};
    }
    if (name == "bool_and" || name == "every") {
      return Resolved{"bool_and(" + As(0, TypeKind::kBoolean) + ")",
                      DataType::Of(TypeKind::kBoolean), "", ""};
    }
    if (name == "bool_or" || name == "boolor_agg") {
      return Resolved{"bool_or(" + As(0, TypeKind::kBoolean) + ")",
                      DataType::Of(TypeKind::kBoolean), "", ""};
    }
    if (auto sketch = Sketch()) return sketch;
    if (auto statistic = Statistic()) return statistic;
    return Positional();
  }

 private:
  const DataType& Type() const { return call_.arguments.at(0).type; }
  const std::string& Argument() const { return call_.arguments.at(0).sql; }
  std::string Distinct() const { return call_.distinct ? "DISTINCT " : ""; }
  std::string As(size_t i, TypeKind kind) const {
    return CastSql(call_.arguments.at(i).sql, call_.arguments.at(i).type, DataType::Of(kind));
  }

  std::optional<Resolved> Count() const {
    const DataType type = DataType::Of(TypeKind::kBigInt);
    if (call_.star || call_.arguments.empty()) return Resolved{"count(*)", type, "", ""};
    if (call_.arguments.size() == 1)
      return Resolved{"count(" + Distinct() + Argument() + ")", type, "", ""};
    if (!call_.distinct) return std::nullopt;
    std::string present;
    std::string fields;
    for (const Typed& argument : call_.arguments) {
      if (!present.empty()) {
        present += " AND ";
        fields += ", ";
      }
      present += "(" + argument.sql + ") IS NOT NULL";
      fields += argument.sql;
    }
    return Resolved{"count(DISTINCT CASE WHEN " + present + " THEN row(" + fields + ") END)", type,
                    "", ""};
  }

  std::optional<Resolved> Sum() const {
    const DataType& type = Type();
    const std::string distinct = call_.name == "multi_distinct_sum" ? "DISTINCT " : Distinct();
    if (type.kind == TypeKind::kDecimal) {
      const DataType wide = DataType::Decimal(catalog::kMaxDecimalPrecision, type.scale);
      return Resolved{"sum(" + distinct + Argument() + ")", wide, "CAST(",
                      " AS " + PhysicalType(wide) + ")"};
    }
    if (type.kind == TypeKind::kLargeInt) {
      return Resolved{"sum(" + distinct + Argument() + ")", type, "CAST(", " AS HUGEINT)"};
    }
    if (catalog::IsInteger(type.kind) || type.kind == TypeKind::kBoolean) {
      // Sums wrap around at 64 bits, as they do in the real backends.
      return Resolved{"sum(" + distinct + As(0, TypeKind::kBigInt) + ")",
                      DataType::Of(TypeKind::kBigInt), "sr_wrap_bigint(CAST(", " AS HUGEINT))"};
    }
    if (catalog::IsText(type.kind) || catalog::IsNumeric(type.kind) ||
        type.kind == TypeKind::kNull) {
      return Resolved{"sum(" + distinct + As(0, TypeKind::kDouble) + ")",
                      DataType::Of(TypeKind::kDouble), "", ""};
    }
    return std::nullopt;
  }

  std::optional<Resolved> Average() const {
    const DataType& type = Type();
    if (type.kind == TypeKind::kDecimal) {
      const DataType result = DivisionDecimal(type);
      const std::string wide = PhysicalType(result);
      return Resolved{"avg(" + Distinct() + Argument() + ")", result, "CAST(", " AS " + wide + ")"};
    }
    if (catalog::IsText(type.kind) || catalog::IsNumeric(type.kind) ||
        type.kind == TypeKind::kNull) {
      return Resolved{"avg(" + Distinct() + As(0, TypeKind::kDouble) + ")",
                      DataType::Of(TypeKind::kDouble), "", ""};
    }
    if (type.kind == TypeKind::kDate || type.kind == TypeKind::kDateTime) {
      return Resolved{"to_timestamp(avg(epoch(" + Argument() + ")))",
                      DataType::Of(TypeKind::kDateTime), "CAST(", " AS TIMESTAMP)"};
    }
    return std::nullopt;
  }

  std::optional<Resolved> Extreme() const {
    const TypeKind kind = Type().kind;
    if (kind == TypeKind::kJson || catalog::IsAggregateState(kind)) return std::nullopt;
    return Resolved{std::string(call_.name) + "(" + Argument() + ")", Type(), "", ""};
  }

  std::optional<Resolved> GroupConcat() const {
    std::string separator = call_.separator.empty() ? "','" : call_.separator;
    std::string value = As(0, TypeKind::kVarchar);
    // The old form: the last of several arguments is the separator only where no SEPARATOR is said;
    // the 3.x form joins all arguments.
    for (size_t i = 1; i < call_.arguments.size(); ++i) {
      value = "(" + value + " || " + As(i, TypeKind::kVarchar) + ")";
    }
    return Resolved{"string_agg(" + Distinct() + value + ", " + separator + order_ + ")",
                    DataType::Varchar(catalog::kStringLength), "", ""};
  }

  std::optional<Resolved> Sketch() const {
    const std::string_view name = call_.name;
    const std::string flat = "list_sort(list_distinct(flatten(list(" + Argument() + "))))";
    if (name == "bitmap_union" && Type().kind == TypeKind::kBitmap) {
      return Resolved{flat, DataType::Of(TypeKind::kBitmap), "", ""};
    }
    if (name == "bitmap_union_count" && Type().kind == TypeKind::kBitmap) {
      return Resolved{"coalesce(len(" + flat + "), 0)", DataType::Of(TypeKind::kBigInt), "", ""};
    }
    if (name == "bitmap_agg") {
      return Resolved{"list_sort(list(DISTINCT CAST(" + Argument() + " AS UBIGINT)))",
                      DataType::Of(TypeKind::kBitmap), "", ""};
    }
    if ((name == "hll_union" || name == "hll_raw_agg") && Type().kind == TypeKind::kHll) {
      return Resolved{flat, DataType::Of(TypeKind::kHll), "", ""};
    }
    if (name == "hll_union_agg" && Type().kind == TypeKind::kHll) {
      return Resolved{"coalesce(len(" + flat + "), 0)", DataType::Of(TypeKind::kBigInt), "", ""};
    }
    if ((name == "percentile_approx" || name == "percentile_cont") && call_.arguments.size() >= 2) {
      return Resolved{
          "quantile_cont(" + As(0, TypeKind::kDouble) + ", " + call_.arguments[1].sql + ")",
          DataType::Of(TypeKind::kDouble), "", ""};
    }
    return std::nullopt;
  }

  std::optional<Resolved> Statistic() const {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kSame{
        {{"stddev", "stddev_pop"},
         {"stddev_pop", "stddev_pop"},
         {"std", "stddev_pop"},
         {"stddev_samp", "stddev_samp"},
         {"variance", "var_pop"},
         {"var_pop", "var_pop"},
         {"variance_pop", "var_pop"},
         {"var_samp", "var_samp"},
         {"variance_samp", "var_samp"},
         {"corr", "corr"},
         {"covar_pop", "covar_pop"},
         {"covar_samp", "covar_samp"}}};
    for (const auto& [name, same] : kSame) {
      if (name != call_.name) continue;
      std::string arguments = As(0, TypeKind::kDouble);
      if (call_.arguments.size() == 2) arguments += ", " + As(1, TypeKind::kDouble);
      return Resolved{std::string(same) + "(" + arguments + ")", DataType::Of(TypeKind::kDouble),
                      "", ""};
    }
    return std::nullopt;
  }

  std::optional<Resolved> Positional() const {
    if (!IsWindowOnly(call_.name)) return std::nullopt;
    std::string arguments;
    for (size_t i = 0; i < call_.arguments.size(); ++i) {
      if (i > 0) arguments += ", ";
      arguments += i == 2 ? CastSql(call_.arguments[2].sql, call_.arguments[2].type, Type())
                          : call_.arguments[i].sql;
    }
    if (call_.ignore_nulls) arguments += " IGNORE NULLS";
    const DataType type = call_.name == "ntile" ? DataType::Of(TypeKind::kBigInt) : Type();
    return Resolved{std::string(call_.name) + "(" + arguments + ")", type, "", ""};
  }

  const AggregateCall& call_;
  std::string order_;
};

}  // namespace

bool IsAggregate(std::string_view name) { return Among(kAggregates, name); }
bool IsWindowOnly(std::string_view name) { return Among(kWindowOnly, name); }

Result<Typed> ResolveAggregate(const AggregateCall& call, sql::Position begin, sql::Position end) {
  auto resolved = Resolver(call).Run();
  if (!resolved) return NoMatchingFunction(call.name, call.arguments, begin, end);
  Typed result;
  result.sql = resolved->wrap_begin + resolved->sql + call.over + resolved->wrap_end;
  result.type = resolved->type;
  result.nullable = call.name != "count";
  return result;
}

}  // namespace starlift::sandbox::query

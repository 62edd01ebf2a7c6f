// Function calls: those that need the session, intervals, aggregates and windows; all others go to
// functions.h.
#include <algorithm>
#include <cctype>

#include "sandbox/query/expression_analyzer.h"
#include "sandbox/query/functions.h"
#include "sandbox/query/types.h"
#include "sandbox/storage/physical_table.h"
#include "sandbox/storage/time_zone.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

DataType Text() { return DataType::Varchar(catalog::kMaxVarcharLength); }

std::string PrintedCall(const Expr& e, const std::vector<Typed>& arguments) {
  std::string printed = e.text + "(";
  if (e.distinct) printed += "DISTINCT ";
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) printed += ", ";
    printed += arguments[i].printed;
  }
  return printed + ")";
}

Typed TextValue(std::string_view value, std::string printed) {
  Typed typed;
  typed.sql = QuoteLiteral(value);
  typed.type = Text();
  typed.nullable = false;
  typed.printed = std::move(printed);
  return typed;
}

// "MONTH" -> "to_months", with the factor for weeks and quarters.
std::string IntervalSql(const std::string& unit, const std::string& count) {
  if (unit == "WEEK") return "to_days(7 * (" + count + "))";
  if (unit == "QUARTER") return "to_months(3 * (" + count + "))";
  std::string lower = unit;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return "to_" + lower + "s(" + count + ")";
}

}  // namespace

Result<Typed> ExpressionAnalyzer::AddInterval(const Typed& base, const Expr& interval,
                                              bool subtract) {
  SL_ASSIGN(const Typed count, Analyze(*interval.args[0]));
  const DataType moment = DataType::Of(TypeKind::kDateTime);
  const std::string number =
      "CAST(" + ConvertSql(count, DataType::Of(TypeKind::kBigInt)) + " AS " +
      (interval.text == "HOUR" || interval.text == "MINUTE" || interval.text == "MICROSECOND"
           ? "BIGINT"
           : "INTEGER") +
      ")";
  Typed result;
  result.type = moment;
  result.sql = "(" + ConvertSql(base, moment) + (subtract ? " - " : " + ") +
               IntervalSql(interval.text, number) + ")";
  const bool whole_days = interval.text == "DAY" || interval.text == "WEEK" ||
                          interval.text == "MONTH" || interval.text == "QUARTER" ||
                          interval.text == "YEAR";
  if (base.type.kind == TypeKind::kDate && whole_days) {
    result.type = base.type;
    result.sql = "CAST(" + result.sql + " AS DATE)";
  }
  return result;
}

// time_slice(x, INTERVAL n UNIT [, floor | ceil]): where the slice of x begins or ends. Slices
// count from the year 1.
Result<Typed> ExpressionAnalyzer::Slice(const Expr& e) {
  const DataType moment = DataType::Of(TypeKind::kDateTime);
  SL_ASSIGN(const Typed base, Analyze(*e.args[0]));
  SL_ASSIGN(const Typed count, Analyze(*e.args[1]->args[0]));
  const std::string width =
      IntervalSql(e.args[1]->text, ConvertSql(count, DataType::Of(TypeKind::kInt)));
  std::string end;
  if (e.args.size() > 2) {
    end = ColumnLabel(*e.args[2]);
    for (char& c : end) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (end != "floor" && end != "ceil") return NoMatchingFunction(e.text, {}, e.begin, e.end);
  }
  Typed result;
  result.type = e.text == "date_slice" ? DataType::Of(TypeKind::kDate) : moment;
  result.sql = "CAST(time_bucket(" + width + ", " + ConvertSql(base, moment) +
               ", TIMESTAMP '0001-01-01')" + (end == "ceil" ? " + " + width : "") + " AS " +
               PhysicalType(result.type) + ")";
  result.printed = ColumnLabel(e);
  result.atomic = true;
  return result;
}

// date_add(x, INTERVAL n UNIT) and its kind.
Result<Typed> ExpressionAnalyzer::WithInterval(const Expr& e, bool* handled) {
  static constexpr std::string_view kAdd[] = {"date_add", "adddate", "timestampadd"};
  static constexpr std::string_view kSubtract[] = {"date_sub", "subdate"};
  const bool add = std::find(std::begin(kAdd), std::end(kAdd), e.text) != std::end(kAdd);
  const bool subtract =
      std::find(std::begin(kSubtract), std::end(kSubtract), e.text) != std::end(kSubtract);
  *handled = (add || subtract) && (e.args.size() == 2 || e.text == "timestampadd");
  if ((e.text == "time_slice" || e.text == "date_slice") && e.args.size() >= 2 &&
      e.args[1]->kind == ExprKind::kInterval) {
    *handled = true;
    return Slice(e);
  }
  if (!*handled) return Typed();
  if (e.text == "timestampadd") {
    if (e.args.size() != 3) return NoMatchingFunction(e.text, {}, e.begin, e.end);
    Expr interval;
    interval.kind = ExprKind::kInterval;
    interval.text = e.args[0]->text;
    interval.args = {e.args[1]};
    SL_ASSIGN(const Typed base, Analyze(*e.args[2]));
    SL_ASSIGN(Typed result, AddInterval(base, interval, false));
    result.printed = ColumnLabel(e);
    result.atomic = true;
    return result;
  }
  SL_ASSIGN(const Typed base, Analyze(*e.args[0]));
  Expr days;
  const Expr* interval = e.args[1].get();
  if (interval->kind != ExprKind::kInterval) {
    days.kind = ExprKind::kInterval;
    days.text = "DAY";
    days.args = {e.args[1]};
    interval = &days;
  }
  SL_ASSIGN(Typed result, AddInterval(base, *interval, subtract));
  result.printed = e.text + "(" + base.printed + ", " + ColumnLabel(*e.args[1]) + ")";
  result.atomic = true;
  return result;
}

// timestampdiff(UNIT, a, b), date_diff('unit', a, b)
Result<Typed> ExpressionAnalyzer::Difference(const Expr& e) {
  std::string unit = e.args[0]->text;
  for (char& c : unit) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  SL_ASSIGN(const Typed a, Analyze(*e.args[1]));
  SL_ASSIGN(const Typed b, Analyze(*e.args[2]));
  const DataType moment = DataType::Of(TypeKind::kDateTime);
  const bool swapped = e.text == "date_diff";
  const std::string x = ConvertSql(swapped ? b : a, moment);
  const std::string y = ConvertSql(swapped ? a : b, moment);
  Typed result;
  result.type = DataType::Of(TypeKind::kBigInt);
  result.sql = "date_sub(" + QuoteLiteral(unit) + ", " + x + ", " + y + ")";
  result.printed = ColumnLabel(e);
  result.atomic = true;
  return result;
}

// Functions whose value depends on the session.
Result<Typed> ExpressionAnalyzer::Session(const Expr& e, bool* handled) {
  *handled = true;
  const std::string& name = e.text;
  const SessionValues* values = context_.values;
  const std::string label = ColumnLabel(e);
  const std::string zone = values != nullptr ? values->time_zone() : context_.time_zone;
  const std::string now = LocalTimeSql(zone, "now()");
  const auto moment = [&](TypeKind kind, std::string sql) {
    Typed typed;
    typed.type = DataType::Of(kind);
    typed.sql = std::move(sql);
    typed.nullable = false;
    typed.atomic = true;
    typed.printed = e.args.empty() ? name + "()" : label;
    return typed;
  };
  if (name == "now" || name == "current_timestamp" || name == "localtime" ||
      name == "localtimestamp") {
    if (e.args.empty()) return moment(TypeKind::kDateTime, "date_trunc('second', " + now + ")");
    return moment(TypeKind::kDateTime, "CAST(" + now + " AS TIMESTAMP)");
  }
  if (name == "curdate" || name == "current_date")
    return moment(TypeKind::kDate, "CAST(" + now + " AS DATE)");
  if (name == "curtime" || name == "current_time") {
    return moment(TypeKind::kTime, "(floor(epoch(" + now + ")) % 86400)");
  }
  if (name == "utc_timestamp") {
    return moment(TypeKind::kDateTime, "date_trunc('second', timezone('UTC', now()))");
  }
  if (name == "utc_time") return moment(TypeKind::kTime, "(floor(epoch(now())) % 86400)");
  if (name == "unix_timestamp" && e.args.empty()) {
    return moment(TypeKind::kBigInt, "CAST(floor(epoch(now())) AS BIGINT)");
  }
  if ((name == "unix_timestamp" && e.args.size() == 1)) {
    SL_ASSIGN(const Typed value, Analyze(*e.args[0]));
    Typed typed = moment(TypeKind::kBigInt,
                         "CAST(floor(epoch(" +
                             MomentSql(zone, ConvertSql(value, DataType::Of(TypeKind::kDateTime))) +
                             ")) AS BIGINT)");
    typed.nullable = true;
    return typed;
  }
  if (name == "from_unixtime" && (e.args.size() == 1 || e.args.size() == 2)) {
    SL_ASSIGN(const Typed value, Analyze(*e.args[0]));
    const std::string since_1970 =
        "to_timestamp(" + ConvertSql(value, DataType::Of(TypeKind::kBigInt)) + ")";
    const std::string local = "CAST(" + LocalTimeSql(zone, since_1970) + " AS TIMESTAMP)";
    Typed typed = moment(TypeKind::kVarchar, "sr_datetime_text(" + local + ")");
    typed.type = Text();
    typed.nullable = true;
    if (e.args.size() == 2) {
      SL_ASSIGN(const Typed format, Analyze(*e.args[1]));
      typed.sql = "sr_date_format(" + local + ", " + ConvertSql(format, Text()) + ")";
    }
    return typed;
  }
  if (!e.args.empty()) {
    *handled = false;
    return Typed();
  }
  if (name == "version") return TextValue("8.0.33", label);
  const bool database = name == "database" || name == "schema";
  if (database && context_.session != nullptr)
    return TextValue(context_.session->current_database(), label);
  if ((name == "catalog" || name == "current_catalog")) return TextValue("default_catalog", label);
  if (values != nullptr) {
    if (name == "current_version") return TextValue(values->version(), label);
    if (name == "user" || name == "session_user") return TextValue(values->session_user(), label);
    if (name == "current_user") return TextValue(values->current_user(), label);
    if (name == "current_role") return TextValue(values->current_role(), label);
    if (name == "last_query_id") return TextValue(values->last_query_id(), label);
    if (name == "connection_id") {
      return moment(TypeKind::kBigInt,
                    "CAST(" + std::to_string(values->connection_id()) + " AS BIGINT)");
    }
  }
  *handled = false;
  return Typed();
}

Result<Typed> ExpressionAnalyzer::Function(const Expr& e) {
  if (e.window || IsAggregate(e.text)) return Aggregate(e);
  bool handled = false;
  for (auto method : {&ExpressionAnalyzer::Session, &ExpressionAnalyzer::WithInterval}) {
    auto special = (this->*method)(e, &handled);
    if (handled || !special.ok()) return special;
  }
  if ((e.text == "timestampdiff" || e.text == "date_diff") && e.args.size() == 3)
    return Difference(e);
  if (e.text == "element_at" && e.args.size() == 2) {
    Expr element = e;
    element.kind = ExprKind::kElement;
    return Element(element);
  }
  if (e.text == "row" || e.text == "struct" || e.text == "named_struct") {
    SL_ASSIGN(const std::vector<Typed> fields, AnalyzeAll(e.args));
    const bool named = e.text == "named_struct";
    Typed row;
    row.type = DataType::Of(TypeKind::kStruct);
    std::string sql;
    for (size_t i = named ? 1 : 0; i < fields.size(); i += named ? 2 : 1) {
      const std::string field =
          named ? fields[i - 1].literal_text.value_or("") : "col" + std::to_string(i + 1);
      row.type.children.push_back(fields[i].type);
      row.type.field_names.push_back(field);
      if (!sql.empty()) sql += ", ";
      sql += QuoteIdentifier(field) + " := " + fields[i].sql;
    }
    row.sql = "struct_pack(" + sql + ")";
    row.printed = PrintedCall(e, fields);
    row.atomic = true;
    return row;
  }
  SL_ASSIGN(const std::vector<Typed> arguments, AnalyzeAll(e.args));
  SL_ASSIGN(Typed result, ResolveScalar(e.text, arguments, e.begin, e.end));
  result.printed = PrintedCall(e, arguments);
  result.atomic = true;
  return result;
}

Result<std::string> ExpressionAnalyzer::OrderSql(const std::vector<OrderItem>& items,
                                                 std::string* printed) {
  std::string sql;
  for (const OrderItem& item : items) {
    SL_ASSIGN(const Typed value, Analyze(*item.expression));
    if (!sql.empty()) {
      sql += ", ";
      *printed += ", ";
    }
    sql += value.sql + OrderSuffix(item);
    *printed += value.printed + (item.descending ? " DESC" : " ASC");
  }
  return sql;
}

Result<std::string> ExpressionAnalyzer::OverSql(const WindowSpec& window, std::string* printed) {
  std::string sql;
  if (!window.partition_by.empty()) {
    SL_ASSIGN(const std::vector<Typed> keys, AnalyzeAll(window.partition_by));
    sql += "PARTITION BY ";
    *printed += "PARTITION BY ";
    for (size_t i = 0; i < keys.size(); ++i) {
      if (i > 0) {
        sql += ", ";
        *printed += ", ";
      }
      sql += keys[i].sql;
      *printed += keys[i].printed;
    }
    sql += " ";
    *printed += " ";
  }
  if (!window.order_by.empty()) {
    *printed += "ORDER BY ";
    SL_ASSIGN(const std::string order, OrderSql(window.order_by, printed));
    sql += "ORDER BY " + order + " ";
    *printed += " ";
  }
  *printed += window.frame;
  return " OVER (" + sql + window.frame + ")";
}

Result<Typed> ExpressionAnalyzer::Aggregate(const Expr& e) {
  const bool window = e.window != nullptr;
  if (!window && inside_aggregate_) {
    return sql::AnalyzeErrorAt(e.begin, e.end,
                               "Unsupported nest aggregation function inside aggregation function");
  }
  if (use_ == AggregateUse::kForbidden && group_keys_ == nullptr) {
    return sql::AnalyzeErrorAt(
        e.begin, e.end,
        clause_ + " cannot contain " + (window ? "window functions" : "aggregations"));
  }
  (window ? saw_window_ : saw_aggregate_) = true;
  AggregateCall call;
  call.name = e.text;
  call.distinct = e.distinct;
  call.ignore_nulls = e.ignore_nulls;
  call.star = e.args.size() == 1 && e.args[0]->kind == ExprKind::kStar;
  const bool was_inside = inside_aggregate_;
  if (!window) inside_aggregate_ = true;
  std::string order_printed;
  std::string over_printed;
  const auto parts = [&]() -> Status {
    if (!call.star) {
      SL_ASSIGN(call.arguments, AnalyzeAll(e.args));
    }
    if (!e.order_by.empty()) {
      SL_ASSIGN(call.order_by, OrderSql(e.order_by, &order_printed));
    }
    if (e.separator) {
      SL_ASSIGN(const Typed separator, Analyze(*e.separator));
      call.separator = separator.sql;
    }
    if (window) {
      SL_ASSIGN(call.over, OverSql(*e.window, &over_printed));
    }
    return {};
  };
  const Status status = parts();
  inside_aggregate_ = was_inside;
  if (!status.ok()) return Status(status).error();
  SL_ASSIGN(Typed result, ResolveAggregate(call, e.begin, e.end));
  result.printed = call.star ? e.text + "(*)" : PrintedCall(e, call.arguments);
  if (!order_printed.empty()) {
    result.printed.pop_back();
    result.printed += " ORDER BY " + order_printed + ")";
  }
  if (window) result.printed += " OVER (" + over_printed + " )";
  result.atomic = true;
  return result;
}

}  // namespace starlift::sandbox::query

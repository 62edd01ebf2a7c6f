#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include "sandbox/query/functions.h"
#include "sandbox/query/scalar_signatures.h"
#include "sandbox/query/types.h"

namespace starlift::sandbox::query {
namespace {

using catalog::DataType;
using catalog::TypeKind;

struct Alias {
  std::string_view name;
  std::string_view same_as;
};
constexpr Alias kAliases[] = {
    {"substring", "substr"},
    {"mid", "substr"},
    {"strleft", "left"},
    {"strright", "right"},
    {"character_length", "char_length"},
    {"ucase", "upper"},
    {"lcase", "lower"},
    {"ceiling", "ceil"},
    {"dceil", "ceil"},
    {"dfloor", "floor"},
    {"dround", "round"},
    {"power", "pow"},
    {"fpow", "pow"},
    {"dpow", "pow"},
    {"dexp", "exp"},
    {"dlog1", "ln"},
    {"dlog10", "log10"},
    {"dsqrt", "sqrt"},
    {"random", "rand"},
    {"nvl", "ifnull"},
    {"dayofmonth", "day"},
    {"day_of_week_iso", "dayofweek_iso"},
    {"base64_decode_string", "from_base64"},
    {"rlike", "regexp"},
    {"murmur_hash3", "murmur_hash3_32"},
    {"fmod", "mod"},
    {"get_json", "json_query"},
    {"strpos", "instr"},
    {"add_months", "months_add"},
};

bool IsMoment(TypeKind kind) { return kind == TypeKind::kDate || kind == TypeKind::kDateTime; }

std::optional<DataType> TypeOfLetter(char letter) {
  switch (letter) {
    case 's':
      return DataType::Varchar(catalog::kMaxVarcharLength);
    case 'y':
      return DataType::Of(TypeKind::kTinyInt);
    case 'h':
      return DataType::Of(TypeKind::kSmallInt);
    case 'i':
      return DataType::Of(TypeKind::kInt);
    case 'l':
      return DataType::Of(TypeKind::kBigInt);
    case 'L':
      return DataType::Of(TypeKind::kLargeInt);
    case 'f':
      return DataType::Of(TypeKind::kFloat);
    case 'd':
      return DataType::Of(TypeKind::kDouble);
    case 't':
      return DataType::Of(TypeKind::kDateTime);
    case 'T':
      return DataType::Of(TypeKind::kTime);
    case 'D':
      return DataType::Of(TypeKind::kDate);
    case 'b':
      return DataType::Of(TypeKind::kBoolean);
    case 'j':
      return DataType::Of(TypeKind::kJson);
    case 'v':
      return DataType::Of(TypeKind::kVarbinary);
    case 'B':
      return DataType::Of(TypeKind::kBitmap);
    case 'H':
      return DataType::Of(TypeKind::kHll);
    case 'I':
    case 'S': {
      DataType list = DataType::Of(TypeKind::kArray);
      list.children.push_back(letter == 'I' ? DataType::Of(TypeKind::kBigInt)
                                            : DataType::Varchar(catalog::kStringLength));
      return list;
    }
    default:
      return std::nullopt;
  }
}

// How far an argument is from a letter: 0 exact, more is worse, negative impossible.
int Distance(const DataType& type, char letter) {
  const TypeKind kind = type.kind;
  switch (letter) {
    case 'a':
    case 'c':
      return 1;
    case 'n':
      return catalog::IsNumeric(kind) ? 0 : kind == TypeKind::kNull ? 1 : -1;
    case 'e':
      return catalog::IsInteger(kind) || kind == TypeKind::kDecimal ? 0 : -1;
    case 'A':
      return kind == TypeKind::kArray ? 0 : -1;
    case 'M':
      return kind == TypeKind::kMap ? 0 : -1;
    case 'B':
    case 'H':
      return kind == TypeOfLetter(letter)->kind ? 0 : -1;
    case 'v':
      return kind == TypeKind::kVarbinary ? 0 : -1;
    default:
      break;
  }
  const DataType wanted = *TypeOfLetter(letter);
  if (kind == TypeKind::kNull) return 1;
  if (kind == wanted.kind || (catalog::IsText(kind) && letter == 's')) return 0;
  if (letter == 'j') return catalog::IsText(kind) || kind == TypeKind::kVarbinary ? -1 : 5;
  if (!CanCast(type, wanted)) return -1;
  if (catalog::IsNumeric(kind) && catalog::IsNumeric(wanted.kind)) {
    return wanted.kind > kind ? 1 : 2;
  }
  if (IsMoment(kind) && IsMoment(wanted.kind)) return 1;
  return letter == 's' ? 4 : 3;
}

// The letter for argument `i` of `count`; 0 if the signature takes no such number of arguments.
char LetterAt(std::string_view letters, size_t i, size_t count) {
  const bool repeats = letters.ends_with('*');
  if (repeats) letters.remove_suffix(1);
  if (repeats ? count < letters.size() : count != letters.size()) return 0;
  return letters[std::min(i, letters.size() - 1)];
}

int Distance(const Signature& signature, const std::vector<Typed>& arguments) {
  if (arguments.empty()) return signature.arguments.empty() ? 0 : -1;
  int total = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const char letter = LetterAt(signature.arguments, i, arguments.size());
    const int distance = letter == 0 ? -1 : Distance(arguments[i].type, letter);
    if (distance < 0) return -1;
    total += distance;
  }
  return total;
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator,
                 size_t from = 0) {
  std::string joined;
  for (size_t i = from; i < parts.size(); ++i) {
    if (i > from) joined += separator;
    joined += parts[i];
  }
  return joined;
}

std::string Expand(std::string_view pattern, const std::vector<std::string>& arguments) {
  std::string sql;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '$' || i + 1 == pattern.size()) {
      sql += pattern[i];
      continue;
    }
    const char which = pattern[++i];
    if (which == '*') {
      sql += Join(arguments, ", ");
    } else if (which == '&') {
      sql += Join(arguments, ", ", 1);
    } else if (which == '|') {
      sql += Join(arguments, " || ");
    } else {
      sql += arguments.at(static_cast<size_t>(which - '1'));
    }
  }
  return sql;
}

DataType ResultType(char letter, const std::vector<Typed>& arguments, const DataType& common) {
  switch (letter) {
    case '1':
      return arguments.at(0).type;
    case 'c':
      return common;
    case 'E':
      return arguments.at(0).type.children.at(0);
    case 'O': {
      DataType list = DataType::Of(TypeKind::kArray);
      list.children.push_back(arguments.at(0).type);
      return list;
    }
    case 'K':
    case 'V': {
      DataType list = DataType::Of(TypeKind::kArray);
      list.children.push_back(arguments.at(0).type.children.at(letter == 'K' ? 0 : 1));
      return list;
    }
    default:
      return *TypeOfLetter(letter);
  }
}

// greatest and least give NULL as soon as one argument is NULL; DuckDB's pass NULLs over.
std::string NullIfAny(const std::string& value, const std::vector<std::string>& arguments) {
  std::string condition;
  for (const std::string& argument : arguments) {
    if (!condition.empty()) condition += " OR ";
    condition += "(" + argument + ") IS NULL";
  }
  return "CASE WHEN " + condition + " THEN NULL ELSE " + value + " END";
}

Typed Apply(const Signature& signature, const std::vector<Typed>& arguments) {
  DataType common = DataType::Of(TypeKind::kNull);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (LetterAt(signature.arguments, i, arguments.size()) == 'c') {
      common = CommonType(common, arguments[i].type);
    }
  }
  if (signature.name == "mod" || signature.name == "pmod") {
    common = ArithmeticType("%", arguments[0].type, arguments[1].type);
  }
  std::vector<std::string> sqls;
  bool nullable = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const char letter = LetterAt(signature.arguments, i, arguments.size());
    const auto wanted = letter == 'c' ? std::optional(common) : TypeOfLetter(letter);
    sqls.push_back(wanted && letter != 'B' && letter != 'H'
                       ? CastSql(arguments[i].sql, arguments[i].type, *wanted)
                       : arguments[i].sql);
    nullable |= arguments[i].nullable;
  }
  Typed result;
  result.type = ResultType(signature.result, arguments, common);
  const bool rounds = signature.name == "round" || signature.name == "truncate";
  if (rounds && arguments.size() == 2 && result.type.kind == TypeKind::kDecimal &&
      arguments[1].literal_text) {
    // The stated number of digits is the scale of the result.
    const int digits = std::atoi(arguments[1].literal_text->c_str());
    result.type =
        DataType::Decimal(catalog::kMaxDecimalPrecision, std::clamp(digits, 0, result.type.scale));
  }
  result.nullable = nullable;
  if (signature.name == "greatest" || signature.name == "least") {
    result.sql = NullIfAny(std::string(signature.name) + "(" + Join(sqls, ", ") + ")", sqls);
  } else if (signature.name == "date_trunc" && arguments[1].type.kind == TypeKind::kDate) {
    result.sql = "CAST(" + Expand(signature.sql, sqls) + " AS DATE)";
    result.type = DataType::Of(TypeKind::kDate);
  } else {
    result.sql = Expand(signature.sql, sqls);
    if (signature.result == '1')
      result.sql = "CAST(" + result.sql + " AS " + PhysicalType(result.type) + ")";
  }
  return result;
}

}  // namespace

Error NoMatchingFunction(std::string_view name, const std::vector<Typed>& arguments,
                         sql::Position begin, sql::Position end) {
  std::string types;
  for (const Typed& argument : arguments) {
    if (!types.empty()) types += ", ";
    types += catalog::ShowCreateName(argument.type);
  }
  return sql::AnalyzeErrorAt(
      begin, end, "No matching function with signature: " + std::string(name) + "(" + types + ")");
}

Result<Typed> ResolveScalar(std::string_view name, const std::vector<Typed>& arguments,
                            sql::Position begin, sql::Position end) {
  std::string_view wanted = name;
  for (const Alias& alias : kAliases) {
    if (alias.name == name) wanted = alias.same_as;
  }
  const Signature* best = nullptr;
  int best_distance = 0;
  for (const std::span<const Signature> signatures :
       {TextAndNumberSignatures(), MomentSignatures(), CollectionSignatures()}) {
    for (const Signature& signature : signatures) {
      if (signature.name != wanted) continue;
      const int distance = Distance(signature, arguments);
      if (distance < 0 || (best != nullptr && distance >= best_distance)) continue;
      best = &signature;
      best_distance = distance;
    }
  }
  if (best == nullptr) return NoMatchingFunction(name, arguments, begin, end);
  return Apply(*best, arguments);
}

}  // namespace starlift::sandbox::query

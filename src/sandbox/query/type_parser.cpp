#include <algorithm>

#include "sandbox/query/parser.h"

namespace starlift::sandbox::query {

using catalog::DataType;
using catalog::TypeKind;

// Types as CAST takes them. Column definitions have a stricter parser (ddl/).
Result<DataType> Parser::ParseType() {
  const sql::Token word = reader_.Peek();
  if (!word.IsWord()) return reader_.Unexpected("a type");
  reader_.Take();
  const auto length = [&](int fallback) -> Result<int> {
    if (!reader_.Accept("(")) return fallback;
    if (reader_.Accept("*")) {
      SL_TRY(reader_.Expect(")"));
      return fallback;
    }
    SL_ASSIGN(const int64_t stated, reader_.Integer());
    SL_TRY(reader_.Expect(")"));
    return static_cast<int>(std::min<int64_t>(stated, catalog::kMaxVarcharLength));
  };
  const std::string& name = word.value;
  static constexpr std::pair<std::string_view, TypeKind> kPlain[] = {
      {"BOOLEAN", TypeKind::kBoolean},
      {"TINYINT", TypeKind::kTinyInt},
      {"SMALLINT", TypeKind::kSmallInt},
      {"INT", TypeKind::kInt},
      {"INTEGER", TypeKind::kInt},
      {"BIGINT", TypeKind::kBigInt},
      {"LARGEINT", TypeKind::kLargeInt},
      {"FLOAT", TypeKind::kFloat},
      {"DOUBLE", TypeKind::kDouble},
      {"DATE", TypeKind::kDate},
      {"DATETIME", TypeKind::kDateTime},
      {"TIMESTAMP", TypeKind::kDateTime},
      {"TIME", TypeKind::kTime},
      {"JSON", TypeKind::kJson},
      {"HLL", TypeKind::kHll},
      {"BITMAP", TypeKind::kBitmap},
      {"PERCENTILE", TypeKind::kPercentile}};
  for (const auto& [plain, kind] : kPlain) {
    if (name != plain) continue;
    SL_ASSIGN([[maybe_unused]] const int width, length(0));
    const bool is_unsigned = reader_.Accept("UNSIGNED");
    if (is_unsigned && kind == TypeKind::kBigInt) return DataType::Of(TypeKind::kLargeInt);
    return DataType::Of(kind);
  }
  if (name == "SIGNED" || name == "UNSIGNED") {
    reader_.Accept("INTEGER");
    return DataType::Of(name == "SIGNED" ? TypeKind::kBigInt : TypeKind::kLargeInt);
  }
  if (name == "STRING" || name == "TEXT") return DataType::Varchar(catalog::kStringLength);
  if (name == "VARCHAR" || name == "CHAR") {
    SL_ASSIGN(const int bytes, length(name == "CHAR" ? 1 : catalog::kStringLength));
    DataType type = DataType::Varchar(bytes);
    // A CHAR without a length in CAST takes what comes.
    if (name == "CHAR" && bytes != 1) type.kind = TypeKind::kChar;
    if (name == "CHAR" && bytes == 1) type.length = catalog::kStringLength;
    return type;
  }
  if (name == "VARBINARY" || name == "BINARY") {
    DataType type = DataType::Of(TypeKind::kVarbinary);
    SL_ASSIGN(type.length, length(-1));
    return type;
  }
  if (name.starts_with("DECIMAL") || name == "NUMERIC") {
    int precision = 10;
    int scale = 0;
    if (reader_.Accept("(")) {
      SL_ASSIGN(const int64_t p, reader_.Integer());
      precision = static_cast<int>(p);
      if (reader_.Accept(",")) {
        SL_ASSIGN(const int64_t s, reader_.Integer());
        scale = static_cast<int>(s);
      }
      SL_TRY(reader_.Expect(")"));
    }
    if (precision < 1 || precision > catalog::kMaxDecimalPrecision || scale > precision) {
      return sql::SyntaxErrorAt(word.position, "DECIMAL precision or scale is out of range");
    }
    return DataType::Decimal(precision, scale);
  }
  if (name == "ARRAY" || name == "MAP" || name == "STRUCT") {
    DataType type = DataType::Of(name == "ARRAY" ? TypeKind::kArray
                                 : name == "MAP" ? TypeKind::kMap
                                                 : TypeKind::kStruct);
    SL_TRY(reader_.Expect("<"));
    do {
      if (name == "STRUCT") {
        SL_ASSIGN(std::string field, reader_.Name());
        reader_.Accept(":");
        type.field_names.push_back(std::move(field));
      }
      SL_ASSIGN(DataType child, ParseType());
      type.children.push_back(std::move(child));
    } while (reader_.Accept(","));
    SL_TRY(reader_.Expect(">"));
    return type;
  }
  return reader_.Unexpected("a type");
}

}  // namespace starlift::sandbox::query

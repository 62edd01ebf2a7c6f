#include "sandbox/sql/type_spec.h"

#include <algorithm>
#include <array>

namespace starlift::sandbox::sql {
namespace {

enum class Parameters : uint8_t {
  kNone,
  kWidth,      // INT(11): read and forgotten
  kLength,     // VARCHAR(10)
  kPrecision,  // DECIMAL(10, 2)
};

struct TypeWord {
  std::string_view word;
  Parameters parameters;
};

constexpr auto kTypeWords = std::to_array<TypeWord>({
    {"BOOLEAN", Parameters::kNone},
    {"TINYINT", Parameters::kWidth},
    {"SMALLINT", Parameters::kWidth},
    {"INT", Parameters::kWidth},
    {"INTEGER", Parameters::kWidth},
    {"SIGNED", Parameters::kNone},
    {"BIGINT", Parameters::kWidth},
    {"LARGEINT", Parameters::kWidth},
    {"FLOAT", Parameters::kNone},
    {"DOUBLE", Parameters::kNone},
    {"DECIMAL", Parameters::kPrecision},
    {"DECIMALV2", Parameters::kPrecision},
    {"DECIMAL32", Parameters::kPrecision},
    {"DECIMAL64", Parameters::kPrecision},
    {"DECIMAL128", Parameters::kPrecision},
    {"NUMERIC", Parameters::kPrecision},
    {"NUMBER", Parameters::kPrecision},
    {"DATE", Parameters::kNone},
    {"DATETIME", Parameters::kNone},
    {"TIME", Parameters::kNone},
    {"CHAR", Parameters::kLength},
    {"VARCHAR", Parameters::kLength},
    {"STRING", Parameters::kNone},
    {"TEXT", Parameters::kNone},
    {"BINARY", Parameters::kLength},
    {"VARBINARY", Parameters::kLength},
    {"JSON", Parameters::kNone},
    {"HLL", Parameters::kNone},
    {"BITMAP", Parameters::kNone},
    {"PERCENTILE", Parameters::kNone},
});

const TypeWord* FindTypeWord(const Token& token) {
  if (!token.IsWord()) return nullptr;
  const auto found = std::find_if(kTypeWords.begin(), kTypeWords.end(),
                                  [&](const TypeWord& entry) { return token.Is(entry.word); });
  return found == kTypeWords.end() ? nullptr : &*found;
}

Result<TypeSpec> ParseStruct(TokenReader& reader) {
  TypeSpec type;
  type.name = "STRUCT";
  do {
    if (!reader.Peek().IsName()) return reader.Unexpected("a legal identifier");
    type.field_names.push_back(reader.Take().Name());
    reader.Accept(":");
    SL_ASSIGN(TypeSpec child, ParseType(reader));
    if (reader.Accept("COMMENT")) SL_TRY(reader.Text());
    type.children.push_back(std::move(child));
  } while (reader.Accept(","));
  return type;
}

Result<TypeSpec> ParseNested(TokenReader& reader) {
  TypeSpec type;
  type.name = reader.Take().value;
  SL_TRY(reader.Expect("<"));
  if (type.name == "STRUCT") {
    SL_ASSIGN(type, ParseStruct(reader));
  } else {
    SL_ASSIGN(TypeSpec child, ParseType(reader));
    type.children.push_back(std::move(child));
    if (type.name == "MAP") {
      SL_TRY(reader.Expect(","));
      SL_ASSIGN(TypeSpec value, ParseType(reader));
      type.children.push_back(std::move(value));
    }
  }
  if (!reader.Accept(">")) return reader.Unexpected("',', '>'");
  return type;
}

}  // namespace

bool SeesType(const TokenReader& reader) {
  const Token& word = reader.Peek();
  const Token& after = reader.Peek(1);
  if (word.Is("ARRAY")) return true;
  if (word.Is("MAP") || word.Is("STRUCT")) return after.Is("<");
  return FindTypeWord(word) != nullptr;
}

Result<TypeSpec> ParseType(TokenReader& reader) {
  if (reader.Peek().Is("ARRAY") || reader.Sees({"MAP", "<"}) || reader.Sees({"STRUCT", "<"})) {
    return ParseNested(reader);
  }
  const TypeWord* word = FindTypeWord(reader.Peek());
  if (word == nullptr) return reader.Unexpected("'ARRAY', 'BIGINT', 'BINARY', 'BITMAP', 'BOOLEAN'");
  TypeSpec type;
  type.name = reader.Take().value;
  if (type.name == "SIGNED") reader.Accept("INT") || reader.Accept("INTEGER");
  if (word->parameters == Parameters::kNone || !reader.Accept("(")) return type;

  SL_ASSIGN(const int64_t first, reader.Integer());
  if (word->parameters != Parameters::kWidth) type.first = first;
  if (word->parameters == Parameters::kPrecision && reader.Accept(",")) {
    SL_ASSIGN(type.second, reader.Integer());
  }
  if (!reader.Accept(")")) {
    return reader.Unexpected(word->parameters == Parameters::kPrecision ? "',', ')'" : "')'");
  }
  return type;
}

}  // namespace starlift::sandbox::sql

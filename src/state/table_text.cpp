#include "state/table_text.h"

#include <array>
#include <memory>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::state {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<DefaultKind, std::string_view>, 5> kDefaultKinds = {
    {{DefaultKind::kNone, "none"},
     {DefaultKind::kNull, "null"},
     {DefaultKind::kLiteral, "literal"},
     {DefaultKind::kCurrentTimestamp, "current_timestamp"},
     {DefaultKind::kExpression, "expression"}}};
constexpr std::array<std::pair<KeyKind, std::string_view>, 3> kKeyKinds = {
    {{KeyKind::kPrimary, "primary"}, {KeyKind::kUnique, "unique"}, {KeyKind::kNone, "none"}}};

template <typename Names, typename Value>
std::string_view NameOf(const Names& names, Value value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "";
}

// Throws inside this file only: ParseTable turns it into an Error.
template <typename Names>
auto ValueOf(const Names& names, const std::string& text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  throw std::invalid_argument("unknown word \"" + text + "\"");
}

TypeKind TypeKindOf(const std::string& text) {
  for (int kind = 0; kind <= static_cast<int>(TypeKind::kUnsupported); ++kind) {
    if (TypeKindName(static_cast<TypeKind>(kind)) == text) return static_cast<TypeKind>(kind);
  }
  throw std::invalid_argument("unknown type \"" + text + "\"");
}

// Names and defaults may hold bytes that are no UTF-8; JSON may not. Such a text goes as hex.
Json BytesToJson(const std::string& text) {
  try {
    (void)Json(text).dump();
    return text;
  } catch (const Json::type_error&) {
    std::string hex;
    for (const char c : text) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return Json{{"hex", hex}};
  }
}

std::string BytesFromJson(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  const std::string hex = json.at("hex").get<std::string>();
  std::string text;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    text.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return text;
}

// What has its default value is left out: most of a column's fields.
void PutText(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = BytesToJson(text);
}
void PutNumber(Json& json, const char* name, uint64_t number) {
  if (number != 0) json[name] = number;
}
void PutFlag(Json& json, const char* name, bool flag) {
  if (flag) json[name] = true;
}
std::string GetText(const Json& json, const char* name) {
  return json.contains(name) ? BytesFromJson(json.at(name)) : std::string();
}

Json PrintColumn(const Column& column) {
  Json json{{"name", BytesToJson(column.name)}, {"type", TypeKindName(column.type.kind)}};
  PutNumber(json, "length", column.type.length);
  PutNumber(json, "precision", column.type.precision);
  PutNumber(json, "scale", column.type.scale);
  PutText(json, "native", column.native_type);
  PutFlag(json, "not_null", !column.nullable);
  if (column.default_kind != DefaultKind::kNone) {
    json["default"] = NameOf(kDefaultKinds, column.default_kind);
  }
  PutText(json, "default_text", column.default_text);
  PutText(json, "comment", column.comment);
  PutText(json, "charset", column.charset);
  PutText(json, "collation", column.collation);
  PutFlag(json, "auto_increment", column.auto_increment);
  PutFlag(json, "generated", column.generated);
  PutFlag(json, "invisible", column.invisible);
  return json;
}

Column ReadColumn(const Json& json) {
  Column column;
  column.name = BytesFromJson(json.at("name"));
  column.type.kind = TypeKindOf(json.at("type").get<std::string>());
  column.type.length = json.value("length", uint64_t{0});
  column.type.precision = json.value("precision", uint8_t{0});
  column.type.scale = json.value("scale", uint8_t{0});
  column.native_type = GetText(json, "native");
  column.nullable = !json.value("not_null", false);
  column.default_kind = ValueOf(kDefaultKinds, json.value("default", std::string("none")));
  column.default_text = GetText(json, "default_text");
  column.comment = GetText(json, "comment");
  column.charset = GetText(json, "charset");
  column.collation = GetText(json, "collation");
  column.auto_increment = json.value("auto_increment", false);
  column.generated = json.value("generated", false);
  column.invisible = json.value("invisible", false);
  return column;
}

Json PrintIndex(const TableIndex& index) {
  Json parts = Json::array();
  for (const TableIndex::Part& part : index.parts) {
    Json json = Json::object();
    if (part.column != TableIndex::Part::kExpression) json["column"] = part.column;
    PutFlag(json, "prefix", part.prefix);
    parts.push_back(std::move(json));
  }
  Json json{{"name", BytesToJson(index.name)}, {"parts", std::move(parts)}};
  PutFlag(json, "unique", index.unique);
  return json;
}

TableIndex ReadIndex(const Json& json) {
  TableIndex index;
  index.name = BytesFromJson(json.at("name"));
  index.unique = json.value("unique", false);
  for (const Json& part : json.at("parts")) {
    index.parts.push_back(
        {part.value("column", TableIndex::Part::kExpression), part.value("prefix", false)});
  }
  return index;
}

// Numbers of columns that are not there must not come out of the store.
void CheckColumnNumbers(const Table& table) {
  const auto check = [&](ColumnIndex column) {
    if (column >= table.columns.size()) throw std::invalid_argument("a key names no column");
  };
  for (const ColumnIndex column : table.key) check(column);
  for (const TableIndex& index : table.indexes) {
    for (const TableIndex::Part& part : index.parts) {
      if (part.column != TableIndex::Part::kExpression) check(part.column);
    }
  }
}

Table ReadTable(const Json& json) {
  Table table;
  table.id = {GetText(json, "database"), GetText(json, "schema"), GetText(json, "name")};
  for (const Json& column : json.at("columns")) table.columns.push_back(ReadColumn(column));
  table.key_kind = ValueOf(kKeyKinds, json.value("key_kind", std::string("none")));
  table.key = json.value("key", std::vector<ColumnIndex>{});
  for (const Json& index : json.value("indexes", Json::array())) {
    table.indexes.push_back(ReadIndex(index));
  }
  table.default_collation = GetText(json, "default_collation");
  table.comment = GetText(json, "comment");
  table.engine = GetText(json, "engine");
  table.row_estimate = json.value("row_estimate", uint64_t{0});
  table.byte_estimate = json.value("byte_estimate", uint64_t{0});
  table.average_row_bytes = json.value("average_row_bytes", uint32_t{0});
  for (const Json& name : json.value("partitions", Json::array())) {
    table.partitions.push_back(BytesFromJson(name));
  }
  CheckColumnNumbers(table);
  return table;
}

Json TableToJson(const Table& table) {
  Json json = Json::object();
  PutText(json, "database", table.id.database);
  PutText(json, "schema", table.id.schema);
  PutText(json, "name", table.id.name);
  json["columns"] = Json::array();
  for (const Column& column : table.columns) json["columns"].push_back(PrintColumn(column));
  if (table.has_key()) json["key_kind"] = NameOf(kKeyKinds, table.key_kind);
  if (!table.key.empty()) json["key"] = table.key;
  for (const TableIndex& index : table.indexes) json["indexes"].push_back(PrintIndex(index));
  PutText(json, "default_collation", table.default_collation);
  PutText(json, "comment", table.comment);
  PutText(json, "engine", table.engine);
  PutNumber(json, "row_estimate", table.row_estimate);
  PutNumber(json, "byte_estimate", table.byte_estimate);
  PutNumber(json, "average_row_bytes", table.average_row_bytes);
  for (const std::string& name : table.partitions) json["partitions"].push_back(BytesToJson(name));
  return json;
}

Error Unreadable(const std::exception& failure) {
  return Error{ErrorKind::kData,
               fmt::format("a stored table definition can't be read: {}", failure.what())};
}

}  // namespace

std::string PrintTable(const Table& table) { return TableToJson(table).dump(); }

Result<Table> ParseTable(std::string_view text) {
  try {
    return ReadTable(Json::parse(text));
  } catch (const std::exception& failure) {
    return Unreadable(failure);
  }
}

std::string PrintShadowTable(const ShadowTable& shadow) {
  Json json{{"table", TableToJson(*shadow.table)}, {"renamed", Json::array()}};
  for (const auto& [from, to] : shadow.renamed_columns) {
    json["renamed"].push_back(Json::array({BytesToJson(from), BytesToJson(to)}));
  }
  PutFlag(json, "copied", shadow.copied);
  return json.dump();
}

Result<ShadowTable> ParseShadowTable(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    ShadowTable shadow;
    shadow.table = std::make_shared<const Table>(ReadTable(json.at("table")));
    for (const Json& names : json.at("renamed")) {
      shadow.renamed_columns.emplace_back(BytesFromJson(names.at(0)), BytesFromJson(names.at(1)));
    }
    shadow.copied = json.value("copied", false);
    return shadow;
  } catch (const std::exception& failure) {
    return Unreadable(failure);
  }
}

}  // namespace starlift::state

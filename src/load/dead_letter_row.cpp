// How a row that the target can't take is written down.
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "load/dead_letters.h"
#include "starrocks/encoder.h"

namespace starlift::load {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kBriefColumns = 3;
constexpr size_t kBriefBytes = 64;
constexpr std::string_view kCsvNull = "\\N";

std::string Hex(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

bool IsUtf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

Json SourceValue(const Column& column, std::optional<std::string_view> bytes) {
  if (!bytes) return nullptr;
  const bool binary = IsBinary(column.type.kind) || column.type.kind == TypeKind::kGeometry;
  if (binary || !IsUtf8(*bytes)) return Json{{"hex", Hex(*bytes)}};
  return std::string(*bytes);
}

// The column names and values of a body's row, in the plan's order.
Json BodyRow(const starrocks::EncodePlan& plan, starrocks::LoadFormat format,
             std::string_view row) {
  Json values = Json::object();
  if (format == starrocks::LoadFormat::kJson) {
    const Json parsed = Json::parse(row, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_discarded()) return Json{{"hex", Hex(row)}};
    for (const starrocks::ColumnPlan& column : plan.columns) {
      Json value = parsed.value(column.field, Json());
      const bool binary = column.rule == starrocks::CellRule::kBinary && value.is_string();
      values[column.name] = binary ? Json{{"hex", value}} : std::move(value);
    }
    return values;
  }
  for (const starrocks::ColumnPlan& column : plan.columns) {
    const size_t end = std::min(row.find(starrocks::kColumnSeparator), row.size());
    const std::string_view field = row.substr(0, end);
    row.remove_prefix(std::min(end + 1, row.size()));
    if (field == kCsvNull) {
      values[column.name] = nullptr;
    } else if (column.rule == starrocks::CellRule::kBinary) {
      values[column.name] = Json{{"hex", std::string(field)}};
    } else {
      values[column.name] = std::string(field);
    }
  }
  return values;
}

Json BatchRow(const mapping::TableMapping& mapping, const RowBatch& batch, size_t row) {
  Json values = Json::object();
  for (size_t index = 0; index < mapping.columns.size(); ++index) {
    const Column& column = mapping.source.columns[mapping.columns[index]];
    values[column.name] = SourceValue(column, batch.Value(row, index));
  }
  return values;
}

// Names of the key's columns: the source's if `at_source`, else the target's.
std::vector<std::string> KeyNames(const mapping::TableMapping& mapping, bool at_source) {
  std::vector<std::string> names;
  if (at_source) {
    for (const ColumnIndex column : mapping.source.key) {
      names.push_back(mapping.source.columns[column].name);
    }
  } else if (!mapping.keyless) {
    for (const starrocks::ColumnPlan& column : mapping.plan.columns) {
      if (column.key) names.push_back(column.name);
    }
  }
  return names;
}

std::string Line(const DeadLetterOrigin& origin, Json row, bool at_source) {
  Json key = Json::object();
  for (const std::string& name : KeyNames(*origin.mapping, at_source)) {
    if (const auto found = row.find(name); found != row.end()) key[name] = *found;
  }
  Json line = Json::object();
  line["table"] = origin.mapping->source.id.ToString();
  line["target"] = origin.mapping->target.QuotedName();
  line["chunk"] = origin.chunk;
  line["stage"] = std::string(origin.stage);
  line["reason"] = std::string(origin.reason);
  line["key"] = std::move(key);
  line["row"] = std::move(row);
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Brief(const Json& row, const std::vector<std::string>& key) {
  std::string text;
  size_t columns = 0;
  for (const auto& [name, value] : row.items()) {
    if (!key.empty() && std::find(key.begin(), key.end(), name) == key.end()) continue;
    if (key.empty() && columns == kBriefColumns) break;
    const std::string shown = value.is_string()
                                  ? value.get<std::string>()
                                  : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    const bool cut = shown.size() > kBriefBytes;
    text += fmt::format("{}{}={}{}", columns == 0 ? "" : ", ", name, shown.substr(0, kBriefBytes),
                        cut ? "…" : "");
    ++columns;
  }
  return text;
}

}  // namespace

std::string DescribeBatchRow(const DeadLetterOrigin& origin, const RowBatch& batch, size_t row) {
  return Line(origin, BatchRow(*origin.mapping, batch, row), true);
}

std::string DescribeBodyRow(const DeadLetterOrigin& origin, starrocks::LoadFormat format,
                            std::string_view row) {
  return Line(origin, BodyRow(origin.mapping->plan, format, row), false);
}

std::string BriefBatchRow(const mapping::TableMapping& mapping, const RowBatch& batch, size_t row) {
  return Brief(BatchRow(mapping, batch, row), KeyNames(mapping, true));
}

std::string BriefBodyRow(const mapping::TableMapping& mapping, starrocks::LoadFormat format,
                         std::string_view row) {
  return Brief(BodyRow(mapping.plan, format, row), KeyNames(mapping, false));
}

}  // namespace starlift::load

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

// The source column that a column of a change's plan is made from.
const Column& SourceColumn(const mapping::TableMapping& mapping,
                           const starrocks::ColumnPlan& planned) {
  const starrocks::ColumnPlan& column = mapping.plan.columns[planned.source_index];
  return mapping.source.columns[mapping.columns[column.source_index]];
}

bool IsOp(const starrocks::ColumnPlan& column) { return column.name == "__op"; }

Json ChangedRow(const mapping::TableMapping& mapping, const starrocks::EncodePlan& plan,
                const RowBatch& batch, size_t row) {
  Json values = Json::object();
  for (const starrocks::ColumnPlan& planned : plan.columns) {
    if (IsOp(planned)) continue;
    const Column& column = SourceColumn(mapping, planned);
    values[column.name] = SourceValue(column, batch.Value(row, planned.source_index));
  }
  return values;
}

// Names of the key's columns in a change's plan.
std::vector<std::string> ChangedKeyNames(const mapping::TableMapping& mapping,
                                         const starrocks::EncodePlan& plan, bool at_source) {
  std::vector<std::string> names;
  for (const starrocks::ColumnPlan& planned : plan.columns) {
    if (!planned.key || IsOp(planned)) continue;
    names.push_back(at_source ? SourceColumn(mapping, planned).name : planned.name);
  }
  return names;
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

Json Pick(const Json& row, const std::vector<std::string>& names) {
  Json key = Json::object();
  for (const std::string& name : names) {
    if (const auto found = row.find(name); found != row.end()) key[name] = *found;
  }
  return key;
}

std::string Print(const Json& line) {
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Line(const DeadLetterOrigin& origin, Json row, bool at_source) {
  Json key = Pick(row, KeyNames(*origin.mapping, at_source));
  Json line = Json::object();
  line["table"] = origin.mapping->source.id.ToString();
  line["target"] = origin.mapping->target.QuotedName();
  line["chunk"] = origin.chunk;
  line["stage"] = std::string(origin.stage);
  line["reason"] = std::string(origin.reason);
  line["key"] = std::move(key);
  line["row"] = std::move(row);
  return Print(line);
}

std::string ChangeLine(const ChangeLetterOrigin& origin, Json row,
                       const std::vector<std::string>& key, Json before = nullptr) {
  Json line = Json::object();
  line["table"] = origin.mapping->source.id.ToString();
  line["target"] = origin.mapping->target.QuotedName();
  line["operation"] = std::string(origin.operation);
  line["stage"] = std::string(origin.stage);
  line["reason"] = std::string(origin.reason);
  line["row_at_target"] = "none";
  if (origin.skipped) line["skipped"] = true;
  line["key"] = Pick(row, key);
  if (!before.is_null()) line["before"] = std::move(before);
  line["row"] = std::move(row);
  std::string text = Print(line);
  if (origin.old_row_may_stay) SayThatOldRowMayStay(text);
  return text;
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

std::string DescribeChangedRow(const ChangeLetterOrigin& origin, const starrocks::EncodePlan& plan,
                               const RowBatch& batch, size_t row) {
  return ChangeLine(origin, ChangedRow(*origin.mapping, plan, batch, row),
                    ChangedKeyNames(*origin.mapping, plan, true));
}

std::string DescribeChangedBodyRow(const ChangeLetterOrigin& origin,
                                   const starrocks::EncodePlan& plan, starrocks::LoadFormat format,
                                   std::string_view row) {
  Json values = BodyRow(plan, format, row);
  values.erase("__op");
  return ChangeLine(origin, std::move(values), ChangedKeyNames(*origin.mapping, plan, false));
}

std::string DescribeEditedRow(const ChangeLetterOrigin& origin, const starrocks::EncodePlan& plan,
                              const RowBatch& before, const RowBatch* after) {
  Json old_row = ChangedRow(*origin.mapping, plan, before, 0);
  if (after == nullptr) return ChangeLine(origin, std::move(old_row), {});
  return ChangeLine(origin, ChangedRow(*origin.mapping, plan, *after, 0), {}, std::move(old_row));
}

std::string DescribeStatement(const TableId& table, std::string_view reason,
                              std::string_view statement) {
  Json line = Json::object();
  line["table"] = table.ToString();
  line["operation"] = "schema-change";
  line["stage"] = "apply";
  line["reason"] = std::string(reason);
  line["skipped"] = true;
  line["statement"] = std::string(statement);
  return Print(line);
}

void SayThatOldRowMayStay(std::string& line) {
  // Within values quotes are escaped.
  constexpr std::string_view kNone = R"("row_at_target":"none")";
  constexpr std::string_view kUnknown = R"("row_at_target":"unknown")";
  if (const size_t at = line.find(kNone); at != line.npos) line.replace(at, kNone.size(), kUnknown);
}

std::string WithPosition(std::string_view line, std::string_view position) {
  return fmt::format("{{\"position\":{},{}", Print(Json(std::string(position))), line.substr(1));
}

std::string BriefChangedBodyRow(const mapping::TableMapping& mapping,
                                const starrocks::EncodePlan& plan, starrocks::LoadFormat format,
                                std::string_view row) {
  return Brief(BodyRow(plan, format, row), ChangedKeyNames(mapping, plan, false));
}

std::string BriefChangedRow(const mapping::TableMapping& mapping, const starrocks::EncodePlan& plan,
                            const RowBatch& batch, size_t row) {
  return Brief(ChangedRow(mapping, plan, batch, row), ChangedKeyNames(mapping, plan, true));
}

std::string BriefBatchRow(const mapping::TableMapping& mapping, const RowBatch& batch, size_t row) {
  return Brief(BatchRow(mapping, batch, row), KeyNames(mapping, true));
}

std::string BriefBodyRow(const mapping::TableMapping& mapping, starrocks::LoadFormat format,
                         std::string_view row) {
  return Brief(BodyRow(mapping.plan, format, row), KeyNames(mapping, false));
}

}  // namespace starlift::load

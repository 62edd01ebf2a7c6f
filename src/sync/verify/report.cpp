#include "sync/verify/report.h"

#include <algorithm>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sync/progress/text_table.h"

namespace starlift::sync {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::vector<StoredValue>;

constexpr size_t kTerminalCharacters = 60;
constexpr double kMilliseconds = 1e3;

std::string Verdict(const TableResult& table) {
  if (table.absent) return "not at the target";
  if (!table.equal()) return "DIFFERENT";
  return table.unsettled > 0 ? "equal, some rows moving" : "equal";
}

std::string ShowRow(const RowShape& shape, const Row& row) {
  std::string text;
  for (size_t i = 0; i < row.size(); ++i) {
    text += fmt::format("{}{} = {}", i > 0 ? ", " : "", shape.columns[i].name,
                        ShowValue(row[i], kTerminalCharacters));
  }
  return text;
}

// The columns of a row that both sides have once, and differ in.
std::string ShowChanges(const TableResult& table, const RowDifference& difference) {
  std::string text;
  const Row& source = difference.source.front();
  const Row& target = difference.target.front();
  for (size_t i = 0; i < source.size(); ++i) {
    const RowShape::Column& column = table.shape.columns[i];
    if (SameValue(column.type, source[i], target[i])) continue;
    text += fmt::format("      {}: source {}, target {}\n", column.name,
                        ShowValue(source[i], kTerminalCharacters),
                        ShowValue(target[i], kTerminalCharacters));
  }
  return text;
}

std::string ShowDifference(const TableResult& table, const RowDifference& difference) {
  std::string key;
  for (size_t i = 0; i < difference.key.size(); ++i) {
    key += fmt::format("{}{} = {}", i > 0 ? ", " : "", table.shape.columns[table.shape.key[i]].name,
                       ShowValue(difference.key[i], kTerminalCharacters));
  }
  std::string text = fmt::format("  {:<9} {}\n", DifferenceKindName(difference.kind), key);
  if (difference.source.size() == 1 && difference.target.size() == 1) {
    return text + ShowChanges(table, difference);
  }
  for (const Row& row : difference.source) {
    text += fmt::format("      source {}\n", ShowRow(table.shape, row));
  }
  for (const Row& row : difference.target) {
    text += fmt::format("      target {}\n", ShowRow(table.shape, row));
  }
  return text;
}

std::string ShowDifferences(const VerificationReport& report, const TableResult& table) {
  std::string text = fmt::format("\n{}\n", table.target);
  size_t shown = 0;
  for (const RowDifference& difference : table.differences) {
    if (shown == report.shown) break;
    ++shown;
    text += ShowDifference(table, difference);
  }
  if (shown < table.differences.size() || !table.differences_complete) {
    text += fmt::format("  … these are {} of the differences; --shown shows more\n", shown);
  }
  for (const std::string& why : table.refusals) {
    text += fmt::format("  no load can carry a row: {}\n", why);
  }
  return text;
}

Json RowsToJson(const RowShape& shape, const std::vector<Row>& rows) {
  Json list = Json::array();
  for (const Row& row : rows) {
    Json object = Json::object();
    for (size_t i = 0; i < row.size(); ++i) {
      object[shape.columns[i].name] = row[i] ? Json(*row[i]) : Json(nullptr);
    }
    list.push_back(std::move(object));
  }
  return list;
}

Json DifferenceToJson(const RowShape& shape, const RowDifference& difference) {
  Json key = Json::object();
  for (size_t i = 0; i < difference.key.size(); ++i) {
    key[shape.columns[shape.key[i]].name] =
        difference.key[i] ? Json(*difference.key[i]) : Json(nullptr);
  }
  return {{"kind", DifferenceKindName(difference.kind)},
          {"key", key},
          {"source", RowsToJson(shape, difference.source)},
          {"target", RowsToJson(shape, difference.target)}};
}

Json TableToJson(const TableResult& table, uint64_t shown) {
  Json differences = Json::array();
  for (const RowDifference& difference : table.differences) {
    if (differences.size() == shown) break;
    differences.push_back(DifferenceToJson(table.shape, difference));
  }
  const bool all = differences.size() == table.differences.size() && table.differences_complete;
  return {{"target", table.target},
          {"sources", table.sources},
          {"equal", table.equal()},
          {"absent", table.absent},
          {"method", ComparisonMethodName(table.method)},
          {"source_rows", table.source_rows},
          {"target_rows", table.target_rows},
          {"missing", table.missing},
          {"different", table.different},
          {"extra", table.extra},
          {"refused", table.refused},
          {"refusals", table.refusals},
          {"unsettled", table.unsettled},
          {"ranges", table.ranges},
          {"ranges_skipped", table.ranges_skipped},
          {"ranges_read", table.ranges_read},
          {"took_ms", table.took.count()},
          {"differences", differences},
          {"all_differences_shown", all}};
}

}  // namespace

bool VerificationReport::equal() const {
  return std::all_of(tables.begin(), tables.end(),
                     [](const TableResult& table) { return table.equal(); });
}

std::string ShowMoment(int64_t unix_ms) {
  constexpr int64_t kPerSecond = 1000;
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC",
                     fmt::gmtime(static_cast<std::time_t>(unix_ms / kPerSecond)));
}

std::string ShowValue(const StoredValue& value, size_t most_characters) {
  if (!value) return "NULL";
  std::string text = "'";
  size_t characters = 0;
  for (const char c : *value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool begins = (byte & 0xC0) != 0x80;
    if (begins && ++characters > most_characters) {
      return text + fmt::format("…' ({} bytes)", value->size());
    }
    if (byte < 0x20 || byte == 0x7F) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return text + "'";
}

std::string RenderReportText(const VerificationReport& report) {
  using Align = TextTable::Align;
  TextTable results({{"table"},
                     {"result"},
                     {"rows", Align::kRight},
                     {"missing", Align::kRight},
                     {"different", Align::kRight},
                     {"extra", Align::kRight},
                     {"by"},
                     {"seconds", Align::kRight}});
  std::string details;
  uint64_t rows = 0, differing = 0;
  for (const TableResult& table : report.tables) {
    rows += table.source_rows;
    differing += table.differing();
    std::string count = std::to_string(table.source_rows);
    if (table.source_rows != table.target_rows) count += fmt::format(" / {}", table.target_rows);
    const bool counted = table.method == ComparisonMethod::kCounts;
    const auto cell = [&](uint64_t number) { return counted ? "?" : std::to_string(number); };
    results.AddRow(
        {table.target, Verdict(table), count, cell(table.missing + table.refused),
         cell(table.different), cell(table.extra), std::string(ComparisonMethodName(table.method)),
         fmt::format("{:.1f}", static_cast<double>(table.took.count()) / kMilliseconds)});
    if (!table.equal() && !table.absent) details += ShowDifferences(report, table);
    if (table.ranges_skipped > 0) {
      details += fmt::format("\n{}: {} of {} key ranges were left out by --sample\n", table.target,
                             table.ranges_skipped, table.ranges);
    }
    if (table.unsettled > 0) {
      details += fmt::format(
          "\n{}: {} rows changed each time they were read; nothing is said of "
          "them\n",
          table.target, table.unsettled);
    }
  }
  std::string text = results.Render() + details + '\n';
  if (report.corrected_rows > 0) {
    text += fmt::format("corrected: {} rows written or deleted; before and after are in {}\n",
                        report.corrected_rows, report.record);
  }
  text += fmt::format("{}: {} tables, {} rows in {:.1f} s", report.equal() ? "equal" : "DIFFERENT",
                      report.tables.size(), rows,
                      static_cast<double>(report.took.count()) / kMilliseconds);
  if (!report.equal()) text += fmt::format(", {} differences", differing);
  return text + '\n';
}

std::string RenderReportJson(const VerificationReport& report) {
  Json tables = Json::array();
  for (const TableResult& table : report.tables) tables.push_back(TableToJson(table, report.shown));
  const Json json = {{"version", 1},
                     {"equal", report.equal()},
                     {"source", report.source},
                     {"target", report.target},
                     {"began", ShowMoment(report.began_unix_ms)},
                     {"took_ms", report.took.count()},
                     {"counts_only", report.counts_only},
                     {"sample", report.sample},
                     {"corrected_rows", report.corrected_rows},
                     {"corrections", report.record},
                     {"tables", tables}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace starlift::sync

#include "sync/progress/progress_text.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "sync/progress/text_table.h"

namespace starlift::sync {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kBarWidth = 20;
constexpr double kMegabyte = 1e6;

double Seconds(std::chrono::milliseconds duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

double PerSecond(uint64_t amount, std::chrono::milliseconds elapsed) {
  return elapsed.count() > 0 ? static_cast<double>(amount) / Seconds(elapsed) : 0;
}

double OneDecimal(double number) { return std::round(number * 10) / 10; }

// Cuts at a character's end; `columns` counts characters.
std::string Fit(const std::string& line, size_t columns) {
  size_t characters = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(line[i]) & 0xc0) != 0x80;
    if (begins && ++characters > columns) return line.substr(0, i);
  }
  return line;
}

double Fraction(const TableProgress& table) {
  const uint64_t behind = table.rows_read + table.rows_before;
  if (table.rows_estimate == 0) return 0;
  // An estimate that was too low never shows a table as done before it is.
  return std::min(0.99, static_cast<double>(behind) / static_cast<double>(table.rows_estimate));
}

std::string Bar(double fraction) {
  const auto filled = static_cast<size_t>(fraction * static_cast<double>(kBarWidth));
  return std::string(filled, '#') + std::string(kBarWidth - filled, '.');
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The tables that a summary for people shows, in the task's order: the largest ones and those that
// are not done. The summary as JSON has all.
std::vector<const TableProgress*> SummaryTables(const ProgressSnapshot& snapshot) {
  constexpr size_t kMostRows = 60;
  std::vector<const TableProgress*> tables;
  for (const TableProgress& table : snapshot.tables) tables.push_back(&table);
  if (tables.size() <= kMostRows) return tables;
  const auto weight = [](const TableProgress* table) {
    return std::pair(table->state != TableState::kDone && table->state != TableState::kWaiting,
                     table->rows_read + table->rows_before);
  };
  std::stable_sort(tables.begin(), tables.end(),
                   [&](const auto* a, const auto* b) { return weight(a) > weight(b); });
  tables.resize(kMostRows);
  std::sort(tables.begin(), tables.end());  // they lie in one vector, in the task's order
  return tables;
}

Json TableJson(const TableProgress& table) {
  return {{"source", table.source},
          {"target", table.target},
          {"state", TableStateName(table.state)},
          {"rows_read", table.rows_read},
          {"rows_loaded", table.rows_loaded},
          {"rows_filtered", table.rows_filtered},
          {"rows_before", table.rows_before},
          {"bytes_read", table.bytes_read},
          {"bytes_loaded", table.bytes_loaded},
          {"seconds", OneDecimal(Seconds(table.elapsed))},
          {"mb_per_s", OneDecimal(PerSecond(table.bytes_loaded, table.elapsed) / kMegabyte)}};
}

Json TotalsJson(const ProgressSnapshot& snapshot) {
  const ProgressTotals& totals = snapshot.totals;
  return {{"tables", totals.tables},
          {"tables_done", totals.tables_done},
          {"rows_read", totals.rows_read},
          {"rows_loaded", totals.rows_loaded},
          {"rows_filtered", totals.rows_filtered},
          {"rows_before", totals.rows_before},
          {"bytes_read", totals.bytes_read},
          {"bytes_loaded", totals.bytes_loaded},
          {"seconds", OneDecimal(Seconds(snapshot.elapsed))}};
}

}  // namespace

std::string RenderLive(const ProgressSnapshot& snapshot, const RateMeter::Rates& rates,
                       size_t columns, size_t lines) {
  const ProgressTotals& totals = snapshot.totals;
  // All rows are read by the estimates: what is still to come is in loads.
  const bool finishing = rates.remaining && rates.remaining->count() == 0;
  const std::string remaining = finishing ? "  finishing"
                                : rates.remaining
                                    ? fmt::format("  ETA {}", FormatDuration(*rates.remaining))
                                    : "";
  std::string text =
      Fit(fmt::format(
              "{}  {}/{} tables  {} rows  {}  {} rows/s  {:.1f} MB/s  {}{}", snapshot.phase,
              totals.tables_done, totals.tables, FormatCount(totals.rows_read + totals.rows_before),
              FormatBytes(totals.bytes_read),
              FormatCount(static_cast<uint64_t>(rates.rows_per_second)),
              rates.bytes_per_second / kMegabyte, FormatDuration(snapshot.elapsed), remaining),
          columns) +
      '\n';
  std::vector<const TableProgress*> active;
  for (const TableProgress& table : snapshot.tables) {
    if (table.state == TableState::kReading) active.push_back(&table);
  }
  const size_t room = lines > 2 ? lines - 2 : 0;
  const size_t shown = active.size() <= room ? active.size() : (room > 0 ? room - 1 : 0);
  for (size_t i = 0; i < shown; ++i) {
    const TableProgress& table = *active[i];
    text += Fit(fmt::format("  [{}] {:>3.0f} %  {}  {} rows  {:.1f} MB/s", Bar(Fraction(table)),
                            Fraction(table) * 100, table.source,
                            FormatCount(table.rows_read + table.rows_before),
                            PerSecond(table.bytes_read, table.elapsed) / kMegabyte),
                columns) +
            '\n';
  }
  if (shown < active.size() && room > 0) {
    text += Fit(fmt::format("  and {} more tables", active.size() - shown), columns) + '\n';
  }
  return text;
}

std::string RenderProgressJson(const ProgressSnapshot& snapshot, const RateMeter::Rates& rates,
                               int64_t wall_time_ms) {
  Json json = {{"event", "progress"}, {"ts_ms", wall_time_ms}, {"phase", snapshot.phase}};
  json.update(TotalsJson(snapshot));
  json["rows_estimate"] = snapshot.totals.rows_estimate;
  json["rows_per_s"] = OneDecimal(rates.rows_per_second);
  json["mb_per_s"] = OneDecimal(rates.bytes_per_second / kMegabyte);
  json["eta_s"] = rates.remaining ? Json(OneDecimal(Seconds(*rates.remaining))) : Json(nullptr);
  Json active = Json::array();
  for (const TableProgress& table : snapshot.tables) {
    if (table.state != TableState::kReading) continue;
    active.push_back({{"source", table.source},
                      {"rows_read", table.rows_read},
                      {"rows_loaded", table.rows_loaded},
                      {"rows_estimate", table.rows_estimate}});
  }
  json["active"] = std::move(active);
  return Dump(json);
}

std::string RenderTableJson(const TableProgress& table, int64_t wall_time_ms) {
  Json json = {{"event", "table"}, {"ts_ms", wall_time_ms}};
  json.update(TableJson(table));
  return Dump(json);
}

std::string RenderSummary(const ProgressSnapshot& snapshot) {
  constexpr auto kRight = TextTable::Align::kRight;
  const ProgressTotals& totals = snapshot.totals;
  const bool resumed = totals.rows_before > 0;
  std::vector<TextTable::Column> columns = {
      {"table"}, {"rows read", kRight}, {"loaded", kRight}, {"filtered", kRight}};
  if (resumed) columns.push_back({"loaded before", kRight});
  columns.push_back({"seconds", kRight});
  columns.push_back({"MB/s", kRight});
  TextTable text(std::move(columns));
  const auto row = [&](std::string name, uint64_t read, uint64_t loaded, uint64_t filtered,
                       uint64_t before, std::chrono::milliseconds elapsed, uint64_t bytes) {
    std::vector<std::string> cells = {std::move(name), FormatCount(read), FormatCount(loaded),
                                      FormatCount(filtered)};
    if (resumed) cells.push_back(FormatCount(before));
    cells.push_back(fmt::format("{:.1f}", Seconds(elapsed)));
    cells.push_back(fmt::format("{:.1f}", PerSecond(bytes, elapsed) / kMegabyte));
    return cells;
  };
  const std::vector<const TableProgress*> shown = SummaryTables(snapshot);
  for (const TableProgress* each : shown) {
    const TableProgress& table = *each;
    std::string name = table.source;
    if (table.state != TableState::kDone) {
      name +=
          fmt::format(" ({})", table.state == TableState::kReading ? "not finished"
                                                                   : TableStateName(table.state));
    }
    text.AddRow(row(std::move(name), table.rows_read, table.rows_loaded, table.rows_filtered,
                    table.rows_before, table.elapsed, table.bytes_loaded));
  }
  if (const size_t left_out = snapshot.tables.size() - shown.size(); left_out > 0) {
    text.AddRow({fmt::format("and {} smaller tables", FormatCount(left_out))});
  }
  text.AddTotal(row(fmt::format("{} of {} tables done", totals.tables_done, totals.tables),
                    totals.rows_read, totals.rows_loaded, totals.rows_filtered, totals.rows_before,
                    snapshot.elapsed, totals.bytes_loaded));
  return text.Render();
}

std::string RenderSummaryJson(const ProgressSnapshot& snapshot, const std::string& task,
                              const std::string& result, int64_t wall_time_ms) {
  Json json = {{"event", "summary"}, {"ts_ms", wall_time_ms}, {"task", task}, {"result", result}};
  json.update(TotalsJson(snapshot));
  json["mb_per_s"] =
      OneDecimal(PerSecond(snapshot.totals.bytes_loaded, snapshot.elapsed) / kMegabyte);
  Json tables = Json::array();
  for (const TableProgress& table : snapshot.tables) tables.push_back(TableJson(table));
  json["table"] = std::move(tables);
  return Dump(json);
}

}  // namespace starlift::sync

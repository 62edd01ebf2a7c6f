#include <algorithm>

#include <fmt/format.h>

#include "sync/verify/report.h"

namespace starlift::sync {
namespace {

using Row = std::vector<StoredValue>;

constexpr size_t kPageCharacters = 300;
constexpr double kMilliseconds = 1e3;

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --line: #8884; --bad: #c33; --good: #2a7; --mark: #fc06; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .7rem; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.value { font-family: ui-monospace, monospace; font-size: 13px; white-space: pre-wrap; word-break: break-word; }
td.differs { background: var(--mark); }
.equal { color: var(--good); } .different { color: var(--bad); font-weight: 600; }
.wide { overflow-x: auto; }
)";

std::string Escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string Number(uint64_t number) { return fmt::format("<td class=\"number\">{}</td>", number); }

std::string Summary(const VerificationReport& report) {
  std::string html =
      "<div class=\"wide\"><table><tr><th>table</th><th>result</th><th>rows at the source</th>"
      "<th>at the target</th><th>missing</th><th>different</th><th>extra</th><th>compared by</th>"
      "<th>seconds</th></tr>\n";
  for (const TableResult& table : report.tables) {
    html += fmt::format(
        "<tr><td>{}</td><td class=\"{}\">{}</td>{}{}{}{}{}<td>{}</td><td class=\"number\">{:.1f}"
        "</td></tr>\n",
        Escape(table.target), table.equal() ? "equal" : "different",
        table.absent    ? "not at the target"
        : table.equal() ? "equal"
                        : "different",
        Number(table.source_rows), Number(table.target_rows), Number(table.missing + table.refused),
        Number(table.different), Number(table.extra), ComparisonMethodName(table.method),
        static_cast<double>(table.took.count()) / kMilliseconds);
  }
  return html + "</table></div>\n";
}

std::string Cell(const RowShape::Column& column, const StoredValue* value,
                 const StoredValue* other) {
  if (value == nullptr) return "<td></td>";
  const bool differs = other != nullptr && !SameValue(column.type, *value, *other);
  return fmt::format("<td class=\"value{}\">{}</td>", differs ? " differs" : "",
                     Escape(ShowValue(*value, kPageCharacters)));
}

// A line per row and side; values that differ from the other side's are marked.
std::string Lines(const TableResult& table, const RowDifference& difference) {
  std::string html;
  const auto side = [&](std::string_view name, const std::vector<Row>& rows,
                        const std::vector<Row>& others) {
    for (const Row& row : rows) {
      const Row* other = rows.size() == 1 && others.size() == 1 ? &others.front() : nullptr;
      html += fmt::format("<tr><td>{}</td><td>{}</td>", DifferenceKindName(difference.kind), name);
      for (size_t i = 0; i < row.size(); ++i) {
        html += Cell(table.shape.columns[i], &row[i], other == nullptr ? nullptr : &(*other)[i]);
      }
      html += "</tr>\n";
    }
  };
  side("source", difference.source, difference.target);
  side("target", difference.target, difference.source);
  return html;
}

std::string Details(const VerificationReport& report, const TableResult& table) {
  std::string html = fmt::format("<h2>{}</h2>\n", Escape(table.target));
  const size_t shown = std::min<size_t>(report.shown, table.differences.size());
  if (shown < table.differences.size() || !table.differences_complete) {
    html += fmt::format("<p>The first {} differing keys of more.</p>\n", shown);
  }
  for (const std::string& why : table.refusals) {
    html += fmt::format("<p>No load can carry a row: {}</p>\n", Escape(why));
  }
  if (shown == 0) return html;
  html += "<div class=\"wide\"><table><tr><th></th><th>side</th>";
  for (const RowShape::Column& column : table.shape.columns) {
    html += fmt::format("<th>{}</th>", Escape(column.name));
  }
  html += "</tr>\n";
  for (size_t i = 0; i < shown; ++i) html += Lines(table, table.differences[i]);
  return html + "</table></div>\n";
}

}  // namespace

std::string RenderReportHtml(const VerificationReport& report) {
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>Verification: {}</title><style>{}</style></head><body>\n"
      "<h1 class=\"{}\">{}</h1>\n<p>{} compared with {}, {}, {:.1f} s.</p>\n",
      report.equal() ? "equal" : "different", kStyle, report.equal() ? "equal" : "different",
      report.equal() ? "Source and target are equal" : "Source and target differ",
      Escape(report.source), Escape(report.target), ShowMoment(report.began_unix_ms),
      static_cast<double>(report.took.count()) / kMilliseconds);
  if (report.counts_only) html += "<p>Only row counts were compared.</p>\n";
  if (report.sample < 1) {
    html += fmt::format("<p>A sample of {:.0f} % of the key ranges was compared.</p>\n",
                        report.sample * 100);
  }
  if (report.corrected_rows > 0) {
    html += fmt::format("<p>Before this, {} rows were corrected; the record is {}.</p>\n",
                        report.corrected_rows, Escape(report.record));
  }
  html += Summary(report);
  for (const TableResult& table : report.tables) {
    if (!table.equal() && !table.absent) html += Details(report, table);
  }
  return html + "</body></html>\n";
}

}  // namespace starlift::sync

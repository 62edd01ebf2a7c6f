#include "starrocks/stored_row_json.h"

#include "starrocks/ddl_printer.h"
#include "starrocks/json_text.h"

namespace starlift::starrocks {
namespace {

constexpr size_t kRoom = 16;

void AppendText(std::string_view text, std::string& body) {
  const size_t begin = body.size();
  body.resize(begin + text.size() * kJsonEscapeFactor + kRoom + 2);
  body[begin] = '"';
  char* end = EscapeJson(text, body.data() + begin + 1);
  *end++ = '"';
  body.resize(static_cast<size_t>(end - body.data()));
}

}  // namespace

void AppendStoredRow(const EncodePlan& plan, StoredValues values, std::string& body,
                     std::optional<int> op) {
  for (size_t i = 0; i < values.size(); ++i) {
    body += i == 0 ? '{' : ',';
    AppendText(plan.columns[i].field, body);
    body += ':';
    if (values[i]) {
      AppendText(*values[i], body);
    } else {
      body += "null";
    }
  }
  if (op) body += ",\"__op\":" + std::to_string(*op);
  body += "}\n";
}

std::string StoredRowColumns(const EncodePlan& plan) {
  if (!plan.json_columns_header.empty()) return plan.json_columns_header;
  std::string header;
  for (const ColumnPlan& column : plan.columns) {
    header += (header.empty() ? "" : ",") + QuoteName(column.name);
  }
  return header;
}

}  // namespace starlift::starrocks

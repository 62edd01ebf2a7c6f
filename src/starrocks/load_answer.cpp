#include "starrocks/load_answer.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::starrocks {
namespace {

using nlohmann::json;
using wire::http::ClientResponse;

constexpr size_t kQuotedBytes = 300;

// A discarded value where the body isn't a JSON object.
json ParseObject(const ClientResponse& response) {
  json parsed = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  return parsed.is_object() ? parsed : json(json::value_t::discarded);
}

std::string TextAt(const json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = object.find(name);
    if (found != object.end() && found->is_string()) return found->get<std::string>();
  }
  return {};
}

int64_t NumberAt(const json& object, const char* name, int64_t otherwise = 0) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return otherwise;
  return found->get<int64_t>();
}

// "class com.starrocks.common.DdlException: No backend alive." says it better without its class.
std::string WithoutClass(std::string message) {
  if (!message.starts_with("class ")) return message;
  const size_t colon = message.find(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

Error Refusal(const ClientResponse& response, const json& object) {
  const std::string message = object.is_discarded() ? response.body.substr(0, kQuotedBytes)
                                                    : TextAt(object, {"msg", "message", "Message"});
  Error error{.kind = response.status >= 500 ? ErrorKind::kUnreachable : ErrorKind::kRefused,
              .message = fmt::format("the frontend refuses: {}",
                                     message.empty() ? response.reason : message),
              .native_code = response.status};
  if (response.status == 401) error.mend = "check the target's user and password";
  return error;
}

}  // namespace

LoadOutcome ParseLoadAnswer(LoadCall call, const ClientResponse& response) {
  LoadOutcome outcome;
  outcome.http_status = response.status;
  const json answer = ParseObject(response);
  if (answer.is_discarded()) {
    outcome.message = fmt::format(
        "HTTP {} {}", response.status,
        response.body.empty() ? response.reason : response.body.substr(0, kQuotedBytes));
    ClassifyAnswer(call, outcome);
    return outcome;
  }
  outcome.status = TextAt(answer, {"Status", "status"});
  outcome.message = WithoutClass(TextAt(answer, {"Message", "msg", "message"}));
  outcome.existing_job_status = TextAt(answer, {"ExistingJobStatus"});
  outcome.label = TextAt(answer, {"Label"});
  outcome.error_url = TextAt(answer, {"ErrorURL"});
  outcome.transaction_id = NumberAt(answer, "TxnId", -1);
  outcome.total_rows = NumberAt(answer, "NumberTotalRows");
  outcome.loaded_rows = NumberAt(answer, "NumberLoadedRows");
  outcome.filtered_rows = NumberAt(answer, "NumberFilteredRows");
  outcome.unselected_rows = NumberAt(answer, "NumberUnselectedRows");
  outcome.load_bytes = NumberAt(answer, "LoadBytes");
  outcome.load_ms = NumberAt(answer, "LoadTimeMs");
  ClassifyAnswer(call, outcome);
  return outcome;
}

Result<LabelState> ParseLabelState(const ClientResponse& response) {
  static constexpr std::array kStates = {LabelState::kUnknown,  LabelState::kPreparing,
                                         LabelState::kPrepared, LabelState::kCommitted,
                                         LabelState::kVisible,  LabelState::kAborted};
  const json answer = ParseObject(response);
  if (response.status == 200 && !answer.is_discarded()) {
    const std::string state = TextAt(answer, {"state"});
    for (const LabelState candidate : kStates) {
      if (LabelStateName(candidate) == state) return candidate;
    }
  }
  return Refusal(response, answer);
}

Status ParseCancelAnswer(const ClientResponse& response) {
  const json answer = ParseObject(response);
  if (response.status == 200 && !answer.is_discarded() &&
      TextAt(answer, {"status", "Status"}) == "OK") {
    return {};
  }
  Error error = Refusal(response, answer);
  if (error.message.find("not found") != std::string::npos) error.kind = ErrorKind::kNotFound;
  return error;
}

std::vector<RefusedRow> ParseErrorLog(std::string_view text) {
  static constexpr std::string_view kError = "Error: ";
  static constexpr std::string_view kRow = ". Row: ";
  std::vector<RefusedRow> rows;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const bool begins = line.starts_with(kError);
    if (!begins) {
      // A value with a line break goes on.
      if (!rows.empty() && !line.empty()) rows.back().row.append("\n").append(line);
      continue;
    }
    line.remove_prefix(kError.size());
    const size_t row = line.find(kRow);
    if (row == std::string_view::npos) {
      rows.push_back(RefusedRow{.reason = std::string(line)});
    } else {
      rows.push_back(RefusedRow{.reason = std::string(line.substr(0, row)),
                                .row = std::string(line.substr(row + kRow.size()))});
    }
  }
  return rows;
}

}  // namespace starlift::starrocks

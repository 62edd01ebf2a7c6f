#include "sync/control/task_status.h"

#include <algorithm>
#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "sync/progress/text_table.h"

namespace starlift::sync {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostTables = 60;

std::string Time(int64_t unix_ms) {
  if (unix_ms == 0) return "never";
  return fmt::format("{:%F %T} UTC", fmt::gmtime(static_cast<time_t>(unix_ms / 1000)));
}

std::string Lag(uint64_t lag_ms) { return FormatDuration(std::chrono::milliseconds(lag_ms)); }

Json VerifiedJson(const TableStatus& table) {
  if (table.verified_unix_ms == 0) return nullptr;
  return {{"unix_ms", table.verified_unix_ms},
          {"equal", table.verified_equal},
          {"differing", table.differing}};
}

Json TableJson(const TableStatus& table) {
  return {{"source", table.source},
          {"target", table.target},
          {"state", table.state},
          {"rows_estimate", table.rows_estimate},
          {"rows_loaded", table.rows_loaded},
          {"changes_applied", table.changes_applied},
          {"dead_letters", table.dead_letters},
          {"last_load_unix_ms", table.last_load_unix_ms},
          {"lag_ms", table.lag_ms},
          {"verified", VerifiedJson(table)}};
}

TableStatus ReadTable(const Json& json) {
  TableStatus table;
  table.source = json.at("source").get<std::string>();
  table.target = json.at("target").get<std::string>();
  table.state = json.at("state").get<std::string>();
  table.rows_estimate = json.at("rows_estimate").get<uint64_t>();
  table.rows_loaded = json.at("rows_loaded").get<uint64_t>();
  table.changes_applied = json.at("changes_applied").get<uint64_t>();
  table.dead_letters = json.at("dead_letters").get<uint64_t>();
  table.last_load_unix_ms = json.at("last_load_unix_ms").get<int64_t>();
  table.lag_ms = json.at("lag_ms").get<uint64_t>();
  if (json.contains("verified") && json["verified"].is_object()) {
    const Json& verified = json["verified"];
    table.verified_unix_ms = verified.at("unix_ms").get<int64_t>();
    table.verified_equal = verified.at("equal").get<bool>();
    table.differing = verified.at("differing").get<uint64_t>();
  }
  return table;
}

std::string Verified(const TableStatus& table) {
  if (table.verified_unix_ms == 0) return "never";
  const std::string result = table.verified_equal ? "equal"
                             : table.differing > 0
                                 ? fmt::format("{} differ", FormatCount(table.differing))
                                 : "not there";
  return fmt::format("{}, {}", result, Time(table.verified_unix_ms));
}

std::string RenderTables(const TaskStatus& status) {
  using Align = TextTable::Align;
  TextTable text({{"table", Align::kLeft},
                  {"state", Align::kLeft},
                  {"rows", Align::kRight},
                  {"changes", Align::kRight},
                  {"dead letters", Align::kRight},
                  {"lag", Align::kRight},
                  {"last load", Align::kLeft},
                  {"verified", Align::kLeft}});
  for (const TableStatus& table : status.tables) {
    if (&table - status.tables.data() >= static_cast<std::ptrdiff_t>(kMostTables)) break;
    text.AddRow({table.source, table.state, FormatCount(table.rows_loaded),
                 FormatCount(table.changes_applied), FormatCount(table.dead_letters),
                 Lag(table.lag_ms), Time(table.last_load_unix_ms), Verified(table)});
  }
  std::string out = text.Render();
  if (status.tables.size() > kMostTables) {
    out +=
        fmt::format("… and {} tables more; --json shows all\n", status.tables.size() - kMostTables);
  }
  return out;
}

}  // namespace

std::string RenderStatus(const TaskStatus& status) {
  std::string out = fmt::format("task        {}\nstate       {}{}\nphase       {}\n", status.task,
                                status.running ? "running" : "not running",
                                status.paused ? ", paused" : "", status.phase);
  if (!status.checkpoint.empty()) out += fmt::format("checkpoint  {}\n", status.checkpoint);
  if (status.lag_ms) {
    out += fmt::format("lag         {}{}\n", Lag(*status.lag_ms),
                       status.lag_bytes ? ", " + FormatBytes(*status.lag_bytes) : "");
  }
  out += fmt::format("last load   {}\nchanges     {}\ndead letters {}\n",
                     Time(status.last_load_unix_ms), FormatCount(status.changes_applied),
                     FormatCount(status.dead_letters));
  if (status.skips_left > 0) {
    out += fmt::format("to be skipped {}\n", FormatCount(status.skips_left));
  }
  return out + '\n' + RenderTables(status);
}

std::string RenderStatusJson(const TaskStatus& status) {
  Json json = {{"task", status.task},
               {"running", status.running},
               {"paused", status.paused},
               {"phase", status.phase},
               {"checkpoint", status.checkpoint},
               {"lag_ms", nullptr},
               {"lag_bytes", nullptr},
               {"last_load_unix_ms", status.last_load_unix_ms},
               {"changes_applied", status.changes_applied},
               {"reconnects", status.reconnects},
               {"dead_letters", status.dead_letters},
               {"skips_left", status.skips_left},
               {"tables", Json::array()}};
  if (status.lag_ms) json["lag_ms"] = *status.lag_ms;
  if (status.lag_bytes) json["lag_bytes"] = *status.lag_bytes;
  for (const TableStatus& table : status.tables) json["tables"].push_back(TableJson(table));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<TaskStatus> ParseStatusJson(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    TaskStatus status;
    status.task = json.at("task").get<std::string>();
    status.running = json.at("running").get<bool>();
    status.paused = json.at("paused").get<bool>();
    status.phase = json.at("phase").get<std::string>();
    status.checkpoint = json.at("checkpoint").get<std::string>();
    if (!json.at("lag_ms").is_null()) status.lag_ms = json["lag_ms"].get<uint64_t>();
    if (!json.at("lag_bytes").is_null()) status.lag_bytes = json["lag_bytes"].get<uint64_t>();
    status.last_load_unix_ms = json.at("last_load_unix_ms").get<int64_t>();
    status.changes_applied = json.at("changes_applied").get<uint64_t>();
    status.reconnects = json.at("reconnects").get<uint64_t>();
    status.dead_letters = json.at("dead_letters").get<uint64_t>();
    status.skips_left = json.value("skips_left", uint64_t{0});
    for (const Json& table : json.at("tables")) status.tables.push_back(ReadTable(table));
    return status;
  } catch (const Json::exception& error) {
    return Error{ErrorKind::kData, fmt::format("a status that can't be read: {}", error.what())};
  }
}

}  // namespace starlift::sync

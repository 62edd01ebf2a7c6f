#include "sync/control/table_request.h"

#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::sync {
namespace {

using Json = nlohmann::ordered_json;

// "`a`" at the begin, "``" within standing for one; what follows it stays in `rest`.
std::optional<std::string> TakeQuoted(std::string_view& rest) {
  if (!rest.starts_with('`')) return std::nullopt;
  std::string name;
  for (size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] != '`') {
      name += rest[at];
    } else if (at + 1 < rest.size() && rest[at + 1] == '`') {
      name += rest[at++];
    } else {
      rest.remove_prefix(at + 1);
      return name;
    }
  }
  return std::nullopt;
}

// The parts before and after the first dot; the first is empty without one. nullopt for what is no
// name.
std::optional<std::pair<std::string, std::string>> SplitName(std::string_view name) {
  if (!name.starts_with('`')) {
    const size_t dot = name.find('.');
    if (dot == std::string_view::npos) return std::pair(std::string(), std::string(name));
    std::string_view table = name.substr(dot + 1);
    std::optional<std::string> quoted = TakeQuoted(table);
    if (quoted && !table.empty()) return std::nullopt;
    return std::pair(std::string(name.substr(0, dot)),
                     quoted ? *std::move(quoted) : std::string(table));
  }
  std::optional<std::string> first = TakeQuoted(name);
  if (!first) return std::nullopt;
  if (name.empty()) return std::pair(std::string(), *std::move(first));
  if (!name.starts_with('.')) return std::nullopt;
  name.remove_prefix(1);
  if (!name.starts_with('`')) return std::pair(*std::move(first), std::string(name));
  std::optional<std::string> second = TakeQuoted(name);
  if (!second || !name.empty()) return std::nullopt;
  return std::pair(*std::move(first), *std::move(second));
}

}  // namespace

std::string PrintTableRequest(const TableRequest& request) {
  const Json json = {{"tables", request.names}, {"existing", request.existing}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<TableRequest> ParseTableRequest(const std::string& text) {
  const Error wrong{ErrorKind::kUsage, "not a request for tables"};
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("tables") || !json["tables"].is_array()) return wrong;
  TableRequest request;
  for (const Json& name : json["tables"]) {
    if (!name.is_string()) return wrong;
    request.names.push_back(name.get<std::string>());
  }
  if (request.names.empty()) return wrong;
  request.existing = json.value("existing", std::string());
  return request;
}

Result<TableId> ParseTableName(std::string_view name, const std::string& database) {
  const auto parts = SplitName(name);
  if (!parts || parts->second.empty()) {
    return Error{ErrorKind::kUsage, fmt::format("'{}' is no table's name", name), "",
                 "write DATABASE.TABLE, without patterns"};
  }
  TableId table{parts->first.empty() ? database : parts->first, "", parts->second};
  if (table.database.empty()) {
    return Error{ErrorKind::kUsage, fmt::format("'{}' doesn't say which database", name), "",
                 fmt::format("write DATABASE.{}", name)};
  }
  if (!database.empty() && table.database != database) {
    return Error{ErrorKind::kUsage,
                 fmt::format("{} is not in `{}`, the database that this task reads",
                             table.ToString(), database),
                 "", "give the source's URL of the task without a database, or run another task"};
  }
  return table;
}

std::string JoinNames(const std::vector<TableId>& tables) {
  std::string names;
  for (const TableId& table : tables) {
    if (!names.empty()) names += ", ";
    names += table.ToString();
  }
  return names;
}

}  // namespace starlift::sync

#include "sync/run/table_selection.h"

#include <filesystem>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/random.h"
#include "state/sqlite_store.h"
#include "sync/plan/preparation.h"

namespace starlift::sync {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> ReadTexts(const Json& json, const char* name) {
  std::vector<std::string> texts;
  const auto found = json.find(name);
  if (found == json.end() || !found->is_array()) return texts;
  for (const Json& each : *found) {
    if (each.is_string()) texts.push_back(each.get<std::string>());
  }
  return texts;
}

}  // namespace

Result<TableSelection> TableSelection::Read(const TaskConfig& config, state::StateStore& store,
                                            int64_t task) {
  TableSelection selection;
  SL_ASSIGN(selection.patterns_, MakeTableFilter(config));
  if (task == 0) return selection;
  SL_ASSIGN(const auto choices, store.admissions().ListChoices(task));
  for (const state::ChosenTable& chosen : choices) {
    selection.choices_[chosen.table] = chosen.choice;
  }
  SL_ASSIGN(const auto admissions, store.admissions().ListAdmissions(task));
  for (const state::AdmissionRecord& admission : admissions) {
    selection.on_their_way_.insert(admission.tables.begin(), admission.tables.end());
  }
  return selection;
}

bool TableSelection::Takes(const TableId& table) const {
  const auto chosen = choices_.find(table);
  if (chosen != choices_.end()) return chosen->second == state::TableChoice::kIncluded;
  return patterns_(table);
}

std::string PrintPatterns(const TaskConfig& config) {
  const Json json = {{"database", config.source.database},
                     {"tables", config.tables},
                     {"exclude", config.exclude_tables}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<TableFilter> ParsePatterns(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("database") || !json["database"].is_string()) {
    return Error{ErrorKind::kData, "the state's record of the task's patterns can't be read"};
  }
  TaskConfig config;
  config.source.database = json["database"].get<std::string>();
  config.tables = ReadTexts(json, "tables");
  config.exclude_tables = ReadTexts(json, "exclude");
  return MakeTableFilter(config);
}

std::string DatabaseOfPatterns(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return "";
  const auto found = json.find("database");
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<TableFilter> ReadTaskFilter(const TaskConfig& config) {
  if (!std::filesystem::exists(std::filesystem::path(config.home) / state::kStateFileName)) {
    return MakeTableFilter(config);
  }
  SL_ASSIGN(const std::unique_ptr<state::StateStore> store,
            state::OpenSqliteStore(config.home, SystemClock(), SystemRandom()));
  SL_ASSIGN(const std::optional<state::TaskRecord> task, store->FindTask(TaskIdentity(config)));
  if (!task || task->config_digest != PrintPatterns(config)) return MakeTableFilter(config);
  SL_ASSIGN(const TableSelection selection, TableSelection::Read(config, *store, task->id));
  std::set<TableId> shadows;
  SL_ASSIGN(const auto kept, store->ListShadows(task->id));
  for (const ShadowTable& shadow : kept) shadows.insert(shadow.table->id);
  SL_ASSIGN(const auto definitions, store->ListDefinitions(task->id));
  for (const TableVersion& table : definitions) shadows.erase(table->id);
  return TableFilter([selection, shadows](const TableId& table) {
    return selection.IsOwn(table) && !shadows.contains(table);
  });
}

TableFilter MakeNameFilter(const std::vector<TableId>& tables) {
  const auto names = std::make_shared<const std::set<TableId>>(tables.begin(), tables.end());
  return [names](const TableId& table) { return names->contains(table); };
}

}  // namespace starlift::sync

#include "sync/cascades/cascade_rules.h"

#include <algorithm>
#include <cctype>
#include <exception>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::sync {
namespace {

using nlohmann::json;

// Of the audit: the last such record of a task holds.
constexpr std::string_view kRules = "foreign-keys";
constexpr size_t kShownStatement = 200;

// Upper case, one space for any white space.
std::string Plain(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isspace(letter) == 0) {
      plain += static_cast<char>(std::toupper(letter));
    } else if (!plain.ends_with(' ')) {
      plain += ' ';
    }
  }
  return plain;
}

bool HasWord(std::string_view text, std::string_view word) {
  const auto is_part = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
  };
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) {
      return true;
    }
  }
  return false;
}

json ToJson(const TableId& id) { return json::array({id.database, id.schema, id.name}); }

TableId TableFromJson(const json& names) { return {names.at(0), names.at(1), names.at(2)}; }

json ToJson(const CascadingKey& key) {
  return {{"name", key.name},
          {"parent", ToJson(key.parent)},
          {"child_columns", key.child_columns},
          {"parent_columns", key.parent_columns},
          {"on_delete", static_cast<int>(key.on_delete)},
          {"on_update", static_cast<int>(key.on_update)}};
}

CascadingKey KeyFromJson(const TableId& child, const json& object) {
  CascadingKey key;
  key.name = object.at("name");
  key.child = child;
  key.parent = TableFromJson(object.at("parent"));
  key.child_columns = object.at("child_columns").get<std::vector<std::string>>();
  key.parent_columns = object.at("parent_columns").get<std::vector<std::string>>();
  key.on_delete = static_cast<KeyRule>(object.at("on_delete").get<int>());
  key.on_update = static_cast<KeyRule>(object.at("on_update").get<int>());
  return key;
}

std::vector<CascadingKey> KeysOf(const TableId& child, const std::vector<CascadingKey>& keys) {
  std::vector<CascadingKey> own;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(own),
               [&](const CascadingKey& key) { return key.child == child; });
  return own;
}

// Whether the statement has all that makes up the key.
bool Describes(const std::string& plain, const CascadingKey& key) {
  const auto has = [&](const std::string& name) { return HasWord(plain, Plain(name)); };
  return has(key.parent.name) &&
         std::all_of(key.child_columns.begin(), key.child_columns.end(), has) &&
         std::all_of(key.parent_columns.begin(), key.parent_columns.end(), has);
}

bool AddsRule(const std::string& plain) {
  return HasWord(plain, "CASCADE") || HasWord(plain, "SET NULL") || HasWord(plain, "SET DEFAULT");
}

}  // namespace

bool CascadeRules::IsTouchedBy(std::string_view statement, const TableId& child) const {
  const std::string plain = Plain(statement);
  if (AddsRule(plain)) return true;
  const auto known = children_.find(child);
  return known != children_.end() &&
         std::any_of(known->second.keys.begin(), known->second.keys.end(),
                     [&](const CascadingKey& key) { return HasWord(plain, Plain(key.name)); });
}

Result<bool> CascadeRules::Read() {
  children_.clear();
  SL_ASSIGN(const std::vector<state::AuditRecord> audit, store_.ListAudit(task_));
  for (const state::AuditRecord& record : audit) {
    if (record.action != kRules) continue;
    // Those of tables that came in later were their own run's.
    if (record.subject == std::to_string(task_)) {
      children_.clear();
      stored_ = record.detail;
    }
    SL_TRY(Parse(record.detail));
  }
  return !children_.empty();
}

Status CascadeRules::Parse(const std::string& text) {
  try {
    for (const json& one : json::parse(text)) {
      const TableId id = TableFromJson(one.at("table"));
      Child child;
      child.read_at = one.at("read_at").get<std::string>();
      for (const json& key : one.at("keys")) child.keys.push_back(KeyFromJson(id, key));
      children_[id] = std::move(child);
    }
  } catch (const std::exception& error) {
    return Error{ErrorKind::kInternal,
                 fmt::format("the state's foreign keys can't be read: {}", error.what())};
  }
  return {};
}

Status CascadeRules::Choose(const std::vector<TableId>& tables,
                            const std::vector<CascadingKey>& now, const Position& read_at) {
  std::erase_if(children_, [&](const auto& child) {
    return std::find(tables.begin(), tables.end(), child.first) == tables.end();
  });
  for (const TableId& id : tables) {
    if (!children_.contains(id)) children_[id] = {read_at, KeysOf(id, now)};
  }
  return Store();
}

std::vector<CascadingKey> CascadeRules::keys() const {
  std::vector<CascadingKey> all;
  for (const auto& [id, child] : children_) {
    all.insert(all.end(), child.keys.begin(), child.keys.end());
  }
  return all;
}

std::optional<Position> CascadeRules::ReadAt(const TableId& child) const {
  const auto found = children_.find(child);
  if (found == children_.end()) return std::nullopt;
  return found->second.read_at;
}

Result<bool> CascadeRules::Change(const TableId& child, std::string_view statement,
                                  const std::vector<CascadingKey>& now, const Position& read_at) {
  std::vector<CascadingKey> keys = KeysOf(child, now);
  const std::string plain = Plain(statement);
  const bool is_seen = std::any_of(keys.begin(), keys.end(),
                                   [&](const CascadingKey& key) { return Describes(plain, key); });
  if (AddsRule(plain) && !is_seen) {
    return Error{
        ErrorKind::kPolicy,
        fmt::format("a statement adds a foreign key to {} that changes rows by itself, and "
                    "the source doesn't have it any more: which rows it changed meanwhile "
                    "isn't known",
                    child.ToString()),
        std::string(statement.substr(0, kShownStatement)),
        "begin the task anew: --fresh --existing truncate"};
  }
  Child& known = children_[child];
  const bool others = known.keys != keys;
  known = {read_at, std::move(keys)};
  SL_TRY(Store());
  return others;
}

Status CascadeRules::Store() {
  std::string text;
  try {
    json all = json::array();
    for (const auto& [id, child] : children_) {
      json keys = json::array();
      for (const CascadingKey& key : child.keys) keys.push_back(ToJson(key));
      all.push_back({{"table", ToJson(id)}, {"read_at", child.read_at}, {"keys", keys}});
    }
    text = all.dump();
  } catch (const std::exception& error) {
    return Error{ErrorKind::kInternal,
                 fmt::format("the foreign keys can't be stored: {}", error.what())};
  }
  if (text == stored_) return {};
  SL_TRY(store_.AppendAudit(task_, kRules, std::to_string(task_), text));
  stored_ = std::move(text);
  return {};
}

}  // namespace starlift::sync

#include "smt/dialect.h"

#include <algorithm>
#include <array>
#include <utility>

namespace starlift::smt {

void FlinkOptions::Set(std::string_view name, std::string value) {
  const auto found = std::find_if(pairs_.begin(), pairs_.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  if (found == pairs_.end()) {
    pairs_.emplace_back(name, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

void FlinkOptions::SetDefault(std::string_view name, std::string value) {
  if (!Has(name)) pairs_.emplace_back(name, std::move(value));
}

void FlinkOptions::Remove(std::string_view name) {
  std::erase_if(pairs_, [&](const auto& pair) { return pair.first == name; });
}

bool FlinkOptions::Has(std::string_view name) const {
  return std::any_of(pairs_.begin(), pairs_.end(),
                     [&](const auto& pair) { return pair.first == name; });
}

std::string_view FlinkOptions::Get(std::string_view name) const {
  const auto found = std::find_if(pairs_.begin(), pairs_.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == pairs_.end() ? std::string_view() : std::string_view(found->second);
}

std::span<const Dialect* const> AllDialects() {
  static const std::array<const Dialect*, 7> dialects = {
      &MysqlDialect(),      &PostgresDialect(),  &OracleDialect(), &HiveDialect(),
      &ClickhouseDialect(), &SqlserverDialect(), &TidbDialect()};
  return dialects;
}

const Dialect* FindDialect(std::string_view type) {
  const auto dialects = AllDialects();
  const auto found = std::find_if(dialects.begin(), dialects.end(),
                                  [&](const Dialect* dialect) { return dialect->type == type; });
  return found == dialects.end() ? nullptr : *found;
}

}  // namespace starlift::smt

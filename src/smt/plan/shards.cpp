#include "smt/plan/shards.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace starlift::smt {
namespace {

constexpr std::string_view kSuffix = "_auto_shard";

std::string_view WithoutNumber(std::string_view name) {
  while (!name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0) {
    name.remove_suffix(1);
  }
  return name;
}

bool SameShape(const Table& a, const Table& b, bool types) {
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                    [&](const Column& x, const Column& y) {
                      return x.name == y.name && (!types || x.native_type == y.native_type);
                    });
}

bool DifferByNumber(const TableId& a, const TableId& b) {
  return WithoutNumber(a.database) == WithoutNumber(b.database) &&
         WithoutNumber(a.schema) == WithoutNumber(b.schema) &&
         WithoutNumber(a.name) == WithoutNumber(b.name);
}

}  // namespace

bool ShouldMerge(const RuleGroup& group, const Dialect& dialect, MergeRule merge, Form form) {
  if (merge == MergeRule::kNever || group.tables.size() < 2) return false;
  const Table& first = *group.tables.front();
  const bool types = form == Form::kRight || dialect.merge_compares_types;
  return std::all_of(group.tables.begin() + 1, group.tables.end(), [&](const Table* table) {
    return SameShape(first, *table, types) &&
           (merge == MergeRule::kAlike || DifferByNumber(first.id, table->id));
  });
}

std::string ShardName(const std::vector<std::string>& names, std::string_view without_prefix,
                      Form form) {
  std::string_view prefix = names.front();
  for (const std::string_view name : names) {
    const auto [end, other] = std::mismatch(prefix.begin(), prefix.end(), name.begin(), name.end());
    prefix = prefix.substr(0, static_cast<size_t>(end - prefix.begin()));
  }
  // Cutting inside a character would leave no UTF-8.
  while (!prefix.empty() && prefix.size() < names.front().size() &&
         (static_cast<unsigned char>(names.front()[prefix.size()]) & 0xC0) == 0x80) {
    prefix.remove_suffix(1);
  }
  const bool all_same = std::all_of(names.begin(), names.end(),
                                    [&](const std::string& name) { return name == names.front(); });
  if (all_same || (form == Form::kCompat && prefix == names.front())) return names.front();
  // log_1, log_10, log_100: the prefix is the name of a table that is there.
  if (prefix == names.front()) prefix = WithoutNumber(prefix);
  if (prefix.empty()) return std::string(without_prefix);
  return std::string(prefix).append(kSuffix);
}

}  // namespace starlift::smt

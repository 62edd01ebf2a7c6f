#include "sync/config/rule_options.h"

#include <algorithm>
#include <vector>

namespace starlift::sync {
namespace {

using mapping::TableRule;

std::vector<RuleOption> MakeRuleOptions() {
  return {
      {{.name = "match",
        .section = "rules",
        .placeholder = "REGEX",
        .help = "The tables that the rule is for: matches `table` or `database.table` as a whole. "
                "The first rule that matches a table is its rule.",
        .places = kTaskFile},
       [](TableRule& rule, const OptionValue& value) -> Status {
         rule.match = value.text;
         return {};
       }},
      {{.name = "target-database",
        .section = "rules",
        .placeholder = "NAME",
        .help = "Database at the target. {database}, {table} and {1} … {9} stand for the source's "
                "names and the expression's groups.",
        .places = kTaskFile},
       [](TableRule& rule, const OptionValue& value) -> Status {
         rule.target_database = value.text;
         return {};
       }},
      {{.name = "target-table",
        .section = "rules",
        .placeholder = "NAME",
        .help = "Table at the target, with the same placeholders. Several source tables may land "
                "in one.",
        .places = kTaskFile},
       [](TableRule& rule, const OptionValue& value) -> Status {
         rule.target_table = value.text;
         return {};
       }},
      {{.name = "include-columns",
        .section = "rules",
        .type = OptionType::kList,
        .placeholder = "LIST",
        .help = "Only these columns of the source.",
        .places = kTaskFile},
       [](TableRule& rule, const OptionValue& value) -> Status {
         rule.include_columns = value.items;
         return {};
       }},
      {{.name = "exclude-columns",
        .section = "rules",
        .type = OptionType::kList,
        .placeholder = "LIST",
        .help = "Not these columns.",
        .places = kTaskFile},
       [](TableRule& rule, const OptionValue& value) -> Status {
         rule.exclude_columns = value.items;
         return {};
       }},
      {{.name = "rename-columns",
        .section = "rules",
        .type = OptionType::kPairs,
        .placeholder = "MAP",
        .help = "Source column: target column.",
        .places = kTaskFile},
       [](TableRule& rule, const OptionValue& value) -> Status {
         rule.rename_columns = value.pairs;
         return {};
       }},
      {{.name = "key-columns",
        .section = "rules",
        .type = OptionType::kList,
        .placeholder = "LIST",
        .help = "Key at the target instead of the source's, by source names: for tables whose "
                "unique columns the source doesn't know of.",
        .places = kTaskFile},
       [](TableRule& rule, const OptionValue& value) -> Status {
         rule.key_columns = value.items;
         return {};
       }},
      {{.name = "values",
        .section = "rules",
        .type = OptionType::kPairs,
        .placeholder = "MAP",
        .help = "Options of the section `values`, for these tables only.",
        .places = kTaskFile},
       [](TableRule& rule, const OptionValue& value) -> Status {
         mapping::MappingOptions probe;
         for (const auto& [name, text] : value.pairs) {
           SL_TRY(mapping::SetMappingOption(name, text, probe));
         }
         rule.options = value.pairs;
         return {};
       }},
  };
}

}  // namespace

std::span<const RuleOption> RuleOptions() {
  static const std::vector<RuleOption> options = MakeRuleOptions();
  return options;
}

const RuleOption* FindRuleOption(std::string_view name) {
  std::string spelled(name);
  std::replace(spelled.begin(), spelled.end(), '_', '-');
  const auto options = RuleOptions();
  const auto found = std::find_if(options.begin(), options.end(), [&](const RuleOption& each) {
    return each.declaration.name == spelled;
  });
  return found == options.end() ? nullptr : &*found;
}

}  // namespace starlift::sync

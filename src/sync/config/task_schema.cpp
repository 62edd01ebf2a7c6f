#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/quantity.h"
#include "sync/config/options_reference.h"
#include "sync/config/rule_options.h"
#include "sync/config/task_options.h"

namespace starlift::sync {
namespace {

using Json = nlohmann::ordered_json;

std::string Underscored(std::string_view name) {
  std::string spelled(name);
  std::replace(spelled.begin(), spelled.end(), '-', '_');
  return spelled;
}

Json TextList(const OptionDeclaration& option) {
  Json item = {{"type", "string"}};
  if (!option.choices.empty()) item["enum"] = option.choices;
  return {{"anyOf", {{{"type", "string"}}, {{"type", "array"}, {"items", item}}}}};
}

// Placeholders may stand for any value: where YAML would have a number, a string is right too.
Json ValueSchema(const OptionDeclaration& option) {
  Json schema;
  switch (option.type) {
    case OptionType::kFlag:
      schema = {{"type", {"boolean", "string"}}};
      break;
    case OptionType::kInteger:
      schema = {{"type", {"integer", "string"}}, {"minimum", option.minimum}};
      if (option.maximum != std::numeric_limits<int64_t>::max()) schema["maximum"] = option.maximum;
      break;
    case OptionType::kBytes:
    case OptionType::kDuration:
      schema = {{"type", {"string", "integer"}}};
      break;
    case OptionType::kChoice:
      schema = {{"type", "string"}, {"enum", option.choices}};
      break;
    case OptionType::kList:
    case OptionType::kTexts:
      schema = TextList(option);
      break;
    case OptionType::kPairs:
      schema = {{"type", "object"},
                {"additionalProperties", {{"type", {"string", "number", "boolean"}}}}};
      break;
    case OptionType::kText:
      schema = {{"type", {"string", "number", "boolean"}}};
      break;
  }
  std::string description(option.help);
  if (const std::string range = DescribeRange(option); !range.empty()) {
    description += " (" + range + ")";
  }
  schema["description"] = description;
  if (!option.default_text.empty()) schema["default"] = option.default_text;
  if (option.secret) schema["writeOnly"] = true;
  return schema;
}

// Both spellings are read; the schema offers the one and bears the other.
void AddProperty(Json& properties, const OptionDeclaration& option) {
  const Json schema = ValueSchema(option);
  properties[Underscored(option.name)] = schema;
  if (option.name.find('-') != std::string_view::npos)
    properties[std::string(option.name)] = schema;
}

Json SectionSchema(const OptionSection& section) {
  Json properties = Json::object();
  for (const TaskOption& option : TaskOptions()) {
    if (option.declaration.section == section.name && (option.declaration.places & kTaskFile)) {
      AddProperty(properties, option.declaration);
    }
  }
  const bool open = section.name == "source";  // its own options follow
  return {{"type", "object"},
          {"description", section.help},
          {"properties", std::move(properties)},
          {"additionalProperties", open}};
}

Json RulesSchema() {
  Json properties = Json::object();
  for (const RuleOption& option : RuleOptions()) AddProperty(properties, option.declaration);
  return {{"type", "array"},
          {"items",
           {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", {"match"}},
            {"additionalProperties", false}}}};
}

}  // namespace

std::string RenderTaskSchema() {
  Json root;
  for (const OptionSection& section : TaskOptionSections()) {
    Json schema = SectionSchema(section);
    if (section.name.empty()) {
      root = std::move(schema);
      root["properties"]["version"] = {{"const", 1}, {"description", "Of this format."}};
      root["properties"]["rules"] = RulesSchema();
      root["required"] = {"version"};
      continue;
    }
    const bool has_url = FindTaskOption(section.name, "url") != nullptr;
    root["properties"][std::string(section.name)] =
        has_url ? Json{{"anyOf", {{{"type", "string"}}, std::move(schema)}}} : std::move(schema);
  }
  Json document = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", "Starlift task file"}};
  document.update(root);
  return document.dump(2) + "\n";
}

}  // namespace starlift::sync

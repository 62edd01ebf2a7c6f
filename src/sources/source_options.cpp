#include "sources/source_options.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest.h"

namespace starlift {
namespace {

std::string Normalized(std::string_view text) {
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    if (c == '_') return '-';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return name;
}

Error UnknownOption(std::string_view name, std::string_view title,
                    std::span<const OptionDeclaration> declarations) {
  std::vector<std::string_view> known;
  for (const OptionDeclaration& declaration : declarations) known.push_back(declaration.name);
  Error error{.kind = ErrorKind::kUsage,
              .message = fmt::format("a {} source has no option '{}'", title, name),
              .where = "source URL"};
  if (const auto nearest = NearestName(name, known)) {
    error.mend = fmt::format("did you mean '{}'?", *nearest);
  } else {
    error.mend = fmt::format("use one of {}", fmt::join(known, ", "));
  }
  return error;
}

}  // namespace

Result<SourceOptionValues> ReadSourceOptionValues(const SourceConfig& config,
                                                  std::string_view title,
                                                  std::span<const OptionDeclaration> declarations) {
  SourceOptionValues values;
  for (const auto& [name, text] : config.options) {
    const std::string wanted = Normalized(name);
    const auto found =
        std::find_if(declarations.begin(), declarations.end(),
                     [&](const OptionDeclaration& each) { return each.name == wanted; });
    if (found == declarations.end()) return UnknownOption(name, title, declarations);
    const std::string value_text = found->type == OptionType::kChoice ? Normalized(text) : text;
    SL_ASSIGN(OptionValue value, ParseOptionValue(*found, value_text));
    values.emplace_back(found->name, std::move(value));
  }
  return values;
}

}  // namespace starlift

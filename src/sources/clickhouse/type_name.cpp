#include "sources/clickhouse/type_name.h"

namespace starlift::clickhouse {
namespace {

std::string_view Trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<std::string_view> SplitList(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t begin = 0;
  int depth = 0;
  char quote = '\0';
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == '\\') ++i;
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '`' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    } else if (c == ',' && depth == 0) {
      parts.push_back(Trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  const std::string_view last = Trimmed(text.substr(begin));
  if (!last.empty() || !parts.empty()) parts.push_back(last);
  return parts;
}

TypeName ParseTypeName(std::string_view text) {
  text = Trimmed(text);
  const size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) return {.name = text};
  return {.name = text.substr(0, open),
          .arguments = SplitList(text.substr(open + 1, text.size() - open - 2))};
}

BareType Unwrap(std::string_view text) {
  BareType bare{.text = Trimmed(text)};
  while (true) {
    const TypeName type = ParseTypeName(bare.text);
    const bool wraps = type.name == "Nullable" || type.name == "LowCardinality";
    if (wraps && type.arguments.size() == 1) {
      bare.nullable = bare.nullable || type.name == "Nullable";
      bare.text = type.arguments.front();
    } else if (type.name == "SimpleAggregateFunction" && type.arguments.size() == 2) {
      bare.text = type.arguments.back();
    } else {
      return bare;
    }
  }
}

}  // namespace starlift::clickhouse

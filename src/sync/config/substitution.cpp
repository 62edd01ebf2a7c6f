#include "sync/config/substitution.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace starlift::sync {
namespace {

constexpr char kMarkerBegin = '\x02';
constexpr char kMarkerEnd = '\x03';

Result<std::string> ReadFile(const std::string& path) {
  if (std::filesystem::is_directory(path)) {
    return Error{ErrorKind::kUsage, fmt::format("{} is a directory, not a file", path)}.Mend(
        "give a file that holds the value");
  }
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return Error{ErrorKind::kUsage,
                 fmt::format("can't read the file {}: {}", path, std::strerror(errno))}
        .Mend("see that it is there, and that this user may read it");
  }
  return content;
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Result<std::string> LookUpKey(const std::string& path, std::string_view key) {
  auto content = ReadFile(path);
  if (!content.ok()) return std::move(content).error();
  std::istringstream lines(*content);
  for (std::string line; std::getline(lines, line);) {
    const size_t separator = line.find_first_of("=:");
    if (separator == std::string::npos || line.starts_with('#')) continue;
    if (Trim(std::string_view(line).substr(0, separator)) != key) continue;
    std::string_view value = Trim(std::string_view(line).substr(separator + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return Error{ErrorKind::kUsage, fmt::format("the file {} has no key '{}'", path, key)};
}

Result<std::string> Resolve(std::string_view placeholder, const EnvironmentLookup& environment) {
  if (placeholder.starts_with("env:")) {
    const std::string name(placeholder.substr(4));
    if (auto value = environment(name)) return *std::move(value);
    return Error{ErrorKind::kUsage, fmt::format("the environment variable {} is not set", name),
                 fmt::format("${{{}}}", placeholder), fmt::format("export {}=…", name)};
  }
  if (placeholder.starts_with("file:")) {
    const std::string_view rest = placeholder.substr(5);
    // The last colon divides path and key; a path with a colon in its last part needs a key.
    const size_t colon = rest.rfind(':');
    const bool has_key = colon != std::string_view::npos && colon > 0 &&
                         rest.find('/', colon) == std::string_view::npos;
    if (has_key) return LookUpKey(std::string(rest.substr(0, colon)), rest.substr(colon + 1));
    return ReadSecretFile(std::string(rest));
  }
  return Error{ErrorKind::kUsage, fmt::format("${{{}}} is not known", placeholder), "",
               "use ${env:NAME}, ${file:PATH} or ${file:PATH:KEY}; write $${ for a plain ${"};
}

// Calls `put` with plain text and with resolved values in turn.
template <typename PutText, typename PutValue>
Status Walk(std::string_view text, const EnvironmentLookup& environment, const PutText& put_text,
            const PutValue& put_value) {
  while (true) {
    const size_t dollar = text.find("${");
    if (dollar == std::string_view::npos) {
      put_text(text);
      return {};
    }
    if (dollar > 0 && text[dollar - 1] == '$') {
      put_text(text.substr(0, dollar - 1));
      put_text("${");
      text.remove_prefix(dollar + 2);
      continue;
    }
    put_text(text.substr(0, dollar));
    const size_t close = text.find('}', dollar);
    if (close == std::string_view::npos) {
      return Error{ErrorKind::kUsage, "a ${ has no closing }", "",
                   "close it, or write $${ for a plain ${"};
    }
    SL_ASSIGN(std::string value, Resolve(text.substr(dollar + 2, close - dollar - 2), environment));
    put_value(std::move(value));
    text.remove_prefix(close + 1);
  }
}

}  // namespace

std::optional<std::string> ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

Result<std::string> ReadSecretFile(const std::string& path) {
  SL_ASSIGN(std::string content, ReadFile(path));
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  return content;
}

Result<std::string> Substitute(std::string_view text, const EnvironmentLookup& environment) {
  std::string replaced;
  const auto put = [&](std::string_view piece) { replaced += piece; };
  SL_TRY(Walk(text, environment, put, put));
  return replaced;
}

Result<HeldPlaceholders> HeldPlaceholders::Hold(std::string_view text,
                                                const EnvironmentLookup& environment) {
  HeldPlaceholders held;
  SL_TRY(Walk(
      text, environment, [&](std::string_view piece) { held.text_ += piece; },
      [&](std::string value) {
        held.text_ += kMarkerBegin + std::to_string(held.values_.size()) + kMarkerEnd;
        held.values_.push_back(std::move(value));
      }));
  return held;
}

HeldPlaceholders HeldPlaceholders::Plain(std::string text) {
  HeldPlaceholders held;
  held.text_ = std::move(text);
  return held;
}

std::string HeldPlaceholders::Restore(std::string_view part) const {
  std::string restored;
  while (true) {
    const size_t begin = part.find(kMarkerBegin);
    const size_t end = part.find(kMarkerEnd, begin == std::string_view::npos ? 0 : begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) {
      return restored += part;
    }
    restored += part.substr(0, begin);
    restored += values_[std::stoul(std::string(part.substr(begin + 1, end - begin - 1)))];
    part.remove_prefix(end + 1);
  }
}

}  // namespace starlift::sync

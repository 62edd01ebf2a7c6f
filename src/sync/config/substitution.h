#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift::sync {

// Looks a name up in the environment; nullopt where it isn't set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;

// The process's environment.
std::optional<std::string> ProcessEnvironment(const std::string& name);

// Replaces in `text`
//   ${env:NAME}       by an environment variable,
//   ${file:PATH}      by a file's content without the newline at its end,
//   ${file:PATH:KEY}  by the value of KEY in a file of `key=value` or `key: value` lines,
// and `$${` by a plain `${`. What is put in is not looked at again. kUsage names the placeholder
// that has no value, never a value.
Result<std::string> Substitute(std::string_view text, const EnvironmentLookup& environment);

// Takes the placeholders out of a text that is to be parsed first (a URL): each becomes a marker of
// control characters, which no syntax of ours knows; Restore() puts the values in afterwards, so
// that a password may hold any character without being percent-encoded.
class HeldPlaceholders {
 public:
  static Result<HeldPlaceholders> Hold(std::string_view text, const EnvironmentLookup& environment);
  // A text in which nothing is a placeholder.
  static HeldPlaceholders Plain(std::string text);

  const std::string& text() const { return text_; }
  std::string Restore(std::string_view part) const;

 private:
  std::string text_;
  std::vector<std::string> values_;
};

// A file's content without the newline at its end, for --…-password-file. kUsage if it can't be
// read.
Result<std::string> ReadSecretFile(const std::string& path);

}  // namespace starlift::sync

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace starlift::smt {

// `name` as an expression that matches nothing else.
std::string QuotePattern(std::string_view name);

// A regular expression of a table rule: unanchored, case-sensitive search. RE2's syntax; what RE2
// doesn't know (lookaround, backreferences) is left to a backtracking engine, as the original does.
// Cheap to copy. Thread-safe once made.
class Pattern {
 public:
  // Matches nothing; stands for a pattern that is still to be read.
  Pattern() = default;

  // kUsage with what is wrong in the expression.
  static Result<Pattern> Compile(std::string text);
  // Matches exactly `name`: Oracle's `database` is no expression.
  static Pattern Literal(std::string name);

  // False, too, for a name on which the backtracking engine gives up, see GaveUpOn.
  bool Matches(std::string_view name) const;
  // A name that it could not decide in reasonable time; nothing may be concluded from its matches
  // then.
  std::optional<std::string> GaveUpOn() const;
  const std::string& text() const { return text_; }
  // The text without one leading ^ and one trailing $, as Flink's options, which are anchored, want
  // it.
  std::string Unanchored() const;
  // An expression that matches the same names as a whole, in Java's syntax, as Flink's options want
  // it. Nullopt where that isn't plain to see: alternatives, what Java reads otherwise, and commas,
  // at which the connectors part their lists.
  std::optional<std::string> AsWhole() const;

 private:
  class Engine;
  class Re2Engine;
  class BacktrackingEngine;
  class LiteralEngine;

  std::string text_;
  std::shared_ptr<const Engine> engine_;
};

}  // namespace starlift::smt

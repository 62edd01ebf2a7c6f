#include "smt/config/pattern.h"

#include <mutex>
#include <utility>

#include <boost/regex.hpp>
#include <re2/re2.h>

namespace starlift::smt {

std::string QuotePattern(std::string_view name) {
  std::string quoted;
  for (const char c : name) {
    // Flink's connectors part their lists at commas.
    if (std::string_view(".+*?()[]{}|^$\\,").find(c) != std::string_view::npos) quoted += '\\';
    quoted += c;
  }
  return quoted;
}

class Pattern::Engine {
 public:
  virtual ~Engine() = default;
  virtual bool Search(std::string_view name) const = 0;
  virtual std::optional<std::string> gave_up_on() const { return std::nullopt; }
};

class Pattern::Re2Engine final : public Engine {
 public:
  explicit Re2Engine(const std::string& text) : expression_(text, re2::RE2::Quiet) {}
  bool ok() const { return expression_.ok(); }
  const std::string& error() const { return expression_.error(); }
  bool Search(std::string_view name) const override {
    return re2::RE2::PartialMatch(re2::StringPiece(name.data(), name.size()), expression_);
  }

 private:
  re2::RE2 expression_;
};

class Pattern::BacktrackingEngine final : public Engine {
 public:
  explicit BacktrackingEngine(const std::string& text) : expression_(text, boost::regex::perl) {}
  bool Search(std::string_view name) const override {
    try {
      return boost::regex_search(name.begin(), name.end(), expression_);
    } catch (const boost::regex_error&) {
      // The match takes exponential time.
      const std::lock_guard lock(mutex_);
      gave_up_on_ = name;
      return false;
    }
  }
  std::optional<std::string> gave_up_on() const override {
    const std::lock_guard lock(mutex_);
    return gave_up_on_;
  }

 private:
  boost::regex expression_;
  mutable std::mutex mutex_;
  mutable std::optional<std::string> gave_up_on_;
};

class Pattern::LiteralEngine final : public Engine {
 public:
  explicit LiteralEngine(std::string name) : name_(std::move(name)) {}
  bool Search(std::string_view name) const override { return name == name_; }

 private:
  std::string name_;
};

Result<Pattern> Pattern::Compile(std::string text) {
  Pattern pattern;
  pattern.text_ = std::move(text);
  auto engine = std::make_shared<Re2Engine>(pattern.text_);
  if (engine->ok()) {
    pattern.engine_ = std::move(engine);
    return pattern;
  }
  try {
    pattern.engine_ = std::make_shared<BacktrackingEngine>(pattern.text_);
    return pattern;
  } catch (const boost::regex_error&) {
    return Error{.kind = ErrorKind::kUsage,
                 .message = "'" + pattern.text_ + "' is no regular expression: " + engine->error()};
  }
}

Pattern Pattern::Literal(std::string name) {
  Pattern pattern;
  pattern.text_ = name;
  pattern.engine_ = std::make_shared<LiteralEngine>(std::move(name));
  return pattern;
}

bool Pattern::Matches(std::string_view name) const {
  return engine_ != nullptr && engine_->Search(name);
}

std::optional<std::string> Pattern::GaveUpOn() const {
  return engine_ == nullptr ? std::nullopt : engine_->gave_up_on();
}

std::string Pattern::Unanchored() const {
  std::string_view inner = text_;
  if (inner.starts_with('^')) inner.remove_prefix(1);
  if (inner.ends_with('$')) inner.remove_suffix(1);
  return std::string(inner);
}

std::optional<std::string> Pattern::AsWhole() const {
  std::string_view inner = text_;
  if (inner.starts_with('^')) {
    inner.remove_prefix(1);
  } else if (!inner.starts_with(".*")) {
    return std::nullopt;
  }
  if (inner.ends_with('$')) {
    inner.remove_suffix(1);
  } else if (!inner.ends_with(".*")) {
    return std::nullopt;
  }
  // A backslash here would have escaped what was cut.
  if (inner.empty() || inner.ends_with('\\')) return std::nullopt;
  if (inner.find_first_of("|^$,") != std::string_view::npos) return std::nullopt;
  for (const std::string_view other : {"(?", "[[:", "\\C", "\\Q", "\\z"}) {
    if (inner.find(other) != std::string_view::npos) return std::nullopt;
  }
  return std::string(inner);
}

}  // namespace starlift::smt

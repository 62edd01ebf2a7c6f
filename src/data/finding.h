#pragma once

#include <string>
#include <vector>

namespace starlift {

enum class Severity { kInfo, kWarning, kError };

// One result of `starlift check`: what is not as it should be, and the exact statement or setting
// that mends it.
struct Finding {
  Severity severity = Severity::kError;
  std::string code;     // stable, kebab-case: "binlog-format-not-row"
  std::string subject;  // "source", "target", or a table
  std::string message;
  std::string mend;  // empty where nothing is to be done
};

}  // namespace starlift

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "smt/model.h"

namespace starlift::smt {

// What was understood of a config_prod.conf, and everything that is wrong with it.
struct ConfigReading {
  Config config;
  // Each with file:line. Empty: the config can be used.
  std::vector<Error> errors;
  // One line each: what is odd but may be meant.
  std::vector<std::string> notes;
};

// `path` only names the file in messages.
ConfigReading ReadConfig(std::string_view text, const std::string& path, Form form);

// kNotFound, kIo, or kUsage for a file that can't be such a config.
Result<std::string> ReadConfigFile(const std::string& path);

// The config as it was understood, in its own format, passwords as ***.
std::string PrintConfig(const Config& config);

}  // namespace starlift::smt

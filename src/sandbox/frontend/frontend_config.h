#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift::sandbox::frontend {

struct ConfigItem {
  std::string name;
  std::string value;
  std::string type;  // "int", "long", "boolean", "String"
  bool mutable_at_run_time = true;
};

// ADMIN SHOW / SET FRONTEND CONFIG. Changes last until the server ends, as in the real one.
// Thread-safe.
class FrontendConfig {
 public:
  FrontendConfig();
  std::vector<ConfigItem> List() const;  // by name
  std::optional<ConfigItem> Find(std::string_view name) const;
  // Errors as the frontend words them: unknown, not mutable, not a number.
  Status Set(std::string_view name, std::string_view value);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ConfigItem, std::less<>> items_;
};

}  // namespace starlift::sandbox::frontend

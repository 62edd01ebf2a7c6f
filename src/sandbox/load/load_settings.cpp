#include "sandbox/load/load_settings.h"

#include <charconv>

#include <fmt/format.h>

namespace starlift::sandbox::load {

Status ApplySetting(LoadSettings& settings, std::string_view name_and_value) {
  struct Known {
    std::string_view name;
    int64_t* number;
  };
  const Known numbers[] = {
      {"label_keep_max_second", &settings.ledger.label_keep_max_second},
      {"label_keep_max_num", &settings.ledger.label_keep_max_num},
      {"transaction_clean_interval_second", &settings.ledger.transaction_clean_interval_second},
      {"max_running_txn_num_per_db", &settings.ledger.max_running_txn_num_per_db},
      {"stream_load_default_timeout_second", &settings.stream_load_default_timeout_second},
      {"max_stream_load_timeout_second", &settings.max_stream_load_timeout_second},
      {"prepared_transaction_default_timeout_second",
       &settings.prepared_transaction_default_timeout_second},
      {"streaming_load_max_mb", &settings.streaming_load_max_mb},
      {"streaming_load_max_batch_size_mb", &settings.streaming_load_max_batch_size_mb},
      {"primary_key_limit_size", &settings.primary_key_limit_size},
      {"load_error_log_reserve_hours", &settings.load_error_log_reserve_hours},
  };
  const size_t equals = std::min(name_and_value.find('='), name_and_value.size());
  const std::string_view name = name_and_value.substr(0, equals);
  const std::string_view value = name_and_value.substr(std::min(equals + 1, name_and_value.size()));
  if (name == "empty_load_as_error") {
    if (value != "true" && value != "false") {
      return Error{ErrorKind::kUsage, fmt::format("{} must be true or false", name)};
    }
    settings.empty_load_as_error = value == "true";
    return {};
  }
  for (const Known& known : numbers) {
    if (known.name != name) continue;
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), *known.number);
    if (error == std::errc() && end == value.data() + value.size()) return {};
    return Error{ErrorKind::kUsage, fmt::format("{} takes a number, not '{}'", name, value)};
  }
  std::string names = "empty_load_as_error";
  for (const Known& known : numbers) names += fmt::format(", {}", known.name);
  return Error{ErrorKind::kUsage, fmt::format("there is no setting '{}'", name), "",
               "the settings are " + names};
}

}  // namespace starlift::sandbox::load

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/storage/transaction_ledger.h"

namespace starlift::sandbox::load {

// What a real cluster reads from fe.conf and be.conf, by the same names and defaults. Set by
// `--set name=value`.
struct LoadSettings {
  LedgerOptions ledger;
  int64_t stream_load_default_timeout_second = 600;
  int64_t max_stream_load_timeout_second = 259'200;
  int64_t prepared_transaction_default_timeout_second = 86'400;
  int64_t streaming_load_max_mb = 102'400;
  int64_t streaming_load_max_batch_size_mb = 100;
  int64_t primary_key_limit_size = 128;
  int64_t load_error_log_reserve_hours = 48;
  bool empty_load_as_error = true;
};

// kUsage for an unknown name (with the nearest known one) or a bad value.
Status ApplySetting(LoadSettings& settings, std::string_view name_and_value);

}  // namespace starlift::sandbox::load

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/option.h"
#include "base/result.h"

namespace starlift::mapping {

// How values that the target can't hold as they are, land: the defaults lose nothing in silence.
// Plain data; per task, and per table by TableRule::options.
struct MappingOptions {
  // TINYINT(1) lands as BOOLEAN instead of TINYINT: values other than 0 and 1 become 1.
  bool tinyint1_as_boolean = false;
  // DECIMAL of more than 38 digits lands as DECIMAL(38) with its scale, instead of as text: larger
  // values are refused by the target.
  bool wide_decimal_as_decimal = false;
  // FLOAT lands as DOUBLE.
  bool float_as_double = false;
  // VARCHAR bytes for one character of the source's CHAR(n) and VARCHAR(n): 1 to 4.
  uint32_t bytes_per_character = 4;
  // Text longer than the target's column is cut at a character, instead of being refused.
  bool truncate_long_text = false;
  // NaN and infinities become NULL, instead of being refused.
  bool not_finite_as_null = false;
  // Zero and impossible dates become NULL. False: such a row is refused, and a NOT NULL column
  // stays NOT NULL.
  bool zero_date_as_null = true;
  // Zone that TIMESTAMP columns land in: "+00:00", "+08:00".
  std::string target_time_zone = "+00:00";
  // 0: the server chooses.
  uint32_t buckets = 0;
  // More table properties, as they go into PROPERTIES.
  std::vector<std::pair<std::string, std::string>> properties;
};

// Every option, section "values" of the task file.
std::span<const OptionDeclaration> MappingOptionList();

// kUsage for an unknown name (with the nearest known one) or an impossible value.
Status SetMappingOption(std::string_view name, std::string_view value, MappingOptions& options);

// "+08:00", "UTC", "Z" to seconds east of UTC. kUsage else.
Result<int32_t> ParseTimeZoneOffset(std::string_view text);

}  // namespace starlift::mapping

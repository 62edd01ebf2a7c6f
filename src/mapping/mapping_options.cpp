#include "mapping/mapping_options.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/nearest.h"

namespace starlift::mapping {
namespace {

using enum OptionType;

struct MappingSetting {
  OptionDeclaration declaration;
  Status (*set)(const OptionValue&, MappingOptions&);
};

Status SetProperties(const OptionValue& value, MappingOptions& options) {
  options.properties.clear();
  for (const std::string& item : value.items) {
    const size_t equals = item.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{
          .kind = ErrorKind::kUsage,
          .message = fmt::format("table property `{}` is not of the form name=value", item),
          .mend = "write it as table-properties=compression=ZSTD,write_quorum=ONE"};
    }
    options.properties.emplace_back(item.substr(0, equals), item.substr(equals + 1));
  }
  return {};
}

Status SetTimeZone(const OptionValue& value, MappingOptions& options) {
  SL_ASSIGN([[maybe_unused]] const int32_t offset, ParseTimeZoneOffset(value.text));
  options.target_time_zone = value.text;
  return {};
}

const std::array kSettings = {
    MappingSetting{{.name = "tinyint1-as-boolean",
                    .section = "values",
                    .type = kFlag,
                    .default_text = "false",
                    .help = "TINYINT(1) lands as BOOLEAN: values other than 0 and 1 become 1."},
                   [](const OptionValue& value, MappingOptions& options) -> Status {
                     options.tinyint1_as_boolean = value.flag();
                     return {};
                   }},
    MappingSetting{{.name = "wide-decimal",
                    .section = "values",
                    .type = kChoice,
                    .default_text = "text",
                    .help = "DECIMAL of more than 38 digits lands as VARCHAR, or as DECIMAL(38) "
                            "with its scale: then larger values are refused.",
                    .choices = {"text", "decimal"}},
                   [](const OptionValue& value, MappingOptions& options) -> Status {
                     options.wide_decimal_as_decimal = value.text == "decimal";
                     return {};
                   }},
    MappingSetting{{.name = "float-as-double",
                    .section = "values",
                    .type = kFlag,
                    .default_text = "false",
                    .help = "FLOAT lands as DOUBLE."},
                   [](const OptionValue& value, MappingOptions& options) -> Status {
                     options.float_as_double = value.flag();
                     return {};
                   }},
    MappingSetting{{.name = "bytes-per-character",
                    .section = "values",
                    .type = kInteger,
                    .default_text = "4",
                    .placeholder = "N",
                    .help = "Bytes of VARCHAR for one character of CHAR(n) and VARCHAR(n) at the "
                            "source; 4 holds any character.",
                    .minimum = 1,
                    .maximum = 4},
                   [](const OptionValue& value, MappingOptions& options) -> Status {
                     options.bytes_per_character = static_cast<uint32_t>(value.number);
                     return {};
                   }},
    MappingSetting{
        {.name = "truncate-long-text",
         .section = "values",
         .type = kFlag,
         .default_text = "false",
         .help = "Text longer than the target's column is cut at a character, instead of "
                 "being refused."},
        [](const OptionValue& value, MappingOptions& options) -> Status {
          options.truncate_long_text = value.flag();
          return {};
        }},
    MappingSetting{{.name = "not-finite-as-null",
                    .section = "values",
                    .type = kFlag,
                    .default_text = "false",
                    .help = "NaN and infinities become NULL, instead of being refused."},
                   [](const OptionValue& value, MappingOptions& options) -> Status {
                     options.not_finite_as_null = value.flag();
                     return {};
                   }},
    MappingSetting{{.name = "zero-date-as-null",
                    .section = "values",
                    .type = kFlag,
                    .default_text = "true",
                    .help = "Zero and impossible dates become NULL, and so their columns nullable; "
                            "otherwise such rows are refused."},
                   [](const OptionValue& value, MappingOptions& options) -> Status {
                     options.zero_date_as_null = value.flag();
                     return {};
                   }},
    MappingSetting{{.name = "target-time-zone",
                    .section = "values",
                    .default_text = "+00:00",
                    .placeholder = "±HH:MM",
                    .help = "The zone that TIMESTAMP columns land in, as an offset from UTC."},
                   SetTimeZone},
    MappingSetting{
        {.name = "buckets",
         .section = "values",
         .type = kInteger,
         .default_text = "0",
         .placeholder = "N",
         .help = "Buckets of the tables that are made; 0 leaves the choice to the server, "
                 "but for very large tables.",
         .minimum = 0,
         .maximum = 1024},
        [](const OptionValue& value, MappingOptions& options) -> Status {
          options.buckets = static_cast<uint32_t>(value.number);
          return {};
        }},
    MappingSetting{{.name = "table-properties",
                    .section = "values",
                    .type = kList,
                    .placeholder = "NAME=VALUE,…",
                    .help = "More properties for the tables that are made."},
                   SetProperties},
};

}  // namespace

std::span<const OptionDeclaration> MappingOptionList() {
  static const std::vector<OptionDeclaration> declarations = [] {
    std::vector<OptionDeclaration> all;
    all.reserve(std::size(kSettings));
    for (const MappingSetting& setting : kSettings) all.push_back(setting.declaration);
    return all;
  }();
  return declarations;
}

Status SetMappingOption(std::string_view name, std::string_view value, MappingOptions& options) {
  std::string spelled(name);
  std::replace(spelled.begin(), spelled.end(), '_', '-');
  std::vector<std::string_view> names;
  for (const MappingSetting& setting : kSettings) {
    names.push_back(setting.declaration.name);
    if (setting.declaration.name != spelled) continue;
    SL_ASSIGN(const OptionValue parsed, ParseOptionValue(setting.declaration, value));
    return setting.set(parsed, options);
  }
  const std::optional<std::string_view> nearest = NearestName(spelled, names);
  return Error{.kind = ErrorKind::kUsage,
               .message = fmt::format("there is no option `{}` for values", name),
               .mend = nearest ? fmt::format("write {}", *nearest) : ""};
}

Result<int32_t> ParseTimeZoneOffset(std::string_view text) {
  if (text == "UTC" || text == "Z" || text == "+00:00") return 0;
  const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  const bool well_formed = text.size() == 6 && (text[0] == '+' || text[0] == '-') && digit(1) &&
                           digit(2) && text[3] == ':' && digit(4) && digit(5);
  if (well_formed) {
    const int hours = (text[1] - '0') * 10 + (text[2] - '0');
    const int minutes = (text[4] - '0') * 10 + (text[5] - '0');
    if (hours <= 14 && minutes <= 59) {
      const int32_t seconds = (hours * 60 + minutes) * 60;
      return text[0] == '-' ? -seconds : seconds;
    }
  }
  return Error{.kind = ErrorKind::kUsage,
               .message = fmt::format("`{}` is no offset from UTC", text),
               .mend = "write it as +08:00 or -05:30"};
}

}  // namespace starlift::mapping

#include "load/changes/applied_mark.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace starlift::load {

std::string PrintMark(const AppliedMark& mark) {
  if (mark.empty()) return "";
  const nlohmann::json json = {{"snapshot", mark.snapshot},
                               {"commit", mark.commit},
                               {"ordinal", mark.ordinal},
                               {"rows", mark.rows}};
  return json.dump();
}

Result<AppliedMark> ParseMark(std::string_view text) {
  if (text.empty()) return AppliedMark{};
  try {
    const auto json = nlohmann::json::parse(text);
    return AppliedMark{json.at("snapshot"), json.at("commit"), json.at("ordinal"), json.at("rows")};
  } catch (const nlohmann::json::exception& failure) {
    return Error{ErrorKind::kData,
                 fmt::format("what a table has applied can't be read: {}", failure.what())}
        .Mend("begin the task anew with --fresh --existing truncate");
  }
}

}  // namespace starlift::load

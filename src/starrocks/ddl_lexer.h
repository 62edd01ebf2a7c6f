#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift::starrocks {

enum class DdlTokenKind : uint8_t {
  kWord,    // an unquoted name, keyword or number, as it is spelt
  kName,    // `name`, without the backticks
  kString,  // "text" or 'text', unescaped
  kSign,    // one character
  kEnd,
};

struct DdlToken {
  DdlTokenKind kind = DdlTokenKind::kEnd;
  std::string text;
  size_t begin = 0, end = 0;  // where it stands in the statement

  bool Is(std::string_view word) const;  // a word, case ignored, or a sign
};

// Takes a statement apart as StarRocks' own lexer does. The last token is kEnd. kData for a quote
// without an end.
Result<std::vector<DdlToken>> LexDdl(std::string_view sql);

}  // namespace starlift::starrocks

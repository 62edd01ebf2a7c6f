#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace starlift {

// The candidate that a mistyped `name` most likely means, by edit distance without regard to case
// and to `-` against `_`; nullopt where none is near enough to be worth a suggestion.
std::optional<std::string_view> NearestName(std::string_view name,
                                            std::span<const std::string_view> candidates);

}  // namespace starlift

#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "load/buffer_pool.h"
#include "starrocks/encoder.h"
#include "starrocks/load_target.h"

namespace starlift::load {

// The byte that ends a row of a body; it is in no value.
constexpr char RowEnd(starrocks::LoadFormat format) {
  return format == starrocks::LoadFormat::kCsv ? starrocks::kRowDelimiter : '\n';
}

// A row without the byte that ends it.
std::string_view WithoutRowEnd(std::string_view row, starrocks::LoadFormat format);

// The rows of a buffer, each with its end. Views into it.
std::vector<std::string_view> SplitRows(const LoadBuffer& buffer);

std::vector<std::string_view> SplitRows(std::span<const std::string_view> pieces,
                                        starrocks::LoadFormat format);

// As few pieces as cover these rows.
std::vector<std::string_view> JoinRows(std::span<const std::string_view> rows);

}  // namespace starlift::load

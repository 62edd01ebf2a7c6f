#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace starlift {

// The rows of a catalog query, all cells as text.
class TextRows {
 public:
  using Row = std::vector<std::optional<std::string>>;

  TextRows() = default;
  explicit TextRows(std::vector<Row> rows) : rows_(std::move(rows)) {}

  void Add(Row row) { rows_.push_back(std::move(row)); }
  size_t size() const { return rows_.size(); }
  bool IsNull(size_t row, size_t field) const { return !rows_[row].at(field).has_value(); }
  // Empty, 0, false for NULL.
  std::string Text(size_t row, size_t field) const {
    return rows_[row].at(field).value_or(std::string());
  }
  int64_t Number(size_t row, size_t field) const {
    const std::string text = Text(row, field);
    int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  bool Flag(size_t row, size_t field) const { return Number(row, field) != 0; }

 private:
  std::vector<Row> rows_;
};

// Sends statements and returns the rows of each that has some, in order. What a catalog reader
// knows of its server, so that kept replies can stand in for one.
using AskServer = std::function<Result<std::vector<TextRows>>(const std::string& statements)>;

}  // namespace starlift

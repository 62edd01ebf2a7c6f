#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/table.h"

namespace starlift {

enum class KeyRule : uint8_t { kNothing, kCascade, kSetNull };

// A foreign key whose rules change child rows by themselves, which the source's log doesn't tell:
// they follow from the parent's changes.
struct CascadingKey {
  std::string name;
  TableId child, parent;
  // Pairwise.
  std::vector<std::string> child_columns, parent_columns;
  KeyRule on_delete = KeyRule::kNothing;
  KeyRule on_update = KeyRule::kNothing;

  bool operator==(const CascadingKey&) const = default;
  // "`db`.`child` (`fk`)", for messages.
  std::string ToString() const { return child.ToString() + " (" + name + ")"; }
};

}  // namespace starlift

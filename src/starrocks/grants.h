#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace starlift::starrocks {

// What SHOW GRANTS prints, as far as it is about tables.
struct Grants {
  struct TableGrant {
    std::vector<std::string> privileges;  // upper case
    std::string database;                 // "*": all
    std::string table;                    // "*": all
  };

  std::vector<TableGrant> tables;
  // Roles are granted, whose privileges the lines don't show.
  bool has_roles = false;

  // Some grant gives the privilege on a table of this database; not necessarily on all of them.
  bool AllowsTables(std::string_view privilege, std::string_view database) const;
};

Grants ParseGrants(std::span<const std::string> lines);

}  // namespace starlift::starrocks

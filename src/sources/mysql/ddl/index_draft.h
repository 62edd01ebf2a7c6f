#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/table.h"
#include "sources/mysql/ddl/statement.h"

namespace starlift::mysql {

// The indexes of a table while its columns change: parts by column name instead of number.
class IndexDraft {
 public:
  IndexDraft() = default;
  explicit IndexDraft(const Table& table);

  void RenameColumn(std::string_view from, std::string_view to);
  // Its parts go; an index without parts goes with them.
  void DropColumn(std::string_view name);
  // A whole column in an index becomes TEXT or BLOB: its length stays as the prefix.
  void MakePrefix(std::string_view column);
  // False: there is none of the name.
  bool Drop(std::string_view name);
  // There is a unique key that is not the primary key.
  bool HasUnique() const;
  void Rename(std::string_view from, std::string_view to);
  // Gives it a name if it has none, as the server does: the first column's, made unique.
  void Add(IndexDefinition index);

  // Columns of the primary key.
  std::vector<std::string> PrimaryColumns() const;

  // The indexes with numbers of the columns of `table`, by name; sets the table's key too. kPolicy
  // if one names a column that isn't there.
  Status Finish(Table& table) const;

 private:
  bool Has(std::string_view name) const;
  std::string MakeName(const IndexDefinition& index) const;
  bool IsServed(const IndexDefinition& foreign_key) const;

  std::vector<IndexDefinition> indexes_;
};

}  // namespace starlift::mysql

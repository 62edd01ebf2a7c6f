#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "data/table.h"
#include "sources/mysql/ddl/server_facts.h"
#include "sources/mysql/ddl/statement.h"

namespace starlift::mysql {

// Makes the column that information_schema would tell of, from what a statement said. Knows the
// server's habits: default widths and charsets, TEXT(n), printed forms.
class ColumnMaker {
 public:
  // `table_collation`: for text columns without a charset of their own. `timestamp_defaults`:
  // TIMESTAMP columns are NULL unless said otherwise (explicit_defaults_for_timestamp).
  ColumnMaker(const ServerFacts& facts, std::string table_collation, bool timestamp_defaults);

  // kPolicy for a charset that the server's list doesn't have.
  Result<Column> Make(const ColumnDefinition& definition) const;

  void SetDefault(const DefaultDefinition& value, Column& column) const;

  // A column becomes part of a primary key.
  void MakeNotNull(Column& column) const;

  // CONVERT TO CHARACTER SET: what becomes of a text column.
  void Convert(const Collation& to, Column& column) const;

  // The first TIMESTAMP that says nothing, where timestamps have no explicit defaults.
  void SetTimestampNow(Column& column) const;

 private:
  Result<const Collation*> CollationOf(const TypeDefinition& type) const;

  const ServerFacts& facts_;
  const std::string table_collation_;
  const bool timestamp_defaults_;
};

// The collation that "CHARSET c COLLATE k" means, either of which may be empty; null if the server
// has no such.
const Collation* FindCollation(const ServerFacts& facts, std::string_view charset,
                               std::string_view collation);

}  // namespace starlift::mysql

#pragma once

#include "data/table.h"
#include "sources/mysql/types.h"

namespace starlift::mysql {

// Sets default_kind and default_text from COLUMN_DEFAULT, whose form differs: MySQL prints literals
// bare and marks expressions in EXTRA (8.0.13) or not at all (CURRENT_TIMESTAMP before); MariaDB
// from 10.2.7 prints SQL: 'text' in quotes, NULL as a word, expressions as they are.
void ReadDefault(const ColumnRow& row, bool mariadb_defaults, Column& column);

}  // namespace starlift::mysql

#include "sources/mysql/checksum_sql.h"

#include <gtest/gtest.h>

#include "sources/mysql/key_range.h"

namespace starlift::mysql {
namespace {

Table MakeTable() {
  Table table;
  table.id = {"shop", "", "t"};
  table.columns = {
      {.name = "id",
       .type = {.kind = TypeKind::kInt32},
       .native_type = "int(11)",
       .nullable = false},
      {.name = "at", .type = {.kind = TypeKind::kDateTime, .scale = 3}},
      {.name = "raw", .type = {.kind = TypeKind::kVarbinary}},
      {.name = "name",
       .type = {.kind = TypeKind::kVarchar, .length = 10},
       .charset = "latin1",
       .collation = "latin1_swedish_ci"},
      {.name = "kind",
       .type = {.kind = TypeKind::kEnum},
       .native_type = "enum('a','b')",
       .charset = "utf8mb4",
       .collation = "utf8mb4_bin"},
  };
  return table;
}

TEST(ChecksumQuery, JoinsTheTextsOfAllColumns) {
  EXPECT_EQ(
      ChecksumQuery(MakeTable(),
                    {{0, ChecksumForm::kPlain},
                     {1, ChecksumForm::kDateTime},
                     {2, ChecksumForm::kHex},
                     {3, ChecksumForm::kText}},
                    ChecksumMethod::kCrc32, " FROM `t`"),
      "SELECT COUNT(*), COUNT(h), SUM(h), SUM(h * h) FROM (SELECT CRC32(CONCAT_WS('|', `id`, "
      "IFNULL(REPLACE(CAST(`at` AS DATETIME(6)), '.000000', ''), '~'), IFNULL(HEX(`raw`), "
      "'~'), IFNULL(CONCAT(LENGTH(`name`), ':', CAST(`name` AS BINARY)), '~'))) AS h FROM `t` "
      "LIMIT 18446744073709551615) AS rows_of_chunk");
}

TEST(KeysCondition, ComparesByTheColumnsOwnRules) {
  const RowKeys keys{{0, 3}, {{"1", "\xC3\xA4"}, {"-2", ""}}};
  EXPECT_EQ(KeysCondition(MakeTable(), keys),
            "(`id` = 1 AND `name` = CONVERT(_utf8mb4 X'C3A4' USING latin1) COLLATE "
            "latin1_swedish_ci) OR (`id` = -2 AND `name` = CONVERT(_utf8mb4 X'' USING latin1) "
            "COLLATE latin1_swedish_ci)");
}

TEST(KeysCondition, TellsLabelsByTheirText) {
  const RowKeys keys{{4}, {{"b"}}};
  EXPECT_EQ(KeysCondition(MakeTable(), keys),
            "(`kind` = CONVERT(_utf8mb4 X'62' USING utf8mb4) COLLATE utf8mb4_bin)");
}

}  // namespace
}  // namespace starlift::mysql

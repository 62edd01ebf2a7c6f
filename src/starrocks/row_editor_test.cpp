#include "starrocks/row_editor.h"

#include <gtest/gtest.h>

#include "starrocks/stored_row_json.h"

namespace starlift::starrocks {
namespace {

TEST(RowCondition, IsPrintedAsADeleteTakesIt) {
  const RowCondition condition = {{"id", true, {"7"}},
                                  {"na`me", false, {"it's", "a \"word\"\n"}},
                                  {"day", false, {}},
                                  {"price", true, {"1.50", "-2.00"}}};
  EXPECT_EQ(PrintCondition(condition),
            "`id` = 7 AND `na``me` IN (\"it's\", \"a \\\"word\\\"\\n\") AND `day` IS NULL AND "
            "`price` IN (1.50, -2.00)");
}

TEST(StoredRow, GoesIntoALoadAsItWasRead) {
  EncodePlan plan;
  plan.columns.resize(3);
  plan.columns[0].name = plan.columns[0].field = "id";
  plan.columns[1].name = plan.columns[1].field = "text";
  plan.columns[2].name = plan.columns[2].field = "b";
  const std::optional<std::string_view> values[] = {"1", "a\"\n\x01", std::nullopt};
  std::string body;
  AppendStoredRow(plan, values, body);
  EXPECT_EQ(body, "{\"id\":\"1\",\"text\":\"a\\\"\\n\\u0001\",\"b\":null}\n");
  EXPECT_EQ(StoredRowColumns(plan), "`id`,`text`,`b`");
  plan.json_columns_header = "h";
  EXPECT_EQ(StoredRowColumns(plan), "h");
}

}  // namespace
}  // namespace starlift::starrocks

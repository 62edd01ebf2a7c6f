#include "sync/control/table_request.h"

#include <gtest/gtest.h>

namespace starlift::sync {
namespace {

TEST(TableRequestTest, IsReadAsItWasPrinted) {
  const TableRequest request{{"shop.orders", "`sh``op`.`a.b`", "größe"}, "truncate"};
  const auto read = ParseTableRequest(PrintTableRequest(request));
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(read->names, request.names);
  EXPECT_EQ(read->existing, "truncate");
}

TEST(TableRequestTest, RefusesWhatIsNone) {
  for (const char* text :
       {"", "{}", "[]", R"({"tables":[]})", R"({"tables":[1]})", "shop.orders"}) {
    EXPECT_FALSE(ParseTableRequest(text).ok()) << text;
  }
}

TEST(TableNameTest, HasADatabaseAndATable) {
  const TableId orders{"shop", "", "orders"};
  for (const char* name : {"shop.orders", "`shop`.`orders`", "`shop`.orders", "shop.`orders`"}) {
    const auto table = ParseTableName(name, "");
    ASSERT_TRUE(table.ok()) << name;
    EXPECT_EQ(*table, orders) << name;
  }
  EXPECT_EQ(*ParseTableName("orders", "shop"), orders);
  EXPECT_EQ(*ParseTableName("`orders`", "shop"), orders);
  EXPECT_EQ(*ParseTableName("shop.a.b", ""), (TableId{"shop", "", "a.b"}));
  EXPECT_EQ(*ParseTableName("`s.h``op`.`a``b`", ""), (TableId{"s.h`op", "", "a`b"}));
}

TEST(TableNameTest, RefusesWhatNamesNoTableOfTheSource) {
  for (const char* name : {"", "orders", "shop.", "`shop", "`shop`orders", "`shop`.`orders`x"}) {
    const auto table = ParseTableName(name, "");
    ASSERT_FALSE(table.ok()) << name;
    EXPECT_EQ(table.error().kind, ErrorKind::kUsage);
  }
  EXPECT_FALSE(ParseTableName("other.orders", "shop").ok());
}

}  // namespace
}  // namespace starlift::sync

#include "sources/mysql/tidb/tidb_source.h"

#include <gtest/gtest.h>

namespace starlift::mysql {
namespace {

TEST(Tidb, VersionBehindTheCompatibleOne) {
  EXPECT_EQ(TidbVersion("8.0.11-TiDB-v8.5.6"), "v8.5.6");
  EXPECT_EQ(TidbVersion("5.7.25-TiDB-v4.0.0-beta-1-gabc"), "v4.0.0-beta-1-gabc");
  EXPECT_EQ(TidbVersion("10.11.19-MariaDB-log"), "");
}

TEST(Tidb, SystemSchemasInWhateverCase) {
  EXPECT_TRUE(IsTidbSystemSchema("METRICS_SCHEMA"));
  EXPECT_TRUE(IsTidbSystemSchema("mysql"));
  EXPECT_FALSE(IsTidbSystemSchema("metrics"));
}

}  // namespace
}  // namespace starlift::mysql

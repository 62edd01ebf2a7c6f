#include "sources/hive/describe.h"

#include <gtest/gtest.h>

#include "sources/hive/catalog.h"
#include "sources/hive/options.h"
#include "sources/hive/types.h"

namespace starlift::hive {
namespace {

using Row = TextRows::Row;

// As HiveServer2 4.0.1 answers, blanks and all.
const TextRows kHive4({
    Row{"# col_name            ", "data_type           ", "comment             "},
    Row{"id", "bigint", "the \"number\""},
    Row{"tags", "map<string,array<int>>", ""},
    Row{"", std::nullopt, std::nullopt},
    Row{"# Partition Information", std::nullopt, std::nullopt},
    Row{"# col_name            ", "data_type           ", "comment             "},
    Row{"day", "date", ""},
    Row{"", std::nullopt, std::nullopt},
    Row{"# Detailed Table Information", std::nullopt, std::nullopt},
    Row{"Database:           ", "shop                ", std::nullopt},
    Row{"CreateTime:         ", "Sat Nov 21 12:04:31 UTC 2026", std::nullopt},
    Row{"Table Type:         ", "EXTERNAL_TABLE      ", std::nullopt},
    Row{"Table Parameters:", std::nullopt, std::nullopt},
    Row{"", "comment             ", "what was sold       "},
    Row{"", "numRows             ", "12                  "},
    Row{"", "totalSize           ", "3456                "},
    Row{"", "transactional       ", "true                "},
    Row{"", std::nullopt, std::nullopt},
    Row{"# Storage Information", std::nullopt, std::nullopt},
    Row{"Num Buckets:        ", "4                   ", std::nullopt},
    Row{"Bucket Columns:     ", "[id, tags]          ", std::nullopt},
    Row{"Storage Desc Params:", std::nullopt, std::nullopt},
    Row{"", "serialization.format", "1                   "},
    Row{"", std::nullopt, std::nullopt},
    Row{"# Constraints", std::nullopt, std::nullopt},
    Row{"", std::nullopt, std::nullopt},
    Row{"# Primary Key", std::nullopt, std::nullopt},
    Row{"Table:", "shop.orders", std::nullopt},
    Row{"Constraint Name:", "pk_1", std::nullopt},
    Row{"Column Name:", "id", std::nullopt},
    Row{"", std::nullopt, std::nullopt},
    Row{"# Not Null Constraints", std::nullopt, std::nullopt},
    Row{"Column Name:", "id", std::nullopt},
});

TEST(HiveDescription, Sections) {
  const TableDescription description = ReadDescription(kHive4);
  ASSERT_EQ(description.columns.size(), 2u);
  EXPECT_EQ(description.columns[0].comment, "the \"number\"");
  ASSERT_EQ(description.partition_columns.size(), 1u);
  EXPECT_EQ(description.parameters.at("comment"), "what was sold");
  EXPECT_FALSE(description.parameters.contains("serialization.format"));
  EXPECT_EQ(description.details.at("Num Buckets"), "4");
  EXPECT_EQ(description.BucketColumns(), (std::vector<std::string>{"id", "tags"}));
  EXPECT_TRUE(TableDescription().BucketColumns().empty());
  EXPECT_EQ(description.primary_key, (std::vector<std::string>{"id"}));
  ASSERT_TRUE(description.Created().has_value());
  EXPECT_EQ(description.Created()->time_since_epoch().count(), 1795262671);
}

TEST(HiveDescription, SparkRepeatsPartitionColumns) {
  const TextRows rows({Row{"id", "int", std::nullopt}, Row{"day", "date", std::nullopt},
                       Row{"# Partition Information", "", ""}, Row{"# col_name", "data_type", "c"},
                       Row{"day", "date", std::nullopt}});
  const TableDescription description = ReadDescription(rows);
  ASSERT_EQ(description.columns.size(), 1u);
  EXPECT_EQ(description.columns[0].name, "id");
}

TEST(HiveCatalog, PartitionColumnsComeLastAndKeysAreNotTrusted) {
  const Table table =
      TableOf({.database = "shop", .schema = "", .name = "orders"}, ReadDescription(kHive4));
  ASSERT_EQ(table.columns.size(), 3u);
  EXPECT_EQ(table.columns[2].name, "day");
  EXPECT_FALSE(table.columns[0].nullable);
  EXPECT_TRUE(table.columns[2].nullable);
  EXPECT_EQ(table.key_kind, KeyKind::kNone);
  EXPECT_EQ(table.row_estimate, 12u);
  EXPECT_EQ(table.byte_estimate, 3456u);
}

TEST(HiveTypes, Native) {
  EXPECT_EQ(TypeOf("decimal(10,2)"),
            (Type{.kind = TypeKind::kDecimal, .precision = 10, .scale = 2}));
  EXPECT_EQ(TypeOf("varchar(20)"), (Type{.kind = TypeKind::kVarchar, .length = 20}));
  EXPECT_EQ(TypeOf("timestamp").kind, TypeKind::kDateTime);
  EXPECT_EQ(TypeOf("timestamp with local time zone").kind, TypeKind::kTimestamp);
  EXPECT_EQ(TypeOf("struct<a:int,b:array<string>>").kind, TypeKind::kJson);
  EXPECT_EQ(TypeOf("nonsense").kind, TypeKind::kUnsupported);
}

ConnectOptions Options(std::string authentication, std::string user = "ann") {
  return *ReadSourceOptions({.kind = "hive",
                             .host = "hs2",
                             .user = std::move(user),
                             .options = {{"authentication", std::move(authentication)}}});
}

TEST(HiveOptions, Authentication) {
  EXPECT_EQ(Options("NOSASL").authentication, Authentication::kNoSasl);
  EXPECT_EQ(Options("none_http").transport, Transport::kHttp);
  EXPECT_EQ(Options("kerberos_http", "hive/hs2.example").authentication, Authentication::kKerberos);
  const auto without_host = ReadSourceOptions(
      {.kind = "hive", .host = "h", .user = "hive", .options = {{"authentication", "kerberos"}}});
  ASSERT_FALSE(without_host.ok());
  EXPECT_NE(without_host.error().mend.find("hive/hs2.example"), std::string::npos);
  const auto zookeeper =
      ReadSourceOptions({.kind = "hive", .host = "h", .options = {{"authentication", "zk"}}});
  ASSERT_TRUE(zookeeper.ok());
  EXPECT_EQ(zookeeper->ensemble, "h:2181");
}

}  // namespace
}  // namespace starlift::hive

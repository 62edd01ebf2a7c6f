#include "mapping/table_mapping.h"

#include <gtest/gtest.h>

#include "starrocks/ddl_printer.h"

namespace starlift::mapping {
namespace {

using enum TypeKind;
using starrocks::TableModel;

Column Of(std::string name, Type type, bool nullable = true) {
  Column column;
  column.name = std::move(name);
  column.native_type = "native";
  column.type = type;
  column.nullable = nullable;
  return column;
}

Table TableOf(std::string name, std::vector<Column> columns, std::vector<ColumnIndex> key = {}) {
  Table table;
  table.id = {.database = "shop", .schema = "", .name = std::move(name)};
  table.columns = std::move(columns);
  table.key = std::move(key);
  table.key_kind = table.key.empty() ? KeyKind::kNone : KeyKind::kPrimary;
  return table;
}

Table Orders() {
  return TableOf(
      "orders",
      {Of("note", {.kind = kText, .length = 65'535}), Of("day", {.kind = kDate}, false),
       Of("id", {.kind = kUInt64}, false), Of("shop", {.kind = kChar, .length = 8}, false)},
      {2, 3});
}

Mappings Build(std::vector<Table> tables, const MappingRequest& request = {}) {
  Catalog catalog;
  catalog.tables = std::move(tables);
  auto mappings = BuildMappings(catalog, request);
  EXPECT_TRUE(mappings.ok()) << mappings.error().ToString();
  return std::move(mappings).value();
}

TableMapping BuildOne(Table table, const MappingRequest& request = {}) {
  Mappings mappings = Build({std::move(table)}, request);
  EXPECT_TRUE(mappings.findings.empty()) << mappings.findings.front().message;
  return std::move(mappings.tables.at(0));
}

bool Warns(const TableMapping& mapping, std::string_view code) {
  for (const Finding& finding : mapping.warnings) {
    if (finding.code == code) return true;
  }
  return false;
}

TEST(BuildMappings, PutsTheKeyFirst) {
  MappingRequest request;
  request.default_database = "target";
  request.replication_num = 1;
  const TableMapping mapping = BuildOne(Orders(), request);
  EXPECT_EQ(PrintCreateTable(mapping.target),
            "CREATE TABLE IF NOT EXISTS `target`.`orders` (\n"
            "  `id` LARGEINT NOT NULL,\n"
            "  `shop` VARCHAR(32) NOT NULL,\n"
            "  `note` VARCHAR(1048576) NULL,\n"
            "  `day` DATE NULL\n"
            ") ENGINE=OLAP\n"
            "PRIMARY KEY (`id`, `shop`)\n"
            "DISTRIBUTED BY HASH(`id`, `shop`)\n"
            "PROPERTIES (\"replication_num\" = \"1\");");
  EXPECT_EQ(mapping.columns, (std::vector<ColumnIndex>{2, 3, 0, 1}));
  ASSERT_EQ(mapping.plan.columns.size(), 4u);
  for (uint32_t i = 0; i < 4; ++i) EXPECT_EQ(mapping.plan.columns[i].source_index, i);
  EXPECT_TRUE(mapping.plan.limit_primary_key);
  EXPECT_FALSE(mapping.keyless);
  EXPECT_TRUE(mapping.plan.columns[1].key);
  EXPECT_EQ(mapping.plan.csv_columns_header, "");
}

TEST(BuildMappings, SortsAKeylessTableByTheFirstColumnThatMay) {
  const TableMapping mapping = BuildOne(TableOf(
      "t", {Of("f", {.kind = kDouble}), Of("j", {.kind = kJson}), Of("i", {.kind = kInt32})}));
  EXPECT_TRUE(mapping.keyless);
  EXPECT_EQ(mapping.target.model, TableModel::kDuplicateKey);
  EXPECT_EQ(mapping.target.columns[0].name, "i");
  EXPECT_TRUE(mapping.target.columns[0].nullable);
  EXPECT_EQ(mapping.target.key_columns, 1u);
  EXPECT_TRUE(mapping.target.hash_columns.empty());
  EXPECT_FALSE(mapping.plan.limit_primary_key);
  EXPECT_TRUE(Warns(mapping, "no-key"));
}

TEST(BuildMappings, SortsByTextWhereNothingMay) {
  const TableMapping mapping =
      BuildOne(TableOf("t", {Of("f", {.kind = kDouble}), Of("j", {.kind = kJson})}));
  EXPECT_EQ(mapping.target.columns[0].name, "f");
  EXPECT_EQ(PrintType(mapping.target.columns[0].type), "VARCHAR(32)");
  EXPECT_TRUE(Warns(mapping, "sort-key-as-text"));
}

TEST(BuildMappings, MakesAFloatKeyKeyless) {
  const TableMapping mapping = BuildOne(
      TableOf("t", {Of("f", {.kind = kFloat}, false), Of("i", {.kind = kInt32}, false)}, {0}));
  EXPECT_TRUE(mapping.keyless);
  EXPECT_TRUE(Warns(mapping, "key-not-possible"));
  EXPECT_EQ(mapping.target.columns[0].name, "i");
}

TEST(BuildMappings, KeepsADateInAKeyNotNull) {
  const TableMapping mapping = BuildOne(
      TableOf("t", {Of("d", {.kind = kDate}, false), Of("i", {.kind = kInt32}, false)}, {0}));
  EXPECT_FALSE(mapping.plan.columns[0].nullable);
  EXPECT_FALSE(mapping.target.columns[0].nullable);
}

TEST(BuildMappings, FollowsTheFirstRuleThatMatches) {
  MappingRequest request;
  request.rules = {
      {.match = "shop\\.(ord)ers",
       .target_database = "dw_{database}",
       .target_table = "{1}_{table}{{",
       .exclude_columns = {"note"},
       .rename_columns = {{"day", "order day"}},
       .options = {{"buckets", "3"}, {"zero-date-as-null", "false"}}},
      {.match = "orders", .target_table = "never"},
  };
  const TableMapping mapping = BuildOne(Orders(), request);
  EXPECT_EQ(mapping.target.QuotedName(), "`dw_shop`.`ord_orders{`");
  ASSERT_EQ(mapping.target.columns.size(), 3u);
  EXPECT_EQ(mapping.target.columns[2].name, "order day");
  EXPECT_FALSE(mapping.target.columns[2].nullable);
  EXPECT_EQ(mapping.target.buckets, 3u);
  EXPECT_EQ(mapping.columns, (std::vector<ColumnIndex>{2, 3, 1}));
}

TEST(BuildMappings, TakesAKeyFromARule) {
  Table table = Orders();
  table.key.clear();
  table.key_kind = KeyKind::kNone;
  MappingRequest request;
  request.rules = {{.match = "orders", .key_columns = {"shop", "id"}}};
  const TableMapping mapping = BuildOne(table, request);
  EXPECT_FALSE(mapping.keyless);
  EXPECT_EQ(mapping.target.columns[0].name, "shop");
}

TEST(BuildMappings, RefusesRulesThatCantBeRead) {
  const auto refuses = [](TableRule rule) {
    MappingRequest request;
    request.rules = {std::move(rule)};
    Catalog catalog;
    catalog.tables = {Orders()};
    const auto mappings = BuildMappings(catalog, request);
    return !mappings.ok() && mappings.error().kind == ErrorKind::kUsage;
  };
  EXPECT_TRUE(refuses({.match = "("}));
  EXPECT_TRUE(refuses({.match = "x", .target_table = "{nothing}"}));
  EXPECT_TRUE(refuses({.match = "x", .target_table = "{1}"}));
  EXPECT_TRUE(refuses({.match = "x", .target_table = "{table"}));
  EXPECT_TRUE(refuses({.match = "orders", .options = {{"nothing", "1"}}}));
}

TEST(BuildMappings, RefusesNamesWithTheRuleToAdd) {
  const auto mend = [](std::vector<Table> tables, std::string_view code) -> std::string {
    const Mappings mappings = Build(std::move(tables));
    for (const Finding& finding : mappings.findings) {
      if (finding.code == code && finding.severity == Severity::kError) return finding.mend;
    }
    return "no finding";
  };
  EXPECT_EQ(
      mend({TableOf("t", {Of("id", {.kind = kInt32}, false), Of("__OP", {.kind = kInt32})}, {0})},
           "column-name"),
      "add to rules: {match: 'shop\\.t', rename_columns: {'__OP': another_name}}");
  EXPECT_EQ(mend({TableOf("t", {Of("a", {.kind = kInt32}, false), Of("A", {.kind = kInt32})}, {0})},
                 "name-clash-case"),
            "add to rules: {match: 'shop\\.t', rename_columns: {'A': another_name}}");
  EXPECT_EQ(
      mend({TableOf("t", {Of("a", {.kind = kInt32})}), TableOf("T", {Of("a", {.kind = kInt32})})},
           "name-clash-case"),
      "add to rules: {match: 'shop\\.T', target_table: another_name}");
  EXPECT_EQ(mend({TableOf("t", {Of("a", {.kind = kInt32}), Of("x", {})})}, "unsupported-type"),
            "add to rules: {match: 'shop\\.t', exclude-columns: ['x']}");
  EXPECT_NE(mend({TableOf("line\nbreak", {Of("a", {.kind = kInt32})})}, "table-name"),
            "no finding");
  EXPECT_NE(mend({TableOf("tick`s", {Of("a", {.kind = kInt32})})}, "table-name"), "no finding");
  EXPECT_NE(mend({TableOf("t", {Of("a<b", {.kind = kInt32})})}, "column-name"), "no finding");
  EXPECT_NE(mend({TableOf("t", {Of("__starrocks_shadow_x", {.kind = kInt32})})}, "column-name"),
            "no finding");
  Table odd = TableOf("t", {Of("a", {.kind = kInt32})});
  odd.id.database = "my shop";
  EXPECT_NE(mend({odd}, "database-name"), "no finding");
}

TEST(BuildMappings, LetsOddButPossibleNamesBe) {
  const TableMapping mapping = BuildOne(
      TableOf("select \xF0\x9F\x98\x80 %-#",
              {Of("or der", {.kind = kInt32}, false), Of("\xC3\xA9.", {.kind = kInt32})}, {0}));
  EXPECT_EQ(mapping.target.name, "select \xF0\x9F\x98\x80 %-#");
}

TEST(BuildMappings, UnitesShards) {
  MappingRequest request;
  request.rules = {{.match = "orders_\\d+", .target_table = "orders"}};
  Table first =
      TableOf("orders_1",
              {Of("id", {.kind = kInt32}, false), Of("a", {.kind = kVarchar, .length = 10}, false),
               Of("b", {.kind = kInt32}, false)},
              {0});
  Table second =
      TableOf("orders_2",
              {Of("b", {.kind = kInt64}), Of("a", {.kind = kVarchar, .length = 20}, false),
               Of("id", {.kind = kInt64}, false)},
              {2});
  const Mappings mappings = Build({first, second}, request);
  ASSERT_TRUE(mappings.findings.empty()) << mappings.findings.front().message;
  ASSERT_EQ(mappings.tables.size(), 2u);
  for (const TableMapping& mapping : mappings.tables) {
    EXPECT_TRUE(mapping.shared_target);
    EXPECT_EQ(PrintCreateTable(mapping.target),
              "CREATE TABLE IF NOT EXISTS `shop`.`orders` (\n"
              "  `id` BIGINT NOT NULL,\n"
              "  `a` VARCHAR(80) NOT NULL,\n"
              "  `b` BIGINT NULL\n"
              ") ENGINE=OLAP\n"
              "PRIMARY KEY (`id`)\n"
              "DISTRIBUTED BY HASH(`id`);");
    EXPECT_EQ(mapping.plan.columns[1].limit_bytes, 80u);
    EXPECT_EQ(mapping.plan.csv_columns_header, "");
  }
  EXPECT_EQ(mappings.tables[1].columns, (std::vector<ColumnIndex>{2, 1, 0}));
  EXPECT_EQ(mappings.tables[0].columns, (std::vector<ColumnIndex>{0, 1, 2}));
}

TEST(BuildMappings, RefusesTablesThatDontFitTogether) {
  MappingRequest request;
  request.rules = {{.match = ".*", .target_table = "one"}};
  const Mappings mappings =
      Build({TableOf("a", {Of("id", {.kind = kInt32}, false)}, {0}),
             TableOf("b", {Of("id", {.kind = kVarchar, .length = 4}, false)}, {0})},
            request);
  ASSERT_EQ(mappings.findings.size(), 1u);
  EXPECT_EQ(mappings.findings[0].code, "shared-target");
}

TEST(BuildMappings, TakesConstantDefaultsOver) {
  const auto with_default = [](Type type, DefaultKind kind, std::string text) {
    Column column = Of("c", type);
    column.default_kind = kind;
    column.default_text = std::move(text);
    const TableMapping mapping =
        BuildOne(TableOf("t", {Of("id", {.kind = kInt32}, false), column}, {0}));
    const starrocks::TargetColumn& target = mapping.target.columns[1];
    switch (target.default_kind) {
      case starrocks::TargetDefaultKind::kLiteral:
        return "'" + target.default_text + "'";
      case starrocks::TargetDefaultKind::kCurrentTimestamp:
        return std::string("now");
      default:
        return std::string(Warns(mapping, "default-left-out") ? "left out" : "none");
    }
  };
  using enum DefaultKind;
  EXPECT_EQ(with_default({.kind = kInt8}, kLiteral, "-1"), "'-1'");
  EXPECT_EQ(with_default({.kind = kInt8}, kLiteral, "300"), "left out");
  EXPECT_EQ(with_default({.kind = kBit, .length = 1}, kLiteral, "b'1'"), "left out");
  EXPECT_EQ(with_default({.kind = kUInt64}, kLiteral, "18446744073709551615"),
            "'18446744073709551615'");
  EXPECT_EQ(with_default({.kind = kDecimal, .precision = 5, .scale = 2}, kLiteral, "0.00"),
            "'0.00'");
  EXPECT_EQ(with_default({.kind = kDecimal, .precision = 2, .scale = 2}, kLiteral, "0.10"),
            "'0.10'");
  EXPECT_EQ(with_default({.kind = kDecimal, .precision = 5, .scale = 2}, kLiteral, "1234"),
            "left out");
  EXPECT_EQ(with_default({.kind = kFloat}, kLiteral, "1.5"), "'1.5'");
  EXPECT_EQ(with_default({.kind = kFloat}, kLiteral, "0.1"), "left out");
  EXPECT_EQ(with_default({.kind = kDouble}, kLiteral, "0.1"), "'0.1'");
  EXPECT_EQ(with_default({.kind = kDate}, kLiteral, "0000-00-00"), "left out");
  EXPECT_EQ(with_default({.kind = kDate}, kLiteral, "2024-01-01"), "'2024-01-01'");
  EXPECT_EQ(with_default({.kind = kTimestamp}, kCurrentTimestamp, ""), "now");
  EXPECT_EQ(with_default({.kind = kDate}, kExpression, "curdate()"), "left out");
  EXPECT_EQ(with_default({.kind = kVarchar, .length = 3}, kLiteral, "a\"b"), "'a\"b'");
  EXPECT_EQ(with_default({.kind = kBlob}, kLiteral, "x"), "left out");
  EXPECT_EQ(with_default({.kind = kJson}, kLiteral, "{}"), "left out");
  EXPECT_EQ(with_default({.kind = kInt32}, kNull, ""), "none");
}

TEST(BuildMappings, CutsCommentsAtACharacter) {
  Table table = Orders();
  for (int i = 0; i < 2000; ++i) table.columns[0].comment += "é";
  const TableMapping mapping = BuildOne(table);
  EXPECT_EQ(mapping.target.columns[2].comment.size(), 2048u);
  EXPECT_TRUE(Warns(mapping, "comment-cut"));
}

TEST(BuildMappings, ChoosesBucketsForLargeTablesOnly) {
  Table table = Orders();
  table.byte_estimate = uint64_t{1} << 30;
  EXPECT_EQ(BuildOne(table).target.buckets, 0u);
  table.byte_estimate = uint64_t{100} << 30;
  EXPECT_EQ(BuildOne(table).target.buckets, 51u);
  table.byte_estimate = uint64_t{100} << 40;
  EXPECT_EQ(BuildOne(table).target.buckets, 1024u);
}

TEST(AdaptToExisting, FollowsTheTablesOrderAndLimits) {
  TableMapping mapping = BuildOne(Orders());
  starrocks::TargetTable existing = mapping.target;
  std::swap(existing.columns[2], existing.columns[3]);
  existing.columns[3].type.length = 100;
  existing.columns.push_back({.name = "extra", .type = {.kind = starrocks::TargetTypeKind::kInt}});
  const auto differences = AdaptToExisting(existing, mapping);
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_FALSE(differences[0].blocking);
  EXPECT_EQ(mapping.columns, (std::vector<ColumnIndex>{2, 3, 1, 0}));
  EXPECT_EQ(mapping.plan.columns[3].limit_bytes, 100u);
  EXPECT_EQ(mapping.plan.csv_columns_header, "`id`,`shop`,`day`,`note`");
  EXPECT_EQ(mapping.target.columns.size(), 5u);
}

TEST(AdaptToExisting, FitsAgainWhatFitsATableWithMoreColumns) {
  TableMapping mapping = BuildOne(Orders());
  starrocks::TargetTable existing = mapping.target;
  existing.columns.insert(existing.columns.begin() + 2,
                          {.name = "extra", .type = {.kind = starrocks::TargetTypeKind::kInt}});
  AdaptToExisting(existing, mapping);
  const TableMapping once = mapping;
  EXPECT_TRUE(AdaptToExisting(existing, mapping).empty());
  EXPECT_EQ(mapping.columns, once.columns);
  EXPECT_EQ(mapping.plan.csv_columns_header, once.plan.csv_columns_header);
  EXPECT_EQ(mapping.plan.columns.size(), 4u);
}

TEST(AdaptToExisting, LeavesTheMappingWhereItCantBe) {
  TableMapping mapping = BuildOne(Orders());
  starrocks::TargetTable existing = mapping.target;
  existing.columns[3].type = {.kind = starrocks::TargetTypeKind::kInt};
  const auto differences = AdaptToExisting(existing, mapping);
  ASSERT_EQ(differences.size(), 1u);
  EXPECT_TRUE(differences[0].blocking);
  EXPECT_EQ(PrintType(mapping.target.columns[3].type), "DATE");
}

TEST(TableFilter, AnchorsItsExpressions) {
  const TableId orders{.database = "shop", .schema = "", .name = "orders"};
  const TableId archive{.database = "shop", .schema = "", .name = "orders_archive"};
  const auto takes = [](const std::vector<std::string>& include,
                        const std::vector<std::string>& exclude, const TableId& table) {
    return CompileTableFilter(include, exclude).value()(table);
  };
  EXPECT_TRUE(takes({}, {}, orders));
  EXPECT_TRUE(takes({"orders"}, {}, orders));
  EXPECT_FALSE(takes({"orders"}, {}, archive));
  EXPECT_TRUE(takes({"orders.*"}, {}, archive));
  EXPECT_TRUE(takes({"shop\\.orders"}, {}, orders));
  EXPECT_FALSE(takes({"shop"}, {}, orders));
  EXPECT_TRUE(takes({"a|orders"}, {}, orders));
  EXPECT_FALSE(takes({"a|orders"}, {}, archive));
  EXPECT_FALSE(takes({"orders.*"}, {".*_archive"}, archive));
  EXPECT_FALSE(CompileTableFilter({"["}, {}).ok());
}

}  // namespace
}  // namespace starlift::mapping

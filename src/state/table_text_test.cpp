#include "state/table_text.h"

#include <gtest/gtest.h>

namespace starlift::state {
namespace {

Table Orders() {
  Table table;
  table.id = {"shop", "sales", "orders\xF0\x9F\x92\xA1"};
  Column id;
  id.name = "id";
  id.type.kind = TypeKind::kUInt64;
  id.native_type = "bigint(20) unsigned";
  id.nullable = false;
  id.auto_increment = true;
  Column price;
  price.name = "Preis \"netto\"";
  price.type = {TypeKind::kDecimal, 0, 12, 4};
  price.default_kind = DefaultKind::kLiteral;
  price.default_text = std::string("\x00\xFF'", 3);
  price.comment = "line\nbreak";
  price.invisible = true;
  Column label;
  label.name = "label";
  label.type = {TypeKind::kEnum, 7};
  label.charset = "latin1";
  label.collation = "latin1_swedish_ci";
  label.generated = true;
  label.default_kind = DefaultKind::kExpression;
  table.columns = {id, price, label};
  table.key_kind = KeyKind::kUnique;
  table.key = {2, 0};
  table.indexes = {{"u", true, {{2}, {0}}}, {"f", false, {{}, {1, true}}}};
  table.default_collation = "utf8mb4_bin";
  table.comment = "c";
  table.engine = "InnoDB";
  table.row_estimate = 1ULL << 60;
  table.byte_estimate = 7;
  table.average_row_bytes = 8;
  table.partitions = {"p0", "p1"};
  return table;
}

TEST(TableText, ReadsBackAsItWas) {
  const Table table = Orders();
  const std::string text = PrintTable(table);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto read = ParseTable(text);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(PrintTable(*read), text);
  EXPECT_EQ(read->id, table.id);
  EXPECT_EQ(read->columns[1].default_text, table.columns[1].default_text);
  EXPECT_EQ(read->columns[1].type, table.columns[1].type);
  EXPECT_EQ(read->columns[2].default_kind, DefaultKind::kExpression);
  EXPECT_FALSE(read->columns[0].nullable);
  EXPECT_TRUE(read->columns[1].nullable);
  EXPECT_EQ(read->key_kind, KeyKind::kUnique);
  EXPECT_EQ(read->key, table.key);
  EXPECT_EQ(read->indexes, table.indexes);
  EXPECT_EQ(read->partitions, table.partitions);
  EXPECT_EQ(read->row_estimate, table.row_estimate);
}

TEST(TableText, EveryTypeKind) {
  for (int kind = 0; kind <= static_cast<int>(TypeKind::kUnsupported); ++kind) {
    Table table;
    table.columns.resize(1);
    table.columns[0].type.kind = static_cast<TypeKind>(kind);
    const auto read = ParseTable(PrintTable(table));
    ASSERT_TRUE(read.ok()) << kind;
    EXPECT_EQ(read->columns[0].type, table.columns[0].type);
  }
}

TEST(TableText, RefusesWhatIsNoTable) {
  for (const char* text :
       {"", "{", "[]", "{\"columns\":[{\"name\":\"a\",\"type\":\"frob\"}]}",
        "{\"columns\":[],\"key\":[0]}", "{\"columns\":7}",
        "{\"columns\":[],\"indexes\":[{\"name\":\"i\",\"parts\":[{\"column\":3}]}]}"}) {
    const auto read = ParseTable(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kData);
  }
}

}  // namespace
}  // namespace starlift::state

#include "sources/mysql/types.h"

#include <gtest/gtest.h>

namespace starlift::mysql {
namespace {

ColumnRow Row(std::string data_type, std::string column_type) {
  ColumnRow row;
  row.name = "c";
  row.data_type = std::move(data_type);
  row.column_type = std::move(column_type);
  return row;
}

TEST(Types, IntegersByWidthAndSign) {
  EXPECT_EQ(TypeOf(Row("tinyint", "tinyint(1)")).kind, TypeKind::kInt8);
  EXPECT_EQ(TypeOf(Row("tinyint", "tinyint(3) unsigned")).kind, TypeKind::kUInt8);
  EXPECT_EQ(TypeOf(Row("mediumint", "mediumint")).kind, TypeKind::kInt24);
  EXPECT_EQ(TypeOf(Row("int", "int(10) unsigned zerofill")).kind, TypeKind::kUInt32);
  EXPECT_EQ(TypeOf(Row("bigint", "bigint unsigned")).kind, TypeKind::kUInt64);
  EXPECT_EQ(TypeOf(Row("BIGINT", "BIGINT")).kind, TypeKind::kInt64);
}

TEST(Types, ParametersComeAlong) {
  ColumnRow decimal = Row("decimal", "decimal(20,5)");
  decimal.numeric_precision = 20;
  decimal.numeric_scale = 5;
  EXPECT_EQ(TypeOf(decimal), (Type{.kind = TypeKind::kDecimal, .precision = 20, .scale = 5}));
  ColumnRow datetime = Row("datetime", "datetime(6)");
  datetime.datetime_precision = 6;
  EXPECT_EQ(TypeOf(datetime), (Type{.kind = TypeKind::kDateTime, .scale = 6}));
  ColumnRow bits = Row("bit", "bit(40)");
  bits.numeric_precision = 40;
  EXPECT_EQ(TypeOf(bits), (Type{.kind = TypeKind::kBit, .length = 40}));
  ColumnRow text = Row("varchar", "varchar(20)");
  text.character_length = 20;
  text.octet_length = 80;
  EXPECT_EQ(TypeOf(text), (Type{.kind = TypeKind::kVarchar, .length = 20}));
}

TEST(Types, MariadbJsonIsCheckedLongtext) {
  ColumnRow row = Row("longtext", "longtext");
  EXPECT_EQ(TypeOf(row).kind, TypeKind::kText);
  row.json_checked = true;
  EXPECT_EQ(TypeOf(row).kind, TypeKind::kJson);
  EXPECT_EQ(TypeOf(Row("json", "json")).kind, TypeKind::kJson);
}

TEST(Types, UnknownOnesAreUnsupported) {
  EXPECT_EQ(TypeOf(Row("vector", "vector(3)")).kind, TypeKind::kUnsupported);
  EXPECT_EQ(TypeOf(Row("", "")).kind, TypeKind::kUnsupported);
}

TEST(Types, DisplayForms) {
  EXPECT_TRUE(HasDisplayForm("int(5) unsigned zerofill"));
  EXPECT_TRUE(HasDisplayForm("double(10,2)"));
  EXPECT_FALSE(HasDisplayForm("decimal(10,2)"));
  EXPECT_FALSE(HasDisplayForm("double"));
}

TEST(Types, LabelsAreCountedOutsideQuotes) {
  EXPECT_EQ(CountLabels("enum('a')"), 1u);
  EXPECT_EQ(CountLabels("enum('a','b,c','it''s, no','')"), 4u);
}

TEST(Columns, Attributes) {
  ColumnRow row = Row("int", "int(11)");
  row.extra = "auto_increment";
  EXPECT_TRUE(ColumnOf(row, false).auto_increment);
  row.extra = "STORED GENERATED INVISIBLE";
  EXPECT_TRUE(ColumnOf(row, false).generated);
  EXPECT_TRUE(ColumnOf(row, false).invisible);
  row.extra = "DEFAULT_GENERATED on update CURRENT_TIMESTAMP";
  EXPECT_FALSE(ColumnOf(row, false).generated);
}

struct DefaultCase {
  std::string type, text, extra;
  bool mariadb;
  DefaultKind kind;
  std::string expected;
};

TEST(Defaults, MysqlBareAndMariadbQuoted) {
  const DefaultCase cases[] = {
      {"varchar", "it's", "", false, DefaultKind::kLiteral, "it's"},
      {"varchar", "'it''s \\\\ \\n'", "", true, DefaultKind::kLiteral, "it's \\ \n"},
      {"varchar", "NULL", "", true, DefaultKind::kNull, ""},
      {"varchar", "NULL", "", false, DefaultKind::kLiteral, "NULL"},
      {"varchar", "", "", false, DefaultKind::kLiteral, ""},
      {"varchar", "''", "", true, DefaultKind::kLiteral, ""},
      {"int", "-5", "", true, DefaultKind::kLiteral, "-5"},
      {"int", "-5", "", false, DefaultKind::kLiteral, "-5"},
      {"datetime", "CURRENT_TIMESTAMP(3)", "", false, DefaultKind::kCurrentTimestamp,
       "CURRENT_TIMESTAMP(3)"},
      {"datetime", "CURRENT_TIMESTAMP", "DEFAULT_GENERATED", false, DefaultKind::kCurrentTimestamp,
       "CURRENT_TIMESTAMP"},
      {"timestamp", "current_timestamp(6)", "", true, DefaultKind::kCurrentTimestamp,
       "current_timestamp(6)"},
      {"varchar", "CURRENT_TIMESTAMP", "", false, DefaultKind::kLiteral, "CURRENT_TIMESTAMP"},
      {"varchar", "uuid()", "DEFAULT_GENERATED", false, DefaultKind::kExpression, "uuid()"},
      {"varchar", "uuid()", "", true, DefaultKind::kExpression, "uuid()"},
      {"bit", "b'101'", "", false, DefaultKind::kExpression, "b'101'"},
      {"bit", "b'101'", "", true, DefaultKind::kExpression, "b'101'"},
  };
  for (const DefaultCase& one : cases) {
    ColumnRow row = Row(one.type, one.type);
    row.default_text = one.text;
    row.extra = one.extra;
    const Column column = ColumnOf(row, one.mariadb);
    EXPECT_EQ(column.default_kind, one.kind) << one.type << " " << one.text;
    EXPECT_EQ(column.default_text, one.expected) << one.type << " " << one.text;
  }
}

TEST(Defaults, NoneAndNull) {
  ColumnRow row = Row("int", "int");
  EXPECT_EQ(ColumnOf(row, false).default_kind, DefaultKind::kNull);
  EXPECT_EQ(ColumnOf(row, true).default_kind, DefaultKind::kNone);
  row.nullable = false;
  EXPECT_EQ(ColumnOf(row, false).default_kind, DefaultKind::kNone);
}

}  // namespace
}  // namespace starlift::mysql

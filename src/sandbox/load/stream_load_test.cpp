#include "sandbox/load/stream_load.h"

#include <gtest/gtest.h>

#include "sandbox/load/load_harness.h"

namespace starlift::sandbox::load {
namespace {

using catalog::AggregateKind;
using catalog::DataType;
using catalog::TableModel;
using catalog::TypeKind;

DataType Int() { return DataType::Of(TypeKind::kInt); }

class StreamLoad : public ::testing::Test {
 protected:
  using H = LoadHarness;

  std::string Load(const std::string& table, std::string_view body,
                   const H::Headers& headers = {}) {
    last_ = harness_.Load(table, body, headers);
    return harness_.Brief(last_);
  }
  void AddKeyed(TableModel model) {
    harness_.AddTable(
        "t", model,
        {H::Column("k", Int(), model != TableModel::kDuplicate, model != TableModel::kPrimary),
         H::Column("v", DataType::Varchar(10))});
  }

  TestHome home_;
  LoadHarness harness_{home_.path()};
  LoadAnswer last_;
};

TEST_F(StreamLoad, DuplicateKeyAppends) {
  AddKeyed(TableModel::kDuplicate);
  EXPECT_EQ(Load("t", "1,a\n1,a\n\\N,\n"), "Success 3/3");
  EXPECT_EQ(Load("t", "2,b"), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "1 a;1 a;2 b;NULL ;");
}

TEST_F(StreamLoad, UniqueAndPrimaryKeepTheLastRow) {
  AddKeyed(TableModel::kUnique);
  EXPECT_EQ(Load("t", "1,a\n2,b\n1,c\n"), "Success 3/3");
  EXPECT_EQ(Load("t", "2,d\n"), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "1 c;2 d;");
}

TEST_F(StreamLoad, OpColumnDeletes) {
  AddKeyed(TableModel::kPrimary);
  Load("t", "1,a\n2,b\n3,c\n");
  EXPECT_EQ(Load("t", "1,x,1\n4,d,0\n3,c,7\n", {{"columns", "k,v,__op"}}), "Success 3/3");
  EXPECT_EQ(harness_.Rows("t"), "2 b;4 d;");
  EXPECT_EQ(Load("t", "2,x\n", {{"columns", "k,v,__op='delete'"}}), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "4 d;");
  EXPECT_EQ(Load("t", R"({"k":4,"__op":1}{"k":5,"v":"e"})", {{"format", "json"}}), "Success 2/2");
  EXPECT_EQ(harness_.Rows("t"), "5 e;");
  EXPECT_EQ(Load("t", "2,x\n", {{"columns", "k,v,__op='nosuch'"}}),
            "Fail: load op type string not supported: nosuch");
  EXPECT_EQ(Load("t", "2,x\n", {{"columns", "k,v,__op=2"}}),
            "Fail: const load op type column should only be upsert(0)/delete(1)");
}

TEST_F(StreamLoad, AggregateFolds) {
  auto sum = H::Column("s", DataType::Of(TypeKind::kBigInt));
  sum.aggregate = AggregateKind::kSum;
  auto low = H::Column("m", DataType::Decimal(10, 2));
  low.aggregate = AggregateKind::kMin;
  auto last = H::Column("r", DataType::Varchar(10));
  last.aggregate = AggregateKind::kReplaceIfNotNull;
  harness_.AddTable("t", TableModel::kAggregate, {H::Column("k", Int(), true), sum, low, last});
  EXPECT_EQ(Load("t", "1,1,5.5,a\n1,2,4.5,\\N\n2,9,1,x\n"), "Success 3/3");
  EXPECT_EQ(Load("t", "1,10,6,b\n"), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "1 13 4.50 b;2 9 1.00 x;");
  EXPECT_EQ(Load("t", "1,3,0,\\N\n", {{"negative", "true"}}), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "1 10 0.00 b;2 9 1.00 x;");
}

TEST_F(StreamLoad, BadValuesAreNullOrFilteredByStrictMode) {
  AddKeyed(TableModel::kDuplicate);
  EXPECT_EQ(Load("t", "x,a\n1,12345678901\n"), "Success 2/2");
  EXPECT_EQ(harness_.Rows("t"), "1 NULL;NULL a;");
  EXPECT_EQ(Load("t", "x,a\n1,b\n", {{"strict_mode", "true"}}), "Fail: too many filtered rows");
  EXPECT_EQ(last_.counts.filtered, 1);
  EXPECT_EQ(harness_.ErrorLogOf(last_),
            "Error: The field (name = k, pos = 0) is out of range. Type: INT, Value length: 1, "
            "Value: x. Row: x,a\n");
  EXPECT_EQ(Load("t", "x,a\n7,b\n", {{"strict_mode", "true"}, {"max_filter_ratio", "0.5"}}),
            "Success 1/2");
  EXPECT_FALSE(last_.error_log_name.empty());
}

TEST_F(StreamLoad, FieldCountsMustMatch) {
  AddKeyed(TableModel::kDuplicate);
  EXPECT_EQ(Load("t", "1\n1,a,b\n2,b\n", {{"max_filter_ratio", "1"}}), "Success 1/3");
  EXPECT_EQ(harness_.ErrorLogOf(last_).substr(0, 128),
            "Error: Target column count: 2 doesn't match source value column count: 1. Column "
            "separator: ',', Row delimiter: '\\n'. Row: 1\nErr");
}

TEST_F(StreamLoad, NotNullAndDefaults) {
  auto counted = H::Column("n", Int(), false, false);
  counted.default_kind = catalog::DefaultKind::kLiteral;
  counted.default_text = "7";
  harness_.AddTable("t", TableModel::kDuplicate,
                    {H::Column("k", Int(), true, false), counted, H::Column("v", Int())});
  EXPECT_EQ(Load("t", "1\n", {{"columns", "k"}}), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "1 7 NULL;");
  EXPECT_EQ(Load("t", "1\n", {{"columns", "v"}}), "Fail: Column has no default value. column: k");
  EXPECT_EQ(Load("t", R"({"k":1,"v":2})", {{"format", "json"}}), "Fail: too many filtered rows");
  EXPECT_EQ(harness_.ErrorLogOf(last_),
            "Error: NULL value in non-nullable column 'n'. Row: {\"k\":1,\"v\":2}\n");
}

TEST_F(StreamLoad, ColumnsWithExpressions) {
  DataType binary = DataType::Of(TypeKind::kVarbinary);
  binary.length = -1;
  harness_.AddTable("t", TableModel::kPrimary,
                    {H::Column("k", Int(), true, false), H::Column("b", binary),
                     H::Column("j", DataType::Of(TypeKind::kJson))});
  EXPECT_EQ(Load("t", "1|6869|{\"a\": 1}\n2|\\N|\\N\n",
                 {{"column_separator", "|"},
                  {"columns", "k, x, y, b=to_binary(x,'hex'), j=parse_json(y)"}}),
            "Success 2/2");
  EXPECT_EQ(harness_.Rows("t"), "1 hi {\"a\": 1};2 NULL NULL;");
  EXPECT_EQ(Load("t", "5\n", {{"columns", "x, k = x * 10 + 1"}}), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "1 hi {\"a\": 1};2 NULL NULL;51 NULL NULL;");
  EXPECT_EQ(Load("t", "5\n", {{"columns", "k, nosuch = k"}}),
            "Fail: Mapping column is not in table. column: nosuch");
  EXPECT_EQ(Load("t", "5\n", {{"columns", "k, k"}}), "Fail: Duplicate column: k");
}

TEST_F(StreamLoad, WhereUnselects) {
  AddKeyed(TableModel::kDuplicate);
  EXPECT_EQ(Load("t", "1,a\n2,b\n3,c\n", {{"where", "k > 1 and v <> 'c'"}}), "Success 1/3");
  EXPECT_EQ(last_.counts.unselected, 2);
  EXPECT_EQ(harness_.Rows("t"), "2 b;");
  EXPECT_EQ(Load("t", "1,a\n", {{"where", "k > 5"}}).substr(0, 48),
            "Fail: No partitions have data available for load");
}

TEST_F(StreamLoad, PartialUpdate) {
  auto filled = H::Column("w", Int());
  filled.default_kind = catalog::DefaultKind::kLiteral;
  filled.default_text = "9";
  harness_.AddTable("t", TableModel::kPrimary,
                    {H::Column("k", Int(), true, false), H::Column("v", Int()), filled});
  Load("t", "1,1,1\n");
  EXPECT_EQ(Load("t", "1,5\n2,6\n", {{"columns", "k,v"}, {"partial_update", "true"}}),
            "Success 2/2");
  EXPECT_EQ(harness_.Rows("t"), "1 5 1;2 6 9;");
  EXPECT_EQ(Load("t", "5\n", {{"columns", "v"}, {"partial_update", "true"}}),
            "Fail: key column k not in partial update columns");
  AddKeyed(TableModel::kDuplicate);
}

TEST_F(StreamLoad, MergeCondition) {
  harness_.AddTable("t", TableModel::kPrimary,
                    {H::Column("k", Int(), true, false), H::Column("v", Int()),
                     H::Column("s", DataType::Varchar(5))});
  Load("t", "1,5,a\n");
  EXPECT_EQ(Load("t", "1,4,b\n2,1,c\n", {{"merge_condition", "v"}}), "Success 2/2");
  EXPECT_EQ(harness_.Rows("t"), "1 5 a;2 1 c;");
  EXPECT_EQ(Load("t", "1,5,tie\n", {{"merge_condition", "v"}}), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "1 5 tie;2 1 c;");
  EXPECT_EQ(Load("t", "1,5,d\n", {{"merge_condition", "k"}}),
            "Fail: Merge condition column k should not be primary key!");
  EXPECT_EQ(Load("t", "1,5,d\n", {{"merge_condition", "s"}}),
            "Fail: Merge condition column has invalid type maybe "
            "bitmap/hll/percentile/json/varchar!");
  EXPECT_EQ(
      Load("t", "1,9,d,1\n", {{"merge_condition", "v"}, {"columns", "k,v,s,__op"}}).substr(0, 24),
      "Fail: memtable of tablet");
}

TEST_F(StreamLoad, RangePartitionsFilterRowsOutside) {
  catalog::PartitionScheme scheme;
  scheme.kind = catalog::PartitionKind::kRange;
  scheme.columns = {"k"};
  catalog::PartitionDef low;
  low.name = "p1";
  low.lower = {{catalog::PartitionValue::Kind::kMinimum, ""}};
  low.upper = {{catalog::PartitionValue::Kind::kLiteral, "10"}};
  catalog::PartitionDef high = low;
  high.name = "p2";
  high.lower = low.upper;
  high.upper = {{catalog::PartitionValue::Kind::kLiteral, "20"}};
  harness_.AddTable("t", TableModel::kDuplicate, {H::Column("k", Int(), true)}, scheme,
                    {low, high});
  EXPECT_EQ(Load("t", "-5\n\\N\n10\n19\n20\n", {{"max_filter_ratio", "0.3"}}), "Success 4/5");
  EXPECT_NE(harness_.ErrorLogOf(last_).find("The row is out of partition ranges"),
            std::string::npos);
  EXPECT_EQ(harness_.Rows("t"), "-5;10;19;NULL;");
  EXPECT_EQ(Load("t", "5\n15\n", {{"partitions", "p2"}, {"max_filter_ratio", "1"}}), "Success 1/2");
}

TEST_F(StreamLoad, AutoIncrementAndGeneratedColumns) {
  auto id = H::Column("id", DataType::Of(TypeKind::kBigInt), false, false);
  id.auto_increment = true;
  auto twice = H::Column("g", Int());
  twice.generated_expression = "k * 2";
  harness_.AddTable("t", TableModel::kPrimary, {H::Column("k", Int(), true, false), id, twice});
  EXPECT_EQ(Load("t", "5\n6\n"), "Success 2/2");
  EXPECT_EQ(harness_.Rows("t"), "5 1 10;6 2 12;");
  EXPECT_EQ(Load("t", "7\n"), "Success 1/1");
  EXPECT_EQ(harness_.Rows("t"), "5 1 10;6 2 12;7 3 14;");
  EXPECT_EQ(Load("t", "8,100\n", {{"columns", "k,id"}}), "Success 1/1");
  EXPECT_EQ(Load("t", "8,\\N\n", {{"columns", "k,id"}}), "Fail: too many filtered rows");
  EXPECT_EQ(Load("t", "8,1\n", {{"columns", "k,g"}}),
            "Fail: generated column: g can not be specified");
}

TEST_F(StreamLoad, PrimaryKeysOver128BytesFail) {
  harness_.AddTable("t", TableModel::kPrimary,
                    {H::Column("k", DataType::Varchar(500), true, false), H::Column("v", Int())});
  EXPECT_EQ(Load("t", std::string(128, 'x') + ",1\n"), "Success 1/1");
  EXPECT_EQ(Load("t", std::string(129, 'x') + ",1\n"), "Fail: primary key size exceed the limit.");
}

TEST_F(StreamLoad, NestedTypes) {
  DataType array = DataType::Of(TypeKind::kArray);
  array.children = {Int()};
  DataType structure = DataType::Of(TypeKind::kStruct);
  structure.children = {Int(), DataType::Varchar(10)};
  structure.field_names = {"a", "b"};
  DataType map = DataType::Of(TypeKind::kMap);
  map.children = {DataType::Varchar(10), Int()};
  harness_.AddTable("t", TableModel::kDuplicate,
                    {H::Column("k", Int(), true), H::Column("a", array), H::Column("s", structure),
                     H::Column("m", map), H::Column("j", DataType::Of(TypeKind::kJson))});
  EXPECT_EQ(Load("t", R"({"k":1,"a":[1,null,3],"s":{"b":"x","a":2},"m":{"p":1},"j":"text"}{"k":2})",
                 {{"format", "json"}}),
            "Success 2/2");
  EXPECT_EQ(harness_.Rows("t"),
            "1 [1, NULL, 3] {'a': 2, 'b': x} {p=1} \"text\";2 NULL NULL NULL NULL;");
  EXPECT_EQ(Load("t", "3|[4,5]|\\N|\\N|{\"x\": [1, 2]}\n", {{"column_separator", "|"}}),
            "Success 1/1");
  EXPECT_EQ(harness_.Rows("t").substr(67), "3 [4, 5] NULL NULL {\"x\":[1,2]};");
}

TEST_F(StreamLoad, LabelsAreUsedOnce) {
  AddKeyed(TableModel::kDuplicate);
  EXPECT_EQ(Load("t", "1,a\n", {{"label", "x"}}), "Success 1/1");
  EXPECT_EQ(Load("t", "1,a\n", {{"label", "x"}}),
            "Label Already Exists: Label [x] has already been used.");
  EXPECT_EQ(last_.existing_job_status, "FINISHED");
  EXPECT_EQ(Load("t", "1\n", {{"label", "y"}}), "Fail: too many filtered rows");
  EXPECT_EQ(harness_.StateOf("y"), TransactionState::kAborted);
  EXPECT_EQ(Load("t", "1,b\n", {{"label", "y"}}), "Success 1/1");
  harness_.Reopen();
  EXPECT_EQ(harness_.StateOf("y"), TransactionState::kVisible);
  EXPECT_EQ(harness_.Rows("t"), "1 a;1 b;");
}

TEST_F(StreamLoad, EmptyBodiesAndUnknownTablesFail) {
  AddKeyed(TableModel::kDuplicate);
  EXPECT_EQ(Load("t", "").substr(0, 20), "Fail: No partitions ");
  EXPECT_EQ(Load("nosuch", "1\n"), "Fail: unknown table \"d.nosuch\"");
}

TEST_F(StreamLoad, NullModeCountsAndStoresNothing) {
  AddKeyed(TableModel::kDuplicate);
  harness_.environment.null_mode = true;
  EXPECT_EQ(Load("t", "1,a\n\n2,b\n3,c", {{"label", "n"}}), "Success 3/3");
  EXPECT_EQ(Load("t", "{\"k\":1}\n{\"k\":2}", {{"format", "json"}}), "Success 2/2");
  EXPECT_EQ(harness_.StateOf("n"), TransactionState::kVisible);
  EXPECT_EQ(harness_.Rows("t"), "");
}

TEST_F(StreamLoad, FaultsSpeakAsTheRealOne) {
  AddKeyed(TableModel::kDuplicate);
  harness_.faults.Add(*Faults::Parse("too_many_versions,count=1,table=d.*"));
  EXPECT_NE(Load("t", "1,a\n").find("too many versions"), std::string::npos);
  EXPECT_EQ(Load("t", "1,a\n"), "Success 1/1");
  harness_.faults.Add(*Faults::Parse("publish_timeout,count=1"));
  EXPECT_EQ(Load("t", "2,b\n").substr(0, 16), "Publish Timeout:");
  EXPECT_EQ(harness_.Rows("t"), "1 a;2 b;");
  EXPECT_FALSE(Faults::Parse("nosuch").ok());
  EXPECT_FALSE(Faults::Parse("delay,weight=2").ok());
}

}  // namespace
}  // namespace starlift::sandbox::load

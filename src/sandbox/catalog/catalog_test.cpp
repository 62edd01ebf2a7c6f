#include "sandbox/catalog/catalog.h"

#include <gtest/gtest.h>

#include "sandbox/catalog/memory_catalog_store.h"

namespace starlift::sandbox::catalog {
namespace {

TablePtr MakeTable(ObjectId id, ObjectId database, const std::string& name) {
  TableDef table;
  table.id = id;
  table.database_id = database;
  table.name = name;
  table.comment = "täble \"x\"";
  ColumnDef column;
  column.id = 1;
  column.name = "Id";
  column.type = DataType::Decimal(20, 4);
  column.default_kind = DefaultKind::kLiteral;
  column.default_text = "1.5";
  table.columns.push_back(column);
  column.id = 2;
  column.name = "nested";
  column.type = DataType::Of(TypeKind::kArray);
  column.type.children.push_back(DataType::Varchar(7));
  table.columns.push_back(column);
  PartitionDef partition;
  partition.id = 5;
  partition.name = "p";
  partition.lower = {{PartitionValue::Kind::kMinimum, ""}};
  partition.upper = {{PartitionValue::Kind::kLiteral, "2024-01-01"}};
  table.partitions.push_back(partition);
  table.properties["replication_num"] = "1";
  return std::make_shared<TableDef>(table);
}

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() : catalog_(store_) {
    auto database = std::make_shared<DatabaseDef>();
    database->id = catalog_.NextId();
    database->name = "d";
    database_ = database->id;
    CatalogEdit edit;
    edit.put_databases.push_back(database);
    edit.put_tables.push_back(MakeTable(1, database_, "a"));
    edit.put_tables.push_back(MakeTable(2, database_, "b"));
    EXPECT_TRUE(catalog_.Apply(edit).ok());
  }

  MemoryCatalogStore store_;
  Catalog catalog_;
  ObjectId database_ = 0;
};

TEST_F(CatalogTest, LoadsWhatWasApplied) {
  Catalog reloaded(store_);
  ASSERT_TRUE(reloaded.Load().ok());
  const TablePtr table = reloaded.FindTable("d", "a");
  ASSERT_NE(table, nullptr);
  const TablePtr before = catalog_.FindTable("d", "a");
  EXPECT_EQ(table->columns[0].type, before->columns[0].type);
  EXPECT_EQ(table->columns[1].type, before->columns[1].type);
  EXPECT_EQ(table->columns[0].default_text, "1.5");
  EXPECT_EQ(table->comment, before->comment);
  EXPECT_EQ(table->partitions[0].upper, before->partitions[0].upper);
  EXPECT_EQ(table->properties, before->properties);
  // Ids go on where they were.
  EXPECT_GE(reloaded.NextId(), catalog_.NextId());
}

TEST_F(CatalogTest, NamesAreCaseSensitiveColumnsAreNot) {
  EXPECT_EQ(catalog_.FindTable("d", "A"), nullptr);
  EXPECT_EQ(catalog_.FindTable("D", "a"), nullptr);
  EXPECT_NE(catalog_.FindTable("d", "a")->FindColumn("ID"), nullptr);
}

TEST_F(CatalogTest, SwapExchangesNames) {
  auto a = std::make_shared<TableDef>(*catalog_.FindTable("d", "a"));
  auto b = std::make_shared<TableDef>(*catalog_.FindTable("d", "b"));
  std::swap(a->name, b->name);
  CatalogEdit edit;
  edit.put_tables = {a, b};
  ASSERT_TRUE(catalog_.Apply(edit).ok());
  EXPECT_EQ(catalog_.FindTable("d", "b")->id, 1);
  EXPECT_EQ(catalog_.FindTable("d", "a")->id, 2);
  EXPECT_EQ(catalog_.Tables(database_).size(), 2u);
}

TEST_F(CatalogTest, AFailedCommitChangesNothing) {
  store_.next_error = Error{ErrorKind::kIo, "disk full"};
  CatalogEdit edit;
  edit.remove_tables.push_back(1);
  EXPECT_FALSE(catalog_.Apply(edit).ok());
  EXPECT_NE(catalog_.FindTable("d", "a"), nullptr);
  EXPECT_NE(catalog_.FindTable(1), nullptr);
}

TEST_F(CatalogTest, KeepsDroppedTablesAndOpenJobsAcrossRestarts) {
  auto job = std::make_shared<AlterJob>();
  job->id = catalog_.NextId();
  job->database_id = database_;
  job->table_id = 2;
  job->state = JobState::kWaitingTxn;
  job->result = catalog_.FindTable(2);
  CatalogEdit edit;
  edit.remove_tables.push_back(1);
  edit.put_dropped.push_back({catalog_.FindTable(1), "d", 17});
  edit.put_jobs.push_back(job);
  ASSERT_TRUE(catalog_.Apply(edit).ok());
  Catalog reloaded(store_);
  ASSERT_TRUE(reloaded.Load().ok());
  EXPECT_EQ(reloaded.FindTable("d", "a"), nullptr);
  ASSERT_EQ(reloaded.DroppedTables("d", "a").size(), 1u);
  ASSERT_NE(reloaded.OpenJobOf(2), nullptr);
  EXPECT_EQ(reloaded.OpenJobOf(2)->state, JobState::kWaitingTxn);
  ASSERT_NE(reloaded.OpenJobOf(2)->result, nullptr);
  EXPECT_EQ(reloaded.OpenJobOf(2)->result->name, "b");
}

TEST_F(CatalogTest, AnUnreadableRecordIsAnErrorThatNamesIt) {
  store_.records["table/1"] = "{broken";
  Catalog reloaded(store_);
  const Status loaded = reloaded.Load();
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().where, "table/1");
}

}  // namespace
}  // namespace starlift::sandbox::catalog

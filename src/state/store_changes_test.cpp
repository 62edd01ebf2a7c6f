#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "state/sqlite_store.h"

namespace starlift::state {
namespace {

Table MakeTable() {
  Table table;
  table.id = {"shop", "", "orders"};
  table.columns = {Column{.name = "id", .type = {TypeKind::kUInt64}}};
  return table;
}

class ChangeStoreTest : public ::testing::Test {
 protected:
  ChangeStoreTest() {
    static int number = 0;
    home_ = fmt::format("{}/starlift-changes-{}-{}", ::testing::TempDir(), getpid(), ++number);
    std::filesystem::remove_all(home_);
    Reopen();
    task_ = (*store_->OpenTask("task", "digest")).id;
    table_ = (*store_->OpenTable(task_, {"shop", "", "orders"}, "dw", "orders")).id;
  }
  ~ChangeStoreTest() override { std::filesystem::remove_all(home_); }
  void Reopen() {
    store_.reset();
    store_ = *OpenSqliteStore(home_, SystemClock(), SystemRandom());
  }

  std::string home_;
  std::unique_ptr<StateStore> store_;
  int64_t task_ = 0, table_ = 0;
};

TEST_F(ChangeStoreTest, CheckpointComesWithItsDefinitions) {
  EXPECT_FALSE((*store_->GetCheckpoint(task_)).has_value());
  CheckpointUpdate update;
  update.position = "file:a:1";
  update.commit_unix_us = 7;
  update.definitions = {std::make_shared<const Table>(MakeTable())};
  ASSERT_TRUE(store_->SaveCheckpoint(task_, update).ok());
  Reopen();
  EXPECT_EQ((*store_->GetCheckpoint(task_))->position, "file:a:1");
  EXPECT_EQ((*store_->GetCheckpoint(task_))->commit_unix_us, 7);
  ASSERT_EQ((*store_->ListDefinitions(task_)).size(), 1U);

  CheckpointUpdate next;
  next.position = "file:a:2";
  next.removed_definitions = {{"shop", "", "orders"}};
  ASSERT_TRUE(store_->SaveCheckpoint(task_, next).ok());
  EXPECT_EQ((*store_->GetCheckpoint(task_))->position, "file:a:2");
  EXPECT_TRUE((*store_->ListDefinitions(task_)).empty());
}

TEST_F(ChangeStoreTest, ShadowTablesAreKeptApart) {
  ShadowTable shadow;
  Table copy = MakeTable();
  copy.id = {"shop", "", "_orders_gho"};
  shadow.table = std::make_shared<const Table>(copy);
  shadow.renamed_columns = {{"a", "b"}, {"\xff", "c"}};
  shadow.copied = true;
  CheckpointUpdate update;
  update.position = "p1";
  update.definitions = {std::make_shared<const Table>(MakeTable())};
  update.shadows = {{copy.id, std::nullopt}, {copy.id, shadow}};
  ASSERT_TRUE(store_->SaveCheckpoint(task_, update).ok());
  Reopen();
  EXPECT_EQ(store_->ListDefinitions(task_)->size(), 1U);
  const auto kept = *store_->ListShadows(task_);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].table->id, copy.id);
  EXPECT_EQ(kept[0].table->columns.size(), copy.columns.size());
  EXPECT_EQ(kept[0].renamed_columns, shadow.renamed_columns);
  EXPECT_TRUE(kept[0].copied);
  CheckpointUpdate gone;
  gone.position = "p2";
  gone.shadows = {{copy.id, std::nullopt}};
  ASSERT_TRUE(store_->SaveCheckpoint(task_, gone).ok());
  EXPECT_TRUE(store_->ListShadows(task_)->empty());
}

TEST_F(ChangeStoreTest, DoubtfulRowsStayUntilTheyAreForgotten) {
  const DoubtfulRow one{{.database = "shop", .name = "a"}, std::string("\0\xff", 2)};
  const DoubtfulRow other{{.database = "shop", .name = "b"}, "k"};
  ASSERT_TRUE(store_->AddDoubtfulRows(task_, {other, one}).ok());
  ASSERT_TRUE(store_->AddDoubtfulRows(task_, {one}).ok());
  Reopen();
  EXPECT_EQ(*store_->ListDoubtfulRows(task_), (std::vector<DoubtfulRow>{one, other}));
  ASSERT_TRUE(store_->ForgetDoubtfulRows(task_).ok());
  EXPECT_TRUE(store_->ListDoubtfulRows(task_)->empty());
}

TEST_F(ChangeStoreTest, OneLoadOfATableIsInFlight) {
  const ChangeLoadRecord first = *store_->AddChangeLoad(table_, {});
  ChangeLoadRecord wanted;
  wanted.mark = "mark";
  wanted.removal = "rows";
  ChangeLoadRecord second = *store_->AddChangeLoad(table_, wanted);
  EXPECT_NE(first.label, second.label);
  ASSERT_EQ((*store_->ListChangeLoads(task_)).size(), 1U);
  EXPECT_EQ((*store_->ListChangeLoads(task_))[0].label, second.label);
  EXPECT_EQ((*store_->ListChangeLoads(task_))[0].removal, "rows");

  second.removal = "other rows";
  ASSERT_TRUE(store_->SetChangeLoadPrepared(second).ok());
  Reopen();
  EXPECT_EQ((*store_->ListChangeLoads(task_))[0].status, ChangeLoadStatus::kPrepared);
  EXPECT_EQ((*store_->ListChangeLoads(task_))[0].removal, "other rows");
  EXPECT_EQ(*store_->GetApplied(table_), "");
  ASSERT_TRUE(store_->FinishChangeLoad(second).ok());
  EXPECT_EQ(*store_->GetApplied(table_), "mark");
  EXPECT_TRUE((*store_->ListChangeLoads(task_)).empty());
}

TEST_F(ChangeStoreTest, SettledLoadsGoWithTheCheckpoint) {
  const ChangeLoadRecord load = *store_->AddChangeLoad(table_, {});
  CheckpointUpdate update;
  update.position = "file:a:1";
  update.settled = {{table_, load.sequence + 1}};  // not this one
  ASSERT_TRUE(store_->SaveCheckpoint(task_, update).ok());
  EXPECT_EQ((*store_->ListChangeLoads(task_)).size(), 1U);
  update.settled = {{table_, load.sequence}};
  ASSERT_TRUE(store_->SaveCheckpoint(task_, update).ok());
  EXPECT_TRUE((*store_->ListChangeLoads(task_)).empty());
}

TEST_F(ChangeStoreTest, WhatIsLeftOutGoesWithTheCheckpoint) {
  const std::string key("\x01\0k", 3);
  ASSERT_TRUE(store_->SetSkips(task_, 3).ok());
  CheckpointUpdate update;
  update.position = "file:a:1";
  update.dead_letters = {{table_, 2, 100}};
  update.missing_rows = {{table_, key, true}, {table_, "other", true}, {table_, "other", false}};
  update.skips_used = 1;
  ASSERT_TRUE(store_->SaveCheckpoint(task_, update).ok());
  Reopen();
  EXPECT_EQ((*store_->GetTable(table_)).done.rows_rejected, 2U);
  EXPECT_EQ((*store_->GetTable(table_)).dead_letter_bytes, 100U);
  EXPECT_EQ(*store_->ListMissingRows(table_), std::vector<std::string>{key});
  EXPECT_EQ(store_->GetSkips(task_)->allowed, 2U);
}

TEST_F(ChangeStoreTest, KeptColumnsAreReplacedAsAWhole) {
  ASSERT_TRUE(store_->SetKeptColumns(table_, {"b", "a"}).ok());
  ASSERT_TRUE(store_->SetKeptColumns(table_, {"c", "a"}).ok());
  EXPECT_EQ(*store_->ListKeptColumns(table_), (std::vector<std::string>{"a", "c"}));
}

}  // namespace
}  // namespace starlift::state

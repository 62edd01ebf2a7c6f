#include "sync/run/table_selection.h"

#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "state/sqlite_store.h"
#include "sync/config/task_options.h"
#include "sync/run/table_changes.h"

namespace starlift::sync {
namespace {

const TableId kOrders{"shop", "", "orders"}, kItems{"shop", "", "items"};
const TableId kNotes{"shop", "", "notes"};

class TableSelectionTest : public ::testing::Test {
 protected:
  TableSelectionTest() {
    static int number = 0;
    home_ = fmt::format("{}/starlift-selection-{}-{}", ::testing::TempDir(), getpid(), ++number);
    std::filesystem::remove_all(home_);
    store_ = *state::OpenSqliteStore(home_, SystemClock(), SystemRandom());
    task_ = store_->OpenTask("t", "")->id;
    config_.tables = {"orders|items"};
  }
  ~TableSelectionTest() override { std::filesystem::remove_all(home_); }

  void Follow(const std::vector<TableId>& tables) {
    state::CheckpointUpdate update;
    update.position = "here";
    for (const TableId& id : tables) {
      Table table;
      table.id = id;
      update.definitions.push_back(std::make_shared<const Table>(std::move(table)));
      ASSERT_TRUE(store_->OpenTable(task_, id, "dw", id.name).ok());
    }
    ASSERT_TRUE(store_->SaveCheckpoint(task_, update).ok());
  }
  TableSelection Read() { return *TableSelection::Read(config_, *store_, task_); }

  std::string home_;
  std::unique_ptr<state::StateStore> store_;
  int64_t task_ = 0;
  TaskConfig config_ = DefaultTaskConfig();
};

TEST_F(TableSelectionTest, WhatTheUserSaysOfATableGoesBeforePatterns) {
  Follow({kOrders, kItems});
  EXPECT_TRUE(Read().IsOwn(kOrders));
  EXPECT_FALSE(Read().Takes(kNotes));

  ASSERT_TRUE(AddTables(*store_, task_, {kNotes}, "").ok());
  EXPECT_TRUE(Read().Takes(kNotes));
  EXPECT_TRUE(Read().IsOnItsWay(kNotes));
  EXPECT_FALSE(Read().own_filter()(kNotes));

  const auto said = DropTables(*store_, task_, {kOrders});
  ASSERT_TRUE(said.ok()) << said.error().ToString();
  EXPECT_NE(said->find("`dw`.`orders` stays"), std::string::npos) << *said;
  EXPECT_FALSE(Read().Takes(kOrders));
  ASSERT_TRUE(AddTables(*store_, task_, {kOrders}, "").ok());
  EXPECT_TRUE(Read().Takes(kOrders));
}

TEST_F(TableSelectionTest, RefusesWhatMakesNoSense) {
  Follow({kOrders, kItems});
  EXPECT_FALSE(AddTables(*store_, task_, {kOrders}, "").ok());
  EXPECT_FALSE(DropTables(*store_, task_, {kNotes}).ok());
  EXPECT_FALSE(DropTables(*store_, task_, {kOrders, kItems}).ok());
  EXPECT_EQ(store_->ListDefinitions(task_)->size(), 2U);
  ASSERT_TRUE(AddTables(*store_, task_, {kNotes}, "").ok());
  EXPECT_FALSE(AddTables(*store_, task_, {kNotes}, "").ok());
}

TEST_F(TableSelectionTest, PatternsAreReadAsTheyWerePrinted) {
  config_.source.database = "shop";
  config_.exclude_tables = {"items"};
  const std::string text = PrintPatterns(config_);
  const auto filter = ParsePatterns(text);
  ASSERT_TRUE(filter.ok()) << filter.error().ToString();
  EXPECT_TRUE((*filter)(kOrders));
  EXPECT_FALSE((*filter)(kItems));
  EXPECT_FALSE((*filter)({"other", "", "orders"}));
  EXPECT_EQ(DatabaseOfPatterns(text), "shop");
  EXPECT_FALSE(ParsePatterns("").ok());
  EXPECT_EQ(DatabaseOfPatterns(""), "");
}

}  // namespace
}  // namespace starlift::sync

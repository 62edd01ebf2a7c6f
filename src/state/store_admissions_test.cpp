#include <filesystem>
#include <set>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "state/sqlite_store.h"

namespace starlift::state {
namespace {

const TableId kOrders{"shop", "", "orders"};
const TableId kItems{"shop", "", "items"};

class AdmissionStoreTest : public ::testing::Test {
 protected:
  AdmissionStoreTest() {
    static int number = 0;
    home_ = fmt::format("{}/starlift-admissions-{}-{}", ::testing::TempDir(), getpid(), ++number);
    std::filesystem::remove_all(home_);
    Reopen();
    task_ = store_->OpenTask("t", "")->id;
  }
  ~AdmissionStoreTest() override { std::filesystem::remove_all(home_); }

  void Reopen() {
    store_.reset();
    auto store = OpenSqliteStore(home_, SystemClock(), SystemRandom());
    ASSERT_TRUE(store.ok()) << store.error().ToString();
    store_ = std::move(*store);
  }
  void SetPosition(int64_t task, const Position& position, const std::vector<TableId>& tables) {
    CheckpointUpdate update;
    update.position = position;
    for (const TableId& id : tables) {
      Table table;
      table.id = id;
      update.definitions.push_back(std::make_shared<const Table>(std::move(table)));
    }
    ASSERT_TRUE(store_->SaveCheckpoint(task, update).ok());
  }
  std::vector<TableId> Definitions() {
    std::vector<TableId> ids;
    const auto definitions = store_->ListDefinitions(task_);
    for (const TableVersion& table : *definitions) ids.push_back(table->id);
    return ids;
  }
  std::string NextLabel(int64_t table) { return store_->AddChangeLoad(table, {})->label; }

  std::string home_;
  std::unique_ptr<StateStore> store_;
  int64_t task_ = 0;
};

TEST_F(AdmissionStoreTest, IsRememberedWithItsTables) {
  const auto added = store_->admissions().AddAdmission(task_, {kItems, kOrders}, "truncate",
                                                       TableChoice::kIncluded);
  ASSERT_TRUE(added.ok()) << added.error().ToString();
  Reopen();
  const auto admissions = store_->admissions().ListAdmissions(task_);
  ASSERT_EQ(admissions->size(), 1U);
  EXPECT_EQ(admissions->front().id, added->id);
  EXPECT_EQ(admissions->front().existing, "truncate");
  EXPECT_EQ(admissions->front().tables, (std::vector<TableId>{kItems, kOrders}));
  EXPECT_EQ(store_->admissions().ListChoices(task_)->size(), 2U);

  const auto twice = store_->admissions().AddAdmission(task_, {kOrders}, "", std::nullopt);
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().kind, ErrorKind::kConflict);
}

TEST_F(AdmissionStoreTest, BecomesTheTasksAtTheSamePosition) {
  AdmissionStore& admissions = store_->admissions();
  SetPosition(task_, "p1", {});
  const int64_t admission = admissions.AddAdmission(task_, {kOrders}, "", std::nullopt)->id;
  const TableRecord record = *store_->OpenTable(admission, kOrders, "dw", "orders");
  ASSERT_TRUE(store_->SetApplied(record.id, "mark").ok());
  ASSERT_TRUE(store_->AppendAudit(admission, "truncate", "orders", "").ok());
  SetPosition(admission, "p2", {kOrders});

  const Status early = admissions.EndAdmission(task_, admission);
  ASSERT_FALSE(early.ok());
  EXPECT_EQ(early.error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(store_->ListTables(task_)->empty());

  SetPosition(task_, "p2", {});
  ASSERT_TRUE(admissions.EndAdmission(task_, admission).ok());
  Reopen();
  ASSERT_EQ(store_->ListTables(task_)->size(), 1U);
  EXPECT_EQ(store_->ListTables(task_)->front().id, record.id);
  EXPECT_EQ(*store_->GetApplied(record.id), "mark");
  EXPECT_EQ(Definitions(), std::vector<TableId>{kOrders});
  EXPECT_EQ(store_->ListAudit(task_)->size(), 1U);
  EXPECT_TRUE(store_->admissions().ListAdmissions(task_)->empty());
}

TEST_F(AdmissionStoreTest, ATableThatComesBackNeverUsesALabelAgain) {
  AdmissionStore& admissions = store_->admissions();
  SetPosition(task_, "p1", {kOrders});
  std::set<std::string> labels;
  for (int life = 0; life < 4; ++life) {
    const int64_t record = store_->OpenTable(task_, kOrders, "dw", "orders")->id;
    EXPECT_TRUE(labels.insert(NextLabel(record)).second);
    ASSERT_TRUE(admissions.ForgetTable(task_, kOrders, TableChoice::kExcluded).ok());
    EXPECT_TRUE(store_->ListTables(task_)->empty());
    EXPECT_TRUE(Definitions().empty());

    const int64_t admission =
        admissions.AddAdmission(task_, {kOrders}, "", TableChoice::kIncluded)->id;
    const int64_t coming = store_->OpenTable(admission, kOrders, "dw", "orders")->id;
    EXPECT_TRUE(labels.insert(NextLabel(coming)).second);
    SetPosition(admission, "p1", {kOrders});
    ASSERT_TRUE(admissions.EndAdmission(task_, admission).ok());
    EXPECT_TRUE(labels.insert(NextLabel(coming)).second);
  }
}

TEST_F(AdmissionStoreTest, AFormerTableOfTheNameIsForgotten) {
  AdmissionStore& admissions = store_->admissions();
  SetPosition(task_, "p1", {});
  const int64_t former = store_->OpenTable(task_, kOrders, "dw", "orders")->id;
  ASSERT_TRUE(store_->OpenTable(task_, {"shop", "", "orders (rebuild)"}, "dw", "shadow").ok());
  const int64_t admission = admissions.AddAdmission(task_, {kOrders}, "", std::nullopt)->id;
  const int64_t coming = store_->OpenTable(admission, kOrders, "dw", "orders")->id;
  SetPosition(admission, "p1", {kOrders});
  ASSERT_TRUE(admissions.EndAdmission(task_, admission).ok());
  ASSERT_EQ(store_->ListTables(task_)->size(), 1U);
  EXPECT_EQ(store_->ListTables(task_)->front().id, coming);
  EXPECT_FALSE(store_->GetTable(former).ok());
}

TEST_F(AdmissionStoreTest, ForgettingOnTheWayEndsAnAdmissionWithoutTables) {
  AdmissionStore& admissions = store_->admissions();
  ASSERT_TRUE(admissions.AddAdmission(task_, {kItems, kOrders}, "", std::nullopt).ok());
  ASSERT_TRUE(admissions.ForgetTable(task_, kItems, TableChoice::kExcluded).ok());
  EXPECT_EQ(admissions.ListAdmissions(task_)->front().tables, std::vector<TableId>{kOrders});
  ASSERT_TRUE(admissions.ForgetTable(task_, kOrders, std::nullopt).ok());
  EXPECT_TRUE(admissions.ListAdmissions(task_)->empty());
  ASSERT_EQ(admissions.ListChoices(task_)->size(), 1U);
  EXPECT_EQ(admissions.ListChoices(task_)->front().choice, TableChoice::kExcluded);
}

TEST_F(AdmissionStoreTest, ALoadIntoASharedTableIsSettledFirst) {
  const int64_t first = store_->OpenTable(task_, kOrders, "dw", "all")->id;
  const ChangeLoadRecord load = *store_->AddChangeLoad(first, {});
  ASSERT_TRUE(store_->admissions().ForgetTable(task_, kItems, std::nullopt).ok());
  ASSERT_TRUE(store_->OpenTable(task_, kItems, "dw", "all").ok());
  const Status forgotten = store_->admissions().ForgetTable(task_, kOrders, std::nullopt);
  ASSERT_FALSE(forgotten.ok());
  EXPECT_EQ(forgotten.error().kind, ErrorKind::kConflict);
  ASSERT_TRUE(store_->RemoveChangeLoad(load).ok());
  EXPECT_TRUE(store_->admissions().ForgetTable(task_, kOrders, std::nullopt).ok());
}

TEST_F(AdmissionStoreTest, GoesWithItsTask) {
  ASSERT_TRUE(store_->admissions().AddAdmission(task_, {kOrders}, "", std::nullopt).ok());
  ASSERT_TRUE(store_->RemoveTask(task_).ok());
  EXPECT_TRUE(store_->admissions().ListAdmissions(task_)->empty());
}

}  // namespace
}  // namespace starlift::state

#include "sync/cascades/cascade_rules.h"

#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "state/sqlite_store.h"

namespace starlift::sync {
namespace {

const TableId kParent{"shop", "", "parent"}, kChild{"shop", "", "child"};
const TableId kOther{"shop", "", "other"};

CascadingKey MakeKey(const TableId& child, const std::string& name, const std::string& column,
                     KeyRule on_delete) {
  CascadingKey key;
  key.name = name;
  key.child = child;
  key.parent = kParent;
  key.child_columns = {column};
  key.parent_columns = {"id"};
  key.on_delete = on_delete;
  return key;
}

const CascadingKey kRule = MakeKey(kChild, "rule", "a", KeyRule::kCascade);
const CascadingKey kAgain = MakeKey(kChild, "again", "b", KeyRule::kSetNull);
constexpr std::string_view kAddAgain =
    "ALTER TABLE child ADD CONSTRAINT again FOREIGN KEY (`b`)\n references Parent (id) on delete "
    "set  null";

class CascadeRulesTest : public ::testing::Test {
 protected:
  CascadeRulesTest() {
    static int number = 0;
    home_ = fmt::format("{}/starlift-rules-{}-{}", ::testing::TempDir(), getpid(), ++number);
    std::filesystem::remove_all(home_);
    store_ = *state::OpenSqliteStore(home_, SystemClock(), SystemRandom());
    task_ = store_->OpenTask("t", "")->id;
  }
  ~CascadeRulesTest() override { std::filesystem::remove_all(home_); }

  // As a run begins.
  CascadeRules Begin(const std::vector<TableId>& tables, const std::vector<CascadingKey>& now,
                     const Position& head) {
    CascadeRules rules(*store_, task_);
    EXPECT_TRUE(rules.Read().ok());
    EXPECT_TRUE(rules.Choose(tables, now, head).ok());
    return rules;
  }

  std::string home_;
  std::unique_ptr<state::StateStore> store_;
  int64_t task_ = 0;
};

TEST_F(CascadeRulesTest, TheLastRunsRulesHoldUntilTheLogTellsOfOthers) {
  Begin({kParent, kChild}, {kRule}, "p1");
  const CascadeRules rules = Begin({kParent, kChild}, {kAgain}, "p2");
  EXPECT_EQ(rules.keys(), std::vector{kRule});
  EXPECT_EQ(rules.ReadAt(kChild), "p1");
}

TEST_F(CascadeRulesTest, TablesThatAreNewHaveTheRulesOfNow) {
  Begin({kParent}, {}, "p1");
  EXPECT_EQ(Begin({kParent, kChild}, {kRule}, "p2").keys(), std::vector{kRule});
  EXPECT_EQ(Begin({kParent}, {kRule}, "p3").keys(), std::vector<CascadingKey>());
  EXPECT_EQ(Begin({kParent, kChild}, {kAgain}, "p4").keys(), std::vector{kAgain});
}

TEST_F(CascadeRulesTest, TablesThatComeInBringTheirRules) {
  Begin({kParent, kChild}, {kRule}, "p1");
  const int64_t admission = store_->OpenTask("admission", "")->id;
  CascadeRules incoming(*store_, admission);
  const CascadingKey key = MakeKey(kOther, "o", "a", KeyRule::kCascade);
  ASSERT_TRUE(incoming.Choose({kOther}, {key}, "p2").ok());
  const std::vector<state::AuditRecord> brought = *store_->ListAudit(admission);
  ASSERT_EQ(brought.size(), 1U);
  ASSERT_TRUE(
      store_->AppendAudit(task_, brought[0].action, brought[0].subject, brought[0].detail).ok());
  const CascadeRules rules = Begin({kParent, kChild, kOther}, {}, "p3");
  EXPECT_EQ(rules.keys(), (std::vector{kRule, key}));
  EXPECT_EQ(rules.ReadAt(kOther), "p2");
}

TEST_F(CascadeRulesTest, AStatementHasTheRulesReadAgain) {
  CascadeRules rules = Begin({kParent, kChild}, {kRule}, "p1");
  ASSERT_TRUE(rules.IsTouchedBy(kAddAgain, kChild));
  const std::vector<CascadingKey> now = {kRule, kAgain,
                                         MakeKey(kOther, "o", "a", KeyRule::kCascade)};
  EXPECT_TRUE(*rules.Change(kChild, kAddAgain, now, "p2"));
  EXPECT_FALSE(*rules.Change(kChild, kAddAgain, now, "p3"));
  EXPECT_EQ(rules.ReadAt(kChild), "p3");
  EXPECT_EQ(Begin({kParent, kChild}, {}, "p4").keys(), (std::vector{kRule, kAgain}));
}

TEST_F(CascadeRulesTest, ARuleThatIsAddedAndGoneStops) {
  CascadeRules rules = Begin({kParent, kChild}, {kRule}, "p1");
  const auto changed = rules.Change(kChild, kAddAgain, {kRule}, "p2");
  ASSERT_FALSE(changed.ok());
  EXPECT_EQ(changed.error().kind, ErrorKind::kPolicy);
}

TEST_F(CascadeRulesTest, OnlyStatementsAboutRulesMatter) {
  const CascadeRules rules = Begin({kParent, kChild}, {kRule}, "p1");
  EXPECT_TRUE(rules.IsTouchedBy("ALTER TABLE child DROP FOREIGN KEY `RULE`", kChild));
  EXPECT_FALSE(rules.IsTouchedBy("ALTER TABLE child DROP FOREIGN KEY rule_2", kChild));
  EXPECT_FALSE(rules.IsTouchedBy("ALTER TABLE other DROP FOREIGN KEY rule", kOther));
  EXPECT_FALSE(rules.IsTouchedBy(
      "ALTER TABLE child ADD FOREIGN KEY (b) REFERENCES parent (id) ON DELETE RESTRICT", kChild));
}

}  // namespace
}  // namespace starlift::sync

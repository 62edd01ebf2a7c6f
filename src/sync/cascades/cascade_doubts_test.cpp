#include "sync/cascades/cascade_doubts.h"

#include <filesystem>
#include <memory>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "state/sqlite_store.h"

namespace starlift::sync {
namespace {

class CascadeDoubtsTest : public ::testing::Test {
 protected:
  CascadeDoubtsTest()
      : store_(*state::OpenSqliteStore(home_, SystemClock(), SystemRandom())),
        task_(store_->OpenTask("task", "digest")->id) {}
  ~CascadeDoubtsTest() override {
    store_.reset();
    std::filesystem::remove_all(home_);
  }

  const TableId child_{.database = "d", .name = "child"};
  const std::string home_ = ::testing::TempDir() + "cascade-doubts-" + std::to_string(getpid());
  std::unique_ptr<state::StateStore> store_;
  const int64_t task_;
};

TEST_F(CascadeDoubtsTest, AnotherRunKnowsThem) {
  const RowTuple odd{std::string("\0|\xff", 3), "", "7"};
  CascadeDoubts first(*store_, task_);
  EXPECT_TRUE(first.Read()->empty());
  ASSERT_TRUE(first.Note({{child_, odd}, {child_, {"a", "b", "c"}}}).ok());
  CascadeDoubts second(*store_, task_);
  EXPECT_EQ(*second.Read(), (CascadeWindow::Rows{{child_, {odd, {"a", "b", "c"}}}}));
  ASSERT_TRUE(second.Forget().ok());
  EXPECT_TRUE(CascadeDoubts(*store_, task_).Read()->empty());
}

}  // namespace
}  // namespace starlift::sync

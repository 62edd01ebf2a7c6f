#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "state/sqlite_store.h"

namespace starlift::state {
namespace {

TEST(VerificationStore, KeepsTheLastWordOnEachTable) {
  const std::string home =
      fmt::format("{}/starlift-verifications-{}", ::testing::TempDir(), getpid());
  std::filesystem::remove_all(home);
  const VerificationRecord orders{
      .target = "`dw`.`orders`", .unix_ms = 5, .method = "rows", .source_rows = 7, .equal = true};
  VerificationRecord lines{.target = "`dw`.`lines`",
                           .unix_ms = 6,
                           .method = "checksums",
                           .source_rows = 1,
                           .target_rows = 2,
                           .differing = 3,
                           .unsettled = 4};
  int64_t task = 0;
  {
    const auto store = *OpenSqliteStore(home, SystemClock(), SystemRandom());
    task = (*store->OpenTask("task", "")).id;
    ASSERT_TRUE(store->SaveVerification(task, orders).ok());
    ASSERT_TRUE(store->SaveVerification(task, lines).ok());
    lines.differing = 0;
    lines.equal = true;
    ASSERT_TRUE(store->SaveVerification(task, lines).ok());
  }
  const auto store = *OpenSqliteStore(home, SystemClock(), SystemRandom());
  EXPECT_EQ(*store->ListVerifications(task), (std::vector{lines, orders}));
  EXPECT_TRUE((*store->ListVerifications((*store->OpenTask("other", "")).id)).empty());
  ASSERT_TRUE(store->RemoveTask(task).ok());
  EXPECT_TRUE((*store->ListVerifications(task)).empty());
  std::filesystem::remove_all(home);
}

}  // namespace
}  // namespace starlift::state

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sandbox/storage/storage.h"
#include "sandbox/storage/test_home.h"

namespace starlift::sandbox {
namespace {

constexpr int64_t kTable = 7;

Status MakeTable(WriteTransaction& write) {
  SL_TRY(write.CreateTable(kTable, {{1, "INTEGER"}, {2, "VARCHAR"}, {3, "INTEGER"}}));
  SL_TRY(write.connection().Execute("INSERT INTO t_7 VALUES (1, '[1]', 3), (2, '[2]', 4)"));
  return {};
}

Status AlterTable(WriteTransaction& write) {
  SL_TRY(write.AddColumn(kTable, {4, "INTEGER"}, "CAST(upper('7') AS INTEGER)"));
  SL_TRY(write.AddColumn(kTable, {5, "TIMESTAMP"}, "CAST(now() AS TIMESTAMP)"));
  SL_TRY(write.AddColumn(kTable, {6, "DATE"}, ""));
  SL_TRY(write.DropColumn(kTable, 3));
  SL_TRY(write.ChangeColumnType(kTable, {2, "JSON"}, ""));
  return write.ChangeColumnType(kTable, {1, "VARCHAR"}, "lower(CAST(c1 AS VARCHAR))");
}

// All sorts of ALTER in one transaction, then the process is gone without closing the file.
[[noreturn]] void AlterAndDie(const StorageOptions& options) {
  const auto storage = Storage::Open(options);
  if (!storage.ok()) _exit(1);
  if (!(*storage)->RunWrite(MakeTable).ok()) _exit(2);
  if (!(*storage)->RunWrite(AlterTable).ok()) _exit(3);
  _exit(0);
}

TEST(AlterReplay, AKilledProcessLeavesAFileThatOpens) {
  TestHome home;
  StorageOptions options;
  options.home = home.path();
  const pid_t child = fork();
  if (child == 0) AlterAndDie(options);
  int state = 0;
  ASSERT_EQ(waitpid(child, &state, 0), child);
  ASSERT_TRUE(WIFEXITED(state));
  ASSERT_EQ(WEXITSTATUS(state), 0);

  auto storage = Storage::Open(options);
  ASSERT_TRUE(storage.ok()) << storage.error().message;
  auto connection = (*storage)->Connect();
  ASSERT_TRUE(connection.ok());
  const auto rows = connection->QueryRows("SELECT c1, c2, c4, c6 FROM t_7 ORDER BY c1");
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0][0], "1");
  EXPECT_EQ((*rows)[0][1], "[1]");
  EXPECT_EQ((*rows)[1][2], "7");
  EXPECT_EQ((*rows)[1][3], std::nullopt);
}

}  // namespace
}  // namespace starlift::sandbox

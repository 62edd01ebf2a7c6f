#include "sandbox/storage/storage.h"

#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "sandbox/storage/test_home.h"

namespace starlift::sandbox {
namespace {

TEST(Storage, KeepsDocumentsAndIdsAcrossRestarts) {
  TestHome home;
  int64_t first = 0;
  {
    auto storage = Storage::Open({home.path()});
    ASSERT_TRUE(storage.ok()) << storage.error().ToString();
    first = *(*storage)->NextId();
    ASSERT_TRUE((*storage)
                    ->RunWrite([](WriteTransaction& write) -> Status {
                      SL_TRY(write.PutDocument("user", "b", "{}"));
                      SL_TRY(write.PutDocument("user", "a", "{\"x\":'1'}"));
                      return write.PutDocument("user", "b", "{\"y\":2}");
                    })
                    .ok());
  }
  auto storage = Storage::Open({home.path()});
  ASSERT_TRUE(storage.ok());
  auto documents = (*storage)->ReadDocuments("user");
  ASSERT_TRUE(documents.ok());
  ASSERT_EQ(documents->size(), 2u);
  EXPECT_EQ((*documents)[0].body, "{\"x\":'1'}");
  EXPECT_EQ((*documents)[1].body, "{\"y\":2}");
  EXPECT_GT(*(*storage)->NextId(), first);
}

TEST(Storage, RefusesASecondOpener) {
  TestHome home;
  auto first = Storage::Open({home.path()});
  ASSERT_TRUE(first.ok());
  auto second = Storage::Open({home.path()});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
}

TEST(Storage, ClientsCantReachFiles) {
  TestHome home;
  auto storage = Storage::Open({home.path()});
  ASSERT_TRUE(storage.ok());
  auto connection = (*storage)->Connect();
  EXPECT_FALSE(connection->Execute("COPY (SELECT 1) TO '/tmp/starlift_should_not_exist'").ok());
  EXPECT_FALSE(connection->Execute("SELECT * FROM read_csv('/etc/passwd')").ok());
  EXPECT_FALSE(connection->Execute("SET GLOBAL enable_external_access = true").ok());
}

TEST(Storage, StreamsRowsAndReportsErrorsByKind) {
  TestHome home;
  auto storage = Storage::Open({home.path()});
  auto connection = (*storage)->Connect();
  auto stream = connection->Query("SELECT range AS n FROM range(5000)");
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(stream->column_name(0), "n");
  int chunks = 0;
  while (true) {
    auto chunk = stream->Next();
    ASSERT_TRUE(chunk.ok());
    if (*chunk == nullptr) break;
    ++chunks;
  }
  EXPECT_EQ(chunks, 3);
  auto bad = connection->QueryRows("SELECT CAST('x' AS INTEGER)");
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().kind, ErrorKind::kData);
}

TEST(Storage, RetriesWriteConflicts) {
  TestHome home;
  auto storage = Storage::Open({home.path()});
  auto other = (*storage)->BeginWrite();
  ASSERT_TRUE((*other)->connection().Execute("UPDATE starlift_storage SET next_id = 77").ok());
  int attempts = 0;
  const Status done = (*storage)->RunWrite([&](WriteTransaction& write) -> Status {
    if (++attempts == 2) (*other)->Rollback();
    SL_TRY(write.connection().Execute("UPDATE starlift_storage SET next_id = 88"));
    return {};
  });
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_EQ(attempts, 2);
}

// A process that is killed right after Commit returned must leave its rows; what it had not
// committed must be gone.
TEST(Storage, CommittedRowsSurviveKill) {
  TestHome home;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto storage = Storage::Open({home.path()});
    bool done =
        (*storage)
            ->RunWrite([](WriteTransaction& write) -> Status {
              SL_TRY(write.CreateTable(1, {{1, "BIGINT"}}));
              SL_TRY(write.connection().Execute("INSERT INTO t_1 SELECT * FROM range(1000)"));
              return write.PutDocument("label", "1", "VISIBLE");
            })
            .ok();
    auto open = (*storage)->BeginWrite();
    (void)(*open)->connection().Execute("INSERT INTO t_1 SELECT * FROM range(300000)");
    (void)(*open)->PutDocument("label", "2", "VISIBLE");
    (void)!::write(ready[1], done ? "y" : "n", 1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(byte, 'y');
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  auto storage = Storage::Open({home.path()});
  ASSERT_TRUE(storage.ok()) << storage.error().ToString();
  auto connection = (*storage)->Connect();
  EXPECT_EQ(**connection->QueryInteger("SELECT count(*) FROM t_1"), 1000);
  EXPECT_EQ((*storage)->ReadDocuments("label")->size(), 1u);
}

}  // namespace
}  // namespace starlift::sandbox

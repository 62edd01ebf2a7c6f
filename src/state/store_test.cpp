#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "state/bound_codec.h"
#include "state/schema.h"
#include "state/sqlite_store.h"
#include "state/task_lock.h"

namespace starlift::state {
namespace {

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    static int number = 0;
    home_ = fmt::format("{}/starlift-state-{}-{}", ::testing::TempDir(), getpid(), ++number);
    std::filesystem::remove_all(home_);
  }
  ~StoreTest() override { std::filesystem::remove_all(home_); }

  std::unique_ptr<StateStore> Open() {
    auto store = OpenSqliteStore(home_, SystemClock(), SystemRandom());
    EXPECT_TRUE(store.ok()) << store.error().ToString();
    return std::move(*store);
  }
  Error OpenError() {
    auto store = OpenSqliteStore(home_, SystemClock(), SystemRandom());
    if (store.ok()) return Error{ErrorKind::kInternal, "it opened"};
    return store.error();
  }
  TableRecord OpenOrders(StateStore& store) {
    task_ = *store.OpenTask("task", "digest");
    return *store.OpenTable(task_.id, {"shop", "", "orders"}, "dw", "orders");
  }
  static ChunkRecord MakeChunk(uint64_t number) {
    ChunkRecord chunk;
    chunk.number = number;
    return chunk;
  }

  std::string home_;
  TaskRecord task_;
};

TEST_F(StoreTest, TaskKeepsItsLabelKeyAcrossOpens) {
  const TaskRecord made = *Open()->OpenTask("shop to dw", "first");
  EXPECT_EQ(made.label_key.size(), 8U);
  auto store = Open();
  const TaskRecord again = *store->OpenTask("shop to dw", "second");
  EXPECT_EQ(again.id, made.id);
  EXPECT_EQ(again.label_key, made.label_key);
  EXPECT_EQ(again.config_digest, "second");
  EXPECT_NE(store->OpenTask("other", "")->label_key, made.label_key);
}

TEST_F(StoreTest, AFreshHomeGivesFreshLabels) {
  const std::string first = Open()->OpenTask("task", "")->label_key;
  std::filesystem::remove_all(home_);
  EXPECT_NE(Open()->OpenTask("task", "")->label_key, first);
}

TEST_F(StoreTest, PhasesBeginPending) {
  auto store = Open();
  const TaskRecord task = *store->OpenTask("task", "");
  EXPECT_EQ(*store->GetPhase(task.id, Phase::kFull), PhaseStatus::kPending);
  ASSERT_TRUE(store->SetPhase(task.id, Phase::kFull, PhaseStatus::kRunning).ok());
  ASSERT_TRUE(store->SetPhase(task.id, Phase::kFull, PhaseStatus::kDone).ok());
  EXPECT_EQ(*store->GetPhase(task.id, Phase::kFull), PhaseStatus::kDone);
  EXPECT_EQ(*store->GetPhase(task.id, Phase::kStructure), PhaseStatus::kPending);
}

TEST_F(StoreTest, TableMarksAreKept) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  EXPECT_EQ(table.status, TableStatus::kPending);
  EXPECT_FALSE(table.created_by_us || table.prepared || table.load_as_json);
  ASSERT_TRUE(store->MarkCreated(table.id).ok());
  ASSERT_TRUE(store->MarkPrepared(table.id).ok());
  ASSERT_TRUE(store->SetLoadAsJson(table.id).ok());
  ASSERT_TRUE(store->SetSchemaDigest(table.id, "abc").ok());
  store.reset();
  store = Open();
  const TableRecord again = OpenOrders(*store);
  EXPECT_EQ(again.id, table.id);
  EXPECT_TRUE(again.created_by_us && again.prepared && again.load_as_json);
  EXPECT_EQ(again.schema_digest, "abc");
}

TEST_F(StoreTest, ATableDoesNotChangeItsTarget) {
  auto store = Open();
  OpenOrders(*store);
  const auto moved = store->OpenTable(task_.id, {"shop", "", "orders"}, "dw", "orders2");
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().kind, ErrorKind::kConflict);
  EXPECT_FALSE(moved.error().mend.empty());
}

TEST_F(StoreTest, LabelKeysAreUniqueWithinATask) {
  auto store = Open();
  const TaskRecord task = *store->OpenTask("task", "");
  std::set<std::string> keys;
  for (int number = 0; number < 200; ++number) {
    const TableId id{"shop", "", fmt::format("t{}", number)};
    keys.insert(store->OpenTable(task.id, id, "dw", id.name)->label_key);
  }
  EXPECT_EQ(keys.size(), 200U);
  EXPECT_EQ(store->ListTables(task.id)->size(), 200U);
}

TEST_F(StoreTest, ChunkBoundsAreBytes) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  ChunkRecord first = MakeChunk(0);
  first.upper = {std::string("a\0b\xff", 4), ""};
  ChunkRecord second = MakeChunk(1);
  second.lower = first.upper;
  ASSERT_TRUE(store->AddChunks(table.id, std::vector{first}, false).ok());
  ASSERT_TRUE(store->AddChunks(table.id, std::vector{second}, true).ok());
  const auto chunks = *store->ListChunks(table.id);
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_FALSE(chunks[0].lower.has_value());
  EXPECT_EQ(chunks[0].upper, first.upper);
  EXPECT_EQ(chunks[1].lower, first.upper);
  EXPECT_FALSE(chunks[1].upper.has_value());
  EXPECT_TRUE(store->GetTable(table.id)->chunks_complete);
}

TEST_F(StoreTest, AChunkOutOfOrderIsRefusedAsAWhole) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  EXPECT_FALSE(store->AddChunks(table.id, std::vector{MakeChunk(0), MakeChunk(2)}, false).ok());
  EXPECT_TRUE(store->ListChunks(table.id)->empty());
}

TEST_F(StoreTest, EveryLoadGetsAFreshLabel) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  ASSERT_TRUE(store->AddChunks(table.id, std::vector{MakeChunk(0)}, true).ok());
  LoadRecord wanted;
  wanted.rows = 17;
  wanted.digest = UINT64_MAX;
  const LoadRecord first = *store->AddLoad(table.id, wanted);
  EXPECT_EQ(first.label, fmt::format("sl_{}_{}_1", task_.label_key, table.label_key));
  ASSERT_TRUE(store->RemoveLoad(table.id, first.sequence).ok());
  store.reset();
  store = Open();
  EXPECT_EQ(store->AddLoad(table.id, wanted)->sequence, 2U);
  const auto loads = *store->ListLoads(table.id);
  ASSERT_EQ(loads.size(), 1U);
  EXPECT_EQ(loads[0].digest, UINT64_MAX);
  EXPECT_EQ(loads[0].rows, 17U);
  EXPECT_EQ(store->ListChunks(table.id)->at(0).status, ChunkStatus::kReading);
  EXPECT_EQ(store->GetTable(table.id)->status, TableStatus::kLoading);
}

TEST_F(StoreTest, UpdateOfALoadKeepsAllOfIt) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  LoadRecord wanted;
  wanted.kind = LoadKind::kTransaction;
  LoadRecord load = *store->AddLoad(table.id, wanted);
  load.status = LoadStatus::kSealed;
  load.rows = 5;
  load.bytes = 50;
  load.digest = 500;
  load.whole_chunk = true;
  load.counters = {1, 2, 3, 4};
  load.dead_letter_bytes = 99;
  ASSERT_TRUE(store->UpdateLoad(load).ok());
  const LoadRecord stored = store->ListLoads(table.id)->at(0);
  EXPECT_EQ(stored.kind, LoadKind::kTransaction);
  EXPECT_EQ(stored.status, LoadStatus::kSealed);
  EXPECT_EQ(stored.bytes, 50U);
  EXPECT_TRUE(stored.whole_chunk);
  EXPECT_EQ(stored.counters, load.counters);
  EXPECT_EQ(stored.dead_letter_bytes, 99U);
  load.sequence = 77;
  EXPECT_EQ(store->UpdateLoad(load).error().kind, ErrorKind::kNotFound);
}

TEST_F(StoreTest, ATableIsDoneWithItsLastChunk) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  ASSERT_TRUE(store->AddChunks(table.id, std::vector{MakeChunk(0), MakeChunk(1)}, false).ok());
  ASSERT_TRUE(store->AddLoad(table.id, {}).ok());
  ASSERT_TRUE(store->FinishChunk(table.id, 0, {10, 9, 1, 100}, 33).ok());
  ASSERT_TRUE(store->FinishChunk(table.id, 0, {10, 9, 1, 100}, 44).ok());  // counts once
  ASSERT_TRUE(store->FinishChunk(table.id, 1, {5, 5, 0, 50}, std::nullopt).ok());
  TableRecord now = *store->GetTable(table.id);
  EXPECT_EQ(now.status, TableStatus::kLoading);
  EXPECT_EQ(now.done, (TableCounters{15, 14, 1, 150}));
  EXPECT_EQ(now.dead_letter_bytes, 33U);
  EXPECT_TRUE(store->ListLoads(table.id)->empty());
  ASSERT_TRUE(store->AddChunks(table.id, {}, true).ok());
  EXPECT_EQ(store->GetTable(table.id)->status, TableStatus::kDone);
}

TEST_F(StoreTest, RestartKeepsMarksAndLabels) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  ASSERT_TRUE(store->MarkCreated(table.id).ok());
  ASSERT_TRUE(store->AddChunks(table.id, std::vector{MakeChunk(0)}, true).ok());
  ASSERT_TRUE(store->AddLoad(table.id, {}).ok());
  ASSERT_TRUE(store->FinishChunk(table.id, 0, {1, 1, 0, 1}, 5).ok());
  ASSERT_TRUE(store->RestartTable(table.id).ok());
  const TableRecord now = *store->GetTable(table.id);
  EXPECT_EQ(now.status, TableStatus::kPending);
  EXPECT_TRUE(now.created_by_us);
  EXPECT_FALSE(now.chunks_complete);
  EXPECT_EQ(now.done, TableCounters{});
  EXPECT_EQ(now.dead_letter_bytes, 0U);
  EXPECT_EQ(store->AddLoad(table.id, {})->sequence, 2U);
}

TEST_F(StoreTest, RemovedTaskIsGone) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  ASSERT_TRUE(store->AppendAudit(task_.id, "truncate", "dw.orders", "by option").ok());
  EXPECT_EQ(store->ListAudit(task_.id)->at(0).action, "truncate");
  ASSERT_TRUE(store->RemoveTask(task_.id).ok());
  EXPECT_FALSE(store->FindTask("task")->has_value());
  EXPECT_EQ(store->GetTable(table.id).error().kind, ErrorKind::kNotFound);
}

TEST_F(StoreTest, ThreadsShareWritesWithoutLosingAny) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  constexpr int kThreads = 8, kEach = 25;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int number = 0; number < kEach; ++number) {
        EXPECT_TRUE(store->AddLoad(table.id, {}).ok());
        // One that fails hurts no other in the same transaction.
        EXPECT_FALSE(store->AddChunks(table.id, std::vector{MakeChunk(7)}, false).ok());
        EXPECT_TRUE(store->GetTable(table.id).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> labels;
  const auto loads = *store->ListLoads(table.id);
  for (const LoadRecord& load : loads) labels.insert(load.label);
  EXPECT_EQ(labels.size(), size_t{kThreads * kEach});
}

TEST_F(StoreTest, SurvivesKillAtAnyMoment) {
  const TableRecord table = OpenOrders(*Open());
  for (int round = 0; round < 5; ++round) {
    int promised[2];
    ASSERT_EQ(pipe(promised), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto opened = OpenSqliteStore(home_, SystemClock(), SystemRandom());
      if (!opened.ok()) _exit(1);
      while (true) {
        const auto load = (*opened)->AddLoad(table.id, {});
        if (!load.ok() || write(promised[1], "x", 1) != 1) _exit(1);
      }
    }
    close(promised[1]);
    usleep(20'000 + 7'000 * round);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    static size_t all = 0;
    char byte;
    while (read(promised[0], &byte, 1) == 1) ++all;
    close(promised[0]);
    auto store = Open();
    const size_t stored = store->ListLoads(table.id)->size();
    EXPECT_GE(stored, all);
    all = stored;  // the last may have been stored without being told
  }
}

TEST_F(StoreTest, ANewerFileIsRefused) {
  Open();
  auto connection = *SqliteConnection::Open(home_ + "/state.db");
  const std::string newer = fmt::format("PRAGMA user_version = {}", CurrentSchemaVersion() + 1);
  ASSERT_TRUE(connection->Execute(newer.c_str()).ok());
  connection.reset();
  const Error error = OpenError();
  EXPECT_EQ(error.kind, ErrorKind::kConflict);
  EXPECT_NE(error.message.find("schema version"), std::string::npos);
}

TEST_F(StoreTest, AnotherProgramsFileIsRefused) {
  std::filesystem::create_directories(home_);
  auto connection = *SqliteConnection::Open(home_ + "/state.db");
  ASSERT_TRUE(connection->Execute("CREATE TABLE theirs (a); PRAGMA user_version = 1").ok());
  connection.reset();
  EXPECT_EQ(OpenError().kind, ErrorKind::kConflict);
}

TEST_F(StoreTest, AnEmptyFileIsMigrated) {
  std::filesystem::create_directories(home_);
  std::ofstream(home_ + "/state.db").close();
  EXPECT_TRUE(Open()->OpenTask("task", "").ok());
}

TEST_F(StoreTest, ADamagedFileIsSaidToBe) {
  std::filesystem::create_directories(home_);
  std::ofstream(home_ + "/state.db") << std::string(8192, '?');
  const Error error = OpenError();
  EXPECT_EQ(error.kind, ErrorKind::kIo);
  EXPECT_NE(error.message.find(home_), std::string::npos);
  EXPECT_NE(error.mend.find("backup"), std::string::npos);
}

TEST_F(StoreTest, AHomeThatCantBeMadeIsSaidToBe) {
  std::ofstream(home_).close();  // a file where the folder should be
  const Error error = OpenError();
  EXPECT_EQ(error.kind, ErrorKind::kIo);
  EXPECT_NE(error.mend.find("--home"), std::string::npos);
}

TEST_F(StoreTest, AFullDiskIsSaidToBe) {
  auto store = Open();
  const TableRecord table = OpenOrders(*store);
  // The largest file size stands in for a full disk.
  auto connection = *SqliteConnection::Open(home_ + "/state.db");
  ASSERT_TRUE(connection->Execute("PRAGMA max_page_count = 1").ok());
  const std::string text(1 << 20, 'x');
  auto statement = *connection->Prepare("INSERT INTO audit VALUES (1, 1, 1, ?1, '', '')");
  const Status written = statement.Bind(1, std::string_view(text)).Run();
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().kind, ErrorKind::kIo);
  EXPECT_NE(written.error().mend.find("room"), std::string::npos);
}

TEST(BoundCodec, RefusesCutBytes) {
  const std::string bytes = EncodeBound({"abc", "", std::string("\0", 1)});
  EXPECT_EQ(DecodeBound(bytes)->size(), 3U);
  for (size_t size : {size_t{1}, size_t{5}, bytes.size() - 1}) {
    EXPECT_FALSE(DecodeBound(bytes.substr(0, size)).ok()) << size;
  }
}

TEST_F(StoreTest, OneTaskHasOneRunner) {
  auto first = TaskLock::Acquire(home_, "task/with strange\nname");
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  const auto second = TaskLock::Acquire(home_, "task/with strange\nname");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
  EXPECT_NE(second.error().message.find(fmt::format("process {}", getpid())), std::string::npos);
  EXPECT_TRUE(TaskLock::Acquire(home_, "other").ok());
  { const TaskLock ended = std::move(*first); }
  EXPECT_TRUE(TaskLock::Acquire(home_, "task/with strange\nname").ok());
}

}  // namespace
}  // namespace starlift::state

// What the loader makes of every kind of answer.
#include <algorithm>

#include "load/loader_harness.h"

namespace starlift::load {
namespace {

class LoaderTest : public ::testing::Test {
 protected:
  LoaderTest() {
    options_.loads = 0;
    options_.memory_bytes = uint64_t{8} << 20;
    options_.load_bytes = uint64_t{1} << 20;
  }

  SimulatedTable KeyedTable(size_t rows = 20) {
    return {MakeMapping("orders", false, 200'000), {MakeRows(rows)}};
  }
  SimulatedTable KeylessTable(size_t rows = 20, size_t name_bytes = 8) {
    return {MakeMapping("orders", true, 200'000), {MakeRows(rows, name_bytes)}, 4};
  }

  Status Run(SimulatedTable& table) {
    return TableRun(home_.path(), target_, clock_, options_).LiveOn(table);
  }
  void ExpectLoaded(SimulatedTable& table) {
    const Status run = Run(table);
    EXPECT_TRUE(run.ok()) << run.error().ToString();
    EXPECT_EQ(target_.Rows(table.mapping.target.name), ExpectedRows(table, target_));
    EXPECT_EQ(target_.open_transactions(), 0U);
  }
  Error RunError(SimulatedTable& table) {
    const Status run = Run(table);
    return run.ok() ? Error{ErrorKind::kInternal, "it was loaded"} : run.error();
  }
  std::vector<std::string> DeadLetters(const SimulatedTable& table) {
    return TableRun(home_.path(), target_, clock_, options_).DeadLetters(table);
  }

  TemporaryHome home_;
  SimulatedTarget target_;
  SimulatedClock clock_;
  LoaderOptions options_;
};

struct Refusal {
  const char* status;
  const char* message;
};

// Answers that pass: the load comes through when it is tried again.
constexpr Refusal kTransient[] = {
    {"Fail", "current running txns on db 10 is 1000, larger than limit 1000"},
    {"Fail", "streamload txn num per be exceeds limit, be: 1"},
    {"Fail", "Failed to load data into tablet 5, because of too many versions, current/limit: 1/1"},
    {"Fail", "memory limit exceeded, please reduce load frequency"},
    {"Fail", "Mem usage has exceed the limit of BE"},
    {"Fail", "Stream Load exceed http cuncurrent limit 48, please try again later"},
    {"RESOURCE_BUSY", ""},
    {"Fail", "Service is shutting down, please retry later!"},
    {"SERVICE_UNAVAILABLE", ""},
    {"FAILED", "No backend alive."},
    {"Fail", "current fe is not master"},
    {"THRIFT_RPC_ERROR", "call frontend service failed"},
    {"Fail", "Commit failed. txn: 3 table: t tablet: 5 quorum: 1<2 errorReplicas: 7"},
    {"Fail", "get database write lock timeout, transactionId=3"},
    {"TIMEOUT", ""},
    {"Fail", "timeout by txn manager"},
    {"Fail", "table is in schema change"},
    {"Fail", "Cannot write RESTORE state table"},
    {"Fail", "disable_load_job is set to true, all load jobs are prevented"},
    {"Fail", "TabletWriter add batch with unknown id"},
    {"Fail", "close index channel failed"},
    {"Fail", "Tablet is in error state, tablet_id: 5"},
};

constexpr Refusal kPermanent[] = {
    {"Fail", "Access denied for user 'x'"},
    {"Fail", "no valid Basic authorization"},
    {"FAILED", "There is no 100-continue header"},
    {"Fail", "unknown table \"shop.orders\""},
    {"Fail", "Column has no default value. column: x"},
    {"Fail", "Mapping column is not in table. column: x"},
    {"Fail", "Label format error. regex: x, label: y"},
    {"Fail", "illegal json started with [x]"},
    {"Fail", "an answer that nobody has ever seen"},
};

TEST_F(LoaderTest, TransientAnswersAreTriedAgain) {
  for (const Refusal& refusal : kTransient) {
    SCOPED_TRACE(refusal.message);
    TemporaryHome home;
    SimulatedTarget target;
    target.script["load"] = {{Fault::kRefused, refusal.status, refusal.message},
                             {Fault::kRefused, refusal.status, refusal.message}};
    for (const bool keyless : {false, true}) {
      SimulatedTable table = keyless ? KeylessTable() : KeyedTable();
      table.mapping.source.id.name = keyless ? "a" : "b";
      const Status run = TableRun(home.path(), target, clock_, options_).LiveOn(table);
      EXPECT_TRUE(run.ok()) << run.error().ToString();
      EXPECT_EQ(target.Rows(table.mapping.target.name), ExpectedRows(table, target));
    }
  }
}

TEST_F(LoaderTest, PermanentAnswersEndTheTaskAtOnce) {
  for (const Refusal& refusal : kPermanent) {
    SCOPED_TRACE(refusal.message);
    TemporaryHome home;
    SimulatedTarget target;
    target.script["load"] = {{Fault::kRefused, refusal.status, refusal.message}};
    SimulatedTable table = KeyedTable();
    const auto before = clock_.Now();
    const Status run = TableRun(home.path(), target, clock_, options_).LiveOn(table);
    ASSERT_FALSE(run.ok());
    EXPECT_EQ(run.error().kind, ErrorKind::kRefused);
    EXPECT_NE(run.error().message.find(refusal.message), std::string::npos);
    EXPECT_EQ(clock_.Now(), before);
  }
}

TEST_F(LoaderTest, LostAnswersAreSettledByTheLabel) {
  for (const Fault fault : {Fault::kAnswerLost, Fault::kConnectionCut, Fault::kAnswerLate,
                            Fault::kHangs, Fault::kNotConnected, Fault::kPublishTimeout}) {
    for (const bool keyless : {false, true}) {
      SCOPED_TRACE(fmt::format("fault {}, keyless {}", static_cast<int>(fault), keyless));
      TemporaryHome home;
      SimulatedTarget target;
      target.script["load"] = {{fault}, {fault}};
      SimulatedTable table = keyless ? KeylessTable() : KeyedTable();
      const Status run = TableRun(home.path(), target, clock_, options_).LiveOn(table);
      EXPECT_TRUE(run.ok()) << run.error().ToString();
      EXPECT_EQ(target.Rows(table.mapping.target.name), ExpectedRows(table, target));
      EXPECT_EQ(table.reads, 1);
    }
  }
}

TEST_F(LoaderTest, ATargetThatStaysAwayEndsTheTaskAfterRetryFor) {
  options_.retry_for = std::chrono::minutes(2);
  target_.script["load"].assign(1000, {Fault::kNotConnected});
  SimulatedTable table = KeyedTable();
  const auto before = clock_.Now();
  const Error error = RunError(table);
  EXPECT_EQ(error.kind, ErrorKind::kUnreachable);
  EXPECT_FALSE(error.mend.empty());
  EXPECT_GE(clock_.Now() - before, std::chrono::minutes(2));
  EXPECT_LE(clock_.Now() - before, std::chrono::minutes(3));
  target_.script.clear();
  ExpectLoaded(table);  // the next run goes on
}

TEST_F(LoaderTest, TransactionsSurviveEveryFault) {
  const std::pair<const char*, Fault> faults[] = {
      {"begin", Fault::kAnswerLost},     {"part", Fault::kNotConnected},
      {"part", Fault::kAnswerLost},      {"part", Fault::kConnectionCut},
      {"prepare", Fault::kAnswerLost},   {"commit", Fault::kAnswerLost},
      {"commit", Fault::kPublishTimeout}};
  for (const auto& [call, fault] : faults) {
    SCOPED_TRACE(fmt::format("{} {}", call, static_cast<int>(fault)));
    TemporaryHome home;
    SimulatedTarget target;
    target.script[call] = {{Fault::kNone}, {fault}, {fault}};
    if (std::string_view(call) != "part") target.script[call].pop_front();
    SimulatedTable table = KeylessTable(40, 100'000);
    const Status run = TableRun(home.path(), target, clock_, options_).LiveOn(table);
    EXPECT_TRUE(run.ok()) << run.error().ToString();
    EXPECT_EQ(target.Rows(table.mapping.target.name), ExpectedRows(table, target));
    EXPECT_EQ(target.open_transactions(), 0U);
  }
}

TEST_F(LoaderTest, TransactionsSurviveRefusalsThatPass) {
  for (const char* call : {"begin", "part", "prepare", "commit"}) {
    for (const Refusal& refusal :
         {Refusal{"TXN_IN_PROCESSING", "Transaction is in processing"},
          Refusal{"SERVICE_UNAVAILABLE", ""}, Refusal{"TXN_NOT_EXISTS", "not exists"},
          Refusal{"THRIFT_RPC_ERROR", "Rpc error"}}) {
      SCOPED_TRACE(fmt::format("{} {}", call, refusal.status));
      TemporaryHome home;
      SimulatedTarget target;
      target.script[call] = {{Fault::kRefused, refusal.status, refusal.message}};
      SimulatedTable table = KeylessTable(40, 100'000);
      const Status run = TableRun(home.path(), target, clock_, options_).LiveOn(table);
      EXPECT_TRUE(run.ok()) << run.error().ToString();
      EXPECT_EQ(target.Rows(table.mapping.target.name), ExpectedRows(table, target));
    }
  }
}

TEST_F(LoaderTest, ATransactionThatFailsForeverEndsTheTask) {
  target_.script["part"].assign(1000, {Fault::kConnectionCut});
  SimulatedTable table = KeylessTable(40, 100'000);
  EXPECT_EQ(RunError(table).kind, ErrorKind::kUnreachable);
  EXPECT_TRUE(target_.Rows("keyless_orders").empty());
}

// The state file was put back from a copy: sequence numbers run again.
TEST_F(LoaderTest, ALabelThatOthersUsedIsNotTakenForOurs) {
  SimulatedTable table = KeyedTable();
  SimulatedTable keyless = KeylessTable();
  ASSERT_TRUE(Run(table).ok());
  const std::string copy = home_.path() + "/state.db";
  const auto restart = [&](const SimulatedTable& of) {
    auto store = *state::OpenSqliteStore(home_.path(), clock_, SystemRandom());
    const auto task = *store->OpenTask("task", "");
    const auto record = *store->OpenTable(task.id, of.mapping.source.id, of.mapping.target.database,
                                          of.mapping.target.name);
    ASSERT_TRUE(store->RestartTable(record.id).ok());
    store.reset();
    auto connection = *state::SqliteConnection::Open(copy);
    ASSERT_TRUE(connection->Execute("UPDATE tables SET next_sequence = 1").ok());
  };
  restart(table);
  table.chunks[0].push_back({"999", "new"});
  ExpectLoaded(table);

  TemporaryHome other;
  TableRun run(other.path(), target_, clock_, options_);
  ASSERT_TRUE(run.LiveOn(keyless).ok());
}

TEST_F(LoaderTest, AKeylessLabelThatOthersUsedStopsTheTask) {
  target_.script["load"] = {{Fault::kNone}};
  SimulatedTable table = KeylessTable();
  ASSERT_TRUE(Run(table).ok());
  {
    auto store = *state::OpenSqliteStore(home_.path(), clock_, SystemRandom());
    const auto task = *store->OpenTask("task", "");
    const auto record =
        *store->OpenTable(task.id, table.mapping.source.id, "shop", table.mapping.target.name);
    ASSERT_TRUE(store->RestartTable(record.id).ok());
  }
  auto connection = *state::SqliteConnection::Open(home_.path() + "/state.db");
  ASSERT_TRUE(connection->Execute("UPDATE tables SET next_sequence = 1").ok());
  connection.reset();
  EXPECT_EQ(RunError(table).kind, ErrorKind::kConflict);
}

TEST_F(LoaderTest, ABodyThatIsTooLargeIsHalved) {
  target_.max_body_bytes = 2000;
  SimulatedTable table = KeyedTable(500);
  ExpectLoaded(table);
  EXPECT_GT(target_.loads(), 4U);
}

TEST_F(LoaderTest, RefusedRowsStopTheTaskByDefault) {
  SimulatedTable table = KeyedTable();
  target_.is_bad = [](const std::string& row) { return row.starts_with("7\x01"); };
  const Error error = RunError(table);
  EXPECT_EQ(error.kind, ErrorKind::kPolicy);
  EXPECT_NE(error.where.find("id=7"), std::string::npos) << error.ToString();
  EXPECT_NE(error.mend.find("--max-errors"), std::string::npos);
  EXPECT_TRUE(DeadLetters(table).empty());
}

TEST_F(LoaderTest, RefusedRowsGoToDeadLetters) {
  for (const bool named : {true, false}) {
    SCOPED_TRACE(named ? "by the error log" : "by halving");
    TemporaryHome home;
    SimulatedTarget target;
    target.error_log_names_rows = named;
    target.is_bad = [](const std::string& row) {
      return row.starts_with("7\x01") || row.starts_with("13\x01") || row.starts_with("499\x01");
    };
    options_.max_errors = 3;
    SimulatedTable table = KeyedTable(500);
    TableRun run(home.path(), target, clock_, options_);
    const Status status = run.LiveOn(table);
    ASSERT_TRUE(status.ok()) << status.error().ToString();
    EXPECT_EQ(target.Rows("keyed_orders"), ExpectedRows(table, target));
    const auto letters = run.DeadLetters(table);
    ASSERT_EQ(letters.size(), 3U);
    EXPECT_NE(letters[0].find(R"("key":{"id":"7"})"), std::string::npos) << letters[0];
    EXPECT_NE(letters[0].find(R"("name":"n7xxxxxx")"), std::string::npos) << letters[0];
  }
}

TEST_F(LoaderTest, RefusedRowsOfKeylessTablesGoToDeadLetters) {
  for (const bool named : {true, false}) {
    for (const size_t name_bytes : {size_t{8}, size_t{100'000}}) {  // one load, one transaction
      SCOPED_TRACE(fmt::format("named {}, {} bytes", named, name_bytes));
      TemporaryHome home;
      SimulatedTarget target;
      target.error_log_names_rows = named;
      target.is_bad = [](const std::string& row) {
        return row.starts_with("7\x01") || row.starts_with("31\x01");
      };
      options_.max_errors = 2;
      SimulatedTable table = KeylessTable(40, name_bytes);
      TableRun run(home.path(), target, clock_, options_);
      const Status status = run.LiveOn(table);
      ASSERT_TRUE(status.ok()) << status.error().ToString();
      EXPECT_EQ(target.Rows("keyless_orders"), ExpectedRows(table, target));
      EXPECT_EQ(run.DeadLetters(table).size(), 2U);
      EXPECT_EQ(target.open_transactions(), 0U);
    }
  }
}

TEST_F(LoaderTest, OneRejectTooManyStopsTheTask) {
  options_.max_errors = 2;
  target_.is_bad = [](const std::string& row) { return row.starts_with("1"); };
  SimulatedTable table = KeyedTable();
  const Error error = RunError(table);
  EXPECT_EQ(error.kind, ErrorKind::kPolicy);
  EXPECT_NE(error.message.find("more than 2 rows"), std::string::npos);
}

TEST_F(LoaderTest, RejectsOfEarlierRunsCount) {
  options_.max_errors = 2;
  target_.is_bad = [](const std::string& row) { return row.find("bad") != std::string::npos; };
  SimulatedTable table{MakeMapping("orders", false), {MakeRows(5), MakeRows(5, 8, 10)}};
  table.chunks[0][1].name = "bad";
  table.chunks[1][1].name = "bad";
  table.chunks[1][2].name = "bad";
  for (int run = 0; run < 2; ++run) {
    EXPECT_EQ(RunError(table).kind, ErrorKind::kPolicy);
    // The one that counts, and the one that is shown: one row had no place any more.
    EXPECT_EQ(DeadLetters(table).size(), 2U);
  }
  options_.max_errors = 3;
  ExpectLoaded(table);
  EXPECT_EQ(DeadLetters(table).size(), 3U);
}

TEST_F(LoaderTest, RowsThatCantBeEncodedGoToDeadLetters) {
  options_.max_errors = 10;
  SimulatedTable table{MakeMapping("orders", false, 10), {MakeRows(5)}};
  table.chunks[0][2].name = "much too long a name";
  table.chunks[0][3].name = "\xff\xfe";
  const Status run = Run(table);
  ASSERT_TRUE(run.ok()) << run.error().ToString();
  EXPECT_EQ(target_.Rows("keyed_orders").size(), 3U);
  const auto letters = DeadLetters(table);
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_NE(letters[0].find("longer than 10 bytes"), std::string::npos) << letters[0];
  EXPECT_NE(letters[1].find(R"({"hex":"fffe"})"), std::string::npos) << letters[1];
  EXPECT_NE(letters[1].find(R"("stage":"encode")"), std::string::npos) << letters[1];
}

TEST_F(LoaderTest, ManyDeadLettersDontStayInMemory) {
  options_.max_errors = 100'000;
  SimulatedTable table{MakeMapping("orders", false, 10), {MakeRows(20'000, 100)}};
  ASSERT_TRUE(Run(table).ok());
  EXPECT_EQ(DeadLetters(table).size(), 20'000U);
  for (const auto& entry : std::filesystem::directory_iterator(home_.path() + "/dead-letters")) {
    EXPECT_EQ(entry.path().extension(), ".jsonl");
  }
}

TEST_F(LoaderTest, ValuesThatCsvCantCarryGoAsJson) {
  SimulatedTable table{MakeMapping("orders", false), {MakeRows(10)}, 2};
  table.chunks[0][5].name = "\\N";
  ASSERT_TRUE(Run(table).ok());
  const auto rows = target_.Rows("keyed_orders");
  EXPECT_EQ(rows.size(), 10U);
  EXPECT_NE(std::find(rows.begin(), rows.end(), R"({"id":5,"name":"\\N"})"), rows.end());
}

TEST_F(LoaderTest, AKeylessTableTurnsToJsonAsAWhole) {
  SimulatedTable table = KeylessTable(40, 100'000);
  table.chunks[0][35].name = "\x01";
  ASSERT_TRUE(Run(table).ok());
  EXPECT_EQ(table.reads, 2);
  const auto rows = target_.Rows("keyless_orders");
  EXPECT_EQ(rows.size(), 40U);
  EXPECT_TRUE(std::all_of(rows.begin(), rows.end(),
                          [](const std::string& row) { return row.starts_with("{\"id\":"); }));
  EXPECT_EQ(target_.open_transactions(), 0U);
}

TEST_F(LoaderTest, ALabelThatTheTargetForgotIsReported) {
  SimulatedTable table = KeylessTable();
  CrashSwitch crash(10, CrashSwitch::When::kAfter);
  TableRun run(home_.path(), target_, clock_, options_);
  for (uint64_t step = 6; target_.Rows("keyless_orders").empty(); ++step) {
    CrashSwitch next(step, CrashSwitch::When::kAfter);
    (void)run.Live(table, next);
    ASSERT_LT(step, 20U);
  }
  target_.ForgetLabels();
  ExpectLoaded(table);  // the harness empties the table, as the engine does
}

TEST_F(LoaderTest, FinishedChunksAreNotReadAgain) {
  SimulatedTable table{MakeMapping("orders", false), {}};
  for (size_t chunk = 0; chunk < 6; ++chunk) table.chunks.push_back(MakeRows(10, 8, chunk * 10));
  target_.script["load"].assign(4, {Fault::kNone});
  target_.script["load"].push_back({Fault::kRefused, "Fail", "Access denied for user 'x'"});
  EXPECT_EQ(RunError(table).kind, ErrorKind::kRefused);
  EXPECT_EQ(table.reads, 5);
  ExpectLoaded(table);
  EXPECT_EQ(table.reads, 7);
}

TEST_F(LoaderTest, AChunkGivenUpByItsReaderLeavesNoCounts) {
  SimulatedRandom random(1);
  Cancellation cancellation;
  CrashSwitch immortal;
  MortalTarget target(target_, immortal);
  auto store = *state::OpenSqliteStore(home_.path(), clock_, SystemRandom());
  const auto mapping = MakeMapping("orders", false);
  const auto task = *store->OpenTask("task", "");
  const auto record = *store->OpenTable(task.id, mapping.source.id, "shop", "keyed_orders");
  ASSERT_TRUE(store->AddChunks(record.id, std::vector<state::ChunkRecord>(1), true).ok());
  Loader loader(options_, {target, *store, clock_, random, cancellation});
  ASSERT_TRUE(loader.OpenTable(mapping, record).ok());
  RowBatch batch(2);
  batch.AppendCopy("1");
  batch.AppendCopy("one");
  {
    auto writer = *loader.OpenChunk(record.id, 0);
    ASSERT_TRUE(writer->Consume(batch).ok());
    EXPECT_EQ(loader.FindProgress(record.id)->rows_read.load(), 1U);
  }
  EXPECT_EQ(loader.FindProgress(record.id)->Snapshot(), state::TableCounters{});
  EXPECT_EQ(loader.progress().buffered_bytes.load(), 0U);
  EXPECT_NE(store->ListChunks(record.id)->at(0).status, state::ChunkStatus::kDone);

  auto writer = *loader.OpenChunk(record.id, 0);
  ASSERT_TRUE(writer->Consume(batch).ok());
  cancellation.Request();
  EXPECT_EQ(writer->Consume(batch).error().kind, ErrorKind::kCancelled);
  const auto end = writer->FinishAndWait();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind, ErrorKind::kCancelled);
  EXPECT_NE(store->ListChunks(record.id)->at(0).status, state::ChunkStatus::kDone);
}

}  // namespace
}  // namespace starlift::load

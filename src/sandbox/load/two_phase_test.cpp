#include "sandbox/load/two_phase.h"

#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sandbox/load/load_harness.h"

namespace starlift::sandbox::load {
namespace {

using catalog::DataType;
using catalog::TableModel;
using catalog::TypeKind;

class TwoPhase : public ::testing::Test {
 protected:
  void SetUp() override {
    harness_ = std::make_unique<LoadHarness>(home_.path());
    harness_->AddTable("t", TableModel::kPrimary,
                       {LoadHarness::Column("k", DataType::Of(TypeKind::kInt), true, false),
                        LoadHarness::Column("v", DataType::Varchar(10))});
    loads_ = std::make_unique<TwoPhaseLoads>(harness_->environment, "http://x/");
  }

  TransactionCall Call(const std::string& label) const {
    TransactionCall call;
    call.database = "d";
    call.table = "t";
    call.label = label;
    call.user = "root";
    return call;
  }
  // "OK", or status and message.
  static std::string Brief(const std::string& answer) {
    const nlohmann::json json = nlohmann::json::parse(answer);
    const std::string status = json["Status"];
    return status == "OK" ? status : status + ": " + json["Message"].get<std::string>();
  }
  std::string Load(const std::string& label, std::string_view body,
                   const LoadHarness::Headers& headers = {}) {
    std::string fingerprint;
    for (const auto& [name, value] : headers) fingerprint += name + value;
    auto answer = loads_->Load(Call(label), harness_->Parse("t", headers, true), fingerprint,
                               [&] { return std::make_unique<MemorySource>(body); });
    return answer.ok() ? Brief(*answer) : answer.error().ToString();
  }
  LoadTransaction Found(const std::string& label) const {
    return *harness_->ledger->FindLabel(harness_->catalog->FindDatabase("d")->id, label);
  }

  TestHome home_;
  std::unique_ptr<LoadHarness> harness_;
  std::unique_ptr<TwoPhaseLoads> loads_;
};

TEST_F(TwoPhase, PrepareThenCommit) {
  EXPECT_EQ(Brief(loads_->Begin(Call("a"))), "OK");
  EXPECT_EQ(Load("a", "1,x\n2,"), "OK");
  EXPECT_EQ(Load("a", "y\n1,z\n"), "OK");
  EXPECT_EQ(Brief(loads_->Prepare(Call("a"))), "OK");
  EXPECT_EQ(harness_->StateOf("a"), TransactionState::kPrepared);
  EXPECT_EQ(harness_->Rows("t"), "");
  LoadTransaction transaction = Found("a");
  EXPECT_EQ(transaction.rows_loaded, 3);
  EXPECT_TRUE(CommitPrepared(harness_->environment, transaction).ok());
  EXPECT_EQ(harness_->Rows("t"), "1 z;2 y;");
  EXPECT_EQ(harness_->StateOf("a"), TransactionState::kVisible);
}

TEST_F(TwoPhase, PreparedSurvivesARestartAndOpenOnesDoNot) {
  loads_->Begin(Call("ready"));
  Load("ready", "1,x\n");
  loads_->Prepare(Call("ready"));
  loads_->Begin(Call("open"));
  Load("open", "2,y\n");
  loads_.reset();
  harness_->Reopen();
  EXPECT_EQ(harness_->StateOf("open"), TransactionState::kUnknown);
  LoadTransaction transaction = Found("ready");
  EXPECT_TRUE(CommitPrepared(harness_->environment, transaction).ok());
  EXPECT_EQ(harness_->Rows("t"), "1 x;");
}

TEST_F(TwoPhase, OnePhaseCommitAndRollback) {
  loads_->Begin(Call("a"));
  Load("a", "1,x\n");
  EXPECT_EQ(Brief(loads_->Commit(Call("a"))), "OK");
  EXPECT_EQ(harness_->Rows("t"), "1 x;");
  loads_->Begin(Call("b"));
  Load("b", "2,y\n");
  EXPECT_EQ(Brief(loads_->Rollback(Call("b"))), "OK");
  EXPECT_EQ(harness_->StateOf("b"), TransactionState::kAborted);
  EXPECT_EQ(harness_->Rows("t"), "1 x;");
  loads_->Begin(Call("c"));
  Load("c", "3,y\n");
  loads_->Prepare(Call("c"));
  EXPECT_TRUE(harness_->ledger->Abort(Found("c").id, "user cancel").ok());
  EXPECT_EQ(harness_->Rows("t"), "1 x;");
}

TEST_F(TwoPhase, RefusalsHaveTheBackendsWords) {
  EXPECT_EQ(Load("none", "1,x\n"), "TXN_NOT_EXISTS: Transaction with label none not exists");
  loads_->Begin(Call("a"));
  EXPECT_EQ(Brief(loads_->Begin(Call("a"))), "LABEL_ALREADY_EXISTS: ");
  EXPECT_EQ(Brief(loads_->Prepare(Call("a"))),
            "INTERNAL_ERROR: transaction a hasn't send any data yet");
  EXPECT_EQ(harness_->StateOf("a"), TransactionState::kAborted);
  loads_->Begin(Call("b"));
  EXPECT_EQ(Load("b", "1,x\n"), "OK");
  EXPECT_EQ(Load("b", "1,x\n", {{"strict_mode", "true"}}),
            "INVALID_ARGUMENT: load request not equal last.");
  TransactionCall other = Call("b");
  other.table = "u";
  EXPECT_EQ(Brief(loads_->Prepare(other)).substr(0, 16), "INVALID_ARGUMENT");
}

TEST_F(TwoPhase, BadRowsShowAtPrepare) {
  loads_->Begin(Call("a"));
  EXPECT_EQ(Load("a", "x\n"), "OK");
  EXPECT_EQ(Brief(loads_->Prepare(Call("a"))), "DATA_QUALITY_ERROR: too many filtered rows");
  EXPECT_EQ(harness_->StateOf("a"), TransactionState::kAborted);
}

// Runs loads in a process of its own that dies at the named point, then looks at what is left.
class CrashingLoads : public ::testing::TestWithParam<const char*> {
 protected:
  static int RunAndDie(const std::string& home, const std::string& fault, bool two_phase) {
    const pid_t child = ::fork();
    if (child == 0) {
      LoadHarness harness(home);
      harness.Load("t", "1,before\n", {{"label", "before"}});
      harness.faults.Add(*Faults::Parse(fault));
      if (two_phase) {
        TwoPhaseLoads loads(harness.environment, "");
        TransactionCall call;
        call.database = "d";
        call.table = "t";
        call.label = "crash";
        loads.Begin(call);
        (void)loads.Load(call, harness.Parse("t", {}, true), "",
                         [] { return std::make_unique<MemorySource>("1,after\n2,after\n"); });
        loads.Prepare(call);
      } else {
        harness.Load("t", "1,after\n2,after\n", {{"label", "crash"}});
      }
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  }
  static void MakeTable(const std::string& home) {
    LoadHarness harness(home);
    harness.AddTable("t", TableModel::kPrimary,
                     {LoadHarness::Column("k", DataType::Of(TypeKind::kInt), true, false),
                      LoadHarness::Column("v", DataType::Varchar(10))});
  }
};

TEST_P(CrashingLoads, LabelAndRowsAreBothThereOrNeither) {
  TestHome home;
  MakeTable(home.path());
  const std::string point = GetParam();
  EXPECT_EQ(RunAndDie(home.path(), "die,point=" + point, false), 137);
  LoadHarness harness(home.path());
  EXPECT_EQ(harness.StateOf("before"), TransactionState::kVisible);
  if (point == "after_commit") {
    EXPECT_EQ(harness.StateOf("crash"), TransactionState::kVisible);
    EXPECT_EQ(harness.Rows("t"), "1 after;2 after;");
  } else {
    EXPECT_EQ(harness.StateOf("crash"), TransactionState::kUnknown);
    EXPECT_EQ(harness.Rows("t"), "1 before;");
    EXPECT_EQ(harness.Brief(harness.Load("t", "1,after\n", {{"label", "crash"}})), "Success 1/1");
  }
}

INSTANTIATE_TEST_SUITE_P(Points, CrashingLoads,
                         ::testing::Values("after_begin", "after_body", "before_commit",
                                           "after_commit"));

TEST_F(CrashingLoads, PrepareIsDurableOrNothing) {
  for (const std::string point : {"before_prepare", "after_prepare"}) {
    TestHome home;
    MakeTable(home.path());
    EXPECT_EQ(RunAndDie(home.path(), "die,point=" + point, true), 137);
    LoadHarness harness(home.path());
    EXPECT_EQ(harness.Rows("t"), "1 before;");
    if (point == "before_prepare") {
      EXPECT_EQ(harness.StateOf("crash"), TransactionState::kUnknown);
      continue;
    }
    auto transaction = harness.ledger->FindLabel(harness.catalog->FindDatabase("d")->id, "crash");
    ASSERT_TRUE(transaction.has_value());
    EXPECT_EQ(transaction->state, TransactionState::kPrepared);
    EXPECT_TRUE(CommitPrepared(harness.environment, *transaction).ok());
    EXPECT_EQ(harness.Rows("t"), "1 after;2 after;");
  }
}

// A second is the smallest time-out that a client can ask for.
TEST_F(TwoPhase, TimedOutTransactionsAreDropped) {
  TransactionCall brief = Call("brief");
  brief.timeout_second = 1;
  TransactionCall idle = Call("idle");
  idle.idle_timeout_second = 1;
  for (const TransactionCall& call : {brief, idle, Call("patient")}) loads_->Begin(call);
  for (const char* label : {"brief", "idle", "patient"}) EXPECT_EQ(Load(label, "1,x\n"), "OK");
  loads_->DropTimedOut();
  EXPECT_EQ(harness_->StateOf("brief"), TransactionState::kPrepare);

  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  loads_->DropTimedOut();
  EXPECT_EQ(Found("brief").reason, "transaction is aborted by timeout 1 seconds.");
  EXPECT_EQ(Found("idle").reason, "transaction is aborted by idle timeout 1 seconds.");
  EXPECT_EQ(harness_->StateOf("patient"), TransactionState::kPrepare);
  EXPECT_EQ(Load("brief", "2,y\n"), "TXN_NOT_EXISTS: Transaction with label brief not exists");
  EXPECT_EQ(Brief(loads_->Prepare(Call("patient"))), "OK");
  // An aborted label may be used again.
  EXPECT_EQ(Brief(loads_->Begin(Call("idle"))), "OK");
}

TEST_F(TwoPhase, ForgettingATransactionFreesItsRows) {
  loads_->Begin(Call("a"));
  Load("a", "1,x\n");
  const int64_t id = Found("a").id;
  ASSERT_TRUE(harness_->ledger->Cancel(id, "user cancel").ok());
  loads_->Forget(id);
  EXPECT_EQ(Load("a", "2,y\n"), "TXN_NOT_EXISTS: Transaction with label a not exists");
  EXPECT_EQ(harness_->Rows("t"), "");
}

}  // namespace
}  // namespace starlift::sandbox::load

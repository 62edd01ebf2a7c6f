#include "sandbox/storage/transaction_ledger.h"

#include <gtest/gtest.h>

#include "sandbox/storage/test_home.h"

namespace starlift::sandbox {
namespace {

class Ledger : public ::testing::Test {
 protected:
  void SetUp() override { Reopen(); }
  void Reopen() {
    ledger_.reset();
    storage_.reset();
    storage_ = std::move(*Storage::Open({home_.path()}));
    ledger_ = std::move(*TransactionLedger::Open(storage_.get(), options_));
  }
  Result<LoadTransaction> Begin(const std::string& label) {
    LoadTransaction transaction;
    transaction.database_id = 1;
    transaction.label = label;
    return ledger_->Begin(transaction);
  }
  void Advance(LoadTransaction transaction, TransactionState state) {
    transaction.state = state;
    if (state == TransactionState::kPrepared) transaction.prepared_ms = 1;
    transaction.finish_ms = transaction.begin_ms;
    const Status done = storage_->RunWrite(
        [&](WriteTransaction& write) { return ledger_->Record(write, transaction); });
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    ledger_->Publish(transaction);
  }
  TransactionState StateOf(const std::string& label) {
    auto found = ledger_->FindLabel(1, label);
    return found ? found->state : TransactionState::kUnknown;
  }

  TestHome home_;
  LedgerOptions options_;
  std::unique_ptr<Storage> storage_;
  std::unique_ptr<TransactionLedger> ledger_;
};

TEST_F(Ledger, LabelIsFreeAgainOnlyAfterAbort) {
  auto first = Begin("a");
  ASSERT_TRUE(first.ok());
  auto second = Begin("a");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message, "Label [a] has already been used.");
  EXPECT_EQ(second.error().where, "RUNNING");
  ASSERT_TRUE(ledger_->Abort(first->id, "user cancel").ok());
  EXPECT_EQ(StateOf("a"), TransactionState::kAborted);
  auto third = Begin("a");
  ASSERT_TRUE(third.ok());
  Advance(*third, TransactionState::kVisible);
  auto fourth = Begin("a");
  ASSERT_FALSE(fourth.ok());
  EXPECT_EQ(fourth.error().where, "FINISHED");
  EXPECT_FALSE(ledger_->Abort(third->id, "too late").ok());
}

TEST_F(Ledger, RefusesBadLabels) {
  EXPECT_EQ(Begin("bad label!").error().message,
            "Label format error. regex: ^[-\\w]{1,128}$, label: bad label!");
  EXPECT_FALSE(Begin(std::string(129, 'x')).ok());
  EXPECT_TRUE(Begin(std::string(128, 'x')).ok());
  EXPECT_TRUE(Begin("").ok());
}

TEST_F(Ledger, StatesSurviveARestartButPrepareDoesNot) {
  ASSERT_TRUE(Begin("open").ok());
  Advance(*Begin("ready"), TransactionState::kPrepared);
  Advance(*Begin("done"), TransactionState::kVisible);
  ASSERT_TRUE(ledger_->Abort(Begin("failed")->id, "why").ok());
  const int64_t last = Begin("last")->id;
  Reopen();
  EXPECT_EQ(StateOf("open"), TransactionState::kUnknown);
  EXPECT_EQ(StateOf("ready"), TransactionState::kPrepared);
  EXPECT_EQ(StateOf("done"), TransactionState::kVisible);
  EXPECT_EQ(StateOf("failed"), TransactionState::kAborted);
  EXPECT_EQ(ledger_->FindLabel(1, "failed")->reason, "why");
  const auto next = Begin("next");
  EXPECT_GT(next->id, last);
  EXPECT_TRUE(ledger_->HasRunningBefore(1, next->id));
  Advance(*ledger_->FindLabel(1, "ready"), TransactionState::kVisible);
  EXPECT_FALSE(ledger_->HasRunningBefore(1, next->id));
  Reopen();
  EXPECT_EQ(StateOf("ready"), TransactionState::kVisible);
}

TEST_F(Ledger, ForgetsByCountAndAge) {
  for (const char* label : {"a", "b", "c"}) Advance(*Begin(label), TransactionState::kVisible);
  LedgerOptions options;
  options.label_keep_max_num = 2;
  ledger_->SetOptions(options);
  ASSERT_TRUE(ledger_->Forget().ok());
  EXPECT_EQ(StateOf("a"), TransactionState::kUnknown);
  EXPECT_EQ(StateOf("b"), TransactionState::kVisible);
  Reopen();
  EXPECT_EQ(StateOf("a"), TransactionState::kUnknown);
  options.label_keep_max_second = -1;
  ledger_->SetOptions(options);
  ASSERT_TRUE(ledger_->Forget().ok());
  EXPECT_EQ(StateOf("c"), TransactionState::kUnknown);
}

TEST_F(Ledger, OfCommitAndCancelTheFirstWins) {
  LoadTransaction first = *Begin("a");
  first.state = TransactionState::kVisible;
  {
    auto write = storage_->BeginWrite();
    ASSERT_TRUE(ledger_->Record(**write, first).ok());
    EXPECT_FALSE(ledger_->Cancel(first.id, "user cancel").ok());
    ledger_->Release(first.id);
  }
  ASSERT_TRUE(ledger_->Cancel(first.id, "user cancel").ok());
  auto write = storage_->BeginWrite();
  EXPECT_FALSE(ledger_->Record(**write, first).ok());
  EXPECT_EQ(StateOf("a"), TransactionState::kAborted);
}

TEST_F(Ledger, LimitsRunningTransactions) {
  LedgerOptions options;
  options.max_running_txn_num_per_db = 1;
  ledger_->SetOptions(options);
  const auto first = Begin("a");
  EXPECT_NE(Begin("b").error().message.find("current running txns on db"), std::string::npos);
  Advance(*first, TransactionState::kVisible);
  EXPECT_TRUE(Begin("b").ok());
}

}  // namespace
}  // namespace starlift::sandbox

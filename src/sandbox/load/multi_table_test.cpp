#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sandbox/load/load_harness.h"
#include "sandbox/load/two_phase.h"

namespace starlift::sandbox::load {
namespace {

using catalog::DataType;
using catalog::TableModel;
using catalog::TypeKind;

// Transactions of several tables: `transaction_type: multi`.
class MultiTable : public ::testing::Test {
 protected:
  void SetUp() override {
    harness_ = std::make_unique<LoadHarness>(home_.path());
    const auto key = LoadHarness::Column("k", DataType::Of(TypeKind::kInt), true, false);
    const auto value = LoadHarness::Column("v", DataType::Varchar(10));
    harness_->AddTable("t", TableModel::kPrimary, {key, value});
    harness_->AddTable("u", TableModel::kDuplicate, {key, value});
    loads_ = std::make_unique<TwoPhaseLoads>(harness_->environment, "http://x/");
  }

  static TransactionCall Call(const std::string& label, const std::string& table = "") {
    TransactionCall call;
    call.database = "d";
    call.table = table;
    call.label = label;
    call.user = "root";
    call.multi_table = true;
    return call;
  }
  static std::string Brief(const std::string& answer) {
    const nlohmann::json json = nlohmann::json::parse(answer);
    const std::string status = json["Status"];
    return status == "OK" ? status : status + ": " + json["Message"].get<std::string>();
  }
  std::string Load(const std::string& label, const std::string& table, std::string_view body,
                   const LoadHarness::Headers& headers = {}) {
    std::string fingerprint;
    for (const auto& [name, value] : headers) fingerprint += name + value;
    auto answer = loads_->Load(Call(label, table), harness_->Parse(table, headers, true),
                               fingerprint, [&] { return std::make_unique<MemorySource>(body); });
    return answer.ok() ? Brief(*answer) : answer.error().ToString();
  }

  TestHome home_;
  std::unique_ptr<LoadHarness> harness_;
  std::unique_ptr<TwoPhaseLoads> loads_;
};

TEST_F(MultiTable, TablesBecomeVisibleTogether) {
  EXPECT_EQ(Brief(loads_->Begin(Call("a"))), "OK");
  EXPECT_EQ(Load("a", "t", "1,x\n2,y\n"), "OK");
  EXPECT_EQ(Load("a", "u", "7,p\n"), "OK");
  EXPECT_EQ(Load("a", "t", "1,z\n"), "OK");
  EXPECT_EQ(Load("a", "u", "7,q\n"), "OK");
  EXPECT_EQ(harness_->Rows("t") + harness_->Rows("u"), "");
  const nlohmann::json done = nlohmann::json::parse(loads_->Commit(Call("a")));
  EXPECT_EQ(done["Status"], "OK");
  EXPECT_EQ(done["NumberLoadedRows"], 5);
  EXPECT_EQ(harness_->Rows("t"), "1 z;2 y;");
  EXPECT_EQ(harness_->Rows("u"), "7 p;7 q;");
  EXPECT_EQ(harness_->StateOf("a"), TransactionState::kVisible);
  const auto found = harness_->ledger->FindLabel(harness_->catalog->FindDatabase("d")->id, "a");
  EXPECT_EQ(found->table_ids.size(), 2u);
  EXPECT_EQ(found->rows_loaded, 5);
}

TEST_F(MultiTable, ADefectOfOneTableLeavesNothingOfAny) {
  loads_->Begin(Call("a"));
  EXPECT_EQ(Load("a", "t", "1,x\n"), "OK");
  EXPECT_EQ(Load("a", "u", "no number,p\n", {{"strict_mode", "true"}}), "OK");
  EXPECT_EQ(Brief(loads_->Commit(Call("a"))), "DATA_QUALITY_ERROR: too many filtered rows");
  EXPECT_EQ(harness_->Rows("t") + harness_->Rows("u"), "");
  EXPECT_EQ(harness_->StateOf("a"), TransactionState::kAborted);
}

TEST_F(MultiTable, PrepareChecksTheRowsAndCommitFollows) {
  loads_->Begin(Call("a"));
  Load("a", "t", "1,x\n");
  EXPECT_EQ(Brief(loads_->Prepare(Call("a"))), "OK");
  EXPECT_EQ(Load("a", "t", "2,y\n").substr(0, 16), "INVALID_ARGUMENT");
  EXPECT_EQ(harness_->StateOf("a"), TransactionState::kPrepare);
  EXPECT_EQ(Brief(loads_->Commit(Call("a"))), "OK");
  EXPECT_EQ(harness_->Rows("t"), "1 x;");
}

TEST_F(MultiTable, RollbackAndUnknownTables) {
  loads_->Begin(Call("a"));
  Load("a", "t", "1,x\n");
  EXPECT_EQ(Brief(loads_->Rollback(Call("a"))), "OK");
  EXPECT_EQ(harness_->Rows("t"), "");
  EXPECT_EQ(harness_->StateOf("a"), TransactionState::kAborted);

  loads_->Begin(Call("b"));
  EXPECT_NE(Load("b", "nosuch", "1,x\n").find("unknown table"), std::string::npos);
  EXPECT_EQ(harness_->StateOf("b"), TransactionState::kAborted);

  loads_->Begin(Call("c"));
  EXPECT_NE(Brief(loads_->Commit(Call("c"))).find("hasn't send any data yet"), std::string::npos);
}

TEST_F(MultiTable, EachTableKeepsItsOwnHeaders) {
  loads_->Begin(Call("a"));
  EXPECT_EQ(Load("a", "t", "x,1\n", {{"columns", "v,k"}}), "OK");
  EXPECT_EQ(Load("a", "u", "1,y\n"), "OK");
  EXPECT_EQ(Load("a", "t", "2,x\n"), "INVALID_ARGUMENT: load request not equal last.");
  EXPECT_EQ(Brief(loads_->Commit(Call("a"))), "OK");
  EXPECT_EQ(harness_->Rows("t"), "1 x;");
}

}  // namespace
}  // namespace starlift::sandbox::load

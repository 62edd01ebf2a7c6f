#include "starrocks/load_classification.h"

#include <gtest/gtest.h>

#include "starrocks/load_answer.h"

namespace starlift::starrocks {
namespace {

using enum LoadVerdict;

struct Case {
  std::string status;
  std::string message;
  LoadVerdict verdict;
  std::string existing = "";
  LoadCall call = LoadCall::kStreamLoad;
  int http_status = 200;
};

TEST(LoadClassification, KnowsTheAnswersOfTheReference) {
  const std::vector<Case> cases = {
      {"Success", "OK", kLoaded},
      {"OK", "", kLoaded, "", LoadCall::kCommit},
      {"Publish Timeout", "The data will be visible after a while", kCommittedNotVisible},
      {"FAILED", "publish timeout: 20000, transactionId=7", kCommittedNotVisible, "",
       LoadCall::kCommit},
      {"Label Already Exists", "Label [x] has already been used.", kLoaded, "FINISHED"},
      {"Label Already Exists", "Label [x] has already been used.", kInDoubt, "RUNNING"},
      {"LABEL_ALREADY_EXISTS", "", kInDoubt, "FINISHED", LoadCall::kBegin},
      {"Fail", "No partitions have data available for loading. If you are sure …", kNothingToLoad},
      {"Fail", "too many filtered rows", kRowsRefused},
      {"DATA_QUALITY_ERROR", "too many filtered rows", kRowsRefused, "", LoadCall::kCommit},
      {"Fail", "primary key size exceed the limit.", kRowsRefused},
      {"Fail",
       "The size of this batch exceed the max size [104857600]  of json type data  data [ "
       "2 ]. Set ignore_json_size to skip the check",
       kTooLarge},
      {"Fail",
       "body size 5 exceed limit: 4, You can increase the limit by setting "
       "streaming_load_max_mb in be.conf.",
       kTooLarge},
      {"Fail",
       "Failed to load data into tablet 7, because of too many versions, current/limit: "
       "1000/1000.",
       kRetry},
      {"Fail", "current running txns on db 1 is 1000, larger than limit 1000", kRetry},
      {"Fail", "memory limit exceeded, please reduce load frequency", kRetry},
      {"MEM_LIMIT_EXCEEDED", "", kRetry, "", LoadCall::kLoadPart},
      {"TXN_IN_PROCESSING", "Transaction is in processing", kRetry, "", LoadCall::kLoadPart},
      {"FAILED", "No backend alive.", kRetry},
      {"Fail", "current fe is not master", kInDoubt},
      {"Fail", "Commit failed. txn: 7 table: t tablet: 8 quorum: 1<2 errorReplicas: 9", kInDoubt},
      {"TXN_NOT_EXISTS", "Transaction with label x not exists", kInDoubt, "", LoadCall::kPrepare},
      {"FAILED", "Can not commit ABORTED transaction 7, label is x", kRetry, "", LoadCall::kCommit},
      {"OK", "Transaction 7 has already committed, label is x", kLoaded, "", LoadCall::kCommit},
      {"Fail", "Access denied for user 'u'@'%'", kConfigRefused},
      {"", "", kConfigRefused, "", LoadCall::kStreamLoad, 401},
      {"", "", kInDoubt, "", LoadCall::kStreamLoad, 500},
      {"", "", kRetry, "", LoadCall::kStreamLoad, 307},
      {"", "", kConfigRefused, "", LoadCall::kStreamLoad, 404},
      {"FAILED", "There is no 100-continue header", kConfigRefused},
      {"Fail", "unknown table \"db.t\"", kSchemaDrift},
      {"Fail", "unknown database, database=db", kSchemaDrift},
      {"Fail", "Column has no default value. column: x", kSchemaDrift},
      {"Fail", "Table[t]'s is not in NORMAL state", kRetry},
      {"Fail", "A schema change operation is in progress on the table \"t\".", kRetry},
      {"Fail", "disable_load_job is set to true", kRetry},
      {"Fail", "Label format error. regex: ^[-\\w]{1,128}$, label: x", kConfigRefused},
      {"Fail", "get database write lock timeout, transactionId=7", kInDoubt},
      {"Fail", "something that nobody has seen", kConfigRefused},
      {"FAILED", "something that nobody has seen", kInDoubt, "", LoadCall::kCommit},
  };
  for (const Case& one : cases) {
    LoadOutcome outcome;
    outcome.status = one.status;
    outcome.message = one.message;
    outcome.existing_job_status = one.existing;
    outcome.http_status = one.http_status;
    ClassifyAnswer(one.call, outcome);
    EXPECT_EQ(outcome.verdict, one.verdict)
        << one.http_status << " " << one.status << ": " << one.message << " is "
        << LoadVerdictName(outcome.verdict);
  }
}

TEST(LoadAnswer, ReadsABackendsAnswer) {
  const LoadOutcome outcome = ParseLoadAnswer(
      LoadCall::kStreamLoad,
      {.status = 200,
       .body =
           R"({"TxnId": 12, "Label": "sl_a", "Status": "Fail", "Message": "too many filtered rows",
                   "NumberTotalRows": 10, "NumberLoadedRows": 9, "NumberFilteredRows": 1,
                   "NumberUnselectedRows": 0, "LoadBytes": 99, "LoadTimeMs": 5,
                   "ErrorURL": "http://h:8040/api/_load_error_log?file=e"})"});
  EXPECT_EQ(outcome.verdict, kRowsRefused);
  EXPECT_EQ(outcome.transaction_id, 12);
  EXPECT_EQ(outcome.filtered_rows, 1);
  EXPECT_EQ(outcome.error_url, "http://h:8040/api/_load_error_log?file=e");
}

TEST(LoadAnswer, ReadsAFrontendsRefusal) {
  const LoadOutcome outcome = ParseLoadAnswer(
      LoadCall::kStreamLoad,
      {.status = 200,
       .body =
           R"({"Status":"FAILED","Message":"class com.starrocks.common.DdlException: No backend alive."})"});
  EXPECT_EQ(outcome.verdict, kRetry);
  EXPECT_EQ(outcome.message, "No backend alive.");
}

TEST(LoadAnswer, IsInDoubtWithoutJson) {
  EXPECT_EQ(ParseLoadAnswer(LoadCall::kStreamLoad, {.status = 502, .body = "<html>"}).verdict,
            kInDoubt);
  EXPECT_EQ(ParseLoadAnswer(LoadCall::kStreamLoad, {.status = 200, .body = ""}).verdict, kInDoubt);
}

TEST(LoadAnswer, ReadsLabelStates) {
  const auto state = ParseLabelState(
      {.status = 200, .body = R"({"state":"PREPARED","status":"OK","code":"0","msg":"Success"})"});
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(*state, LabelState::kPrepared);
  EXPECT_FALSE(ParseLabelState({.status = 200, .body = R"({"status":"FAILED","msg":"no"})"}).ok());
  EXPECT_EQ(ParseLabelState({.status = 500}).error().kind, ErrorKind::kUnreachable);
}

TEST(LoadAnswer, ReadsErrorLogs) {
  const auto rows = ParseErrorLog(
      "Error: Value 'x' is out of range. The type of 'a' is INT'. Row: [1, 'two\nlines']\n"
      "Error: Invalid UTF-8 row. Row: abc\n"
      "Error: no row\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].reason, "Value 'x' is out of range. The type of 'a' is INT'");
  EXPECT_EQ(rows[0].row, "[1, 'two\nlines']");
  EXPECT_EQ(rows[1].row, "abc");
  EXPECT_EQ(rows[2].reason, "no row");
}

TEST(BackOff, Grows) {
  EXPECT_EQ(BackOffDelay(BackOff::kNone, 5).count(), 0);
  EXPECT_EQ(BackOffDelay(BackOff::kShort, 1).count(), 200);
  EXPECT_EQ(BackOffDelay(BackOff::kShort, 3).count(), 800);
  EXPECT_EQ(BackOffDelay(BackOff::kShort, 100).count(), 10'000);
  EXPECT_EQ(BackOffDelay(BackOff::kLong, 1).count(), 10'000);
}

}  // namespace
}  // namespace starlift::starrocks

#include "starrocks/load_classification.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace starlift::starrocks {
namespace {

using enum LoadVerdict;
using enum BackOff;

// One line of knowledge: an answer whose words contain `words` (lower case; status and message are
// looked at together) has this meaning. Order matters: the first that fits decides.
struct Rule {
  std::string_view words;
  LoadVerdict verdict;
  BackOff back_off = BackOff::kNone;
  std::string_view mend = "";
};

constexpr std::string_view kOurDefect = "this is a defect of Starlift: please report it";

constexpr std::array kRules = {
    // Committed all the same.
    Rule{"publish timeout", kCommittedNotVisible},
    Rule{"publish_timeout", kCommittedNotVisible},
    Rule{"has already committed", kLoaded},
    Rule{"no partitions have data available for loading", kNothingToLoad},

    // These rows, as they are, never.
    Rule{"too many filtered rows", kRowsRefused},
    Rule{"primary key size exceed the limit", kRowsRefused, kNone,
         "a primary key may have 128 encoded bytes: map the table without its key, or leave the "
         "long rows out"},
    Rule{"out of partition ranges", kRowsRefused, kNone,
         "add the partition to the target table (ALTER TABLE … ADD PARTITION)"},

    // Too much at once. Before the rules on memory: "exceed the max size" is about the request.
    Rule{"ignore_json_size", kTooLarge},
    Rule{"streaming_load_max_mb", kTooLarge, kNone, "lower --load-bytes"},
    Rule{"body exceed max size", kTooLarge, kNone, "lower --load-bytes"},
    Rule{"json payload limit", kTooLarge, kNone, "lower --load-bytes"},

    // The server has enough to do; it passes.
    Rule{"too many versions", kRetry, kLong,
         "loads come faster than compaction follows: send fewer and bigger ones"},
    Rule{"too many tablet versions", kRetry, kLong,
         "loads come faster than compaction follows: send fewer and bigger ones"},
    Rule{"current running txns on db", kRetry, kLong, "lower the number of concurrent loads"},
    Rule{"streamload txn num per be exceeds limit", kRetry, kLong,
         "lower the number of concurrent loads"},
    Rule{"memory limit exceeded", kRetry, kLong, "lower the number of concurrent loads"},
    Rule{"memory exceed limit", kRetry, kLong, "lower the number of concurrent loads"},
    Rule{"mem usage has exceed the limit", kRetry, kLong, "lower the number of concurrent loads"},
    Rule{"mem_limit_exceeded", kRetry, kLong, "lower the number of concurrent loads"},
    Rule{"http cuncurrent limit", kRetry, kShort},  // spelt so by the server
    Rule{"resource_busy", kRetry, kShort},
    Rule{"txn_in_processing", kRetry, kShort},
    Rule{"in processing", kRetry, kShort},

    // A server starts, stops or changes its leader.
    Rule{"service is shutting down", kRetry, kShort},
    Rule{"service_unavailable", kRetry, kShort},
    Rule{"no backend alive", kRetry, kLong, "start a backend: no one is alive"},
    Rule{"no backend or compute node alive", kRetry, kLong, "start a backend: no one is alive"},
    Rule{"no alive", kRetry, kLong, "start a backend: no one is alive"},
    Rule{"current fe is not master", kInDoubt, kShort},
    Rule{"not connected to leader", kInDoubt, kShort},
    Rule{"thrift_rpc_error", kInDoubt, kShort},
    Rule{"call frontend service failed", kInDoubt, kShort},
    Rule{"rpc error", kInDoubt, kShort},
    Rule{"errorreplicas", kInDoubt, kShort},
    Rule{"database write lock timeout", kInDoubt, kShort},
    Rule{"timeout by txn manager", kRetry, kShort},
    Rule{"tabletwriter add batch with unknown id", kRetry, kShort},
    Rule{"fail to find load channel", kRetry, kShort},
    Rule{"close index channel failed", kRetry, kLong},

    // The transaction is gone, or not what we think: its label knows.
    Rule{"can not commit aborted transaction", kRetry, kShort},
    Rule{"can not abort", kInDoubt, kShort},  // a rollback of what is committed
    Rule{"has already aborted", kLoaded},     // a rollback of what is rolled back
    Rule{"txn_not_exists", kInDoubt, kShort},
    Rule{"transaction not found", kInDoubt, kShort},
    Rule{"no transaction found", kInDoubt, kShort},
    Rule{"can't find the transaction", kInDoubt, kShort},
    Rule{"has no backend", kInDoubt, kShort},
    Rule{"transaction is aborted", kInDoubt, kShort},
    Rule{"hasn't send any data yet", kNothingToLoad},
    Rule{"will be aborted", kInDoubt, kShort},
    Rule{"transaction with label", kInDoubt, kShort},

    // Someone has to do something.
    Rule{"access denied", kConfigRefused, kNone,
         "check the user and password; GRANT INSERT ON TABLE <database>.<table> TO USER <user>"},
    Rule{"no valid basic authorization", kConfigRefused, kNone,
         "a proxy drops the Authorization header: name the backends (option backends)"},
    Rule{"disable_load_job is set to true", kRetry, kOperator,
         "the cluster's administrator has switched loads off: ADMIN SET FRONTEND CONFIG "
         "(\"disable_load_job\" = \"false\")"},
    Rule{"100-continue", kConfigRefused, kNone,
         "a proxy between us and the frontend drops the Expect header: go round it"},
    Rule{"receive body don't equal with body bytes", kRetry, kShort,
         "a proxy between us and the backend changes the body: go round it"},
    Rule{"capacity_limit_exceed", kRetry, kOperator, "free disk space on the backends"},
    Rule{"no space left", kRetry, kOperator, "free disk space on the backends"},
    Rule{"disk capacity", kRetry, kOperator, "free disk space on the backends"},
    Rule{"disk reach", kRetry, kOperator, "free disk space on the backends"},
    Rule{"quota", kConfigRefused, kNone,
         "raise the database's quota: ALTER DATABASE … SET DATA QUOTA"},
    Rule{"tablet is in error state", kRetry, kOperator,
         "repair the tablet (ADMIN SHOW REPLICA STATUS)"},

    // The table is not as we think, or is being changed.
    Rule{"not normal", kRetry, kShort},
    Rule{"is not in normal state", kRetry, kShort},
    Rule{"operation is in progress", kRetry, kShort},
    Rule{"is being created", kRetry, kShort},
    Rule{"schema_change", kRetry, kShort},
    Rule{"schema change", kRetry, kShort},
    Rule{"restore state table", kRetry, kLong},
    Rule{"unknown table", kSchemaDrift, kNone,
         "the target table is not there: run the structure phase"},
    Rule{"unknown database", kSchemaDrift, kNone,
         "the target database is not there: run the structure phase"},
    Rule{"is not found", kSchemaDrift, kNone,
         "the target table is not there: run the structure phase"},
    Rule{"column has no default value", kSchemaDrift},
    Rule{"mapping column is not in table", kSchemaDrift},
    Rule{"unknown column", kSchemaDrift},
    Rule{"target column count", kSchemaDrift},
    Rule{"unknown reference column", kSchemaDrift},

    // We wrote something that we should not have written.
    Rule{"load request not equal last", kConfigRefused, kNone, kOurDefect},
    Rule{"label format error", kConfigRefused, kNone, kOurDefect},
    Rule{"illegal json started with", kConfigRefused, kNone, kOurDefect},
    Rule{"unrecognized json format", kConfigRefused, kNone, kOurDefect},
    Rule{"strip_outer_array", kConfigRefused, kNone, kOurDefect},
    Rule{"no database selected", kConfigRefused, kNone, kOurDefect},
    Rule{"no table selected", kConfigRefused, kNone, kOurDefect},
    Rule{"empty label", kConfigRefused, kNone, kOurDefect},
    Rule{"invalid format", kConfigRefused, kNone, kOurDefect},
    Rule{"unsupported compression type", kConfigRefused, kNone, "choose another compression"},
    Rule{"unknown data format", kConfigRefused, kNone, "choose another compression"},

    // What is left of time-outs and limits, after everything more telling.
    Rule{"body size", kTooLarge, kNone, "lower --load-bytes"},
    Rule{"timeout", kInDoubt, kShort},
    Rule{"exceed limit", kRetry, kLong},
};

bool Contains(std::string_view text, std::string_view words) {
  return text.find(words) != std::string_view::npos;
}

void Set(LoadOutcome& outcome, LoadVerdict verdict, BackOff back_off, std::string_view mend = "") {
  outcome.verdict = verdict;
  outcome.back_off = back_off;
  outcome.mend = mend;
}

// The label is taken: by us (labels are ours alone), so the question is only how it ended.
void ClassifyExistingLabel(LoadCall call, LoadOutcome& outcome) {
  if (call != LoadCall::kBegin && outcome.existing_job_status == "FINISHED") {
    Set(outcome, kLoaded, kNone);
  } else {
    Set(outcome, kInDoubt, kShort);
  }
}

bool ClassifyHttp(LoadOutcome& outcome) {
  const int status = outcome.http_status;
  if (status == 401 || status == 403) {
    Set(outcome, kConfigRefused, kNone,
        "check the user and password; GRANT INSERT ON TABLE <database>.<table> TO USER <user>");
    return true;
  }
  if (status == 307) {
    Set(outcome, kRetry, kShort);
    return true;
  }
  if (status == 404 || status == 405 || status == 501) {
    Set(outcome, kConfigRefused, kNone,
        "that port doesn't take loads: is it the frontend's HTTP port (8030)?");
    return true;
  }
  if (status >= 500 || status == 408 || status == 429) {
    Set(outcome, kInDoubt, kShort);
    return true;
  }
  return false;
}

}  // namespace

void ClassifyAnswer(LoadCall call, LoadOutcome& outcome) {
  if (ClassifyHttp(outcome)) return;
  if (outcome.status == "Success" || outcome.status == "OK") {
    Set(outcome, kLoaded, kNone);
    return;
  }
  if (outcome.status == "Label Already Exists" || outcome.status == "LABEL_ALREADY_EXISTS") {
    ClassifyExistingLabel(call, outcome);
    return;
  }
  std::string answer = outcome.status + " " + outcome.message;
  std::transform(answer.begin(), answer.end(), answer.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (Contains(answer, "has already been used")) {
    ClassifyExistingLabel(call, outcome);
    return;
  }
  for (const Rule& rule : kRules) {
    if (!Contains(answer, rule.words)) continue;
    Set(outcome, rule.verdict, rule.back_off, rule.mend);
    return;
  }
  // An answer that we don't know. A parsed refusal of a plain load means that nothing was loaded;
  // of a transaction's call, only its label knows (the Flink connector takes the same view).
  if (outcome.status.empty() || call == LoadCall::kCommit || call == LoadCall::kPrepare) {
    Set(outcome, kInDoubt, kShort);
  } else {
    Set(outcome, kConfigRefused, kNone);
  }
}

}  // namespace starlift::starrocks

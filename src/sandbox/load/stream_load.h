#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "sandbox/load/load_environment.h"
#include "sandbox/load/load_job.h"
#include "sandbox/load/load_request.h"

namespace starlift::sandbox::load {

// The backend's answer to a Stream Load, as JSON in the order of fields that the real one has.
struct LoadAnswer {
  int64_t transaction_id = -1;
  std::string label;
  std::string status = "Fail";  // "Success", "Publish Timeout", "Label Already Exists", "Fail"
  std::string existing_job_status;
  std::string message;
  RowCounts counts;
  uint64_t bytes = 0;
  int64_t load_ms = 0, begin_ms = 0, plan_ms = 0, read_ms = 0, write_ms = 0, commit_ms = 0;
  std::string error_log_name;  // empty: no ErrorURL

  // `error_url_base`: "http://127.0.0.1:8040/api/_load_error_log?file=".
  std::string ToJson(const std::string& error_url_base) const;
};

// Opens the body; called once label, plan and privileges are fine: a client that waits for
// "100 Continue" gets it with the first byte that is read.
using OpenBody = std::function<std::unique_ptr<ByteSource>()>;

// Runs a whole Stream Load and answers when it is durable or has left nothing. The error case is a
// client that went away (kUnreachable): there is nobody to answer.
Result<LoadAnswer> RunStreamLoad(LoadEnvironment& environment, const LoadRequest& request,
                                 const std::string& user, const OpenBody& open_body);

// The table of a request, or the backend's words for an unknown one.
Result<catalog::TablePtr> FindLoadTable(const LoadEnvironment& environment,
                                        const std::string& database, const std::string& table);

}  // namespace starlift::sandbox::load

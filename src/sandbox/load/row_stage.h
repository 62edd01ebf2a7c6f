#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sandbox/load/error_log.h"
#include "sandbox/load/field.h"
#include "sandbox/load/load_plan.h"
#include "sandbox/storage/connection.h"

namespace starlift::sandbox::load {

struct RowCounts {
  int64_t total = 0;
  int64_t filtered = 0;
  int64_t unselected = 0;
  int64_t loaded() const { return total - filtered - unselected; }
};

// Puts parsed rows into a DuckDB table: checks and converts every value straight into the columns
// of a data chunk, hands full chunks to an appender. Rows that can't be taken are counted as
// filtered and go to the error log. Single-threaded; the connection outlives it.
class RowStage {
 public:
  RowStage(const LoadPlan& plan, const LoadRequest& request, ErrorLog& log);
  ~RowStage();

  // Into a temporary table of fields f0, f1, …
  Status OpenTemporary(Connection& connection, const std::string& name);
  // Straight into the table itself, as part of the transaction that is open on the connection.
  Status OpenDirect(Connection& connection);

  Status Append(const ParsedRow& row);
  // Hands over what is left. Nothing may be appended after it.
  Status Finish();

  RowCounts& counts() { return counts_; }

 private:
  struct State;
  Status OpenAppender(Connection& connection, const std::string& schema, const std::string& table,
                      bool by_column);
  Status Flush();
  bool Reject(std::string_view reason, const ParsedRow& row);
  bool WriteRow(const ParsedRow& row);
  bool WriteField(size_t index, const ParsedRow& row);
  std::string InvalidText(size_t index, std::string_view value) const;

  const LoadPlan& plan_;
  const LoadRequest& request_;
  ErrorLog& log_;
  RowCounts counts_;
  std::unique_ptr<State> state_;
};

}  // namespace starlift::sandbox::load

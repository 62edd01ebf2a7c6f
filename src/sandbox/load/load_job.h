#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/load/byte_source.h"
#include "sandbox/load/csv_reader.h"
#include "sandbox/load/error_log.h"
#include "sandbox/load/load_environment.h"
#include "sandbox/load/load_plan.h"
#include "sandbox/load/row_stage.h"

namespace starlift::sandbox::load {

// One load on its way: from the body's bytes to rows of the table, in one DuckDB transaction with
// the label. Rows are staged in a temporary table of this job's connection, or, where nothing has
// to be merged or computed (Duplicate Key tables, plain fields), appended straight to the table
// inside the open transaction. Destroyed without Commit or Prepare, it leaves nothing.
// Single-threaded.
//
// Order of calls: Open, Consume…, FinishRows, then Commit, Prepare or CommitTogether.
class LoadJob {
 public:
  static Result<std::unique_ptr<LoadJob>> Open(LoadEnvironment& environment, LoadRequest request,
                                               catalog::TablePtr table, int64_t transaction_id);
  // Does not hold the table while the body comes in. The jobs of one transaction share a
  // connection, so that one DuckDB transaction can take the rows of all of them.
  static Result<std::unique_ptr<LoadJob>> OpenStaged(LoadEnvironment& environment,
                                                     LoadRequest request, catalog::TablePtr table,
                                                     int64_t transaction_id,
                                                     std::shared_ptr<Connection> connection);
  ~LoadJob();

  // Parses and stages a body or, with `last` false, one of several pieces of it.
  Status Consume(std::unique_ptr<ByteSource> body, bool last);

  // After the last piece: expressions, `where`, checks of whole rows, filter ratio. kData with the
  // message that the client gets.
  Status FinishRows();

  // VISIBLE with all rows, on disk, when it returns. `transaction` gets its final state and counts.
  Status Commit(LoadTransaction& transaction);
  // PREPARED with all rows, on disk, when it returns.
  Status Prepare(LoadTransaction& transaction);
  // VISIBLE with the rows of all jobs, or none of them. The jobs were opened staged on one
  // connection, each for another table.
  static Status CommitTogether(const std::vector<LoadJob*>& jobs, LoadTransaction& transaction);

  const RowCounts& counts() const { return counts_; }
  const LoadRequest& request() const { return request_; }
  uint64_t bytes() const { return bytes_; }
  bool has_body() const { return has_body_; }
  // Name of the file with rejected rows, empty if there are none.
  std::string error_log_name() { return log_.Finish(); }

 private:
  LoadJob(LoadEnvironment& environment, LoadRequest request, int64_t transaction_id);

  Status Start(catalog::TablePtr table, std::shared_ptr<Connection> connection);
  Status ConsumeCsv(ByteSource& source, bool last);
  Status ConsumeJson(ByteSource& source);
  Status CountOnly(ByteSource& source);
  Status CheckDeadline() const;
  Status MapRows();
  Status CheckKeySizes();
  Status CheckRatio() const;
  std::string TargetSql(const TargetColumn& target, int64_t auto_increment_base) const;
  std::string DefectSql() const;
  std::string RowsToKeep() const;
  std::string table_name() const { return request_.database + "." + request_.table; }
  void AddCounts(LoadTransaction& transaction) const;

  LoadEnvironment& environment_;
  LoadRequest request_;
  const int64_t transaction_id_;
  LoadPlan plan_;
  ErrorLog log_;
  RowCounts counts_;
  uint64_t bytes_ = 0;
  bool has_body_ = false;
  std::chrono::steady_clock::time_point deadline_;

  // Exactly one of the two holds the connection.
  std::shared_ptr<Connection> connection_;
  std::unique_ptr<WriteTransaction> direct_;
  TableLock direct_lock_;
  std::unique_ptr<RowStage> stage_;
  std::unique_ptr<CsvReader> csv_;
  std::unique_ptr<ByteSource> piece_;
  std::string stage_name_;
  // Rows as they are to be merged: columns c<id>, op, ord.
  std::string relation_;
};

// PREPARED → VISIBLE: merges the rows that Prepare has kept.
Status CommitPrepared(LoadEnvironment& environment, LoadTransaction& transaction);

// The faults that commits can meet, in the words of a real cluster.
Status StrikeCommitFaults(LoadEnvironment& environment, const std::string& table, int64_t table_id);

}  // namespace starlift::sandbox::load

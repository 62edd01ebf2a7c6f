#include "sync/control/full_load_status.h"

#include <utility>

namespace starlift::sync {

TaskStatus StatusOfFullLoad(const std::string& task, const ProgressSnapshot& snapshot) {
  TaskStatus status;
  status.task = task;
  status.running = true;
  status.phase = "full";
  status.dead_letters = snapshot.totals.rows_filtered;
  for (const TableProgress& table : snapshot.tables) {
    TableStatus line;
    line.source = table.source;
    line.target = table.target;
    line.state = table.state == TableState::kReading ? "loading" : TableStateName(table.state);
    line.rows_estimate = table.rows_estimate;
    line.rows_loaded = table.rows_before + table.rows_loaded;
    line.dead_letters = table.rows_filtered;
    status.tables.push_back(std::move(line));
  }
  return status;
}

}  // namespace starlift::sync

#include "starrocks/alter_job.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "starrocks/ddl_printer.h"

namespace starlift::starrocks {
namespace {

AlterState StateOf(std::string_view text) {
  // FINISHED_REWRITING: shared-data clusters still rewrite, the new schema is in force.
  if (text.starts_with("FINISHED")) return AlterState::kFinished;
  return text == "CANCELLED" ? AlterState::kCancelled : AlterState::kRunning;
}

}  // namespace

Result<std::optional<AlterJob>> ReadLastAlterJob(Session& session, std::string_view database,
                                                 std::string_view table) {
  SL_ASSIGN(const QueryRows rows,
            session.Query(fmt::format("SHOW ALTER TABLE COLUMN FROM {} WHERE TableName = {} ORDER "
                                      "BY CreateTime DESC",
                                      QuoteName(database), QuoteString(table))));
  std::optional<AlterJob> last;
  // CreateTime counts seconds only: of two within one, the greater JobId is the later.
  for (size_t row = 0; row < rows.rows.size(); ++row) {
    AlterJob job;
    const std::string_view id = CellAt(rows, row, "JobId").value_or("");
    std::from_chars(id.data(), id.data() + id.size(), job.id);
    if (last && job.id <= last->id) continue;
    job.state_text = CellAt(rows, row, "State").value_or("");
    job.state = StateOf(job.state_text);
    job.message = CellAt(rows, row, "Msg").value_or("");
    job.progress = CellAt(rows, row, "Progress").value_or("");
    last = std::move(job);
  }
  return last;
}

}  // namespace starlift::starrocks

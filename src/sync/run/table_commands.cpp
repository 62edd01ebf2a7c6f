#include "sync/run/table_commands.h"

#include <algorithm>

#include "base/log.h"
#include "sync/control/table_request.h"
#include "sync/plan/preparation.h"
#include "sync/run/admission_check.h"
#include "sync/run/table_changes.h"
#include "sync/run/table_selection.h"

namespace starlift::sync {
namespace {

// The first of what forbids it, and how many more there are.
Status RefuseFindings(const std::vector<Finding>& findings) {
  std::optional<Error> first;
  size_t more = 0;
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::kWarning) {
      LogWarning("{}: {}", finding.subject, finding.message);
    }
    if (finding.severity != Severity::kError) continue;
    if (first) {
      ++more;
    } else {
      first = Error{ErrorKind::kCheck, finding.message, finding.subject, finding.mend};
    }
  }
  if (!first) return {};
  if (more > 0) first->message += fmt::format(" (and {} more findings)", more);
  return *std::move(first);
}

}  // namespace

Result<std::string> TableCommands::Execute(const TaskCommand& command) {
  SL_ASSIGN(const TableRequest request, ParseTableRequest(command.argument));
  std::vector<TableId> tables;
  for (const std::string& name : request.names) {
    SL_ASSIGN(const TableId table, ParseTableName(name, config_.source.database));
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) tables.push_back(table);
  }
  return command.kind == TaskCommand::Kind::kAddTable ? Add(tables, request.existing)
                                                      : Drop(tables);
}

Result<std::string> TableCommands::Add(const std::vector<TableId>& tables,
                                       const std::string& existing) {
  SL_ASSIGN(const TableSelection before, TableSelection::Read(config_, world_.store, task_));
  SL_ASSIGN(const auto findings, CheckAdmission(config_, world_, task_, tables, existing));
  SL_TRY(RefuseFindings(findings));
  SL_ASSIGN(std::string said, AddTables(world_.store, task_, tables, existing));
  // The stream that is open would tell of those that it takes: it must not, until they are here.
  restart_ = restart_ || std::any_of(tables.begin(), tables.end(),
                                     [&](const TableId& table) { return before.IsOwn(table); });
  if (!restart_) SL_TRY(admissions_.StartNew());
  return said + "; `starlift status` shows how far";
}

Result<std::string> TableCommands::Drop(const std::vector<TableId>& tables) {
  admissions_.Stop();
  // No load of the table is in doubt when it is forgotten.
  SL_TRY(applier_.Drain(stream_.position()));
  Result<std::string> said = DropTables(world_.store, task_, tables);
  if (said.ok()) {
    restart_ = true;
  } else {
    SL_TRY(admissions_.Start());
  }
  return said;
}

}  // namespace starlift::sync

// The shadow rebuild's part of SchemaEvolution. A shadow carries a mark in its comment: after the
// swap, which is one step at the server, the mark says on which side of it a crash was.
#include <fmt/format.h>

#include "base/log.h"
#include "starrocks/ddl_printer.h"
#include "sync/evolve/alter_execution.h"
#include "sync/evolve/schema_evolution.h"
#include "sync/evolve/table_evolution.h"

namespace starlift::sync {
namespace {

using mapping::TableMapping;
using starrocks::TargetTable;

constexpr std::string_view kMark = "[starlift: being loaded anew] ";

bool IsMarked(const TargetTable& table) { return table.comment.starts_with(kMark); }

TargetTable Named(const TargetTable& table, std::string name) {
  TargetTable named = table;
  named.name = std::move(name);
  return named;
}

Result<TableMapping> AdaptTo(const TargetTable& existing, TableMapping mapping) {
  for (const auto& difference : mapping::AdaptToExisting(existing, mapping)) {
    if (!difference.blocking) continue;
    return Error{ErrorKind::kPolicy,
                 fmt::format("{} doesn't fit: {}", existing.QuotedName(), difference.message),
                 "target", difference.mend};
  }
  return mapping;
}

}  // namespace

Result<TableMapping> SchemaEvolution::MakeShadow(const TableMapping& mapping) {
  TableMapping shadow = mapping;
  shadow.target.name = ShadowName(mapping.target.name);
  shadow.target.comment = std::string(kMark) + mapping.target.comment;
  SL_TRY(target_.Execute(fmt::format("DROP TABLE IF EXISTS {} FORCE", shadow.target.QuotedName())));
  std::string create = starrocks::PrintCreateTable(shadow.target);
  create.pop_back();
  SL_TRY(target_.Execute(create));
  SL_ASSIGN(const TargetTable made, target_.ReadTable(shadow.target.database, shadow.target.name));
  return AdaptTo(made, std::move(shadow));
}

Result<TableMapping> SchemaEvolution::Swap(const TableMapping& mapping) {
  const TargetTable& wanted = mapping.target;
  const TargetTable shadow_name = Named(wanted, ShadowName(wanted.name));
  SL_ASSIGN(auto table, FindTable(target_, wanted.database, wanted.name));
  SL_ASSIGN(const auto shadow, FindTable(target_, shadow_name.database, shadow_name.name));
  AlterExecution execution(target_, wanted, options_.alter_timeout, clock_, cancellation_);
  if (shadow && IsMarked(*shadow)) {
    if (table) {
      SL_TRY(execution.Run(fmt::format("ALTER TABLE {} SWAP WITH {}", wanted.QuotedName(),
                                       starrocks::QuoteName(shadow_name.name))));
    } else {
      SL_TRY(execution.Run(fmt::format("ALTER TABLE {} RENAME {}", shadow_name.QuotedName(),
                                       starrocks::QuoteName(wanted.name))));
    }
    SL_ASSIGN(table, FindTable(target_, wanted.database, wanted.name));
  }
  if (!table) {
    return Error{ErrorKind::kNotFound,
                 fmt::format("neither {} nor its shadow is there", wanted.QuotedName()), "target",
                 "restart the table: its structure and rows are loaded anew"};
  }
  // From here on the new table is in place.
  SL_TRY(target_.Execute(fmt::format("DROP TABLE IF EXISTS {}", shadow_name.QuotedName())));
  if (IsMarked(*table)) {
    const auto unmarked =
        execution.Run(fmt::format("ALTER TABLE {} COMMENT = {}", wanted.QuotedName(),
                                  starrocks::QuoteString(wanted.comment)));
    if (!unmarked.ok() && unmarked.error().kind != ErrorKind::kRefused) return unmarked.error();
    if (!unmarked.ok()) {
      LogWarning("{} keeps a mark in its comment: {}", wanted.QuotedName(),
                 unmarked.error().message);
    }
    SL_ASSIGN(table, FindTable(target_, wanted.database, wanted.name));
  }
  if (!table) return Error{ErrorKind::kNotFound, wanted.QuotedName() + " is gone", "target"};
  return AdaptTo(*table, mapping);
}

}  // namespace starlift::sync

#pragma once

#include "sandbox/ddl/statement_context.h"

// One function per kind of statement; execute.cpp chooses.
namespace starlift::sandbox::ddl {

StatementOutcome Execute(const StatementContext& context, const sql::CreateDatabase& statement);
StatementOutcome Execute(const StatementContext& context, const sql::DropDatabase& statement);
StatementOutcome Execute(const StatementContext& context, const sql::AlterDatabase& statement);
StatementOutcome Execute(const StatementContext& context, const sql::RecoverObject& statement);
StatementOutcome Execute(const StatementContext& context, const sql::CreateTable& statement);
StatementOutcome Execute(const StatementContext& context, const sql::DropTable& statement);
StatementOutcome Execute(const StatementContext& context, const sql::TruncateTable& statement);
StatementOutcome Execute(const StatementContext& context, const sql::AlterTable& statement);
StatementOutcome Execute(const StatementContext& context, const sql::CancelAlter& statement);
StatementOutcome Execute(const StatementContext& context, const sql::CreateView& statement);
StatementOutcome Execute(const StatementContext& context, const sql::AlterView& statement);
StatementOutcome Execute(const StatementContext& context, const sql::DropView& statement);
StatementOutcome Execute(const StatementContext& context,
                         const sql::CreateMaterializedView& statement);
StatementOutcome Execute(const StatementContext& context,
                         const sql::AlterMaterializedView& statement);
StatementOutcome Execute(const StatementContext& context,
                         const sql::RefreshMaterializedView& statement);
StatementOutcome Execute(const StatementContext& context, const sql::ShowObjects& statement);

}  // namespace starlift::sandbox::ddl

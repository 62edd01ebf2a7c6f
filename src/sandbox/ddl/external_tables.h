#pragma once

#include <string>

#include "sandbox/catalog/catalog.h"
#include "sandbox/ddl/statement_context.h"

// Tables whose rows are elsewhere: they are checked, kept and shown, and never read.
namespace starlift::sandbox::ddl {

// Whether CREATE TABLE with this engine makes an external table here; kinds that are external at
// the real one and not here are an error.
Result<bool> IsExternalEngine(const sql::CreateTable& statement);

// The definition without ids. The resource that it names must be there.
Result<catalog::TableDef> AnalyzeExternalTable(const catalog::Catalog& catalog,
                                               const sql::CreateTable& statement,
                                               const std::string& name);

// "MySQL", as information_schema names the engine.
std::string ShownEngine(const catalog::TableDef& table);

// The answer to a query of a table outside.
Error CannotRead(const catalog::TableDef& table);
// The answer to a name in a catalog that is not the default one: unknown (5078), or outside.
Error CannotUseCatalog(const catalog::Catalog& catalog, std::string_view name);

}  // namespace starlift::sandbox::ddl

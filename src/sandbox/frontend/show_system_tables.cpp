#include "sandbox/frontend/statements.h"
#include "sandbox/query/system_table_definitions.h"

namespace starlift::sandbox::frontend {
namespace {

using sql::StatementResult;
using sql::TokenReader;

Result<StatementResult> Tables(TokenReader* reader, std::string_view database, bool full) {
  SL_ASSIGN(const ShowFilter filter, ParseShowFilter(reader));
  SL_TRY(reader->ExpectEnd());
  const std::string title = "Tables_in_" + std::string(database);
  StatementResult result =
      full ? ShowResult({title.c_str(), "Table_type"}, 60) : ShowResult({title.c_str()}, 60);
  for (const std::string& name : query::SystemCatalog::TableNames(database)) {
    if (full) {
      result.rows.push_back({name, "SYSTEM VIEW"});
    } else {
      result.rows.push_back({name});
    }
  }
  ApplyShowFilter(filter, 0, &result);
  return result;
}

StatementResult Describe(const catalog::TableDef& table) {
  StatementResult result = ShowResult({"Field", "Type", "Null", "Key", "Default", "Extra"}, 90);
  for (const catalog::ColumnDef& column : table.columns) {
    result.rows.push_back(
        {column.name, catalog::DescName(column.type), "YES", "false", std::nullopt, ""});
  }
  return result;
}

// The system database that the name leads to, taking the session's current one for a bare table.
std::string_view DatabaseOf(const Session& session, const std::vector<std::string>& parts) {
  return query::SystemDatabase(parts.size() > 1 ? parts[parts.size() - 2]
                                                : session.current_database());
}

}  // namespace

std::optional<Result<StatementResult>> ShowSystemTables(Session* session, TokenReader* reader) {
  const size_t start = reader->position();
  if (reader->Accept("SHOW")) {
    const bool full = reader->Accept("FULL");
    if (reader->Accept("TABLES")) {
      std::string database = session->current_database();
      if (reader->Accept("FROM") || reader->Accept("IN")) {
        const auto name = reader->ObjectName();
        database = name.ok() ? name->last() : "";
      }
      const std::string_view system = query::SystemDatabase(database);
      if (!system.empty()) return Tables(reader, system, full);
    }
  } else if (reader->Accept("DESC") || reader->Accept("DESCRIBE")) {
    const auto name = reader->ObjectName();
    if (name.ok() && reader->AtEnd()) {
      const std::string_view system = DatabaseOf(*session, name->parts);
      const catalog::TablePtr table = query::FindSystemTable(system, name->last());
      if (table) return Describe(*table);
    }
  }
  reader->Rewind(start);
  return std::nullopt;
}

}  // namespace starlift::sandbox::frontend

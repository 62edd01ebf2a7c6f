#include <cstdio>

#include "sandbox/ddl/date_steps.h"
#include "sandbox/ddl/show_filter.h"
#include "sandbox/ddl/show_statements.h"
#include "sandbox/ddl/statements.h"
#include "sandbox/sql/error.h"

namespace starlift::sandbox::ddl {
namespace {

constexpr int64_t kMillisPerSecond = 1000;
constexpr double kStep = 1024.0;

struct ScaledSize {
  double number;
  const char* unit;
};

ScaledSize Scale(int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB"};
  constexpr size_t kLast = std::size(kUnits) - 1;
  double number = static_cast<double>(bytes);
  size_t unit = 0;
  while (number >= kStep && unit < kLast) {
    number /= kStep;
    ++unit;
  }
  return {number, kUnits[unit]};
}

}  // namespace

std::string TimeText(int64_t unix_ms) { return DateTimeText(unix_ms / kMillisPerSecond); }

std::string SizeText(int64_t bytes) {
  const ScaledSize size = Scale(bytes);
  char text[48];
  std::snprintf(text, sizeof text, "%.3f %s", size.number, size.unit);
  return text;
}

std::string ShortSizeText(int64_t bytes) {
  const ScaledSize size = Scale(bytes);
  char text[48];
  std::snprintf(text, sizeof text, "%.*f%s", size.unit[0] == 'B' ? 0 : 1, size.number, size.unit);
  return text;
}

Result<std::string> ShownDatabase(const StatementContext& context, const sql::ShowObjects& show) {
  if (show.database.has_value()) return ResolveDatabaseName(*show.database);
  return CurrentDatabase(context);
}

Result<TableName> ShownTable(const StatementContext& context, const sql::ShowObjects& show) {
  if (!show.database.has_value()) return ResolveTableName(context, *show.table);
  TableName name;
  SL_ASSIGN(name.database, ResolveDatabaseName(*show.database));
  name.table = show.table->last();
  return name;
}

StatementOutcome Execute(const StatementContext& context, const sql::ShowObjects& show) {
  using Kind = sql::ShowObjects::Kind;
  switch (show.kind) {
    case Kind::kDatabases:
      return ShowDatabases(context, show);
    case Kind::kTables:
    case Kind::kViews:
      return ShowTables(context, show);
    case Kind::kMaterializedViews:
      return ShowMaterializedViews(context, show);
    case Kind::kTableStatus:
      return ShowTableStatus(context, show);
    case Kind::kColumns:
      return ShowColumns(context, show);
    case Kind::kIndexes:
      return ShowIndexes(context, show);
    case Kind::kPartitions:
    case Kind::kTemporaryPartitions:
      return ShowPartitions(context, show);
    case Kind::kCreateDatabase:
      return ShowCreateDatabase(context, show);
    case Kind::kCreateTable:
    case Kind::kCreateView:
    case Kind::kCreateMaterializedView:
      return ShowCreateTable(context, show);
    case Kind::kAlterColumn:
    case Kind::kAlterRollup:
    case Kind::kAlterOptimize:
    case Kind::kAlterMaterializedView:
      return ShowAlterJobs(context, show);
    case Kind::kData:
      return ShowData(context, show);
    case Kind::kTablets:
      return ShowTablets(context, show);
    case Kind::kDynamicPartitionTables:
      return ShowDynamicPartitionTables(context, show);
    case Kind::kDescribe:
      return Describe(context, show);
  }
  return sql::StatementResult::Ok();
}

}  // namespace starlift::sandbox::ddl

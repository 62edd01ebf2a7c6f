#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/hash.h"
#include "smt/dialect.h"
#include "smt/dialects/mysql_types.h"

namespace starlift::smt {
namespace {

std::optional<uint64_t> WholeNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Each Flink job reads the log as a replica of its own: a single id counts up from table to table.
void CountServerId(const FlinkSourceRequest& request, FlinkOptions& options) {
  for (const auto& [name, value] : request.table.rule->flink_cdc) {
    if (name != "server-id") continue;
    if (const auto first = WholeNumber(value)) {
      options.Set(name, std::to_string(*first + request.table.number_in_rule));
    }
  }
}

// Without an id the connector draws one of a thousand, and two jobs that draw the same throw each
// other out. Room for 64 readers side by side, by what is read and where it goes: the same in each
// run, and others for another target.
void ChooseServerIds(const FlinkSourceRequest& request, FlinkOptions& options) {
  if (options.Has("server-id")) return;
  constexpr uint64_t kReaders = 64;
  constexpr uint64_t kRanges = 33'000'000;  // the connector's ids are signed
  const FlinkSourceNames& names = request.names();
  std::string place = names.database + "." + names.table;
  for (const auto& [name, value] : request.table.rule->flink_starrocks) {
    if (name == "jdbc-url") place += " " + value;
  }
  const uint64_t first = kReaders * (1 + HashBytes(place) % kRanges);
  const bool one_reader = options.Get("scan.incremental.snapshot.enabled") == "false";
  options.Set("server-id", one_reader ? std::to_string(first)
                                      : fmt::format("{}-{}", first, first + kReaders - 1));
}

// Since 2.4 a table without a key is read in chunks only by a column that the user names.
void ReadKeylessTable(const PlannedTable& table, FlinkOptions& options) {
  for (const PlannedColumn& column : table.columns) {
    const TypeKind kind = column.source->type.kind;
    const bool splits = IsInteger(kind) || kind == TypeKind::kDecimal ||
                        kind == TypeKind::kVarchar || kind == TypeKind::kChar;
    if (column.source->nullable || !splits) continue;
    options.SetDefault("scan.incremental.snapshot.chunk.key-column", column.name());
    return;
  }
  options.SetDefault("scan.incremental.snapshot.enabled", "false");
}

void CompleteMysqlSource(const FlinkSourceRequest& request, FlinkOptions& options) {
  CountServerId(request, options);
  if (request.form == Form::kCompat) return;
  if (!request.table.has_key()) ReadKeylessTable(request.table, options);
  ChooseServerIds(request, options);
}

}  // namespace

const Dialect& MysqlDialect() {
  static const Dialect dialect = {
      .type = "mysql",
      .source_kind = "mysql",
      .title = "MySQL",
      .merge_compares_types = true,
      .defaults = true,
      .compat_column_comments = true,
      .compat_table_comments = true,
      .flink_connector = "mysql-cdc",
      .flink_names_are_patterns = true,
      .pipeline_type = "mysql",
      .sync_reads_rows = true,
      .external_engine = "mysql",
      .jdbc_scheme = "jdbc:mysql",
      .jdbc_driver_class = "com.mysql.cj.jdbc.Driver",
      .type_rule = MapMysqlType,
      .complete_flink_source = CompleteMysqlSource,
  };
  return dialect;
}

}  // namespace starlift::smt

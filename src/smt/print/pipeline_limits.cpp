#include "smt/print/pipeline_limits.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace starlift::smt {
namespace {

// Ordered as the connectors' documents list them. A name that ends with a dot stands for all that
// begin with it.
constexpr auto kSourceOptions = std::to_array<std::string_view>({
    "tables.exclude",
    "schema-change.enabled",
    "server-id",
    "server-time-zone",
    "slot.name",
    "decoding.plugin.name",
    "scan.incremental.snapshot.chunk.size",
    "scan.incremental.snapshot.chunk.key-column",
    "scan.incremental.close-idle-reader.enabled",
    "scan.snapshot.fetch.size",
    "scan.startup.mode",
    "scan.startup.specific-offset.file",
    "scan.startup.specific-offset.pos",
    "scan.startup.specific-offset.gtid-set",
    "scan.startup.specific-offset.skip-events",
    "scan.startup.specific-offset.skip-rows",
    "scan.startup.timestamp-millis",
    "scan.newly-added-table.enabled",
    "connect.timeout",
    "connect.max-retries",
    "connection.pool.size",
    "heartbeat.interval",
    "chunk-meta.group.size",
    "chunk-key.even-distribution.factor.upper-bound",
    "chunk-key.even-distribution.factor.lower-bound",
    "debezium.",
    "jdbc.properties.",
});

constexpr auto kSinkOptions = std::to_array<std::string_view>({
    "jdbc-url",
    "load-url",
    "username",
    "password",
    "sink.label-prefix",
    "sink.connect.timeout-ms",
    "sink.wait-for-continue.timeout-ms",
    "sink.buffer-flush.max-bytes",
    "sink.buffer-flush.interval-ms",
    "sink.scan-frequency.ms",
    "sink.io.thread-count",
    "sink.at-least-once.use-transaction-stream-load",
    "sink.metric.histogram-window-size",
    "sink.properties.",
    "table.create.num-buckets",
    "table.create.properties.",
    "table.schema-change.timeout",
});

template <size_t kCount>
bool Knows(const std::array<std::string_view, kCount>& options, std::string_view name) {
  return std::any_of(options.begin(), options.end(), [&](std::string_view option) {
    return option.ends_with('.') ? name.starts_with(option) && name.size() > option.size()
                                 : name == option;
  });
}

// Half a sentence; empty: the column comes over as it is.
std::string_view ColumnProblem(const PlannedColumn& column, bool mysql) {
  const Type& type = column.source->type;
  switch (type.kind) {
    case TypeKind::kSet:
      return "is a SET, an array there, which its sink refuses";
    case TypeKind::kBinary:
    case TypeKind::kVarbinary:
    case TypeKind::kBlob:
      return "holds bytes, which its sink refuses";
    case TypeKind::kBit:
      return type.length > 1 || !mysql ? "holds bits, which its sink refuses" : "";
    case TypeKind::kTime:
      return "is a TIME, which its sink refuses";
    case TypeKind::kDateTime:
    case TypeKind::kTimestamp:
      return type.scale > 0 ? "has fractions of a second, which its sink cuts off" : "";
    case TypeKind::kFloat:
      // FLOAT(7,3): 3.2.0 takes the bits of a double for those of a float.
      return column.source->native_type.starts_with("float(")
                 ? "has stated digits, with which its source reads other values"
                 : "";
    case TypeKind::kDecimal:
      // PostgreSQL's numeric without digits would lose its fraction.
      return mysql || column.type->starrocks.starts_with("DECIMAL")
                 ? ""
                 : "has more digits than DECIMAL";
    case TypeKind::kUnsupported:
    case TypeKind::kGeometry:
      return mysql ? "" : "is of a type that its source brings in another form";
    default:
      return "";
  }
}

}  // namespace

bool PipelineSourceKnows(std::string_view option) { return Knows(kSourceOptions, option); }
bool PipelineSinkKnows(std::string_view option) { return Knows(kSinkOptions, option); }

std::string PipelineProblem(const PlannedTable& table, const Dialect& dialect) {
  // A unique key is none for it.
  if (table.model != Model::kPrimaryKey || table.source().key_kind != KeyKind::kPrimary) {
    return "has no primary key";
  }
  if (table.flink_sources.size() > 1) return "its shards are in several databases";
  for (const PlannedColumn& column : table.columns) {
    const std::string_view problem = ColumnProblem(column, dialect.pipeline_type == "mysql");
    if (!problem.empty()) return fmt::format("column `{}` {}", column.name(), problem);
  }
  return {};
}

}  // namespace starlift::smt

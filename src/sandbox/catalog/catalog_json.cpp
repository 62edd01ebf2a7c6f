#include "sandbox/catalog/catalog_json.h"

#include <nlohmann/json.hpp>

namespace starlift::sandbox::catalog {

using nlohmann::json;

// nlohmann finds these by argument-dependent lookup. Enums go as numbers: their order is part of
// the file format, new ones are added at the end.

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(DataType, kind, length, precision, scale, children,
                                                field_names)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ColumnDef, id, name, first_name, type, is_key,
                                                nullable, aggregate, default_kind, default_text,
                                                fixed_default, auto_increment, generated_expression,
                                                comment)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PartitionValue, kind, text)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PartitionDef, id, physical_id, name, lower, upper,
                                                values, buckets, replication_num, created_ms,
                                                temporary)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PartitionKey, type, sql, unit, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(PartitionScheme, kind, columns, automatic,
                                                expression, keys, new_buckets)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Distribution, kind, columns, buckets)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(IndexDef, id, name, columns, kind, properties,
                                                comment)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(RollupColumn, name, type, is_key, nullable,
                                                aggregate)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(RollupDef, id, name, model, columns)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(RefreshScheme, moment, kind, start, every,
                                                every_unit)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(TableDef, id, database_id, name, kind, comment,
                                                created_ms, columns, next_column_id, schema_version,
                                                base_index_id, model, key_columns, sort_columns,
                                                partitioning, partitions, distribution, indexes,
                                                rollups, properties, query, original_query,
                                                security_invoker, refresh, active, engine)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(DatabaseDef, id, name, properties)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(ExternalDef, id, kind, name, comment, properties)

namespace {

// Reads what `fill` makes of a record; nlohmann's exceptions end here.
template <typename Fill>
Status Read(std::string_view key, std::string_view text, Fill fill) {
  try {
    fill(json::parse(text));
    return {};
  } catch (const json::exception& problem) {
    Error error;
    error.kind = ErrorKind::kData;
    error.message = std::string("unreadable catalog record: ") + problem.what();
    error.where = key;
    return error;
  }
}

}  // namespace

std::string ToJson(const DatabaseDef& database) { return json(database).dump(); }

std::string ToJson(const TableDef& table) { return json(table).dump(); }

std::string ToJson(const ExternalDef& external) { return json(external).dump(); }

std::string ToJson(const DroppedTable& dropped) {
  return json{{"table", *dropped.table},
              {"database_name", dropped.database_name},
              {"dropped_ms", dropped.dropped_ms}}
      .dump();
}

std::string ToJson(const AlterJob& job) {
  json record = {{"id", job.id},
                 {"kind", job.kind},
                 {"state", job.state},
                 {"database_id", job.database_id},
                 {"table_id", job.table_id},
                 {"table_name", job.table_name},
                 {"index_name", job.index_name},
                 {"index_id", job.index_id},
                 {"origin_index_id", job.origin_index_id},
                 {"schema_version", job.schema_version},
                 {"transaction_id", job.transaction_id},
                 {"created_ms", job.created_ms},
                 {"finished_ms", job.finished_ms},
                 {"message", job.message},
                 {"fast", job.fast}};
  if (job.result != nullptr) record["result"] = *job.result;
  return record.dump();
}

Result<DatabasePtr> DatabaseFromJson(std::string_view key, std::string_view text) {
  auto database = std::make_shared<DatabaseDef>();
  SL_TRY(Read(key, text, [&](const json& record) { *database = record.get<DatabaseDef>(); }));
  return DatabasePtr(std::move(database));
}

Result<TablePtr> TableFromJson(std::string_view key, std::string_view text) {
  auto table = std::make_shared<TableDef>();
  SL_TRY(Read(key, text, [&](const json& record) { *table = record.get<TableDef>(); }));
  return TablePtr(std::move(table));
}

Result<ExternalPtr> ExternalFromJson(std::string_view key, std::string_view text) {
  auto external = std::make_shared<ExternalDef>();
  SL_TRY(Read(key, text, [&](const json& record) { *external = record.get<ExternalDef>(); }));
  return ExternalPtr(std::move(external));
}

Result<DroppedTable> DroppedTableFromJson(std::string_view key, std::string_view text) {
  DroppedTable dropped;
  SL_TRY(Read(key, text, [&](const json& record) {
    dropped.table = std::make_shared<TableDef>(record.at("table").get<TableDef>());
    dropped.database_name = record.value("database_name", "");
    dropped.dropped_ms = record.value("dropped_ms", int64_t{0});
  }));
  return dropped;
}

Result<JobPtr> JobFromJson(std::string_view key, std::string_view text) {
  auto job = std::make_shared<AlterJob>();
  SL_TRY(Read(key, text, [&](const json& record) {
    job->id = record.at("id").get<ObjectId>();
    job->kind = record.at("kind").get<JobKind>();
    job->state = record.at("state").get<JobState>();
    job->database_id = record.value("database_id", ObjectId{0});
    job->table_id = record.value("table_id", ObjectId{0});
    job->table_name = record.value("table_name", "");
    job->index_name = record.value("index_name", "");
    job->index_id = record.value("index_id", ObjectId{0});
    job->origin_index_id = record.value("origin_index_id", ObjectId{0});
    job->schema_version = record.value("schema_version", "");
    job->transaction_id = record.value("transaction_id", int64_t{0});
    job->created_ms = record.value("created_ms", int64_t{0});
    job->finished_ms = record.value("finished_ms", int64_t{0});
    job->message = record.value("message", "");
    job->fast = record.value("fast", false);
    if (record.contains("result")) {
      job->result = std::make_shared<TableDef>(record.at("result").get<TableDef>());
    }
  }));
  return JobPtr(std::move(job));
}

}  // namespace starlift::sandbox::catalog

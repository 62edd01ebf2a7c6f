#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sandbox/ddl/table_printer.h"
#include "sandbox/http/frontend_http.h"
#include "sandbox/http/user_session.h"

// Table definitions over HTTP, as connectors that read tables ask for them.
namespace starlift::sandbox::http {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kPlainJson = "application/json";
constexpr size_t kMaxQueryBytes = 1 << 20;

void SendException(Responder& responder, int status, const std::string& message,
                   std::string_view content_type = "application/json; charset=UTF-8") {
  const ordered_json json{{"exception", message}, {"status", status}};
  SendJson(responder, json.dump(), status, content_type);
}

// "VARCHAR", "DECIMAL64": the type without its parameters.
std::string BareTypeName(const catalog::DataType& type) {
  const std::string name = ErrorName(type);
  return name.substr(0, name.find_first_of("(<"));
}

}  // namespace

void FrontendHttp::TableSchema(Responder& responder, const std::string& database,
                               const std::string& table) {
  if (context_.loads->catalog->FindDatabase(database) == nullptr) {
    SendException(responder, 404, fmt::format("Database [{}] does not exists", database),
                  kPlainJson);
    return;
  }
  const catalog::TablePtr found = context_.loads->catalog->FindTable(database, table);
  if (found == nullptr) {
    SendException(responder, 404, fmt::format("Table [{}] does not exists", table), kPlainJson);
    return;
  }
  ordered_json properties = ordered_json::array();
  for (const catalog::ColumnDef& column : found->columns) {
    ordered_json property{
        {"type", BareTypeName(column.type)}, {"name", column.name}, {"comment", column.comment}};
    if (column.type.kind == catalog::TypeKind::kDecimal) {
      property["precision"] = std::to_string(column.type.precision);
      property["scale"] = std::to_string(column.type.scale);
    }
    properties.push_back(std::move(property));
  }
  const ordered_json json{{"properties", properties}, {"status", 200}};
  SendJson(responder, json.dump(), 200, kPlainJson);
}

void FrontendHttp::TableCount(Responder& responder, const std::string& database,
                              const std::string& table) {
  if (context_.loads->catalog->FindDatabase(database) == nullptr) {
    SendException(responder, 404, fmt::format("Database [{}] does not exists", database),
                  kPlainJson);
    return;
  }
  const catalog::TablePtr found = context_.loads->catalog->FindTable(database, table);
  if (found == nullptr) {
    SendException(responder, 404, fmt::format("Table [{}] does not exists", table), kPlainJson);
    return;
  }
  int64_t rows = 0;
  Result<Connection> connection = context_.loads->storage->Connect();
  if (connection.ok()) {
    const auto count = connection->QueryInteger("SELECT count(*) FROM " + found->physical_name());
    if (count.ok()) rows = count->value_or(0);
  }
  const ordered_json json{{"size", rows}, {"status", 200}};
  SendJson(responder, json.dump(), 200, kPlainJson);
}

void FrontendHttp::QueryPlan(const Request& request, Responder& responder,
                             const std::string& user) {
  const Result<std::string> body = request.ReadBody(kMaxQueryBytes);
  const ordered_json question =
      body.ok() ? ordered_json::parse(*body, nullptr, false) : ordered_json();
  if (!question.is_object() || !question.contains("sql") || !question["sql"].is_string()) {
    SendException(responder, 400, "POST body must contains [sql] root object");
    return;
  }
  const std::string sql = question["sql"];
  const UserSession session(*context_.users, user);
  const auto analyzed = context_.ddl->analyzer->AnalyzeQuery(session, sql, {});
  if (!analyzed.ok()) {
    SendException(responder, 500, "Invalid SQL: " + sql);
    return;
  }
  // Tablets would follow; nothing here can be scanned past the frontend.
  const ordered_json json{
      {"partitions", ordered_json::object()}, {"opaqued_query_plan", ""}, {"status", 200}};
  SendJson(responder, json.dump());
}

void FrontendHttp::GetDdl(const Request& request, Responder& responder) {
  const std::string database = request.QueryParameter("db").value_or("");
  const std::string table = request.QueryParameter("tbl").value_or("");
  if (database.empty() || table.empty()) {
    SendJson(responder, RestFailure("Missing params. Need database name and Table name"));
    return;
  }
  if (context_.loads->catalog->FindDatabase(database) == nullptr) {
    SendJson(responder, RestFailure(fmt::format("Database[{}] does not exist", database)));
    return;
  }
  const catalog::TablePtr found = context_.loads->catalog->FindTable(database, table);
  if (found == nullptr) {
    SendJson(responder, RestFailure(fmt::format("Table[{}] does not exist", table)));
    return;
  }
  const ordered_json json{{"TABLE", ordered_json::array({ddl::PrintCreateTable(*found)})},
                          {"ROLLUP", ordered_json::array()},
                          {"PARTITION", ordered_json::array()}};
  SendJson(responder, json.dump());
}

// /api/v2/catalogs/{c}/databases/{d}/tables/{t}/{schema|partition}
void FrontendHttp::TableMetadata(Responder& responder, const Segments& path) {
  const std::string& catalog = path[3];
  const std::string& database = path[5];
  const std::string& table = path[7];
  const auto missing = [&](const char* kind, const std::string& name) {
    const ordered_json json{{"code", "404"},
                            {"message", fmt::format("Unknown {} '{}'", kind, name)}};
    SendJson(responder, json.dump(), 404);
  };
  if (catalog != "default_catalog" || context_.loads->catalog->FindDatabase(database) == nullptr) {
    missing("database", database);
    return;
  }
  const catalog::TablePtr found = context_.loads->catalog->FindTable(database, table);
  if (found == nullptr) {
    missing("table", table);
    return;
  }
  ordered_json result;
  if (path[8] == "schema") {
    ordered_json columns = ordered_json::array();
    for (const catalog::ColumnDef& column : found->columns) {
      columns.push_back({{"name", column.name},
                         {"primitiveType", BareTypeName(column.type)},
                         {"isKey", column.is_key},
                         {"aggregationType", AggregateName(column.aggregate)},
                         {"isAllowNull", column.nullable},
                         {"comment", column.comment},
                         {"uniqueId", column.id}});
    }
    result = {{"id", found->id},           {"name", found->name},
              {"tableType", "OLAP"},       {"keysType", ModelName(found->model)},
              {"comment", found->comment}, {"columns", columns}};
  } else {
    ordered_json partitions = ordered_json::array();
    for (const catalog::PartitionDef& partition : found->partitions) {
      partitions.push_back({{"id", partition.id},
                            {"name", partition.name},
                            {"bucketNum", partition.buckets},
                            {"visibleVersion", 1}});
    }
    result = {{"items", partitions}, {"total", partitions.size()}};
  }
  const ordered_json json{{"code", "0"}, {"message", "OK"}, {"result", result}};
  SendJson(responder, json.dump());
}

}  // namespace starlift::sandbox::http
